"""What can be done to a leukapheresis, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.collections import SOD_RECEIPT, CollectionStatus, acceptance_refusals
from manufacturing.domain.material import at_risk_refusals, pending_results
from manufacturing.queries.collections import acceptance_facts, collection_content, get_collection, volume_left
from manufacturing.schemas.collections import (
    AcceptSchema,
    AtRiskSchema,
    DisposeSchema,
    DonorSchema,
    PlanSchema,
    ReceiveSchema,
    WindowSchema,
)
from manufacturing.services.collections import plan_collection, receive_collection
from manufacturing.services.donors import justify_window, record_donor_markers
from manufacturing.services.material import accept_at_risk, accept_collection, dispose_of_collection, reject_collection
from manufacturing.tables.collections import CollectionRow

COLLECTIONS = "/collections"
ONE = f"{COLLECTIONS}/<collection_id>"
UNDECIDED = {
    CollectionStatus.RECEIVED_QUARANTINE,
    CollectionStatus.ACCEPTED_AT_RISK,
    CollectionStatus.IN_USE,
    CollectionStatus.CONSUMED,
}
ANSWERED_LATER = frozenset({"DONOR_RISK_ASSESSMENT", "HAEMODILUTION"})


def done(row: CollectionRow, message: str) -> Done:
    return Done(f"{COLLECTIONS}/{row.id}", message, {"id": row.id, "number": row.number, "status": row.status})


@act(
    "collection.plan",
    f"{COLLECTIONS}/new",
    permission="collection:plan",
    title=N_("Plan a leukapheresis"),
    schema=PlanSchema,
)
def plan(work: Work, **fields: Any) -> Done:
    return done(plan_collection(work, **fields), N_("Planned."))


@act(
    "collection.receive",
    f"{ONE}/receive",
    permission="collection:receive",
    title=N_("Receive the leukapheresis"),
    schema=ReceiveSchema,
    content=collection_content,
    signs=2,
    second_permission="collection:verify",
    same_person=SOD_RECEIPT,
    meaning=N_("I received this material; I verified its identity against the paper and this record."),
)
def receive(work: Work, collection_id: str, **fields: Any) -> Done:
    return done(receive_collection(work, collection_id, **fields), N_("Received, in quarantine."))


def known_answers(session: Session, _viewer: Viewer, collection_id: str) -> dict[str, Any]:
    """The questions as they were answered before; results stay empty, so that none is typed over by accident."""
    row = get_collection(session, collection_id)
    return {
        "initial": {
            "sampled_at": row.marker_sampled_at,
            "htlv_risk": row.htlv_risk,
            "blood_or_colloids_48h": row.blood_or_colloids_48h,
            "crystalloids_1h": row.crystalloids_1h,
            "identity_check": row.donor_identity_check,
            "interview_suitable": row.interview_suitable,
            "examination_suitable": row.examination_suitable,
            "outside_eu": row.outside_eu,
            "importing_establishment": row.importing_establishment,
            "import_authorisation": row.import_authorisation,
            "third_country_supplier": row.third_country_supplier,
        }
    }


@act(
    "donor.record",
    f"{ONE}/donor",
    permission="donor:record",
    title=N_("Enter the donor's record"),
    schema=DonorSchema,
    content=collection_content,
    prepare=known_answers,
    signs=1,
    meaning=N_("I entered these answers and results from the donor's papers."),
)
def record(work: Work, collection_id: str, **fields: Any) -> Done:
    return done(record_donor_markers(work, collection_id, **fields), N_("The donor's record is entered."))


def acceptance_refused_now(session: Session, viewer: Viewer, collection_id: str) -> dict[str, Any]:
    """What stands against acceptance; what an assessment can still answer is left to the form."""
    row = get_collection(session, collection_id)
    if row.accepted_at is not None or row.status not in UNDECIDED:
        return {}
    refusals = acceptance_refusals(acceptance_facts(session, row, signer=viewer.actor.id))
    return {
        "refusals": [one for one in refusals if one.code not in ANSWERED_LATER],
        "notes": [viewer.speech.refusal(one)["sentence"] for one in refusals if one.code in ANSWERED_LATER],
    }


@act(
    "collection.accept",
    f"{ONE}/accept",
    permission="collection:accept",
    title=N_("Accept donor and material"),
    schema=AcceptSchema,
    content=collection_content,
    prepare=acceptance_refused_now,
    signs=1,
    meaning=N_("The donor is eligible and the starting material is approved."),
)
def accept(work: Work, collection_id: str, **fields: Any) -> Done:
    return done(accept_collection(work, collection_id, **fields), N_("Accepted."))


def risk_refused_now(session: Session, viewer: Viewer, collection_id: str) -> dict[str, Any]:
    """What is awaited, and what would stand against it whatever the assessment says."""
    row = get_collection(session, collection_id)
    if row.status != CollectionStatus.RECEIVED_QUARANTINE:
        return {}
    facts = acceptance_facts(session, row, signer=viewer.actor.id)
    refusals = at_risk_refusals(facts, "")
    awaited = viewer.speech.say(N_("Awaited: %(pending)s"), pending=", ".join(pending_results(facts)) or "–")
    later = {*ANSWERED_LATER, "MISSING_FIELD"}
    return {"refusals": [one for one in refusals if one.code not in later], "notes": [awaited]}


@act(
    "collection.accept_at_risk",
    f"{ONE}/accept-at-risk",
    permission="collection:accept",
    title=N_("Authorise processing at risk"),
    schema=AtRiskSchema,
    content=collection_content,
    prepare=risk_refused_now,
    signs=2,
    second_permission="collection:agree_at_risk",
    meaning=N_(
        "Processing may begin while these results are awaited; nothing is certified until they are in. The QP agrees."
    ),
)
def at_risk(work: Work, collection_id: str, **fields: Any) -> Done:
    return done(accept_at_risk(work, collection_id, **fields), N_("Authorised at risk; the results stay due."))


@act(
    "donor.justify_window",
    f"{ONE}/window",
    permission="donor:justify",
    title=N_("Justify the 30-day window"),
    schema=WindowSchema,
    content=collection_content,
    signs=1,
    meaning=N_("For this donation a sample of the thirty days before it is acceptable, for the reason given."),
)
def justify(work: Work, collection_id: str, **fields: Any) -> Done:
    return done(justify_window(work, collection_id, **fields), N_("The justification is on record."))


def all_that_is_left(session: Session, _viewer: Viewer, collection_id: str) -> dict[str, Any]:
    return {"initial": {"volume_ml": volume_left(session, get_collection(session, collection_id))}}


@act(
    "collection.dispose",
    f"{ONE}/dispose",
    permission="collection:dispose",
    title=N_("Destroy material"),
    schema=DisposeSchema,
    content=collection_content,
    prepare=all_that_is_left,
    signs=2,
    second_permission="collection:witness",
    meaning=N_("I destroyed this volume of this leukapheresis this way; the second person saw it."),
    danger=True,
)
def dispose(work: Work, collection_id: str, **fields: Any) -> Done:
    return done(dispose_of_collection(work, collection_id, **fields), N_("The destruction is on record."))


@act(
    "collection.reject",
    f"{ONE}/reject",
    permission="collection:reject",
    title=N_("Reject the collection"),
    content=collection_content,
    signs=1,
    needs_reason=True,
    meaning=N_("This material is rejected for good."),
    danger=True,
)
def reject(work: Work, collection_id: str) -> Done:
    return done(reject_collection(work, collection_id), N_("Rejected."))
