"""Until when the records of a trial are kept, batch by batch, read from its end, the expiries and the infusions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from manufacturing.domain.batches import BATCH
from manufacturing.domain.expiry import local_day
from manufacturing.queries.trial import get_subject, subject_content, trial_of
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow
from release.domain.retention import GROUNDS, YEARS, Clock, Product, RecordClass, latest, product_clock, trial_clocks
from release.queries.exposure import infusions
from release.tables.retention import ErasureRequestRow

Days = dict[str, list[date]]


def products(session: Session, batches: list[BatchRow]) -> dict[str, Product]:
    """By batch id; a batch that is still being made, without an expiry yet, has no day to count from."""
    ids = [one.id for one in batches]
    ends, given = expiries(session, ids), uses(session, ids)
    return {one.id: product_of(one, ends[one.id], given[one.id]) for one in batches}


def product_of(batch: Any, ends: Iterable[date], given: Iterable[date]) -> Product:
    """``ends``: of its containers; ``given``: the days on which something of it was."""
    return Product(
        ends=(*([local_day(batch.expires_at)] if batch.expires_at else []), *ends),
        given=tuple(given),
        last_done_on=local_day(batch.completed_at or batch.started_at or batch.opened_at)
        if batch.status in BATCH.terminal()
        else None,
    )


def expiries(session: Session, batch_ids: list[str]) -> Days:
    """Of every container: one that was frozen outlives its batch."""
    query = sa.select(ContainerRow.batch_id, ContainerRow.expires_at).where(ContainerRow.batch_id.in_(batch_ids))
    found: Days = defaultdict(list)
    for batch_id, expires_at in session.execute(query):
        found[batch_id].append(local_day(expires_at))
    return found


def uses(session: Session, batch_ids: list[str]) -> Days:
    found: Days = defaultdict(list)
    for container, row in infusions(session, ContainerRow.batch_id.in_(batch_ids)):
        if row.started_at is not None:
            found[container.batch_id].append(local_day(row.started_at))
    return found


def clocks_of_batch(session: Session, batch: BatchRow) -> tuple[Clock, ...]:
    """Every clock that applies to the record of one batch."""
    trial = trial_of(session, get_subject(session, batch.subject_id))
    return product_clock(products(session, [batch])[batch.id]), *trial_clocks(trial.ended_on)


def retention(ended_on: date | None, batches: Sequence[tuple[Clock, dict[str, Any]]]) -> dict[str, Any]:
    """Each class with the day it counts from and its last day; of the products the one that is kept longest.

    ``batches``: the clock of each with its ``kept_part``.
    """
    ends = trial_clocks(ended_on)
    waiting = next((clock for clock, part in batches if part["traceability"] is None), None)
    longest = waiting or max(batches, key=lambda one: one[1]["traceability"], default=(None,))[0]
    clocks = (*([longest] if longest else []), *ends)
    return {
        "classes": [clock_part(one) for one in clocks],
        "all": last_day(clocks),
        "batches": sorted((part for _, part in batches), key=lambda part: part["number"]),
    }


def kept_part(batch_id: str, number: str, clock: Clock, ended_on: date | None) -> dict[str, Any]:
    """How long the records of one batch are kept."""
    return {
        "id": batch_id,
        "number": number,
        "traceability": clock.until,
        "all": last_day((clock, *trial_clocks(ended_on))),
    }


def clocks_of_subject(session: Session, subject: SubjectRow) -> tuple[Clock, ...]:
    """Of everything that was made for the subject, and of the trial."""
    query = sa.select(BatchRow).where(BatchRow.subject_id == subject.id).order_by(BatchRow.number)
    made = products(session, list(session.execute(query).scalars()))
    return *(product_clock(one) for one in made.values()), *trial_clocks(trial_of(session, subject).ended_on)


def erasure_content(session: Session, subject_id: str) -> dict[str, Any]:
    """What QA signs when a request to erase is answered."""
    clocks = [clock_part(one) for one in clocks_of_subject(session, get_subject(session, subject_id))]
    kept = [{"kind": one["class"], "until": one["until"]} for one in clocks]
    return {**subject_content(session, subject_id), "records kept": kept}


def erasure_requests(session: Session, subject_id: str) -> list[dict[str, Any]]:
    query = sa.select(ErasureRequestRow).where(ErasureRequestRow.subject_id == subject_id)
    people = names(session)
    return [
        {
            "id": row.id,
            "reference": row.reference,
            "received_on": row.received_on,
            "ground": GROUNDS[RecordClass(row.ground)],
            "keep_until": row.keep_until,
            "answered_by": people.get(row.answered_by, row.answered_by),
            "answered_at": row.answered_at,
        }
        for row in session.execute(query.order_by(ErasureRequestRow.answered_at, ErasureRequestRow.id)).scalars()
    ]


def last_day(clocks: tuple[Clock, ...]) -> date | None:
    last = latest(clocks)
    return None if last is None else last.until


def clock_part(one: Clock) -> dict[str, Any]:
    return {
        "class": one.record_class.value,
        "counted_from": one.starts_on,
        "years": YEARS[one.record_class],
        "until": one.until,
        "ground": GROUNDS[one.record_class],
    }
