"""A count of the cells of a sample, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.work import Work
from manufacturing.queries.counts import count_content
from manufacturing.schemas.counts import CountSchema
from manufacturing.services.counts import count_sample


@act(
    "sample.count",
    "/samples/<sample_id>/counts/new",
    permission="sample:count",
    title=N_("Record a count of cells"),
    schema=CountSchema,
    content=count_content,
    signs=1,
    meaning=N_("I counted this sample this way; each reading stands here as I read it."),
)
def count(work: Work, sample_id: str, **fields: Any) -> Done:
    row = count_sample(work, sample_id, **fields)
    body = {"id": row.id, "wbc": format(row.wbc, "f"), "viability": format(row.viability, "f"), "minutes": row.minutes}
    return Done(f"/samples/{sample_id}", N_("Counted; the means are computed."), body)
