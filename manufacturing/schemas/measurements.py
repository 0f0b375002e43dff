"""The form of a repeated measurement: the numbers of the step, any of them, and which one is used from now on."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.fields import Moment, YesNo
from kernel.web.site import Viewer
from manufacturing.queries.record import read_record
from manufacturing.queries.steps import get_step
from manufacturing.schemas.batches import effect_seen, value_boxes


def measured_field() -> Moment:
    """The form leaves it empty: a time is what somebody read off, and never what the clock of the form suggests."""
    return Moment(
        required=True,
        metadata={"label": N_("Measured at"), "help": N_("When the instrument measured, not when you type.")},
    )


def measuring_schema(session: Session, viewer: Viewer, batch_id: str, position: str) -> Schema:
    record, step = read_record(session, batch_id), get_step(session, batch_id, position)
    known = record.values_of(step)
    boxes: dict[str, Any] = {"measured_at": measured_field()}
    for planned in record.plan(step).fields:
        measured = planned.key in known and known[planned.key].number is not None
        if measured and planned.computed is None:
            for name, box in value_boxes(planned, viewer).items():
                box.required = False
                box.metadata["group"] = N_("New values")
                boxes[name] = box
    boxes["use_new"] = YesNo(required=True, metadata={"label": N_("Use the new values from now on?")})
    return Schema.from_dict(boxes)()


def measuring_signed_schema(session: Session, viewer: Viewer, batch_id: str, position: str) -> Schema:
    """The same, and the digest of what was shown to follow from it."""
    boxes = dict(measuring_schema(session, viewer, batch_id, position).fields)
    return Schema.from_dict({**boxes, "effect_seen": effect_seen()})()


class ChoosingSchema(Schema):
    choice = fields.String(
        required=True,
        validate=validate.Regexp(r"[a-z][a-z0-9_]{1,39}:[0-9]{1,3}\Z"),
        metadata={"label": N_("Measurement to be used"), "widget": "choice"},
    )


class ChoosingSignedSchema(ChoosingSchema):
    effect_seen = effect_seen()
