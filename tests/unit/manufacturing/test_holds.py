"""Who lifts which hold, and what a hold says to whoever meets it."""

from __future__ import annotations

import pytest

from manufacturing.domain.holds import BY_THE_QP, BY_THE_SPONSOR, HoldCause, held_refusal, lift_refusals

NOBODY = {HoldCause.OOS, HoldCause.LOOKBACK, HoldCause.RECALL}


@pytest.mark.req("ATMP-HOLD")
def test_a_failed_result_a_look_back_and_a_recall_end_by_their_own_decisions_only():
    assert frozenset({HoldCause.SAFETY, HoldCause.PERSON}) == BY_THE_SPONSOR
    assert frozenset(set(HoldCause) - NOBODY - {HoldCause.SAFETY}) == BY_THE_QP


@pytest.mark.req("ATMP-DEV-2")
@pytest.mark.parametrize(
    ("cause", "lifted", "expected"),
    [("person", False, []), ("oos", False, ["HOLD_CAUSE_STANDS"]), ("person", True, ["HOLD_LIFTED"])],
)
def test_a_hold_is_lifted_once_and_only_by_whom_its_cause_is_for(cause, lifted, expected):
    assert [one.code for one in lift_refusals(cause, lifted=lifted, liftable=BY_THE_QP)] == expected


def test_a_recall_has_a_code_of_its_own():
    assert held_refusal("batch", "recall", "pyrogens").code == "BATCH_RECALLED"
    held = held_refusal("collection", "donor", "fever")
    assert (held.code, held.fact("scope"), held.fact("reason")) == ("BATCH_ON_HOLD", "collection", "fever")
