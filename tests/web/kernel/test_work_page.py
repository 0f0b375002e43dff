"""The Work page when much waits: filtered by what there is to do, fifty at a time, and every line counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kernel.web import lines, pages
from kernel.web.registry import TASKS, Task

MORNING = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def many(monkeypatch):
    """A hundred and twenty lines of two kinds, one of them urgent."""

    def told(_session, _viewer):
        plain = [Task("batch:read", f"NK26-{place:04d}", "waits", "/", "Verify") for place in range(119)]
        return [*plain, Task("batch:read", "NK26-9999", "waits", "/", "Acknowledge", urgent=True)]

    monkeypatch.setattr(pages, "TASKS", [told])
    assert TASKS is not pages.TASKS


def test_fifty_lines_stand_on_a_page_the_urgent_first_and_all_are_counted(many, api):
    first = api("T").get("/").json
    assert first["page"] == {"number": 1, "pages": 3, "total": 120}
    assert len(first["tasks"]) == lines.TASKS_PAGE
    assert first["tasks"][0]["record"] == "NK26-9999"
    assert [(one["what"], one["count"]) for one in first["kinds"]] == [("Acknowledge", 1), ("Verify", 119)]
    assert len(api("T").get("/?page=3").json["tasks"]) == 20


def test_the_filter_takes_what_is_to_do_and_part_of_a_record(many, api, browser):
    assert [one["record"] for one in api("T").get("/?what=Acknowledge").json["tasks"]] == ["NK26-9999"]
    assert api("T").get("/?record=nk26-000").json["page"]["total"] == 10
    text = browser("T").get("/?record=nothing").text
    assert "Nothing fits this filter." in text
    assert 'value="nothing"' in text


@pytest.mark.parametrize("page", ["0", "-1", "٣", "9" * 40, "x"])
def test_a_page_that_is_not_there_is_the_nearest_one(many, api, page):
    assert api("T").get(f"/?page={page}").json["page"]["number"] in {1, 3}


def line(number, kind, *, hours=None, urgent=False):
    deadline = None if hours is None else MORNING + timedelta(hours=hours)
    return Task("batch:read", f"NK26-{number:04d}", "waits", "/", kind, deadline=deadline, urgent=urgent)


def test_lines_that_are_read_page_by_page_stand_in_the_order_of_all_of_them(monkeypatch, api):
    """Three long kinds, each cut by its own source, and a short list: every line once, by urgency and deadline."""
    every = {
        "Verify": [line(place, "Verify", hours=place % 40, urgent=place % 40 < 3) for place in range(90)],
        "Read": [line(100 + place, "Read", hours=place / 7) for place in range(130)],
        "Open": [line(300 + place, "Open") for place in range(70)],
    }
    short = [line(500 + place, "Look", hours=2 * place) for place in range(8)]

    def long(kind):
        whole = sorted(every[kind], key=lines.turn)
        return lambda _session, viewer: [
            lines.Lines("batch:read", kind, len(whole), tuple(whole[: lines.reach(viewer, kind)]))
        ]

    monkeypatch.setattr(pages, "TASKS", [*map(long, every), lambda *_: short])
    reader, seen = api("T"), []
    for number in range(1, 7):
        page = reader.get(f"/?page={number}").json
        assert page["page"] == {"number": number, "pages": 6, "total": 298}
        seen += [one["record"] for one in page["tasks"]]
    known = {one.record: one for one in (*every["Verify"], *every["Read"], *every["Open"], *short)}
    assert sorted(seen) == sorted(known)
    assert [lines.turn(known[one]) for one in seen] == sorted(lines.turn(one) for one in known.values())
    third = reader.get("/?what=Read&page=3").json
    assert [one["record"] for one in third["tasks"]] == [f"NK26-{number:04d}" for number in range(200, 230)]
    assert {one["what"]: one["count"] for one in third["kinds"]} == {"Look": 8, "Open": 70, "Read": 130, "Verify": 90}
