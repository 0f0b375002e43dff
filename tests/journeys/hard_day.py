"""A batch on a day when much goes wrong: late courier, failed depletion, late entry, correction, a count that is repeated.

What happens before the bench is told in process; the bench itself is walked by whichever driver is given.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from config.materials import Used
from config.playing import text
from config.products import WAITING, Counts
from tests.journeys.conftest import Installation
from tests.journeys.drivers import Driver
from tests.journeys.path import HOUR, Path

# T cells before: 212 mL x 98.6e6 x 99.1 % x 61.5 % = 1.274e10; after: 84.0 x 48.2e6 x 98.0 % x 0.64 % = 2.539e7: log 2.70.
FAILED = Counts("84.0", "48.2", "98.0", "41.0", "0.64")
AGAIN = Counts("80.0", "46.0", "97.4", "42.3", "0.052")
AGAIN_LOTS = {
    5: (("cd3_reagent", "2"), ("immunoglobulin", "5")),
    6: (("depletion_set", "1"), ("buffer", "1000")),
}
LATE = "gloves on, hood running"
DELAY = "3 h, road closed after an accident"
MISREAD = "digits turned round when copied"
CLUMPED = "first count clumped: CV 31 % between the chambers"


class Bench:
    """A driver that is a browser at the bench and a teller everywhere else."""

    PLACES = ("step.", "condition.", "container.fill", "deviation.report", "batch.start", "batch.complete")

    def __init__(self, api: Driver, bench: Driver, *, first: int = 1) -> None:
        self.api, self.bench, self.first = api, bench, first

    def driver(self, name: str, given: dict[str, Any]) -> Driver:
        """``first``: the steps before it were walked in a browser by another journey."""
        at_the_bench = name.startswith(self.PLACES) and int(given.get("position", self.first)) >= self.first
        return self.bench if at_the_bench else self.api

    def act(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> dict[str, Any]:
        return self.driver(name, given).act(login, name, second=second, **given)

    def refused(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> list[str]:
        return self.driver(name, given).refused(login, name, second=second, **given)

    def read(self, login: str, path: str) -> Any:
        return self.api.read(login, path)

    def file(self, login: str, path: str) -> bytes:
        return self.api.file(login, path)


class HardDay(Path):
    """Two technicians, one batch, six things that a reader of the record has to find."""

    LOTS: ClassVar[dict[int, Used]] = AGAIN_LOTS
    LIKE: ClassVar[dict[int, int]] = {}  # steps that take what another step of the first preset takes

    def __init__(self, driver: Driver, installation: Installation) -> None:
        super().__init__(driver, installation, lambda *_: None)
        self.making.product = replace(WAITING, depleted=FAILED)

    def receive_late(self) -> None:
        self.making.plan()
        self.later(9)
        self.making.receive(self.installation.clock.now() - 5 * HOUR, delay=DELAY)
        self.making.markers()
        self.making.accept()
        self.making.open()
        self.making.start()

    def step(self, position: int, **values: Any) -> None:
        """What a step of the making does, for the acts that are not on its way."""
        ids = {"batch_id": self.making.batch, "position": str(position)}
        self.making.bring(position, self.LOTS.get(position), self.LIKE.get(position))
        self.driver.act("tech1", "step.perform", **ids, performed_at=self.now(), **values)
        self.check(position)

    def check(self, position: int) -> None:
        """On the performer's screen: the second person gives id and password there."""
        ids = {"batch_id": self.making.batch, "position": str(position)}
        self.driver.act("tech1", "step.check", second="tech2", **ids)

    def now(self, *, minutes_ago: int = 0) -> str:
        return text(self.installation.clock.now() - timedelta(minutes=minutes_ago))

    def inspect_with_a_slip(self) -> None:
        """White cells typed as 89.6; found against the print of the counter an hour later."""
        seen = {"label_matches": True, "appearance": True, "sampled": "2", "culture_sample": "S-123456"}
        slip = replace(WAITING.apheresis, wbc="89.6")
        self.step(1, **seen, **slip.fields())
        self.later(1)
        ids = {"batch_id": self.making.batch, "position": "1"}
        self.driver.act("tech1", "step.correct", **ids, reason=MISREAD, **seen, **WAITING.apheresis.fields())
        self.check(1)

    def label_late(self) -> None:
        ids = {"batch_id": self.making.batch, "position": "3"}
        self.making.bring(3)
        values = {"vials": "2", "incubation": "30", "temperature": "20.5"}
        late = {"performed_at": self.now(minutes_ago=40), "late_reason": LATE}
        self.driver.act("tech1", "step.perform", **ids, **late, **values)
        self.check(3)

    def deplete_twice(self) -> None:
        """The first run leaves too many T cells: a deviation, then the part that the process has for it."""
        self.making.deplete()
        ids = {"batch_id": self.making.batch, "position": "5"}
        too_soon = {"performed_at": self.now(), "vials": "2", "incubation": "30", "temperature": "20.9"}
        assert "IPC_DEVIATION_MISSING" in self.driver.refused("tech1", "step.perform", **ids, **too_soon)
        self.driver.act(
            "tech1",
            "deviation.report",
            batch_id=self.making.batch,
            step="4",
            classification="minor",
            description="CD3 depletion of log 2.7 only; the column was reloaded after an air bubble",
        )
        self.later(1)
        self.step(5, vials="2", incubation="30", temperature="20.9")
        self.later(2)
        run = {"program": "Depletion 2.1", **self.making.run(timedelta(hours=1))}
        self.step(6, **run, **AGAIN.fields())

    def count_again(self) -> None:
        """The enriched cells are counted a second time, and the second count is used."""
        self.driver.act(
            "tech1",
            "step.measure_again",
            batch_id=self.making.batch,
            position="8",
            measured_at=self.now(),
            wbc="24.6",
            use_new=True,
            reason=CLUMPED,
        )
        self.check(8)

    def separate(self) -> None:
        """From the bag of the donor to enriched NK cells."""
        self.inspect_with_a_slip()
        self.making.wash()
        self.later(1)
        self.label_late()
        self.later(1)
        self.deplete_twice()
        self.later(1)
        self.making.label_cd56()
        self.later(2)
        self.making.enrich()
        self.count_again()
        self.later(1)

    def make_it(self) -> None:
        self.separate()
        self.making.formulate()
        self.making.fill()
        self.finish_it()

    def finish_it(self) -> None:
        self.making.label()
        self.settle_deviations()
        self.making.complete()

    def settle_deviations(self) -> None:
        for one in self.driver.read("qa1", f"/batches/{self.making.batch}")["deviations"]:
            found = {"root_cause": "air bubble in the tubing, seen on the run sheet", "action": "depleted again"}
            self.driver.act("qa1", "deviation.investigate", deviation_id=one["id"], **found)
            impact = "T cells of the final product are within the specification; no effect on the cells"
            self.driver.act("qa1", "deviation.assess", deviation_id=one["id"], impact=impact)


DAY = 24
UNFED = "not fed on this day"
NOT_THAT_LONG = "harvested on day 9"
CULTURED = Counts("120", "18.5", "94.0", "96.2", "0.010")
FINAL = Counts("40.5", "52.0", "93.5", "96.0", "0.011")


class LongCulture(HardDay):
    """The same day, then nine days of culture with IL-15: the clock of the installation is moved on."""

    LOTS: ClassVar[dict[int, Used]] = {
        **AGAIN_LOTS,
        10: (("culture_medium", "500"), ("il15", "1"), ("culture_bag", "1")),
        13: (("buffer", "500"),),
    }
    LIKE: ClassVar[dict[int, int]] = {10: 0, 11: 0, 12: 0, 13: 0, 14: 9, 15: 10}
    PRESETS = tuple(("process_il15" if name == "process" else name, roles) for name, roles in Path.PRESETS)

    def documents(self) -> None:
        super().documents()
        self.let_the_product_live()

    def let_the_product_live(self) -> None:
        """The shelf life of the specification counts from the apheresis; a cultured product needs a longer one."""
        listed = self.driver.read("qa2", "/administration/documents")["documents"]
        known = next(one["id"] for one in listed if one["kind"] == "specification")
        body = self.driver.read("qa2", f"/administration/documents/{known}")["document"]["body"]
        changed = json.dumps({**body, "hours_after_apheresis": "480"})
        words = {"title": "NK product after culture", "reason": "nine days of culture", "retraining": False}
        draft = self.driver.act("qa2", "document.revise", document_id=known, text=changed, **words)["id"]
        for login, role in (("qa1", "QA"), ("qp1", "QP")):
            self.driver.act(login, "document.approve", document_id=draft, role=role)

    def decide(self, name: str, condition: str, why: str) -> None:
        self.driver.act("tech1", name, batch_id=self.making.batch, condition=condition, reason=why)

    def culture(self) -> None:
        self.decide("condition.leave_out", "overnight_activation", "the long culture is planned for this subject")
        self.decide("condition.open", "culture", "planned with the physician")
        seeded = self.now()
        medium = {"cytokine_ng_per_ml": "10", "density": "1.0"}
        kept = {"container": "G-Rex 100", "incubator": "INC-02", "culture_sample": "S-123457"}
        self.step(10, **medium, **kept, started_at=seeded)
        self.later(7 * DAY)
        self.step(11, **self.days({2: "1.4", 3: "1.9", 5: "4.2", 7: "8.8"}), temperature_ok=True)
        self.decide("condition.open", "second_week", "the count of day 7 is short of the target")
        self.later(2 * DAY)
        self.step(12, **self.days({9: "15.1", 10: None, 12: None, 14: None}), temperature_ok=True)
        samples = {"mycoplasma_sample": "S-123458", "culture_sample": "S-123459"}
        self.step(13, ended_at=self.now(), **samples, **self.making.counted(13, CULTURED))

    def days(self, counts: dict[int, str | None]) -> dict[str, str]:
        """What is counted on a day, and N/A with its reason for what is not."""
        found = {}
        for day, count in counts.items():
            measured = {"count": count, "viability": "94.5", "glucose": "9.1", "lactate": "6.3"} if count else {}
            for name in ("count", "viability", "fed", "glucose", "lactate", "bags"):
                key = f"day_{day}_{name}"
                why = UNFED if count else NOT_THAT_LONG
                found |= {key: str(measured[name])} if name in measured else {f"{key}_na": why}
        return found

    def make_it(self) -> None:
        self.separate()
        self.culture()
        self.step(14, medium="NaCl 0.9 % with 5 % HSA", formulated_at=self.now(), **self.making.counted(14, FINAL))
        self.making.fill_bag()
        self.step(15, appearance=True, seals=True, retained="1")
        self.finish_it()
