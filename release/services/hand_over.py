"""From the pharmacist to a named person of the ward. What stops a dispensing stops it here too (decision 36)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kernel.errors import refuse_any
from kernel.refusals import FUTURE_TIME, N_, Refusal
from kernel.segregation import SOD_SECOND, another_person
from kernel.work import Work
from manufacturing.domain.collections import minute
from manufacturing.domain.trial import TIME_ORDER
from release.domain.decisions import ORDER
from release.domain.dispensing import HAND_OVER_GUARDS, ask
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
) -> HandOverRow:
    """To a named person of the ward; holds, late results and expiry stop it here too (decision 36)."""
    work.require("container:hand_over")
    lock_chain(work, get_dispensing(work.session, dispensing_id).container_id)
    dispensing = work.lock(DispensingRow, dispensing_id)
    order = work.lock(OrderRow, dispensing.order_id)
    refuse_impossible("hand_over", order.status)
    refuse_any(transfer_refusals(work, dispensing, handed_over_at))
    work.confirm(dispensing_content(work.session, dispensing_id))
    work.require("container:administer", work.signer(1))
    refuse_any(another_person(work.signer(1).id, [work.signer(0).id], SOD_SECOND))
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


def transfer_refusals(work: Work, dispensing: DispensingRow, at: datetime) -> list[Refusal]:
    """Times that cannot have been, and everything that keeps a dispensed product in the pharmacy."""
    found: list[Refusal] = []
    if at > work.at:
        found.append(FUTURE_TIME(field="handed_over_at", name=N_("Handed over at")))
    if at < minute(dispensing.dispensed_at):  # people write minutes
        found.append(TIME_ORDER(field="handed_over_at", name=N_("Handed over at"), earlier=N_("the dispensing")))
    facts = product_facts(work.database, work.session, dispensing, work.at)
    return [*found, *(refusal for name, guard in HAND_OVER_GUARDS for refusal in ask(name, guard, facts, work.at))]
