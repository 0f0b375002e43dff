"""Shapes of what is typed about a batch; the fields of a step come from the frozen process version."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.fields import Moment, Number, YesNo
from kernel.web.site import Viewer
from manufacturing.domain.batches import DeviationClass
from manufacturing.domain.plan import FieldKind, PlannedField
from manufacturing.domain.steps import NOT_APPLICABLE, UNIT, limits_text
from manufacturing.domain.units import ANALYTES
from manufacturing.queries.batches import get_batch
from manufacturing.queries.steps import get_step, process_of
from manufacturing.schemas.collections import donation_number, subject_code

CLASSES = [(one.value, one.value) for one in DeviationClass]


class StartSchema(Schema):
    room = fields.String(required=True, validate=validate.Length(1, 20), metadata={"label": N_("Room")})
    number = donation_number(N_("Donation number on the bag"))
    subject_code = subject_code()
    cleared = YesNo(
        required=True,
        metadata={"label": N_("Previous product, samples, labels and papers removed; surfaces clean?")},
    )


class FillSchema(Schema):
    batch_number = fields.String(
        required=True,
        validate=validate.Length(4, 24),
        metadata={"label": N_("Batch number on the working label"), "widget": "scan"},
    )
    subject_code = subject_code()
    container_type = fields.String(
        required=True,
        validate=validate.Length(2, 40),
        metadata={"label": N_("Container"), "widget": "choice"},
    )
    volume_ml = Number(required=True, metadata={"label": N_("Volume filled"), "unit": "mL"})


class DeviationSchema(Schema):
    classification = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in CLASSES]),
        metadata={"label": N_("Class"), "choices": CLASSES},
    )
    step = fields.String(
        load_default=None,
        validate=validate.Length(max=3),
        metadata={
            "label": N_("Step it is about"),
            "widget": "choice",
            "help": N_("Needed when a value is outside its action limit."),
        },
    )
    description = fields.String(
        required=True,
        validate=validate.Length(10, 2000),
        metadata={"label": N_("What happened"), "widget": "textarea"},
    )


class HoldTimeSchema(Schema):
    classification = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in CLASSES]),
        metadata={"label": N_("Class"), "choices": CLASSES},
    )
    description = fields.String(
        required=True,
        validate=validate.Length(10, 2000),
        metadata={"label": N_("What happened"), "widget": "textarea"},
    )


class AssessSchema(Schema):
    impact = fields.String(
        required=True,
        validate=validate.Length(1, 2000),
        metadata={
            "label": N_("Impact on quality and safety"),
            "widget": "textarea",
            "help": N_("In words; with its evidence."),
        },
    )


def step_schema(session: Session, viewer: Viewer, batch_id: str, position: str) -> Schema:
    """The form of one step: when it was done, its fields with unit and limits, and why it is entered late."""
    step = get_step(session, batch_id, position)
    plan = process_of(session, get_batch(session, batch_id)).step(step.position)
    boxes: dict[str, Any] = {"performed_at": Moment(required=True, metadata={"label": N_("Performed at")})}
    for planned in plan.fields:
        boxes.update(boxes_of(planned, viewer))
    boxes["late_reason"] = fields.String(
        load_default=None,
        validate=validate.Length(max=300),
        metadata={"label": N_("Reason of a late entry"), "widget": "textarea"},
    )
    return Schema.from_dict(boxes)()


def boxes_of(planned: PlannedField, viewer: Viewer) -> dict[str, Any]:
    """One field of the plan as one box, or two where the number has a choice of units; and why it does not apply."""
    boxes = value_boxes(planned, viewer)
    if not planned.required:
        about = {"label": N_("N/A, because"), "beside": planned.key}
        why = fields.String(load_default=None, validate=validate.Length(max=200), metadata=about)
        boxes[planned.key + NOT_APPLICABLE] = why
    return boxes


def value_boxes(planned: PlannedField, viewer: Viewer) -> dict[str, Any]:
    about = {"label": viewer.speech.pick(dict(planned.label)), "help": help_text(planned, viewer)}
    if planned.kind is FieldKind.MOMENT:
        return {planned.key: Moment(required=planned.required, metadata=about)}
    if planned.kind is FieldKind.YES_NO:
        return {planned.key: YesNo(required=planned.required, metadata=about)}
    if planned.kind is FieldKind.TEXT:
        text = fields.String(required=planned.required, validate=validate.Length(1, 200), metadata=about)
        return {planned.key: text}
    units = [(name, name) for name, _ in ANALYTES[planned.analyte].factors] if planned.analyte else []
    number = Number(required=planned.required, metadata={**about, "unit": planned.unit if len(units) < 2 else ""})
    if len(units) < 2:
        return {planned.key: number}
    unit = fields.String(
        load_default=planned.unit,
        validate=validate.OneOf([name for name, _ in units]),
        metadata={"label": N_("Unit"), "widget": "choice", "choices": units, "unit_of": planned.key},
    )
    return {planned.key: number, planned.key + UNIT: unit}


def help_text(planned: PlannedField, viewer: Viewer) -> str:
    """Limits beside the field, in its canonical unit."""
    parts = []
    if text := limits_text(planned.alert):
        parts.append(viewer.speech.say(N_("alert unless %(limits)s"), limits=f"{text} {planned.unit}".strip()))
    if text := limits_text(planned.action):
        parts.append(viewer.speech.say(N_("action unless %(limits)s"), limits=f"{text} {planned.unit}".strip()))
    return " · ".join(parts)
