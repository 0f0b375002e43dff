"""What the short form of the test command leaves out waits for ``--wide``, and nothing else does (decision 0050)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests import wide


def item(mark=None, **given):
    found = None if mark is None else SimpleNamespace(args=mark)
    return SimpleNamespace(
        get_closest_marker=lambda name: found if name == "wide" else None, callspec=SimpleNamespace(params=given)
    )


NARROW = item(database="sqlite")
WIDE = item((), database="sqlite")
ON_FIRST, ON_SECOND = (item(("postgresql",), database=name) for name in ("sqlite", "postgresql"))


@pytest.mark.parametrize(
    ("short", "kept", "waiting"),
    [(True, [NARROW, ON_FIRST], [WIDE, ON_SECOND]), (False, [NARROW, WIDE, ON_FIRST, ON_SECOND], [])],
)
def test_what_is_marked_waits_where_the_run_is_short(monkeypatch, short, kept, waiting):
    monkeypatch.setattr(wide, "NARROW", short)
    assert wide.narrowed([NARROW, WIDE, ON_FIRST, ON_SECOND]) == (kept, waiting)
