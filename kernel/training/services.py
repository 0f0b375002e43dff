"""Training is entered by who gave it and confirmed by another; it counts from then on, never before."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kernel.accounts.domain import PersonStatus
from kernel.accounts.tables import PersonRow
from kernel.clock import PEOPLE
from kernel.errors import refuse_any
from kernel.refusals import N_, Refusal
from kernel.training.domain import (
    TRAINING_ENDED,
    TRAINING_UNKNOWN,
    TrainingRule,
    people_refusals,
    time_refusals,
)
from kernel.training.queries import (
    Acted,
    get_training,
    rules_now,
    subjects,
    training_content,
    training_refusals,
)
from kernel.training.tables import TrainingRow, TrainingSessionRow
from kernel.work import Actor, Work


def record_training(
    work: Work,
    *,
    people: list[str],
    procedures: list[str],
    trained_on: date,
    evidence: str,
    effective_at: datetime | None = None,
) -> list[TrainingRow]:
    """Several people in several procedures at once. ``procedures``: keys with the version, as ``subjects`` lists them.

    The first signer gave the training, the second confirms it; neither had it (ATMP-3.2-TRAIN).
    """
    work.require("training:record")
    work.require("training:confirm", work.signer(1))
    work.confirm({})
    starts = effective_at or work.at
    known = {key for key, *_ in subjects(work.session)}
    refuse_any(
        [
            *people_refusals(work.signer(0).id, work.signer(1).id, people),
            *unknown_people(work, people),
            *(
                TRAINING_UNKNOWN(typed=one, what=N_("procedure"), field="procedures")
                for one in procedures
                if one not in known
            ),
            *time_refusals(
                trained_on,
                starts,
                work.at.astimezone(PEOPLE).date(),
                work.at.replace(second=0, microsecond=0),
                starts.astimezone(PEOPLE).strftime("%Y-%m-%d %H:%M %Z"),
            ),
        ]
    )
    return enter(work, list(dict.fromkeys(people)), list(dict.fromkeys(procedures)), trained_on, evidence, starts)


def unknown_people(work: Work, people: list[str]) -> list[Refusal]:
    found = []
    for one in people:
        row = work.session.get(PersonRow, one)
        if row is None or row.status == PersonStatus.DEACTIVATED:
            found.append(TRAINING_UNKNOWN(typed=one, what=N_("person"), field="people"))
    return found


def enter(
    work: Work, people: list[str], procedures: list[str], trained_on: date, evidence: str, starts: datetime
) -> list[TrainingRow]:
    starts = max(starts, work.at)
    given = work.add(
        TrainingSessionRow(
            trained_on=trained_on,
            evidence=evidence.strip(),
            entered_at=work.at,
            effective_at=starts,
            trained_by=work.signer(0).id,
            confirmed_by=work.signer(1).id,
        )
    )
    rules = rules_now(work.session)
    rows = []
    for one in procedures:
        key, _, document = one.partition(":")
        days = rules.get(key, TrainingRule()).days
        ends = starts + timedelta(days=days) if days else None
        for person in people:
            row = TrainingRow(session_id=given.id, person_id=person, procedure=key, effective_at=starts)
            row.document_id, row.expires_at = document or None, ends
            rows.append(work.add(row))
    told = {"people": people, "procedures": procedures, "trained on": trained_on, "evidence": given.evidence}
    work.content = {**work.content, "entered": {**told, "counts from": starts}}
    work.sign(given, "training given", 0)
    work.sign(given, "training confirmed", 1)
    return rows


def withdraw_training(work: Work, training_id: str) -> TrainingRow:
    """It ends now, with its reason; what was done until now stays done by a trained person."""
    work.require("training:confirm")
    get_training(work.session, training_id)
    row = work.lock(TrainingRow, training_id)
    work.confirm(training_content(work.session, training_id))
    refuse_any([TRAINING_ENDED()] if row.withdrawn_at is not None else [])
    row.withdrawn_at, row.withdrawn_by = work.at, work.signer().id
    row.withdrawn_reason = (work.reason or "").strip()
    work.sign(row, "training withdrawn")
    return row


def untrained(
    work: Work, procedure: str, *people: Actor, document: str | None = None, at: datetime | None = None
) -> list[Refusal]:
    """Who of those who sign this act is not trained for it: now, and at the time the work was done (``at``)."""
    times = {work.at, at or work.at}
    return training_refusals(
        work.session, [Acted(one.id, procedure, moment, document) for one in people for moment in sorted(times)]
    )
