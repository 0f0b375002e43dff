"""One sheet of a downtime as a record: who signs it, what NKTrace says of it, and what is kept of both (DSP-DOWN)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.canonical import canonical
from kernel.errors import Refused, refuse_any
from kernel.files.domain.refusals import Upload
from kernel.files.services import attach_file
from kernel.refusals import N_, Refusal
from kernel.segregation import SOD_SECOND, another_person
from kernel.training.queries import Acted, training_refusals
from kernel.work import Work
from labels.queries.label_keys import keys_in_force
from labels.tables.labels import LabelRow
from manufacturing.domain.trial import SUBJECT_UNKNOWN
from manufacturing.queries.trial import subject_by_code
from manufacturing.services.deviations import raise_deviation
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.trial import SubjectRow
from release.domain.decisions import FROM_PAPER, ORDER
from release.domain.dispensing import decide
from release.domain.downtime import (
    AGAINST,
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
from release.queries.dispensing import get_dispensing
from release.queries.downtime import (
    entering_content,
    get_kit,
    label_on_paper,
    listed_on,
    paper_facts,
    people_of,
    told,
)
from release.queries.separation import certifiers_of
from release.services.locking import lock_chain
from release.tables.dispensing import (
    AdministrationRow,
    DispensingRow,
    EligibilityRow,
    HandOverRow,
    OrderRow,
    ScanRow,
)
from release.tables.downtime import DowntimeEntryRow, DowntimeKitRow

SHEET = "sheet"
ENTITY = DowntimeEntryRow.__tablename__


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One act as its sheet has it. ``label_code``, ``subject_code``: as read on paper; ``label_code``, ``second_person``:
    where the sheet asks for one."""

    kind: EntryKind
    at: datetime
    subject_code: str
    performed_by: str
    file: Upload
    label_code: str = ""
    second_person: str | None = None


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
        keys_in_force(work.session),
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


def entered(
    work: Work,
    kit: DowntimeKitRow,
    sheet: Sheet,
    row: DispensingRow | HandOverRow | AdministrationRow,
    order: OrderRow,
    action: str,
    conflicts: tuple[Refusal, ...],
) -> DowntimeEntryRow:
    """The entry, and what it makes of its order."""
    dispensing = row if isinstance(row, DispensingRow) else get_dispensing(work.session, row.dispensing_id)
    entry = entered_sheet(work, kit, sheet, row, order, conflicts, dispensing)
    work.move(order, ORDER, action)
    return entry


def entered_sheet(
    work: Work,
    kit: DowntimeKitRow,
    sheet: Sheet,
    row: EligibilityRow | DispensingRow | HandOverRow | AdministrationRow,
    order: OrderRow,
    conflicts: tuple[Refusal, ...],
    dispensing: DispensingRow | None,
) -> DowntimeEntryRow:
    """With its scan of the sheet, and signed by two; with a conflict a critical deviation of the batch that was dispensed,
    in the same transaction."""
    container = work.session.get_one(ContainerRow, dispensing.container_id) if dispensing else None
    codes = ", ".join(dict.fromkeys(one.code for one in conflicts))
    words = AGAINST % {"what": DONE[sheet.kind], "kit": kit.number, "codes": codes}
    deviation = (
        raise_deviation(work, container.batch_id, classification="critical", description=words)
        if conflicts and container
        else None
    )
    entry = work.add(
        DowntimeEntryRow(
            kit_id=kit.id,
            kind=sheet.kind,
            record_id=row.id,
            order_id=order.id,
            dispensing_id=dispensing.id if dispensing else None,
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
    for place, meaning in enumerate(FROM_PAPER):
        work.sign(row, meaning, place)
    return entry


def entry_words(sheet: Sheet, container: ContainerRow | None, codes: str) -> dict[str, Any]:
    """What both people sign beside what the form showed; ``codes``: of the refusals that speak against it."""
    return {
        "what": sheet.kind,
        "container": container.code if container else None,
        "at": sheet.at,
        "subject": sheet.subject_code,
        "performed by": sheet.performed_by,
        "second person": sheet.second_person,
        "sheet (SHA-256)": sheet.file.sha256,
        "NKTrace refuses it": codes or None,
    }
