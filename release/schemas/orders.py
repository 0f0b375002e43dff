"""The physician's order and the questions of the day of the infusion; every question is answered (DSP-ELIG-6)."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import CalendarDay, Number, YesNo

GRADES = [(str(grade), words) for grade, words in enumerate(("0", "I", "II", "III", "IV"))]


class OrderSchema(Schema):
    subject_code = fields.String(
        required=True,
        validate=validate.Length(1, 40),
        metadata={"label": N_("Subject code"), "widget": "scan", "help": N_("Type or scan it; it is never filled in.")},
    )
    infusion_on = CalendarDay(required=True, metadata={"label": N_("Day of the infusion")})
    volume_ml = Number(required=True, metadata={"label": N_("Volume to infuse"), "unit": "mL"})
    duration_minutes = Number(required=True, metadata={"label": N_("Duration of the infusion"), "unit": "min"})
    ward = fields.String(required=True, validate=validate.Length(1, 60), metadata={"label": N_("Ward")})


class EligibilitySchema(Schema):
    marrow_blasts = Number(
        required=True,
        metadata={
            "label": N_("Blasts in the marrow"),
            "unit": "%",
            "group": N_("Disease"),
            "help": N_("The last marrow counts, with its own date."),
        },
    )
    marrow_assessed_on = CalendarDay(
        required=True, metadata={"label": N_("Marrow assessed on"), "group": N_("Disease")}
    )
    circulating_blasts = Number(
        required=True,
        metadata={
            "label": N_("Circulating blasts"),
            "unit": "%",
            "group": N_("Disease"),
            "help": N_("Of today."),
        },
    )
    circulating_assessed_on = CalendarDay(
        required=True, metadata={"label": N_("Blood counted on"), "group": N_("Disease")}
    )
    extramedullary_progression = YesNo(
        required=True, metadata={"label": N_("Progressive disease outside the marrow"), "group": N_("Disease")}
    )
    neutrophils = Number(
        required=True,
        metadata={
            "label": N_("Neutrophils"),
            "unit": "× 10⁹/L",
            "group": N_("Engraftment"),
            "help": N_("Of today, in × 10⁹/L only."),
        },
    )
    neutrophils_per_ul = Number(
        load_default=None,
        metadata={
            "label": N_("The same count per µL"),
            "unit": "/µL",
            "group": N_("Engraftment"),
            "help": N_("Asked only where the count is high; both have to agree."),
        },
    )
    neutrophils_assessed_on = CalendarDay(
        required=True, metadata={"label": N_("Neutrophils counted on"), "group": N_("Engraftment")}
    )
    donor_chimerism = YesNo(
        required=True,
        metadata={
            "label": N_("Evidence of donor chimerism"),
            "group": N_("Engraftment"),
            "help": N_("The version of the protocol says whether it is needed."),
        },
    )
    gvhd_grade = fields.String(
        required=True,
        validate=validate.OneOf([value for value, _ in GRADES]),
        metadata={
            "label": N_("Active acute GvHD, overall grade"),
            "choices": GRADES,
            "group": N_("Other exclusions"),
        },
    )
    steroids = Number(
        required=True,
        metadata={
            "label": N_("Systemic steroids today, prednisolone-equivalent"),
            "unit": "mg/kg/d",
            "group": N_("Other exclusions"),
            "help": N_("For any reason."),
        },
    )
    immunosuppression_given = YesNo(
        load_default=None,
        metadata={
            "label": N_("GvHD prophylaxis or other immunosuppression since the transplantation"),
            "group": N_("Other exclusions"),
            "help": N_("Any drug for it, systemic steroids too. No: none since the transplantation."),
        },
    )
    immunosuppression_last_on = CalendarDay(
        load_default=None,
        metadata={
            "label": N_("Last day of it"),
            "group": N_("Other exclusions"),
            "help": N_("The last day on which any of it was given; today where it still is."),
        },
    )
    second_product_given = YesNo(
        load_default=None,
        metadata={
            "label": N_("Another cellular product since the transplantation"),
            "group": N_("Other exclusions"),
            "help": N_("For example donor lymphocytes or a second graft; not the NK cells of this trial."),
        },
    )
    other_condition = YesNo(
        required=True,
        metadata={"label": N_("Another medical condition that interferes"), "group": N_("Other exclusions")},
    )
    other_condition_text = fields.String(
        load_default=None,
        validate=validate.Length(0, 400),
        metadata={"label": N_("Which one"), "widget": "textarea", "group": N_("Other exclusions")},
    )
    source = fields.String(
        required=True,
        validate=validate.Length(3, 200),
        metadata={
            "label": N_("Where the values come from"),
            "group": N_("Source"),
            "help": N_("For example: laboratory report of this morning."),
        },
    )
