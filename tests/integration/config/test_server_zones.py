"""Wherever the server stands: on the nights the clocks change, expiry and the day of infusion are decided alike.

One process for each zone lives through the same nights on copies of the same installations, on each database; what it
decided is compared with a table written by hand, so that an error all zones share is seen too. Everything was imported
in a zone that is none of them (``ELSEWHERE``), so that what is read once would be wrong in all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from config.demo import tell
from config.example import Teller, making, weigh, weight_of
from config.products import WAITING
from config.teaching import teach
from tests.databases import databases
from tests.integration.config.nights import HOUR, NIGHTS, Living
from tests.races.installations import copied, dropped, on_postgres, prepared

ROOT = Path(__file__).resolve().parents[3]
ZONES = {
    "UTC": "2027-07-01T12:00:00+00:00",
    "Europe/Amsterdam": "2027-07-01T12:00:00+02:00",
    "America/Los_Angeles": "2027-07-01T12:00:00-07:00",
    "Pacific/Kiritimati": "2027-07-01T12:00:00+14:00",
}
ELSEWHERE = "Asia/Kathmandu"
TWICE = (
    "FIELD_INVALID: Weighed at: This hour happens twice on the night the clock goes back;"
    " add +02:00 (first) or +01:00 (second)."
)
NEVER = "FIELD_INVALID: Weighed at: This time does not exist on the night the clock goes forward."
STALE = "ELIGIBILITY_STALE: The day-of-infusion check is not of today"
LATE = "for transport and infusion it is too late now."


def wrong_day(order, today):
    return f"WRONG_DAY: The check belongs to the day of the infusion ({order}); today is {today} in Amsterdam."


def decided(*, eve, day, printed, expires, typed, stored):
    """One night as a person would expect it; every day and time is given by hand."""
    return {
        "expires": expires,
        "label": [printed],
        "23:30 check for today": "done",
        "23:30 check for tomorrow": wrong_day(day, eve),
        "before midnight": ["DENY"],
        "at midnight": ["DENY", "ELIGIBILITY_MISSING: The day-of-infusion check is missing or incomplete (form)."],
        "00:30 check for yesterday": wrong_day(eve, day),
        "00:30 check for today": "done",
        "last moment to dispense": ["DENY"],
        "too late to dispense": ["DENY", f"PRODUCT_EXPIRED: Expires {printed}; with 60 min {LATE}"],
        **typed,
        "stored": stored,
    }


def handed_over(*, code, day, morrow, dispensed, printed):
    """What differs when the product is released: it is allowed, dispensed and brought to the bedside."""
    gone = f"PRODUCT_EXPIRED: Expires {printed}; with 0 min {LATE}"
    return {
        "before midnight": ["ALLOW_CONDITIONAL"],
        "last moment to dispense": ["ALLOW_CONDITIONAL"],
        "too late to dispense": [
            "DENY",
            f"ALREADY_DISPENSED: Container {code} was dispensed before ({dispensed}).",
            f"PRODUCT_EXPIRED: Expires {printed}; with 60 min {LATE}",
        ],
        "before expiry": ["ALLOW_CONDITIONAL"],
        "at expiry": ["DENY", gone],
        "before the next midnight": ["DENY", gone],
        "at the next midnight": [
            "DENY",
            *(f"{STALE} ({what}: {day}; today is {morrow} in Amsterdam)." for what in CHECKED),
            gone,
        ],
    }


CHECKED = ("form", "circulating blasts", "neutrophils")
EXPECTED = {
    # 24 h after a formulation at 18:00: the night has an hour more, so it is 17:00.
    "2026-10-25": decided(
        eve="2026-10-24",
        day="2026-10-25",
        printed="2026-10-25 17:00 CET",
        expires="2026-10-25T16:00:00+00:00",
        typed={"2026-10-25 02:30": TWICE, "2026-10-25 02:30+02:00": "done", "2026-10-25 02:30 CET": "done"},
        stored=["2026-10-25T00:30:00+00:00", "2026-10-25T01:30:00+00:00"],
    ),
    # 72 h after an apheresis that ended at 02:00: there is no 02:00 this night, so it is 03:00.
    "2027-03-28": decided(
        eve="2027-03-27",
        day="2027-03-28",
        printed="2027-03-28 03:00 CEST",
        expires="2027-03-28T01:00:00+00:00",
        typed={"2027-03-28 02:30": NEVER, "2027-03-28 01:59": "done", "2027-03-28 03:00": "done"},
        stored=["2027-03-28T00:59:00+00:00", "2027-03-28T01:00:00+00:00"],
    ),
    # 72 h after an apheresis that ended at 03:30: the second 02:30. An hour before it is the first 02:30.
    "2027-10-31": decided(
        eve="2027-10-30",
        day="2027-10-31",
        printed="2027-10-31 02:30 CET",
        expires="2027-10-31T01:30:00+00:00",
        typed={"2027-10-31 02:30": TWICE, "2027-10-31 02:30 CEST": "done", "2027-10-31 02:30+01:00": "done"},
        stored=["2027-10-31T00:30:00+00:00", "2027-10-31T01:30:00+00:00"],
    ),
}
RELEASED = {
    "2027-03-28": handed_over(
        code="NK27-0001-01",
        day="2027-03-28",
        morrow="2027-03-29",
        dispensed="2027-03-28 00:59 CET",
        printed="2027-03-28 03:00 CEST",
    ),
    "2027-10-31": handed_over(
        code="NK27-0001-01",
        day="2027-10-31",
        morrow="2027-11-01",
        dispensed="2027-10-31 02:29 CEST",
        printed="2027-10-31 02:30 CET",
    ),
}
# Formulated in each zone, or told beforehand up to the release, to be handed over in each zone. Both nights the clocks
# change in each run; their other halves, and the night that makes 24 hours end at 17:00, in the long lanes.
TOLD = {
    "sqlite": {"2027-03-28": "waiting", "2027-10-31": "released"},
    "postgresql": {"2027-03-28": "released"},
}
MORE = {
    "sqlite": {"2026-10-25": "waiting", "2027-03-28": "released"},
    "postgresql": {"2027-10-31": "waiting"},
}


def up_to_enrichment(stage, by, night):
    yield night.collected - 10 * HOUR
    by.plan()
    weigh(stage, by.subject, weight_of(by.subject))
    yield night.collected + HOUR
    by.receive(night.collected)
    by.markers()
    by.accept()
    by.open()
    by.start()
    washed = min(night.formulated - 9 * HOUR, night.collected + 40 * HOUR)  # the cells may wait 48 h for the wash
    yield washed
    by.inspect()
    by.wash()
    by.label_cd3()
    yield washed + 3 * HOUR
    by.deplete()
    yield night.formulated - 6 * HOUR
    by.label_cd56()
    yield night.formulated - 2 * HOUR
    by.enrich()


def waiting_for_formulation(people, facts, night, folder):
    """An installation on the afternoon before this night."""
    here = replace(copied(people, folder), facts=facts)
    stage = here.stage(night.collected - 10 * HOUR)
    teach(Teller(stage), stage.clock.now().date())  # a year lies between the nights
    by = making(stage, "NK-03", 3, WAITING, "Clean room 1")
    tell(stage, [up_to_enrichment(stage, by, night)])
    stage.site.database.engine.dispose()
    named = ("subject", "donor", "number", "check", "collection", "batch", "batch_number", "lots", "monitored")
    return replace(here, facts=facts | {"making": {name: getattr(by, name) for name in named}})


def evenings(folder, wanted):
    """Night by night an installation that waits for it, told once; and by database and night one that is ready."""
    people, stage, _ = prepared(folder / "people", min(one.collected for one in NIGHTS.values()) - 35 * HOUR)
    stage.site.database.engine.dispose()
    facts = {"subjects": dict(stage.subjects), "lots": dict(stage.lots)}
    nights = {name for engine in databases() for name in wanted[engine]}
    told = {name: waiting_for_formulation(people, facts, NIGHTS[name], folder / name) for name in sorted(nights)}
    return {
        f"{engine} {name}": told_up_to(until, told[name], NIGHTS[name], folder / f"{engine} {name}", engine)
        for engine in databases()
        for name, until in wanted[engine].items()
    }


def told_up_to(until, waiting, night, folder, engine):
    """The evening of this database, its product released before where it is to be handed over."""
    here = replace(waiting, facts=waiting.facts | {"told": until})
    if until == "released":
        here = replace(copied(waiting, folder), facts=here.facts)
        stage = here.stage(night.formulated)
        one = Living(stage, night, here.facts)
        one.make()
        one.move(night.midnight - 3 * HOUR)
        one.test_and_release()
        stage.site.database.engine.dispose()
        containers = [{name: each[name] for name in ("id", "code", "label_id")} for each in one.making.containers]
        made = here.facts["making"] | {"containers": containers}
        here = replace(here, facts=here.facts | {"making": made})
    return on_postgres(here) if engine == "postgresql" else here


def lived_through(used):
    """By zone what its process decided, and what they complained of."""
    given = {
        zone: {
            name: {"folder": str(one.folder), "app_url": one.app_url, "facts": one.facts}
            for name, one in installations.items()
        }
        for zone, installations in used.items()
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.config.nights"],
        cwd=ROOT,
        env=os.environ | {"TZ": ELSEWHERE},
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    return {one["zone"]: one for one in map(json.loads, done.stdout.splitlines())}, done.stderr


@contextmanager
def lived(folder, wanted):
    ready = evenings(folder, wanted)
    used = {zone: {name: copied(one, folder / zone / name) for name, one in ready.items()} for zone in ZONES}
    yield lived_through(used)
    for one in (one for installations in (ready, *used.values()) for one in installations.values()):
        dropped(one)


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    with lived(tmp_path_factory.mktemp("nights"), TOLD) as found:
        yield found


@pytest.fixture(scope="module")
def other_nights(tmp_path_factory):
    with lived(tmp_path_factory.mktemp("nights"), MORE) as found:
        yield found


@pytest.mark.wide
@pytest.mark.req("CTR-VI-k", "DSP-ELIG-1", "DSP-EXP", "SIG-TIME")
@pytest.mark.parametrize("engine", databases())
def test_the_zone_of_the_server_decides_nothing(nights, engine):
    decided_alike(*nights, engine, TOLD[engine])


@pytest.mark.hostile
@pytest.mark.parametrize("engine", databases())
def test_the_zone_of_the_server_decides_nothing_on_the_other_nights(other_nights, engine):
    decided_alike(*other_nights, engine, MORE[engine])


def decided_alike(by_zone, complaints, engine, told):
    expected = {name: EXPECTED[name] | (RELEASED[name] if until == "released" else {}) for name, until in told.items()}
    for zone, noon in ZONES.items():
        assert zone in by_zone, complaints
        said = by_zone[zone]
        assert said["noon"] == noon, "the process did not live there"
        assert {name: said[f"{engine} {name}"] for name in expected} == expected, zone
