"""The protocol version as settings: each with its value, the other readings, what follows, and the registry's words.

Source: decision 19, requirements 15 (where the registry text leaves a choice, the choice is signed, never silent).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from typing import Any

from kernel.documents.domain import DOCUMENT_INVALID, document_kind
from kernel.quantities import parse_number
from kernel.refusals import N_, Refusal
from manufacturing.domain.donors import EXTRA

DONOR_TYPES = ("mismatched_family", "volunteer_unrelated", "matched_sibling")
DENOMINATORS = ("all_transplanted", "accepted_transplanted")
INFUSION_READINGS = ("more_than_percent", "more_than_two_thirds", "at_least_two_thirds")
SAFETY_COUNTS = ("patients_severe", "events_severe", "patients_serious")
IMMUNOSUPPRESSION = ("steroids_only", "none_within_14_days")
SECOND_PRODUCT = ("allowed", "excluded")
RELATEDNESS = ("unrelated", "unlikely", "possible", "probable", "definite")


@dataclass(frozen=True, slots=True)
class Protocol:
    """Settings of one protocol version. Ages in completed months; doses in viable cells per kg; steroids in
    mg/kg/day prednisolone-equivalent; neutrophils in 10^9/L; percentages 0-100. ``follow_up_days``: days after the
    last infusion on which a subject is looked at again (TR-S6). ``inclusion_denominator``, ``infusion_reading`` and
    ``safety_counted``: how the registry's text about these criteria is read. ``immunosuppression`` and
    ``second_cellular_product``: which of the sponsor's two registrations decides on the day of the infusion."""

    subject_code_pattern: str
    subject_code_example: str
    age_lowest_months: int
    age_highest_months: int
    eighteenth_birthday_allowed: bool
    donor_types: tuple[str, ...]
    target: int
    inclusion_percent: int
    infusion_percent: int
    infusion_minimum_nk_per_kg: Decimal
    marrow_blasts_exclude_from_percent: Decimal
    circulating_blasts_exclude_from_percent: Decimal
    neutrophils_at_least_e9_per_l: Decimal
    gvhd_grade_at_most: int
    steroids_at_most_mg_per_kg_day: Decimal
    marrow_may_be_not_done: bool
    marrow_max_age_days: int | None
    blood_max_age_days: int | None
    safety_grade_at_least: int
    safety_related: tuple[str, ...]
    safety_at_most_patients: int
    donor_tests: tuple[str, ...] = ()
    oos_supply_director_authorises: bool = False
    blood_groups_needed: bool = True
    late_result_hours_physician: int = 1
    late_result_hours_pharmacy: int = 1
    late_result_hours_qp: int = 4
    late_result_hours_sponsor: int = 24
    downtime_kit_hours: int = 24
    follow_up_days: tuple[int, ...] = ()
    donor_chimerism_needed: bool = False
    neutrophils_confirm_above_e9_per_l: Decimal = Decimal(10)
    inclusion_denominator: str = "all_transplanted"
    infusion_reading: str = "more_than_percent"
    safety_counted: str = "patients_severe"
    immunosuppression: str = "steroids_only"
    second_cellular_product: str = "allowed"


class _Wrong(Exception):  # noqa: N818
    """The value of one setting is not of its kind."""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong("a text is expected")
    return value


def _pattern(value: Any) -> str:
    try:
        re.compile(_text(value), re.ASCII)
    except re.error as error:
        raise _Wrong("not a pattern") from error
    return str(value)


def _count(value: Any) -> int:
    number = _number(value)
    if number != int(number) or number < 0:
        raise _Wrong("a whole number is expected")
    return int(number)


def _days(value: Any) -> int | None:
    return None if value == "last available" else _count(value)


def _day_list(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise _Wrong("a list of days is expected")
    return tuple(_count(one) for one in value)


def _number(value: Any) -> Decimal:
    number = parse_number(value) if isinstance(value, str) else None
    if not isinstance(number, Decimal) or number < 0:
        raise _Wrong('a number is written as text, such as "0.5"')
    return number


def _yes_no(value: Any) -> bool:
    if value not in {"yes", "no"}:
        raise _Wrong("yes or no is expected")
    return bool(value == "yes")


def _choices(allowed: tuple[str, ...], *, none: bool = False) -> Callable[[Any], tuple[str, ...]]:
    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not (value or none) or not set(value) <= set(allowed):
            raise _Wrong(f"a list of {', '.join(allowed)} is expected")
        return tuple(value)

    return read


def _one_of(allowed: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in allowed:
            raise _Wrong(f"one of {', '.join(allowed)} is expected")
        return str(value)

    return read


READERS: dict[str, Callable[[Any], Any]] = {
    "subject_code_pattern": _pattern,
    "subject_code_example": _text,
    "eighteenth_birthday_allowed": _yes_no,
    "marrow_may_be_not_done": _yes_no,
    "oos_supply_director_authorises": _yes_no,
    "blood_groups_needed": _yes_no,
    "donor_chimerism_needed": _yes_no,
    "follow_up_days": _day_list,
    "donor_types": _choices(DONOR_TYPES),
    "inclusion_denominator": _one_of(DENOMINATORS),
    "infusion_reading": _one_of(INFUSION_READINGS),
    "safety_counted": _one_of(SAFETY_COUNTS),
    "immunosuppression": _one_of(IMMUNOSUPPRESSION),
    "second_cellular_product": _one_of(SECOND_PRODUCT),
    "safety_related": _choices(RELATEDNESS),
    "donor_tests": _choices(tuple(one.value for one in EXTRA), none=True),
    "marrow_max_age_days": _days,
    "blood_max_age_days": _days,
    **dict.fromkeys(
        (
            "infusion_minimum_nk_per_kg",
            "marrow_blasts_exclude_from_percent",
            "circulating_blasts_exclude_from_percent",
            "neutrophils_at_least_e9_per_l",
            "neutrophils_confirm_above_e9_per_l",
            "steroids_at_most_mg_per_kg_day",
        ),
        _number,
    ),
}
NAMES = tuple(one.name for one in fields(Protocol))
NEEDED = tuple(one.name for one in fields(Protocol) if one.default is MISSING)


def parse_protocol(body: Mapping[str, Any]) -> Protocol | tuple[Refusal, ...]:
    """The settings, or every reason why the body cannot be used."""
    entries = body.get("settings")
    if not isinstance(entries, list):
        return (DOCUMENT_INVALID(problem="settings: a list is expected"),)
    problems: list[str] = []
    values: dict[str, Any] = {}
    for entry in entries:
        key = entry.get("key") if isinstance(entry, Mapping) else None
        if key not in NAMES or key in values:
            problems.append(f"{key}: {'written twice' if key in values else 'unknown setting'}")
            continue
        try:
            reader: Callable[[Any], Any] = READERS.get(key, _count)
            values[key] = reader(entry.get("value"))
        except _Wrong as wrong:
            problems.append(f"{key}: {wrong}")
        problems.extend(f"{key}: {part} is missing" for part in ("title", "consequence") if not _bilingual(entry, part))
    problems.extend(f"{name}: missing" for name in NEEDED if name not in values and not _named(problems, name))
    problems.extend(_contradictions(values))
    if problems:
        return tuple(DOCUMENT_INVALID(problem=problem) for problem in problems)
    return Protocol(**values)


def _named(problems: list[str], name: str) -> bool:
    return any(problem.startswith(f"{name}:") for problem in problems)


def _bilingual(entry: Mapping[str, Any], part: str) -> bool:
    words = entry.get(part)
    return isinstance(words, Mapping) and bool(words.get("nl")) and bool(words.get("en"))


def _contradictions(values: Mapping[str, Any]) -> list[str]:
    found = []
    pattern, example = values.get("subject_code_pattern"), values.get("subject_code_example")
    if pattern and example and not re.fullmatch(pattern, example, re.ASCII):
        found.append("subject_code_example: does not have the form of the pattern")
    lowest, highest = values.get("age_lowest_months"), values.get("age_highest_months")
    if lowest is not None and highest is not None and lowest > highest:
        found.append("age_lowest_months: lies above age_highest_months")
    if values.get("downtime_kit_hours") == 0:
        found.append("downtime_kit_hours: a kit holds for an hour at least")
    return found


def check_protocol(body: dict[str, Any]) -> tuple[Refusal, ...]:
    parsed = parse_protocol(body)
    return parsed if isinstance(parsed, tuple) else ()


PROTOCOL = document_kind("protocol", N_("trial protocol settings"), approvals=("Sp", "QA"), check=check_protocol)
