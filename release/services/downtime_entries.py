"""What happened on paper becomes a record: always, at its real time, with what NKTrace says against it (DSP-DOWN).

The guards of the screen are asked with the facts of today at the time of the sheet. What they refuse is listed, opens a
deviation and keeps the dose out of F; it never keeps the record from being made (decision 32).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from kernel.errors import Refused, refuse_any
from kernel.files.domain.refusals import Upload
from kernel.refusals import MISSING_FIELD, N_, Refusal
from kernel.work import Work
from labels.tables.labels import LabelRow
from manufacturing.domain.collections import minute
from manufacturing.domain.expiry import local_day
from manufacturing.domain.trial import TIME_ORDER
from manufacturing.queries.trial import latest_weight
from manufacturing.services.deviations import raise_deviation
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.administration import AdministrationFacts, Outcome, administration_refusals, findings
from release.domain.decisions import Disposition, Verdict
from release.domain.downtime import (
    ANOTHER_CONTAINER,
    PAPER_PERSON,
    EntryKind,
    distinct,
)
from release.queries.dispensing import disposition_of, find_hand_over
from release.queries.downtime import (
    people_of,
    was_conditional,
)
from release.queries.orders import next_order_number, open_order_on
from release.services.dispensing import already_dispensed
from release.services.downtime_sheets import (
    Sheet,
    begun,
    entered,
    judged,
    locked,
    named_subject,
    paper_scan,
    printed_label,
    sheet_refusals,
)
from release.services.locking import lock_chain
from release.services.orders import refuse_impossible, value_refusals
from release.tables.dispensing import AdministrationRow, DispensingRow, HandOverRow, OrderRow
from release.tables.downtime import DowntimeEntryRow

NEEDED = {
    "ordered_by": N_("Physician who ordered"),
    "volume_ml": N_("Volume to infuse"),
    "duration_minutes": N_("Duration of the infusion"),
    "ward": N_("Ward"),
}


def enter_dispensing(
    work: Work,
    kit_id: str,
    *,
    label_code: str,
    subject_code: str,
    dispensed_at: datetime,
    performed_by: str,
    second_person: str,
    file: Upload,
    **ordered: Any,
) -> DowntimeEntryRow:
    """``ordered``: the physician's order as it stands on paper; wanted where NKTrace has none of that day."""
    work.require("container:dispense")
    label, subject = printed_label(work, label_code), named_subject(work, subject_code)
    work.lock(TrialRow, subject.trial_id)  # the number of a new order
    container = lock_chain(work, label.container_id)
    kit = begun(work, kit_id)
    sheet = Sheet(
        kind=EntryKind.DISPENSING,
        at=dispensed_at,
        label_code=label_code,
        subject_code=subject.code,
        performed_by=performed_by,
        second_person=second_person,
        file=file,
    )
    refuse_any(already_dispensed(work.session, container))
    refuse_any(sheet_refusals(work, kit, sheet, "dispensed_at", N_("Dispensed at")))
    order = open_order_on(work.session, subject.id, local_day(dispensed_at))
    decision, conflicts = judged(work, kit, sheet, container, order)
    order = work.lock(OrderRow, order.id) if order else order_on_paper(work, subject, sheet, ordered)
    row = work.add(
        DispensingRow(
            container_id=container.id,
            order_id=order.id,
            scan_id=paper_scan(work, decision, container, order, label).id,
            label_id=label.id,
            dispensed_by=performed_by,
            checked_by=second_person,
            dispensed_at=dispensed_at,
            conditional=was_conditional(work.session, container),
            out_of_specification=supplied(work, container),
        )
    )
    order.container_id = container.id
    return entered(work, kit, sheet, row, order, "dispense_on_paper", conflicts)


def enter_hand_over(
    work: Work,
    kit_id: str,
    dispensing_id: str,
    *,
    handed_over_at: datetime,
    temperature_c: Decimal,
    condition: str,
    transport_box: str,
    performed_by: str,
    second_person: str,
    file: Upload,
) -> DowntimeEntryRow:
    work.require("container:hand_over")
    kit, container, dispensing, order = locked(work, kit_id, dispensing_id)
    refuse_impossible("hand_over_on_paper", order.status)
    sheet = Sheet(
        kind=EntryKind.HAND_OVER,
        at=handed_over_at,
        label_code=work.session.get_one(LabelRow, dispensing.label_id).short_number,
        subject_code=work.session.get_one(SubjectRow, order.subject_id).code,
        performed_by=performed_by,
        second_person=second_person,
        file=file,
    )
    name = N_("Handed over at")
    after = handed_over_at < minute(dispensing.dispensed_at)
    early = [TIME_ORDER(field="handed_over_at", name=name, earlier=N_("the dispensing"))] if after else []
    refuse_any([*early, *sheet_refusals(work, kit, sheet, "handed_over_at", name)])
    _, conflicts = judged(work, kit, sheet, container, order)
    measured = {"temperature_c": temperature_c, "condition": condition, "transport_box": transport_box}
    work.content = {**work.content, "recorded": measured}
    row = work.add(
        HandOverRow(
            dispensing_id=dispensing.id,
            handed_over_at=handed_over_at,
            **measured,
            handed_over_by=performed_by,
            received_by=second_person,
        )
    )
    return entered(work, kit, sheet, row, order, "hand_over_on_paper", conflicts)


def enter_administration(
    work: Work,
    kit_id: str,
    dispensing_id: str,
    *,
    label_code: str,
    subject_code: str,
    outcome: str,
    performed_by: str,
    file: Upload,
    **given: Any,
) -> DowntimeEntryRow:
    """``given``: times, volume, premedication, identity and reason, as the form of the screen has them."""
    work.require("container:administer")
    label, subject = printed_label(work, label_code), named_subject(work, subject_code)
    kit, container, dispensing, order = locked(work, kit_id, dispensing_id)
    action = "not_administer_on_paper" if outcome == Outcome.NOT_ADMINISTERED else "administer_on_paper"
    refuse_impossible(action, order.status)
    sheet = Sheet(
        kind=EntryKind.ADMINISTRATION,
        at=given["started_at"] or work.at,
        label_code=label_code,
        subject_code=subject.code,
        performed_by=performed_by,
        file=file,
    )
    decision, conflicts = judged(work, kit, sheet, container, order)
    facts = administration_facts(work, dispensing, container, outcome, given, decision.verdict)
    late = sheet_refusals(work, kit, sheet, "started_at", N_("Start of the infusion"))
    refuse_any(distinct([*administration_refusals(facts, work.at), *late]))
    conflicts = (*other_container(work, label, container), *conflicts) if facts.given else ()
    weight = latest_weight(work.session, container.subject_id, sheet.at)
    scan = paper_scan(work, decision, container, order, label) if facts.given else None
    row = work.add(
        AdministrationRow(
            dispensing_id=dispensing.id,
            outcome=outcome,
            bedside_scan_id=scan.id if scan else None,
            bedside_verdict=(Verdict.DENY if conflicts else decision.verdict) if facts.given else None,
            weight_id=weight.id if weight else None,
            recorded_by=performed_by,
            recorded_at=work.at,
            **given,
        )
    )
    for level, words in findings(replace(facts, bedside=Verdict.ALLOW)):
        raise_deviation(work, container.batch_id, classification=level, description=words)
    work.content = {**work.content, "recorded": {"outcome": outcome, **given}}
    return entered(work, kit, sheet, row, order, action, conflicts)


def administration_facts(
    work: Work,
    dispensing: DispensingRow,
    container: ContainerRow,
    outcome: str,
    given: dict[str, Any],
    verdict: Verdict,
) -> AdministrationFacts:
    handed = find_hand_over(work.session, dispensing.id)
    known = ("started_at", "stopped_at", "volume_given_ml", "identity_checked", "premedication")
    return AdministrationFacts(
        outcome=Outcome(outcome),
        **{name: given[name] for name in known},
        reason=given["reason"] or "",
        held_ml=container.volume_ml,
        handed_over_at=handed.handed_over_at if handed else dispensing.dispensed_at,
        expires_at=container.expires_at,
        bedside=verdict,
    )


def other_container(work: Work, label: LabelRow, container: ContainerRow) -> tuple[Refusal, ...]:
    if label.container_id == container.id:
        return ()
    other = work.session.get_one(ContainerRow, label.container_id)
    return (ANOTHER_CONTAINER(paper=other.code, record=container.code),)


def order_on_paper(work: Work, subject: SubjectRow, sheet: Sheet, ordered: dict[str, Any]) -> OrderRow:
    """The order that a physician wrote while NKTrace could not be reached; copied, not prescribed here."""
    missing = [MISSING_FIELD(field=name, name=words) for name, words in NEEDED.items() if not ordered.get(name)]
    refuse_any(missing)
    if ordered["ordered_by"] not in people_of(work.session):
        raise Refused(PAPER_PERSON(field="ordered_by", name=NEEDED["ordered_by"]))
    refuse_any(value_refusals(ordered["volume_ml"], ordered["duration_minutes"]))
    return work.add(
        OrderRow(
            number=next_order_number(work.session),
            subject_id=subject.id,
            infusion_on=local_day(sheet.at),
            volume_ml=ordered["volume_ml"],
            duration_minutes=int(ordered["duration_minutes"]),
            ward=ordered["ward"],
            ordered_by=ordered["ordered_by"],
            ordered_at=sheet.at,
        )
    )


def supplied(work: Work, container: ContainerRow) -> bool:
    found = disposition_of(work.session, container.id)
    return found is not None and found.status == Disposition.OOS_SUPPLY
