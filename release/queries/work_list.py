"""What the Work page asks of the deciding half: every question finds all that waits, however much of it is shown."""

from __future__ import annotations

import functools
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.documents.queries import get_document
from manufacturing.domain.batches import BatchStatus
from manufacturing.queries.hands import worked_on
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.trial import WeightRow
from release.domain.decisions import DecisionKind, Disposition, QcTestStatus
from release.domain.entries import FROM_RECORDS
from release.queries.decisions import WEIGHED
from release.queries.testing import CLOSED, parsed_specification, tested_by
from release.queries.waiting import CERTIFIED, condition, undispensed, with_disposition
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.testing import QcTestRow, ResultRow

CULTURES = (QcTestStatus.IN_TEST, QcTestStatus.INTERIM)


def tests_in(*statuses: QcTestStatus) -> sa.Select[tuple[QcTestRow, BatchRow]]:
    """Asks for tests in these states of batches that were not ended, each with its batch."""
    query = sa.select(QcTestRow, BatchRow).join(BatchRow, BatchRow.id == QcTestRow.batch_id)
    return query.where(QcTestRow.status.in_(statuses), BatchRow.status != BatchStatus.TERMINATED)


def measured_by_others(person_id: str) -> sa.ColumnElement[bool]:
    """A condition on tests: this person neither inoculated nor entered anything of it (S2)."""
    own = sa.exists().where(ResultRow.test_id == QcTestRow.id, ResultRow.entered_by == person_id)
    return sa.and_(~own, QcTestRow.inoculated_by.is_distinct_from(person_id))


def incubations(session: Session) -> list[tuple[str, str, Decimal]]:
    """Of each culture that runs: the frozen specification, the criterion, and its days of incubation."""
    kinds = (BatchRow.specification_document_id, QcTestRow.criterion)
    running = tests_in(*CULTURES).with_only_columns(*kinds).group_by(*kinds).order_by(*kinds)
    found = []
    for document_id, key in session.execute(running).all():
        specification = parsed_specification(get_document(session, document_id).body)
        criterion = specification.criterion(key)
        if criterion is not None:
            found.append((document_id, key, specification.final_days_of(criterion)))
    return found


def cultures(document_id: str, criterion: str) -> sa.Select[tuple[QcTestRow, BatchRow]]:
    """Asks for the cultures of one kind."""
    kind = (BatchRow.specification_document_id == document_id, QcTestRow.criterion == criterion)
    return tests_in(*CULTURES).where(*kind, QcTestRow.inoculated_at.is_not(None))


@functools.cache
def waiting_batches(waits: str) -> sa.Select[tuple[BatchRow]]:
    return sa.select(BatchRow).where(condition(waits))


@functools.lru_cache(maxsize=128)
def by_others(waits: str, person_id: str) -> sa.Select[tuple[BatchRow]]:
    """Asks for batches that wait for a decision of somebody without a part in them."""
    return waiting_batches(waits).where(~tested_by(person_id), ~worked_on(person_id))


def complete_batches(session: Session, *, reviewed: bool) -> sa.Select[tuple[BatchRow]] | None:
    """Asks for batches certified with results pending whose mandatory results are all in; None where there are none.

    ``reviewed``: QA has reviewed them again since.
    """
    documents = waiting_batches("final").with_only_columns(BatchRow.specification_document_id)
    complete = []
    for document_id in session.execute(documents.group_by(BatchRow.specification_document_id)).scalars().all():
        specification = parsed_specification(get_document(session, document_id).body)
        awaited = [
            one.key for one in specification.criteria if one.mandatory and one.key in specification.pending_allowed
        ]
        open_test = (
            QcTestRow.batch_id == BatchRow.id,
            QcTestRow.status.not_in(CLOSED),
            QcTestRow.criterion.in_(awaited),
        )
        complete.append(sa.and_(BatchRow.specification_document_id == document_id, ~sa.exists().where(*open_test)))
    if not complete:
        return None
    again = newest_of(DecisionKind.REVIEW) > newest_of(DecisionKind.STAGE1)
    since = sa.func.coalesce(again, sa.false())
    return waiting_batches("final").where(sa.or_(*complete), since if reviewed else ~since)


def newest_of(kind: DecisionKind) -> Any:
    """The place of the newest decision of this kind among those of the batch."""
    found = sa.select(sa.func.max(DecisionRow.sequence)).where(
        DecisionRow.batch_id == BatchRow.id, DecisionRow.kind == kind
    )
    return found.scalar_subquery()


def weighed_anew(session: Session) -> list[BatchRow]:
    """Certified, with a container that was not dispensed, whose subject has another weight than the QP signed for."""
    of_subject = sa.select(WeightRow.id).where(WeightRow.subject_id == BatchRow.subject_id)
    newest = (WeightRow.measured_at.desc(), WeightRow.recorded_at.desc(), WeightRow.id.desc())
    current = of_subject.order_by(*newest).limit(1).scalar_subquery()
    signed = sa.select(DecisionRow.weight_id).where(DecisionRow.batch_id == BatchRow.id, DecisionRow.kind.in_(WEIGHED))
    last = signed.order_by(DecisionRow.sequence.desc()).limit(1).scalar_subquery()
    ready = with_disposition(DispositionRow.status.in_(CERTIFIED), undispensed())
    query = sa.select(BatchRow).where(ready, last != current)
    return list(session.execute(query.order_by(BatchRow.expires_at, BatchRow.number)).scalars())


def untested_batches() -> sa.Select[tuple[str, str, datetime, int]]:
    """Asks for batches with filled containers and tests without any entry: id, number, expiry, how many tests."""
    filled = with_disposition(DispositionRow.status == Disposition.QUARANTINE)
    empty = (QcTestRow.status == QcTestStatus.REQUESTED, QcTestRow.criterion.not_in(FROM_RECORDS))
    about = (BatchRow.id, BatchRow.number, BatchRow.expires_at)
    query = sa.select(*about, sa.func.count()).join(QcTestRow, QcTestRow.batch_id == BatchRow.id)
    return query.where(filled, BatchRow.status != BatchStatus.TERMINATED, *empty).group_by(*about)
