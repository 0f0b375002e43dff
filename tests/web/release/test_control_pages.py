"""Control charts on a page and as JSON: signals by name, each point the way to its batch."""

from __future__ import annotations

from decimal import Decimal

import pytest

from release.queries.control import control_chart
from tests.integration.manufacturing.story import Story
from tests.places import remembered

NO_LIMITS = {}


@pytest.fixture
def story(database, person, app):
    return remembered(database, "story", lambda: Story(database, person))


def rows(*values):
    return [
        {
            "id": str(place),
            "batch": f"B{place}",
            "formulated_at": None,
            "purity_percent": None if value is None else Decimal(value),
        }
        for place, value in enumerate(values)
    ]


@pytest.mark.req("ATMP-YIELD")
def test_a_leap_is_named_with_its_batch_and_drawn_outside_its_control_limits():
    found = control_chart("purity_percent", rows(*["90", "91"] * 5, "70"), NO_LIMITS)
    assert {(one["rule"], one["batch"]) for one in found["signals"]} >= {("beyond_three_sigma", "B10")}
    points = found["individuals"]["series"][0]["points"]
    assert [one["label"] for one in points if one["outside"]] == ["B10"]
    assert points[-1]["link"] == "/batches/10"
    assert found["individuals"]["guides"][0]["value"] == found["limits"]["centre"]


def test_a_gap_stays_a_gap_and_few_values_are_provisional():
    found = control_chart("purity_percent", rows("90", None, "91", "92"), NO_LIMITS)
    assert (found["count"], found["provisional"]) == (3, True)
    assert [one["label"] for one in found["ranges"]["series"][0]["points"]] == ["B3"]
    assert control_chart("purity_percent", rows("90"), NO_LIMITS)["limits"] is None


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_and_the_interface_show_the_same_charts(story, browser, api, language):
    story.formulated()
    page = browser("QA").get(f"/trends/control?lang={language}&figure=purity_percent")
    assert page.status_code == 200
    assert ("Te weinig waarden" if language == "nl" else "Too few values") in page.text
    (chart,) = api("QA").get("/trends/control?figure=purity_percent").json["charts"]
    assert (chart["count"], chart["limits"], chart["signals"]) == (1, None, [])
