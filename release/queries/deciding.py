"""Why somebody could not sign a decision now: for the grey buttons and the signing pages; the service decides again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from kernel.database import one_look
from kernel.refusals import STATE_NOT_ALLOWED, Refusal
from kernel.segregation import another_person
from kernel.training.queries import Acted, training_refusals
from manufacturing.domain.batches import BATCH
from manufacturing.domain.hands import SOD_RELEASE
from manufacturing.queries.batches import get_batch
from manufacturing.queries.trial import get_subject, latest_weight
from manufacturing.tables.trial import TrialRow
from release.domain.decisions import CERTIFICATES, DISPOSITION, DecisionKind, Disposition
from release.domain.dispensing_refusals import NOT_CERTIFIED
from release.domain.guards import release_refusals, review_refusals
from release.domain.procedures import RELEASE
from release.domain.refusals import (
    CERTIFICATION_STANDS,
    NOTHING_PENDING,
    SOD_QA_QP,
    SOD_SPONSOR,
)
from release.domain.review import ReleaseFacts
from release.domain.separation import dispensing_pair_refusals
from release.domain.sponsor import new_weight_refusals, sponsor_refusals
from release.queries.decisions import settled_weight
from release.queries.dossiers import reviewer_may_certify
from release.queries.exposure import administered_containers, dispensings_of
from release.queries.records import dispositions_of, everyone_involved
from release.queries.review import release_facts
from release.queries.separation import certifiers_of, dispensed_by_two, reviewers, signers_of
from release.queries.testing import awaits_results, get_record
from release.queries.voided import given_rows, void_refusals, voided_certificate
from release.tables.decisions import DispositionRow

CERTIFYING = {
    DecisionKind.STAGE1: "certify_stage_one",
    DecisionKind.FULL: "certify",
    DecisionKind.STAGE2: "certify_stage_two",
}
CERTIFIED = {Disposition.CERTIFIED_PENDING, Disposition.CERTIFIED_FINAL}


def movable(
    session: Session, rows: list[DispositionRow], action: str, *, dispensed: bool = False
) -> list[DispositionRow]:
    """The dispositions a decision moves. Containers already dispensed keep theirs, unless they wait for results too, or
    are in quarantine again because the record was corrected after they were dispensed. What was given is not rejected."""
    again, containers = Disposition.QUARANTINE, [row.container_id for row in rows]
    gone = {} if dispensed else dispensings_of(session, containers)
    chosen = [row for row in rows if row.status == again or row.container_id not in gone]
    if action == "reject":
        given = administered_containers(session, containers)
        chosen = [row for row in chosen if row.container_id not in given]
    return [row for row in chosen if not isinstance(DISPOSITION.transition(action, row.status), Refusal)]


def states_of(rows: list[DispositionRow]) -> str:
    return ", ".join(sorted({row.status for row in rows})) or "–"


def separation_refusals(session: Session, batch_id: str, person_id: str) -> tuple[Refusal, ...]:
    """S3 and S11, on persons and over the whole history; the dossier may let a reviewer certify, never a maker."""
    apart = () if reviewer_may_certify(session, get_batch(session, batch_id)) else reviewers(session, batch_id)
    return (
        *another_person(person_id, everyone_involved(session, batch_id), SOD_RELEASE),
        *another_person(person_id, apart, SOD_QA_QP),
    )


def certifier_refusals(session: Session, batch_id: str, person_id: str) -> tuple[Refusal, ...]:
    """Nor whoever released the batch for the sponsor, or makes both who dispensed it certifiers (S12)."""
    return (
        *separation_refusals(session, batch_id, person_id),
        *another_person(person_id, signers_of(session, batch_id, DecisionKind.SPONSOR), SOD_SPONSOR),
        *dispensing_pair_refusals(
            [two for two in dispensed_by_two(session, batch_id) if person_id in two],
            {*certifiers_of(session, batch_id), person_id},
        ),
    )


def reviewer_refusals(session: Session, batch_id: str, person_id: str) -> tuple[Refusal, ...]:
    """S3 and S11 again: nobody with a hand in the batch, and nobody who certified it, unless the dossier lets him."""
    apart = () if reviewer_may_certify(session, get_batch(session, batch_id)) else certifiers_of(session, batch_id)
    return (
        *another_person(person_id, everyone_involved(session, batch_id), SOD_RELEASE),
        *another_person(person_id, apart, SOD_QA_QP),
    )


def trained_refusals(session: Session, batch_id: str, person_id: str, at: datetime) -> tuple[Refusal, ...]:
    """Whoever signs a release is trained in it, by the specification that the batch froze (ATMP-3.2-TRAIN)."""
    version = get_batch(session, batch_id).specification_document_id
    return tuple(training_refusals(session, [Acted(person_id, RELEASE, at, version)]))


def pending_refusals(session: Session, batch_id: str, kind: DecisionKind) -> tuple[Refusal, ...]:
    """Stage 1 is for results that are awaited; without one it would promise a second stage that never comes."""
    return (NOTHING_PENDING(),) if kind is DecisionKind.STAGE1 and not awaits_results(session, batch_id) else ()


@one_look
def certification_refusals(
    session: Session,
    batch_id: str,
    kind: DecisionKind,
    person_id: str,
    at: datetime,
    facts: ReleaseFacts | None = None,
) -> tuple[Refusal, ...]:
    """Every reason but the answers of the form. The last results complete a certification that stands, no other."""
    return (
        *(void_refusals(session, batch_id) if kind is DecisionKind.STAGE2 else ()),
        *certifier_refusals(session, batch_id, person_id),
        *trained_refusals(session, batch_id, person_id, at),
        *release_refusals(facts or release_facts(session, batch_id, at), kind, at),
        *pending_refusals(session, batch_id, kind),
    )


def given_refusals(session: Session, batch_id: str) -> tuple[Refusal, ...]:
    """Why nothing can be decided anew about what was given: nothing was, or its certification stands."""
    if not given_rows(session, batch_id):
        state = states_of(dispositions_of(session, batch_id))
        return (STATE_NOT_ALLOWED(action="certify_given", record="disposition", state=state),)
    return () if voided_certificate(session, batch_id) else (CERTIFICATION_STANDS(),)


def state_refusals(session: Session, batch_id: str, action: str, *, dispensed: bool = False) -> tuple[Refusal, ...]:
    rows = dispositions_of(session, batch_id)
    if movable(session, rows, action, dispensed=dispensed):
        return ()
    return (STATE_NOT_ALLOWED(action=action, record="disposition", state=states_of(rows)),)


def certified_refusals(session: Session, batch_id: str) -> tuple[Refusal, ...]:
    rows = dispositions_of(session, batch_id)
    return () if any(row.status in CERTIFIED for row in rows) else (NOT_CERTIFIED(state=states_of(rows)),)


def release_for_trial_refusals(
    session: Session, batch_id: str, person_id: str, at: datetime, facts: ReleaseFacts | None = None
) -> tuple[Refusal, ...]:
    """Every reason against the sponsor's release but the answers of the form."""
    subject = get_subject(session, get_batch(session, batch_id).subject_id)
    trial = get_record(session, TrialRow, subject.trial_id)
    certified_by = signers_of(session, batch_id, *CERTIFICATES)
    return (
        *another_person(person_id, certified_by, SOD_SPONSOR),
        *trained_refusals(session, batch_id, person_id, at),
        *sponsor_refusals(
            facts or release_facts(session, batch_id, at),
            subject_status=subject.status,
            trial_status=trial.status,
            now=at,
        ),
    )


def weight_signing_refusals(
    session: Session, batch_id: str, person_id: str, at: datetime, facts: ReleaseFacts | None = None
) -> tuple[Refusal, ...]:
    weight = latest_weight(session, get_batch(session, batch_id).subject_id)
    signed = settled_weight(session, batch_id)
    same = weight is not None and signed is not None and weight.id == signed.id
    return (
        *separation_refusals(session, batch_id, person_id),
        *trained_refusals(session, batch_id, person_id, at),
        *new_weight_refusals(facts or release_facts(session, batch_id, at), same=same),
    )


def reviewing_refusals(
    session: Session, batch_id: str, person_id: str, at: datetime, facts: ReleaseFacts | None = None
) -> tuple[Refusal, ...]:
    """Every reason against the QA review but an explanation that is asked for in the form."""
    transition = BATCH.transition("review", get_batch(session, batch_id).status)
    if isinstance(transition, Refusal):
        return (transition,)
    separation = reviewer_refusals(session, batch_id, person_id)
    lacking = trained_refusals(session, batch_id, person_id, at)
    return (*separation, *lacking, *review_refusals(facts or release_facts(session, batch_id, at), at))
