"""The figures of a page, kept from look to look: only subjects whom an act touched since are read again (TR-PROV).

Every change of a record is a line of the trail, written in the same transaction, and the lines of the trail are
numbered in the order in which they became visible. So whoever knows the figures at one line and reads again every
subject that a later line touched knows them now (docs/decisions/0041).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import ask_together
from kernel.db import Audited
from kernel.documents.tables import DocumentRow
from kernel.tables import TrailChangeRow, TrailHeadRow, TrailRow
from manufacturing.queries.trial import protocol_document
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.corrections import StepCorrectionRow
from manufacturing.tables.trial import SubjectRow, TrialRow, WeightRow
from release.domain.patient_figures import Sums
from release.queries.subject_figures import SubjectFigures, by_code, subject_figures, sums_of_subjects
from release.queries.trial_figures import beside, feasibility_figures, protocol_of, trial_wide
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.dispensing import AdministrationRow, DispensingRow, ReactionRow
from release.tables.downtime import DowntimeEntryRow
from release.tables.testing import QcTestRow, ResultRow

MOST_CHANGES = 400
"""After more changed records than these the whole trial is read, which costs no more by then."""


@dataclass
class Kept:
    """Figures as they were computed at ``at`` on line ``seq`` of the trail, whose hash is ``line``.

    ``basis``: what every subject is read by; another one makes all of them old. ``subjects``: by id, in the order of
    their codes. ``until``: when a shelf life ends next.
    """

    seq: int
    line: str
    at: datetime
    basis: tuple[str, date | None]
    subjects: dict[str, SubjectFigures]
    sums: Sums
    figures: dict[str, Any]
    until: datetime | None

    @cached_property
    def beside(self) -> dict[str, Any]:
        return beside(self.basis[1], self.subjects.values())

    def good_at(self, now: datetime) -> bool:
        return self.at <= now and (self.until is None or now < self.until)

    def over(self, now: datetime) -> set[str]:
        """Subjects of whom a shelf life ended since."""
        return {key for key, one in self.subjects.items() if one.until is not None and one.until <= now}


KEPT: WeakKeyDictionary[sa.Engine, dict[str, Kept]] = WeakKeyDictionary()


def figures_shown(session: Session, trial: TrialRow, now: datetime) -> dict[str, Any]:
    """``feasibility_figures`` for a page. Not for a transaction that writes: its own changes have no line yet."""
    return {**looked(session, trial, now).figures, "data_cut_off": now}


def all_shown(session: Session, trial: TrialRow, now: datetime) -> dict[str, Any]:
    """``figures_shown`` with follow-up and retention."""
    found = looked(session, trial, now)
    return {**found.figures, **found.beside, "data_cut_off": now}


def looked(session: Session, trial: TrialRow, now: datetime) -> Kept:
    """The newest line is read before the records: what came in between is read with them, and again the next time."""
    kept = KEPT.setdefault(session.get_bind().engine, {})
    found = kept.get(trial.id)
    known = sa.select(TrailRow.hash).where(TrailRow.seq == (found.seq if found else -1)).scalar_subquery()
    head = session.execute(sa.select(TrailHeadRow.seq, TrailHeadRow.hash, known.label("known"))).one()
    if found is None or found.line != head.hash or not found.good_at(now):
        usable = found if found is not None and found.line == head.known and found.at <= now else None
        found = kept[trial.id] = looked_again(session, trial, now, usable, head)
    return found


def looked_again(session: Session, trial: TrialRow, now: datetime, before: Kept | None, head: Any) -> Kept:
    """``before``: what is kept on a line of this trail, if anything is."""
    changes = partial(changes_since, session, before.seq) if before else tuple
    ask_together(session, ("trial", trial.id), partial(trial_wide, session, trial), changes)
    protocol = protocol_of(session, trial)
    basis = (protocol_document(session, trial.protocol_document_id).sha256, trial.ended_on)
    if before is None or before.basis != basis or len(changed := changes()) > MOST_CHANGES:
        subjects = subject_figures(session, trial, protocol, now)
        sums = sums_of_subjects(subjects.values())
    else:
        again = sorted(before.over(now) | touched(session, changed))
        subjects, sums = before.subjects, before.sums
        if again:
            read = subject_figures(session, trial, protocol, now, again)
            gone = [subjects[key].figures for key in again if key in subjects]
            subjects = by_code(subjects | read)
            sums = sums.changed(gone, [one.figures for one in read.values()])
    until = min((one.until for one in subjects.values() if one.until is not None), default=None)
    figures = feasibility_figures(session, trial, now, subjects.values(), sums)
    return Kept(head.seq, head.hash, now, basis, subjects, sums, figures, until)


def changes_since(session: Session, seq: int) -> tuple[Any, ...]:
    """Entity and id of what changed after this line and counts for a figure."""
    query = sa.select(TrailChangeRow.entity, TrailChangeRow.record_id).where(
        TrailChangeRow.seq > seq, TrailChangeRow.entity.in_(OWNERS)
    )
    return tuple(session.execute(query.limit(MOST_CHANGES + 1)).all())


def touched(session: Session, changed: Iterable[Any]) -> set[str]:
    """Subjects to whom these records belong, in one statement."""
    ids: dict[str, set[str]] = {}
    for entity, record_id in changed:
        ids.setdefault(entity, set()).add(record_id)
    queries = [OWNERS[entity].where(TABLES[entity].id.in_(sorted(found))) for entity, found in sorted(ids.items())]
    return set(session.execute(sa.union_all(*queries)).scalars()) if queries else set()


def of_subject(table: type[Any]) -> sa.Select[Any]:
    return sa.select(table.subject_id)


def of_batch(table: type[Any]) -> sa.Select[Any]:
    return sa.select(BatchRow.subject_id).join(table, table.batch_id == BatchRow.id)


DISPENSED = sa.select(ContainerRow.subject_id).join(DispensingRow, DispensingRow.container_id == ContainerRow.id)
GIVEN = DISPENSED.join(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
WAYS: dict[type[Audited], sa.Select[Any]] = {
    SubjectRow: sa.select(SubjectRow.id),
    **{table: of_subject(table) for table in (WeightRow, CollectionRow, BatchRow, ContainerRow)},
    **{table: of_batch(table) for table in (DispositionRow, DecisionRow, StepCorrectionRow, QcTestRow)},
    ResultRow: of_batch(QcTestRow).join(ResultRow, ResultRow.test_id == QcTestRow.id),
    DocumentRow: sa.select(BatchRow.subject_id).join(DocumentRow, DocumentRow.id == BatchRow.specification_document_id),
    DispensingRow: DISPENSED,
    AdministrationRow: GIVEN,
    ReactionRow: GIVEN.join(ReactionRow, ReactionRow.administration_id == AdministrationRow.id),
    DowntimeEntryRow: DISPENSED.join(DowntimeEntryRow, DowntimeEntryRow.dispensing_id == DispensingRow.id),
}
"""From a record to the subject it belongs to; the trial itself is read at every look."""
TABLES: dict[str, Any] = {table.__tablename__: table for table in WAYS}
OWNERS = {table.__tablename__: query for table, query in WAYS.items()}
