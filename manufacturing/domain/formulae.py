"""Formulae a process version may name for a field: the inputs are typed, the value is computed and never typed.

Numbered as in the process design; a change of a formula is a new version of it (ATMP-CALC). All arithmetic is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from kernel.quantities import to_decimal
from kernel.refusals import N_
from manufacturing.domain import bead_counts
from manufacturing.domain.bead_counts import CountedEvents
from manufacturing.domain.yields import diluted_volume_ml, fold_expansion, volume_by_weight_ml

Inputs = Mapping[str, Fraction]
ANY, SAME = "", "same"


@dataclass(frozen=True, slots=True)
class Answer:
    """``at_most``: the value is an upper bound, because nothing was seen."""

    value: Fraction
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """``inputs``: name to the analyte it is typed as; ``ANY`` number without one, ``SAME`` the analyte of the result.

    ``unit``: of the result; empty where the process says it. ``replicates``: any number of inputs, at least two.
    """

    key: str
    number: str
    version: str
    words: str
    inputs: Mapping[str, str]
    unit: str
    compute: Callable[[Inputs], Answer | None]
    replicates: bool = False


def counted(inputs: Inputs) -> Answer | None:
    events, beads = inputs["events"], inputs["bead_events"]
    if events.denominator != 1 or beads.denominator != 1:
        return None
    others = (to_decimal(inputs[name]) for name in ("beads_per_tube", "sample_ul", "dilution"))
    count = CountedEvents(int(events), int(beads), *others)
    if count.impossible():
        return None
    return Answer(count.against_upper_limit(at_bound=False), at_most=count.events == 0)


def weighed(inputs: Inputs) -> Answer | None:
    if not inputs["density"] > 0 or not inputs["gross"] >= inputs["tare"] >= 0:
        return None
    return Answer(volume_by_weight_ml(inputs["gross"], inputs["tare"], inputs["density"]))


def diluted(inputs: Inputs) -> Answer | None:
    """The final volume; a dilution makes nothing stronger."""
    if not inputs["concentration"] >= inputs["wanted"] > 0:
        return None
    return Answer(diluted_volume_ml(inputs["concentration"], inputs["volume"], inputs["wanted"]))


def added(inputs: Inputs) -> Answer | None:
    answer = diluted(inputs)
    return None if answer is None else Answer(answer.value - inputs["volume"])


def expanded_fold(inputs: Inputs) -> Answer | None:
    found = fold_expansion(inputs["harvested"], inputs["seeded"])
    return None if found is None or found < 0 else Answer(found)


def mean(inputs: Inputs) -> Answer | None:
    return Answer(sum(inputs.values(), Fraction(0)) / len(inputs)) if inputs else None


DILUTION = {"concentration": ANY, "volume": "volume", "wanted": ANY}
_LIST = (
    Formula(
        "bead_count",
        "3.9",
        bead_counts.FORMULA_VERSION,
        bead_counts.FORMULA,
        {"events": ANY, "bead_events": ANY, "beads_per_tube": ANY, "sample_ul": ANY, "dilution": ANY},
        "cells/mL",
        counted,
    ),
    Formula(
        "volume_by_weight",
        "3.12",
        "1",
        N_("(gross weight − tare) / density"),
        {"gross": "mass", "tare": "mass", "density": ANY},
        "mL",
        weighed,
    ),
    Formula("diluted_volume", "3.8", "1", N_("concentration × volume / wanted concentration"), DILUTION, "mL", diluted),
    Formula(
        "volume_to_add",
        "3.8",
        "1",
        N_("concentration × volume / wanted concentration − volume"),
        DILUTION,
        "mL",
        added,
    ),
    Formula(
        "fold_expansion",
        "3.15",
        "1",
        N_("viable NK cells harvested / viable NK cells seeded"),
        {"harvested": ANY, "seeded": ANY},
        "",
        expanded_fold,
    ),
    Formula("mean", "2.7.29", "1", N_("mean of the replicates"), {}, "", mean, replicates=True),
)
FORMULAE: dict[str, Formula] = {one.key: one for one in _LIST}
