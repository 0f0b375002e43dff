"""Print, apply and destroy the overlay of a container that is supplied out of specification (ATMP-11.5-LABEL)."""

from __future__ import annotations

from dataclasses import asdict

from kernel.canonical import canonical
from kernel.errors import Refused, refuse_any
from kernel.refusals import MISSING_REASON, STATE_NOT_ALLOWED, Refusal
from kernel.segregation import SOD_SECOND, another_person
from kernel.work import Work
from labels.domain.refusals import LABEL_CONTAINER
from labels.drawing.overlay import overlay_drawing_refusals
from labels.queries.scanning import labelled_container
from manufacturing.tables.batches import ContainerRow
from release.domain.overlays import OVERLAY, OVERLAY_OPEN
from release.domain.supply import SupplyStatus
from release.domain.supply_refusals import SUPPLY_NOT_IN_FORCE
from release.queries.overlays import live_overlay, next_overlay, overlay_content, overlay_print_content
from release.queries.supplies import accepted_supply
from release.queries.testing import get_record
from release.services.locking import lock_chain
from release.tables.supply import OverlayRow, SupplyRow

SHORTEST_REASON = 5


def supply_in_force(work: Work, container: ContainerRow) -> SupplyRow:
    supply = accepted_supply(work.session, container.batch_id)
    if supply is None or supply.status != SupplyStatus.IN_FORCE:
        number, state = (supply.number, supply.status) if supply else ("–", "–")
        raise Refused(SUPPLY_NOT_IN_FORCE(number=number, state=state))
    return supply


def print_overlay(work: Work, container_id: str) -> OverlayRow:
    """One at a time for each container, out of the supply in force; nothing of it is typed."""
    work.require("oos_supply:overlay")
    container = lock_chain(work, container_id)
    work.confirm(overlay_print_content(work.session, container_id))
    supply, live = supply_in_force(work, container), live_overlay(work.session, container_id)
    if live is not None:
        raise Refused(OVERLAY_OPEN(container=container.code, number=live.number, state=live.status))
    facts = next_overlay(work.session, container, supply)
    refuse_any(overlay_drawing_refusals(facts))
    row = work.add(
        OverlayRow(
            number=facts.number,
            supply_id=supply.id,
            container_id=container.id,
            facts=canonical(asdict(facts)),
            printed_by=work.signer().id,
            printed_at=work.at,
        )
    )
    work.sign(row, "printed")
    return row


def held_overlay(work: Work, overlay_id: str, action: str) -> tuple[OverlayRow, ContainerRow]:
    """As it was shown, under the lock of its container; state first, then two people."""
    container = lock_chain(work, get_record(work.session, OverlayRow, overlay_id).container_id)
    row = work.lock(OverlayRow, overlay_id)
    work.confirm(overlay_content(work.session, overlay_id))
    transition = OVERLAY.transition(action, row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    work.require("oos_supply:witness", work.signer(1))
    refuse_any(another_person(work.signer(1).id, [work.signer(0).id], SOD_SECOND))
    return row, container


def apply_overlay(work: Work, overlay_id: str, *, label_code: str) -> OverlayRow:
    """On the container whose own label was scanned, beside that label, before the eyes of a second person."""
    row, container = held_overlay(work, overlay_id, "apply_overlay")
    supply = supply_in_force(work, container)
    if row.supply_id != supply.id:
        raise Refused(STATE_NOT_ALLOWED(action="apply_overlay", record="overlay", state=row.status))
    if labelled_container(work.session, label_code) != container.id:
        raise Refused(LABEL_CONTAINER(field="label_code"))
    row.applied_by, row.witnessed_by, row.applied_at = work.signer(0).id, work.signer(1).id, work.at
    work.move(row, OVERLAY, "apply_overlay")
    return row


def destroy_overlay(work: Work, overlay_id: str) -> OverlayRow:
    row, _ = held_overlay(work, overlay_id, "destroy_overlay")
    reason = (work.reason or "").strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(MISSING_REASON(field="reason"))
    row.ended_at, row.end_reason = work.at, reason
    work.move(row, OVERLAY, "destroy_overlay")
    return row
