"""A specification as boxes: one criterion, the settings, and what a new version is made of."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from kernel.refusals import N_
from kernel.web.fields import Number, YesNo
from manufacturing.domain.units import ANALYTES
from release.domain.criteria import Comparison, Formula, Kind, Replicates, Rounding, Stage
from release.domain.specification_writing import COUNTED, HOURS, KEY, WHOLE_TRIAL
from release.domain.specifications import PLAN, SETTINGS

CODE = r"[A-Z0-9][A-Z0-9-]{1,22}[A-Z0-9]"
CODE_TEXT = N_("3 to 24 capitals, digits and dashes.")
KEY_TEXT = N_("Small letters, digits and underscores, such as cd3_dose.")
UNITS = ("%", "cells/kg", "EU/kg/h", "% of label", *sorted({one.unit for one in ANALYTES.values()} - {"%", "cells/kg"}))
POPULATION, LIMITS, JUDGING, WINDOW = (
    N_("What is measured"),
    N_("Limits"),
    N_("How it is judged"),
    N_("Several doses of one subject"),
)
SETTING_WORDS = {
    "hours_after_formulation": (N_("Shelf life after the formulation"), "h"),
    "hours_after_apheresis": (N_("Shelf life after the leukapheresis"), "h"),
    "transport_infusion_margin_minutes": (N_("Margin for transport and infusion"), "min"),
    "weight_tolerance_percent": (N_("Change of weight that is tolerated"), "%"),
    "weight_max_age_days": (N_("Greatest age of a weight"), "d"),
    "formulation_difference_percent": (N_("Difference from the formulation counts that QA answers"), "%"),
    "sterility_final_days": (N_("Earliest final reading of a culture"), "d"),
}


def line(label: str, longest: int, group: str, *, required: bool = False, **about: Any) -> fields.String:
    given: dict[str, Any] = {"required": True} if required else {"load_default": ""}
    rule = validate.Length(1 if required else 0, longest)
    return fields.String(validate=rule, metadata={"label": label, "group": group, **about}, **given)


def choice(label: str, values: Any, group: str, *, required: bool = False, **about: Any) -> fields.String:
    pairs = [(value, value) for value in values]
    given: dict[str, Any] = {"required": True} if required else {"load_default": ""}
    listed = [value for value, _ in pairs]
    return fields.String(
        validate=validate.OneOf(listed if required else ["", *listed]),
        metadata={"label": label, "group": group, "choices": pairs, "widget": "select", **about},
        **given,
    )


def amount(label: str, group: str, **about: Any) -> Number:
    return Number(load_default=None, metadata={"label": label, "group": group, **about})


def answer(label: str, group: str, **about: Any) -> YesNo:
    return YesNo(required=True, metadata={"label": label, "group": group, **about})


class CriterionSchema(Schema):
    title = line(N_("Name"), 120, POPULATION, required=True)
    key = fields.String(
        required=True,
        validate=validate.Regexp(KEY.pattern + r"\Z", error=KEY_TEXT),
        metadata={
            "label": N_("Key"),
            "group": POPULATION,
            "help": N_("Trends and comparisons of versions go by it: the same key for the same quantity."),
        },
    )
    kind = choice(N_("Kind of result"), [one.value for one in Kind], POPULATION, required=True)
    formula = choice(
        N_("Computed as"),
        [one.value for one in Formula],
        POPULATION,
        help=N_("Only of a computed result; per-kg results are computed for this subject's weight."),
    )
    population = line(
        N_("Counted population"),
        120,
        POPULATION,
        help=N_("CD3+, CD3+CD56- and TCRab+ are three different counts: write which cells are counted."),
    )
    parent = line(N_("Share of which cells"), 60, POPULATION, help=N_("The gate that is 100 %."))
    unit = choice(N_("Unit"), UNITS, POPULATION)
    method = line(N_("Method"), 120, POPULATION, required=True)
    counting = choice(
        N_("Counted as events and beads"),
        COUNTED,
        POPULATION,
        help=N_("“bound”: compared at the upper 95 % bound of the events; “as_counted”: at the count itself."),
    )
    replicates = amount(N_("Values of one result"), POPULATION, help=N_("How many are measured; empty is one."))
    replicate_rule = choice(
        N_("Of several values is judged"),
        [one.value for one in Replicates],
        POPULATION,
        help=N_("Their mean only where the method defines it so; “each” lets no good value carry a bad one."),
    )
    comparison = choice(N_("Comparison"), [one.value for one in Comparison], LIMITS, required=True)
    limit = amount(N_("Limit"), LIMITS, help=N_("The only or the lower limit."))
    upper = amount(N_("Upper limit"), LIMITS, help=N_("Of “between” only; both ends belong to it."))
    alert = amount(N_("Alert limit"), LIMITS, help=N_("On the good side of the limit; beyond it somebody looks."))
    alert_upper = amount(N_("Upper alert limit"), LIMITS)
    rounding = choice(N_("Rounding before the comparison"), [one.value for one in Rounding], LIMITS, required=True)
    texts = line(N_("Accepted words"), 600, LIMITS, widget="textarea", help=N_("One a line, for results in words."))
    alert_texts = line(N_("Words among them that want a look"), 600, LIMITS, widget="textarea")
    final_days = amount(
        N_("Earliest final reading of this culture"), LIMITS, unit="d", help=N_("Empty: as the settings say.")
    )
    stage = choice(N_("Known when"), [one.value for one in Stage], JUDGING, required=True)
    mandatory = answer(N_("Mandatory?"), JUDGING)
    report_only = answer(N_("Report only?"), JUDGING)
    may_wait = answer(
        N_("May it be pending at the first certification?"), JUDGING, help=N_("Only of what is known after infusion.")
    )
    cumulation = choice(N_("Summed over"), (WHOLE_TRIAL, HOURS), WINDOW, help=N_("Upper limits per kg only."))
    cumulation_hours = amount(N_("Hours of the sum"), WINDOW, unit="h")


def setting(name: str) -> Number:
    label, unit = SETTING_WORDS[name]
    return Number(required=True, metadata={"label": label, "unit": unit})


def plan() -> fields.String:
    about = N_("Number and title of the procedure; without it no batch is certified with results pending.")
    label = N_("Action plan on a positive culture after the infusion")
    return fields.String(load_default=None, validate=validate.Length(max=120), metadata={"label": label, "help": about})


SettingsSchema = Schema.from_dict({**{name: setting(name) for name in SETTINGS}, PLAN: plan()}, name="SettingsSchema")


class NewSpecificationSchema(Schema):
    made_of = fields.String(
        load_default="",
        validate=validate.Length(max=40),
        metadata={
            "label": N_("Made of"),
            "widget": "select",
            "choices": [],
            "help": N_("Empty: a specification that begins with what the records answer, and the settings of now."),
        },
    )
    code = fields.String(
        required=True,
        validate=validate.Regexp(CODE + r"\Z", error=CODE_TEXT),
        metadata={"label": N_("Code"), "help": N_("The code of an existing one makes its next version.")},
    )
    title = fields.String(required=True, validate=validate.Length(5, 200), metadata={"label": N_("Title")})
    retraining = YesNo(required=True, metadata={"label": N_("Is retraining needed?")})
