"""Required tests of a batch and every value entered for them, as the records have them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import asked_once
from kernel.db import Audited
from kernel.documents.queries import get_document
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound
from kernel.quantities import exact
from manufacturing.domain.bead_counts import CountedEvents, count_document
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.samples import SampleRow
from release.domain.criteria import Criterion, Kind, Specification, Sterility
from release.domain.decisions import QcTestStatus
from release.domain.entries import OPERATORS, final_due, is_from_records
from release.domain.results import Measurement
from release.domain.specifications import parse_specification
from release.tables.testing import QcTestRow, ResultRow

Row = TypeVar("Row", bound=Audited)
RESOLVED = (QcTestStatus.VERIFIED, QcTestStatus.INVALIDATED)
CLOSED = (*RESOLVED, QcTestStatus.CANCELLED)
RUNNING = {
    QcTestStatus.REQUESTED: Sterility.NOT_SAMPLED,
    QcTestStatus.IN_TEST: Sterility.IN_TEST,
    QcTestStatus.INTERIM: Sterility.NEGATIVE_TO_DATE,
}


@dataclass(frozen=True)
class PendingTest:
    """A test the specification lets wait, not verified yet. ``expected_at`` is unknown until its sample is in test."""

    key: str
    name: str
    number: str
    status: str
    expected_at: datetime | None
    mandatory: bool

    def document(self) -> dict[str, Any]:
        return {
            "test": self.name,
            "number": self.number,
            "status": self.status,
            "expected_at": self.expected_at,
            "mandatory": self.mandatory,
        }


def get_record(session: Session, table: type[Row], record_id: str) -> Row:
    row = session.get(table, record_id)
    if row is None:
        raise NotFound(f"{table.__tablename__} {record_id}")
    return row


def specification_document(session: Session, batch: BatchRow) -> DocumentRow:
    return get_document(session, batch.specification_document_id)


def specification_of(session: Session, batch: BatchRow) -> Specification:
    """The version frozen into the batch; a later version never judges it."""
    return parsed_specification(specification_document(session, batch).body)


@lru_cache(maxsize=32)
def parsed_specification(body: str) -> Specification:
    parsed = parse_specification(json.loads(body))
    if not isinstance(parsed, Specification):
        raise TypeError("a specification that was approved cannot be read")
    return parsed


def criterion_of(specification: Specification, test: QcTestRow) -> Criterion:
    found = specification.criterion(test.criterion)
    if found is None:
        raise NotFound(f"criterion {test.criterion}")
    return found


@asked_once
def required_tests(session: Session, batch_id: str) -> list[QcTestRow]:
    query = sa.select(QcTestRow).where(QcTestRow.batch_id == batch_id).order_by(QcTestRow.number)
    return list(session.execute(query).scalars())


def counting_tests(session: Session, batch_id: str) -> list[QcTestRow]:
    """The tests a decision rests on: not those whose invalid result a retest replaces."""
    tests = required_tests(session, batch_id)
    replaced = {test.retest_of for test in tests}
    return [test for test in tests if not (test.status == QcTestStatus.INVALIDATED and test.id in replaced)]


@asked_once
def results_by_test(session: Session, batch_id: str) -> dict[str, list[ResultRow]]:
    """Every value ever entered, oldest first (QC-SHOWALL)."""
    query = (
        sa.select(ResultRow)
        .join(QcTestRow, QcTestRow.id == ResultRow.test_id)
        .where(QcTestRow.batch_id == batch_id)
        .order_by(ResultRow.test_id, ResultRow.sequence)
    )
    found: dict[str, list[ResultRow]] = defaultdict(list)
    for row in session.execute(query).scalars():
        found[row.test_id].append(row)
    return found


def results_of(session: Session, test_id: str) -> list[ResultRow]:
    query = sa.select(ResultRow).where(ResultRow.test_id == test_id).order_by(ResultRow.sequence)
    return list(session.execute(query).scalars())


@asked_once
def containers_of(session: Session, batch_id: str) -> list[ContainerRow]:
    query = sa.select(ContainerRow).where(ContainerRow.batch_id == batch_id).order_by(ContainerRow.id)
    return list(session.execute(query).scalars())


def current_result(test: QcTestRow, results: list[ResultRow]) -> ResultRow | None:
    """The value the test rests on; readings before the end of a culture are none."""
    return next((row for row in results if row.id == test.result_id), None)


def verified_result(test: QcTestRow, results: list[ResultRow]) -> ResultRow | None:
    return current_result(test, results) if test.status == QcTestStatus.VERIFIED else None


def shown_result(test: QcTestRow, results: list[ResultRow]) -> ResultRow | None:
    """The verified value, and the one that was declared invalid: it stays in sight (QC-SHOWALL)."""
    return current_result(test, results) if test.status in RESOLVED else None


def measurement_of(row: ResultRow) -> Measurement:
    """A stored value as the rules take it."""
    return Measurement(row.number, OPERATORS[row.operator], row.text, count_of(row), numbers_in(row.replicates))


def numbers_in(text: str | None) -> tuple[Decimal, ...]:
    """Single values as they are kept beside each other."""
    return tuple(Decimal(one) for one in (text or "").split())


def count_of(row: ResultRow) -> CountedEvents | None:
    """The tube that was counted; None for a result that is no count."""
    if row.events is None:
        return None
    zero = Decimal(0)
    return CountedEvents(
        row.events, row.bead_events or 0, row.beads_per_tube or zero, row.sample_volume or zero, row.dilution or zero
    )


def concentration_of(row: ResultRow) -> Fraction | None:
    """Cells per mL as entered, or as computed from the events counted."""
    count = count_of(row)
    if count is not None:
        return count.per_ml()
    single = numbers_in(row.replicates)
    if single:
        return sum(map(exact, single), Fraction(0)) / len(single)
    return None if row.number is None else exact(row.number)


def people_of_tests(session: Session, batch_ids: Collection[str]) -> dict[str, set[str]]:
    """Everyone who inoculated, entered, read, corrected or verified anything, by batch (S3)."""
    tests = sa.select(QcTestRow.batch_id, QcTestRow.inoculated_by)
    results = sa.select(QcTestRow.batch_id, ResultRow.entered_by, ResultRow.verified_by)
    found: dict[str, set[str]] = {batch_id: set() for batch_id in batch_ids}
    for query in (tests, results.join(ResultRow, QcTestRow.id == ResultRow.test_id)):
        for batch_id, *people in session.execute(query.where(QcTestRow.batch_id.in_(batch_ids))):
            found[batch_id] |= {person for person in people if person is not None}
    return found


def tested_by(person_id: str) -> sa.ColumnElement[bool]:
    """A condition on batches: this person inoculated, entered, read, corrected or verified anything of it."""
    entered = sa.exists().where(
        ResultRow.test_id == QcTestRow.id, sa.or_(ResultRow.entered_by == person_id, ResultRow.verified_by == person_id)
    )
    own = sa.or_(QcTestRow.inoculated_by == person_id, entered)
    return sa.exists().where(QcTestRow.batch_id == BatchRow.id, own).correlate(BatchRow)


def people_of_test(test: QcTestRow, results: list[ResultRow]) -> set[str]:
    """Everyone who had a hand in this test, over its whole history (S2)."""
    return {row.entered_by for row in results} | ({test.inoculated_by} if test.inoculated_by else set())


def pending_tests(session: Session, batch_id: str) -> list[PendingTest]:
    """What the frozen specification lets wait and is not verified, with the dates by which it is expected."""
    return pending_by_batch(session, [get_record(session, BatchRow, batch_id)])[batch_id]


def awaits_results(session: Session, batch_id: str) -> bool:
    return any(one.mandatory for one in pending_tests(session, batch_id))


def pending_by_batch(session: Session, batches: Collection[BatchRow]) -> dict[str, list[PendingTest]]:
    found: dict[str, list[PendingTest]] = {batch.id: [] for batch in batches}
    rows = {batch.id: batch for batch in batches}
    query = sa.select(QcTestRow).where(QcTestRow.batch_id.in_(rows), QcTestRow.status.not_in(CLOSED))
    for test in session.execute(query.order_by(QcTestRow.number)).scalars():
        batch = rows[test.batch_id]
        specification = specification_of(session, batch)
        if test.criterion in specification.pending_allowed:
            one = criterion_of(specification, test)
            due = expected_at(specification, one, test, batch)
            found[batch.id].append(PendingTest(one.key, one.name, test.number, test.status, due, one.mandatory))
    return found


def expected_at(
    specification: Specification, criterion: Criterion, test: QcTestRow, batch: BatchRow
) -> datetime | None:
    """Of a culture: the end of its incubation. Of another late test: that many days after the formulation."""
    start = test.inoculated_at if criterion.kind is Kind.STERILITY else batch.formulated_at or batch.completed_at
    return final_due(start, specification.final_days_of(criterion)) if start else None


def result_document(row: ResultRow, people: dict[str, str]) -> dict[str, Any]:
    """One entered value with everything needed to compare it with the raw data."""
    document: dict[str, Any] = {
        "entry": row.sequence,
        "version": row.version,
        "value": typed_text(row),
        "operator": row.operator,
        "method": row.method,
        "measured_at": row.measured_at,
        "raw_data": row.raw_data_reference,
        "entered_by": people.get(row.entered_by, row.entered_by),
        "entered_at": row.entered_at,
        "verified_by": people.get(row.verified_by, row.verified_by) if row.verified_by else None,
    }
    if row.number is not None and row.unit != row.typed_unit:
        document["in_canonical_unit"] = f"{row.replicates or format(row.number, 'f')} {row.unit}"
    count = count_of(row)
    if count is not None:
        document["computed"] = count_document(count)
    if row.day is not None:
        document["day"] = row.day
    if row.reason:
        document["reason"] = row.reason
    if row.withdrawn_at is not None:
        who = people.get(row.withdrawn_by or "", row.withdrawn_by)
        document["taken back"] = {
            "by": who,
            "at": row.withdrawn_at,
            "why": row.withdrawn_because,
            "evidence": row.evidence,
        }
    return document


def typed_text(row: ResultRow) -> str:
    """The value as it was typed, with its unit."""
    if row.events is not None:
        return (
            f"{row.events} events / {row.bead_events} beads, {row.beads_per_tube:f} beads per tube, "
            f"{row.sample_volume:f} µL, dilution {row.dilution:f}"
        )
    if row.typed_replicates is not None:
        sign = "" if row.operator == "=" else row.operator
        return f"{'; '.join(sign + one for one in row.typed_replicates.split())} {row.typed_unit}"
    if row.typed_number is not None:
        sign = "" if row.operator == "=" else row.operator
        return f"{sign}{row.typed_number:f} {row.typed_unit}".strip()
    return row.text or "–"


def content_of_test(session: Session, test_id: str) -> dict[str, Any]:
    """One test as people see it before they enter, correct or read: what it asks and everything entered so far."""
    test = get_record(session, QcTestRow, test_id)
    batch = get_record(session, BatchRow, test.batch_id)
    document = specification_document(session, batch)
    criterion = criterion_of(specification_of(session, batch), test)
    people = names(session)
    return {
        "title": test.number,
        "batch": batch.number,
        "test": test.number,
        "criterion": criterion.name,
        "population": criterion.population,
        "status": test.status,
        "test_version": test.version,
        "inoculated_at": test.inoculated_at,
        "inoculated_by": people.get(test.inoculated_by) if test.inoculated_by else None,
        "from_records": is_from_records(criterion),
        "specification": f"{document.code} v{document.number}",
        "specification_sha256": document.sha256,
        "cancelled": test.cancelled_because,
        "entries": [entry_document(session, row, people) for row in results_of(session, test_id)],
    }


def entry_document(session: Session, row: ResultRow, people: dict[str, str]) -> dict[str, Any]:
    """An entry with the code of the tube that was scanned for it."""
    scanned = {"sample": session.get_one(SampleRow, row.sample_id).code} if row.sample_id else {}
    return {**result_document(row, people), **scanned}
