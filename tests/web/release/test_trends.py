"""Yields across batches: charts, limits of each batch's own version, filters, CSV."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from release.queries.trends import chart
from tests.integration.manufacturing.story import Story
from tests.places import remembered


@pytest.fixture
def story(database, person, app):
    return remembered(database, "story", lambda: Story(database, person))


@pytest.mark.req("ATMP-YIELD")
def test_a_formulated_batch_is_a_point_beside_the_limits_it_was_judged_by(story, browser, api):
    batch = story.formulated()
    found = api("QA").get("/trends").json
    (row,) = found["rows"]
    assert (row["batch"], row["purity_percent"], row["viability_percent"]) == (batch.number, "95.1", "96")
    assert row["limits"]["purity_percent"] == {"high": None, "low": "70"}
    assert row["limits"]["total_recovery_percent"] == {"high": "100", "low": "10"}
    page = browser("QA").get("/trends").text
    assert 'class="inside"' in page
    assert 'class="outside"' not in page
    assert batch.number in page


@pytest.mark.req("ATMP-6.1-CORR")
def test_what_was_measured_again_is_marked_where_its_figure_is_read(story, browser, api):
    batch = story.formulated()
    story.again(batch, 9, viability=Decimal(95), reason="the first tube had been left standing")
    story.verify(batch, 9)
    said = "measured again: Viability (7-AAD), 2 of 2 used: the first tube had been left standing"
    charts = {one["key"]: one["series"][0]["points"][0]["note"] for one in api("QA").get("/trends").json["charts"]}
    assert said in charts["viability_percent"]
    assert said in charts["total_recovery_percent"]
    assert 'class="ring"' in browser("QA").get("/trends").text
    record = browser("QA").get(f"/batches/{batch.id}").text
    assert "2 of 2 used" in record
    assert "the first tube had been left standing" in record


def test_the_file_holds_exactly_what_is_filtered(story, browser):
    batch = story.formulated()
    qa = browser("QA")
    rows = list(csv.DictReader(io.StringIO(qa.get("/trends/trends.csv").data.decode("utf-8-sig"))))
    assert [row["batch"] for row in rows] == [batch.number]
    assert rows[0]["total_recovery_percent"].startswith("43.36")
    for query in ("since=2026-11-24", "until=2026-11-22", "process=none"):
        assert "No batch fits." in qa.get(f"/trends?{query}").text
        later = qa.get(f"/trends/trends.csv?{query}").data.decode("utf-8-sig")
        assert len(later.splitlines()) == 1
    assert batch.number in qa.get("/trends?since=2026-11-23&until=2026-11-23").text


def rows(*values, low=70):
    return [
        {
            "id": str(place),
            "batch": f"B{place}",
            "purity_percent": None if value is None else Decimal(value),
            "limits": {"purity_percent": {"low": Decimal(low), "high": None}},
        }
        for place, value in enumerate(values)
    ]


@pytest.mark.req("ATMP-YIELD")
def test_a_point_outside_its_own_limits_is_drawn_otherwise_and_opens_its_batch():
    (drawn,) = chart("purity_percent", [*rows(95), *rows(80, low=90)])["series"]
    assert [one["outside"] for one in drawn["points"]] == [False, True]
    assert drawn["points"][0]["y"] < drawn["points"][1]["y"], "more is higher"
    assert [one["limits"][0]["value"] for one in drawn["points"]] == [70, 90]
    assert drawn["points"][0]["link"] == "/batches/0"


def test_the_range_in_force_now_is_a_band_behind_the_points():
    drawn = chart("purity_percent", rows(95, 85), {"purity_percent": {"low": Decimal(90), "high": None}})
    points = drawn["series"][0]["points"]
    assert points[0]["y"] < drawn["band"]["y"] + drawn["band"]["height"] < points[1]["y"]
    assert chart("purity_percent", rows(95))["band"] is None


def test_the_page_draws_the_range_in_force_and_links_each_point(story, browser, api):
    batch = story.formulated()
    page = browser("QA").get("/trends").text
    assert f'<a href="/batches/{batch.id}" aria-label="{batch.number}: 95.1">' in page
    assert 'class="band"' in page
    assert "In force now" in page
    assert api("QA").get("/trends").json["in_force"]["purity_percent"] == {"high": None, "low": "70"}
