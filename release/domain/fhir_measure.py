"""The feasibility criteria as a FHIR Measure, and their figures as its MeasureReport: a group for each criterion.

The criterion is met or not by the two counts and the rule in the Measure, in whole numbers; the score is for reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kernel.quantities import to_decimal
from release.domain.fhir import OURS, UCUM, Element, Kind, coding, concept, known
from release.domain.figure_words import CRITERIA, DEFINITIONS, DEFINITIONS_VERSION
from release.domain.intervals import DIGITS

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
INCLUDED, INFUSED, INFUSED_FINALLY = DEFINITIONS["I"], DEFINITIONS["F"], DEFINITIONS["F_final"]
CONCLUDED = "The counted and those included for whom nothing more can come."
# Numerator and denominator of each criterion.
POPULATIONS = {
    "inclusion": (INCLUDED, DEFINITIONS["T"]),
    "inclusion_of_eligible": (INCLUDED, "The transplanted of the accepted age and donor type."),
    "infusion": (INFUSED, INCLUDED),
    "infusion_final": (INFUSED_FINALLY, INCLUDED),
    "infusion_with_supplied": (
        "The infused, and the included with a dose out of specification that reached the minimum; each once.",
        INCLUDED,
    ),
    "infusion_of_concluded": (INFUSED, CONCLUDED),
    "infusion_final_of_concluded": (INFUSED_FINALLY, CONCLUDED),
}
# The others are shown beside these, and decide nothing.
DECIDING = ("inclusion", "infusion", "infusion_final")
SCORING = {"coding": [coding(f"{TERMINOLOGY}/measure-scoring", "proportion")]}
INCREASE = {"coding": [coding(f"{TERMINOLOGY}/measure-improvement-notation", "increase")]}


def measure_url(figures: Mapping[str, Any]) -> str:
    return f"{OURS}:measure:feasibility:{figures['trial']['code']}"


def measure_version(figures: Mapping[str, Any]) -> str:
    """Of the definitions, and of the protocol whose settings are the reading in force."""
    protocol = figures["protocol"]
    return f"{DEFINITIONS_VERSION}-{protocol['code']}-v{protocol['version']}"


def measure(figures: Mapping[str, Any]) -> Element:
    return {
        "resourceType": Kind.MEASURE,
        "id": figures["trial"]["id"],
        "url": measure_url(figures),
        "version": measure_version(figures),
        "title": f"Feasibility of {figures['trial']['code']}",
        "status": "active",
        "scoring": SCORING,
        "improvementNotation": INCREASE,
        "group": [measure_group(key, figures[key]["percent"]) for key in CRITERIA],
    }


def measure_group(key: str, percent: int) -> Element:
    numerator, denominator = POPULATIONS[key]
    rule = f"Met where 100 × numerator > {percent} × denominator, in whole numbers."
    return {
        "linkId": key,
        "code": criterion(key),
        "description": rule if key in DECIDING else "Shown beside the criteria; decides nothing.",
        "population": [
            {**population(key, "numerator"), "description": numerator},
            {**population(key, "denominator"), "description": denominator},
        ],
    }


def measure_report(figures: Mapping[str, Any], first_day: date | None) -> Element:
    """``first_day``: of the first transplantation on record, where the counting begins."""
    at: datetime = figures["data_cut_off"]
    return {
        "resourceType": Kind.REPORT,
        "id": figures["trial"]["id"],
        "status": "complete",
        "type": "summary",
        "measure": f"{measure_url(figures)}|{measure_version(figures)}",
        "date": at,
        "period": known(start=first_day, end=at),
        "scoring": SCORING,
        "improvementNotation": INCREASE,
        "group": [report_group(key, figures[key]["numerator"], figures[key]["denominator"]) for key in CRITERIA],
    }


def report_group(key: str, k: int, n: int) -> Element:
    """Without a denominator there is no score: it is not zero."""
    return known(
        linkId=key,
        code=criterion(key),
        population=[
            {**population(key, "numerator"), "count": k},
            {**population(key, "denominator"), "count": n},
        ],
        measureScoreQuantity={"value": score(k, n), "system": UCUM, "code": "1"} if n else None,
    )


def criterion(key: str) -> Element:
    return concept("criterion", key, CRITERIA[key])


def population(key: str, code: str) -> Element:
    return {
        "linkId": f"{key}-{code}",
        "code": {"coding": [coding(f"{TERMINOLOGY}/measure-population", code)]},
    }


def score(k: int, n: int) -> Decimal:
    """k/n with as many decimals as the intervals have."""
    return round(to_decimal(Fraction(k, n)), DIGITS).normalize()
