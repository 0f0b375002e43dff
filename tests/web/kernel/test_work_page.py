"""The Work page when much waits: filtered by what there is to do, fifty at a time, and every line counted."""

from __future__ import annotations

import pytest

from kernel.web import pages
from kernel.web.registry import TASKS, Task


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
    assert len(first["tasks"]) == pages.TASKS_PAGE
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
