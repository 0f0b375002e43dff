"""The manual's states are the tables' states, and nothing moves outside them."""

from __future__ import annotations

import pytest

from config.states import FILE, LIFECYCLES, document
from kernel.lifecycle import Transition
from kernel.permissions import PERMISSIONS
from kernel.refusals import Refusal


def test_the_manual_prints_the_tables():
    assert FILE.read_text(encoding="utf-8") == document()


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.record)
def test_every_state_and_action_outside_the_table_is_refused(lifecycle):
    for state in lifecycle.states:
        for action in (*lifecycle.actions(), "nothing of the kind"):
            found = lifecycle.transition(action, state)
            allowed = any(one.action == action and state in one.sources for one in lifecycle.transitions)
            assert isinstance(found, Transition if allowed else Refusal)
            if not allowed:
                assert found.code == "STATE_NOT_ALLOWED"


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.record)
def test_every_move_belongs_to_a_known_permission(lifecycle):
    assert {one.permission for one in lifecycle.transitions} <= set(PERMISSIONS)
