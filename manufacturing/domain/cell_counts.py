"""Nucleated cell count and viability of a sample: how it was counted, every single reading, and the mean (Ph. Eur. 2.7.29).

Readings are of the diluted suspension in 10^6 cells per mL and in percent; the means are computed, nobody types them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from kernel.quantities import exact, expanded, to_decimal
from kernel.refusals import FUTURE_TIME, MISSING_FIELD, N_, Refusal, kind
from kernel.words import Words
from manufacturing.domain.computed import STORED
from manufacturing.domain.plan import PlannedStep
from manufacturing.domain.reading import Reader
from manufacturing.domain.steps import Value
from manufacturing.domain.trial import TIME_ORDER
from manufacturing.domain.units import converted

LEAST, MOST = 2, 6
COUNTED = ("wbc", "viability")

COUNT_REPLICATES = kind(
    "COUNT_REPLICATES",
    422,
    N_("A count has %(least)s to %(most)s complete readings; %(count)s are complete."),
    resolver=N_("you"),
    next_step=N_("Count again from the same tube and enter each reading with its viability."),
)
COUNT_DILUTION = kind(
    "COUNT_DILUTION",
    422,
    N_("%(dilution)s is no dilution factor; undiluted is 1."),
    resolver=N_("you"),
    next_step=N_("Enter how many times the sample was diluted, dye included."),
)
COUNT_MISSING = kind(
    "COUNT_MISSING",
    409,
    N_("“%(step)s” asks for a count of %(count)s readings on one of its samples."),
    resolver=N_("the technicians of the batch"),
    next_step=N_("Draw a sample in this step, open its page and record the count."),
)
COUNT_DIFFERS = kind(
    "COUNT_DIFFERS",
    422,
    N_("%(name)s: %(value)s is not the mean of the count on record, %(mean)s."),
    resolver=N_("you"),
    next_step=N_("Take the mean as it stands, or count again and record it; a mean is never typed over."),
)

COUNT_NOT_REPEATED = kind(
    "COUNT_NOT_REPEATED",
    409,
    N_("%(name)s comes from a count, and none was recorded since it was measured."),
    resolver=N_("the technicians of the batch"),
    next_step=N_("Count again and record the count on the page of its sample; its mean is what was measured again."),
)


class CountMethod(StrEnum):
    DYE_EXCLUSION = "manual_dye_exclusion"
    FLOW = "flow_cytometry"
    IMAGE = "image_cytometry"


@dataclass(frozen=True, slots=True)
class Reading:
    """One replicate as read: 10^6 cells per mL of the diluted suspension, and viability in percent."""

    wbc: Decimal
    viability: Decimal


@dataclass(frozen=True, slots=True)
class CountFacts:
    """One count of one tube. ``incomplete``: readings of which one number is missing."""

    readings: tuple[Reading, ...]
    incomplete: int
    dye: str
    dilution: Decimal
    counted_at: datetime
    drawn_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Means:
    """Of the undiluted suspension; twelve digits where a mean does not terminate."""

    wbc: Decimal
    viability: Decimal


@dataclass(frozen=True, slots=True)
class Counted:
    """A count on record: how many readings it has, their means, and when it was recorded."""

    readings: int
    means: Means
    recorded_at: datetime

    def figure(self, name: str) -> Decimal:
        return {"wbc": self.means.wbc, "viability": self.means.viability}[name]


def readings_of(boxes: Mapping[str, Any]) -> tuple[tuple[Reading, ...], int]:
    """The complete readings out of the boxes ``wbc_1``, ``viability_1`` …, and how many are half filled in."""
    pairs = [(boxes.get(f"wbc_{place}"), boxes.get(f"viability_{place}")) for place in range(1, MOST + 1)]
    whole = tuple(Reading(wbc, viable) for wbc, viable in pairs if wbc is not None and viable is not None)
    return whole, sum((wbc is None) != (viable is None) for wbc, viable in pairs)


def means_of(readings: Sequence[Reading], dilution: Decimal) -> Means:
    """Exact until the last moment; every reading weighs the same."""
    count = Fraction(len(readings))
    wbc = sum((exact(one.wbc) for one in readings), Fraction(0)) * exact(dilution) / count
    viability = sum((exact(one.viability) for one in readings), Fraction(0)) / count
    return Means(STORED.plus(to_decimal(wbc)), STORED.plus(to_decimal(viability)))


def minutes_from_sampling(drawn_at: datetime, counted_at: datetime) -> int:
    return int((counted_at - drawn_at).total_seconds() // 60)


def count_refusals(facts: CountFacts) -> tuple[Refusal, ...]:
    """Every reason why this is no count: readings, dye, dilution, times, and numbers that cannot be."""
    refusals: list[Refusal] = []
    if facts.incomplete or not LEAST <= len(facts.readings) <= MOST:
        refusals.append(COUNT_REPLICATES(least=LEAST, most=MOST, count=len(facts.readings), field="wbc_1"))
    if not facts.dye.strip():
        refusals.append(MISSING_FIELD(name=N_("The dye"), field="dye"))
    if facts.dilution < 1:
        refusals.append(COUNT_DILUTION(dilution=expanded(facts.dilution), field="dilution"))
    if facts.counted_at > facts.now:
        refusals.append(FUTURE_TIME(name=N_("The count"), field="counted_at"))
    if facts.counted_at < facts.drawn_at:
        refusals.append(TIME_ORDER(name=N_("The count"), earlier=N_("The sample"), field="counted_at"))
    for place, one in enumerate(facts.readings, start=1):
        refusals.extend(_impossible(place, one, facts.dilution))
    return tuple(refusals)


def _impossible(place: int, one: Reading, dilution: Decimal) -> list[Refusal]:
    undiluted = to_decimal(exact(one.wbc) * exact(dilution))
    found = (
        (f"wbc_{place}", converted("wbc", undiluted, "10^6/mL")),
        (f"viability_{place}", converted("viability", one.viability, "%")),
    )
    return [no.kind(**{**dict(no.facts), "field": field}) for field, no in found if isinstance(no, Refusal)]


def read_count(entry: Any, step: str, read: Reader) -> int | None:
    """``{"replicates": 2}``: a step that is recorded only with a count; most steps say nothing."""
    if entry is None:
        return None
    replicates = entry.get("replicates") if isinstance(entry, Mapping) else None
    if isinstance(replicates, bool) or not isinstance(replicates, int) or not LEAST <= replicates <= MOST:
        read.fault(f"{step}.count", f"replicates is a whole number from {LEAST} to {MOST}")
        return None
    return replicates


def counted_fields(plan: PlannedStep) -> dict[str, str]:
    """The fields of a step that a count answers: figure and key of the field."""
    figures = ((one.measure.rpartition(".")[2], one.key) for one in plan.fields if one.measure)
    return {figure: key for figure, key in figures if figure in COUNTED}


def figures_of(plan: PlannedStep, values: Iterable[Value]) -> list[tuple[str, Value]]:
    """The values that a count answers, each with its figure."""
    figures = {key: figure for figure, key in counted_fields(plan).items()}
    return [(figures[one.field], one) for one in values if one.field in figures and one.number is not None]


def step_refusals(
    plan: PlannedStep, counts: Sequence[Counted], values: Iterable[Value], standing: Mapping[str, Decimal | None]
) -> tuple[Refusal, ...]:
    """Why the values of a step are not those of its counts. ``counts``: the newest last.

    ``standing``: what is recorded by field. It may stay as it is where it is the mean of an earlier count, which
    somebody chose to use.
    """
    if plan.count and not any(one.readings >= plan.count for one in counts):
        return (COUNT_MISSING(step=plan.title, count=plan.count),)
    return tuple(
        _differs(plan, value, counts[-1].figure(figure))
        for figure, value in figures_of(plan, values)
        if counts
        and value.number != counts[-1].figure(figure)
        and (value.number != standing.get(value.field) or not _a_mean(counts, figure, value))
    )


def repeated_refusals(
    plan: PlannedStep, counts: Sequence[Counted], values: Iterable[Value], measured: Mapping[str, datetime | None]
) -> tuple[Refusal, ...]:
    """Why values measured again do not come from a count. ``measured``: when each field was recorded the last time."""
    again = figures_of(plan, values) if counts or plan.count else []
    if again and plan.count and (not counts or counts[-1].readings < plan.count):
        return (COUNT_MISSING(step=plan.title, count=plan.count),)
    refusals: list[Refusal] = []
    fresh = new_means(plan, counts, measured)
    for _, value in again:
        if value.field not in fresh:
            refusals.append(COUNT_NOT_REPEATED(name=_name(plan, value), field=value.field))
        elif value.number != fresh[value.field]:
            refusals.append(_differs(plan, value, fresh[value.field]))
    return tuple(refusals)


def new_means(
    plan: PlannedStep, counts: Sequence[Counted], measured: Mapping[str, datetime | None]
) -> dict[str, Decimal]:
    """By field the means of a count that was recorded after the field was measured the last time."""
    return {
        key: counts[-1].figure(figure)
        for figure, key in counted_fields(plan).items()
        if counts and ((since := measured.get(key)) is None or counts[-1].recorded_at > since)
    }


def chosen_refusals(plan: PlannedStep, counts: Sequence[Counted], chosen: Value) -> tuple[Refusal, ...]:
    """Only the mean of a count is used where there is one; which of them is for the people to choose."""
    return tuple(
        _differs(plan, value, counts[-1].figure(figure))
        for figure, value in figures_of(plan, [chosen])
        if counts and not _a_mean(counts, figure, value)
    )


def _a_mean(counts: Sequence[Counted], figure: str, value: Value) -> bool:
    return any(value.number == one.figure(figure) for one in counts)


def _differs(plan: PlannedStep, value: Value, mean: Decimal) -> Refusal:
    number = value.number if value.number is not None else Decimal(0)
    return COUNT_DIFFERS(name=_name(plan, value), value=expanded(number), mean=expanded(mean), field=value.field)


def _name(plan: PlannedStep, value: Value) -> Words:
    planned = plan.field(value.field)
    return Words.same(value.field) if planned is None else planned.label
