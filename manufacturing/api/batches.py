"""What can be done to a batch, its containers, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.batches import BATCH, BatchStatus
from manufacturing.queries.batch_content import batch_content
from manufacturing.queries.batches import get_batch
from manufacturing.queries.collections import collection_content
from manufacturing.queries.completion import completion_facts
from manufacturing.queries.steps import process_of
from manufacturing.schemas.batches import FillSchema, JoinSchema, StartSchema
from manufacturing.schemas.collections import OpenSchema
from manufacturing.services.batches import complete_batch, open_batch, start_batch, terminate_batch
from manufacturing.services.containers import fill_container
from manufacturing.services.pooling import join_collection
from manufacturing.tables.batches import BatchRow

BATCHES = "/batches"
ONE = f"{BATCHES}/<batch_id>"


def done(row: BatchRow, message: str) -> Done:
    return Done(f"{BATCHES}/{row.id}", message, {"id": row.id, "number": row.number, "status": row.status})


@act(
    "batch.open",
    "/collections/<collection_id>/open-batch",
    permission="batch:open",
    title=N_("Open a batch"),
    schema=OpenSchema,
    content=collection_content,
)
def open_it(work: Work, collection_id: str, **fields: Any) -> Done:
    return done(
        open_batch(work, collection_id, **fields), N_("The batch is open; process and specification are frozen in it.")
    )


@act(
    "batch.start",
    f"{ONE}/start",
    station=True,
    permission="batch:perform",
    title=N_("Clear the line and start"),
    schema=StartSchema,
    content=batch_content,
    signs=2,
    second_permission="batch:verify",
    meaning=N_("The line is clear: nothing of another product is in this room, and this is the right material."),
)
def start(work: Work, batch_id: str, **fields: Any) -> Done:
    return done(start_batch(work, batch_id, **fields), N_("Started."))


@act(
    "batch.join",
    f"{ONE}/collections/new",
    station=True,
    permission="batch:perform",
    title=N_("Add a leukapheresis"),
    schema=JoinSchema,
    content=batch_content,
    signs=2,
    second_permission="batch:verify",
    meaning=N_("This leukapheresis joins the batch: the same donor, the same subject, read from the bag."),
)
def join(work: Work, batch_id: str, **fields: Any) -> Done:
    return done(join_collection(work, batch_id, **fields), N_("Added; the earliest leukapheresis is the clock."))


def container_choices(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
    types = process_of(session, get_batch(session, batch_id)).container_types
    return {"choices": {"container_type": [(one.key, viewer.speech.word(one.title)) for one in types]}}


@act(
    "container.fill",
    f"{ONE}/fill",
    permission="container:fill",
    title=N_("Fill a container"),
    schema=FillSchema,
    content=batch_content,
    prepare=container_choices,
    signs=2,
    second_permission="batch:verify",
    meaning=N_("This volume of this batch is in this container, for this subject."),
)
def fill(work: Work, batch_id: str, **fields: Any) -> Done:
    row = fill_container(work, batch_id, **fields)
    body = {"id": row.id, "code": row.code, "viable_nk": row.viable_nk, "expires_at": row.expires_at}
    return Done(f"{BATCHES}/{batch_id}#containers", N_("Filled. Print its label now."), body)


def completion_refused_now(session: Session, _viewer: Viewer, batch_id: str) -> dict[str, Any]:
    row = get_batch(session, batch_id)
    if row.status not in {BatchStatus.IN_PROCESS, BatchStatus.RETURNED_FOR_CORRECTION}:
        return {}
    facts = completion_facts(session, row)
    guards = next(one.guards for one in BATCH.transitions if one.action == "complete")
    return {"refusals": [refusal for guard in guards if (refusal := guard(facts))]}


@act(
    "batch.complete",
    f"{ONE}/complete",
    permission="batch:complete",
    title=N_("Declare production complete"),
    content=batch_content,
    prepare=completion_refused_now,
    signs=1,
    meaning=N_("Production of this batch is complete and its record is filled in."),
)
def complete(work: Work, batch_id: str) -> Done:
    return done(complete_batch(work, batch_id), N_("Production is complete."))


@act(
    "batch.terminate",
    f"{ONE}/terminate",
    permission="batch:review",
    title=N_("Terminate the batch"),
    content=batch_content,
    signs=1,
    needs_reason=True,
    meaning=N_("The manufacture of this batch has failed and ends here."),
    danger=True,
)
def terminate(work: Work, batch_id: str) -> Done:
    return done(terminate_batch(work, batch_id), N_("Terminated."))
