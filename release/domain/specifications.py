"""From the body of a specification version to criteria that can be judged; every fault of the body is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kernel.quantities import parse_number
from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.bead_counts import CountedEvents
from manufacturing.domain.gates import GATE_MIXED, share_refusals, viability_refusals
from release.domain.criteria import (
    Comparison,
    Criterion,
    Cumulation,
    Formula,
    Kind,
    Replicates,
    Rounding,
    Specification,
    Stage,
    Sterility,
)
from release.domain.entries import analyte_of
from release.domain.judgement import judge
from release.domain.limits import display
from release.domain.results import Censoring, Judging, Measurement, Outcome, PriorExposure, Verdict

__all__ = [
    "SPEC_INVALID",
    "Censoring",
    "Comparison",
    "CountedEvents",
    "Criterion",
    "Cumulation",
    "Formula",
    "Judging",
    "Kind",
    "Measurement",
    "Outcome",
    "PriorExposure",
    "Rounding",
    "Specification",
    "Stage",
    "Sterility",
    "Verdict",
    "display",
    "judge",
    "parse_specification",
]

SPEC_INVALID = kind(
    "SPEC_INVALID",
    422,
    N_("The specification cannot be used: %(where)s: %(problem)s."),
    resolver=N_("the author of the specification"),
    next_step=N_("Correct this entry and submit the specification again for approval."),
)

SETTINGS: dict[str, Decimal | None] = {
    "hours_after_formulation": None,
    "hours_after_apheresis": None,
    "transport_infusion_margin_minutes": Decimal(60),
    "weight_tolerance_percent": Decimal(10),
    "weight_max_age_days": Decimal(7),
    "formulation_difference_percent": Decimal(10),
    "sterility_final_days": None,
}
MAY_BE_ZERO = frozenset({"transport_infusion_margin_minutes", "weight_tolerance_percent"})
TEXTS = ("key", "name", "unit", "method", "population", "parent")
NUMBERS = ("limit", "upper", "alert", "alert_upper", "final_days")
FLAGS = ("mandatory", "report_only", "counted_events", "bead_count")
LISTS = ("texts", "alert_texts")
CHOICES: dict[str, type[StrEnum]] = {
    "kind": Kind,
    "comparison": Comparison,
    "stage": Stage,
    "formula": Formula,
    "rounding": Rounding,
    "replicate_rule": Replicates,
}
MOST_REPLICATES = 10
REQUIRED = ("key", "name", "kind", "comparison", "stage", "unit", "method")
SHARES = frozenset({"nk_percent", "cd3_percent", "b_percent", "monocyte_percent"})
KNOWN = frozenset({*TEXTS, *NUMBERS, *FLAGS, *LISTS, *CHOICES, "per_kg", "replicates"})
PLAN = "positive_sterility_plan"
BODY = frozenset({*SETTINGS, PLAN, "criteria", "pending_allowed", "cumulation", "mycoplasma_omitted"})


class _Faults(list[Refusal]):
    def add(self, where: str, problem: str) -> None:
        self.append(SPEC_INVALID(where=where, problem=problem))


def parse_specification(body: Mapping[str, Any]) -> Specification | tuple[Refusal, ...]:
    """The specification, or every reason why the body is none. Numbers are strings; unknown entries are refused."""
    faults = _Faults()
    for name in sorted(set(body) - BODY):
        faults.add(str(name), "unknown entry")
    criteria = _criteria(body.get("criteria"), faults)
    criteria = _with_cumulation(criteria, body.get("cumulation", {}), faults)
    settings = {name: _setting(body, name, preset, faults) for name, preset in SETTINGS.items()}
    pending = _pending(body.get("pending_allowed", []), criteria, faults)
    plan, omitted = _words(body, PLAN, faults), _words(body, "mycoplasma_omitted", faults)
    if faults:
        return tuple(faults)
    return Specification(
        criteria=criteria,
        pending_allowed=pending,
        **settings,
        positive_sterility_plan=plan,
        mycoplasma_omitted=omitted,
    )


def _words(body: Mapping[str, Any], name: str, faults: _Faults) -> str:
    """A text that may be left out."""
    given = body.get(name) or ""
    if not isinstance(given, str):
        faults.add(name, "a text is expected")
        return ""
    return given.strip()


def _criteria(entries: Any, faults: _Faults) -> tuple[Criterion, ...]:
    if not isinstance(entries, list) or not entries:
        faults.add("criteria", "a specification without criteria would pass anything")
        return ()
    parsed = [_criterion(entry, f"criteria[{place}]", faults) for place, entry in enumerate(entries)]
    criteria = tuple(criterion for criterion in parsed if criterion is not None)
    keys = [criterion.key for criterion in criteria]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        faults.add(key, "defined twice")
    return criteria


def _criterion(entry: Any, place: str, faults: _Faults) -> Criterion | None:
    if not isinstance(entry, Mapping):
        faults.add(place, "not an entry with fields")
        return None
    where = str(entry.get("key") or place)
    before = len(faults)
    for name in sorted(set(entry) - KNOWN):
        faults.add(where, f"unknown field {name}")
    for name in REQUIRED:
        if name not in entry or (not entry[name] and name not in {"unit", "method"}):
            faults.add(where, f"{name} is missing")
    fields = {name: _field(name, entry[name], where, faults) for name in KNOWN & set(entry)}
    if len(faults) > before:
        return None
    per_kg = fields.pop("per_kg", None)
    criterion = Criterion(**fields)
    if per_kg is not None and per_kg != criterion.per_kg:
        faults.add(where, "per_kg does not agree with the formula")
    for problem in _problems(criterion):
        faults.add(where, problem)
    faults.extend(_gate_refusals(criterion))
    return criterion if len(faults) == before else None


def _field(name: str, value: Any, where: str, faults: _Faults) -> Any:
    if name in NUMBERS:
        return None if value is None else _number(value, f"{where}.{name}", faults)
    if name in CHOICES:
        if isinstance(value, str) and value in set(CHOICES[name]):
            return CHOICES[name](value)
        faults.add(f"{where}.{name}", f"not one of {', '.join(CHOICES[name])}")
        return None
    if name == "replicates":
        return _count(value, f"{where}.{name}", faults)
    if name in LISTS:
        return _texts(value, f"{where}.{name}", faults)
    expected = str if name in TEXTS else bool
    if not isinstance(value, expected):
        faults.add(f"{where}.{name}", "a text is expected" if expected is str else "true or false is expected")
    return value


def _problems(criterion: Criterion) -> list[str]:
    """What the fields contradict among themselves."""
    worded = criterion.kind in {Kind.QUALITATIVE, Kind.STERILITY}
    rules = (
        (criterion.limit is None and not worded and not criterion.report_only, "limit is missing"),
        (criterion.comparison is Comparison.ONE_OF and not worded, "a number is not compared with words"),
        (criterion.comparison is not Comparison.ONE_OF and worded, "a result in words is compared with one_of"),
        (criterion.kind is Kind.QUALITATIVE and not criterion.texts, "accepted words are missing"),
        (not set(criterion.alert_texts) <= set(criterion.texts), "an alert word is not among the accepted words"),
        ((criterion.kind is Kind.COMPUTED) != (criterion.formula is not Formula.NONE), "computed needs a formula"),
        (criterion.counted_events and criterion.formula is not Formula.DOSE_PER_KG, "events are counted for doses"),
        (criterion.bead_count and criterion.formula is not Formula.DOSE_PER_KG, "beads are counted for doses"),
        (criterion.bead_count and criterion.counted_events, "a count is judged at its bound or as counted, not both"),
        (criterion.counted_events and not criterion.has_upper, "an upper bound of a count needs an upper limit"),
        (criterion.report_only and criterion.mandatory and criterion.limit is not None, "report only has no limit"),
        (criterion.final_days is not None and criterion.kind is not Kind.STERILITY, "days are counted of a culture"),
        (criterion.final_days is not None and not criterion.final_days > 0, "final_days is too small"),
        (criterion.replicates > 1 and (worded or criterion.by_beads), "replicates belong to a measured number"),
        *_limit_order(criterion),
    )
    return [problem for wrong, problem in rules if wrong]


def _gate_refusals(criterion: Criterion) -> tuple[Refusal, ...]:
    """A share of cells names its parent, and viability is a share of all of them (3.2b)."""
    analyte = analyte_of(criterion) if criterion.formula is Formula.NONE else None
    if analyte == "viability":
        return viability_refusals(criterion.name, criterion.parent)
    if analyte not in SHARES:
        return ()
    named = criterion.population.rpartition(" of ")[2] if " of " in criterion.population else criterion.parent
    if criterion.parent and named != criterion.parent:
        return (GATE_MIXED(name=criterion.name, gates=f"{named}, {criterion.parent}"),)
    return share_refusals(criterion.name, criterion.parent)


def _limit_order(criterion: Criterion) -> tuple[tuple[bool, str], ...]:
    low, high, good, beyond = criterion.limit, criterion.upper, criterion.alert, criterion.alert_upper
    between = criterion.comparison is Comparison.BETWEEN
    upward = criterion.has_lower
    return (
        (any(number is not None and number < 0 for number in (low, high, good, beyond)), "a limit is negative"),
        (between and (low is None or high is None), "between needs limit and upper"),
        (between and _above(low, high), "limit lies above upper"),
        (not between and (high is not None or beyond is not None), "upper limits belong to between"),
        (_above(low, good) if upward else _above(good, low), "alert lies beyond the limit"),
        (between and _above(beyond, high), "alert_upper lies beyond the limit"),
    )


def _above(one: Decimal | None, other: Decimal | None) -> bool:
    return one is not None and other is not None and one > other


def _number(value: Any, where: str, faults: _Faults) -> Decimal | None:
    if not isinstance(value, str):
        faults.add(where, 'a number is written as text, such as "2.5e4"')
        return None
    number = parse_number(value)
    if isinstance(number, Refusal):
        faults.add(where, "not a number")
        return None
    return number


def _count(value: Any, where: str, faults: _Faults) -> int:
    number = _number(value, where, faults)
    if number is None or number != int(number) or not 1 <= number <= MOST_REPLICATES:
        faults.add(where, f"a whole number from 1 to {MOST_REPLICATES} is expected")
        return 1
    return int(number)


def _setting(body: Mapping[str, Any], name: str, preset: Decimal | None, faults: _Faults) -> Any:
    if name not in body:
        if preset is None:
            faults.add(name, "missing")
        return preset
    number = _number(body[name], name, faults)
    if number is not None and (number < 0 or (number == 0 and name not in MAY_BE_ZERO)):
        faults.add(name, "too small")
    return number


def _texts(value: Any, where: str, faults: _Faults) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(text, str) and text for text in value):
        return tuple(value)
    faults.add(where, "a list of texts is expected")
    return ()


def _with_cumulation(criteria: tuple[Criterion, ...], windows: Any, faults: _Faults) -> tuple[Criterion, ...]:
    if not isinstance(windows, Mapping):
        faults.add("cumulation", "a window per criterion is expected")
        return criteria
    parsed: dict[str, Cumulation] = {}
    for key, window in windows.items():
        criterion = next((criterion for criterion in criteria if criterion.key == key), None)
        if criterion is None or not criterion.per_kg or not criterion.has_upper:
            faults.add(f"cumulation.{key}", "not a per-kg criterion with an upper limit")
        elif window == "trial":
            parsed[key] = Cumulation()
        else:
            hours = _number(window, f"cumulation.{key}", faults)
            if hours is not None and not hours > 0:
                faults.add(f"cumulation.{key}", "a window has a length")
            parsed[key] = Cumulation(hours)
    return tuple(replace(item, cumulation=parsed[item.key]) if item.key in parsed else item for item in criteria)


def _pending(value: Any, criteria: tuple[Criterion, ...], faults: _Faults) -> tuple[str, ...]:
    keys = _texts(value, "pending_allowed", faults)
    late = {criterion.key for criterion in criteria if criterion.stage is Stage.POST}
    for key in keys:
        if key not in late:
            faults.add("pending_allowed", f"{key} is not a criterion known only after the infusion")
    return keys
