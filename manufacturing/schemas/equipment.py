"""Shapes of what is typed about equipment."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import CalendarDay, Moment
from manufacturing.domain.equipment import ROUTINE
from manufacturing.schemas.samples import text

EVENTS = [(one.value, one.value) for one in ROUTINE]
NOT_ASKED = N_("The last day on which it may be used. Leave it open where this is not asked of it.")


class EquipmentSchema(Schema):
    code = text(N_("Code on the device"), 20, shortest=3, widget="scan", help=N_("For example: CMAX-01."))
    title = text(N_("What it is"), 80, shortest=3)
    kind = text(N_("Kind"), 40, shortest=2, widget="choice", help=N_("As the process versions name it."))
    room = text(N_("Where it stands"), 40, shortest=2)
    calibration_due = CalendarDay(
        load_default=None, metadata={"label": N_("Calibration good until"), "help": NOT_ASKED}
    )
    qualification_due = CalendarDay(load_default=None, metadata={"label": N_("Qualification good until")})
    maintenance_due = CalendarDay(load_default=None, metadata={"label": N_("Maintenance good until")})


class EquipmentEventSchema(Schema):
    what = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in EVENTS]),
        metadata={"label": N_("What happened"), "choices": EVENTS, "widget": "choice"},
    )
    at = Moment(required=True, metadata={"label": N_("When")})
    due_on = CalendarDay(
        load_default=None,
        metadata={
            "label": N_("Next due day"),
            "help": N_("After a calibration, qualification or maintenance: the last day on which it may be used."),
        },
    )
    evidence = text(
        N_("Evidence"), 500, shortest=5, widget="textarea", help=N_("For example: certificate KAL-2026-118.")
    )


class ToleranceSchema(Schema):
    found_at = Moment(required=True, metadata={"label": N_("Found at")})
    finding = text(
        N_("What was found"), 1000, shortest=10, widget="textarea", help=N_("With the number of the report.")
    )


class UseEquipmentSchema(Schema):
    codes = text(
        N_("Equipment, one on each line"),
        1000,
        shortest=3,
        widget="textarea",
        help=N_("Scan the code on each device; only registered equipment is taken."),
    )
    performed_at = Moment(required=True, metadata={"label": N_("Used at")})
    late_reason = text(N_("Reason of a late entry"), 300, required=False, widget="textarea")
