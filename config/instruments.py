"""The counter of the worked example: its export mapped and approved once, and the counts of a step read out of it."""

from __future__ import annotations

from config.counting import draw_tube
from config.making import Making
from config.playing import Player
from config.products import Counts
from kernel.files.domain.refusals import Upload

COUNTER = "COUNTER-1"
TITLES = "Sample ID,WBC(10^3/uL),Viability(%),Flag"


def export(*rows: str) -> bytes:
    """As the counter writes it: a line about itself, the names, a control, the samples."""
    return "\r\n".join(["CELL COUNTER,SN 12345,,", TITLES, "QC-L2,15.2,98.8,", *rows, ""]).encode()


def map_counter(player: Player) -> None:
    """One technician maps the columns by an example, QA approves."""
    example = Upload("counter_example.csv", export("EXAMPLE,98.6,99.1,"))
    kept = player.act("tech1", "mapping.example", instrument=COUNTER, file=example, looked_through=True)["id"]
    drafted = player.act(
        "tech1",
        "mapping.draft",
        example_id=kept,
        delimiter="comma",
        decimal_mark="point",
        sample="Sample ID",
        wbc_title="WBC(10^3/uL)",
        wbc_unit="10^3/uL",
        viability_title="Viability(%)",
        viability_unit="%",
    )["id"]
    player.act("qa1", "document.approve", document_id=drafted, role="QA")


def count_from_file(made_by: Making, position: int, counts: Counts) -> None:
    """Draw, measure, read the export; the second technician compares it with the file and confirms."""
    player = made_by.player
    sample = draw_tube(player, made_by.batch, position, made_by.now(), volume_ml="1")
    code = player.read("tech1", f"/samples/{sample}")["sample"]["code"]
    file = Upload(f"counter_{code}.csv", export(f"{code},{counts.wbc},{counts.viability},"))
    answers = {"instrument": COUNTER, "set_others_aside": False, "looked_through": True}
    read = player.act("tech1", "import.propose", batch_id=made_by.batch, file=file, **answers)["id"]
    player.act("tech2", "import.confirm", import_id=read)
    player.act("tech1", "sample.test", sample_id=sample, result_reference=f"SHA-256 {file.sha256[:12]}")
