"""What can be done about defects, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from release.queries.defects import defect_content, report_content
from release.schemas.defects import AssessDefectSchema, CloseDefectSchema, ReportDefectSchema
from release.services.defects import assess_defect, close_defect, report_defect
from release.tables.defects import DefectRow

DEFECTS = "/defects"
ONE = f"{DEFECTS}/<defect_id>"


def told(row: DefectRow, message: str) -> Done:
    return Done(f"{DEFECTS}/{row.id}", message, {"id": row.id, "number": row.number, "status": row.status})


def before_reporting(_session: Session, viewer: Viewer, container_id: str) -> dict[str, Any]:  # noqa: ARG001
    """Seen now, unless somebody says otherwise."""
    return {"initial": {"seen_at": viewer.speech.clock(viewer.at)}}


@act(
    "defect.report",
    "/containers/<container_id>/defects/new",
    permission="defect:report",
    title=N_("Report a defect"),
    schema=ReportDefectSchema,
    content=report_content,
    prepare=before_reporting,
    signs=1,
    meaning=N_("This is what I saw of this container."),
)
def report(work: Work, container_id: str, **fields: Any) -> Done:
    return told(report_defect(work, container_id, **fields), N_("Reported; QA assesses it."))


@act(
    "defect.assess",
    f"{ONE}/assess",
    permission="defect:assess",
    title=N_("Assess the defect"),
    schema=AssessDefectSchema,
    content=defect_content,
    signs=1,
    meaning=N_("I assessed this defect for this container, its batch and everything named beside it."),
)
def assess(work: Work, defect_id: str, **fields: Any) -> Done:
    return told(assess_defect(work, defect_id, **fields), N_("Assessed; somebody else closes it."))


@act(
    "defect.close",
    f"{ONE}/close",
    permission="defect:close",
    title=N_("Close the defect"),
    schema=CloseDefectSchema,
    content=defect_content,
    signs=1,
    meaning=N_("Nothing more follows from this defect than what is named."),
)
def close(work: Work, defect_id: str, **fields: Any) -> Done:
    return told(close_defect(work, defect_id, **fields), N_("Closed."))
