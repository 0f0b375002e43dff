"""Fields the server computes: worked values, bounds, what cannot be, and nothing that is typed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from manufacturing.domain.computed import computed_view, read_step
from manufacturing.domain.formulae import FORMULAE
from manufacturing.domain.plan import Computed, FieldKind, Limits, PlannedField
from manufacturing.domain.steps import EntryTimes, StepVerdict
from manufacturing.domain.units import ANALYTES

D = Decimal
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TIMES = EntryTimes(NOW, NOW, None, 15, None)


def planned(key, *, computed=None, analyte="", required=True, action=Limits()):  # noqa: B008
    unit = ANALYTES[analyte].unit if analyte else ""
    return PlannedField(
        key, {"en": key}, FieldKind.NUMBER, required, unit, analyte, "", "", Limits(), Limits(), action, "", computed
    )


def step(formula, inputs, *, result, required=True, **about):
    """Fields named like the inputs, and the one that is computed of them."""
    computed = Computed(formula, tuple((name, name) for name in inputs))
    typed = [planned(name, analyte=analyte, required=required) for name, analyte in inputs.items()]
    return (*typed, planned(result, computed=computed, required=required, **about))


BEADS = dict.fromkeys(("events", "bead_events", "beads_per_tube", "sample_ul", "dilution"), "")
COUNTED = step("bead_count", BEADS, result="cd3", analyte="cd3_concentration")
WEIGHED = step("volume_by_weight", {"gross": "mass", "tare": "mass", "density": ""}, result="net", analyte="volume")
DILUTED = {"concentration": "", "volume": "volume", "wanted": ""}
CD3 = {"events": D(42), "bead_events": D(20000), "beads_per_tube": D(49850), "sample_ul": D(50), "dilution": D(1)}
NK = CD3 | {"events": D(15230), "bead_events": D(4980), "dilution": D(20)}
WEIGHTS = {"gross": D("72.3"), "tare": D("30.6"), "density": D("1.03")}


def result(fields, typed):
    values, refusals = read_step(fields, typed, TIMES)
    return next((one for one in values if one.field == fields[-1].key), None), [one.code for one in refusals]


def near(value, expected):
    return abs(Fraction(value) / Fraction(expected) - 1) <= Fraction(1, 10**5)


@pytest.mark.req("ATMP-CALC")
@pytest.mark.parametrize(
    ("fields", "typed", "expected"),
    [
        (COUNTED, CD3, "2093.7"),
        (COUNTED, NK, "60981160"),
        (WEIGHED, WEIGHTS, "40.4854"),
        (
            step("diluted_volume", DILUTED, result="final", analyte="volume"),
            {"concentration": D("25928064"), "volume": D("40.5"), "wanted": D("2e7")},
            "52.5043",
        ),
        (
            step("volume_to_add", DILUTED, result="add", analyte="volume"),
            {"concentration": D(50), "volume": D("40.5"), "wanted": D("40.5")},
            "9.5",
        ),
        (
            step("fold_expansion", {"harvested": "", "seeded": ""}, result="fold"),
            {"harvested": D("1.57e9"), "seeded": D("1e8")},
            "15.7",
        ),
        (
            step("mean", {"first": "wbc", "second": "wbc", "third": "wbc"}, result="wbc", analyte="wbc"),
            {"first": D("98.2"), "second": D("98.9"), "third": D("98.7")},
            "98.6",
        ),
    ],
    ids=["3.9 T cells", "3.9 NK cells", "3.12", "3.8 volume", "3.8 to add", "3.15", "mean"],
)
def test_the_worked_value_is_computed_from_what_was_typed(fields, typed, expected):
    value, refusals = result(fields, typed)
    assert refusals == []
    assert near(value.number, expected)


@pytest.mark.req("PHE-FLOW", "ATMP-CALC")
def test_no_event_gives_the_upper_bound_and_says_so():
    value, _ = result(COUNTED, CD3 | {"events": D(0)})
    assert near(value.number, Fraction("2.9958") * 49850 / (20000 * 50) * 1000)
    assert computed_view(COUNTED[-1], value.shown)["at_most"] is True
    assert computed_view(COUNTED[-1], result(COUNTED, CD3)[0].shown)["at_most"] is False


@pytest.mark.req("ATMP-CALC")
def test_formula_version_and_inputs_are_kept_with_the_value():
    value, _ = result(WEIGHED, WEIGHTS)
    assert value.shown == "volume_by_weight v1 (gross = 72.3, tare = 30.6, density = 1.03)"


@pytest.mark.req("ATMP-CALC")
def test_a_computed_value_is_never_typed_and_not_left_out_by_hand():
    assert result(WEIGHED, WEIGHTS | {"net": D(40)}) == (None, ["DERIVED_TYPED"])
    assert result(WEIGHED, WEIGHTS | {"net_na": "the balance is broken"}) == (None, ["DERIVED_TYPED"])


@pytest.mark.parametrize(
    ("fields", "typed"),
    [
        (COUNTED, CD3 | {"bead_events": D(0)}),
        (COUNTED, CD3 | {"dilution": D("0.05")}),
        (COUNTED, CD3 | {"events": D("41.5")}),
        (WEIGHED, WEIGHTS | {"tare": D("80")}),
        (WEIGHED, WEIGHTS | {"density": D(0)}),
        (
            step("diluted_volume", DILUTED, result="final", analyte="volume"),
            {"concentration": D(1), "volume": D(40), "wanted": D(2)},
        ),
        (step("fold_expansion", {"harvested": "", "seeded": ""}, result="fold"), {"harvested": D(1), "seeded": D(0)}),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_guessed(fields, typed):
    assert result(fields, typed) == (None, ["NOT_COMPUTABLE"])


def test_a_result_outside_what_is_possible_is_refused_like_a_typed_one():
    assert result(WEIGHED, WEIGHTS | {"gross": D(4000)})[1] == ["UNIT_IMPLAUSIBLE"]


@pytest.mark.parametrize(("gross", "verdict"), [("71.8", "pass"), ("71.8000000000001", "action")])
def test_the_verdict_is_that_of_the_exact_value(gross, verdict):
    """(71.8 - 30.6) / 1.03 = 40 exactly; what is stored of the other has twelve digits and reads 40 as well."""
    limited = (
        *WEIGHED[:-1],
        planned("net", computed=WEIGHED[-1].computed, analyte="volume", action=Limits(high=D(40))),
    )
    value, _ = result(limited, WEIGHTS | {"gross": D(gross)})
    assert (value.number, value.verdict) == (D(40), StepVerdict(verdict))


def test_an_input_that_does_not_apply_leaves_the_result_out_too():
    fields = step("volume_by_weight", {"gross": "mass", "tare": "mass", "density": ""}, result="net", required=False)
    value, refusals = result(fields, {f"{name}_na": "taken with the syringe" for name in WEIGHTS})
    assert refusals == []
    assert value.number is None
    assert value.not_applicable


def test_an_input_that_is_missing_is_asked_for_and_nothing_else():
    assert result(WEIGHED, {"gross": D(72), "density": D(1)}) == (None, ["MISSING_FIELD"])


def test_every_formula_says_its_number_and_version():
    assert all(one.number and one.version and one.words for one in FORMULAE.values())
