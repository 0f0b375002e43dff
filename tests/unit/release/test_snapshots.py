"""What moved between two frozen documents of the trial's figures (TR-PROV)."""

from __future__ import annotations

import copy

import pytest

from kernel.canonical import digest
from release.domain.figure_words import CRITERIA, DEFINITIONS, DEFINITIONS_VERSION, LISTS, STAGES
from release.domain.snapshots import LATE_FAILURE, NOT_FINAL, difference

MET = {"numerator": 7, "denominator": 12, "rule": "100 × 7 > 50 × 12", "met": True}
OLD = {
    "protocol": {"code": "PROT", "version": 1},
    "definitions": {"version": 1},
    "stages": [{"key": key, "subjects": ["NK-01", "NK-02"]} for key in STAGES],
    "safety": {key: [] for key in LISTS},
    "supplied": [],
    "fell": [],
    "drops": [],
    "batches": {"started": 2, "rejected": 0},
    **dict.fromkeys(CRITERIA, MET),
}


def later(**changes):
    return {**copy.deepcopy(OLD), **changes}


def stages(**subjects):
    return [{**one, "subjects": subjects.get(one["key"], one["subjects"])} for one in OLD["stages"]]


def change(new, key):
    found = difference(OLD, new)
    (one,) = (each for each in (*found.stages, *found.safety) if each.key == key)
    return one


@pytest.mark.req("TR-PROV")
def test_equal_documents_differ_in_nothing():
    assert difference(OLD, later()).changed is False


@pytest.mark.req("TR-PROV")
def test_two_who_changed_places_are_named_though_the_number_is_the_same():
    found = change(later(stages=stages(I=["NK-02", "NK-03"])), "I")
    assert (found.before, found.after) == (2, 2)
    assert (found.entered, [one.code for one in found.left]) == (("NK-03",), ["NK-01"])
    assert difference(OLD, later(stages=stages(I=["NK-02", "NK-03"]))).changed


DROP = [{"subject": "NK-01", "after": "I", "concluded": True, "reason": "death"}]
REASONS = [
    ("I", {"drops": DROP}, "death"),
    ("I", {"drops": [{**DROP[0], "reason": None}]}, None),
    ("F", {"fell": ["NK-01"], "drops": DROP}, LATE_FAILURE),
    ("F_final", {}, NOT_FINAL),
    ("R_final", {}, NOT_FINAL),
    ("F", {}, None),
]


@pytest.mark.parametrize(("key", "says", "reason"), REASONS)
def test_who_left_is_told_with_the_reason_of_the_records_or_with_none(key, says, reason):
    (left,) = change(later(stages=stages(**{key: ["NK-02"]}), **says), key).left
    assert (left.code, left.reason) == ("NK-01", reason)


def test_who_is_counted_for_safety_no_more_has_no_reason_of_a_stage():
    old = later(safety={**OLD["safety"], "pending": ["NK-01"]})
    (pending,) = (one for one in difference(old, later(drops=DROP)).safety if one.key == "pending")
    assert [one.reason for one in pending.left] == [None]


@pytest.mark.parametrize(
    "changes",
    [
        {"inclusion": {**MET, "rule": "100 × 7 ≥ 50 × 12"}},
        {"inclusion": {**MET, "met": False}},
        {"inclusion": {**MET, "denominator": 13}},
        {"batches": {"started": 2, "rejected": 1}},
        {"protocol": {"code": "PROT", "version": 2}},
        {"definitions": {"version": 2}},
        {"safety": {**OLD["safety"], "confirmed": ["NK-01"]}},
        {"supplied": ["NK-01"]},
    ],
)
def test_no_change_of_a_number_a_rule_or_a_setting_goes_unseen(changes):
    assert difference(OLD, later(**changes)).changed


def test_a_changed_definition_is_a_new_version():
    """Figures of two texts must not carry one version: whoever changes a text raises it and enters both here."""
    assert (DEFINITIONS_VERSION, digest(DEFINITIONS)[:16]) == (1, "e6d518d7ef9ed436")
