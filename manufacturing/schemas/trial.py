"""Shapes of what is typed about the trial and its subjects; meaning is for the rules."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import CalendarDay, Moment, Number, YesNo
from manufacturing.domain.trial import ConclusionReason, Diagnosis, DonorType

DONOR_TYPES = [
    (DonorType.MISMATCHED_FAMILY.value, N_("mismatched family donor")),
    (DonorType.VOLUNTEER_UNRELATED.value, N_("volunteer unrelated donor")),
    (DonorType.MATCHED_SIBLING.value, N_("matched sibling donor")),
    (DonorType.CORD_BLOOD.value, N_("cord blood")),
]
REASONS = [(reason.value, reason.value) for reason in ConclusionReason]


class TrialSchema(Schema):
    code = fields.String(
        required=True, validate=validate.Length(3, 40), metadata={"label": N_("Code of the registry"), "widget": "scan"}
    )
    title = fields.String(required=True, validate=validate.Length(5, 200), metadata={"label": N_("Title")})
    eu_trial_number = fields.String(
        required=True,
        validate=validate.Length(3, 40),
        metadata={"label": N_("EU trial number"), "help": N_("Printed on the label; it is not the registry's number.")},
    )


class LiftTrialHoldSchema(Schema):
    document = fields.String(
        required=True,
        validate=validate.Length(3, 120),
        metadata={
            "label": N_("Decision document"),
            "help": N_("Number and version of the signed decision of the sponsor or the safety board."),
        },
    )


class SubjectSchema(Schema):
    code = fields.String(
        required=True,
        validate=validate.Length(2, 20),
        metadata={
            "label": N_("Subject code"),
            "widget": "scan",
            "help": N_("The code of the study, such as NK-03. Never a name, a birth date or a hospital number."),
        },
    )
    diagnosis = fields.String(
        required=True,
        validate=validate.OneOf([one.value for one in Diagnosis]),
        metadata={"label": N_("Diagnosis"), "choices": [(one.value, one.value) for one in Diagnosis]},
    )
    donor_type = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in DONOR_TYPES]),
        metadata={"label": N_("Stem-cell donor"), "choices": DONOR_TYPES},
    )
    age_years = fields.Integer(
        required=True,
        validate=validate.Range(0, 120),
        metadata={"label": N_("Age at transplantation, completed years"), "unit": N_("years")},
    )
    age_months = fields.Integer(
        required=True,
        validate=validate.Range(0, 11),
        metadata={"label": N_("and completed months"), "unit": N_("months")},
    )
    transplanted_on = CalendarDay(required=True, metadata={"label": N_("Day of transplantation")})
    eighteenth_birthday = YesNo(
        load_default=False,
        metadata={
            "label": N_("Transplanted on the 18th birthday"),
            "help": N_("Only at 18 years and 0 months; whoever includes the subject vouches for it."),
        },
    )


class InclusionSchema(Schema):
    consent_reference = fields.String(
        load_default=None,
        validate=validate.Length(max=60),
        metadata={"label": N_("Reference of the signed consent"), "help": N_("Number of the form; no name.")},
    )
    consented_on = CalendarDay(load_default=None, metadata={"label": N_("Day of consent")})


class ConclusionSchema(Schema):
    drop_reason = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in REASONS]),
        metadata={"label": N_("Primary reason"), "choices": REASONS},
    )


class WeightSchema(Schema):
    kg = Number(required=True, metadata={"label": N_("Weight, first person"), "unit": "kg"})
    kg_again = Number(
        required=True,
        metadata={
            "label": N_("Weight, second person"),
            "unit": "kg",
            "help": N_("Read again by the second person from scale or record; not copied."),
        },
    )
    measured_at = Moment(required=True, metadata={"label": N_("Weighed at")})
