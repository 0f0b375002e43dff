"""A failed result holds the batch; after a certification it also ends it, in the same transaction (QC-LATE-OOS)."""

from __future__ import annotations

from typing import Any

from kernel.canonical import canonical, digest
from kernel.work import SYSTEM, Work
from manufacturing.events import ContainerFilled
from manufacturing.queries.batches import get_container
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import BatchRow
from release.domain.criteria import Criterion
from release.domain.decisions import DecisionKind, Disposition
from release.domain.results import FAILED, Verdict
from release.domain.statements import STATEMENTS
from release.queries.judging import limit_of, value_text
from release.queries.records import decisions_of
from release.services.batch_locks import lock_dispositions
from release.services.oos import open_oos
from release.services.outdating import outdate_supply
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.testing import QcTestRow

USABLE = {Disposition.CERTIFIED_PENDING, Disposition.CERTIFIED_FINAL, Disposition.OOS_SUPPLY}


def quarantine(work: Work, event: ContainerFilled) -> None:
    """A container is born in quarantine (ATMP-11-QUAR)."""
    container = get_container(work.session, event.container_id)
    work.add(DispositionRow(container_id=container.id, batch_id=container.batch_id))


def record_failure(work: Work, batch: BatchRow, test: QcTestRow, criterion: Criterion, verdict: Verdict) -> None:
    """Hold the batch and open the record of the failure; every certified container becomes late OOS, dispensed ones too
    (decision 26). A supply out of specification did not name this result: it is outdated, its containers likewise. A
    further failure of a batch that is late OOS already is one more that everybody has to know of."""
    found = lock_dispositions(work, batch.id)
    rows = [row for row in found if row.status in USABLE]
    late = [row for row in found if row.status == Disposition.LATE_OOS]
    limit = f" ({limit_of(criterion)})" if limit_of(criterion) else ""
    shown = f"{value_text(criterion, verdict, None) or verdict.reason}{limit}"
    reason = FAILED % {"criterion": criterion.name, "shown": shown}
    hold = set_hold(work, "batch", batch.id, cause="oos", reason=reason)
    opened = open_oos(work, batch, test, hold_id=hold.id, found=reason)
    outdate_supply(work, batch.id, f"{opened.number}: {reason}")
    if not (rows or late):
        return
    for row in rows:
        work.system_move(row, Disposition.LATE_OOS)
        row.sponsor_released = False
    containers = [row.container_id for row in (*late, *rows)]
    decide_late(
        work, batch, reason, {"criterion": criterion.key, "outcome": verdict.outcome.value, "containers": containers}
    )


def decide_late(work: Work, batch: BatchRow, reason: str, basis: dict[str, Any]) -> None:
    """The system's own decision, which physician, pharmacy, QP and sponsor have to answer."""
    work.add(
        DecisionRow(
            batch_id=batch.id,
            sequence=len(decisions_of(work.session, batch.id)) + 1,
            kind=DecisionKind.LATE_OOS,
            decided_by=SYSTEM.id,
            decided_at=work.at,
            statement=STATEMENTS[DecisionKind.LATE_OOS],
            reason=reason,
            pending=canonical([]),
            basis=canonical(basis),
            content_sha256=digest(basis),
        )
    )
