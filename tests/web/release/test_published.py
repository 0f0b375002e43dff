"""The published product as the system has it after a whole story, beside what its paper prints.

Source: Transfusion 2018;58:1458, Table 1, group of 13 products (``tests/data/published_tables.csv``). Means of ratios
are not ratios of means, so a printed recovery and one computed from printed means differ by a few points.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from config.products import ASSUMED
from tests.databases import databases
from tests.web.refusals.sending import reach
from tests.web.refusals.world import world_on

PAPER = Path(__file__).parents[2] / "data" / "published_tables.csv"
GROUP = "minn-CD3dep-CD56enrich-n13"
STORY = "NK-01"
BEFORE, AFTER = "apheresis", "post-column"
STAGES = {BEFORE: "apheresis", AFTER: "cd56_enriched"}
FIGURES = (  # as printed, and what the system calls it; how far a mean may lie from ours
    (BEFORE, "TNC_mean", "tnc", "2e8"),  # two of 240 mL went into samples
    (BEFORE, "NK_fraction_mean", "purity_percent", "0"),
    (AFTER, "TNC_mean", "tnc", "0"),
    (AFTER, "NK_fraction_mean", "purity_percent", "0"),
    (AFTER, "NK_recovery_mean (published)", "total_recovery_percent", "5"),
    (AFTER, "log10_T_depletion_mean (published)", "total_log_depletion", "0.1"),
)


@pytest.fixture(params=databases())
def engine(request):
    return request.param


@pytest.fixture
def batch(engine):
    """The batch of the published product as its page and the API tell it."""
    return asked(engine, "")


@pytest.fixture
def verdicts(engine):
    return asked(engine, "/tests")["tests"]


def asked(engine, part):
    world = world_on(engine)
    reach(world, ())
    return world.client("qa1").get(f"/batches/{world.names['batch:' + STORY]}{part}").json


@pytest.fixture
def printed():
    with PAPER.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["product_id"] == GROUP]
    return {(row["step"], row["quantity"]): Fraction(row["value"]) for row in rows}


@pytest.fixture
def ours(batch):
    return {row["stage"]: row for row in batch["yields"]["rows"]}


@pytest.mark.req("ATMP-CALC")
@pytest.mark.parametrize(("step", "quantity", "name", "apart"), FIGURES, ids=lambda value: str(value).split(" ")[0])
def test_each_printed_figure_lies_beside_ours(ours, printed, record_property, step, quantity, name, apart):
    here, there = Fraction(Decimal(str(ours[STAGES[step]][name]))), printed[step, quantity]
    record_property("ours", f"{float(here):.4g}")
    record_property("print", f"{float(there):.4g}")
    record_property("difference", f"{float(here - there):+.3g}")
    assert abs(here - there) <= Fraction(apart)


@pytest.mark.req("ATMP-CALC")
def test_the_recovery_is_the_quotient_of_the_printed_means_after_sampling_and_viability(ours, printed):
    """18.75 % from the printed means alone; 2 mL of samples and viabilities of 98 and 96 % are assumed beside them."""
    before, after = (printed[step, "TNC_mean"] * printed[step, "NK_fraction_mean"] for step in (BEFORE, AFTER))
    assert 100 * after / before == Fraction("18.75")
    expected = 100 * (after * 96) / (before * 98 * Fraction(238, 240))
    found = Fraction(Decimal(ours["cd56_enriched"]["total_recovery_percent"]))
    assert abs(found - expected) < Fraction(1, 10**20)
    assert {row["verified"] for row in ours.values()} == {True}


def test_what_the_paper_does_not_print_is_marked_as_assumed(batch):
    words = [value["text"] or "" for step in batch["steps"] for value in step["values"]]
    assert [word for word in words if word.endswith(ASSUMED)] == [f"NaCl 0.9 % with 5 % HSA; {ASSUMED}"]


@pytest.mark.req("ATMP-CALC")
def test_it_is_judged_under_the_preset_for_a_child_of_36_kg(verdicts):
    """Counted T cells make an alert: the bound of 290 events lies above the alert limit, not above the limit."""
    outcomes = {one["key"]: one["outcome"] for one in verdicts}
    assert outcomes.pop("cd3_dose") == "alert"
    assert {outcomes.pop("b_percent"), outcomes.pop("potency")} == {"report"}
    assert set(outcomes.values()) == {"pass"}
