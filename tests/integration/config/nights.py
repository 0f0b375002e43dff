"""Three nights on which the clocks change, lived through in a process of each zone: prints what the services decided.

``python -m tests.integration.config.nights`` reads by zone one prepared installation for each "database night" (JSON)
and answers with a line of JSON for each zone. It reads no expectation and no wall clock: whatever differs between two
lines comes from the zone of the process. All of them come from one process of another zone that imported everything.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import traceback
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from config.demo import Stage
from config.example import Teller
from config.making import Making
from config.products import WAITING
from config.releasing import Releasing
from kernel.clock import FixedClock
from kernel.db import make_engine
from kernel.errors import Refused
from labels.pages.preview import label_svg
from labels.queries.facts import stored_facts
from labels.tables.labels import LabelRow
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import WeightRow
from tests.races.installations import Installation

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
MARGIN = HOUR
TIMELY = {"ELIGIBILITY_MISSING", "ELIGIBILITY_STALE", "ORDER_MISSING", "PRODUCT_EXPIRED"}
PRINTED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d CES?T")


@dataclass(frozen=True)
class Night:
    """Local midnights as instants, written by hand: of the changing night, and of the one after it.

    ``collected`` is the end of the apheresis; ``formulated`` is typed as the clock on the wall showed it.
    """

    collected: datetime
    formulated: datetime
    formulated_typed: str
    midnight: datetime
    next_midnight: datetime
    expires: datetime
    unclear: tuple[str, ...]

    @property
    def day(self) -> date:
        """The calendar day that begins at ``midnight``."""
        return date.fromisoformat(self.unclear[0][:10])


NIGHTS = {
    "2026-10-25": Night(
        collected=datetime(2026, 10, 23, 23, 0, tzinfo=UTC),
        formulated=datetime(2026, 10, 24, 16, 0, tzinfo=UTC),
        formulated_typed="2026-10-24 18:00",
        midnight=datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
        next_midnight=datetime(2026, 10, 25, 23, 0, tzinfo=UTC),
        expires=datetime(2026, 10, 25, 16, 0, tzinfo=UTC),
        unclear=("2026-10-25 02:30", "2026-10-25 02:30+02:00", "2026-10-25 02:30 CET"),
    ),
    "2027-03-28": Night(
        collected=datetime(2027, 3, 25, 1, 0, tzinfo=UTC),
        formulated=datetime(2027, 3, 27, 17, 0, tzinfo=UTC),
        formulated_typed="2027-03-27 18:00",
        midnight=datetime(2027, 3, 27, 23, 0, tzinfo=UTC),
        next_midnight=datetime(2027, 3, 28, 22, 0, tzinfo=UTC),
        expires=datetime(2027, 3, 28, 1, 0, tzinfo=UTC),
        unclear=("2027-03-28 02:30", "2027-03-28 01:59", "2027-03-28 03:00"),
    ),
    "2027-10-31": Night(
        collected=datetime(2027, 10, 28, 1, 30, tzinfo=UTC),
        formulated=datetime(2027, 10, 30, 16, 0, tzinfo=UTC),
        formulated_typed="2027-10-30 18:00",
        midnight=datetime(2027, 10, 30, 22, 0, tzinfo=UTC),
        next_midnight=datetime(2027, 10, 31, 23, 0, tzinfo=UTC),
        expires=datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
        unclear=("2027-10-31 02:30", "2027-10-31 02:30 CEST", "2027-10-31 02:30+01:00"),
    ),
}


class Living:
    """One night in one installation; ``said`` collects what was decided, in words that a person can check.

    ``facts["told"]``: how far its making was told before, "waiting" for its formulation, "made" or "released". One that
    is not released is never allowed; of the reasons only those that time decides are kept.
    """

    def __init__(self, stage: Stage, night: Night, facts: dict[str, Any]) -> None:
        self.stage, self.night, self.teller = stage, night, Teller(stage)
        self.told = str(facts["told"])
        self.said: dict[str, Any] = {}
        self.making = Making(
            player=self.teller, now=stage.clock.now, scan=self.teller.scan, product=WAITING, **facts["making"]
        )
        self.release = Releasing(self.making)

    @property
    def released(self) -> bool:
        return self.told == "released"

    def rows(self, statement: sa.Select[Any]) -> list[Any]:
        with self.stage.site.database.reading() as session:
            return list(session.execute(statement).scalars())

    def make(self) -> None:
        """Formulated as typed, filled and labelled: the server computes the expiry."""
        medium = {"medium": "NaCl 0.9 % with 5 % HSA", "formulated_at": self.night.formulated_typed}
        self.making.step(9, **medium, **self.making.counted(9, WAITING.final))
        self.making.fill()
        self.making.label()
        self.making.complete()

    def read_label(self) -> None:
        """The expiry, and how the label shows it."""
        (batch,) = self.rows(sa.select(BatchRow))
        (container,) = self.rows(sa.select(ContainerRow))
        assert batch.expires_at == container.expires_at
        self.said["expires"] = container.expires_at.isoformat()
        (label,) = self.rows(sa.select(LabelRow))
        self.said["label"] = sorted(set(PRINTED.findall(label_svg(stored_facts(label)).decode())))

    def test_and_release(self) -> None:
        self.release.find_tests()
        self.release.inoculate()
        self.release.test_all()
        self.release.review()
        self.release.certify("release.stage_one")
        self.release.sponsor()

    def order(self, day: date) -> str:
        order = {"volume_ml": WAITING.fill_ml, "duration_minutes": "60", "ward": "Transplant unit"}
        subject = self.making.subject
        done = self.teller.act("doctor1", "order.write", subject_code=subject, infusion_on=day.isoformat(), **order)
        return str(done["id"])

    def check(self, order: str, day: date) -> str:
        """The day-of-infusion check, with blood values of ``day``."""
        answers = {"marrow_blasts": "1.5", "circulating_blasts": "0", "neutrophils": "1.8", "steroids": "0"}
        answers |= {"gvhd_grade": "0", "source": "laboratory report"}
        days = {f"{name}_assessed_on": day.isoformat() for name in ("marrow", "circulating", "neutrophils")}
        judged = {"extramedullary_progression": False, "donor_chimerism": True, "other_condition": False}
        return self.tried("doctor1", "order.check", order_id=order, **answers, **days, **judged)

    def tried(self, login: str, name: str, **given: Any) -> str:
        """``done``, or every refusal as people read it."""
        try:
            self.stage.act(login, name, **given)
        except RuntimeError as broken:
            if not isinstance(broken.__cause__, Refused):
                raise
            return "; ".join(f"{one.code}: {one}" for one in broken.__cause__.refusals)
        return "done"

    def scan(self, login: str, place: str) -> list[str]:
        """The verdict, and every reason with the days and times it names."""
        seen = self.release.scanned(login, place)
        told = [one for one in seen["reasons"] if self.released or one["code"] in TIMELY]
        return [seen["verdict"], *(f"{one['code']}: {one['sentence']}" for one in told)]

    def move(self, at: datetime) -> None:
        self.stage.clock.move_to(at)


def live(stage: Stage, night: Night, facts: dict[str, Any]) -> dict[str, Any]:
    """From the evening before to the midnight after; in the order of the clock."""
    one, said = Living(stage, night, facts), {}
    eve = night.day - timedelta(days=1)
    if one.told == "waiting":
        one.make()
    one.read_label()
    one.move(night.midnight - HOUR / 2)
    today, tomorrow = one.order(eve), one.order(night.day)
    said["23:30 check for today"] = one.check(today, eve)
    said["23:30 check for tomorrow"] = one.check(tomorrow, eve)
    one.move(night.midnight - TICK)
    said["before midnight"] = one.scan("pharm1", "pharmacy")
    one.move(night.midnight)
    said["at midnight"] = one.scan("pharm1", "pharmacy")
    one.move(night.midnight + HOUR / 2)
    said["00:30 check for yesterday"] = one.check(today, night.day)
    said["00:30 check for today"] = one.check(tomorrow, night.day)
    one.release.order = tomorrow
    one.move(night.expires - MARGIN - TICK)
    said["last moment to dispense"] = one.scan("pharm1", "pharmacy")
    if one.released:
        one.release.dispense()
        one.release.hand_over()
    one.move(night.expires - MARGIN)
    said["too late to dispense"] = one.scan("pharm1", "pharmacy")
    if one.released:
        said |= at_the_bedside(one, night)
    return one.said | said | weigh_at(one, night)


def at_the_bedside(one: Living, night: Night) -> dict[str, Any]:
    """Handed over: the expiry itself counts, and the check is good until the end of the day."""
    said: dict[str, Any] = {}
    one.move(night.expires - TICK)
    said["before expiry"] = one.scan("nurse1", "bedside")
    one.move(night.expires)
    said["at expiry"] = one.scan("nurse1", "bedside")
    one.move(night.next_midnight - TICK)
    said["before the next midnight"] = one.scan("nurse1", "bedside")
    one.move(night.next_midnight)
    said["at the next midnight"] = one.scan("nurse1", "bedside")
    return said


def weigh_at(one: Living, night: Night) -> dict[str, Any]:
    """A weight of each of the ``unclear`` times, typed the day after; and what was stored."""
    one.move(night.next_midnight + 12 * HOUR)
    weighed = {"kg": "18.4", "kg_again": "18.4", "second": "nurse1"}
    subject = one.stage.subjects[one.making.subject]
    said: dict[str, Any] = {
        typed: one.tried("doctor1", "weight.record", subject_id=subject, measured_at=typed, **weighed)
        for typed in night.unclear
    }
    since = sa.select(WeightRow.measured_at).where(WeightRow.measured_at > night.midnight)
    said["stored"] = [moment.isoformat() for moment in one.rows(since.order_by(WeightRow.measured_at))]
    return said


def moved_to(stage: Stage, here: Installation, now: datetime) -> Stage:
    """The people of this process at another installation with the same keys; one application serves them all."""
    old, stage.clock = stage.site.database, FixedClock(now)
    old.engine.dispose()
    engine = make_engine(here.app_url)
    stage.site.database = replace(old, engine=engine, head_file=here.folder / "head", clock=stage.clock)
    return stage


def live_in(zone: str, stage: Stage, nights: dict[str, tuple[Night, Installation]]) -> dict[str, Any]:
    os.environ["TZ"] = zone
    time.tzset()
    answers: dict[str, Any] = {"noon": datetime(2027, 7, 1, 12).astimezone().isoformat()}
    for name, (night, here) in nights.items():
        answers[name] = live(moved_to(stage, here, night.formulated), night, here.facts)
    return answers


def in_a_child(zone: str, stage: Stage, nights: dict[str, tuple[Night, Installation]]) -> None:
    """A process that lives in this zone alone, and says what it decided on a line of its own."""
    child = os.fork()
    if child == 0:
        try:
            print(json.dumps({"zone": zone} | live_in(zone, stage, nights)), flush=True)
        except BaseException:  # noqa: BLE001  (whatever it was, the child must end)
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(0)
    os.waitpid(child, 0)


def main() -> None:
    stage = None
    for zone, given in json.loads(sys.stdin.read()).items():
        nights = {}
        for name, one in given.items():
            here = Installation(Path(one["folder"]), one["app_url"], one["app_url"], one["facts"])
            nights[name] = (NIGHTS[name.split()[-1]], here)
        if stage is None:
            night, here = next(iter(nights.values()))
            stage = here.stage(night.formulated)
            stage.site.database.engine.dispose()
        in_a_child(zone, stage, nights)


if __name__ == "__main__":
    main()
