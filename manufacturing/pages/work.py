"""What stands on the Work page for the people of manufacturing, and where a scanned code leads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from kernel.refusals import N_, Refusal
from kernel.web.registry import FINDERS, TASKS, Task
from kernel.web.site import Viewer
from manufacturing.domain.batches import BatchStatus, StepStatus
from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.donation_numbers import parse_scanned_donation_number
from manufacturing.domain.donors import ALWAYS
from manufacturing.domain.expiry import local_day
from manufacturing.domain.holds import BY_THE_QP
from manufacturing.queries.batches import batch_by_number, container_by_code
from manufacturing.queries.collections import collection_by_number, donor_by_code, people_of_collections
from manufacturing.queries.holds import held_records
from manufacturing.queries.steps import process_of
from manufacturing.queries.trial import subject_by_code
from manufacturing.queries.work_list import BatchState, open_batches, open_collections, open_hold_rows
from manufacturing.tables.collections import CollectionRow


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


def batch_tasks(session: Session, viewer: Viewer) -> list[Task]:
    if not any(viewer.may(name) for name in ("batch:perform", "batch:verify", "batch:complete", "container:fill")):
        return []
    return [task for state in open_batches(session) for task in tasks_of(session, state, viewer)]


def tasks_of(session: Session, state: BatchState, viewer: Viewer) -> Iterator[Task]:
    batch, step = state.batch, state.next
    place = f"/batches/{batch.id}"
    if batch.status == BatchStatus.PLANNED:
        reason = N_("is open and waits for line clearance")
        yield Task("batch:perform", batch.number, reason, f"{place}/start", N_("Clear the line"))
        return
    if batch.status == BatchStatus.PAUSED:
        reason = N_("is paused; the hold times run on")
        yield Task("batch:perform", batch.number, reason, f"{place}/resume", N_("Resume"), urgent=True)
        return
    if step is not None:
        yield step_task(session, state, viewer, f"{place}/steps/{step.position}")
    if batch.formulated_at is not None and not state.filled:
        yield Task(
            "container:fill",
            batch.number,
            N_("is formulated and waits to be filled"),
            f"{place}/fill",
            N_("Fill a container"),
            deadline=batch.expires_at,
            urgent=batch.expires_at is not None and batch.expires_at - viewer.at < timedelta(hours=6),
        )
    if step is None and batch.status == BatchStatus.RETURNED_FOR_CORRECTION:
        reason = N_("is open for correction; correct the step, or declare the record complete again")
        yield Task("batch:complete", batch.number, reason, place, N_("Open"), deadline=batch.expires_at)
    elif step is None and state.filled:
        reason = N_("has every step verified and waits for “production complete”")
        action = N_("Declare complete")
        yield Task("batch:complete", batch.number, reason, f"{place}/complete", action, deadline=batch.expires_at)


def step_task(session: Session, state: BatchState, viewer: Viewer, place: str) -> Task:
    batch, step = state.batch, state.next
    assert step is not None  # noqa: S101  (the caller looked)
    plan = process_of(session, batch).step(step.position)
    facts = {"position": str(step.position), "step": viewer.speech.word(plan.title)}
    if step.status == StepStatus.PENDING and plan.condition:
        reason = N_("step %(position)s (%(step)s) is next, or is decided not to be needed")
        return Task("batch:perform", batch.number, reason, place, N_("Go to the bench"), facts)
    if step.status == StepStatus.PENDING:
        reason = N_("step %(position)s (%(step)s) is next")
        return Task("batch:perform", batch.number, reason, f"{place}/perform", N_("Go to the bench"), facts)
    reason = N_("step %(position)s (%(step)s) waits to be verified")
    permission = "nobody" if step.performed_by == viewer.actor.id else "batch:verify"
    return Task(permission, batch.number, reason, f"{place}/verify", N_("Verify"), facts, urgent=True)


def hold_tasks(session: Session, _viewer: Viewer) -> list[Task]:
    rows = open_hold_rows(session, BY_THE_QP)
    records = held_records(session, rows)
    return [
        Task(
            "hold:lift",
            records[row.id],
            N_("is on hold: %(reason)s"),
            f"/holds/{row.id}/lift",
            N_("Decide"),
            {"reason": row.reason},
            urgent=True,
        )
        for row in rows
    ]


FINDERS.append(find_record)
TASKS.extend([batch_tasks, collection_tasks, hold_tasks])
