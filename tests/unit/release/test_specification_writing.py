"""The boxes of a criterion and the body of a version say the same."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from release.domain.criteria import Specification
from release.domain.specification_writing import (
    boxes_of,
    first_body,
    with_criterion,
    with_settings,
    without_criterion,
)
from release.domain.specifications import parse_specification
from release.schemas.specifications import CriterionSchema

PRESET = json.loads(Path("config/presets/specification.json").read_text(encoding="utf-8"))["body"]
KEYS = [one["key"] for one in PRESET["criteria"]]
SETTINGS = {"hours_after_formulation": Decimal(24), "hours_after_apheresis": Decimal(72)}


def typed(body, of, **changes):
    """The boxes of a criterion as the page shows them, sent back as the form does and read by its schema."""
    shown = {**boxes_of(body, of), **changes}
    fields = CriterionSchema().fields
    sent = {name: shown[name] for name in fields if shown.get(name) not in (None, "")}
    return CriterionSchema().load(sent)


@pytest.mark.req("ATMP-6.2-SPEC")
@pytest.mark.parametrize("key", KEYS)
def test_a_criterion_shown_and_sent_back_untouched_is_the_same_criterion(key):
    again = with_criterion(PRESET, typed(PRESET, key), instead_of=key)
    assert parse_specification(again) == parse_specification(PRESET)


def test_a_criterion_taken_out_leaves_neither_a_permission_to_wait_nor_a_window_behind():
    left = without_criterion(without_criterion(PRESET, "sterility"), "cd3_dose")
    assert "sterility" not in left["pending_allowed"]
    assert "cd3_dose" not in left["cumulation"]
    assert isinstance(parse_specification(left), Specification)


def test_a_second_criterion_with_the_key_of_another_is_refused():
    assert with_criterion(PRESET, typed(PRESET, "purity")).code == "CRITERION_EXISTS"
    renamed = with_criterion(PRESET, typed(PRESET, "purity", key="viability"), instead_of="purity")
    assert renamed.code == "CRITERION_EXISTS"


def test_a_renamed_criterion_takes_its_window_along():
    changed = with_criterion(PRESET, typed(PRESET, "cd3_dose", key="t_dose"), instead_of="cd3_dose")
    assert changed["cumulation"] == {"endotoxin": "1", "t_dose": "trial"}
    assert len(changed["criteria"]) == len(KEYS)


def test_a_version_begun_from_nothing_asks_what_the_records_answer():
    body = first_body({**SETTINGS, "sterility_final_days": Decimal(14)})
    parsed = parse_specification(body)
    assert isinstance(parsed, Specification)
    assert {one.key for one in parsed.criteria} == {"identity", "donor_markers", "expiry", "mycoplasma"}
    assert with_settings(body, {"hours_after_apheresis": Decimal("48.5")})["hours_after_apheresis"] == "48.5"
