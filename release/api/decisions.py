"""What QA, QP and sponsor sign: review, certifications, rejection, release, a new weight, a late result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_, Refusal
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.queries.batches import get_batch
from release.domain.decisions import DecisionKind
from release.domain.review import ReleaseFacts
from release.domain.statements import STATEMENTS
from release.queries.deciding import (
    CERTIFYING,
    certification_refusals,
    certified_refusals,
    given_refusals,
    release_for_trial_refusals,
    reviewing_refusals,
    state_refusals,
    weight_signing_refusals,
)
from release.queries.decisions import decision_content
from release.queries.exceptions import list_exceptions
from release.queries.late_results import late_content
from release.queries.normal import normal_entries
from release.queries.review import review_content
from release.schemas.decisions import CertifySchema, ReviewSchema, SponsorSchema
from release.schemas.recalls import ConfirmSchema
from release.services.decisions import (
    acknowledge_late_result,
    certify_full,
    certify_given,
    certify_stage_one,
    certify_stage_two,
    fail_given,
    reject_batch,
    sign_weight,
    sponsor_release,
)
from release.services.review import review_batch
from release.tables.decisions import DecisionRow

Prepare = Callable[..., dict[str, Any]]
BATCH = "/batches/<batch_id>"


def offered_refusals(
    session: Session, viewer: Viewer, batch_id: str, kind: DecisionKind, facts: ReleaseFacts | None = None
) -> tuple[Refusal, ...]:
    """Why this person could not sign this decision now; the answers of the form apart."""
    me, now = viewer.actor.id, viewer.at
    if kind is DecisionKind.REVIEW:
        return reviewing_refusals(session, batch_id, me, now, facts)
    if kind is DecisionKind.REJECT:
        return state_refusals(session, batch_id, "reject")
    if kind is DecisionKind.GIVEN_FAILED:
        return given_refusals(session, batch_id)
    if kind is DecisionKind.GIVEN:
        undecidable = given_refusals(session, batch_id)
        return undecidable or certification_refusals(session, batch_id, kind, me, now, facts)
    if kind in CERTIFYING:
        dispensed = kind is DecisionKind.STAGE2
        wrong_state = state_refusals(session, batch_id, CERTIFYING[kind], dispensed=dispensed)
        return wrong_state or certification_refusals(session, batch_id, kind, me, now, facts)
    uncertified = certified_refusals(session, batch_id)
    if uncertified or kind is DecisionKind.SPONSOR:
        return uncertified or release_for_trial_refusals(session, batch_id, me, now, facts)
    return weight_signing_refusals(session, batch_id, me, now, facts)


def before(kind: DecisionKind) -> Prepare:
    """The refusals of now, and what deviated, so that it is read before anything is signed."""

    def prepare(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
        refusals = offered_refusals(session, viewer, batch_id, kind)
        return {"refusals": refusals, "deviated": list_exceptions(session, get_batch(session, batch_id))}

    return prepare


def before_review(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
    """Beside the refusals of now: how many entries were normal and are folded away."""
    refusals = offered_refusals(session, viewer, batch_id, DecisionKind.REVIEW)
    return {"refusals": refusals, "normal": normal_entries(session, batch_id)}


def decided(row: DecisionRow, message: str) -> Done:
    body = {"id": row.id, "kind": row.kind, "register_number": row.register_number, "batch_id": row.batch_id}
    return Done(f"/batches/{row.batch_id}/release", message, body)


@act(
    "batch.review",
    BATCH + "/review",
    permission="batch:review",
    title=N_("Review the batch"),
    schema=ReviewSchema,
    content=review_content,
    prepare=before_review,
    signs=1,
    meaning=STATEMENTS[DecisionKind.REVIEW],
    template="release/review.html",
)
def review(work: Work, batch_id: str, **answers: Any) -> Done:
    return decided(
        review_batch(work, batch_id, **answers),
        N_("Reviewed and signed. What still blocks a decision of the QP stands below."),
    )


@act(
    "release.stage_one",
    BATCH + "/certify-pending",
    permission="release:certify",
    title=N_("Certify, results pending"),
    schema=CertifySchema,
    content=decision_content,
    prepare=before(DecisionKind.STAGE1),
    signs=1,
    meaning=STATEMENTS[DecisionKind.STAGE1],
    template="release/certify.html",
)
def stage_one(work: Work, batch_id: str, **answers: Any) -> Done:
    return decided(certify_stage_one(work, batch_id, **answers), N_("Certified – results pending."))


@act(
    "release.full",
    BATCH + "/certify",
    permission="release:certify",
    title=N_("Certify, all results final"),
    schema=CertifySchema,
    content=decision_content,
    prepare=before(DecisionKind.FULL),
    signs=1,
    meaning=STATEMENTS[DecisionKind.FULL],
    template="release/certify.html",
)
def full(work: Work, batch_id: str, **answers: Any) -> Done:
    return decided(certify_full(work, batch_id, **answers), N_("Certified."))


@act(
    "release.stage_two",
    BATCH + "/certify-final",
    permission="release:certify",
    title=N_("Certify finally, after all results"),
    schema=CertifySchema,
    content=decision_content,
    prepare=before(DecisionKind.STAGE2),
    signs=1,
    meaning=STATEMENTS[DecisionKind.STAGE2],
    template="release/certify.html",
)
def stage_two(work: Work, batch_id: str, **answers: Any) -> Done:
    return decided(certify_stage_two(work, batch_id, **answers), N_("Certified finally."))


@act(
    "release.given",
    BATCH + "/certify-given",
    permission="release:certify",
    title=N_("Certify anew what was given"),
    schema=CertifySchema,
    content=decision_content,
    prepare=before(DecisionKind.GIVEN),
    signs=1,
    meaning=STATEMENTS[DecisionKind.GIVEN],
    template="release/certify.html",
)
def given(work: Work, batch_id: str, **answers: Any) -> Done:
    return decided(certify_given(work, batch_id, **answers), N_("Certified anew, about what was given."))


@act(
    "release.given_failed",
    BATCH + "/given-failed",
    permission="release:reject",
    title=N_("What was given does not meet the criteria"),
    content=decision_content,
    prepare=before(DecisionKind.GIVEN_FAILED),
    signs=1,
    needs_reason=True,
    danger=True,
    meaning=STATEMENTS[DecisionKind.GIVEN_FAILED],
    template="release/certify.html",
)
def given_failed(work: Work, batch_id: str) -> Done:
    return decided(fail_given(work, batch_id), N_("Recorded. Physician and sponsor are asked to acknowledge it."))


@act(
    "release.reject",
    BATCH + "/reject",
    permission="release:reject",
    title=N_("Reject the batch"),
    content=decision_content,
    prepare=before(DecisionKind.REJECT),
    signs=1,
    needs_reason=True,
    danger=True,
    meaning=STATEMENTS[DecisionKind.REJECT],
    template="release/certify.html",
)
def reject(work: Work, batch_id: str) -> Done:
    return decided(reject_batch(work, batch_id), N_("Rejected. This is final."))


@act(
    "release.sponsor",
    BATCH + "/sponsor-release",
    permission="release:sponsor",
    title=N_("Release for the trial"),
    schema=SponsorSchema,
    content=decision_content,
    prepare=before(DecisionKind.SPONSOR),
    signs=1,
    meaning=STATEMENTS[DecisionKind.SPONSOR],
    template="release/certify.html",
)
def sponsor(work: Work, batch_id: str, **answers: Any) -> Done:
    return decided(sponsor_release(work, batch_id, **answers), N_("Released for the trial by the sponsor."))


@act(
    "weight.resign",
    BATCH + "/sign-weight",
    permission="weight:resign",
    title=N_("Judge the doses with the new weight"),
    content=decision_content,
    prepare=before(DecisionKind.WEIGHT),
    signs=1,
    meaning=STATEMENTS[DecisionKind.WEIGHT],
    template="release/certify.html",
)
def weight(work: Work, batch_id: str) -> Done:
    return decided(sign_weight(work, batch_id), N_("The doses per kg are judged with the new weight."))


@act(
    "late_oos.acknowledge",
    "/decisions/<decision_id>/acknowledge",
    permission="late_oos:acknowledge",
    title=N_("Acknowledge the late result"),
    schema=ConfirmSchema,
    content=late_content,
    signs=1,
    meaning=STATEMENTS[DecisionKind.ACKNOWLEDGED],
)
def acknowledge(work: Work, decision_id: str, **fields: Any) -> Done:
    row = acknowledge_late_result(work, decision_id, **fields)
    return Done("/", N_("Acknowledged."), {"id": row.id, "kind": row.kind, "batch_id": row.batch_id})
