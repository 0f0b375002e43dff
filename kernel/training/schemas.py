"""Shape of a training as it is typed."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import CalendarDay, Moment


class TrainingSchema(Schema):
    people = fields.List(
        fields.String(validate=validate.Length(1, 60)),
        required=True,
        validate=validate.Length(1, 60),
        metadata={"label": N_("Who was trained")},
    )
    procedures = fields.List(
        fields.String(validate=validate.Length(1, 100)),
        required=True,
        validate=validate.Length(1, 60),
        metadata={"label": N_("In which procedures, by which version"), "staff": True},  # ids, no words
    )
    trained_on = CalendarDay(required=True, metadata={"label": N_("Day of the training")})
    effective_at = Moment(
        metadata={
            "label": N_("Counts from"),
            "help": N_("Left empty, it counts from this entry on; a later time may be given, never an earlier one."),
        },
    )
    evidence = fields.String(
        required=True,
        validate=validate.Length(5, 300),
        metadata={"label": N_("Evidence"), "help": N_("For example: attendance list TR-2026-14, test passed.")},
    )
