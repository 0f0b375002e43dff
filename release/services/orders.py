"""The physician's order and the check on the day of the infusion. There is no waiver (DSP-ELIG-7)."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.queries import get_effective
from kernel.documents.tables import DocumentRow
from kernel.errors import Refused, refuse_any
from kernel.refusals import N_, Refusal
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from manufacturing.domain.protocol import PROTOCOL
from manufacturing.domain.trial import SUBJECT_NOT_INCLUDED, SUBJECT_UNKNOWN, SubjectStatus, trial_refusals
from manufacturing.queries.trial import get_protocol, latest_weight, subject_by_code
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.decisions import ORDER, OrderStatus
from release.domain.dispensing_refusals import ORDER_DAY_PAST, ORDER_OPEN, ORDER_VALUE, WRONG_DAY
from release.domain.eligibility import (
    ELIGIBILITY_FAILED,
    contradicting_refusals,
    eligibility_refusals,
    implausible_refusals,
)
from release.domain.refusals import WEIGHT_MISSING
from release.queries.orders import (
    ALL_MET,
    checks_of,
    eligibility_form,
    eligibility_settings,
    get_order,
    next_order_number,
    open_order_on,
    order_content,
)
from release.tables.dispensing import EligibilityRow, OrderRow

MOST_ML = Decimal(2000)
MOST_MINUTES = Decimal(24 * 60)


def write_order(
    work: Work, *, subject_code: str, infusion_on: date, volume_ml: Decimal, duration_minutes: Decimal, ward: str
) -> OrderRow:
    """An infusion order for an included subject; one open order for each subject and day (DSP-RX)."""
    work.require("order:write")
    found = subject_by_code(work.session, subject_code.strip())
    if found is None:
        raise Refused(SUBJECT_UNKNOWN(code=subject_code.strip(), field="subject_code"))
    trial = work.lock(TrialRow, found.trial_id)
    work.confirm({})
    subject = work.lock(SubjectRow, found.id)
    refuse_any(
        [
            *trial_refusals(trial.status, ()),
            *_subject_refusals(work.session, subject),
            *value_refusals(volume_ml, duration_minutes),
            *_day_refusals(work.session, subject, infusion_on, local_day(work.at)),
        ]
    )
    row = work.add(
        OrderRow(
            number=next_order_number(work.session),
            subject_id=subject.id,
            infusion_on=infusion_on,
            volume_ml=volume_ml,
            duration_minutes=int(duration_minutes),
            ward=ward,
            ordered_by=work.signer().id,
            ordered_at=work.at,
        )
    )
    work.content = order_content(work.session, row.id)
    work.sign(row, "prescribed")
    return row


def _subject_refusals(session: Session, subject: SubjectRow) -> list[Refusal]:
    refusals = []
    if subject.status != SubjectStatus.INCLUDED:
        refusals.append(SUBJECT_NOT_INCLUDED(code=subject.code, status=subject.status, field="subject_code"))
    if latest_weight(session, subject.id) is None:
        refusals.append(WEIGHT_MISSING(subject=subject.code))
    return refusals


def value_refusals(volume_ml: Decimal, duration_minutes: Decimal) -> list[Refusal]:
    """Both above zero and up to their most; the duration in whole minutes."""
    refusals = []
    if not 0 < volume_ml <= MOST_ML:
        refusals.append(ORDER_VALUE(field="volume_ml", name=N_("Volume to infuse"), most=f"{MOST_ML} mL"))
    if not 0 < duration_minutes <= MOST_MINUTES or duration_minutes != int(duration_minutes):
        refusals.append(
            ORDER_VALUE(field="duration_minutes", name=N_("Duration of the infusion"), most=f"{MOST_MINUTES} min")
        )
    return refusals


def _day_refusals(session: Session, subject: SubjectRow, infusion_on: date, today: date) -> list[Refusal]:
    refusals = []
    if infusion_on < today:
        refusals.append(ORDER_DAY_PAST(field="infusion_on", on=infusion_on))
    other = open_order_on(session, subject.id, infusion_on)
    if other is not None:
        refusals.append(ORDER_OPEN(subject=subject.code, on=infusion_on, number=other.number))
    return refusals


def cancel_order(work: Work, order_id: str) -> OrderRow:
    """Before dispensing only; the reason is the act's own."""
    row = _locked(work, order_id)
    work.confirm(order_content(work.session, order_id))
    work.move(row, ORDER, "cancel")
    row.end_reason = work.reason
    return row


def check_eligibility(work: Work, order_id: str, **answers: Any) -> EligibilityRow:
    """The day-of-infusion check, on the calendar day in Amsterdam. Stored and signed also when a criterion fails.

    A failed check takes back an earlier one that was met.
    """
    work.require("eligibility:write")
    order = _locked(work, order_id)
    work.confirm(order_content(work.session, order_id))
    protocol = get_effective(work.session, PROTOCOL)
    settings = eligibility_settings(get_protocol(work.session, protocol.id))
    typed = (*implausible_refusals(answers, settings), *contradicting_refusals(answers))
    refuse_any([*check_refusals(order, local_day(work.at)), *typed])
    row, found = judged_check(work, order, answers, protocol, by=work.signer().id, at=work.at)
    refuse_any([refusal for refusal in found if refusal.code != ELIGIBILITY_FAILED.code])
    work.add(row)
    failed = json.loads(row.failed)
    work.content = {**work.content, "answers": answers, "failed": failed, "protocol": row.protocol_document_id}
    work.sign(row, "day-of-infusion criteria not met" if failed else "day-of-infusion criteria met")
    if not failed:
        work.move(order, ORDER, "confirm_eligibility")
    elif order.status == OrderStatus.ELIGIBLE:
        work.system_move(order, OrderStatus.ORDERED)
    return row


def judged_check(
    work: Work, order: OrderRow, answers: dict[str, Any], document: DocumentRow, *, by: str, at: datetime
) -> tuple[EligibilityRow, tuple[Refusal, ...]]:
    """The check as it would be stored, and everything this protocol version says of it (DSP-ELIG-8)."""
    row = EligibilityRow(
        order_id=order.id,
        sequence=len(checks_of(work.session, order.id)) + 1,
        protocol_document_id=document.id,
        checked_by=by,
        checked_at=at,
        failed=ALL_MET,
        **answers,
    )
    settings = eligibility_settings(get_protocol(work.session, document.id))
    found = eligibility_refusals(eligibility_form(row), settings, at)
    failed = {one.fact("criterion") or "" for one in found if one.code == ELIGIBILITY_FAILED.code}
    row.failed = json.dumps(sorted(failed))
    return row, found


def check_refusals(order: OrderRow, today: date) -> list[Refusal]:
    """Why the check cannot be done now, whatever is answered."""
    transition = ORDER.transition("confirm_eligibility", order.status)
    if isinstance(transition, Refusal):
        return [transition]
    return [] if order.infusion_on == today else [WRONG_DAY(on=order.infusion_on, today=today)]


def _locked(work: Work, order_id: str) -> OrderRow:
    """Subject before order, as everywhere (decision 39)."""
    work.lock(SubjectRow, get_order(work.session, order_id).subject_id)
    return work.lock(OrderRow, order_id)


def refuse_impossible(action: str, status: str) -> None:
    """An order that has ended says so before anything else is compared (decision 25)."""
    transition = ORDER.transition(action, status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
