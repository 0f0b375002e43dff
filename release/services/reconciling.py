"""Destroying what is left of a container, and closing a batch whose every unit is accounted for."""

from __future__ import annotations

from decimal import Decimal

from kernel.errors import Refused, refuse_any
from kernel.quantities import exact, to_decimal
from kernel.refusals import Refusal
from kernel.segregation import SOD_SECOND, another_person
from kernel.work import Work
from manufacturing.domain.batches import BATCH
from manufacturing.tables.batches import BatchRow
from release.domain.reconciling import closing_refusals, destroying_refusals
from release.queries.reconciling import closing_content, closing_facts, destroying_content, get_container, units_of
from release.services.locking import lock_chain
from release.tables.destructions import DestructionRow


def destroy_container(
    work: Work, container_id: str, *, volume_ml: Decimal, method: str, explanation: str | None = None
) -> DestructionRow:
    """Two people, the method and the reason; what is missing of the rest is lost and explained (DSP-REM)."""
    work.require("container:destroy")
    container = lock_chain(work, get_container(work.session, container_id).id)
    work.confirm(destroying_content(work.session, container_id))
    first, second = work.signer(0), work.signer(1)
    work.require("container:destroy", second)
    unit = units_of(work.session, container.batch_id)[container_id]
    refuse_any(another_person(second.id, [first.id], SOD_SECOND))
    refuse_any(destroying_refusals(unit, volume_ml, explanation))
    row = work.add(
        DestructionRow(
            container_id=container_id,
            batch_id=container.batch_id,
            volume_ml=volume_ml,
            lost_ml=to_decimal(exact(unit.left) - exact(volume_ml)),
            explanation=explanation,
            method=method,
            reason=work.reason or "",
            destroyed_by=first.id,
            witnessed_by=second.id,
            destroyed_at=work.at,
        )
    )
    work.sign(row, "destroyed", 0)
    work.sign(row, "destruction witnessed", 1)
    return row


def close_batch(work: Work, batch_id: str) -> BatchRow:
    """Nothing more happens to a batch that is closed; it is, when every unit is accounted for (ATMP-RECON)."""
    batch = work.lock(BatchRow, batch_id)
    work.confirm(closing_content(work.session, batch_id))
    transition = BATCH.transition("close", batch.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    refuse_any(closing_refusals(closing_facts(work.session, batch_id)))
    work.move(batch, BATCH, "close")
    return batch
