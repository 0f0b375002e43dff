"""A state machine is its table: what is not in it does not happen. Every lifecycle of the product is tried."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module

import pytest
import sqlalchemy as sa

import config.wiring  # noqa: F401  (permissions of every package)
from config.tables import METADATA
from kernel.lifecycle import Lifecycle, Transition, states
from kernel.permissions import PERMISSIONS
from kernel.refusals import Refusal
from tests.contracts.messages import SPOKEN_ENUMS, catalogue

MODULES = SPOKEN_ENUMS
LIFECYCLES = [
    found
    for name in MODULES
    for found in vars(import_module(name)).values()
    if isinstance(found, Lifecycle) and found.states.__module__ == name
]
BY_NO_ROLE = {"account:activate", "account:lock"}  # the person with link and code; wrong passwords and time
BY_NAME = {one.record: one for one in LIFECYCLES}


class Door(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    GONE = "gone"


DOOR = Lifecycle(
    record="door",
    states=Door,
    transitions=(
        Transition("close", states(Door.OPEN), Door.CLOSED, "door:move"),
        Transition("open", states(Door.CLOSED), Door.OPEN, "door:move"),
        Transition("remove", states(Door.OPEN, Door.CLOSED), Door.GONE, "door:remove", meaning=("removed",)),
    ),
)


def test_a_move_of_the_table_is_found():
    move = DOOR.transition("close", "open")
    assert (move.target, move.permission) == (Door.CLOSED, "door:move")


@pytest.mark.parametrize(("action", "state"), [("open", "open"), ("close", "gone"), ("paint", "open")])
def test_a_move_outside_the_table_is_refused_with_what_and_where(action, state):
    refusal = DOOR.transition(action, state)
    assert (refusal.code, refusal.fact("action"), refusal.fact("state")) == ("STATE_NOT_ALLOWED", action, state)


def test_a_state_that_does_not_exist_is_an_error_not_a_refusal():
    with pytest.raises(ValueError, match="ajar"):
        DOOR.transition("open", "ajar")


def test_the_end_is_where_nothing_leaves():
    assert DOOR.terminal() == {Door.GONE}
    assert DOOR.actions() == ("close", "open", "remove")


def test_the_diagram_is_the_table():
    assert DOOR.mermaid().splitlines() == [
        "stateDiagram-v2",
        "    open --> closed: close",
        "    closed --> open: open",
        "    open --> gone: remove",
        "    closed --> gone: remove",
    ]


def test_every_lifecycle_of_the_product_is_looked_at():
    assert {"document", "subject", "collection", "batch", "label"} <= set(BY_NAME)


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.record)
def test_no_move_exists_outside_the_table(lifecycle):
    listed = {(move.action, source) for move in lifecycle.transitions for source in move.sources}
    for action in lifecycle.actions():
        for state in lifecycle.states:
            found = lifecycle.transition(action, state)
            assert isinstance(found, Refusal) == ((action, state) not in listed)


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.record)
def test_an_action_has_one_outcome_from_each_state(lifecycle):
    pairs = [(move.action, source) for move in lifecycle.transitions for source in move.sources]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.record)
def test_every_move_belongs_to_somebody_and_has_its_words(lifecycle):
    for move in lifecycle.transitions:
        assert PERMISSIONS.get(move.permission) or move.permission in BY_NO_ROLE, move
        assert len(move.meaning) <= 2, move
    words = {lifecycle.record, *lifecycle.actions(), *(state.value for state in lifecycle.states)}
    assert words - set(catalogue()) == set()
    assert {word for word in words if "_" in word} - set(catalogue("en")) == set()


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.record)
def test_the_database_knows_the_same_states(lifecycle):
    values = ", ".join(f"'{state.value}'" for state in lifecycle.states)
    checks = [
        str(check.sqltext)
        for table in METADATA.tables.values()
        for check in table.constraints
        if isinstance(check, sa.CheckConstraint)
    ]
    assert [one for one in checks if one.endswith(f"IN ({values})")]
