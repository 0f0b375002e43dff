"""The label of a sample: the same code, fonts and symbol as every label, printed from its record (LBL-SAMPLE)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import expanded
from kernel.web.registry import download, panel
from kernel.web.site import Viewer
from labels.domain.slots import RESOLUTIONS
from labels.drawing.sample_label import SampleLabelFacts, draw_sample_label, sample_job
from labels.drawing.zpl import ZPL
from labels.keys import is_demo
from labels.pages.labels import resolution_of
from labels.ports import label_keys
from manufacturing.domain.expiry import local_text
from manufacturing.queries.samples import get_sample, source_of

LABEL = "/samples/<sample_id>/label.pdf"
JOB = "/samples/<sample_id>/label.zpl"


def sample_label_facts(session: Session, viewer: Viewer, sample_id: str) -> SampleLabelFacts:
    """What stands on the tube; the words in the reader's language, the code in none."""
    row = get_sample(session, sample_id)
    source = source_of(session, row)
    batch = source["batch"]["number"] if source["batch"] else source["text"]
    return SampleLabelFacts(
        code=row.code,
        batch=batch,
        source=viewer.speech.word(source["step"]) if source["step"] else source["text"],
        kind=viewer.speech.word(row.kind),
        volume=f"{expanded(row.volume_ml)} mL",
        drawn_at=local_text(row.drawn_at),
        demo=is_demo(label_keys()),
    )


@download(
    "sample.label",
    LABEL,
    permission="sample:read",
    summary="The label of one sample as PDF, 50 by 25 mm; every copy carries the same code, which no other sample has.",
)
def sample_label(session: Session, viewer: Viewer, sample_id: str) -> tuple[bytes, str, str]:
    facts = sample_label_facts(session, viewer, sample_id)
    return draw_sample_label(facts, resolution=resolution_of(viewer)), "application/pdf", f"{facts.code}.pdf"


@download(
    "sample.job",
    JOB,
    permission="sample:read",
    summary="The same label of one sample as a job for a thermal printer (ZPL), dot by dot.",
    inline=False,
)
def print_sample_job(session: Session, viewer: Viewer, sample_id: str) -> tuple[bytes, str, str]:
    facts = sample_label_facts(session, viewer, sample_id)
    return sample_job(facts, resolution=resolution_of(viewer)), ZPL, f"{facts.code}.zpl"


def label_panel(session: Session, viewer: Viewer, sample_id: str, **_ids: str) -> dict[str, Any] | None:  # noqa: ARG001
    if not viewer.may("sample:read"):
        return None
    locations = {name: path.replace("<sample_id>", sample_id) for name, path in (("pdf", LABEL), ("zpl", JOB))}
    return {"template": "labels/sample_panel.html", "locations": locations, "printers": list(RESOLUTIONS)}


panel("sample", label_panel)
