"""Shapes of what is typed at the end of a subject's observation and of the trial, and about erasing."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import CalendarDay
from manufacturing.schemas.trial import REASONS


class CompletionSchema(Schema):
    drop_reason = fields.String(
        load_default=None,
        validate=validate.OneOf([value for value, _ in REASONS]),
        metadata={
            "label": N_("Primary reason"),
            "choices": REASONS,
            "help": N_("Only where no infusion of the subject counts for the feasibility of the trial."),
        },
    )


class TrialEndSchema(Schema):
    ended_on = CalendarDay(
        required=True,
        metadata={
            "label": N_("The day the trial ended"),
            "help": N_(
                "As the protocol defines the end of the trial. The times for which records are kept count from it."
            ),
        },
    )


class ErasureSchema(Schema):
    reference = fields.String(
        required=True,
        validate=validate.Length(3, 60),
        metadata={"label": N_("Reference of the request"), "help": N_("Number of the letter or file; no name.")},
    )
    received_on = CalendarDay(required=True, metadata={"label": N_("Day the request was received")})
