"""What keeps a batch from being complete: each fact alone, with its own refusal; and the clear line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.refusals import STATE_NOT_ALLOWED
from kernel.words import Words
from manufacturing.domain.batches import BATCH, STEPS_SETTLED, CompletionFacts, line_refusals

WHOLE = CompletionFacts(unverified=(), unassessed=(), containers=1, unreconciled=0)
GUARDS = next(move.guards for move in BATCH.transitions if move.action == "complete")
STEP = Words({"en": "Fill", "nl": "Afvullen"})
OTHER = STATE_NOT_ALLOWED(action="a", record="b", state="c")
ANOTHER = STATE_NOT_ALLOWED(action="d", record="e", state="f")


def refused(**change):
    return [found for guard in GUARDS if (found := guard(replace(WHOLE, **change))) is not None]


@pytest.mark.req("ATMP-6.3-CONTENT")
def test_a_whole_record_is_complete():
    assert refused() == []


@pytest.mark.req("ATMP-6.3-CONTENT", "ATMP-RECON")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"unverified": (STEP,)}, "STEP_UNVERIFIED"),
        ({"unassessed": (STEP,)}, "ACTION_UNASSESSED"),
        ({"containers": 0}, "CONTAINER_MISSING"),
        ({"unreconciled": 1}, "LABELS_OPEN"),
        ({"samples": ("S01", "S02")}, "SAMPLES_OPEN"),
    ],
)
def test_what_is_open_is_refused_by_name(change, code):
    assert [one.code for one in refused(**change)] == [code]


@pytest.mark.req("ATMP-6.3-CONTENT")
@pytest.mark.parametrize("name", ["unbalanced", "hold_times", "yields", "blank", "materials", "unsigned"])
def test_of_several_reasons_of_one_kind_the_first_is_told(name):
    assert refused(**{name: (OTHER, ANOTHER)}) == [OTHER]


def test_a_refusal_carries_what_is_open():
    (samples,) = refused(samples=("S01", "S02"))
    (labels,) = refused(unreconciled=3)
    assert (samples.fact("samples"), labels.fact("count")) == ("S01, S02", "3")


@pytest.mark.req("ATMP-LINECLEAR")
@pytest.mark.parametrize(
    ("cleared", "others", "fields"),
    [
        (True, (), []),
        (False, (), ["cleared"]),
        (True, ("NK-2026-002",), ["room"]),
        (False, ("NK-2026-002", "NK-2026-003"), ["room", "room", "cleared"]),
    ],
)
def test_a_line_is_clear_when_nobody_says_no_and_no_other_product_is_in_the_room(cleared, others, fields):
    found = line_refusals(cleared=cleared, others=others)
    assert [(one.code, one.fact("field")) for one in found] == [("LINE_CLEARANCE", field) for field in fields]
    assert [one.fact("finding") for one in found][: len(others)] == list(others)


def test_nothing_waits_for_a_step_that_is_verified_or_not_needed():
    assert {"verified", "not_needed"} == STEPS_SETTLED
