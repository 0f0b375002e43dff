"""What was given, and what was seen afterwards."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Moment, Number, YesNo
from release.domain.administration import RELATEDNESS, TERMS, Adjudication, Outcome

OUTCOMES = [
    (Outcome.COMPLETE.value, N_("Complete")),
    (Outcome.PARTIAL.value, N_("In part")),
    (Outcome.NOT_ADMINISTERED.value, N_("Not at all")),
]
TERM_WORDS = [(one, one) for one in TERMS]
RELATEDNESS_WORDS = [(one, one if one != "pending" else N_("not decided yet")) for one in RELATEDNESS]
GRADES = [(str(one), str(one)) for one in range(1, 6)]
DECISIONS = [
    (Adjudication.CONFIRMED.value, N_("Qualifies: severe and likely due to the infusion")),
    (Adjudication.NOT_QUALIFYING.value, N_("Does not qualify")),
]

GIVEN = {"group": N_("Infusion"), "unless": N_("unless nothing was given")}


class AdministrationSchema(Schema):
    outcome = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in OUTCOMES]),
        metadata={"label": N_("What was given"), "choices": OUTCOMES},
    )
    started_at = Moment(load_default=None, metadata={"label": N_("Start of the infusion"), **GIVEN})
    stopped_at = Moment(load_default=None, metadata={"label": N_("End of the infusion"), **GIVEN})
    volume_given_ml = Number(load_default=None, metadata={"label": N_("Volume given"), "unit": "mL", **GIVEN})
    premedication = YesNo(load_default=None, metadata={"label": N_("Premedication given"), **GIVEN})
    identity_checked = YesNo(
        load_default=None,
        metadata={
            "label": N_("Identity checked at the bedside, by two identifiers, outside this system"),
            **GIVEN,
        },
    )
    explanation = fields.String(
        load_default=None,
        validate=validate.Length(0, 400),
        metadata={
            "label": N_("Why not complete"),
            "unless": N_("unless it was complete"),
            "widget": "textarea",
            "help": N_("Wanted when the infusion was partial or did not take place."),
        },
    )


class ReactionSchema(Schema):
    term = fields.String(
        required=True,
        validate=validate.OneOf(TERMS),
        metadata={"label": N_("What was seen"), "choices": TERM_WORDS},
    )
    description = fields.String(
        load_default=None,
        validate=validate.Length(0, 400),
        metadata={"label": N_("In words"), "widget": "textarea", "help": N_("Wanted for “other”.")},
    )
    onset_at = Moment(required=True, metadata={"label": N_("Began at")})
    grade = Number(
        required=True,
        metadata={"label": N_("Grade (CTCAE)"), "choices": GRADES, "widget": "choice", "help": N_("How severe.")},
    )
    serious = YesNo(
        required=True,
        metadata={
            "label": N_("Serious event"),
            "help": N_("Another question than the grade: death, danger to life, hospital."),
        },
    )
    life_threatening = YesNo(
        load_default=None,
        metadata={"label": N_("Fatal or life-threatening"), "help": N_("Wanted for a serious one.")},
    )
    known_at = Moment(
        load_default=None,
        metadata={
            "label": N_("Known since"),
            "help": N_(
                "Wanted for a serious one: when the first of you knew. The clocks of the reports run from then."
            ),
        },
    )
    relatedness = fields.String(
        required=True,
        validate=validate.OneOf(RELATEDNESS),
        metadata={"label": N_("Due to the infusion"), "choices": RELATEDNESS_WORDS},
    )


class AdjudicationSchema(Schema):
    adjudicated = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in DECISIONS]),
        metadata={"label": N_("Decision"), "choices": DECISIONS},
    )
