"""Shapes of what is typed about a deviation and the actions that follow from it."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import CalendarDay, YesNo
from manufacturing.domain.capa import CapaKind
from manufacturing.domain.deviations import DeviationClass

CLASSES = [(one.value, one.value) for one in DeviationClass]
KINDS = [(one.value, one.value) for one in CapaKind]


def classification() -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in CLASSES]),
        metadata={"label": N_("Class"), "choices": CLASSES},
    )


def story(label: str, shortest: int = 1, **metadata: str) -> fields.String:
    """A text of some length."""
    about = {"label": label, "widget": "textarea", **metadata}
    return fields.String(required=True, validate=validate.Length(shortest, 2000), metadata=about)


class AboutSchema(Schema):
    """The report of a deviation; what it is about stands in the address."""

    classification = classification()
    description = story(N_("What happened"), 10)


class DeviationSchema(Schema):
    classification = classification()
    step = fields.String(
        load_default=None,
        validate=validate.Length(max=3),
        metadata={
            "label": N_("Step it is about"),
            "widget": "choice",
            "help": N_("Needed when a value is outside its action limit."),
        },
    )
    description = story(N_("What happened"), 10)


class InvestigateSchema(Schema):
    root_cause = story(N_("Root cause"), help=N_("Why it happened, with its evidence."))
    action = story(N_("What was done about it"), help=N_("At once; what is to follow is planned as an action."))


class AffectedSchema(Schema):
    batch_number = fields.String(
        required=True,
        validate=validate.Length(4, 24),
        metadata={"label": N_("Number of the batch"), "widget": "scan"},
    )


class ReclassifySchema(Schema):
    classification = classification()


class AssessSchema(Schema):
    impact = story(N_("Impact on quality and safety"), help=N_("In words; with its evidence."))


class JudgeSchema(Schema):
    judgement = story(N_("Assessment of the QP"), help=N_("Whether quality and safety of each batch are affected."))


class ActionSchema(Schema):
    kind = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in KINDS]),
        metadata={"label": N_("Kind of action"), "choices": KINDS},
    )
    description = story(N_("What is to be done"), 10)
    owner = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={"label": N_("Who sees to it"), "widget": "choice", "staff": True},
    )
    due_on = CalendarDay(required=True, metadata={"label": N_("Due on")})


class PostponeSchema(Schema):
    due_on = CalendarDay(required=True, metadata={"label": N_("Due on")})


class DoneSchema(Schema):
    evidence = story(N_("Evidence that it was done"), 10, help=N_("In words, with the numbers of papers and records."))


class CheckSchema(Schema):
    effective = YesNo(required=True, metadata={"label": N_("Was the action effective?")})
    outcome = story(N_("What shows it"), 10)
    due_on = CalendarDay(load_default=None, metadata={"label": N_("New due day, where it was not effective")})
