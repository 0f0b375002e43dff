"""Certify, reject, release, judge a new weight, acknowledge a late result: one signature, one batch, one record each."""

from __future__ import annotations

from typing import Any

from kernel.canonical import canonical, digest
from kernel.errors import Refused, refuse_any
from kernel.refusals import MISSING_REASON, N_, STATE_NOT_ALLOWED, Refusal
from kernel.work import Work
from manufacturing.queries.batches import deviations_of
from manufacturing.queries.trial import latest_weight
from manufacturing.tables.batches import BatchRow
from release.domain.decisions import DISPOSITION, LATE_FAILURES, DecisionKind
from release.domain.late_results import HOURS
from release.domain.refusals import (
    ALREADY_ACKNOWLEDGED,
    DEVIATION_NOT_JUDGED,
    STATEMENT_OPEN,
    SUPERSEDING_UNEXPLAINED,
)
from release.domain.statements import MEANINGS, STATEMENTS
from release.queries.deciding import (
    CERTIFIED,
    CERTIFYING,
    certification_refusals,
    certified_refusals,
    given_refusals,
    movable,
    release_for_trial_refusals,
    states_of,
    weight_signing_refusals,
)
from release.queries.decisions import (
    acknowledgements,
    decision_content,
    next_register_number,
    told_roles,
)
from release.queries.late_results import late_content
from release.queries.records import decisions_of
from release.queries.testing import awaits_results, get_record, pending_tests
from release.queries.voided import Voided, given_rows, voided_certificate
from release.services.batch_locks import lock_batch, lock_dispositions, lock_register
from release.services.outdating import outdate_supply
from release.tables.decisions import DecisionRow, DispositionRow

SHORTEST_ASSESSMENT = 15


def still_open(work: Work, rows: list[DispositionRow], action: str, *, dispensed: bool = False) -> list[DispositionRow]:
    """The dispositions this decision moves; with none left it is refused by the state they are in."""
    found = movable(work.session, rows, action, dispensed=dispensed)
    if not found:
        raise Refused(STATE_NOT_ALLOWED(action=action, record="disposition", state=states_of(rows)))
    return found


def decide(work: Work, batch: BatchRow, kind: DecisionKind, **values: Any) -> DecisionRow:
    """Write the decision down with what it rests on, and sign it."""
    content = work.content
    given = {"pending": [], **values}
    decision = work.add(
        DecisionRow(
            batch_id=batch.id,
            sequence=len(decisions_of(work.session, batch.id)) + 1,
            kind=kind,
            decided_by=work.signer().id,
            decided_at=work.at,
            statement=STATEMENTS[kind],
            content_sha256=digest(content),
            register_number=given.get("register_number"),
            reason=given.get("reason"),
            supersedes_id=given.get("supersedes_id"),
            superseding_reason=given.get("superseding_reason"),
            weight_id=given.get("weight_id"),
            pending=canonical(given["pending"]),
            basis=canonical(given.get("basis", basis_of_content(content))),
        )
    )
    work.sign(decision, MEANINGS[kind])
    return decision


def basis_of_content(content: dict[str, Any]) -> dict[str, Any]:
    """What is kept beside the decision of all that was shown."""
    kept = ("batch", "results", "out of specification", "weight", "containers", "record sha256")
    return {name: content.get(name) for name in kept}


def unconfirmed(**answers: bool) -> tuple[Refusal, ...]:
    """Personal statements are answered one by one; a “no” is a reason not to sign (A16-PERS)."""
    return tuple(STATEMENT_OPEN(field=name) for name, answer in answers.items() if answer is not True)


def certify(
    work: Work,
    batch_id: str,
    kind: DecisionKind,
    *,
    manufacturing_authorised: bool,
    national_duties: bool,
    register_entry: bool,
    deviation_assessment: str | None = None,
    superseding_reason: str | None = None,
) -> DecisionRow:
    """QP certification: stage 1 with results pending, full, stage 2 when they are in, or anew of what was given.

    ``superseding_reason``: why it takes the place of a certification that no longer stands.
    """
    work.require("release:certify")
    batch = lock_batch(work, batch_id)
    moving, action = to_certify(work, batch_id, kind)
    work.confirm(decision_content(work.session, batch_id))
    voided, because = voided_certificate(work.session, batch_id), (superseding_reason or "").strip()
    assessment = (deviation_assessment or "").strip()
    refuse_any(
        (
            *certification_refusals(work.session, batch_id, kind, work.signer().id, work.at),
            *deviation_refusals(work, batch_id, assessment),
            *superseding_refusals(voided, because),
            *unconfirmed(
                manufacturing_authorised=manufacturing_authorised,
                national_duties=national_duties,
                register_entry=register_entry,
            ),
        )
    )
    weight = latest_weight(work.session, batch.subject_id)
    lock_register(work)
    decision = decide(
        work,
        batch,
        kind,
        register_number=next_register_number(work.session),
        reason=assessment or None,
        supersedes_id=voided.decision.id if voided else None,
        superseding_reason=because if voided else None,
        weight_id=weight.id if weight else None,
        pending=[one.document() for one in pending_tests(work.session, batch_id)],
    )
    for row in moving:
        work.move(row, DISPOSITION, action)
    return decision


def to_certify(work: Work, batch_id: str, kind: DecisionKind) -> tuple[list[DispositionRow], str]:
    """The dispositions a certification moves, locked, and the move; refused by the state where there are none."""
    rows = lock_dispositions(work, batch_id)
    if kind is not DecisionKind.GIVEN:
        return still_open(work, rows, CERTIFYING[kind], dispensed=kind is DecisionKind.STAGE2), CERTIFYING[kind]
    refuse_any(given_refusals(work.session, batch_id))
    action = "certify_given_pending" if awaits_results(work.session, batch_id) else "certify_given"
    return given_rows(work.session, batch_id), action


def superseding_refusals(voided: Voided | None, because: str) -> tuple[Refusal, ...]:
    """Whoever certifies anew writes why the former certification is replaced (A16-REG)."""
    if voided is None or len(because) >= SHORTEST_ASSESSMENT:
        return ()
    return (SUPERSEDING_UNEXPLAINED(field="superseding_reason", number=voided.facts()["number"]),)


def deviation_refusals(work: Work, batch_id: str, assessment: str) -> tuple[Refusal, ...]:
    """With any deviation the QP writes down why it does no harm (ATMP-DEV-2)."""
    count = len(deviations_of(work.session, batch_id))
    if not count or len(assessment) >= SHORTEST_ASSESSMENT:
        return ()
    return (DEVIATION_NOT_JUDGED(field="deviation_assessment", count=count),)


def certify_stage_one(work: Work, batch_id: str, **confirmed: Any) -> DecisionRow:
    return certify(work, batch_id, DecisionKind.STAGE1, **confirmed)


def certify_full(work: Work, batch_id: str, **confirmed: Any) -> DecisionRow:
    return certify(work, batch_id, DecisionKind.FULL, **confirmed)


def certify_stage_two(work: Work, batch_id: str, **confirmed: Any) -> DecisionRow:
    """Possible, and due, also after the administration (ATMP-11.3.2-3)."""
    return certify(work, batch_id, DecisionKind.STAGE2, **confirmed)


def certify_given(work: Work, batch_id: str, **confirmed: Any) -> DecisionRow:
    """After a correction: about what a patient already had, whatever became of the rest; nothing is dispensed on it."""
    return certify(work, batch_id, DecisionKind.GIVEN, **confirmed)


def fail_given(work: Work, batch_id: str) -> DecisionRow:
    """The QP finds that what was given does not meet its criteria: a late failure, without separation like a rejection.

    Physician and sponsor acknowledge it; in the figures of the trial it counts like any late failure.
    """
    work.require("release:reject")
    batch = lock_batch(work, batch_id)
    lock_dispositions(work, batch_id)
    refuse_any(given_refusals(work.session, batch_id))
    work.confirm(decision_content(work.session, batch_id))
    reason = (work.reason or "").strip()
    if len(reason) < SHORTEST_ASSESSMENT:
        raise Refused(MISSING_REASON(field="reason"))
    moving = given_rows(work.session, batch_id)
    basis = {**basis_of_content(work.content), "role": "QP", "failed": [row.container_id for row in moving]}
    decision = decide(work, batch, DecisionKind.GIVEN_FAILED, reason=reason, basis=basis)
    for row in moving:
        work.move(row, DISPOSITION, "fail_given")
        row.sponsor_released = False
    return decision


def reject_batch(work: Work, batch_id: str) -> DecisionRow:
    """Final; blocks every container that has not been dispensed and ends a supply that was asked for. Stopping needs no
    separation, only the QP and a reason."""
    work.require("release:reject")
    batch = lock_batch(work, batch_id)
    moving = still_open(work, lock_dispositions(work, batch_id), "reject")
    work.confirm(decision_content(work.session, batch_id))
    reason = (work.reason or "").strip()
    if len(reason) < 5:
        raise Refused(MISSING_REASON(field="reason"))
    decision = decide(work, batch, DecisionKind.REJECT, reason=reason)
    outdate_supply(work, batch_id, N_("the batch was rejected"))
    for row in moving:
        work.move(row, DISPOSITION, "reject")
        row.sponsor_released = False
    return decision


def sponsor_release(work: Work, batch_id: str, *, trial_authorised: bool, site_ready: bool) -> DecisionRow:
    """Second step of release: a certified batch that the sponsor has not released cannot be dispensed."""
    work.require("release:sponsor")
    batch = lock_batch(work, batch_id)
    rows = lock_dispositions(work, batch_id)
    refuse_any(certified_refusals(work.session, batch_id))
    waiting = [row for row in rows if row.status in CERTIFIED and not row.sponsor_released]
    if not waiting:
        raise Refused(STATE_NOT_ALLOWED(action="release", record="disposition", state="released"))
    work.confirm(decision_content(work.session, batch_id))
    refuse_any(
        (
            *release_for_trial_refusals(work.session, batch_id, work.signer().id, work.at),
            *unconfirmed(trial_authorised=trial_authorised, site_ready=site_ready),
        )
    )
    decision = decide(work, batch, DecisionKind.SPONSOR)
    for row in waiting:
        row.sponsor_released = True
    return decision


def sign_weight(work: Work, batch_id: str) -> DecisionRow:
    """The QP judges the doses per kg with the new weight; the certification stands (decision 29)."""
    work.require("weight:resign")
    batch = lock_batch(work, batch_id)
    lock_dispositions(work, batch_id)
    refuse_any(certified_refusals(work.session, batch_id))
    work.confirm(decision_content(work.session, batch_id))
    refuse_any(weight_signing_refusals(work.session, batch_id, work.signer().id, work.at))
    weight = latest_weight(work.session, batch.subject_id)
    return decide(work, batch, DecisionKind.WEIGHT, weight_id=weight.id if weight else None)


def acknowledge_late_result(work: Work, decision_id: str, *, answer: str) -> DecisionRow:
    """Physician, pharmacy, QP and sponsor each sign that they know, and say what they do about it (QC-LATE-OOS)."""
    work.require("late_oos:acknowledge")
    late = get_record(work.session, DecisionRow, decision_id)
    batch = lock_batch(work, late.batch_id)
    late = work.lock(DecisionRow, decision_id)
    if late.kind not in LATE_FAILURES:
        raise Refused(STATE_NOT_ALLOWED(action="acknowledge", record="decision", state=late.kind))
    told = told_roles(late, acknowledgements(work.session, late))
    roles = [role for role in HOURS if role in work.signer().roles and role not in told]
    if not roles:
        raise Refused(ALREADY_ACKNOWLEDGED())
    work.confirm(late_content(work.session, decision_id))
    basis = {"late_oos": late.id, "role": roles[0], "late result": late.reason}
    return decide(work, batch, DecisionKind.ACKNOWLEDGED, reason=answer.strip(), basis=basis)
