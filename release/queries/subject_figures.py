"""What one subject adds to the page of the trial: figures, follow-up and how long its products' records are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from manufacturing.domain.expiry import local_day
from manufacturing.domain.protocol import Protocol
from manufacturing.tables.trial import TrialRow
from release.domain.patient_figures import Drop, PatientFigures, Sums, figures_of
from release.domain.retention import Clock, product_clock
from release.queries.closing import followed
from release.queries.metrics import in_order, infused_from, infused_of, patient_history, safety_rules
from release.queries.patient_records import Records, load_records
from release.queries.retention import kept_part, product_of


@dataclass(frozen=True, slots=True)
class SubjectFigures:
    """``until``: when a shelf life of this subject ends next, for what is counted may be another then."""

    id: str
    figures: PatientFigures
    drop: dict[str, Any] | None
    follow_up: dict[str, Any] | None
    kept: tuple[tuple[Clock, dict[str, Any]], ...]
    until: datetime | None


def subject_figures(
    session: Session, trial: TrialRow, protocol: Protocol, now: datetime, subject_ids: Sequence[str] | None = None
) -> dict[str, SubjectFigures]:
    """By id, of every subject of the trial or of these; in the order of their codes."""
    records = load_records(session, trial, subject_ids)
    return by_code({row.id: of_one(row, records, trial, protocol, now) for row in records.subjects})


def by_code(subjects: dict[str, SubjectFigures]) -> dict[str, SubjectFigures]:
    return dict(sorted(subjects.items(), key=lambda one: one[1].figures.code))


def sums_of_subjects(subjects: Iterable[SubjectFigures]) -> Sums:
    return Sums.of(one.figures for one in subjects)


def of_one(row: Any, records: Records, trial: TrialRow, protocol: Protocol, now: datetime) -> SubjectFigures:
    found = figures_of(patient_history(row, records, protocol, now), safety_rules(protocol))
    given = [local_day(one.started_at) for one in infused_of(row, records) if one.started_at is not None]
    return SubjectFigures(
        id=row.id,
        figures=found,
        drop=drop_part(found.drop) if found.drop else None,
        follow_up=followed(row, max(given), protocol) if given else None,
        kept=tuple(kept_batch(batch, records, trial) for batch in in_order(records.batches[row.id])),
        until=min((one for one in ends(row, records) if one > now), default=None),
    )


def kept_batch(batch: Any, records: Records, trial: TrialRow) -> tuple[Clock, dict[str, Any]]:
    expiries = (one.expires_at for one in records.containers[batch.id])
    uses = (one.started_at for _, one in infused_from(batch, records) if one.started_at is not None)
    clock = product_clock(product_of(batch, map(local_day, expiries), map(local_day, uses)))
    return clock, kept_part(batch.id, batch.number, clock, trial.ended_on)


def ends(row: Any, records: Records) -> Iterable[datetime]:
    """Of a container, or of a batch that has none yet."""
    for batch in records.batches[row.id]:
        yield from (one.expires_at for one in (batch, *records.containers[batch.id]) if one.expires_at is not None)


def drop_part(one: Drop) -> dict[str, Any]:
    reason = one.reason.value if one.reason else None
    return {"subject": one.code, "after": one.after.value, "concluded": one.concluded, "reason": reason}
