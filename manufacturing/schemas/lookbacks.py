"""Shapes of what is typed about look-backs and donor events."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import CalendarDay, Moment, YesNo
from manufacturing.domain.lookbacks import EventKind, LookbackKind
from manufacturing.schemas.collections import words
from manufacturing.schemas.deviations import story

FINDINGS = [(one.value, one.value) for one in LookbackKind]
EVENTS = [(one.value, one.value) for one in EventKind]
GRADES = [(str(grade), str(grade)) for grade in range(1, 6)]


def one_out_of(label: str, choices: list[tuple[str, str]]) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in choices]),
        metadata={"label": label, "choices": choices, "widget": "choice"},
    )


class LookbackSchema(Schema):
    kind = one_out_of(N_("What became known"), FINDINGS)
    informed_on = CalendarDay(required=True, metadata={"label": N_("Day of the information")})
    source = words(N_("Number of the message"), 60, help=N_("Of the letter or call; no names."))
    description = story(N_("What is known, in words"), 10)


class ConcludeSchema(Schema):
    cleared = YesNo(required=True, metadata={"label": N_("May the units be used?")})
    conclusion = story(N_("Conclusion"), 15, help=N_("Why, with its evidence; what happens to each unit."))


class EventSchema(Schema):
    kind = one_out_of(N_("What happened to the donor"), EVENTS)
    grade = one_out_of(N_("Grade (CTCAE)"), GRADES)
    serious = YesNo(
        required=True,
        metadata={
            "label": N_("Serious?"),
            "help": N_("Fatal, life-threatening, disabling, or a stay in hospital begun or prolonged."),
        },
    )
    happened_at = Moment(required=True, metadata={"label": N_("When it happened")})
    description = story(N_("In words"), 10)


class EventReportSchema(Schema):
    reported_at = Moment(required=True, metadata={"label": N_("Reported at")})
    reference = words(N_("Reference of the tissue establishment"), 60)
