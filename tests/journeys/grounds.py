"""What has happened before a journey of the release begins: told through the services, on a copy of the told world."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.app import create_app
from config.demo import Stage
from config.example import Teller, making
from config.playing import text
from config.products import TESTING, WAITING, Product
from config.releasing import Releasing
from kernel.clock import FixedClock
from tests.conftest import PASSWORD
from tests.databases import sqlite_url
from tests.web.refusals.names import names_of
from tests.web.refusals.rows_giving import FEVER
from tests.web.refusals.rows_oos import CAUSE
from tests.web.refusals.rows_results import EXPLAINED, GROWN, JUDGED
from tests.web.refusals.scenes import NOW
from tests.web.refusals.world import FILE, KEYS, example, settings_of, without_waiting

NO_CAUSE = {**CAUSE, "equipment": "yes", "cause_found": "no"}
DECISION = "the culture of the starting material was clean, and no other batch was open that day"


@dataclass
class Ground:
    """An installation of its own with the told world in it; ``names`` as in the tables of refusals."""

    folder: Path
    stage: Stage = field(init=False)
    names: dict[str, str] = field(init=False)
    began: datetime = NOW

    def __post_init__(self) -> None:
        for name in (*KEYS, "head", FILE):
            shutil.copyfile(example() / name, self.folder / name)
            (self.folder / name).chmod(0o600)
        clock = FixedClock(NOW)
        app = create_app(settings_of(self.folder, sqlite_url(self.folder)), clock)
        self.stage = Stage(app, clock, password=PASSWORD)
        without_waiting(self.stage.site.database.engine)
        self.look()

    def look(self) -> None:
        """Find the names again, of what was made since as well."""
        with self.stage.site.database.reading() as session:
            self.names = names_of(session)

    def act(self, login: str, name: str, /, **given: Any) -> dict[str, Any]:
        return Teller(self.stage).act(login, name, **given)

    def later(self, **time: float) -> None:
        self.stage.clock.advance(timedelta(**time))

    def leave(self) -> None:
        """Nobody here any more: the server goes on from the time of the story."""
        self.stage.site.database.engine.dispose()
        shift = self.stage.clock.now() - datetime.now(UTC)
        (self.folder / "clock").write_text(str(int(shift.total_seconds())), encoding="ascii")

    def product(self, code: str, product: Product) -> Releasing:
        """What the told world made for this subject, to go on with."""
        made = making(self.stage, code, int(code[3:]), product, "Clean room 1")
        made.batch, made.batch_number = self.names[f"batch:{code}"], self.names[f"number:{code}"]
        ids = {"id": self.names[f"container:{code}"], "code": self.names[f"code:{code}"]}
        made.containers = [ids | {"label_id": self.names.get(f"label:{code}", "")}]
        made.monitored = False
        release = Releasing(made)
        release.find_tests()
        release.order = self.names.get(f"order:{code}", "")
        return release

    def test(self, code: str, criterion: str) -> str:
        return self.names[f"test:{code}/{criterion}"]


def given(ground: Ground, release: Releasing) -> None:
    """Dispensed, brought, infused; no reaction."""
    dispensed(ground, release)
    release.hand_over()
    release.infuse()
    ground.later(minutes=65)
    release.administer()
    release.no_reaction()


def dispensed(ground: Ground, release: Releasing) -> None:
    if not release.order:
        release.prescribe()
        release.eligible()
    ground.later(seconds=1)
    release.dispense()


def infused_days_ago(ground: Ground, days: int) -> Releasing:
    """NK-03: certified with results pending and given at once; since then the culture is read."""
    release = ground.product("NK-03", WAITING)
    given(ground, release)
    ground.later(days=3)
    release.read_culture()
    release.making.monitored = True
    release.read_plates()
    ground.later(days=days - 3)
    return release


def all_results_in(ground: Ground) -> Releasing:
    release = infused_days_ago(ground, 8)
    release.conclude_culture("final_negative")
    release.potency()
    return release


def gram_grown(ground: Ground) -> Releasing:
    """NK-11: few rods in the Gram stain; everything else is in order, the culture has begun."""
    release = ground.product("NK-11", WAITING)
    ground.act("tech1", "result.enter", test_id=release.tests["gram"], **GROWN)
    release.verify("gram")
    release.inoculate()
    ground.look()
    return release


def gram_with_a_sample(ground: Ground) -> Releasing:
    """And the laboratory has more of the sample."""
    release = gram_grown(ground)
    now = text(ground.stage.clock.now())
    tube = {"kind": "flow_cytometry", "container": ground.names["code:NK-11"], "volume_ml": "0.5", "drawn_at": now}
    drawn = ground.act("tech1", "sample.draw_batch", batch_id=release.batch, supernatant_only=False, **tube)
    ground.look()
    there = {"code": ground.names["sample code:NK-11"], "laboratory": "Microbiology", "received_at": now}
    ground.act("tech2", "sample.receive", sample_id=drawn["id"], **there)
    return release


def gram_confirmed(ground: Ground) -> Releasing:
    """The laboratory found no cause, QA let the result stand, the review is done."""
    release = gram_grown(ground)
    found = ground.names["oos:NK-11"]
    ground.act("qa2", "oos.laboratory", oos_id=found, **NO_CAUSE)
    ground.act("qa1", "oos.confirm", oos_id=found, decision=DECISION)
    ground.act("qa1", "batch.review", batch_id=release.batch, **EXPLAINED)
    release.prescribe()
    release.eligible()
    return release


def reagent_in_three(ground: Ground) -> tuple[Releasing, Releasing]:
    """One lot of reagent went into NK-08 (infused), NK-11 (dispensed) and NK-10 (filled, in the clean room)."""
    infused = ground.product("NK-08", TESTING)
    infused.inoculate()
    infused.test_all()
    infused.review()
    infused.certify("release.stage_one")
    infused.sponsor()
    given(ground, infused)
    out = certified(ground)
    dispensed(ground, out)
    return infused, out


def certified(ground: Ground, *, sponsor: bool = True) -> Releasing:
    """NK-11: certified with results pending and released by the sponsor, if he does."""
    release = ground.product("NK-11", WAITING)
    release.enter("gram", {"text": "no organisms"})
    release.verify("gram")
    release.inoculate()
    ground.act("qa1", "batch.review", batch_id=release.batch, **EXPLAINED)
    ground.act("qp1", "release.stage_one", batch_id=release.batch, **JUDGED)
    if sponsor:
        release.sponsor()
    return release


def one_reaction_short(ground: Ground) -> tuple[Releasing, dict[str, str]]:
    """NK-01 and NK-02 had a severe reaction, NK-03 was infused too, NK-11 is ordered; and what would be the third."""
    third = ground.product("NK-03", WAITING)
    given(ground, third)
    ordered = certified(ground)
    ordered.prescribe()
    ordered.eligible()
    reaction = FEVER | {"onset_at": text(ground.stage.clock.now())}
    for code in ("NK-01", "NK-02"):
        ground.act("nurse1", "reaction.record", administration_id=ground.names[f"administration:{code}"], **reaction)
    ground.look()
    return ordered, reaction | {"administration_id": third.administration}
