"""What is typed about recalls, drills and contacts."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import CalendarDay, Moment, YesNo
from manufacturing.schemas.collections import words
from manufacturing.schemas.deviations import story
from manufacturing.schemas.lookbacks import one_out_of
from release.domain.duties import Duty
from release.domain.recalls import SAYABLE, RecallClass

CLASSES = [
    (RecallClass.ONE.value, N_("Class 1: may endanger life or do serious harm (confirmed within 1 hour)")),
    (RecallClass.TWO.value, N_("Class 2: may do harm (confirmed within 24 hours)")),
    (RecallClass.THREE.value, N_("Class 3: unlikely to do harm (confirmed within 72 hours)")),
]
WHEREABOUTS = [(one.value, one.value) for one in SAYABLE]
DUTIES = [(one.value, one.value) for one in Duty]


class RecallSchema(Schema):
    recall_class = one_out_of(N_("Class"), CLASSES)
    why = story(N_("Why it is recalled"), 10, help=N_("What was found, and with what evidence."))


class DrillSchema(Schema):
    recall_class = one_out_of(N_("Class that is exercised"), CLASSES)
    why = story(N_("What is exercised"), 10, help=N_("Nothing is held, and nobody is called."))


class ConfirmSchema(Schema):
    answer = story(N_("What you do about it"), 5, help=N_("For the containers and subjects you are responsible for."))


class CallSchema(Schema):
    channel = words(N_("How it was tried"), 80, help=N_("Telephone, pager or letter, with its number; no names."))
    called_at = Moment(required=True, metadata={"label": N_("When")})
    reached = YesNo(required=True, metadata={"label": N_("Did somebody of this duty answer?")})
    said = story(N_("What was said"), 5, help=N_("Of an authority: the reference it gave."))


class AccountSchema(Schema):
    whereabouts = one_out_of(N_("Where the container is"), WHEREABOUTS)
    explanation = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=500),
        metadata={
            "label": N_("In words"),
            "widget": "textarea",
            "help": N_("The place, and who saw it. Of a lost one: how it was lost, and what was done to find it."),
        },
    )


class CloseSchema(Schema):
    cleared = YesNo(
        required=True,
        metadata={
            "label": N_("May what is left be used?"),
            "help": N_("Yes only where the recall proved unfounded; otherwise everything stays frozen."),
        },
    )
    conclusion = story(N_("Conclusion"), 15, help=N_("Root cause, what was done, and what follows."))


class ContactSchema(Schema):
    duty = one_out_of(N_("Duty"), DUTIES)
    channel = words(N_("How the duty is reached"), 80, help=N_("Telephone, pager or mailbox of the duty; no names."))
    hours = words(N_("When somebody answers there"), 60, help=N_("For example: day and night, or office hours."))
    valid_from = CalendarDay(required=True, metadata={"label": N_("First day")})
    valid_until = CalendarDay(load_default=None, metadata={"label": N_("Last day")})


class EndContactSchema(Schema):
    valid_until = CalendarDay(required=True, metadata={"label": N_("Last day")})
