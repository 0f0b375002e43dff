"""What can be done about a quality check, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.work import Work
from release.queries.quality_checks import check_content
from release.schemas.quality_checks import ConcludeCheckSchema
from release.services.quality_checks import conclude_check

CHECKS = "/quality-checks"


@act(
    "check.conclude",
    f"{CHECKS}/<check_id>/conclude",
    permission="check:conclude",
    title=N_("Conclude the quality check"),
    schema=ConcludeCheckSchema,
    content=check_content,
    signs=1,
    meaning=N_("I looked at the records of this batch, its donor and the units beside it, and conclude as written."),
)
def conclude(work: Work, check_id: str, **fields: Any) -> Done:
    row = conclude_check(work, check_id, **fields)
    return Done(f"{CHECKS}/{row.id}", N_("Concluded."), {"id": row.id, "number": row.number, "status": row.status})
