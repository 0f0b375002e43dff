"""The way of a supply out of specification (EU GMP Part IV 11.53, 11.54): asked, evaluated, agreed, accepted, told."""

from __future__ import annotations

from datetime import datetime

from kernel.canonical import canonical, digest
from kernel.errors import Refused, refuse_any
from kernel.files.domain.refusals import Upload
from kernel.files.services import attach_file
from kernel.refusals import FUTURE_TIME, MISSING_REASON, N_, STATE_NOT_ALLOWED, Refusal
from kernel.segregation import SOD_SECOND, another_person
from kernel.work import Work
from manufacturing.queries.trial import latest_weight
from manufacturing.tables.batches import BatchRow
from release.domain.decisions import DecisionKind, Disposition
from release.domain.oos import words_missing
from release.domain.statements import MEANINGS, STATEMENTS
from release.domain.supply import (
    NOTICE,
    SUPPLY,
    Hands,
    Informed,
    Recipient,
    accepting_refusals,
    agreeing_refusals,
    authorising_refusals,
    evaluating_refusals,
    notice_words,
    request_words,
    requesting_refusals,
)
from release.domain.supply_refusals import SUPPLY_PHYSICIAN
from release.queries.deciding import trained_refusals
from release.queries.decisions import decision_content
from release.queries.exposure import find_dispensing
from release.queries.records import decisions_of, dispositions_of
from release.queries.supplies import named_of, supplies_of
from release.queries.supply import (
    blocking_refusals,
    director_needed,
    hands_on,
    notice_content,
    physicians,
    request_content,
    scope_of,
    supply_content,
)
from release.queries.testing import get_record, pending_tests
from release.services.batch_locks import lock_batch, lock_dispositions
from release.services.outdating import take_back
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.supply import NoticeRow, SupplyRow

ENTITY = SupplyRow.__tablename__
SHORTEST_REASON = 5
COMING = {Disposition.QUARANTINE, Disposition.LATE_OOS}


def request_supply(work: Work, batch_id: str, *, hazard: str, alternatives: str, consequence: str) -> SupplyRow:
    """The treating physician asks, with the clinical reason, under the own account (11.53)."""
    work.require("oos_supply:request")
    words = {"hazard": hazard, "alternatives": alternatives, "consequence": consequence}
    row = enter_request(work, batch_id, work.signer().id, words)
    work.sign(row, "supply out of specification requested")
    return row


def copy_request(
    work: Work, batch_id: str, *, physician: str, hazard: str, alternatives: str, consequence: str, file: Upload
) -> SupplyRow:
    """The signed form of the physician, copied by QA and compared by a second person; the form stays beside it."""
    work.require("oos_supply:copy")
    refuse_any(copying_refusals(work, physician))
    words = {"hazard": hazard, "alternatives": alternatives, "consequence": consequence}
    row = enter_request(work, batch_id, physician, words, form=file)
    row.request_file_id = attach_file(work, file, entity=ENTITY, record_id=row.id, purpose="signed_request").id
    sign_copy(work, row)
    return row


def copying_refusals(work: Work, physician: str) -> tuple[Refusal, ...]:
    """A known physician, and two people who are neither each other nor that physician."""
    work.require("oos_supply:compare", work.signer(1))
    first, second = work.signer(0).id, work.signer(1).id
    unknown = () if physician in dict(physicians(work.session)) else (SUPPLY_PHYSICIAN(field="physician"),)
    return (
        *unknown,
        *another_person(second, [first], SOD_SECOND),
        *another_person(physician, [first, second], SOD_SECOND),
    )


def sign_copy(work: Work, row: SupplyRow) -> None:
    for place, meaning in enumerate(("copied from the signed form", "compared with the signed form")):
        work.sign(row, meaning, place)


def enter_request(
    work: Work, batch_id: str, physician: str, words: dict[str, str], form: Upload | None = None
) -> SupplyRow:
    batch = lock_batch(work, batch_id)
    work.confirm(request_content(work.session, batch_id))
    scope = scope_of(work.session, batch_id)
    hands = hands_on(work.session, batch_id, physician)
    refuse_any((*requesting_refusals(scope, hands, work.at), *request_words(**words)))
    said = {key: text.strip() for key, text in words.items()}
    row = work.add(
        SupplyRow(
            number=f"{batch.number}-E{len(supplies_of(work.session, batch_id)) + 1}",
            batch_id=batch.id,
            named=canonical([{name: getattr(one, name) for name in one.__slots__} for one in scope.named]),
            requested_by=physician,
            requested_at=work.at,
            **said,
        )
    )
    work.content = {**work.content, "entered": {**said, **({"form": form.sha256} if form else {})}}
    return row


def locked_supply(work: Work, supply_id: str, action: str) -> tuple[SupplyRow, BatchRow, Hands]:
    """As it was shown, under the lock of its batch; the state comes before every other reason."""
    batch = lock_batch(work, get_record(work.session, SupplyRow, supply_id).batch_id)
    row = work.lock(SupplyRow, supply_id)
    work.confirm(supply_content(work.session, supply_id))
    transition = SUPPLY.transition(action, row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    work.require(transition.permission)
    return row, batch, hands_on(work.session, batch.id, work.signer().id)


def evaluate_risk(work: Work, supply_id: str, *, evaluation: str, file: Upload) -> SupplyRow:
    """The manufacturer's risk evaluation: its document, and what it comes to (11.54)."""
    row, _, hands = locked_supply(work, supply_id, "evaluate")
    wanted = words_missing(evaluation, N_("What the risk evaluation comes to"), "evaluation")
    lacking = trained_refusals(work.session, row.batch_id, work.signer().id, work.at)
    refuse_any((*evaluating_refusals(hands), *lacking, *wanted))
    kept = attach_file(work, file, entity=ENTITY, record_id=row.id, purpose="risk_evaluation")
    row.evaluation, row.evaluation_file_id = evaluation.strip(), kept.id
    row.evaluated_by, row.evaluated_at = work.signer().id, work.at
    work.content = {**work.content, "entered": {"evaluation": row.evaluation, "document": file.sha256}}
    work.move(row, SUPPLY, "evaluate")
    return row


def agree_to_risk(work: Work, supply_id: str) -> SupplyRow:
    """The QP stands for the evaluation, and it goes to the physician; nothing else may block the supply."""
    row, _, hands = locked_supply(work, supply_id, "agree")
    lacking = trained_refusals(work.session, row.batch_id, work.signer().id, work.at)
    refuse_any((*agreeing_refusals(hands), *lacking, *blocking_refusals(work.session, row, work.at)))
    row.agreed_by, row.agreed_at = work.signer().id, work.at
    work.move(row, SUPPLY, "agree")
    return row


def authorise_supply(work: Work, supply_id: str) -> SupplyRow:
    """The director of the processing facility or the medical director (F-D11.1.2)."""
    row, _, hands = locked_supply(work, supply_id, "authorise")
    refuse_any(authorising_refusals(hands))
    row.authorised_by, row.authorised_at = work.signer().id, work.at
    work.move(row, SUPPLY, "authorise")
    return row


def accept_supply(work: Work, supply_id: str, *, informed: str, informed_by: str, informed_at: datetime) -> SupplyRow:
    """The physician has read the evaluation and takes the product as it is; patient or parents know (11.54)."""
    row, batch, hands = locked_supply(work, supply_id, "accept")
    refuse_any(taking_refusals(work, row, hands, informed_by, informed_at))
    take(work, row, batch, work.signer().id, informed, informed_by, informed_at)
    work.move(row, SUPPLY, "accept")
    return row


def copy_acceptance(
    work: Work,
    supply_id: str,
    *,
    physician: str,
    informed: str,
    informed_by: str,
    informed_at: datetime,
    file: Upload,
) -> SupplyRow:
    """The physician's acceptance on a signed form, copied by QA and compared by a second person (ATMP-11.54b)."""
    row, batch, _ = locked_supply(work, supply_id, "accept_on_paper")
    hands = hands_on(work.session, batch.id, physician)
    refuse_any((*copying_refusals(work, physician), *taking_refusals(work, row, hands, informed_by, informed_at)))
    kept = attach_file(work, file, entity=ENTITY, record_id=row.id, purpose="signed_acceptance")
    row.acceptance_file_id = kept.id
    take(work, row, batch, physician, informed, informed_by, informed_at)
    work.content = {**work.content, "form": file.sha256}
    work.move(row, SUPPLY, "accept_on_paper")
    return row


def taking_refusals(
    work: Work, row: SupplyRow, hands: Hands, informed_by: str, informed_at: datetime
) -> tuple[Refusal, ...]:
    needed = director_needed(work.session)
    unknown = () if informed_by in dict(physicians(work.session)) else (SUPPLY_PHYSICIAN(field="informed_by"),)
    early = (FUTURE_TIME(field="informed_at", name=N_("Informed at")),) if informed_at > work.at else ()
    lacking = accepting_refusals(hands, director_needed=needed, authorised=row.authorised_at is not None)
    return (*lacking, *unknown, *early, *blocking_refusals(work.session, row, work.at))


def take(
    work: Work, row: SupplyRow, batch: BatchRow, physician: str, informed: str, informed_by: str, informed_at: datetime
) -> None:
    """Containers, decision and notifications of an acceptance, in its transaction; the sponsor is told at once."""
    moving = [one for one in lock_dispositions(work, batch.id) if may_come(work, one)]
    if not moving:
        shown = ", ".join(sorted({one.status for one in dispositions_of(work.session, batch.id)})) or "–"
        raise Refused(STATE_NOT_ALLOWED(action="accept", record="disposition", state=shown))
    row.accepted_by, row.accepted_at, row.sponsor_notified_at = physician, work.at, work.at
    row.informed, row.informed_by, row.informed_at = Informed(informed), informed_by, informed_at
    entered = {"informed": informed, "informed by": informed_by, "informed at": informed_at}
    work.content = {**work.content, "entered": entered}
    decision = work.add(decision_row(work, row, batch, physician, [one.container_id for one in moving]))
    work.sign(decision, MEANINGS[DecisionKind.OOS_SUPPLY])
    row.decision_id = decision.id
    for one in moving:
        work.system_move(one, Disposition.OOS_SUPPLY)
    for recipient in Recipient:
        work.add(NoticeRow(supply_id=row.id, recipient=recipient, opened_at=work.at))


def may_come(work: Work, row: DispositionRow) -> bool:
    return row.status in COMING and find_dispensing(work.session, row.container_id) is None


def decision_row(work: Work, row: SupplyRow, batch: BatchRow, physician: str, containers: list[str]) -> DecisionRow:
    """The decision that moves the containers, for the certificate, the dossier and the weight it rests on."""
    weight = latest_weight(work.session, batch.subject_id)
    content = decision_content(work.session, batch.id)
    rests_on = ("batch", "results", "weight", "containers", "record sha256")
    basis = {**{name: content[name] for name in rests_on}, "supply": work.content, "moved": containers}
    return DecisionRow(
        batch_id=batch.id,
        sequence=len(decisions_of(work.session, batch.id)) + 1,
        kind=DecisionKind.OOS_SUPPLY,
        decided_by=physician,
        decided_at=work.at,
        statement=STATEMENTS[DecisionKind.OOS_SUPPLY],
        reason="; ".join(one.found for one in named_of(row)),
        weight_id=weight.id if weight else None,
        pending=canonical([one.document() for one in pending_tests(work.session, batch.id)]),
        basis=canonical(basis),
        content_sha256=digest(work.content),
    )


def end_supply(work: Work, supply_id: str, action: str) -> SupplyRow:
    """Stopping needs no separation, only the right and a reason; what was not given is blocked from now on."""
    row, batch, _ = locked_supply(work, supply_id, action)
    reason = (work.reason or "").strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(MISSING_REASON(field="reason"))
    lock_dispositions(work, batch.id)
    row.ended_by, row.ended_at, row.end_reason = work.signer().id, work.at, reason
    take_back(work, batch.id)
    work.move(row, SUPPLY, action)
    return row


def withdraw_supply(work: Work, supply_id: str) -> SupplyRow:
    return end_supply(work, supply_id, "withdraw")


def decline_supply(work: Work, supply_id: str) -> SupplyRow:
    return end_supply(work, supply_id, "decline")


def report_notice(work: Work, notice_id: str, *, reference: str) -> NoticeRow:
    """The sponsor knows; the authority was told, with its reference number (11.54)."""
    work.require("oos_supply:notify")
    lock_batch(
        work, get_record(work.session, SupplyRow, get_record(work.session, NoticeRow, notice_id).supply_id).batch_id
    )
    row = work.lock(NoticeRow, notice_id)
    work.confirm(notice_content(work.session, notice_id))
    transition = NOTICE.transition("report", row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    refuse_any(notice_words(Recipient(row.recipient), reference))
    row.reference = reference.strip() or None
    row.done_by, row.done_at = work.signer().id, work.at
    work.content = {**work.content, "entered": {"reference": row.reference}}
    work.move(row, NOTICE, "report")
    return row
