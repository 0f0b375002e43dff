"""Whole trials of invented patients through the JSON API: totals counted by hand, an oracle's, and those of an earlier day."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import event

from manufacturing.domain.trial import ConclusionReason
from tests.cohorts import Cohort, read_histories
from tests.integration.release.giving_factory import (
    draft_protocol,
    infused,
    new_giving,
    new_patient,
    new_product,
    react,
)
from tests.places import along, remembered
from tests.unit.release.test_metrics_invariants import BEGINNINGS, CERTIFIED, ENDS, GIVES, SUPPLIED
from tests.unit.release.told_histories import Told, counted

DATA = Path(__file__).parents[2] / "data"
PATTERN = Told("NK-03", "TIDL", ("start fill full give:full:10",), "", ("3 probable waits",))
ORDER = ("T", "I", "L", "M", "R", "F", "F_final")


@pytest.fixture
def giving(app, database, person):
    return remembered(database, "giving", lambda: new_giving(database, person))


@pytest.fixture
def cohort(giving):
    """NK-03 was infused through the services; everybody else is told."""
    along(
        giving,
        "one infused and reacting",
        lambda: react(giving, infused(giving, new_product(giving, new_patient(giving)))),
    )
    return Cohort(giving.database)


def told_by_chance(seed, count, first=0):
    """Patients of every kind there is, the same for a seed."""
    chance = random.Random(seed)  # noqa: S311
    lines = [*BEGINNINGS, *SUPPLIED]

    def batch():
        if chance.random() < 0.35:
            return chance.choice(lines)
        gives = [chance.choice(GIVES) for _ in range(chance.choice([0, 1, 1, 2]))]
        return " ".join([chance.choice(CERTIFIED), *gives, chance.choice(ENDS)])

    def reaction():
        return chance.choice(["3 probable", "5 definite", "2 definite", "4 possible", "3 probable waits", "3 ?", "1 ?"])

    return [
        Told(
            f"NK-{first + place + 100}",
            chance.choice(["T", "TI", "TID", "TIL", "TIDL", "TIDL", "TIDLL"]),
            tuple(batch() for _ in range(chance.choice([0, 1, 1, 1, 2]))),
            chance.choice(["", "", *ConclusionReason]),
            tuple(reaction() for _ in range(chance.choice([0, 0, 1, 2]))),
        )
        for place in range(count)
    ]


def assert_counted(figures, told):
    """Every list, every number and every verdict is the oracle's."""
    expected = counted([PATTERN, *told])
    stages = {one["key"]: set(one["subjects"]) for one in figures["stages"]}
    assert stages == expected.reached
    assert all(stages[after] <= stages[before] for before, after in pairwise(ORDER))
    assert {one["subject"]: (one["after"], one["reason"] or "") for one in figures["drops"]} == expected.drops
    assert set(figures["fell"]) == expected.fell
    batches = {
        name: count for name, count in figures["batches"].items() if count and name not in {"released", "started"}
    }
    assert batches == expected.batches
    safety = figures["safety"]
    assert [set(safety[name]) for name in ("infused", "confirmed", "pending")] == (
        [expected.infused, expected.confirmed, expected.waiting]
    )
    assert [figures[name]["met"] for name in ("inclusion", "infusion", "infusion_final")] == (
        [expected.inclusion_met, expected.infusion_met, expected.final_met]
    )
    assert figures["infusion"]["still_reachable"] == expected.infusion_reachable


@pytest.mark.on_both
@pytest.mark.req("TR-PROV", "TR-F1", "TR-F2", "TR-F3", "TR-S1")
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.hostile) for seed in range(2, 40))])
def test_the_figures_of_any_history_are_the_oracles_and_those_of_an_earlier_moment_are_what_was_shown_then(
    giving, cohort, api, seed
):
    sponsor = api("Sp")
    told: list[Told] = []
    shown = []
    for size in (3, 12, 25):
        more = told_by_chance(seed + 100 * size, size, first=len(told))
        cohort.enter(more)
        giving.database.clock.advance(timedelta(seconds=1))
        cohort.conclude(more)
        told += more
        shown.append(sponsor.get("/trial/feasibility").json)
        assert_counted(shown[-1], told)
        giving.database.clock.advance(timedelta(seconds=1))
    for one in shown[:2]:
        then = sponsor.get(f"/trial/feasibility?as_of={one['data_cut_off']}").json
        assert then == {**one, "as_of": one["data_cut_off"]}


@pytest.mark.req("TR-PROV", "TR-F1", "TR-F2")
@pytest.mark.parametrize("size", [12, 40, 200])
def test_a_whole_history_gives_the_totals_that_were_counted_by_hand(giving, cohort, person, api, size):
    """NK-03, who is there before, is in every stage. Of 200 the protocol version has a target of its own."""
    told, totals = read_histories(DATA / f"histories_{size}.csv")
    assert len(told) == size
    if size == 200:
        draft = draft_protocol(giving, person("QA"), target="150")
        for role in ("Sp", "QA"):
            api(role).act(f"/administration/documents/{draft}/approve", {"role": role})
    cohort.enter(told)
    cohort.conclude(told)
    figures = api("Sp").get("/trial/feasibility").json
    assert {one["key"]: one["count"] - 1 for one in figures["stages"]} == totals
    assert (figures["inclusion"]["numerator"], figures["inclusion"]["denominator"]) == (
        totals["I"] + 1,
        totals["T"] + 1,
    )
    assert (figures["infusion"]["numerator"], figures["infusion"]["denominator"]) == (totals["F"] + 1, totals["I"] + 1)
    assert_counted(figures, told)
    assert figures["target"] == (150 if size == 200 else 12)


@pytest.mark.req("TR-PROV")
def test_a_page_computes_again_when_a_record_changed_or_a_shelf_life_ended_and_asks_little_otherwise(
    giving, cohort, api, browser
):
    sponsor = api("Sp")
    waiting = Told("NK-100", "TIDL", ("start fill full",))
    cohort.enter([waiting, *told_by_chance(7, 40, first=1)])
    first, again = sponsor.get("/trial/feasibility").json, sponsor.get("/trial/feasibility").json
    assert first == again
    assert counted_statements(giving, lambda: sponsor.get("/trial/feasibility")) <= 15
    cohort.conclude([replace(waiting, ended="death")])
    looks = []
    assert counted_statements(giving, lambda: looks.append(sponsor.get("/trial/feasibility"))) <= 15, "after an act"
    after = looks[0].json
    assert (first["batches"]["pending"] - 1, first["batches"]["not_infused"] + 1) == (
        *(after["batches"]["pending"], after["batches"]["not_infused"]),
    )
    open_ones = after["batches"]["pending"]
    giving.database.clock.advance(timedelta(days=901))
    assert open_ones > 0
    assert api("QA").get("/trial/feasibility").json["batches"]["pending"] == 0, "no line of the trail, and yet over"


@pytest.mark.req("TR-PROV")
def test_of_many_subjects_the_pages_show_a_page_and_say_how_many_there_are(giving, cohort, api, browser):
    cohort.enter(told_by_chance(3, 60))
    monitor, client = browser("In"), api("In")
    assert "and 36 more" in monitor.get("/trial/feasibility?lang=en").text
    assert len(client.get("/trial/feasibility").json["stages"][0]["subjects"]) == 61
    assert "The first 25 of" in monitor.get("/trial?lang=en").text
    seen = [one["code"] for page in (1, 2, 3) for one in client.get(f"/trial/stages/T?page={page}").json["subjects"]]
    assert len(set(seen)) == len(seen) == 61
    for what in ("drops", "follow-up", "retention"):
        pages = [client.get(f"/trial/lines/{what}?page={page}").json for page in (1, 2, 3)]
        total = pages[0]["page"]["total"]
        assert len({str(row) for page in pages[: -(-total // 25)] for row in page["rows"]}) == total
        assert f"{total} in all" in monitor.get(f"/trial/lines/{what}?lang=en").text
    assert client.get("/trial/lines/everything").status_code == 404


def counted_statements(giving, ask):
    seen = []
    listener = lambda *args: seen.append(args[2])  # noqa: E731
    event.listen(giving.database.engine, "before_cursor_execute", listener)
    ask()
    event.remove(giving.database.engine, "before_cursor_execute", listener)
    return len(seen)
