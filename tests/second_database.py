"""Which cases of a test run on PostgreSQL where SQLite runs them all.

What an engine decides for itself (types, order, locks, constraints, what its dialect makes of a statement) shows in the
first case of a test as well as in the tenth. So the tenth runs on SQLite alone, unless its test says by
``every_case()`` that each case asks something else of the database, or by ``every_case("row")`` that each value of
these parameters does. Tests about the engine itself (``WHOLE``) run there in each case, unless they name parameters
too. A test named in ``on_sqlite_alone.txt`` sends PostgreSQL nothing that no other test sends it, in text, in branches
or in refusals (tests/statements.py chose them by listening); it runs there only with a mark. Tests of pages run there
only with this mark or with ``on_both``: every page that can be opened and every act that can be sent is tried on
PostgreSQL beside the refusals (tests/web/refusals), and what is under them by the tests of the services.
``run.py hostile`` runs all of them on PostgreSQL.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.databases import databases

SECOND = "postgresql"
ASKS_FOR_ALL = "NKTRACE_STATEMENTS"  # set while the choice is made: all are listened to
ALONE = Path(__file__).with_name("on_sqlite_alone.txt")
PAGES = ("tests/web/labels/", "tests/web/manufacturing/", "tests/web/release/")
WHOLE = ("tests/races/", "tests/hostile/", "tests/contracts/", "tests/journeys/")  # what is about the engine itself


def first_cases(items: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Those to run and those left to the long lane; everything runs where SQLite does not run beside."""
    seen: set[Any] = set()
    alone = frozenset() if ASKS_FOR_ALL in os.environ else frozenset(ALONE.read_text(encoding="utf-8").split())
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        case = case_of(item) if "sqlite" in databases() else None
        (left if case is not None and (case in seen or only_repeats(item, alone)) else kept).append(item)
        seen.add(case)
    return kept, left


def only_repeats(item: pytest.Item, alone: frozenset[str]) -> bool:
    asks = item.get_closest_marker("on_both") or item.get_closest_marker("every_case")
    return not asks and (item.nodeid.startswith(PAGES) or item.nodeid.partition("[")[0] in alone)


def case_of(item: pytest.Item) -> tuple[str, ...] | None:
    """What a later case on the second database would only repeat; None for one that always runs."""
    given = getattr(getattr(item, "callspec", None), "params", {})
    mark = item.get_closest_marker("every_case")
    if SECOND not in map(str, given.values()) or (item.nodeid.startswith(WHOLE) if mark is None else not mark.args):
        return None
    names = mark.args if mark else ()
    return (item.nodeid.partition("[")[0], *(repr(given[name]) for name in names))
