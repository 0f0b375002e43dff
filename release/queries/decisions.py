"""What a decision is signed on, whether its weight still stands, and the decisions as certificates."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.canonical import digest
from kernel.database import one_look
from kernel.quantities import exact, expanded
from kernel.refusals import Refusal
from kernel.tables import SignatureRow
from labels.queries.labels import labels_of_batch
from manufacturing.domain.expiry import local_text
from manufacturing.queries.batch_content import frozen_version, identity
from manufacturing.queries.batches import deviations_of, get_batch
from manufacturing.queries.corrections import record_changed_since
from manufacturing.queries.deviations import deviation_facts
from manufacturing.queries.trial import get_subject, latest_weight
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.trial import TrialRow, WeightRow
from release.domain.criteria import Specification
from release.domain.decisions import DecisionKind
from release.domain.guards import weight_changes
from release.domain.refusals import WEIGHT_CHANGED, WEIGHT_MISSING, WEIGHT_STALE
from release.domain.results import Outcome
from release.domain.statements import NAMES
from release.queries.dossiers import dossier_of
from release.queries.exceptions import logins_of, refused_attempts
from release.queries.gathering import gather
from release.queries.judging import JudgedTest, batch_verdicts
from release.queries.oos import oos_stories
from release.queries.records import behind, dispositions_of, holds_of, latest_decision, reviewed_record
from release.queries.review import verdict_documents, weight_document
from release.queries.testing import containers_of, get_record, pending_tests, specification_of
from release.queries.voided import superseding, voided_certificate
from release.tables.decisions import DecisionRow

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
RESTING = (
    DecisionKind.REVIEW,
    DecisionKind.STAGE1,
    DecisionKind.FULL,
    DecisionKind.STAGE2,
    DecisionKind.GIVEN,
    DecisionKind.SPONSOR,
    DecisionKind.WEIGHT,
    DecisionKind.OOS_SUPPLY,
)
WEIGHED = (DecisionKind.STAGE1, DecisionKind.FULL, DecisionKind.WEIGHT, DecisionKind.OOS_SUPPLY)


def settled_weight(session: Session, batch_id: str) -> WeightRow | None:
    """The weight the QP last signed for."""
    decision = latest_decision(session, batch_id, *WEIGHED)
    return session.get(WeightRow, decision.weight_id) if decision and decision.weight_id else None


def outcomes_per_kg(judged: list[JudgedTest]) -> dict[str, Outcome]:
    return {one.criterion.name: one.verdict.outcome for one in judged if one.criterion.per_kg}


def weight_is_settled(session: Session, batch_id: str, *, at: datetime) -> tuple[Refusal, ...]:
    """Why the subject's weight does not allow a use of this batch now (decision 29); none before a certification.

    A weight exactly as old as the limit, or changed by exactly the tolerance, still stands.
    """
    batch = get_batch(session, batch_id)
    subject = get_subject(session, batch.subject_id)
    specification = specification_of(session, batch)
    current = latest_weight(session, subject.id)
    if current is None:
        return (WEIGHT_MISSING(subject=subject.code),)
    refusals: list[Refusal] = []
    if too_old(current, specification, at):
        days = expanded(specification.weight_max_age_days)
        refusals.append(WEIGHT_STALE(subject=subject.code, at=local_text(current.measured_at), days=days))
    signed = settled_weight(session, batch_id)
    if signed is not None and signed.id != current.id:
        before = outcomes_per_kg(batch_verdicts(session, batch_id, weight=signed))
        after = outcomes_per_kg(batch_verdicts(session, batch_id, weight=current))
        changed = tuple(name for name, outcome in after.items() if before.get(name) != outcome)
        if why := weight_changes(signed.kg, current.kg, specification.weight_tolerance_percent, changed):
            facts = {"old": expanded(signed.kg), "new": expanded(current.kg), "why": ", ".join(why)}
            refusals.append(WEIGHT_CHANGED(**facts))
    return tuple(refusals)


def too_old(weight: WeightRow, specification: Specification, at: datetime) -> bool:
    longest = timedelta(microseconds=int(exact(specification.weight_max_age_days) * 86_400_000_000))
    return at - weight.measured_at > longest


@one_look
def decision_content(session: Session, batch_id: str) -> dict[str, Any]:
    """What every decision on a batch is signed on: verdicts of now, weight, pending tests, review, record.

    The form shows what deviated beside it, so what that takes is read in the same round.
    """
    attempts = lambda: refused_attempts(session, get_batch(session, batch_id))  # noqa: E731
    gather(session, batch_id, attempts, lambda: logins_of(session, batch_id))
    batch = get_batch(session, batch_id)
    subject = get_subject(session, batch.subject_id)
    trial = get_record(session, TrialRow, subject.trial_id)
    signed = settled_weight(session, batch_id)
    review = latest_decision(session, batch_id, DecisionKind.REVIEW)
    voided = voided_certificate(session, batch_id)
    return {
        "title": batch.number,
        "certification that no longer stands": voided.document() if voided else None,
        "batch": {
            "number": batch.number,
            "version": batch.version,
            "status": batch.status,
            **identity(session, batch),
            "process": frozen_version(session, batch.process_document_id),
            "specification": frozen_version(session, batch.specification_document_id),
            "dossier": str(dossier_of(session, batch) or ""),
            "expires at": batch.expires_at,
        },
        "trial": {"code": trial.code, "version": trial.version, "status": trial.status},
        "subject": {"code": subject.code, "version": subject.version, "status": subject.status},
        "results": verdict_documents(batch_verdicts(session, batch_id, everything=True)),
        "out of specification": oos_stories(session, batch_id),
        "pending": [one.document() for one in pending_tests(session, batch_id)],
        "weight": weight_document(session, subject.id),
        "weight signed before": {"kg": signed.kg, "id": signed.id} if signed else None,
        "deviations": [deviation_facts(one) for one in deviations_of(session, batch_id)],
        "open holds": [hold.document() for hold in holds_of(session, batch)],
        "labels": [
            {"field": one.short_number, "value": one.status, "version": one.version}
            for one in labels_of_batch(session, batch_id)
        ],
        "containers": container_documents(session, batch_id),
        "review": review_document(review, names(session)),
        "record sha256": digest(reviewed_record(session, batch_id)),
        "records": behind(session, batch_id),
    }


def container_documents(session: Session, batch_id: str) -> list[dict[str, Any]]:
    states = {row.container_id: row for row in dispositions_of(session, batch_id)}
    return [container_document(one, states.get(one.id)) for one in containers_of(session, batch_id)]


def container_document(container: ContainerRow, state: Any) -> dict[str, Any]:
    return {
        "container": container.code,
        "volume (mL)": container.volume_ml,
        "viable NK cells": container.viable_nk,
        "expires at": container.expires_at,
        "disposition": state.status if state else None,
        "sponsor released": state.sponsor_released if state else None,
        "version": state.version if state else None,
    }


def review_document(review: DecisionRow | None, people: dict[str, str]) -> dict[str, Any] | None:
    if review is None:
        return None
    return {
        "by": people.get(review.decided_by, review.decided_by),
        "at": review.decided_at,
        "answer": review.reason,
        "record sha256": review.content_sha256,
    }


def acknowledgements(session: Session, decision: DecisionRow) -> list[DecisionRow]:
    """Answers to this late result; each names it in its basis."""
    return acknowledged(session, [decision])[decision.id]


def acknowledged(session: Session, late: Collection[DecisionRow]) -> dict[str, list[DecisionRow]]:
    """The answers to each of these late results."""
    query = sa.select(DecisionRow).where(
        DecisionRow.batch_id.in_({row.batch_id for row in late}), DecisionRow.kind == DecisionKind.ACKNOWLEDGED
    )
    found: dict[str, list[DecisionRow]] = {row.id: [] for row in late}
    for row in session.execute(query.order_by(DecisionRow.id)).scalars():
        found.get(str(basis_of(row).get("late_oos")), []).append(row)
    return found


def told_roles(decision: DecisionRow, answers: list[DecisionRow]) -> list[str]:
    """The roles that know of a late failure: who answered it, and the QP who found it himself."""
    found = [basis_of(one).get("role") for one in (decision, *answers)]
    return [str(role) for role in found if role]


def basis_of(decision: DecisionRow) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(decision.basis)
    return document


def decision_view(session: Session, decision: DecisionRow) -> dict[str, Any]:
    """A decision as a certificate: what was signed, by whom, on what, under which head of the trail."""
    return decision_views(session, [decision])[0]


def decision_views(session: Session, decisions: Sequence[DecisionRow]) -> list[dict[str, Any]]:
    """The same of many, their signatures in one query."""
    signed = signatures_of(session, [one.id for one in decisions])
    return [signed_view(session, one, signed[one.id]) for one in decisions]


def signed_view(session: Session, decision: DecisionRow, signed: Sequence[SignatureRow]) -> dict[str, Any]:
    return {
        **decision_line(session, decision),
        "statement": decision.statement,
        "basis": basis_of(decision),
        "content_sha256": decision.content_sha256,
        "supersedes": reference(session.get(DecisionRow, decision.supersedes_id) if decision.supersedes_id else None),
        "superseding_reason": decision.superseding_reason,
        "signatures": [signature_view(row) for row in signed],
    }


def decision_line(session: Session, decision: DecisionRow) -> dict[str, Any]:
    """A decision among the others of its batch."""
    people = names(session)
    return {
        "id": decision.id,
        "kind": decision.kind,
        "name": NAMES[DecisionKind(decision.kind)],
        "register_number": decision.register_number,
        "by": people.get(decision.decided_by, "NKTrace"),
        "at": decision.decided_at,
        "reason": decision.reason,
        "pending": [awaited(one) for one in json.loads(decision.pending)],
        "void_since": void_since(session, decision),
        "superseded_by": reference(superseding(session, decision)),
    }


def reference(decision: DecisionRow | None) -> dict[str, Any] | None:
    """Another decision as one refers to it."""
    if decision is None:
        return None
    return {"id": decision.id, "register_number": decision.register_number, "at": decision.decided_at}


def void_since(session: Session, decision: DecisionRow) -> datetime | None:
    """When the record a decision rests on was changed after it (A11D-13); None: it stands, or rests on no record."""
    if decision.kind not in RESTING:
        return None
    return record_changed_since(session, decision.batch_id, decision.decided_at)


def revived(value: Any) -> Any:
    """What was written down as canonical JSON, its instants as instants again."""
    if isinstance(value, dict):
        return {key: revived(item) for key, item in value.items()}
    if isinstance(value, list):
        return [revived(item) for item in value]
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return datetime.fromisoformat(value)
    return value


def awaited(one: dict[str, Any]) -> dict[str, Any]:
    """A pending test as it was written down, its date as an instant again."""
    expected = one.get("expected_at")
    return {**one, "expected_at": datetime.fromisoformat(expected) if expected else None}


def signatures_of(session: Session, record_ids: Collection[str]) -> dict[str, list[SignatureRow]]:
    """By record, the oldest first."""
    query = (
        sa.select(SignatureRow)
        .where(SignatureRow.record_id.in_(record_ids))
        .order_by(SignatureRow.signed_at, SignatureRow.record_version)
    )
    found: dict[str, list[SignatureRow]] = {one: [] for one in record_ids}
    for row in session.execute(query).scalars():
        found[row.record_id].append(row)
    return found


def signature_view(row: SignatureRow) -> dict[str, Any]:
    """Full name, time and meaning (21 CFR 11.50), and the head of the trail at that moment."""
    document = json.loads(row.document)
    return {
        "name": row.signer_name,
        "at": row.signed_at,
        "meaning": row.meaning,
        "head_seq": document["head_seq"],
        "head_hash": document["head_hash"],
        "key_id": row.key_id,
    }


def next_register_number(session: Session) -> int:
    """One more than the last; the caller holds the head of the trail, so that no two get the same (A16-REG)."""
    highest = session.execute(sa.select(sa.func.max(DecisionRow.register_number))).scalar()
    return (highest or 0) + 1


def total_viable_nk(session: Session, batch_id: str) -> Decimal:
    return sum((one.viable_nk for one in containers_of(session, batch_id)), Decimal(0))
