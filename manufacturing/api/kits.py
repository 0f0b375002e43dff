"""Kits, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.queries.batch_content import batch_content
from manufacturing.schemas.samples import text
from manufacturing.services.kits import assemble_kit, take_kit


class KitSchema(Schema):
    lots = text(N_("Lots, one on each line"), 2000, widget="textarea", help=N_("Scan one after the other."))


class TakeKitSchema(Schema):
    kit = text(N_("Kit"), 40, shortest=4, widget="scan", help=N_("Scan the code on the kit."))


@act(
    "kit.assemble",
    "/kits/new",
    permission="lot:use",
    title=N_("Assemble a kit"),
    schema=KitSchema,
    signs=1,
    meaning=N_("I put these lots together in one kit; its code is on it."),
)
def assemble(work: Work, **fields: Any) -> Done:
    row = assemble_kit(work, **fields)
    return Done(
        f"/kits/{row.id}", N_("Assembled. Write this code on the kit now."), {"id": row.id, "code": row.code}, 201
    )


def what_it_does(_session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:  # noqa: ARG001
    said = N_("The lots stand in the form of each step and can be changed there before it is recorded.")
    return {"notes": [viewer.speech.say(said)]}


@act(
    "batch.take_kit",
    "/batches/<batch_id>/kit",
    permission="lot:use",
    title=N_("Scan the kit"),
    schema=TakeKitSchema,
    content=batch_content,
    prepare=what_it_does,
)
def take(work: Work, batch_id: str, **fields: Any) -> Done:
    row = take_kit(work, batch_id, **fields)
    said = N_("The lots of the kit stand in the form of each step now.")
    return Done(f"/batches/{batch_id}", said, {"id": row.id, "code": row.code})
