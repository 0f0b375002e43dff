"""The form of a step that is copied from paper: that of the step, with the paper it stands on."""

from __future__ import annotations

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.site import Viewer
from manufacturing.domain.entries import LATE_REASON
from manufacturing.schemas.batches import step_schema


def transcribing_schema(session: Session, viewer: Viewer, batch_id: str, position: str) -> Schema:
    boxes = dict(step_schema(session, viewer, batch_id, position).fields)
    boxes.pop(LATE_REASON, None)
    paper = fields.String(
        required=True,
        validate=validate.Length(5, 100),
        metadata={"label": N_("Paper and page"), "help": N_("As printed at its foot, such as “NK26-0001 page 3”.")},
    )
    why = fields.String(
        required=True,
        validate=validate.Length(5, 300),
        metadata={"label": N_("Why paper was used"), "widget": "textarea"},
    )
    return Schema.from_dict({"paper": paper, **boxes, "why_paper": why})()
