"""Splitting a leukapheresis and what becomes of its parts, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.work import Work
from manufacturing.queries.collections import collection_content
from manufacturing.queries.parts import get_part, part_content
from manufacturing.schemas.collections import PartDestroySchema, SplitSchema
from manufacturing.services.batches import open_batch
from manufacturing.services.material import destroy_part
from manufacturing.services.parts import split_collection
from manufacturing.tables.collections import CollectionPartRow

PARTS = "/parts"
ONE = f"{PARTS}/<part_id>"


def done(row: CollectionPartRow, message: str) -> Done:
    return Done(f"{PARTS}/{row.id}", message, {"id": row.id, "code": row.code})


@act(
    "collection.split",
    "/collections/<collection_id>/split",
    station=True,
    permission="collection:split",
    title=N_("Take off a part"),
    schema=SplitSchema,
    content=collection_content,
    signs=2,
    second_permission="collection:verify",
    meaning=N_("I took this volume off this leukapheresis into a bag of its own; I verified both bags and volumes."),
)
def split(work: Work, collection_id: str, **fields: Any) -> Done:
    return done(
        split_collection(work, collection_id, **fields), N_("Taken off. Print its label and put it on the bag now.")
    )


@act(
    "batch.open_part",
    f"{ONE}/open-batch",
    permission="batch:open",
    title=N_("Open a batch from this part"),
    content=part_content,
)
def open_part(work: Work, part_id: str) -> Done:
    batch = open_batch(work, get_part(work.session, part_id).collection_id, part_id=part_id)
    body = {"id": batch.id, "number": batch.number, "status": batch.status}
    return Done(f"/batches/{batch.id}", N_("The batch is open; process and specification are frozen in it."), body)


@act(
    "part.destroy",
    f"{ONE}/destroy",
    permission="collection:dispose",
    title=N_("Destroy this part"),
    schema=PartDestroySchema,
    content=part_content,
    signs=2,
    second_permission="collection:witness",
    meaning=N_("I destroyed this part of the leukapheresis this way; the second person saw it."),
    danger=True,
)
def destroy(work: Work, part_id: str, **fields: Any) -> Done:
    return done(destroy_part(work, part_id, **fields), N_("The destruction is on record."))
