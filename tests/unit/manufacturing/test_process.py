"""The preset process can be used, and each fault of a body is named with its place."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path

import pytest

from manufacturing.domain.plan import FieldKind, Process
from manufacturing.domain.process import parse_process

PRESET = json.loads((Path(__file__).parents[3] / "config/presets/process.json").read_text(encoding="utf-8"))["body"]


def body():
    return copy.deepcopy(PRESET)


def problems(changed):
    parsed = parse_process(changed)
    assert isinstance(parsed, tuple), "no fault was found"
    return [refusal.fact("problem") for refusal in parsed]


def field(found, step, key):
    fields = next(one for one in found["steps"] if one["key"] == step)["fields"]
    return next(one for one in fields if one["key"] == key)


@pytest.mark.req("ATMP-6.2-MBR")
def test_the_preset_has_ten_steps_and_five_stages_of_which_a_part_is_not_always_done():
    process = parse_process(body())
    assert isinstance(process, Process)
    assert [step.key for step in process.steps][::3] == ["inspect", "deplete_cd3", "label_cd56", "fill"]
    assert [step.key for step in process.steps if step.condition] == ["label_cd3_again", "deplete_cd3_again"]
    stages = ["apheresis", "cd3_depleted", "cd3_depleted_again", "cd56_enriched", "final"]
    assert [key for key, _ in process.stages] == stages
    assert process.position_of("final.formulated_at") == 9
    assert process.late_entry_minutes == 15
    assert process.step(4).field("cd3_percent").action.high == Decimal("0.1")
    assert process.step(1).field("appearance").kind is FieldKind.YES_NO


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", {"cd3_percent": "T cells (CD3+)", "step_log_depletion": "T-cell depletion", "viability": "iability"}),
        ("nl", {"cd3_percent": "T-cellen (CD3+)", "step_log_depletion": "T-celdepletie", "viability": "iabiliteit"}),
    ],
)
def test_the_instruction_names_what_opens_the_second_depletion_and_no_other_limit(language, words):
    process = parse_process(body())
    instruction = process.steps[process.place_of("deplete_cd3") - 1].instruction[language]
    named = {("deplete_cd3", key) for key, word in words.items() if word in instruction}
    assert named == set(process.condition("second_depletion").opens_on)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda found: found.pop("late_entry_minutes"), "late_entry_minutes: whole minutes are expected"),
        (lambda found: found.update(steps=[]), "steps: a list of entries is expected"),
        (lambda found: found["steps"][0]["title"].pop("nl"), "inspect.title: words in English and Dutch are expected"),
        (lambda found: found["steps"].append(found["steps"][1]), "steps: wash is written twice"),
        (
            lambda found: field(found, "inspect", "viability")["action"].update(low=90),
            'inspect.viability.action: a number is written as text, such as "2.5"',
        ),
        (
            lambda found: field(found, "inspect", "nk_percent")["alert"].update(low="31"),
            "inspect.nk_percent.alert: low lies above high",
        ),
        (
            lambda found: field(found, "inspect", "wbc").update(analyte="leucocytes"),
            "inspect.wbc: leucocytes is not a known analyte",
        ),
        (lambda found: found["steps"][0].update(verifies=["QP"]), "inspect.verifies: roles are some of QA, T"),
        (lambda found: found["steps"][0].update(performs=[]), "inspect.performs: roles are some of T"),
        (
            lambda found: field(found, "inspect", "wbc").update(key="wbc_na"),
            "inspect.wbc_na: a key does not end with _unit or _na",
        ),
        (lambda found: field(found, "inspect", "wbc").update(kind="figure"), "inspect.wbc: kind is one of"),
        (
            lambda found: field(found, "deplete_cd3", "run_ended").update(after="program"),
            "deplete_cd3.run_ended: after: program is no time above it in this step",
        ),
        (
            lambda found: field(found, "deplete_cd3", "run_started").update(after="run_ended"),
            "deplete_cd3.run_started: after: run_ended is no time above it in this step",
        ),
        (
            lambda found: field(found, "deplete_cd3", "wbc").update(after="run_started"),
            "deplete_cd3.wbc: after: run_started is no time above it in this step",
        ),
        (
            lambda found: field(found, "formulate", "wbc").update(required=False),
            "measures: final.wbc is required",
        ),
        (
            lambda found: field(found, "formulate", "formulated_at").pop("measure"),
            "measures: final.formulated_at is recorded nowhere",
        ),
        (
            lambda found: field(found, "wash", "volume").update(computed={"formula": "guess", "from": {}}),
            "wash.volume: formula is one of bead_count, volume_by_weight",
        ),
        (
            lambda found: field(found, "wash", "wbc").update(
                computed={"formula": "mean", "from": {"first": "volume", "second": "volume"}}
            ),
            "wash.wbc: first: volume is not typed as wbc",
        ),
        (
            lambda found: field(found, "wash", "volume").update(
                computed={"formula": "volume_by_weight", "from": {"gross": "volume", "tare": "nothing"}}
            ),
            "wash.volume: volume_by_weight is computed from gross, tare, density",
        ),
        (
            lambda found: field(found, "wash", "volume").update(measure="washed.volume_ml"),
            "measures: washed.volume_ml means nothing",
        ),
        (
            lambda found: field(found, "wash", "volume").update(measure="final.volume_ml"),
            "measures: final.volume_ml is written twice",
        ),
        (lambda found: found["stages"].pop(), "stages: the last one is final"),
        (
            lambda found: found["container_types"][0].update(largest_volume_ml="0"),
            "bag_50: largest_volume_ml is missing",
        ),
    ],
)
def test_a_fault_is_named(change, problem):
    changed = body()
    change(changed)
    assert any(found.startswith(problem) for found in problems(changed))


@pytest.mark.req("ATMP-CALC")
@pytest.mark.parametrize(
    ("step", "key", "parent", "codes"),
    [
        ("formulate", "nk_percent", "", ["GATE_UNKNOWN"]),
        ("formulate", "nk_percent", "CD45+", ["GATE_MIXED"]),
        ("formulate", "viability", "viable CD45+", ["VIABILITY_TWICE"]),
        ("formulate", "wbc", "viable CD45+", ["VIABILITY_TWICE"]),
        ("inspect", "b_percent", "lymphocytes", ["GATE_UNKNOWN"]),
    ],
)
def test_a_process_that_would_apply_viability_twice_or_to_unknown_cells_is_refused(step, key, parent, codes):
    changed = body()
    field(changed, step, key)["parent"] = parent
    assert [one.code for one in parse_process(changed)] == codes
