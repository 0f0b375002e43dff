"""Shapes of what is typed about a batch; the fields of a step come from the frozen process version."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.fields import Moment, Number, YesNo
from kernel.web.site import Viewer
from manufacturing.domain import entries
from manufacturing.domain.entries import LATE_REASON, PERFORMED_AT, SEEN
from manufacturing.domain.plan import FieldKind, PlannedField
from manufacturing.domain.steps import NOT_APPLICABLE, UNIT, limits_text
from manufacturing.domain.units import ANALYTES
from manufacturing.queries.chain import read_chain
from manufacturing.queries.steps import get_step, process_of
from manufacturing.schemas.collections import donation_number, subject_code


class StartSchema(Schema):
    room = fields.String(required=True, validate=validate.Length(1, 20), metadata={"label": N_("Room")})
    number = donation_number(N_("Donation number or code of the part on the bag"))
    subject_code = subject_code()
    cleared = YesNo(
        required=True,
        metadata={"label": N_("Previous product, samples, labels and papers removed; surfaces clean?")},
    )


class PauseSchema(Schema):
    sealed = YesNo(
        load_default=False,
        metadata={
            "label": N_("Is all of it sealed and taken out of the room?"),
            "help": N_("With yes, the room is free, and two people clear the line before the work goes on."),
        },
    )


class ClearAgainSchema(Schema):
    room = fields.String(required=True, validate=validate.Length(1, 20), metadata={"label": N_("Room")})
    subject_code = subject_code()
    cleared = YesNo(
        required=True,
        metadata={"label": N_("Previous product, samples, labels and papers removed; surfaces clean?")},
    )


class JoinSchema(Schema):
    number = donation_number(N_("Donation number or code of the part on the bag"))
    subject_code = subject_code()
    volume_ml = Number(
        load_default=None,
        metadata={"label": N_("Volume taken"), "unit": "mL", "help": N_("All that is left, unless you say less.")},
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


MAY_BE_NA = N_("or N/A with a reason")


def step_schema(session: Session, viewer: Viewer, batch_id: str, position: str) -> Schema:
    """The form of one step: its fields with unit and limits, when it was done, and why it is entered late.

    No box has a default: one that is not sent is as it was saved, an empty one is empty. Beside each box goes the
    number of the entry that was seen in it; a count or a file also enters units that nobody chooses.
    """
    step = get_step(session, batch_id, position)
    plan = process_of(session, read_chain(session, batch_id).batch).step(step.position)
    boxes: dict[str, Any] = {}
    for planned in (one for one in plan.fields if one.computed is None):
        boxes.update(boxes_of(planned, viewer))
    about = {"label": N_("Performed at"), "help": N_("Empty: the moment of the signature.")}
    boxes[PERFORMED_AT] = Moment(allow_none=True, metadata={**about, "required": True})
    boxes[LATE_REASON] = fields.String(
        allow_none=True,
        validate=validate.Length(max=300),
        metadata={"label": N_("Reason of a late entry"), "widget": "textarea"},
    )
    entered = {*boxes, *(name for planned in plan.fields for name in entries.boxes_of(planned.key))}
    number = {"validate": validate.Range(0, 9999), "metadata": {"hidden": True}}
    seen = {name + SEEN: fields.Integer(**number) for name in sorted(entered)}
    return Schema.from_dict({**boxes, **seen})()


def correcting_schema(session: Session, viewer: Viewer, batch_id: str, position: str) -> Schema:
    """The step once more, and the digest of what was shown to follow from the correction."""
    boxes = dict(step_schema(session, viewer, batch_id, position).fields)
    return Schema.from_dict({**boxes, "effect_seen": effect_seen()})()


def effect_seen() -> fields.String:
    """The digest of what was shown to follow."""
    digest = validate.Regexp(r"[0-9a-f]{64}\Z")
    return fields.String(allow_none=True, validate=digest, metadata={"hidden": True, "staff": True})


def saving_schema(session: Session, viewer: Viewer, batch_id: str, position: str) -> Schema:
    """Any boxes of the step, and when they were read or done, where that was earlier than now."""
    boxes = dict(step_schema(session, viewer, batch_id, position).fields)
    return Schema.from_dict({**boxes, "done_at": Moment(metadata={"hidden": True})})()


def boxes_of(planned: PlannedField, viewer: Viewer) -> dict[str, Any]:
    """One field of the plan as one box, or two where the number has a choice of units; and why it does not apply."""
    boxes = value_boxes(planned, viewer)
    if not planned.required:
        about = {"label": N_("N/A, because"), "beside": planned.key}
        why = fields.String(allow_none=True, validate=validate.Length(max=200), metadata=about)
        boxes[planned.key + NOT_APPLICABLE] = why
    return boxes


def value_boxes(planned: PlannedField, viewer: Viewer) -> dict[str, Any]:
    label, limits = viewer.speech.word(planned.label), help_text(planned, viewer)
    about: dict[str, Any] = {"label": label, "help": limits, "required": planned.required, "unless": MAY_BE_NA}
    if planned.kind is FieldKind.MOMENT:
        return {planned.key: Moment(allow_none=True, metadata=about)}
    if planned.kind is FieldKind.YES_NO:
        return {planned.key: YesNo(allow_none=True, metadata=about)}
    if planned.kind is FieldKind.TEXT:
        return {planned.key: fields.String(allow_none=True, validate=validate.Length(1, 200), metadata=about)}
    units = [(name, name) for name, _ in ANALYTES[planned.analyte].factors] if planned.analyte else []
    number = Number(allow_none=True, metadata={**about, "unit": planned.unit if len(units) < 2 else ""})
    if len(units) < 2:
        return {planned.key: number}
    unit = fields.String(
        allow_none=True,
        validate=validate.OneOf([name for name, _ in units]),
        metadata={"label": N_("Unit"), "of": label, "widget": "choice", "choices": units, "unit_of": planned.key},
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
