"""From the pharmacist to a named person of the ward. What stops a dispensing stops it here too (decision 36)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kernel.errors import refuse_any
from kernel.refusals import FUTURE_TIME, N_, Refusal
from kernel.segregation import SOD_SECOND, another_person
from kernel.work import Work
from manufacturing.domain.collections import minute
from manufacturing.domain.deviations import DeviationClass
from manufacturing.domain.holds import HoldCause, HoldScope
from manufacturing.domain.trial import TIME_ORDER
from manufacturing.queries.batches import get_batch
from manufacturing.queries.steps import process_of
from manufacturing.services.deviations import raise_deviation
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import ContainerRow
from release.domain.decisions import ORDER
from release.domain.dispensing import HAND_OVER_GUARDS, ask
from release.domain.handing_over import excursion
from release.queries.dispense_contents import dispensing_content
from release.queries.dispensing import get_dispensing
from release.queries.scanning import product_facts
from release.services.locking import lock_chain
from release.services.orders import refuse_impossible
from release.tables.dispensing import DispensingRow, HandOverRow, OrderRow


def hand_over(
    work: Work,
    dispensing_id: str,
    *,
    handed_over_at: datetime,
    temperature_c: Decimal,
    condition: str,
    transport_box: str,
) -> HandOverRow | None:
    """To a named person of the ward; holds, late results and expiry stop it here too (decision 36).

    Out of the storage temperature nothing is handed over: the container is held and has its deviation by itself, which
    the two people who read it do not decide (DSP-TEMP). None then.
    """
    work.require("container:hand_over")
    container = lock_chain(work, get_dispensing(work.session, dispensing_id).container_id)
    dispensing = work.lock(DispensingRow, dispensing_id)
    order = work.lock(OrderRow, dispensing.order_id)
    refuse_impossible("hand_over", order.status)
    refuse_any(transfer_refusals(work, dispensing, handed_over_at))
    work.confirm(dispensing_content(work.session, dispensing_id))
    work.require("container:administer", work.signer(1))
    refuse_any(another_person(work.signer(1).id, [work.signer(0).id], SOD_SECOND))
    if reason := excursion_of(work, container, temperature_c):
        raise_deviation(work, container.batch_id, classification=DeviationClass.MAJOR, description=reason)
        set_hold(work, HoldScope.CONTAINER, container.id, cause=HoldCause.TEMPERATURE, reason=reason)
        return None
    row = work.add(
        HandOverRow(
            dispensing_id=dispensing.id,
            handed_over_at=handed_over_at,
            temperature_c=temperature_c,
            condition=condition,
            transport_box=transport_box,
            handed_over_by=work.signer(0).id,
            received_by=work.signer(1).id,
        )
    )
    work.move(order, ORDER, "hand_over")
    work.sign(row, "handed over", 0)
    work.sign(row, "received", 1)
    return row


def excursion_of(work: Work, container: ContainerRow, reading: Decimal) -> str | None:
    limits = process_of(work.session, get_batch(work.session, container.batch_id)).storage_temperature
    frozen = container.frozen_at is not None and container.thawed_at is None
    return excursion(reading, limits, frozen=frozen)


def transfer_refusals(work: Work, dispensing: DispensingRow, at: datetime) -> list[Refusal]:
    """Times that cannot have been, and everything that keeps a dispensed product in the pharmacy."""
    found: list[Refusal] = []
    if at > work.at:
        found.append(FUTURE_TIME(field="handed_over_at", name=N_("Handed over at")))
    if at < minute(dispensing.dispensed_at):  # people write minutes
        found.append(TIME_ORDER(field="handed_over_at", name=N_("Handed over at"), earlier=N_("the dispensing")))
    facts = product_facts(work.database, work.session, dispensing, work.at)
    return [*found, *(refusal for name, guard in HAND_OVER_GUARDS for refusal in ask(name, guard, facts, work.at))]
