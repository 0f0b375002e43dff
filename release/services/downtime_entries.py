"""What happened on paper becomes a record: always, at its real time, with what NKTrace says against it (DSP-DOWN).

The guards of the screen are asked with the facts of today at the time of the sheet. What they refuse is listed, opens a
deviation and keeps the dose out of F; it never keeps the record from being made (decision 32).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from kernel.canonical import canonical
from kernel.errors import Refused, refuse_any
from kernel.files.domain.refusals import Upload
from kernel.files.services import attach_file
from kernel.refusals import MISSING_FIELD, N_, Refusal
from kernel.segregation import SOD_SECOND, another_person
from kernel.training.queries import Acted, training_refusals
from kernel.work import Work
from labels.ports import label_keys
from labels.tables.labels import LabelRow
from manufacturing.domain.collections import minute
from manufacturing.domain.expiry import local_day
from manufacturing.domain.trial import SUBJECT_UNKNOWN, TIME_ORDER
from manufacturing.queries.trial import latest_weight, subject_by_code
from manufacturing.services.deviations import raise_deviation
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.administration import AdministrationFacts, Outcome, administration_refusals, findings
from release.domain.decisions import FROM_PAPER, ORDER, Disposition, Verdict
from release.domain.dispensing import decide
from release.domain.downtime import (
    AGAINST,
    ANOTHER_CONTAINER,
    DONE,
    GUARDS_ON_PAPER,
    PAPER,
    PAPER_LABEL,
    PAPER_PERSON,
    EntryKind,
    PaperFacts,
    distinct,
    paper_conflicts,
    time_refusals,
)
from release.domain.procedures import DISPENSING
from release.domain.scan_facts import ScanDecision
from release.queries.dispensing import disposition_of, find_hand_over, get_dispensing
from release.queries.downtime import (
    entering_content,
    get_kit,
    label_on_paper,
    listed_on,
    paper_facts,
    people_of,
    told,
    was_conditional,
)
from release.queries.orders import next_order_number, open_order_on
from release.queries.separation import certifiers_of
from release.services.dispensing import already_dispensed
from release.services.locking import lock_chain
from release.services.orders import refuse_impossible, value_refusals
from release.tables.dispensing import AdministrationRow, DispensingRow, HandOverRow, OrderRow, ScanRow
from release.tables.downtime import DowntimeEntryRow, DowntimeKitRow

SHEET = "sheet"
ENTITY = DowntimeEntryRow.__tablename__
NEEDED = {
    "ordered_by": N_("Physician who ordered"),
    "volume_ml": N_("Volume to infuse"),
    "duration_minutes": N_("Duration of the infusion"),
    "ward": N_("Ward"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One act as its sheet has it. ``label_code``, ``subject_code``: as read on paper; ``second_person``: where the sheet
    asks for one."""

    kind: EntryKind
    at: datetime
    label_code: str
    subject_code: str
    performed_by: str
    second_person: str | None
    file: Upload


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
    row = work.add(
        HandOverRow(
            dispensing_id=dispensing.id,
            handed_over_at=handed_over_at,
            temperature_c=temperature_c,
            condition=condition,
            transport_box=transport_box,
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
        second_person=None,
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


def locked(work: Work, kit_id: str, dispensing_id: str) -> tuple[DowntimeKitRow, ContainerRow, DispensingRow, OrderRow]:
    container = lock_chain(work, get_dispensing(work.session, dispensing_id).container_id)
    dispensing = work.lock(DispensingRow, dispensing_id)
    order = work.lock(OrderRow, dispensing.order_id)
    return begun(work, kit_id), container, dispensing, order


def begun(work: Work, kit_id: str) -> DowntimeKitRow:
    """Two people: who enters, and who compares the entry with the sheet."""
    get_kit(work.session, kit_id)
    kit = work.lock(DowntimeKitRow, kit_id)
    work.confirm(entering_content(work.session, kit_id))
    work.require("downtime:compare", work.signer(1))
    refuse_any(another_person(work.signer(1).id, [work.signer(0).id], SOD_SECOND))
    return kit


def printed_label(work: Work, text: str) -> LabelRow:
    label = label_on_paper(work.session, text)
    if label is None:
        raise Refused(PAPER_LABEL(typed=text.strip()[:40], field="label_code"))
    return label


def named_subject(work: Work, code: str) -> SubjectRow:
    subject = subject_by_code(work.session, code.strip())
    if subject is None:
        raise Refused(SUBJECT_UNKNOWN(code=code.strip()[:40], field="subject_code"))
    return subject


def sheet_refusals(work: Work, kit: DowntimeKitRow, sheet: Sheet, field: str, name: str) -> list[Refusal]:
    """Only what cannot be: a time outside the downtime, a person nobody knows."""
    people = people_of(work.session)
    wrong = [
        PAPER_PERSON(field=key, name=words)
        for key, words, person in (
            ("performed_by", N_("Done by"), sheet.performed_by),
            ("second_person", N_("Second person on the sheet"), sheet.second_person),
        )
        if person is not None and person not in people
    ]
    return [*wrong, *time_refusals(field, name, sheet.at, kit.printed_at, work.at)]


def judged(
    work: Work, kit: DowntimeKitRow, sheet: Sheet, container: ContainerRow, order: OrderRow | None
) -> tuple[ScanDecision, tuple[Refusal, ...]]:
    """What NKTrace says of the sheet, and everything that speaks against it."""
    facts = paper_facts(
        work.database,
        work.session,
        label_keys(),
        label_code=sheet.label_code,
        subject_code=sheet.subject_code,
        container=container,
        order=order,
        at=sheet.at,
    )
    decision = decide(facts, sheet.at, GUARDS_ON_PAPER[sheet.kind])
    paper = PaperFacts(
        kit=kit.number,
        valid_until=kit.valid_until,
        listed=listed_on(kit),
        container=container.code,
        happened_at=sheet.at,
        performed_by=sheet.performed_by,
        second_person=sheet.second_person,
        signers=frozenset(one.id for one in work.signers),
        certifiers=frozenset(certifiers_of(work.session, container.batch_id))
        if sheet.kind is EntryKind.DISPENSING
        else frozenset(),
    )
    return decision, distinct([*decision.refusals, *paper_conflicts(paper), *untrained(work, sheet)])


def untrained(work: Work, sheet: Sheet) -> list[Refusal]:
    """Who dispensed by the procedure without being trained in it at that time."""
    if sheet.kind is not EntryKind.DISPENSING:
        return []
    acted = (one for one in (sheet.performed_by, sheet.second_person) if one)
    return training_refusals(work.session, [Acted(one, DISPENSING, sheet.at) for one in acted])


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


def paper_scan(
    work: Work, decision: ScanDecision, container: ContainerRow, order: OrderRow, label: LabelRow
) -> ScanRow:
    """The verdict of this entry; nobody scanned when it happened."""
    return work.add(
        ScanRow(
            container_id=container.id,
            order_id=order.id,
            label_id=label.id,
            place=PAPER,
            verdict=decision.verdict,
            reasons=canonical(told(decision.refusals)),
            nonce="",
            typed=True,
            scanned_by=work.signer(0).id,
            scanned_at=work.at,
            valid_until=work.at,
        )
    )


def supplied(work: Work, container: ContainerRow) -> bool:
    found = disposition_of(work.session, container.id)
    return found is not None and found.status == Disposition.OOS_SUPPLY


def entered(
    work: Work,
    kit: DowntimeKitRow,
    sheet: Sheet,
    row: DispensingRow | HandOverRow | AdministrationRow,
    order: OrderRow,
    action: str,
    conflicts: tuple[Refusal, ...],
) -> DowntimeEntryRow:
    """The entry with its scan of the sheet; with a conflict a critical deviation, in the same transaction."""
    dispensing_id = row.id if isinstance(row, DispensingRow) else row.dispensing_id
    container = work.session.get_one(ContainerRow, get_dispensing(work.session, dispensing_id).container_id)
    codes = ", ".join(dict.fromkeys(one.code for one in conflicts))
    words = AGAINST % {"what": DONE[sheet.kind], "kit": kit.number, "codes": codes}
    deviation = (
        raise_deviation(work, container.batch_id, classification="critical", description=words) if conflicts else None
    )
    entry = work.add(
        DowntimeEntryRow(
            kit_id=kit.id,
            kind=sheet.kind,
            record_id=row.id,
            dispensing_id=dispensing_id,
            happened_at=sheet.at,
            performed_by=sheet.performed_by,
            second_person=sheet.second_person,
            entered_by=work.signer(0).id,
            compared_by=work.signer(1).id,
            entered_at=work.at,
            conflicts=canonical(told(conflicts)),
            deviation_id=deviation.id if deviation else None,
        )
    )
    attach_file(work, sheet.file, entity=ENTITY, record_id=entry.id, purpose=SHEET)
    work.content = {**work.content, "entered now": entry_words(sheet, container, codes)}
    work.move(order, ORDER, action)
    for place, meaning in enumerate(FROM_PAPER):
        work.sign(row, meaning, place)
    return entry


def entry_words(sheet: Sheet, container: ContainerRow, codes: str) -> dict[str, Any]:
    return {
        "what": sheet.kind,
        "container": container.code,
        "at": sheet.at,
        "subject": sheet.subject_code,
        "sheet (SHA-256)": sheet.file.sha256,
        "NKTrace refuses it": codes or None,
    }
