"""The day-of-infusion check: the registry's exclusions as rules over what the physician recorded.

Source: registry NL-OMON26066; readings in requirements 7 (DSP-ELIG) and 15; thresholds are settings (decision 19).
There is no waiver (DSP-ELIG-7). Donor chimerism is recorded; a signed setting says whether it is needed (15, row 2).
A second registration of the sponsor, NL-OMON43758, excludes any immunosuppression within two weeks before the infusion and
a second cellular product; two signed settings say whether it decides (15, row 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from kernel.quantities import exact, expanded, to_decimal
from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.expiry import local_day
from manufacturing.domain.units import ANALYTES, convert

ELIGIBILITY_MISSING = kind(
    "ELIGIBILITY_MISSING",
    409,
    N_("The day-of-infusion check is missing or incomplete (%(criterion)s)."),
    resolver=N_("the physician"),
    next_step=N_("Complete and sign the check on the day of the infusion."),
)
ELIGIBILITY_STALE = kind(
    "ELIGIBILITY_STALE",
    409,
    N_("The day-of-infusion check is not of today (%(criterion)s: %(on)s; today is %(today)s in Amsterdam)."),
    resolver=N_("the physician"),
    next_step=N_("Repeat the check today and sign it."),
)
ELIGIBILITY_FAILED = kind(
    "ELIGIBILITY_FAILED",
    409,
    N_("The subject may not be infused today: %(criterion)s (%(found)s; allowed: %(allowed)s)."),
    resolver=N_("nobody: the protocol excludes the infusion while this lasts"),
    next_step=N_("Keep the product in quarantine storage and repeat the check when the condition has ended."),
)

NEUTROPHILS_UNIT = kind(
    "NEUTROPHILS_UNIT",
    422,
    N_(
        "%(value)s × 10⁹/L neutrophils are seldom after a transplantation; %(value)s per µL would be %(meant)s × 10⁹/L."
    ),
    resolver=N_("you"),
    next_step=N_("Look at the unit on the laboratory's report. If the count is right, enter it per µL as well."),
)
NEUTROPHILS_DIFFER = kind(
    "NEUTROPHILS_DIFFER",
    422,
    N_("%(value)s × 10⁹/L is %(same)s per µL, and %(entered)s per µL was entered."),
    resolver=N_("you"),
    next_step=N_("Compare number and unit with the laboratory's report and enter both again."),
)

IMMUNOSUPPRESSION_DIFFERS = kind(
    "IMMUNOSUPPRESSION_DIFFERS",
    422,
    N_("A last day of immunosuppression (%(on)s) is given, and not that there was any."),
    resolver=N_("you"),
    next_step=N_("Answer “yes” with its last day, or leave the day empty."),
)

PROGRESSIVE_DISEASE = "progressive_disease"
ENGRAFTMENT = "engraftment"
GVHD = "gvhd"
STEROIDS = "steroids"
IMMUNOSUPPRESSION = "immunosuppression"
SECOND_PRODUCT = "second_cellular_product"
OTHER_CONDITION = "other_condition"
PER_UL = 1000
MEASURED = {
    "marrow_blasts": "blasts_percent",
    "circulating_blasts": "blasts_percent",
    "neutrophils": "neutrophils",
    "steroids": "steroids",
}
"""The numbers of the form with the analyte each is of; all are asked in its canonical unit."""
NONE_WITHIN_14_DAYS, EXCLUDED = "none_within_14_days", "excluded"
FREE_DAYS = 14
"""“Within the 2 weeks before”: the fourteenth day before the infusion still lies within them."""
GIVEN, LAST_ON, OTHER_CELLS = "immunosuppression_given", "immunosuppression_last_on", "second_product_given"


@dataclass(frozen=True, slots=True)
class Reading:
    """A value with its date. ``operator`` “<” or “>” as the laboratory reported it; ``on`` is a day in Amsterdam."""

    value: Decimal
    on: date
    operator: str = ""


@dataclass(frozen=True, slots=True)
class NotDone:
    """Not repeated for this check; the day of the last assessment is known."""

    last_on: date


@dataclass(frozen=True, slots=True)
class EligibilitySettings:
    """Signed settings with decision 19 as preset. Ages in days; None is “the last available one”."""

    marrow_blasts_exclude_from_percent: Decimal = Decimal(25)
    circulating_blasts_exclude_from_percent: Decimal = Decimal(5)
    neutrophils_at_least_e9_per_l: Decimal = Decimal("0.5")
    neutrophils_confirm_above_e9_per_l: Decimal = Decimal(10)
    gvhd_grade_at_most: int = 1
    steroids_at_most_mg_per_kg_day: Decimal = Decimal(1)
    marrow_may_be_not_done: bool = False
    marrow_max_age_days: int | None = None
    blood_max_age_days: int | None = 0
    donor_chimerism_needed: bool = False
    immunosuppression: str = "steroids_only"
    second_cellular_product: str = "allowed"


@dataclass(frozen=True, slots=True)
class EligibilityForm:
    """What the physician recorded; None is unanswered, and unanswered is never “no” (DSP-ELIG-6).

    Steroids in mg per kg and day, prednisolone-equivalent, systemic. GvHD: overall grade of active acute GvHD, 0-4.
    Immunosuppression and second product: since the transplantation; ``immunosuppression_last_on`` is a day in Amsterdam.
    """

    signed_at: datetime | None
    marrow_blasts_percent: Reading | NotDone | None
    circulating_blasts_percent: Reading | None
    extramedullary_progression: bool | None
    neutrophils_e9_per_l: Reading | None
    gvhd_grade: int | None
    steroids_mg_per_kg_day: Decimal | None
    other_condition: bool | None
    other_condition_text: str = ""
    donor_chimerism: bool | None = None
    immunosuppression_given: bool | None = None
    immunosuppression_last_on: date | None = None
    second_product_given: bool | None = None


def eligibility_refusals(
    form: EligibilityForm | None, settings: EligibilitySettings, now: datetime
) -> tuple[Refusal, ...]:
    """Every reason why the subject may not be infused now; none means every criterion was shown to hold today."""
    if form is None or form.signed_at is None:
        return (ELIGIBILITY_MISSING(criterion="form"),)
    today = local_day(now)
    refusals = (
        []
        if local_day(form.signed_at) == today and form.signed_at <= now
        else [ELIGIBILITY_STALE(criterion="form", on=local_day(form.signed_at), today=today)]
    )
    for check in CHECKS:
        refusals.extend(check(form, settings, today))
    return tuple(refusals)


def questions(settings: EligibilitySettings) -> tuple[frozenset[str], frozenset[str]]:
    """Answers that this version of the protocol needs beyond those of every check, and those it does not ask for."""
    needed: set[str] = set()
    if settings.immunosuppression == NONE_WITHIN_14_DAYS:
        needed.add(GIVEN)
    if settings.second_cellular_product == EXCLUDED:
        needed.add(OTHER_CELLS)
    asked = needed | ({LAST_ON} if GIVEN in needed else set())
    return frozenset(needed), frozenset({GIVEN, LAST_ON, OTHER_CELLS} - asked)


def contradicting_refusals(answers: Mapping[str, Any]) -> tuple[Refusal, ...]:
    """A last day of what was not given: one of the two is a slip, whichever version of the protocol decides."""
    on = answers.get(LAST_ON)
    return () if on is None or answers.get(GIVEN) else (IMMUNOSUPPRESSION_DIFFERS(field=LAST_ON, on=on),)


def implausible_refusals(answers: Mapping[str, Any], settings: EligibilitySettings) -> tuple[Refusal, ...]:
    """Numbers that nobody measures are slips of the unit: 500 per µL typed as × 10⁹/L would pass (PHE-UNIT)."""
    found = {name: convert(analyte, answers[name], ANALYTES[analyte].unit) for name, analyte in MEASURED.items()}
    beyond = tuple(answer.at_field(name) for name, answer in found.items() if isinstance(answer, Refusal))
    if any(one.fact("field") == "neutrophils" for one in beyond):
        return beyond
    per_ul: Decimal | None = answers.get("neutrophils_per_ul")
    return (*beyond, *neutrophil_unit_refusals(answers["neutrophils"], per_ul, settings))


def neutrophil_unit_refusals(
    value: Decimal, per_ul: Decimal | None, settings: EligibilitySettings
) -> tuple[Refusal, ...]:
    """50 per µL typed as × 10⁹/L would pass too: a count above the setting is asked in the other unit as well, and both
    have to agree. One that is really so high is not refused.
    """
    if per_ul is None:
        if value <= settings.neutrophils_confirm_above_e9_per_l:
            return ()
        meant = expanded(to_decimal(exact(value) / PER_UL))
        return (NEUTROPHILS_UNIT(field="neutrophils_per_ul", value=expanded(value), meant=meant),)
    same = exact(value) * PER_UL
    if exact(per_ul) == same:
        return ()
    shown = {"value": expanded(value), "same": expanded(to_decimal(same)), "entered": expanded(per_ul)}
    return (NEUTROPHILS_DIFFER(field="neutrophils_per_ul", **shown),)


def _marrow(form: EligibilityForm, settings: EligibilitySettings, today: date) -> tuple[Refusal, ...]:
    found = form.marrow_blasts_percent
    if isinstance(found, NotDone):
        if not settings.marrow_may_be_not_done:
            return (ELIGIBILITY_MISSING(criterion="marrow_blasts"),)
        return _stale("marrow_blasts", found.last_on, settings.marrow_max_age_days, today)
    limit = settings.marrow_blasts_exclude_from_percent
    return _blasts("marrow_blasts", found, limit, settings.marrow_max_age_days, today)


def _circulating(form: EligibilityForm, settings: EligibilitySettings, today: date) -> tuple[Refusal, ...]:
    limit = settings.circulating_blasts_exclude_from_percent
    found = form.circulating_blasts_percent
    return _blasts("circulating_blasts", found, limit, settings.blood_max_age_days, today)


def _blasts(name: str, found: Reading | None, limit: Decimal, max_age: int | None, today: date) -> tuple[Refusal, ...]:
    """From the limit on excluded; “<x” counts as x, “>x” shows nothing about being below."""
    if found is None:
        return (ELIGIBILITY_MISSING(criterion=name),)
    stale = _stale(name, found.on, max_age, today)
    if found.operator in {"", "<"} and found.value.is_finite() and 0 <= found.value < limit:
        return stale
    shown = f"{name} {found.operator}{found.value} %"
    return (*stale, ELIGIBILITY_FAILED(criterion=PROGRESSIVE_DISEASE, found=shown, allowed=f"< {limit} %"))


def _extramedullary(form: EligibilityForm, _: EligibilitySettings, __: date) -> tuple[Refusal, ...]:
    if form.extramedullary_progression is None:
        return (ELIGIBILITY_MISSING(criterion="extramedullary_progression"),)
    if form.extramedullary_progression is False:
        return ()
    return (ELIGIBILITY_FAILED(criterion=PROGRESSIVE_DISEASE, found="extramedullary progression", allowed="none"),)


def _neutrophils(form: EligibilityForm, settings: EligibilitySettings, today: date) -> tuple[Refusal, ...]:
    """At or above the threshold passes; “>x” counts as x, “<x” shows nothing about being above."""
    found, limit = form.neutrophils_e9_per_l, settings.neutrophils_at_least_e9_per_l
    if found is None:
        return (ELIGIBILITY_MISSING(criterion="neutrophils"),)
    stale = _stale("neutrophils", found.on, settings.blood_max_age_days, today)
    if found.operator in {"", ">"} and found.value.is_finite() and found.value >= limit:
        return stale
    shown = f"{found.operator}{found.value} × 10^9/L"
    return (*stale, ELIGIBILITY_FAILED(criterion=ENGRAFTMENT, found=shown, allowed=f"≥ {limit} × 10^9/L"))


def _chimerism(form: EligibilityForm, settings: EligibilitySettings, _: date) -> tuple[Refusal, ...]:
    """Donor myeloid engraftment taken at its word: the cells have to be the donor's."""
    if not settings.donor_chimerism_needed or form.donor_chimerism:
        return ()
    if form.donor_chimerism is None:
        return (ELIGIBILITY_MISSING(criterion="donor_chimerism"),)
    shown = N_("no evidence of donor chimerism")
    return (ELIGIBILITY_FAILED(criterion=ENGRAFTMENT, found=shown, allowed=N_("evidence of donor chimerism")),)


def _gvhd(form: EligibilityForm, settings: EligibilitySettings, _: date) -> tuple[Refusal, ...]:
    if form.gvhd_grade is None:
        return (ELIGIBILITY_MISSING(criterion=GVHD),)
    if 0 <= form.gvhd_grade <= settings.gvhd_grade_at_most:
        return ()
    allowed = f"grade 0 to {settings.gvhd_grade_at_most}"
    return (ELIGIBILITY_FAILED(criterion=GVHD, found=f"grade {form.gvhd_grade}", allowed=allowed),)


def _steroids(form: EligibilityForm, settings: EligibilitySettings, _: date) -> tuple[Refusal, ...]:
    dose, limit = form.steroids_mg_per_kg_day, settings.steroids_at_most_mg_per_kg_day
    if dose is None:
        return (ELIGIBILITY_MISSING(criterion=STEROIDS),)
    if dose.is_finite() and 0 <= dose <= limit:
        return ()
    unit = "mg/kg/day prednisolone-equivalent"
    return (ELIGIBILITY_FAILED(criterion=STEROIDS, found=f"{dose} {unit}", allowed=f"≤ {limit} {unit}"),)


def _immunosuppression(form: EligibilityForm, settings: EligibilitySettings, today: date) -> tuple[Refusal, ...]:
    """None on the fourteen days before the infusion, nor on its day; systemic steroids of today are immunosuppression too."""
    last_on = form.immunosuppression_last_on
    stale = () if last_on is None else _stale(LAST_ON, last_on, None, today)
    if stale or settings.immunosuppression != NONE_WITHIN_14_DAYS:
        return stale
    if form.immunosuppression_given is None or (form.immunosuppression_given and last_on is None):
        open_question = LAST_ON if form.immunosuppression_given else GIVEN
        return (ELIGIBILITY_MISSING(criterion=IMMUNOSUPPRESSION, field=open_question),)
    last = last_on if form.steroids_mg_per_kg_day in {None, Decimal(0)} else today
    if last is None or last < today - timedelta(days=FREE_DAYS):
        return ()
    allowed = f"< {today - timedelta(days=FREE_DAYS)}"
    return (ELIGIBILITY_FAILED(criterion=IMMUNOSUPPRESSION, found=str(last), allowed=allowed),)


def _second_product(form: EligibilityForm, settings: EligibilitySettings, _: date) -> tuple[Refusal, ...]:
    if settings.second_cellular_product != EXCLUDED or form.second_product_given is False:
        return ()
    if form.second_product_given is None:
        return (ELIGIBILITY_MISSING(criterion=SECOND_PRODUCT, field=OTHER_CELLS),)
    return (ELIGIBILITY_FAILED(criterion=SECOND_PRODUCT, found=N_("given"), allowed=N_("none")),)


def _other(form: EligibilityForm, _: EligibilitySettings, __: date) -> tuple[Refusal, ...]:
    if form.other_condition is None or (form.other_condition and not form.other_condition_text.strip()):
        return (ELIGIBILITY_MISSING(criterion=OTHER_CONDITION),)
    if form.other_condition is False:
        return ()
    return (ELIGIBILITY_FAILED(criterion=OTHER_CONDITION, found=form.other_condition_text.strip(), allowed="none"),)


def _stale(name: str, on: date, max_age_days: int | None, today: date) -> tuple[Refusal, ...]:
    """A reading from the future is as useless as one that is too old."""
    recent = on <= today and (max_age_days is None or on >= today - timedelta(days=max_age_days))
    return () if recent else (ELIGIBILITY_STALE(criterion=name, on=on, today=today),)


CHECKS = (
    _marrow,
    _circulating,
    _extramedullary,
    _neutrophils,
    _chimerism,
    _gvhd,
    _steroids,
    _immunosuppression,
    _second_product,
    _other,
)
