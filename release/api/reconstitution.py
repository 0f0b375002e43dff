"""Reconstitution after the release, on the page of the container and in the API."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.fields import Moment, Number
from kernel.web.registry import Done, act, panel
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.schemas.samples import text
from release.queries.reconstitution import recon_content, recon_view
from release.services.reconstitution import reconstitute


class ReconstitutionSchema(Schema):
    code = text(N_("Code on the container"), 60, shortest=4, widget="scan")
    done_at = Moment(required=True, metadata={"label": N_("Done at")})
    volume_ml = Number(required=True, metadata={"label": N_("Volume after the step"), "unit": "mL"})
    remark = text(N_("Remark"), 300, required=False, widget="textarea")


def now_here(_session: Session, viewer: Viewer, container_id: str) -> dict[str, Any]:
    return {"initial": {"done_at": viewer.at}} if container_id else {}


@act(
    "container.reconstitute",
    "/containers/<container_id>/reconstitution/new",
    permission="container:reconstitute",
    title=N_("Record the next step of the reconstitution"),
    schema=ReconstitutionSchema,
    content=recon_content,
    prepare=now_here,
    signs=2,
    second_permission="container:reconstitute",
    meaning=N_("I did this step by its instruction; I saw it done."),
)
def record_step(work: Work, container_id: str, **fields: Any) -> Done:
    row = reconstitute(work, container_id, **fields)
    return Done(f"/containers/{container_id}", N_("On record."), {"id": row.id, "position": row.position})


def container_panel(session: Session, viewer: Viewer, container_id: str, **_ids: str) -> dict[str, Any] | None:
    """Nothing where the process plans no reconstitution."""
    found = recon_view(session, container_id)
    if not found["planned"] or not viewer.may("reconstitution:read"):
        return None
    return {"template": "release/reconstitution_panel.html", "container_id": container_id, **found}


panel("container", container_panel)
