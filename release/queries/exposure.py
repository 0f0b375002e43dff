"""What a subject already had: weights as of a moment, and earlier exposures under the per-kg criteria (decision 30)."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.rounds import for_each
from manufacturing.queries.trial import weights_of
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow, WeightRow
from release.domain.administration import Outcome
from release.domain.criteria import Criterion
from release.domain.judgement import judge
from release.domain.results import Judging, PriorExposure
from release.queries.testing import (
    counting_tests,
    get_record,
    measurement_of,
    results_by_test,
    specification_of,
    verified_result,
)
from release.tables.dispensing import AdministrationRow, DispensingRow
from release.tables.testing import ResultRow

ANY_WEIGHT = Decimal(1)


def weight_on_record(session: Session, subject_id: str, by: datetime) -> WeightRow | None:
    """The newest weight that was on record at that moment, whatever was entered later."""
    return next((row for row in weights_of(session, subject_id) if row.recorded_at <= by), None)


def find_dispensing(session: Session, container_id: str) -> DispensingRow | None:
    """The dispensing that stands; a cancelled one gave nobody anything."""
    return dispensings_of(session, [container_id]).get(container_id)


def dispensings_of(session: Session, container_ids: Collection[str]) -> dict[str, DispensingRow]:
    """The dispensing that stands of each of these containers, where there is one."""
    query = sa.select(DispensingRow).where(
        DispensingRow.container_id.in_(sorted(container_ids)), DispensingRow.cancelled_at.is_(None)
    )
    return {row.container_id: row for row in session.execute(query).scalars()}


def was_given(session: Session, container_id: str) -> bool:
    """A patient had something of it, all or a part; what came back untouched was not given."""
    return container_id in administered_containers(session, [container_id])


def prior_exposures(
    session: Session, subject_id: str, except_container: str | None = None, *, before: datetime | None = None
) -> tuple[PriorExposure, ...]:
    """Everything given to the subject from other containers: what went in, else the whole container dispensed."""
    query = (
        sa.select(ContainerRow, DispensingRow, AdministrationRow)
        .join(DispensingRow, DispensingRow.container_id == ContainerRow.id)
        .outerjoin(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .where(ContainerRow.subject_id == subject_id, DispensingRow.cancelled_at.is_(None))
        .order_by(DispensingRow.dispensed_at, ContainerRow.id)
    )
    given = [
        (container, volume, dispensing.dispensed_at, administration)
        for container, dispensing, administration in session.execute(query)
        if container.id != except_container and (before is None or dispensing.dispensed_at < before)
        if (volume := volume_given(container, administration)) > 0
    ]
    return tuple(itertools.chain(*for_each(lambda one: exposures_of(session, *one), given)))


def volume_given(container: ContainerRow, administration: AdministrationRow | None) -> Decimal:
    """mL. Unknown is all of it."""
    if administration is None or administration.outcome == "complete":
        stated = administration.volume_given_ml if administration else None
        return container.volume_ml if stated is None else stated
    if administration.outcome == "not_administered":
        return Decimal(0)
    return container.volume_ml if administration.volume_given_ml is None else administration.volume_given_ml


def exposures_of(
    session: Session,
    container: ContainerRow,
    volume_ml: Decimal,
    at: datetime,
    administration: AdministrationRow | None = None,
    entered: ResultRow | None = None,
) -> list[PriorExposure]:
    """One entry for each per-kg criterion; without a verified result the amount is unknown.

    ``entered``: a result that is about to be verified counts as if it were.
    """
    batch = get_record(session, BatchRow, container.batch_id)
    tests = counting_tests(session, batch.id)
    results = results_by_test(session, batch.id)
    weight = weight_on_record(session, container.subject_id, at)
    found = []
    for criterion in specification_of(session, batch).per_kg():
        rows = [
            entered if entered is not None and entered.test_id == test.id else verified_result(test, results[test.id])
            for test in tests
            if test.criterion == criterion.key
        ]
        amount = most_of(criterion, rows, volume_ml)
        until = administration.stopped_at if administration else None
        found.append(PriorExposure(criterion.key, amount, weight.kg if weight else None, until))
    return found


def most_of(criterion: Criterion, rows: list[ResultRow | None], volume_ml: Decimal) -> Fraction | None:
    """The largest amount any value that counts stands for; unknown while one is missing."""
    context = Judging(weight_kg=ANY_WEIGHT, volume_ml=volume_ml)
    found = [judge(criterion, measurement_of(row), context).amount for row in rows if row is not None]
    known = [amount for amount in found if amount is not None]
    return max(known) if known and len(known) == len(rows) else None


def infusions(session: Session, where: sa.ColumnElement[bool]) -> list[tuple[ContainerRow, AdministrationRow]]:
    """What was given out of which container, the first first; what was not administered is none. ``where``: about the
    container or its subject."""
    query = (
        sa.select(ContainerRow, AdministrationRow)
        .join(SubjectRow, SubjectRow.id == ContainerRow.subject_id)
        .join(DispensingRow, DispensingRow.container_id == ContainerRow.id)
        .join(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .where(where, AdministrationRow.outcome != Outcome.NOT_ADMINISTERED)
        .order_by(AdministrationRow.started_at, AdministrationRow.id)
    )
    return [(container, row) for container, row in session.execute(query)]


def administered_containers(session: Session, container_ids: Collection[str]) -> set[str]:
    """Those of which a subject was given something, all of it or a part."""
    query = (
        sa.select(DispensingRow.container_id)
        .join(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .where(
            DispensingRow.container_id.in_(sorted(container_ids)), AdministrationRow.outcome != Outcome.NOT_ADMINISTERED
        )
    )
    return set(session.execute(query).scalars())
