"""Keeping a computed volume, declared once for page and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from release.queries.dose import dose_content, dose_view
from release.schemas.dosing import DoseSchema
from release.services.dosing import keep_dose

DOSE = "/containers/<container_id>/dose"


def before_keeping(session: Session, _viewer: Viewer, container_id: str) -> dict[str, Any]:
    return {"refusals": dose_view(session, container_id)["refusals"]}


@act(
    "dose.keep",
    f"{DOSE}/keep",
    permission="dose:keep",
    title=N_("Keep this computation"),
    schema=DoseSchema,
    content=dose_content,
    prepare=before_keeping,
)
def keep(work: Work, container_id: str, **fields: Any) -> Done:
    row = keep_dose(work, container_id, **fields)
    body = {"id": row.id, "volume_ml": row.volume_ml, "bound_by": row.bound_by, "nk_per_kg": row.nk_per_kg}
    said = N_("Kept, with its inputs, the formula and its version.")
    return Done(f"/containers/{container_id}/dose", said, {**body, "cd3_per_kg": row.cd3_per_kg})
