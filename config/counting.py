"""Cells counted at the bench of the worked example: a tube is drawn and read twice, and the mean stands in its step."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from config.playing import Player, text
from config.products import Counts

DILUTION = 2
APART = Decimal("0.1")  # of one reading from the mean


def draw_tube(player: Player, batch: str, position: int, now: datetime, *, volume_ml: str) -> str:
    done = player.act(
        "tech1",
        "sample.draw_batch",
        batch_id=batch,
        kind="in_process_control",
        step=str(position),
        volume_ml=volume_ml,
        drawn_at=text(now),
        supernatant_only=False,
    )
    return str(done["id"])


def count_cells(player: Player, batch: str, position: int, counts: Counts, now: datetime) -> None:
    tube = draw_tube(player, batch, position, now, volume_ml="0.1")
    cells, viability = Decimal(counts.wbc) / DILUTION, Decimal(counts.viability)
    player.act(
        "tech1",
        "sample.count",
        sample_id=tube,
        method="image_cytometry",
        dye="AO/DAPI",
        dilution=str(DILUTION),
        instrument="counter 1",
        counted_at=text(now),
        wbc_1=str(cells - APART),
        viability_1=str(viability - APART),
        wbc_2=str(cells + APART),
        viability_2=str(viability + APART),
    )
    player.act("tech1", "sample.test", sample_id=tube, result_reference="counted at the bench, all of it used")
