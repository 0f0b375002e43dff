"""Two versions of a document beside each other: what was added, removed, changed or moved, and where."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.documents.differences import Kind, differences

BODY = {
    "late": "15",
    "steps": [
        {"key": "wash", "title": {"en": "Wash", "nl": "Wassen"}, "fields": [{"key": "wbc", "action": {"low": "1"}}]},
        {"key": "fill", "title": {"en": "Fill", "nl": "Afvullen"}},
    ],
    "expected": [
        {"stage": "final", "figure": "purity", "limits": {"low": "70"}},
        {"stage": "final", "figure": "viability", "limits": {"low": "70"}},
    ],
    "roles": ["QA", "QP"],
}


def told(change):
    new = copy.deepcopy(BODY)
    change(new)
    return [
        (one.kind.value, [step if isinstance(step, str) else step["en"] for step in one.path], one.old, one.new)
        for one in differences(BODY, new)
    ]


@pytest.mark.req("ATMP-6.2-MBR")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda b: None, []),
        (lambda b: b.update(late="20"), [("changed", ["late"], "15", "20")]),
        (
            lambda b: b["steps"][0]["fields"][0]["action"].update(low="2"),
            [("changed", ["steps", "Wash", "fields", "wbc", "action", "low"], "1", "2")],
        ),
        (
            lambda b: b["steps"][0]["fields"][0]["action"].update(high="9"),
            [("added", ["steps", "Wash", "fields", "wbc", "action", "high"], None, "9")],
        ),
        (lambda b: b["steps"].pop(), [("removed", ["steps", "Fill"], BODY["steps"][1], None)]),
        (lambda b: b["steps"].insert(0, {"key": "new"}), [("added", ["steps", "new"], None, {"key": "new"})]),
        (lambda b: b["steps"].reverse(), [("moved", ["steps"], "wash, fill", "fill, wash")]),
        (
            lambda b: b["steps"][1]["title"].update(nl="Vullen"),
            [("changed", ["steps", "Fill", "title", "nl"], "Afvullen", "Vullen")],
        ),
        (
            lambda b: b["expected"][1]["limits"].update(low="80"),
            [("changed", ["expected", "final viability", "limits", "low"], "70", "80")],
        ),
        (lambda b: b["roles"].append("T"), [("changed", ["roles"], ["QA", "QP"], ["QA", "QP", "T"])]),
        (lambda b: b.pop("roles"), [("removed", ["roles"], ["QA", "QP"], None)]),
    ],
)
def test_a_difference_says_where_and_from_what_to_what(change, expected):
    assert told(change) == expected


bodies = st.recursive(
    st.text(max_size=3) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["key", "a", "b"]), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from("abc"), bodies), st.dictionaries(st.sampled_from("abc"), bodies))
def test_nothing_differs_only_between_equal_versions(one, other):
    assert (differences(one, other) == ()) is (one == other)
    swapped = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED}
    there, back = differences(one, other), differences(other, one)
    assert sorted(swapped.get(each.kind, each.kind) for each in there) == sorted(each.kind for each in back)
