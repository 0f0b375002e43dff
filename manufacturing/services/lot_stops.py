"""A lot that is rejected or recalled stops, in the same act, every batch it went into (ATMP-7-RECALL, decision 26)."""

from __future__ import annotations

from kernel.errors import refuse_any
from kernel.refusals import STATE_NOT_ALLOWED
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.holds import HoldCause
from manufacturing.domain.materials import LOT_STOPPED, STOPPED
from manufacturing.ports import administered_containers
from manufacturing.queries.batches import containers_of, get_batch
from manufacturing.queries.lot_uses import stop_content, uses_of_lot
from manufacturing.queries.materials import decisions_of_lot, kind_of
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.materials import LotRow
from manufacturing.tables.trial import HoldRow

GONE = {BatchStatus.TERMINATED, BatchStatus.CLOSED}


def hold_users(work: Work, row: LotRow) -> list[HoldRow]:
    """A hold of its own on each batch that used the lot and of which anything can still be given.

    The lot is locked already, so nobody uses it until the act ends; the batches follow in the order of their ids.
    """
    used = {one.batch_id for one in uses_of_lot(work.session, row.id) if one.quantity > 0}
    return [hold_user(work, row, get_batch(work.session, one)) for one in sorted(used) if _can_be_given(work, one)]


def _can_be_given(work: Work, batch_id: str) -> bool:
    """Not yet filled, or a container that no subject was given anything of; unless the batch came to its end."""
    if get_batch(work.session, batch_id).status in GONE:
        return False
    containers = {one.id for one in containers_of(work.session, batch_id)}
    return not containers or bool(containers - administered_containers(work.session, containers))


def hold_user(work: Work, row: LotRow, batch: BatchRow) -> HoldRow:
    material = kind_of(work.session, row).title
    why = decisions_of_lot(work.session, row.id)[-1].reason or row.status
    about = {"code": row.code, "material": material, "lot": row.manufacturer_lot}
    reason = LOT_STOPPED % {**about, "status": row.status, "why": why}
    return set_hold(work, "batch", batch.id, cause=HoldCause.LOT, reason=reason)


def assess_lot(work: Work, lot_id: str, *, assessment: str) -> LotRow:
    """What the stop means for every batch that used the lot, those already given included; it ends the task."""
    work.require("lot:recall")
    row = work.lock(LotRow, lot_id)
    work.confirm(stop_content(work.session, lot_id))
    if row.status not in STOPPED:
        refuse_any([STATE_NOT_ALLOWED(action="assess", record="lot", state=row.status)])
    row.assessment, row.assessed_by, row.assessed_at = assessment.strip(), work.signer().id, work.at
    work.sign(row, "consequences assessed")
    return row
