"""What the trial's figures are read from: the columns they rest on, of a whole trial or of a few of its subjects.

Each question reads one kind of record with what decides about it; within a page all of them travel in one statement
(docs/decisions/0023).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import ask_together
from kernel.documents.tables import DocumentRow
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.corrections import StepCorrectionRow
from manufacturing.tables.trial import SubjectRow, TrialRow, WeightRow
from release.domain.criteria import Formula
from release.domain.decisions import QcTestStatus
from release.queries.testing import concentration_of
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.dispensing import AdministrationRow, DispensingRow, ReactionRow
from release.tables.downtime import DowntimeEntryRow
from release.tables.testing import QcTestRow, ResultRow

Grouped = dict[str, list[Any]]
Rows = Sequence[Any]
"""Rows with the named columns alone."""
FIGURE_TABLES = (
    TrialRow,
    SubjectRow,
    WeightRow,
    CollectionRow,
    BatchRow,
    ContainerRow,
    DispositionRow,
    DecisionRow,
    DispensingRow,
    AdministrationRow,
    DowntimeEntryRow,
    ReactionRow,
    StepCorrectionRow,
    DocumentRow,
    QcTestRow,
    ResultRow,
)
"""What the histories are read from: an act that wrote none of these changes no figure."""


@dataclass
class Records:
    """Rows by the id of what they belong to. ``administrations``: by container, each with the kg it was given for,
    whether it was supplied out of specification and whether something of it was refused on paper."""

    subjects: Rows
    collections: Grouped
    batches: Grouped
    containers: Grouped
    dispositions: Grouped
    decisions: Grouped
    administrations: Grouped
    reactions: Grouped
    corrections: Grouped
    concentrations: dict[str, Fraction]


def load_records(session: Session, trial: TrialRow, subject_ids: Sequence[str] | None = None) -> Records:
    """Of every subject of the trial, or of these; as many statements for one as for thousands."""
    chosen = SubjectRow.trial_id == trial.id
    if subject_ids is not None:
        chosen = sa.and_(chosen, SubjectRow.id.in_(subject_ids))
    asked = {name: partial(read, session, query.where(chosen)) for name, query in QUERIES.items()}
    counted = partial(nk_concentrations, session, chosen)
    ask_together(session, ("records", trial.id, tuple(subject_ids or ())), *asked.values(), counted)
    found = {name: question() for name, question in asked.items()}
    return Records(
        subjects=found["subjects"],
        collections=grouped(found["collections"], "subject_id"),
        batches=grouped(found["batches"], "subject_id"),
        containers=grouped(found["containers"], "batch_id"),
        dispositions=grouped(found["dispositions"], "batch_id"),
        decisions=grouped(found["decisions"], "batch_id"),
        administrations=grouped(found["administrations"], "container_id"),
        reactions=grouped(found["reactions"], "administration_id"),
        corrections=grouped(found["corrections"], "batch_id"),
        concentrations=counted(),
    )


def read(session: Session, query: sa.Select[Any]) -> Rows:
    return session.execute(query).all()


def grouped(rows: Rows, key: str) -> Grouped:
    found: Grouped = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


def refused_on_paper() -> Any:
    """A condition on dispensings: something of it was done on paper during a downtime that NKTrace refuses; never in F."""
    return sa.exists().where(
        DowntimeEntryRow.dispensing_id == DispensingRow.id, DowntimeEntryRow.deviation_id.is_not(None)
    )


def of_subject(table: type[Any], *columns: Any) -> sa.Select[Any]:
    return sa.select(*columns).select_from(table).join(SubjectRow, SubjectRow.id == table.subject_id).order_by(table.id)


def of_batch(table: type[Any], *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(table.batch_id, *columns)
        .select_from(table)
        .join(BatchRow, BatchRow.id == table.batch_id)
        .join(SubjectRow, SubjectRow.id == BatchRow.subject_id)
        .order_by(table.id)
    )


def given(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(AdministrationRow)
        .join(DispensingRow, DispensingRow.id == AdministrationRow.dispensing_id)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .join(SubjectRow, SubjectRow.id == ContainerRow.subject_id)
    )


QUERIES: dict[str, sa.Select[Any]] = {
    "subjects": sa.select(
        *(SubjectRow.id, SubjectRow.code, SubjectRow.status, SubjectRow.included_at, SubjectRow.drop_reason),
        *(SubjectRow.transplanted_on, SubjectRow.consented_on, SubjectRow.donor_type),
        *(SubjectRow.age_years, SubjectRow.age_months, SubjectRow.eighteenth_birthday),
    ).order_by(SubjectRow.id),
    "collections": of_subject(
        CollectionRow, CollectionRow.subject_id, CollectionRow.accepted_at, CollectionRow.received_at
    ),
    "batches": of_subject(
        BatchRow,
        *(BatchRow.id, BatchRow.subject_id, BatchRow.number, BatchRow.status, BatchRow.expires_at),
        *(BatchRow.completed_at, BatchRow.started_at, BatchRow.opened_at, BatchRow.specification_document_id),
    ),
    "containers": of_batch(ContainerRow, ContainerRow.id, ContainerRow.number, ContainerRow.expires_at),
    "dispositions": of_batch(DispositionRow, DispositionRow.status),
    "decisions": of_batch(
        DecisionRow, DecisionRow.kind, DecisionRow.sequence, DecisionRow.decided_at, DecisionRow.pending
    ),
    "administrations": given(
        *(AdministrationRow.id, DispensingRow.container_id, DispensingRow.out_of_specification),
        *(AdministrationRow.outcome, AdministrationRow.started_at, AdministrationRow.volume_given_ml),
        *(AdministrationRow.bedside_verdict, AdministrationRow.no_reaction_confirmed),
        *(WeightRow.kg, refused_on_paper().label("refused_on_paper")),
    )
    .outerjoin(WeightRow, WeightRow.id == AdministrationRow.weight_id)
    .order_by(AdministrationRow.started_at, AdministrationRow.id),
    "reactions": given(
        *(ReactionRow.administration_id, ReactionRow.grade, ReactionRow.relatedness, ReactionRow.adjudicated),
        *(ReactionRow.recorded_at, ReactionRow.serious),
    )
    .join(ReactionRow, ReactionRow.administration_id == AdministrationRow.id)
    .order_by(ReactionRow.id),
    "corrections": of_batch(StepCorrectionRow, StepCorrectionRow.corrected_at),
}


def nk_concentrations(session: Session, chosen: sa.ColumnElement[bool]) -> dict[str, Fraction]:
    """Viable NK cells per mL by batch: the verified release result of the frozen specification's dose criterion."""
    frozen = sa.select(BatchRow.specification_document_id).join(SubjectRow, SubjectRow.id == BatchRow.subject_id)
    bodies = sa.select(DocumentRow.id, DocumentRow.body).where(DocumentRow.id.in_(frozen.where(chosen)))
    keys = {document_id: dose_keys(body) for document_id, body in read(session, bodies)}
    wanted = {criterion for each in keys.values() for criterion in each}
    query = of_batch(
        QcTestRow,
        *(BatchRow.specification_document_id, QcTestRow.criterion, ResultRow.number, ResultRow.replicates),
        *(ResultRow.events, ResultRow.bead_events, ResultRow.beads_per_tube),
        *(ResultRow.sample_volume, ResultRow.dilution),
    ).join(ResultRow, ResultRow.id == QcTestRow.result_id)
    dose = query.where(
        chosen, QcTestRow.criterion.in_(wanted), QcTestRow.status == QcTestStatus.VERIFIED, ResultRow.operator != "<"
    )
    found: dict[str, Fraction] = {}
    for row in read(session, dose) if wanted else ():
        own = row.criterion in keys.get(row.specification_document_id, ())
        per_ml = concentration_of(row) if own else None
        if per_ml is not None:
            found[row.batch_id] = min(per_ml, found.get(row.batch_id, per_ml))  # of the values of a retest, the lowest
    return found


@lru_cache(maxsize=64)
def dose_keys(body: str) -> tuple[str, ...]:
    """Criteria with a lower limit per kg: the dose of the infusion."""
    return tuple(
        one["key"]
        for one in json.loads(body).get("criteria", ())
        if one.get("formula") == Formula.DOSE_PER_KG and one.get("comparison") in {"at_least", "more_than", "between"}
    )
