"""Tell every approved receiver when the count changes, in the transaction of what changed it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.canonical import canonical
from kernel.db import Audited
from kernel.documents.queries import get_document, get_effective
from kernel.tables import TrailHeadRow
from kernel.work import ActEnds, Work
from manufacturing.domain.protocol import PROTOCOL
from manufacturing.queries.trial import list_trials
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.counting import Counted, CountEvent, Move, Standing, event_of, figures_part, moves, standing
from release.domain.figure_words import DEFINITIONS_VERSION
from release.queries.metrics import patient_histories
from release.queries.patient_records import FIGURE_TABLES
from release.queries.receivers import approved_receivers, next_number, told_last
from release.tables.dispensing import AdministrationRow, DispensingRow
from release.tables.receivers import ReceiverRow, WebhookRow
from release.tables.testing import QcTestRow

WATCHED: dict[str, type[Audited]] = {table.__tablename__: table for table in FIGURE_TABLES}
WAYS: dict[str, type[Audited]] = {
    "container_id": ContainerRow,
    "dispensing_id": DispensingRow,
    "administration_id": AdministrationRow,
    "test_id": QcTestRow,
}
"""From a record to the one it belongs to, on the way to its batch."""


def tell_change(work: Work, ends: ActEnds) -> None:
    """At the end of every act; reads nothing where the act wrote nothing that is counted, or nobody is to be told."""
    if WATCHED.keys().isdisjoint(one["entity"] for one in ends.changes):
        return
    receivers = approved_receivers(work.session)
    for trial in list_trials(work.session) if receivers else ():
        found = standing(patient_histories(work.session, trial, work.at))
        for receiver in receivers:
            before = told_last(work.session, receiver.id, trial.id)
            if moved := moves(before, found):
                batches = batches_of(work.session, ends.changes)
                subjects = [subject_part(work.session, one, batches) for one in moved]
                write(work, receiver, trial, event_of(moved), before, found, subjects)


def tell_standing(work: Work, receiver: ReceiverRow) -> None:
    """Where a new receiver begins, one message for each trial."""
    for trial in list_trials(work.session):
        found = standing(patient_histories(work.session, trial, work.at))
        write(work, receiver, trial, CountEvent.STANDS, None, found, [])


def write(
    work: Work,
    receiver: ReceiverRow,
    trial: TrialRow,
    event: CountEvent,
    before: Counted | None,
    found: Standing,
    subjects: list[dict[str, Any]],
) -> None:
    """Codes and figures only; the act is named, and nobody who did it."""
    number = next_number(work.session, receiver.id)
    body = {
        "type": event,
        "number": number,
        "trial": trial.code,
        "at": work.at,
        "act": work.action,
        "figures": figures_part(before, found.counted),
        "counted": found.counted,
        "subjects": subjects,
        "definitions": DEFINITIONS_VERSION,
        "settings": settings_part(work.session, trial),
        "trail": trail_part(work.session),
    }
    work.add(
        WebhookRow(
            receiver_id=receiver.id,
            trial_id=trial.id,
            number=number,
            event=event,
            body=canonical(body),
            written_at=work.at,
            next_at=work.at,
        )
    )


def settings_part(session: Session, trial: TrialRow) -> dict[str, Any]:
    """The version of the protocol's settings that the figures follow."""
    chosen = trial.protocol_document_id
    protocol = get_effective(session, PROTOCOL) if chosen is None else get_document(session, chosen)
    return {"code": protocol.code, "version": protocol.number}


def trail_part(session: Session) -> dict[str, Any]:
    """The line that this act becomes, by its number and the hash of the line before: there is one writer."""
    head = session.execute(sa.select(TrailHeadRow.seq, TrailHeadRow.hash)).one()
    return {"seq": head.seq + 1, "previous_hash": head.hash}


def subject_part(session: Session, move: Move, batches: dict[str, list[str]]) -> dict[str, Any]:
    """``batches``: numbers by the id of the subject, of those the act wrote."""
    subject_id = session.execute(sa.select(SubjectRow.id).where(SubjectRow.code == move.code)).scalar_one()
    return {
        "code": move.code,
        "entered": move.entered,
        "left": move.left,
        "reason": move.reason,
        "batches": batches.get(subject_id, []),
    }


def batches_of(session: Session, changes: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """Numbers of the batches whose records the act wrote, by subject."""
    found: dict[str, list[str]] = {}
    for one in changes:
        table = WATCHED.get(one["entity"])
        batch = batch_behind(session, session.get(table, one["id"])) if table else None
        if batch is not None and batch.number not in found.setdefault(batch.subject_id, []):
            found[batch.subject_id].append(batch.number)
    return {subject: sorted(numbers) for subject, numbers in found.items()}


def batch_behind(session: Session, row: Audited | None) -> BatchRow | None:
    """None where the record belongs to no batch."""
    if row is None or isinstance(row, BatchRow):
        return row
    if batch_id := getattr(row, "batch_id", None):
        return session.get(BatchRow, batch_id)
    for name, table in WAYS.items():
        if owner := getattr(row, name, None):
            return batch_behind(session, session.get(table, owner))
    return None
