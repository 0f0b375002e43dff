"""What stands on the Work page for the people of manufacturing, and where a scanned code leads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.refusals import N_, Refusal
from kernel.rounds import for_each
from kernel.web.i18n import REASONS
from kernel.web.lines import chained, first_lines
from kernel.web.registry import FINDERS, TASKS, Lines, Task
from kernel.web.site import Viewer
from manufacturing.domain.batches import BatchStatus, StepStatus
from manufacturing.domain.collections import LEUKAPHERESIS_REJECTED, CollectionStatus
from manufacturing.domain.donation_numbers import parse_scanned_donation_number
from manufacturing.domain.donors import ALWAYS
from manufacturing.domain.environment import ABOVE_ACTION
from manufacturing.domain.equipment import DOUBTED
from manufacturing.domain.expiry import local_day
from manufacturing.domain.holds import BY_THE_QP
from manufacturing.domain.materials import LOT_STOPPED
from manufacturing.domain.plan import PlannedStep
from manufacturing.domain.receipt import RECEIVED_AT
from manufacturing.queries.batches import batch_by_number, container_by_code
from manufacturing.queries.breaches import breached_steps
from manufacturing.queries.collections import collection_by_number, donor_by_code, people_of_collections
from manufacturing.queries.holds import held_records
from manufacturing.queries.steps import process_of
from manufacturing.queries.trial import subject_by_code
from manufacturing.queries.work_list import (
    CORRECTED,
    DOING,
    FILLED,
    UNSETTLED,
    batches_in,
    next_steps,
    open_collections,
    open_hold_rows,
)
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.collections import CollectionRow

CLEAR, RESUME, PERFORM, VERIFY = N_("Clear the line"), N_("Resume"), N_("Go to the bench"), N_("Verify")
FILL, OPEN, DECLARE = N_("Fill a container"), N_("Open"), N_("Declare complete")
REPORT = N_("Report a deviation")


def find_record(session: Session, code: str) -> str | None:
    """Subject, donor, collection, batch or container by its code; a scanned DIN too."""
    typed = code.strip()
    scanned = parse_scanned_donation_number(typed)
    number = typed if isinstance(scanned, Refusal) else scanned.din
    if subject := subject_by_code(session, typed):
        return f"/subjects/{subject.id}"
    if donor := donor_by_code(session, typed):
        return f"/subjects/{donor.subject_id}"
    if collection := collection_by_number(session, number) or collection_by_number(session, number.replace(" ", "")):
        return f"/collections/{collection.id}"
    if batch := batch_by_number(session, typed):
        return f"/batches/{batch.id}"
    container = container_by_code(session, typed)
    return f"/containers/{container.id}" if container else None


def collection_tasks(session: Session, viewer: Viewer) -> list[Task]:
    tasks: list[Task] = []
    today = local_day(viewer.at)
    waiting = open_collections(session)
    people = people_of_collections(session, [row.id for row, _ in waiting])
    for row, markers in waiting:
        place = f"/collections/{row.id}"
        if row.status == CollectionStatus.PLANNED and row.planned_on <= today:
            tasks.append(
                Task(
                    "collection:receive",
                    row.number,
                    N_("is planned for today or earlier and not received"),
                    f"{place}/receive",
                    N_("Receive"),
                )
            )
        elif row.status == CollectionStatus.RECEIVED_QUARANTINE:
            tasks.append(donor_task(row, markers, place, own=viewer.actor.id in people[row.id]))
        elif row.status == CollectionStatus.ACCEPTED:
            reason = N_("is accepted and waits for a batch")
            tasks.append(Task("batch:open", row.number, reason, f"{place}/open-batch", N_("Open a batch")))
    return tasks


def donor_task(row: CollectionRow, markers: int, place: str, *, own: bool) -> Task:
    if markers < len(ALWAYS):
        reason = N_("is in quarantine: donor markers are missing")
        return Task("donor:record", row.number, reason, f"{place}/donor", N_("Enter the donor's record"))
    reason = N_("is in quarantine and waits for QA")
    return Task("nobody" if own else "collection:accept", row.number, reason, f"{place}/accept", N_("Accept"))


def batch_tasks(session: Session, viewer: Viewer) -> list[Lines]:
    """Each batch before production is complete, by what comes next."""
    planned, paused = batches_in(BatchStatus.PLANNED), batches_in(BatchStatus.PAUSED)
    settled = batches_in(*DOING).where(~UNSETTLED)
    pending = StepRow.status == StepStatus.PENDING
    foreign = StepRow.performed_by.is_distinct_from(viewer.actor.id)
    kinds = (
        (planned, to_clear, "batch:perform", CLEAR, None),
        (paused, to_resume, "batch:perform", RESUME, None),
        (next_steps(pending), partial(to_perform, session, viewer), "batch:perform", PERFORM, None),
        (next_steps(~pending, foreign), partial(to_verify, session, viewer), "batch:verify", VERIFY, None),
        (breached_steps(), partial(to_report, session, viewer), "deviation:raise", REPORT, None),
        (to_fill(), partial(filling, viewer.at), "container:fill", FILL, BatchRow.expires_at),
        (settled.where(BatchRow.status == CORRECTED), corrected, "batch:complete", OPEN, BatchRow.expires_at),
        (
            settled.where(BatchRow.status != CORRECTED, FILLED),
            to_complete,
            "batch:complete",
            DECLARE,
            BatchRow.expires_at,
        ),
    )

    def of_kind(kind: tuple[sa.Select[Any], Callable[..., Task], str, str, Any]) -> list[Lines]:
        query, draw, permission, action, deadline = kind
        about: dict[str, Any] = {"permission": permission, "action": action, "deadline": deadline}
        return first_lines(session, viewer, query, draw, record=BatchRow.number, **about)

    return chained(for_each(of_kind, kinds))


def to_fill() -> sa.Select[tuple[BatchRow]]:
    return batches_in(*DOING).where(BatchRow.formulated_at.is_not(None), ~FILLED)


def to_clear(batch: BatchRow) -> Task:
    reason = N_("is open and waits for line clearance")
    return Task("batch:perform", batch.number, reason, f"/batches/{batch.id}/start", CLEAR)


def to_resume(batch: BatchRow) -> Task:
    reason = N_("is paused; the hold times run on")
    return Task("batch:perform", batch.number, reason, f"/batches/{batch.id}/resume", RESUME, urgent=True)


def filling(now: datetime, batch: BatchRow) -> Task:
    reason = N_("is formulated and waits to be filled")
    soon = batch.expires_at is not None and batch.expires_at - now < timedelta(hours=6)
    place = f"/batches/{batch.id}/fill"
    return Task("container:fill", batch.number, reason, place, FILL, deadline=batch.expires_at, urgent=soon)


def corrected(batch: BatchRow) -> Task:
    reason = N_("is open for correction; correct the step, or declare the record complete again")
    return Task("batch:complete", batch.number, reason, f"/batches/{batch.id}", OPEN, deadline=batch.expires_at)


def to_complete(batch: BatchRow) -> Task:
    reason = N_("has every step verified and waits for “production complete”")
    place = f"/batches/{batch.id}/complete"
    return Task("batch:complete", batch.number, reason, place, DECLARE, deadline=batch.expires_at)


def to_perform(session: Session, viewer: Viewer, batch: BatchRow, step: StepRow) -> Task:
    plan = process_of(session, batch).step(step.position)
    place, facts = f"/batches/{batch.id}/steps/{step.position}", facts_of(viewer, step, plan)
    if plan.condition:
        reason = N_("step %(position)s (%(step)s) is next, or is decided not to be needed")
        return Task("batch:perform", batch.number, reason, place, PERFORM, facts)
    reason = N_("step %(position)s (%(step)s) is next")
    return Task("batch:perform", batch.number, reason, f"{place}/perform", PERFORM, facts)


def to_verify(session: Session, viewer: Viewer, batch: BatchRow, step: StepRow) -> Task:
    facts = facts_of(viewer, step, process_of(session, batch).step(step.position))
    reason, place = (
        N_("step %(position)s (%(step)s) waits to be verified"),
        f"/batches/{batch.id}/steps/{step.position}",
    )
    return Task("batch:verify", batch.number, reason, f"{place}/verify", VERIFY, facts, urgent=True)


def to_report(session: Session, viewer: Viewer, batch: BatchRow, step: StepRow) -> Task:
    facts = facts_of(viewer, step, process_of(session, batch).step(step.position))
    reason = N_("step %(position)s (%(step)s) is outside an action limit and has no deviation")
    place = f"/deviations/new/step/{step.id}"
    return Task("deviation:raise", batch.number, reason, place, REPORT, facts, urgent=True)


def facts_of(viewer: Viewer, step: StepRow, plan: PlannedStep) -> dict[str, str]:
    return {"position": str(step.position), "step": viewer.speech.word(plan.title)}


def hold_tasks(session: Session, viewer: Viewer) -> list[Task]:
    rows = open_hold_rows(session, BY_THE_QP)
    records = held_records(session, rows)
    return [
        Task(
            "hold:lift",
            records[row.id],
            N_("is on hold: %(reason)s"),
            f"/holds/{row.id}/lift",
            N_("Decide"),
            {"reason": viewer.speech.reason(row.reason)},
            urgent=True,
        )
        for row in rows
    ]


REASONS.extend((RECEIVED_AT, DOUBTED, LOT_STOPPED, LEUKAPHERESIS_REJECTED, ABOVE_ACTION))
FINDERS.append(find_record)
TASKS.extend([batch_tasks, collection_tasks, hold_tasks])
