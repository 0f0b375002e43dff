"""The published product of the worked example beside the paper's own figures (process 4; demo and test only).

Source: Transfusion 2018;58:1458-1467, Table 1, CD3 depletion then CD56 enrichment, means of 13 products.
Means of ratios are not ratios of means, so the figures are shown with their difference, not judged by it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config.products import ASSUMED
from kernel.refusals import N_
from kernel.web.site import Viewer
from manufacturing.queries.yields import batch_yields
from manufacturing.tables.batches import StepRow, StepValueRow

SOURCE = "Transfusion 2018;58:1458, Table 1 (n = 13)"
PRINTED = (
    ("tnc", "apheresis", N_("Nucleated cells before"), "", Decimal("2.4e10")),
    ("tnc", "final", N_("Nucleated cells after"), "", Decimal("6e8")),
    ("purity_percent", "final", N_("NK cells, share of the product"), "%", Decimal(90)),
    ("total_recovery_percent", "final", N_("NK recovery"), "%", Decimal(19)),
    ("total_log_depletion", "final", N_("T-cell depletion"), "log10", Decimal("4.3")),
)


def is_published(session: Session, batch_id: str) -> bool:
    """Whether the batch is the published product: its formulation says which figures are assumed."""
    query = sa.select(StepValueRow.id).join(StepRow, StepRow.id == StepValueRow.step_id)
    query = query.where(StepRow.batch_id == batch_id, StepValueRow.text.contains(ASSUMED)).limit(1)
    return session.execute(query).first() is not None


def beside_the_paper(session: Session, _viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    """Ours, theirs, difference; None for every other batch."""
    if not is_published(session, batch_id):
        return None
    stages = {row["stage"]: row for row in batch_yields(session, batch_id)["rows"]}
    lines = []
    for figure, stage, words, unit, printed in PRINTED:
        ours = stages[stage][figure]
        lines.append({"words": words, "unit": unit, "ours": ours, "printed": printed, "difference": ours - printed})
    return {"template": "config/published.html", "lines": lines, "source": SOURCE}
