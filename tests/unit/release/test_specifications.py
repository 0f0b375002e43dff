"""A body becomes a specification, or every fault of it is named."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from release.domain.criteria import Cumulation, Formula, Replicates, Specification, Stage
from release.domain.specifications import parse_specification
from tests.unit.release.judging import SPEC
from tests.unit.release.preset import BODY, body, changed


def problems(content):
    refusals = parse_specification(content)
    assert isinstance(refusals, tuple)
    assert all((refusal.code, refusal.status) == ("SPEC_INVALID", 422) for refusal in refusals)
    return [(refusal.fact("where"), refusal.fact("problem")) for refusal in refusals]


@pytest.mark.req("ATMP-6.2-SPEC")
def test_the_preset_is_a_specification():
    spec = parse_specification(BODY)
    assert isinstance(spec, Specification)
    assert len(spec.criteria) == len(BODY["criteria"])
    cd3 = spec.criterion("cd3_dose")
    assert (cd3.limit, cd3.alert, cd3.formula, cd3.per_kg) == (25000, 10000, Formula.DOSE_PER_KG, True)
    assert cd3.cumulation == Cumulation()
    assert spec.criterion("endotoxin").cumulation == Cumulation(Decimal(1))
    assert spec.criterion("nothing") is None
    assert [item.key for item in spec.mandatory(Stage.POST)] == ["sterility"]
    assert [item.key for item in spec.per_kg()] == ["cd3_dose", "nk_dose_minimum", "nk_dose_maximum", "endotoxin"]
    assert (spec.hours_after_apheresis, spec.pending_allowed) == (72, ("sterility", "potency"))


def test_settings_have_their_presets():
    short = {
        name: value for name, value in body().items() if not name.startswith(("transport", "weight", "formulation"))
    }
    spec = parse_specification(short)
    assert (spec.transport_infusion_margin_minutes, spec.weight_tolerance_percent, spec.weight_max_age_days) == (
        60,
        10,
        7,
    )


@pytest.mark.req("ATMP-6.2-SPEC")
@pytest.mark.parametrize(
    ("content", "where"),
    [
        ({}, "criteria"),
        (body(criteria=[]), "criteria"),
        (body(criteria="all"), "criteria"),
        (body(criteria=[*BODY["criteria"], "row"]), "criteria[14]"),
        (body(criteria=[*BODY["criteria"], BODY["criteria"][0]]), "identity"),
        (body(force=True), "force"),
        (body(cumulation=[]), "cumulation"),
        (body(cumulation={"viability": "trial"}), "cumulation.viability"),
        (body(cumulation={"nk_dose_minimum": "trial"}), "cumulation.nk_dose_minimum"),
        (body(cumulation={"endotoxin": "0"}), "cumulation.endotoxin"),
        (body(cumulation={"endotoxin": 1}), "cumulation.endotoxin"),
        (body(pending_allowed=["viability"]), "pending_allowed"),
        (body(pending_allowed="sterility"), "pending_allowed"),
        (body(hours_after_formulation="0"), "hours_after_formulation"),
        (body(transport_infusion_margin_minutes="-1"), "transport_infusion_margin_minutes"),
        (body(weight_tolerance_percent=10), "weight_tolerance_percent"),
        (changed("viability", limit=70.0), "viability.limit"),
        (changed("viability", limit="70,0"), "viability.limit"),
        (changed("viability", limit="NaN"), "viability.limit"),
        (changed("viability", limit=None), "viability"),
        (changed("viability", limit="-70"), "viability"),
        (changed("viability", alert="69.9"), "viability"),
        (changed("cd3_dose", alert="2.6e4"), "cd3_dose"),
        (changed("viability", upper="80"), "viability"),
        (changed("viability", comparison="is_about"), "viability.comparison"),
        (changed("viability", comparison="one_of"), "viability"),
        (changed("viability", limit_="70"), "viability"),
        (changed("viability", method=1), "viability.method"),
        (changed("viability", mandatory="yes"), "viability.mandatory"),
        (changed("viability", formula="dose_per_kg"), "viability"),
        (changed("viability", per_kg=True), "viability"),
        (changed("viability", counted_events=True), "viability"),
        (changed("viability", name=""), "viability"),
        (changed("viability", texts=[""]), "viability.texts"),
        (changed("nk_dose_minimum", counted_events=True), "nk_dose_minimum"),
        (changed("viability", bead_count=True), "viability"),
        (changed("cd3_dose", bead_count=True), "cd3_dose"),
        (changed("cd3_dose", formula="none"), "cd3_dose"),
        (changed("volume", upper=None), "volume"),
        (changed("volume", upper="89"), "volume"),
        (changed("volume", alert_upper="111"), "volume"),
        (changed("gram", texts=[]), "gram"),
        (changed("gram", comparison="at_most"), "gram"),
        (changed("gram", alert_texts=["cocci"]), "gram"),
    ],
)
def test_a_fault_is_named_with_its_place(content, where):
    assert where in [place for place, _ in problems(content)]


def test_all_faults_are_named_at_once():
    found = problems(changed("viability", limit="x") | {"hours_after_apheresis": "y", "other": 1})
    assert [where for where, _ in found] == ["other", "viability.limit", "hours_after_apheresis"]


@pytest.mark.parametrize("missing", ["key", "name", "kind", "comparison", "stage", "unit", "method"])
def test_a_missing_field_is_named(missing):
    content = body()
    del content["criteria"][2][missing]
    assert any(f"{missing} is missing" in problem for _, problem in problems(content))


@pytest.mark.req("ATMP-CALC")
@pytest.mark.parametrize(
    ("key", "change", "code"),
    [
        ("purity", {"parent": ""}, "GATE_UNKNOWN"),
        ("purity", {"parent": "lymphocytes", "population": ""}, "GATE_UNKNOWN"),
        ("b_percent", {"parent": ""}, "GATE_UNKNOWN"),
        ("purity", {"parent": "CD45+"}, "GATE_MIXED"),
        ("viability", {"parent": "viable CD45+"}, "VIABILITY_TWICE"),
        ("purity", {"parent": "CD45+", "population": "CD56+CD3- of CD45+"}, None),
        ("potency", {"population": "K562"}, None),
    ],
)
def test_a_percentage_names_its_parent_gate(key, change, code):
    found = parse_specification(changed(key, **change))
    codes = [one.code for one in found] if isinstance(found, tuple) else []
    assert codes == ([code] if code else [])


def test_a_result_is_one_value_unless_the_method_asks_for_several_of_which_each_counts():
    purity = SPEC.criterion("purity")
    assert (purity.replicates, purity.replicate_rule) == (1, Replicates.EACH)


@pytest.mark.req("PHE-2.6.27-2")
def test_a_culture_is_final_after_its_own_days_or_those_of_the_specification():
    culture = SPEC.criterion("sterility")
    assert SPEC.final_days_of(culture) == 7
    assert SPEC.final_days_of(replace(culture, final_days=Decimal(14))) == 14
