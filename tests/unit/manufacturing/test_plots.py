"""Yields by stage as drawings: the ranges of the process version, and nothing invented for the first stage."""

from __future__ import annotations

from decimal import Decimal

import pytest

from manufacturing.domain.plan import ExpectedYield, Limits
from manufacturing.queries.plots import yield_plots

D = Decimal
FIGURES = ("step_recovery_percent", "total_recovery_percent", "step_log_depletion", "total_log_depletion")


def row(stage, purity, **figures):
    return {
        "stage": stage,
        "title": {"en": stage},
        "purity_percent": D(purity),
        "viability_percent": D(98),
        **dict.fromkeys(FIGURES),
        **{name: D(value) for name, value in figures.items()},
    }


ROWS = [
    row("apheresis", "11.8"),
    row("depleted", "41", step_recovery_percent="67.2", total_recovery_percent="67.2", step_log_depletion="3.79"),
    row("final", "95.1", step_recovery_percent="64.5", total_recovery_percent="43.4", step_log_depletion="1.23"),
]


@pytest.mark.req("ATMP-YIELD")
def test_recovery_purity_viability_and_depletion_are_drawn_by_stage_beside_what_is_expected():
    expected = [ExpectedYield("final", "total_recovery_percent", Limits(D(50), D(100)))]
    found = {one["key"]: one for one in yield_plots(ROWS, expected)}
    assert list(found) == ["recovery", "purity", "viability", "log_depletion"]
    step, total = found["recovery"]["series"]
    assert [one["value"] for one in step["points"]] == [D("67.2"), D("64.5")]
    assert [one["outside"] for one in total["points"]] == [False, True]
    assert [one["limits"] for one in step["points"]] == [[], []]


def test_of_the_first_stage_alone_there_is_no_recovery_to_draw():
    assert [one["key"] for one in yield_plots(ROWS[:1], [])] == ["purity", "viability"]
