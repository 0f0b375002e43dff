"""The volume to infuse: worked values with the limit that binds, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.quantities import exact
from manufacturing.domain.yields import VolumeLimit
from release.domain.dose import DoseInputs, plan_document, plan_dose, shown_doses, target_refusals

INPUTS = DoseInputs(
    weight_kg=Decimal("18.4"),
    nk_per_ml=Fraction(11_000_000),
    nk_source="",
    cd3_per_ml=Fraction(9000),
    cd3_source="",
    bag_ml=Decimal(48),
    target_nk_per_kg=Decimal("2e7"),
    minimum_nk_per_kg=Decimal("3e6"),
    cd3_limit_per_kg=Decimal("1e4"),
    earlier_cd3_per_kg=Fraction(0),
)


def near(value, expected):
    return abs(Fraction(value) / Fraction(expected) - 1) <= Fraction(1, 10**5)


@pytest.mark.req("ATMP-CALC")
@pytest.mark.parametrize(
    ("change", "volume", "bound_by", "nk", "cd3"),
    [
        ({}, "20.4", "T-cell limit", "1.219565e7", "9.978261e3"),
        ({"cd3_limit_per_kg": Decimal("2.5e4")}, "33.4", "target dose", "1.99674e7", "1.63370e4"),
        (
            {"cd3_limit_per_kg": Decimal("1e5"), "target_nk_per_kg": Decimal("5e7")},
            "48",
            "volume of the container",
            None,
            None,
        ),
        (
            {"cd3_limit_per_kg": Decimal("2.5e4"), "earlier_cd3_per_kg": Fraction(15000)},
            "20.4",
            "T-cell limit",
            None,
            None,
        ),
    ],
)
def test_which_limit_binds_and_what_the_rounded_volume_gives(change, volume, bound_by, nk, cd3):
    inputs = replace(INPUTS, **change)
    found = plan_document(plan_dose(inputs), inputs)
    assert (found["volume_ml"], found["bound_by"]) == (Decimal(volume), bound_by)
    assert nk is None or near(found["nk_per_kg"], nk)
    assert cd3 is None or near(found["cd3_per_kg"], cd3)
    assert (found["formula"], found["formula_version"]) == ("volume to infuse (3.7)", "2")


def test_when_nothing_is_left_of_the_t_cell_limit_nothing_is_given():
    few = replace(INPUTS, cd3_per_ml=Fraction(1), earlier_cd3_per_kg=Fraction(10_001))
    for inputs in (few, replace(few, earlier_cd3_per_kg=Fraction(10_000))):
        found = plan_dose(inputs)
        assert (found.volume_ml, found.reaches_minimum) == (0, False)


@pytest.mark.parametrize("name", ["weight_kg", "nk_per_ml", "cd3_per_ml", "earlier_cd3_per_kg", "minimum_nk_per_kg"])
def test_without_one_input_there_is_no_volume(name):
    (refusal,) = plan_dose(replace(INPUTS, **{name: None}))
    assert refusal.code == "DOSE_INPUT_MISSING"


@pytest.mark.parametrize(
    ("target", "good"),
    [("0", False), ("-1", False), ("0.5", True), ("1e7", True), ("1e10", True), ("1.1e10", False)],
)
def test_a_target_that_cannot_be(target, good):
    assert (target_refusals(Decimal(target)) == ()) is good
    assert target_refusals(None) == ()


@given(
    st.decimals("3", "100", places=1),
    st.integers(10**4, 10**8),
    st.integers(1, 10**6),
    st.decimals("1", "500", places=1),
    st.integers(10**3, 10**5),
)
def test_no_limit_is_ever_passed_and_a_tenth_more_would_pass_one(weight, nk, cd3, bag, limit):
    inputs = replace(
        INPUTS,
        weight_kg=weight,
        nk_per_ml=Fraction(nk),
        cd3_per_ml=Fraction(cd3),
        bag_ml=bag,
        cd3_limit_per_kg=Decimal(limit),
    )
    plan = plan_dose(inputs)
    assert plan.cd3_per_kg <= limit
    assert plan.nk_per_kg <= exact(inputs.target_nk_per_kg)
    assert plan.volume_ml <= bag
    more = exact(plan.volume_ml) + Fraction(1, 10)
    assert (
        more * cd3 / exact(weight) > limit or more * nk / exact(weight) > exact(inputs.target_nk_per_kg) or more > bag
    )


ENDOTOXIN = replace(
    INPUTS,
    cd3_limit_per_kg=Decimal("1e5"),
    target_nk_per_kg=Decimal("1e8"),
    endotoxin_eu_per_ml=Fraction(2),
    endotoxin_limit_per_kg_h=Decimal(5),
    earlier_endotoxin_per_kg=Fraction(0),
)


@pytest.mark.req("PHE-2.6.14-1", "ATMP-CALC")
@pytest.mark.parametrize(
    ("change", "volume", "bound_by"),
    [
        ({}, "46", "endotoxin limit"),  # 5 × 18.4 / 2
        ({"earlier_endotoxin_per_kg": Fraction(3)}, "18.4", "endotoxin limit"),
        ({"earlier_endotoxin_per_kg": Fraction(6)}, "0", "endotoxin limit"),
        ({"endotoxin_eu_per_ml": Fraction(1)}, "48", "volume of the container"),
        ({"endotoxin_eu_per_ml": Fraction(0)}, "48", "volume of the container"),
        ({"endotoxin_eu_per_ml": None, "earlier_endotoxin_per_kg": None}, "48", "volume of the container"),
    ],
)
def test_endotoxin_caps_the_volume_as_if_all_ran_in_within_one_hour(change, volume, bound_by):
    inputs = replace(ENDOTOXIN, **change)
    found = plan_document(plan_dose(inputs), inputs)
    assert (found["volume_ml"], found["bound_by"]) == (Decimal(volume), bound_by)


def test_endotoxin_that_was_given_in_an_unknown_amount_leaves_no_volume():
    (refusal,) = plan_dose(replace(ENDOTOXIN, earlier_endotoxin_per_kg=None))
    assert refusal.code == "DOSE_INPUT_MISSING"


@pytest.mark.req("ATMP-CALC")
@pytest.mark.parametrize(("less_than", "volume"), [((), "46"), ((VolumeLimit.ENDOTOXIN,), "45.9")])
def test_a_limit_that_must_not_be_reached_leaves_a_tenth_of_a_millilitre(less_than, volume):
    assert plan_dose(replace(ENDOTOXIN, less_than=less_than)).volume_ml == Decimal(volume)


@given(
    st.decimals("3", "100", places=1),
    st.decimals("0.001", "20", places=3),
    st.decimals("0.5", "10", places=1),
    st.sampled_from([(), (VolumeLimit.ENDOTOXIN,)]),
)
def test_no_volume_ever_passes_the_endotoxin_limit(weight, eu, limit, less_than):
    inputs = replace(
        ENDOTOXIN,
        weight_kg=weight,
        endotoxin_eu_per_ml=Fraction(eu),
        endotoxin_limit_per_kg_h=limit,
        less_than=less_than,
    )
    per_kg = Fraction(plan_dose(inputs).volume_ml) * Fraction(eu) / Fraction(weight)
    assert per_kg < Fraction(limit) or (not less_than and per_kg == Fraction(limit))


@pytest.mark.req("PHE-ROUND")
def test_a_dose_is_read_rounded_down_and_t_cells_rounded_up_on_the_side_of_their_limits():
    plan = plan_dose(INPUTS)
    assert shown_doses(plan, INPUTS)["nk_per_kg"] == "1.21 × 10⁷"  # 1.219565e7
    assert shown_doses(plan, INPUTS)["cd3_per_kg"] == "9980"  # 9978.261
    short = replace(plan, nk_per_kg=Fraction(2_999_999), cd3_per_kg=Fraction(10_001))
    assert shown_doses(short, INPUTS)["nk_per_kg"] == "2.99 × 10⁶"
    assert shown_doses(short, INPUTS)["cd3_per_kg"] == "10100"
    near = replace(plan, cd3_per_kg=Fraction(99995, 10))
    assert shown_doses(near, INPUTS)["cd3_per_kg"] == "9999.5"


@pytest.mark.req("PHE-ROUND", "PHE-2.6.14-1")
def test_endotoxin_is_read_rounded_up_and_is_not_read_where_there_is_no_result():
    third = replace(ENDOTOXIN, weight_kg=Decimal(30), bag_ml=Decimal(10))
    found = plan_document(plan_dose(third), third)
    assert found["shown"]["endotoxin_per_kg_h"] == "0.667"  # 2 × 10 / 30
    assert abs(found["endotoxin_per_kg_h"] * 3 - 2) < Decimal("1e-50")
    found = plan_document(plan_dose(INPUTS), INPUTS)
    assert (found["endotoxin_per_kg_h"], found["shown"]["endotoxin_per_kg_h"]) == (None, None)


@pytest.mark.parametrize("lacking", ["endotoxin_eu_per_ml", "endotoxin_limit_per_kg_h"])
def test_endotoxin_binds_only_with_a_result_and_a_limit(lacking):
    assert replace(ENDOTOXIN, **{lacking: None}).endotoxin is None


def test_the_inputs_are_stored_as_exact_decimals():
    stored = replace(ENDOTOXIN, cd3_per_ml=Fraction(1, 8), less_than=(VolumeLimit.ENDOTOXIN,)).document()
    assert (stored["cd3_per_ml"], stored["nk_source"], stored["weight_kg"]) == (Decimal("0.125"), "", Decimal("18.4"))
    assert stored["less_than"] == ["endotoxin limit"]
    assert not any(isinstance(one, Fraction) for one in stored.values())
