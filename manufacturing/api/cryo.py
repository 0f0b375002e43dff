"""Freezing and thawing, declared once for pages and API; the panel of the container shows its clocks."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.cryo import CryoFacts, freeze_refusals, thaw_refusals
from manufacturing.queries.batches import get_batch, get_container
from manufacturing.queries.cryo import cryo_content
from manufacturing.queries.steps import process_of
from manufacturing.schemas.cryo import CryoSchema
from manufacturing.services.cryo import freeze_container, thaw_container
from manufacturing.tables.batches import ContainerRow

ONE = "/containers/<container_id>"


def done(row: ContainerRow, message: str) -> Done:
    return Done(f"/containers/{row.id}", message, {"id": row.id, "code": row.code, "expires_at": row.expires_at})


def facts_now(session: Session, viewer: Viewer, container_id: str) -> CryoFacts:
    row = get_container(session, container_id)
    return CryoFacts(row.code, row.filled_at, row.frozen_at, row.thawed_at, row.expires_at, viewer.at, viewer.at)


def before_freezing(session: Session, viewer: Viewer, container_id: str) -> dict[str, Any]:
    plan = process_of(session, get_batch(session, get_container(session, container_id).batch_id)).cryopreservation
    refusals = freeze_refusals(facts_now(session, viewer, container_id), plan)
    return {"initial": {"at": viewer.at}, "refusals": list(refusals)}


def before_thawing(session: Session, viewer: Viewer, container_id: str) -> dict[str, Any]:
    return {"initial": {"at": viewer.at}, "refusals": list(thaw_refusals(facts_now(session, viewer, container_id)))}


@act(
    "container.freeze",
    f"{ONE}/freeze",
    permission="container:fill",
    title=N_("Freeze the container"),
    schema=CryoSchema,
    content=cryo_content,
    prepare=before_freezing,
    signs=2,
    second_permission="batch:verify",
    meaning=N_("This container went into the freezer at the time given."),
)
def freeze(work: Work, container_id: str, **fields: Any) -> Done:
    return done(
        freeze_container(work, container_id, **fields), N_("Frozen; its expiry is another one. Reprint its label.")
    )


@act(
    "container.thaw",
    f"{ONE}/thaw",
    permission="container:fill",
    title=N_("Thaw the container"),
    schema=CryoSchema,
    content=cryo_content,
    prepare=before_thawing,
    signs=2,
    second_permission="batch:verify",
    meaning=N_("The thaw of this container began at the time given."),
)
def thaw(work: Work, container_id: str, **fields: Any) -> Done:
    return done(
        thaw_container(work, container_id, **fields), N_("Thawed; its expiry is another one. Reprint its label.")
    )
