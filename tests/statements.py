"""Which tests of the second database only repeat to it what others ask: a plugin that listens, and the choice.

``NKTRACE_STATEMENTS=folder python -m pytest -p tests.statements tests/integration tests/web`` notes, for each test on
PostgreSQL, its processor time and the shapes of what was sent: the text of each statement without names of values,
lengths of lists and numbers of aliases, and which statement the database refused with which error.
``python -m tests.statements folder`` then writes ``tests/on_sqlite_alone.txt``: the tests without which every shape
is still sent by another. A test that is not named there runs on both, so a new one does until the choice is made anew.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine, ExceptionContext

from tests.second_database import ALONE, ASKS_FOR_ALL, SECOND

SIMPLER = (
    (re.compile(r"%\(\w+\)s(::[\w ]+)?"), "?"),
    (re.compile(r"\?(, ?\?)+"), "?"),
    (re.compile(r"\(\?\)(, ?\(\?\))+"), "(?)"),
    (re.compile(r"_\d+\b"), ""),
)
KEPT = (
    "tests/web/labels/",
    "tests/web/limits/",
    "tests/web/manufacturing/",
    "tests/web/refusals/",
    "tests/web/release/",
    "tests/integration/kernel/",
    "tests/integration/config/",
)  # by their marks; about the engine itself
SENT: set[str] = set()
HEARD: list[tuple[str, float, list[str]]] = []


def shapes(text: str) -> Iterator[str]:
    """A statement, or each branch of several that travel as one, without what depends on its company."""
    branches = text.split("UNION ALL")
    for branch in branches:
        shape = branch[branch.index("FROM") :] if len(branches) > 1 and "FROM" in branch else branch
        for pattern, simple in SIMPLER:
            shape = pattern.sub(simple, shape)
        yield shape.strip()


def least(tests: Mapping[str, tuple[float, set[str]]]) -> list[str]:
    """The tests to keep, so that nothing any of them sent is left unsent: always the one that adds most for its time."""
    kept = [name for name in tests if name.startswith(KEPT)]
    unsent = set().union(*(sent for _, sent in tests.values())) - set().union(*(tests[name][1] for name in kept))
    while unsent:
        best = max(tests, key=lambda name: (len(tests[name][1] & unsent) / max(tests[name][0], 0.001), name))
        kept.append(best)
        unsent -= tests[best][1]
    return kept


def listen(connection: Any, _cursor: Any, text: str, _values: Any, _context: Any, _many: bool) -> None:
    if connection.dialect.name == SECOND:
        SENT.update(shapes(text))


def listen_to_refusals(context: ExceptionContext) -> None:
    if context.dialect is not None and context.dialect.name == SECOND:
        SENT.update(
            f"{type(context.original_exception).__name__}: {shape}" for shape in shapes(context.statement or "")
        )


def pytest_sessionstart() -> None:
    event.listen(Engine, "before_cursor_execute", listen)
    event.listen(Engine, "handle_error", listen_to_refusals)


def processor() -> float:
    now = os.times()
    return now.user + now.system


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    SENT.clear()
    before = processor()
    result = yield
    HEARD.append((item.nodeid.partition("[")[0], processor() - before, sorted(SENT)))
    return result


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [one for one in items if SECOND in one.nodeid]


def pytest_sessionfinish() -> None:
    Path(os.environ[ASKS_FOR_ALL], f"{os.getpid()}.json").write_text(json.dumps(HEARD), encoding="utf-8")


def heard_in(folder: Path) -> dict[str, tuple[float, set[str]]]:
    found: dict[str, tuple[float, set[str]]] = {}
    for path in sorted(folder.glob("*.json")):
        for name, seconds, sent in json.loads(path.read_text(encoding="utf-8")):
            before, known = found.get(name, (0.0, set()))
            found[name] = (before + seconds, known | set(sent))
    return found


if __name__ == "__main__":
    tests = heard_in(Path(sys.argv[1]))
    kept = set(least(tests))
    ALONE.write_text("".join(f"{name}\n" for name in sorted(set(tests) - kept)), encoding="utf-8")
    spent, left = sum(tests[name][0] for name in kept), sum(one[0] for one in tests.values())
    print(f"{len(kept)} of {len(tests)} tests keep every shape: {spent:.0f} of {left:.0f} processor seconds")
