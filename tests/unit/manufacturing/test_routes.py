"""Every route that comes with the installation is a whole process: read, computable, and named in both languages."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from pathlib import Path

import pytest

import config.wiring  # noqa: F401  (the presets of the installation)
from config.presets_of_routes import body_of, route_presets
from kernel.documents.domain import PRESETS
from manufacturing.domain.material_kinds import parse_kinds
from manufacturing.domain.plan import FIGURES, FieldKind, Process
from manufacturing.domain.process import parse_process
from manufacturing.queries.calculations import calculations_of
from manufacturing.queries.steps import StepValue
from manufacturing.queries.yields import yields_of

FOLDER = Path(__file__).parents[3] / "config" / "presets"
MAIN, FRAGMENTS = (
    json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in ("process.json", "fragments.json")
)
BODIES = {"process": MAIN["body"], **{name: one.body for name, one in route_presets(FOLDER).items()}}
ROUTES = [
    "process",
    "process_cd3_only",
    "process_cd3_only_il15",
    "process_cd56_first",
    "process_cd56_first_il15",
    "process_closed",
    "process_frozen_il15",
    "process_il15",
]
COUNTS = {"volume_ml": "100", "wbc": "50", "viability": "95", "nk_percent": "40", "cd3_percent": "0.05"}


def process_of(name):
    parsed = parse_process(BODIES[name])
    assert isinstance(parsed, Process), [one.fact("problem") for one in parsed]
    return parsed


def test_each_route_is_there_with_and_without_activation():
    assert sorted(BODIES) == ROUTES
    for name in ROUTES:
        parts = {one.key for one in process_of(name).conditions}
        assert ({"overnight_activation", "culture", "second_week"} <= parts) is name.endswith("il15")
        assert ("second_depletion" in parts) is (name != "process_closed")


@pytest.mark.parametrize("name", ROUTES)
def test_of_two_times_of_a_step_the_process_says_which_comes_first(name):
    timed = [[one for one in step.fields if one.kind is FieldKind.MOMENT] for step in process_of(name).steps]
    assert any(times[1:] for times in timed)
    assert [later.after for times in timed for later in times[1:]] == [
        times[0].key for times in timed for _ in times[1:]
    ]


@pytest.mark.req("ATMP-6.2-MBR", "ATMP-CALC")
@pytest.mark.parametrize("name", ROUTES)
def test_every_stage_that_is_made_can_be_computed_whichever_parts_are_left_out(name):
    process = process_of(name)
    parts = [one.key for one in process.conditions]
    for left_out in itertools.chain.from_iterable(
        itertools.combinations(parts, size) for size in range(len(parts) + 1)
    ):
        skipped = {step.stage for step in process.steps if step.condition in left_out}
        made = [key for key, _ in process.stages if key not in skipped]
        values = {f"{stage}.{figure}": value(figure) for stage in made for figure in FIGURES}
        assert [row.name for row in yields_of(process, values).rows] == made
        computed = calculations_of(process, values)
        wanted = {place for place, step in enumerate(process.steps, 1) if step.calculations and step.stage in made}
        assert {place for place, found in computed.items() if found} == wanted


def value(figure):
    return StepValue(
        step="step",
        position=1,
        field=figure,
        measure=figure,
        parent="viable CD45+",
        number=Decimal(COUNTS[figure]),
        text=None,
        moment=None,
        unit="",
        shown="",
        verdict="none",
        verified=True,
    )


@pytest.mark.parametrize("name", ROUTES)
def test_every_word_is_there_in_both_languages(name):
    def words(one):
        if isinstance(one, dict):
            if {"en", "nl"} & one.keys():
                yield one
            else:
                yield from itertools.chain.from_iterable(map(words, one.values()))
        elif isinstance(one, list):
            yield from itertools.chain.from_iterable(map(words, one))

    found = list(words(BODIES[name]))
    assert found
    assert all(set(one) == {"en", "nl"} and all(one.values()) and "{day}" not in str(one) for one in found)


@pytest.mark.req("PHE-2.7.29")
@pytest.mark.parametrize("name", ROUTES)
def test_cells_are_counted_twice_where_they_leave_a_culture_and_where_they_make_the_dose(name):
    counted = {one.key: one.count for one in process_of(name).steps if one.count}
    cultured = {"activate_overnight", "harvest"} if name.endswith("il15") else set()
    assert counted == dict.fromkeys(cultured | {"formulate"}, 2)


@pytest.mark.req("ATMP-16-RECON")
@pytest.mark.parametrize("name", ROUTES)
def test_only_the_route_that_freezes_its_product_thaws_it_and_makes_it_ready(name):
    process = process_of(name)
    frozen = name == "process_frozen_il15"
    assert {process.cryopreservation is not None, process.reconstitution is not None} == {frozen}
    if process.reconstitution:
        assert [one.key for one in process.reconstitution.steps] == ["thaw", "dilute", "inspect"]


def test_days_of_a_culture_are_fields_of_their_own():
    step = next(one for one in process_of("process_il15").steps if one.key == "second_week")
    assert [one.key for one in step.fields][::6] == [
        "day_9_count",
        "day_10_count",
        "day_12_count",
        "day_14_count",
        "temperature_ok",
    ]
    assert step.fields[0].label["nl"] == "Dag 9: cellen"
    assert not step.fields[0].required


def test_a_route_replaces_limits_only_of_fields_that_are_there():
    route = {"source": "", "stages": [], "steps": [{"step": "wash", "limits": {"purity": {}}}]}
    with pytest.raises(KeyError, match=r"wash: ..purity"):
        body_of(route, MAIN["body"], FRAGMENTS)


def test_presets_of_the_installation_have_names_of_their_own():
    titles = [one.title for one in PRESETS.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.req("ATMP-7-SCAN", "ATMP-7-LOT")
@pytest.mark.parametrize("name", ROUTES)
def test_every_material_of_a_route_is_a_kind_of_the_list_in_its_unit(name):
    listed = parse_kinds(json.loads((FOLDER / "materials.json").read_text(encoding="utf-8"))["body"])
    planned = [one for step in process_of(name).steps for one in step.materials]
    assert {(one.kind, one.unit) for one in planned} <= {(key, one.unit) for key, one in listed.items()}


def test_activation_and_culture_name_medium_and_cytokine_as_materials_and_not_as_words():
    steps = {one.key: one for one in process_of("process_il15").steps}
    for key in ("activate_overnight", "seed_culture"):
        assert [one.kind for one in steps[key].materials if one.required] == ["culture_medium", "il15", "culture_bag"]
        assert not {"medium", "cytokine"} & {one.key for one in steps[key].fields}
    assert [one.kind for one in steps["harvest"].materials if one.required] == ["buffer"]
    for key in ("first_week", "second_week"):
        assert not any(one.required for one in steps[key].materials)
