"""The preset protocol as printed and read; settings that contradict themselves are refused."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path

import pytest

from manufacturing.domain.protocol import Protocol, parse_protocol

PRESET = json.loads((Path(__file__).parents[3] / "config/presets/protocol.json").read_text(encoding="utf-8"))["body"]


def changed(name, /, **fields):
    body = copy.deepcopy(PRESET)
    for entry in body["settings"]:
        if entry["key"] == name:
            entry.update(fields)
    return body


def problems(body):
    parsed = parse_protocol(body)
    assert isinstance(parsed, tuple), "no fault was found"
    return [refusal.fact("problem") for refusal in parsed]


@pytest.mark.req("TR-N", "TR-F1", "TR-F2", "TR-S1")
def test_the_preset_reads_the_open_points_as_decided():
    protocol = parse_protocol(copy.deepcopy(PRESET))
    assert isinstance(protocol, Protocol)
    assert (protocol.age_lowest_months, protocol.age_highest_months) == (12, 12 * 17 + 11)
    assert protocol.neutrophils_at_least_e9_per_l == Decimal("0.5")
    assert (protocol.target, protocol.inclusion_percent, protocol.infusion_percent) == (12, 50, 66)
    assert (protocol.safety_grade_at_least, protocol.safety_at_most_patients) == (3, 2)
    assert protocol.donor_types == ("mismatched_family", "volunteer_unrelated")


def test_every_open_point_shows_what_else_it_could_mean_and_what_the_registry_prints():
    for entry in PRESET["settings"]:
        if entry["open_point"]:
            assert entry["alternatives"], entry["key"]
            assert entry["registry_text"] or entry["key"] == "infusion_minimum_nk_per_kg"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, "settings: a list is expected"),
        (changed("target", value=12), 'target: a number is written as text, such as "0.5"'),
        (changed("target", value="12.5"), "target: a whole number is expected"),
        (changed("subject_code_pattern", value="NK-[0-9"), "subject_code_pattern: not a pattern"),
        (changed("subject_code_example", value="AB-1"), "subject_code_example: does not have the form of the pattern"),
        (changed("age_lowest_months", value="300"), "age_lowest_months: lies above age_highest_months"),
        (changed("donor_types", value=["cord_blood"]), "donor_types: a list of"),
        (changed("eighteenth_birthday_allowed", value=True), "eighteenth_birthday_allowed: yes or no is expected"),
        (changed("target", title={"en": "Target"}), "target: title is missing"),
        (changed("target", key="goal"), "goal: unknown setting"),
        ({"settings": [*PRESET["settings"], PRESET["settings"][0]]}, "subject_code_pattern: written twice"),
        ({"settings": PRESET["settings"][1:]}, "subject_code_pattern: missing"),
    ],
)
def test_a_fault_is_named(body, problem):
    assert any(found.startswith(problem) for found in problems(body))
