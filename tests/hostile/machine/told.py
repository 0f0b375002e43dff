"""The states that runs begin in, told once on each database through the same requests, and put back in milliseconds."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.hostile.machine.deeds import DEEDS
from tests.hostile.machine.known import NUMERIC
from tests.hostile.machine.ledger import Ledger
from tests.hostile.machine.model import Model
from tests.hostile.machine.run import Run
from tests.hostile.machine.world import BEGIN, LIFE, PEOPLE, Batch, World
from tests.places import Place, Saved


@dataclass(frozen=True)
class State:
    saved: Saved
    now: datetime
    known: bytes
    ledger: Ledger


class Told:
    """``begin(name)`` gives a run that stands where the story of that name ends; what leads there is told when it is
    first asked for."""

    def __init__(self, place: Place, *, quick: bool = False) -> None:
        self.place = place
        self.world = World(place, quick=quick)
        self.states: dict[str, State] = {}
        batch = Batch(self.world.database)
        self.run = Run(self.world, *known_of(batch, self.world))
        self.keep(BEFORE)

    def keep(self, name: str) -> None:
        known = pickle.dumps((self.run.model, self.run.facts))
        self.states[name] = State(self.place.take(), self.world.now, known, self.run.ledger.again())

    def begin(self, name: str) -> Run:
        if name not in self.states:
            before, story = STORIES_BY_NAME[name]
            self.run = self.begin(before)
            story(self)
            self.keep(name)
        state = self.states[name]
        self.place.put(state.saved)
        self.world.set_clock(state.now)
        self.world.restart()
        return Run(self.world, *pickle.loads(state.known), state.ledger.again())  # noqa: S301  (pickled here)

    def do(self, act: str, login: str, about: str = "", second: str = "", place: int = 0) -> None:
        offers = DEEDS[act].offers(self.run.model, self.run.facts, self.world.now)
        _, ids, fields = [one for one in offers if not about or one[0] == about][place]
        found = [one for one in offers if not about or one[0] == about][place][0]
        said = self.run.submit(self.world.opened(login, act, ids, fields, second, found))
        assert said.done, f"the story breaks off: {login} may not {act}: {said.codes}"

    def result(self, key: str, place: int = 0, *, verified: bool = True) -> None:
        self.do("result.enter", "t1", key, place=place)
        if verified:
            self.do("result.verify", "t2", key)

    def order(self) -> None:
        self.do("order.write", "dr")
        self.do("order.check", "dr")


def known_of(batch: Batch, world: World) -> tuple[Model, dict[str, Any]]:
    tests = {one["criterion"]: one["id"] for one in world.rows("SELECT id, criterion FROM test")}
    facts = {
        "batch": batch.batch_id,
        "container": batch.container_ids[0],
        "container code": f"{batch.number}-1",
        "collection": batch.collection_id,
        "subject": batch.subject_id,
        "trial": batch.trial_id,
        "tests": tests,
        "oos": {},
        "dispensings": [],
        "people": {login: actor.id for login, actor in batch.known.items()},
    }
    roles = {login: set(held.split()) for login, held in PEOPLE.items()}
    model = Model(
        {}, roles, last_at=BEGIN, expires_at=BEGIN + LIFE, container=facts["container code"], weights=[("20", BEGIN)]
    )
    return model, facts


def labelled(told: Told) -> None:
    told.do("label.print", "t1")
    told.do("label.verify", "t2")
    told.do("label.apply", "t1", second="t2")


def entered(told: Told) -> None:
    for key in NUMERIC:
        told.result(key, verified=key != "endotoxin")
    told.do("sterility.inoculate", "t1")


def tested(told: Told) -> None:
    told.do("result.verify", "tq", "endotoxin")


def reviewed(told: Told) -> None:
    told.do("batch.review", "qap")


def ordered(told: Told) -> None:
    told.order()


def certified(told: Told) -> None:
    told.do("release.stage_one", "pq1")


def ready(told: Told) -> None:
    told.do("release.sponsor", "sp")


def scanned(told: Told) -> None:
    told.do("container.scan", "ph1")


def dispensed(told: Told) -> None:
    told.do("container.dispense", "ph1", second="ph2")


def handed_over(told: Told) -> None:
    told.do("dispensing.hand_over", "ph1", second="n1")


def final(told: Told) -> None:
    """The culture is final on the next day; the review is repeated, and the order is one of that day."""
    told.world.set_clock(told.world.now + timedelta(hours=25))
    told.do("sterility.conclude", "t1")
    told.do("result.verify", "t2", "sterility")
    told.do("batch.review", "qa1")
    told.do("release.stage_two", "pq2")
    told.order()


def at_the_end(told: Told) -> None:
    """On the last evening, half an hour before there is too little time for transport and infusion."""
    told.world.set_clock(BEGIN + LIFE - timedelta(minutes=90))
    told.order()


def expired(told: Told) -> None:
    """Dispensed in time, and still in the pharmacy ten minutes after the end."""
    told.do("container.scan", "ph1")
    told.do("container.dispense", "ph1", second="ph2")
    told.world.set_clock(BEGIN + LIFE + timedelta(minutes=10))


def positive(told: Told) -> None:
    told.do("sterility.conclude", "t1", place=1)


def late(told: Told) -> None:
    told.do("result.verify", "t2", "sterility")


def given(told: Told) -> None:
    told.do("container.scan", "n1")
    told.do("administration.record", "n1")


def failed_afterwards(told: Told) -> None:
    positive(told)
    late(told)


def reprinted(told: Told) -> None:
    told.do("label.reprint", "t1", second="t2")


def checked(told: Told) -> None:
    told.do("label.verify", "t2")


def ordered_again(told: Told) -> None:
    """For the same subject, while the container is with the pharmacist: there is no other."""
    told.order()


def out_of_specification(told: Told) -> None:
    told.result("purity", 3)


def asked_for(told: Told) -> None:
    """The failure is confirmed, everything else is in order, and QA has reviewed it: the physician asks."""
    for key in ("cd3_dose", "nk_dose", "endotoxin"):
        told.result(key)
    told.do("sterility.inoculate", "t1")
    told.do("oos.laboratory", "qa1", "purity")
    told.do("oos.confirm", "qa2", "purity")
    told.do("batch.review", "qap")
    told.do("oos_supply.request", "dr")
    told.do("oos_supply.evaluate", "qa3")


def accepted(told: Told) -> None:
    told.do("oos_supply.agree", "qp1")
    told.do("oos_supply.accept", "dr")
    told.do("overlay.print", "ph1")
    told.order()


def supplied(told: Told) -> None:
    told.do("overlay.apply", "ph1", second="ph2")


def supplied_on_the_ward(told: Told) -> None:
    scanned(told)
    dispensed(told)
    handed_over(told)


BEFORE = "before everything"
STORIES: tuple[tuple[str, str, Callable[[Told], None]], ...] = (
    ("labelled", "", labelled),
    ("entered", "", entered),
    ("tested", "", tested),
    ("reviewed", "", reviewed),
    ("ordered", "", ordered),
    ("certified", "", certified),
    ("ready", "", ready),
    ("scanned", "", scanned),
    ("dispensed", "", dispensed),
    ("on the ward", "", handed_over),
    ("final", "ready", final),
    ("at the end", "final", at_the_end),
    ("expired in the pharmacy", "", expired),
    ("positive", "ready", positive),
    ("late", "", late),
    ("given", "on the ward", given),
    ("failed after it was given", "", failed_afterwards),
    ("reprinted", "labelled", reprinted),
    ("label checked", "", checked),
    ("ordered again", "dispensed", ordered_again),
    ("out of specification", "labelled", out_of_specification),
    ("asked for", "", asked_for),
    ("accepted", "", accepted),
    ("supplied", "", supplied),
    ("supplied, on the ward", "", supplied_on_the_ward),
)
STORIES_BY_NAME = {
    name: (after or (STORIES[place - 1][0] if place else BEFORE), story)
    for place, (name, after, story) in enumerate(STORIES)
}
