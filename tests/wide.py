"""Which tests wait for ``run.py test --wide``, as ``.ci/run`` does: they try in more ways what others hold (decision 0050)."""

from __future__ import annotations

import os

import pytest

NARROW = os.environ.get("NKTRACE_TEST_WIDE") == "0"  # whoever runs pytest by hand runs all of them


def narrowed(items: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Those to run now and those that wait."""
    kept: list[pytest.Item] = []
    waiting: list[pytest.Item] = []
    for item in items:
        (waiting if NARROW and is_wide(item) else kept).append(item)
    return kept, waiting


def is_wide(item: pytest.Item) -> bool:
    """Marked so, or marked for one of its parameters: ``wide("postgresql")``."""
    mark = item.get_closest_marker("wide")
    given = getattr(getattr(item, "callspec", None), "params", {})
    return mark is not None and (not mark.args or not {str(one) for one in given.values()}.isdisjoint(mark.args))
