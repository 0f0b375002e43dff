"""What QA reviews and signs, and the facts by which a release is judged."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.domain import GrantStatus, PersonStatus
from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.canonical import digest
from kernel.database import one_look
from kernel.quantities import exact
from kernel.training.queries import training_refusals
from labels.queries.labels import unreconciled_labels
from manufacturing.domain.batches import BatchStatus, StepStatus
from manufacturing.domain.deviations import DeviationClass, DeviationStatus
from manufacturing.domain.samples import unaccounted
from manufacturing.queries.batches import deviations_of, get_batch
from manufacturing.queries.collections import collections_of_batch
from manufacturing.queries.environment import standing_of_batch
from manufacturing.queries.equipment import equipment_of_batch
from manufacturing.queries.later_tests import long_storage_refusals
from manufacturing.queries.lot_uses import lot_refusals
from manufacturing.queries.places import custody_of
from manufacturing.queries.record import read_record
from manufacturing.queries.samples import samples_behind
from manufacturing.queries.steps import batch_steps, process_of
from manufacturing.queries.trial import get_subject, latest_weight
from manufacturing.tables.batches import BatchRow
from release.domain.criteria import Kind, Specification
from release.domain.decisions import DecisionKind, QcTestStatus
from release.domain.entries import is_from_records
from release.domain.oos import OosStatus
from release.domain.review import CULTURED, DeviationFacts, OosLine, ReleaseFacts, RequiredTest, StepFacts
from release.domain.scan_facts import HoldFacts
from release.ports import integrity_faults
from release.queries.differences import difference_documents, formulation_difference, uncounted_containers
from release.queries.dossiers import dossier_against, reviewer_may_certify
from release.queries.exceptions import list_exceptions, logins_of, refused_attempts
from release.queries.gathering import gather
from release.queries.judging import JudgedTest, batch_verdicts
from release.queries.oos import criterion_of_oos, oos_of_batch, oos_stories
from release.queries.records import (
    behind,
    everyone_involved,
    holds_of,
    latest_decision,
    reviewed_record,
    trail_behind,
)
from release.queries.separation import reviewers
from release.queries.testing import containers_of, specification_of
from release.queries.training import acted_on

ACCEPTED = {"accepted", "in_use", "consumed"}


def verdict_documents(judged: list[JudgedTest]) -> list[dict[str, Any]]:
    """The verdicts of now as a signer reads them."""
    return [
        {
            "criterion": one.criterion.name,
            "population": one.criterion.population,
            "outcome": outcome_shown(one),
            "value": one.value or one.verdict.reason,
            "limit": one.limit,
            "status": one.test.status,
            "basis": dict(one.basis),
            **({"test": one.test.number} if one.test.attempt or one.test.status == QcTestStatus.INVALIDATED else {}),
        }
        for one in judged
    ]


def outcome_shown(one: JudgedTest) -> str:
    """Of an invalid result the outcome it was verified with, whatever the child weighs now."""
    invalid = one.test.status == QcTestStatus.INVALIDATED
    return one.test.outcome if invalid and one.test.outcome else one.verdict.outcome.value


def judged_criteria(session: Session, batch_id: str) -> list[tuple[str, str]]:
    """Every criterion with its outcome as the records stand, and how far release and formulation counts are apart."""
    judged = [(one.criterion.name, one.verdict.outcome.value) for one in batch_verdicts(session, batch_id)]
    apart = hundredths(formulation_difference(session, batch_id))
    return judged if apart is None else [*judged, ("formulation and release count (%)", apart)]


def weight_document(session: Session, subject_id: str) -> dict[str, Any] | None:
    row = latest_weight(session, subject_id)
    return {"kg": row.kg, "measured at": row.measured_at, "id": row.id, "version": row.version} if row else None


def hundredths(value: Fraction | None) -> str | None:
    """To two decimals, cut; for reading only."""
    if value is None:
        return None
    number = int(value * 100)
    return f"{number // 100}.{number % 100:02d}"


@one_look
def review_content(session: Session, batch_id: str) -> dict[str, Any]:
    """What QA is shown and signs: exceptions first, then verdicts, then the whole record with its digest.

    Every exception is in it, however many are drawn at once; and the trail up to the newest line about the batch.
    """
    attempts = lambda: refused_attempts(session, get_batch(session, batch_id))  # noqa: E731
    gather(session, batch_id, attempts, lambda: logins_of(session, batch_id))
    batch = get_batch(session, batch_id)
    record = reviewed_record(session, batch_id)
    return {
        "title": batch.number,
        "exceptions": list_exceptions(session, batch),
        "verdicts": verdict_documents(batch_verdicts(session, batch_id, everything=True)),
        "out of specification": oos_stories(session, batch_id),
        "weight": weight_document(session, batch.subject_id),
        "counts of viable NK cells": difference_documents(session, batch),
        "difference in percent": hundredths(formulation_difference(session, batch_id)),
        "record": record,
        "record sha256": digest(record),
        "records": behind(session, batch_id),
        "trail": trail_behind(session, batch_id),
    }


def certifiers(session: Session, batch_id: str, at: datetime) -> list[str]:
    """Names of QPs whose role is valid now and who had no part in the batch or its review."""
    apart = set() if reviewer_may_certify(session, get_batch(session, batch_id)) else reviewers(session, batch_id)
    excluded = everyone_involved(session, batch_id) | apart
    query = (
        sa.select(PersonRow)
        .join(RoleGrantRow, RoleGrantRow.person_id == PersonRow.id)
        .where(
            PersonRow.status == PersonStatus.ACTIVE,
            RoleGrantRow.role == "QP",
            RoleGrantRow.status == GrantStatus.ACTIVE,
            sa.or_(RoleGrantRow.valid_until.is_(None), RoleGrantRow.valid_until > at),
        )
    )
    return sorted({row.full_name for row in session.execute(query).scalars() if row.id not in excluded})


@one_look
def release_facts(session: Session, batch_id: str, at: datetime) -> ReleaseFacts:
    """Everything the guards need to know, as it is now."""
    gather(session, batch_id)
    batch = get_batch(session, batch_id)
    material = collections_of_batch(session, batch)
    unaccepted = [one for one in material if one.accepted_at is None or one.status not in ACCEPTED]
    collection = (unaccepted or material)[0]
    specification = specification_of(session, batch)
    containers = containers_of(session, batch_id)
    review = latest_decision(session, batch_id, DecisionKind.REVIEW)
    custody, temperature = custody_of(session, [one.id for one in containers]) or (None, None)
    record = read_record(session, batch_id)
    return ReleaseFacts(
        custody=custody,
        lots=lot_refusals(session, batch),
        temperature=temperature,
        batch_status=BatchStatus(batch.status),
        collection=collection.number,
        collection_status=collection.status,
        accepted=not unaccepted,
        long_storage=long_storage_refusals(session, batch),
        steps=tuple(StepFacts(one.position, one.key, StepStatus(one.status)) for one in batch_steps(session, batch_id)),
        deviations=tuple(
            DeviationFacts(one.number, DeviationClass(one.classification), DeviationStatus(one.status))
            for one in deviations_of(session, batch_id)
        ),
        tests=tuple(required_test(one, specification) for one in batch_verdicts(session, batch_id)),
        oos=oos_lines(session, batch_id),
        containers=len(containers),
        equipment=equipment_of_batch(session, record),
        environment=standing_of_batch(session, record),
        training=tuple(training_refusals(session, acted_on(session, batch))),
        unreconciled_labels=unreconciled_labels(session, batch_id),
        samples=unaccounted(samples_behind(session, batch)),
        holds=tuple(HoldFacts(one.scope, one.reason, one.cause, one.id) for one in holds_of(session, batch)),
        subject=get_subject(session, batch.subject_id).code,
        weighed=latest_weight(session, batch.subject_id) is not None,
        expires_at=min((one.expires_at for one in containers), default=None),
        margin=timedelta(minutes=int(specification.transport_infusion_margin_minutes)),
        **by_its_documents(session, batch, specification),
        reviewed_at=review.decided_at if review else None,
        review_current=review is not None and review.content_sha256 == digest(reviewed_record(session, batch_id)),
        integrity_faults=tuple(integrity_faults(session, batch_id)),
        difference=formulation_difference(session, batch_id),
        uncounted=uncounted_containers(session, batch_id),
        tolerance=exact(specification.formulation_difference_percent),
        difference_answered=review is not None and bool(review.reason),
        certifiers=tuple(certifiers(session, batch_id, at)),
        since=waiting_since(session, batch),
    )


def by_its_documents(session: Session, batch: BatchRow, specification: Specification) -> dict[str, Any]:
    """What process, specification and dossier say about each other for this batch."""
    process = process_of(session, batch)
    done = [one for one in batch_steps(session, batch.id) if one.status != StepStatus.NOT_NEEDED]
    return {
        "dossier": dossier_against(session, batch),
        "action_plan": specification.positive_sterility_plan,
        "mycoplasma_omitted": bool(specification.mycoplasma_omitted),
        "cultured": tuple(one.title for one in done if process.step(one.position).stage == CULTURED),
    }


def oos_lines(session: Session, batch_id: str) -> tuple[OosLine, ...]:
    rows = oos_of_batch(session, batch_id)
    return tuple(OosLine(one.number, criterion_of_oos(session, one).name, OosStatus(one.status)) for one in rows)


def required_test(one: JudgedTest, specification: Specification) -> RequiredTest:
    return RequiredTest(
        name=one.criterion.name,
        status=QcTestStatus(one.test.status),
        outcome=one.verdict.outcome,
        mandatory=one.criterion.mandatory,
        may_wait=one.test.criterion in specification.pending_allowed,
        in_test=one.criterion.kind is not Kind.STERILITY or one.test.inoculated_at is not None,
        from_records=is_from_records(one.criterion),
        per_kg=one.criterion.per_kg,
        value=one.value,
        limit=one.limit,
        why=one.verdict.reason,
    )


def waiting_since(session: Session, batch: BatchRow) -> dict[str, datetime]:
    """Since when each guard could have been settled."""
    complete = batch.completed_at or batch.opened_at
    found = dict.fromkeys(
        (
            "results",
            "review",
            "labels",
            "samples",
            "weight",
            "difference",
            "integrity",
            "people",
            "training",
            "lots",
        ),
        complete,
    )
    found |= {"steps": batch.opened_at, "donor": batch.opened_at}
    deviations = [one.raised_at for one in deviations_of(session, batch.id) if one.status != DeviationStatus.CLOSED]
    holds = holds_of(session, batch)
    if deviations:
        found["deviations"] = min(deviations)
    for key, chosen in (("trial", [one for one in holds if one.scope == "trial"]), ("holds", holds)):
        if chosen:
            found[key] = min(one.since for one in chosen)
    return found
