"""What ends a supply out of specification by itself: a further failed result, a corrected record."""

from __future__ import annotations

from kernel.work import SYSTEM, Work
from release.domain.decisions import DecisionKind, Disposition
from release.domain.supply import SupplyStatus
from release.queries.exposure import was_given
from release.queries.records import decisions_of, dispositions_of
from release.queries.supplies import live_supply
from release.tables.decisions import DispositionRow
from release.tables.supply import SupplyRow

EVER_CERTIFIED = {DecisionKind.STAGE1, DecisionKind.FULL, DecisionKind.LATE_OOS}


def outdate_supply(work: Work, batch_id: str, why: str) -> SupplyRow | None:
    """The physician accepted the product as it was; as it is now, nobody has. The batch is locked."""
    found = live_supply(work.session, batch_id)
    if found is None:
        return None
    row = work.lock(SupplyRow, found.id)
    work.system_move(row, SupplyStatus.OUTDATED)
    row.ended_by, row.ended_at, row.end_reason = SYSTEM.id, work.at, why
    take_back(work, batch_id)
    return row


def take_back(work: Work, batch_id: str) -> None:
    """Containers that were not given are what they were before: late out of specification, or in quarantine."""
    kinds = {row.kind for row in decisions_of(work.session, batch_id)}
    target = Disposition.LATE_OOS if kinds & EVER_CERTIFIED else Disposition.QUARANTINE
    for one in dispositions_of(work.session, batch_id):
        if one.status == Disposition.OOS_SUPPLY and not was_given(work.session, one.container_id):
            work.system_move(work.lock(DispositionRow, one.id), target)
