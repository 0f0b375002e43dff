"""The records a release rests on: what the QA review covers, decisions and dispositions, everything to be verified."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import asked_once, one_look
from kernel.db import Audited
from kernel.documents.queries import get_document
from kernel.documents.tables import DocumentRow
from labels.queries.labels import labels_of_batch
from manufacturing.domain.places import PlaceClass
from manufacturing.queries.batch_content import (
    container_facts,
    frozen_version,
    identity,
    pause_facts,
    step_facts,
)
from manufacturing.queries.batches import deviations_of, get_batch, pauses_of
from manufacturing.queries.collections import collections_of_batch, get_donor, markers_of, uses_of
from manufacturing.queries.conditions import decision_facts
from manufacturing.queries.conditions import decisions_of as decisions_of_parts
from manufacturing.queries.corrections import step_corrections
from manufacturing.queries.deviations import deviation_facts, entries_of
from manufacturing.queries.entries import entries_of_batch
from manufacturing.queries.environment import environment_facts, environment_of_batch
from manufacturing.queries.equipment import equipment_in_batch, use_document
from manufacturing.queries.hands import people_of_batches
from manufacturing.queries.history import newest_link
from manufacturing.queries.holds import OpenHold, open_holds
from manufacturing.queries.imports import import_records
from manufacturing.queries.later_tests import later_tests_of
from manufacturing.queries.lot_uses import lot_records, use_facts, used_in_batch
from manufacturing.queries.measurements import measurements_of_batch
from manufacturing.queries.places import moves_of
from manufacturing.queries.samples import sample_facts, samples_of_batch
from manufacturing.queries.steps import batch_steps, process_of, values_of_batch
from manufacturing.queries.transcriptions import transcriptions_of
from manufacturing.queries.trial import get_subject, weights_of
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.trial import HoldRow
from release.domain.decisions import Disposition
from release.queries.oos import oos_records, oos_stories
from release.queries.supplies import supply_records
from release.queries.testing import (
    containers_of,
    people_of_tests,
    required_tests,
    result_document,
    results_by_test,
    specification_of,
)
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.destructions import DestructionRow

CERTIFIED = {Disposition.CERTIFIED_PENDING, Disposition.CERTIFIED_FINAL}


@asked_once
def dispositions_of(session: Session, batch_id: str) -> list[DispositionRow]:
    query = sa.select(DispositionRow).where(DispositionRow.batch_id == batch_id).order_by(DispositionRow.container_id)
    return list(session.execute(query).scalars())


def container_classes(session: Session, container_ids: Collection[str]) -> dict[str, PlaceClass]:
    """Where a container belongs: released means certified and released by the sponsor; nothing known is quarantine."""
    found = dict.fromkeys(container_ids, PlaceClass.QUARANTINE)
    query = sa.select(DispositionRow).where(DispositionRow.container_id.in_(container_ids))
    for row in session.execute(query).scalars():
        if row.status == Disposition.REJECTED:
            found[row.container_id] = PlaceClass.REJECTED
        elif row.sponsor_released and row.status in CERTIFIED:
            found[row.container_id] = PlaceClass.RELEASED
    return found


def disposition_of(session: Session, container_id: str) -> DispositionRow:
    query = sa.select(DispositionRow).where(DispositionRow.container_id == container_id)
    return session.execute(query).scalar_one()


@asked_once
def decisions_of(session: Session, batch_id: str) -> list[DecisionRow]:
    """Oldest first."""
    return decisions_by_batch(session, [batch_id])[batch_id]


def decisions_by_batch(session: Session, batch_ids: Collection[str]) -> dict[str, list[DecisionRow]]:
    order = (DecisionRow.sequence, DecisionRow.decided_at, DecisionRow.id)
    found: dict[str, list[DecisionRow]] = {batch_id: [] for batch_id in batch_ids}
    query = sa.select(DecisionRow).where(DecisionRow.batch_id.in_(batch_ids)).order_by(*order)
    for row in session.execute(query).scalars():
        found[row.batch_id].append(row)
    return found


def latest_decision(session: Session, batch_id: str, *kinds: str) -> DecisionRow | None:
    """The newest decision of one of these kinds."""
    return newest(decisions_of(session, batch_id), *kinds)


def newest(decisions: list[DecisionRow], *kinds: str) -> DecisionRow | None:
    return next((row for row in reversed(decisions) if row.kind in kinds), None)


def holds_of(session: Session, batch: BatchRow) -> list[OpenHold]:
    """Open holds on the batch, on what it is made from and for, and on its containers (decision 26)."""
    subject = get_subject(session, batch.subject_id)
    material = [one.id for one in collections_of_batch(session, batch)]
    filled = [one.id for one in containers_of(session, batch.id)]
    above = {"trial": subject.trial_id, "subject": subject.id, "batch": batch.id}
    found = open_holds(session, **above, collections=material, containers=filled)
    return sorted(found, key=lambda one: filled.index(one.record_id) if one.record_id in filled else -1)


@asked_once
def all_holds(session: Session, batch_id: str) -> list[HoldRow]:
    """Holds on the batch itself, lifted ones too."""
    query = sa.select(HoldRow).where(HoldRow.record_id == batch_id).order_by(HoldRow.set_at, HoldRow.id)
    return list(session.execute(query).scalars())


def everyone_involved(session: Session, batch_id: str) -> set[str]:
    """Who performed or verified any step, or entered or verified any result (S3)."""
    return involved_by_batch(session, [batch_id])[batch_id]


def involved_by_batch(session: Session, batch_ids: Collection[str]) -> dict[str, set[str]]:
    made, tested = people_of_batches(session, batch_ids), people_of_tests(session, batch_ids)
    return {batch_id: made[batch_id] | tested[batch_id] for batch_id in batch_ids}


@one_look
def reviewed_record(session: Session, batch_id: str) -> dict[str, Any]:
    """What the QA review covers; whatever changes in it makes the review stale (QA-REVIEW).

    Neither weights nor decisions are in it: a new weight is the QP's matter (decision 29).
    """
    batch = get_batch(session, batch_id)
    process, values = process_of(session, batch), values_of_batch(session, batch_id)
    steps, papers = batch_steps(session, batch_id), transcriptions_of(session, batch_id)
    return {
        "batch": {
            "number": batch.number,
            **identity(session, batch),
            "process": frozen_version(session, batch.process_document_id),
            "specification": frozen_version(session, batch.specification_document_id),
            "room": batch.room,
            "formulated at": batch.formulated_at,
            "expires at": batch.expires_at,
            "completed at": batch.completed_at,
        },
        "starting material": material_facts(session, batch),
        "equipment": [use_document(one) for one in equipment_in_batch(session, batch_id)],
        "environment": [environment_facts(session, one) for one in environment_of_batch(session, batch_id)],
        "steps": [step_facts(step, process.step(step.position), values.get(step.id, [])) for step in steps],
        "containers": [container_facts(one, process) for one in containers_of(session, batch_id)],
        "labels": [
            {"label": one.short_number, "version": one.version, "status": one.status, "reason": one.reason}
            for one in labels_of_batch(session, batch_id)
        ],
        "materials": [use_facts(one) for one in used_in_batch(session, batch_id)],
        "samples": [sample_facts(one) for one in samples_of_batch(session, batch_id)],
        "deviations": [deviation_facts(one) for one in deviations_of(session, batch_id)],
        "pauses": [pause_facts(one) for one in pauses_of(session, batch_id)],
        "tests": record_of_tests(session, batch),
        "out of specification": oos_stories(session, batch_id),
        "parts decided": [decision_facts(one, process) for one in decisions_of_parts(session, batch_id)],
        "copied from paper": [
            {
                "field": f"{step.position} " + step.title,
                "value": papers[step.id].paper,
                "version": papers[step.id].version,
            }
            for step in steps
            if step.id in papers
        ],
        "holds": [
            {"cause": one.cause, "reason": one.reason, "set at": one.set_at, "lifted at": one.lifted_at}
            for one in all_holds(session, batch_id)
        ],
    }


def material_facts(session: Session, batch: BatchRow) -> dict[str, Any]:
    first, *joined = [one_material(session, one) for one in collections_of_batch(session, batch)]
    return {**first, **({"joined by": joined} if joined else {})}


def one_material(session: Session, collection: CollectionRow) -> dict[str, Any]:
    return {
        "collection": collection.number,
        "accepted at": collection.accepted_at,
        "assessment": collection.assessment,
        "authorised at risk": collection.at_risk_assessment,
        "markers": [
            {"field": one.marker, "value": one.result, "version": one.version}
            for one in markers_of(session, collection.id)
        ],
    }


def record_of_tests(session: Session, batch: BatchRow) -> list[dict[str, Any]]:
    """Every test with every value ever entered (QC-SHOWALL)."""
    people = names(session)
    specification = specification_of(session, batch)
    results = results_by_test(session, batch.id)
    found = []
    for test in required_tests(session, batch.id):
        criterion = specification.criterion(test.criterion)
        found.append(
            {
                "test": test.number,
                "criterion": criterion.name if criterion else test.criterion,
                "status": test.status,
                "outcome": test.outcome,
                "version": test.version,
                "entries": [result_document(row, people) for row in results[test.id]],
            }
        )
    return found


@one_look
def records_of_batch(session: Session, batch_id: str) -> list[Audited]:
    """Every record a release rests on, for the check of trail and signatures (INT-VERIFY)."""
    batch = get_batch(session, batch_id)
    tests = required_tests(session, batch_id)
    results = results_by_test(session, batch_id)
    deviations = deviations_of(session, batch_id)
    collections = collections_of_batch(session, batch)
    return [
        batch,
        *collections,
        get_donor(session, batch.donor_id),
        get_subject(session, batch.subject_id),
        get_document(session, batch.specification_document_id),
        get_document(session, batch.process_document_id),
        *weights_of(session, batch.subject_id),
        *(marker for one in collections for marker in markers_of(session, one.id)),
        *batch_steps(session, batch_id),
        *(value for values in values_of_batch(session, batch_id).values() for value in values),
        *(entry for entries in entries_of_batch(session, batch_id).values() for entry in entries),
        *step_corrections(session, batch_id),
        *transcriptions_of(session, batch_id).values(),
        *import_records(session, batch_id),
        *decisions_of_parts(session, batch_id),
        *(one for rows in measurements_of_batch(session, batch_id).values() for one in rows),
        *(one.use for one in equipment_in_batch(session, batch_id)),
        *environment_of_batch(session, batch_id),
        *containers_of(session, batch_id),
        *labels_of_batch(session, batch_id),
        *samples_of_batch(session, batch_id),
        *lot_records(session, batch_id),
        *deviations,
        *entries_of(session, *(one.id for one in deviations)),
        *pauses_of(session, batch_id),
        *all_holds(session, batch_id),
        *oos_records(session, batch_id),
        *tests,
        *(row for test in tests for row in results[test.id]),
        *dispositions_of(session, batch_id),
        *decisions_of(session, batch_id),
        *supply_records(session, batch_id),
        *destructions_of(session, batch_id),
    ]


def all_behind(session: Session, batch_id: str) -> list[Audited]:
    """Every record whose change makes a page on this batch an old one: what a release rests on, what was taken of its
    material, later tests of it, moves of its containers and the devices that were used. Not the frozen documents: a later
    version retires them and changes no word of theirs, and their digests stand in the content."""
    batch = get_batch(session, batch_id)
    material = [one.id for one in collections_of_batch(session, batch)]
    return [
        *(one for one in records_of_batch(session, batch_id) if not isinstance(one, DocumentRow)),
        *(one for whole in material for one in (*uses_of(session, whole), *later_tests_of(session, whole))),
        *moves_of(session, [one.id for one in containers_of(session, batch_id)]),
        *{one.equipment.id: one.equipment for one in equipment_in_batch(session, batch_id)}.values(),
    ]


def behind(session: Session, batch_id: str) -> dict[str, dict[str, int]]:
    """By table: how many records a decision rests on, and in how many versions. Each change adds one, a change back too,
    so whoever was shown other numbers was shown another record (SIG-WYSIWYS)."""
    found: dict[str, dict[str, int]] = {}
    for row in all_behind(session, batch_id):
        counted = found.setdefault(row.__tablename__, {"records": 0, "versions": 0})
        counted["records"] += 1
        counted["versions"] += row.version
    return found


def trail_behind(session: Session, batch_id: str) -> dict[str, Any]:
    """How many lines of the trail tell of the records a decision rests on, and the newest of them with its hash."""
    return newest_link(session, {one.id for one in all_behind(session, batch_id)})


@asked_once
def destructions_of(session: Session, batch_id: str) -> list[DestructionRow]:
    return list(session.execute(sa.select(DestructionRow).where(DestructionRow.batch_id == batch_id)).scalars())
