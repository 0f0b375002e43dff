"""Destroying what is left of a container, and closing a batch."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from release.domain.reconciling import NOTHING_LEFT, UNIT_OUT, closing_refusals, may_still_be_given
from release.queries.reconciling import closing_content, closing_facts, destroying_content, get_container, units_of
from release.schemas.reconciling import DestructionSchema
from release.services.reconciling import close_batch, destroy_container

STILL_GOOD = N_(
    "This container is neither rejected nor expired: it could still be given. What is destroyed cannot be made again."
)


def before_destroying(session: Session, viewer: Viewer, container_id: str) -> dict[str, Any]:
    """What is left on record, why nothing can be destroyed now, and whether it would be a waste."""
    container = get_container(session, container_id)
    unit = units_of(session, container.batch_id)[container_id]
    refusals = [UNIT_OUT(container=unit.code)] if unit.out else []
    if not refusals and unit.left <= 0:
        refusals = [NOTHING_LEFT(container=unit.code)]
    wasted = may_still_be_given(unit, container.expires_at, viewer.at)
    notes = [viewer.speech.say(STILL_GOOD)] if wasted else []
    return {"initial": {"volume_ml": expanded(unit.left)}, "refusals": refusals, "notes": notes}


@act(
    "container.destroy",
    "/containers/<container_id>/destroy",
    permission="container:destroy",
    title=N_("Destroy what is left"),
    schema=DestructionSchema,
    content=destroying_content,
    prepare=before_destroying,
    signs=2,
    second_permission="container:destroy",
    needs_reason=True,
    danger=True,
    meaning=N_("We destroyed this by the method given; it can never be dispensed again."),
)
def destroy(work: Work, container_id: str, **fields: Any) -> Done:
    row = destroy_container(work, container_id, **fields)
    body = {"id": row.id, "volume_ml": expanded(row.volume_ml), "lost_ml": expanded(row.lost_ml)}
    return Done(f"/batches/{row.batch_id}/reconciliation", N_("Destroyed."), body, 201)


def before_closing(session: Session, _viewer: Viewer, batch_id: str) -> dict[str, Any]:
    return {"refusals": list(closing_refusals(closing_facts(session, batch_id)))}


@act(
    "batch.close",
    "/batches/<batch_id>/close",
    permission="batch:review",
    title=N_("Close the batch"),
    content=closing_content,
    prepare=before_closing,
    signs=1,
    meaning=N_("Every unit of this batch is accounted for and every decision about it is final."),
)
def close(work: Work, batch_id: str) -> Done:
    row = close_batch(work, batch_id)
    return Done(f"/batches/{batch_id}/reconciliation", N_("Closed."), {"batch_id": row.id, "status": row.status})
