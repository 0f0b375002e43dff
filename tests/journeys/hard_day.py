"""A batch on a day when much goes wrong: late courier, failed depletion, late entry, correction, a count that is repeated.

What happens before the bench goes through the API; the bench itself is walked by whichever driver is given.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

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
    """A driver that is a browser at the bench and a client of the API everywhere else."""

    PLACES = ("step.", "condition.", "container.fill", "deviation.report", "batch.start")

    def __init__(self, api: Driver, bench: Driver) -> None:
        self.api, self.bench = api, bench

    def act(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> dict[str, Any]:
        driver = self.bench if name.startswith(self.PLACES) else self.api
        return driver.act(login, name, second=second, **given)

    def refused(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> list[str]:
        driver = self.bench if name.startswith(self.PLACES) else self.api
        return driver.refused(login, name, second=second, **given)

    def read(self, login: str, path: str) -> Any:
        return self.api.read(login, path)

    def file(self, login: str, path: str) -> bytes:
        return self.api.file(login, path)


class HardDay(Path):
    """Two technicians, one batch, six things that a reader of the record has to find."""

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
        self.making.bring(position, AGAIN_LOTS.get(position))
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

    def make_it(self) -> None:
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
        self.making.formulate()
        self.making.fill()
        self.making.label()
        self.settle_deviations()
        self.making.complete()

    def settle_deviations(self) -> None:
        for one in self.driver.read("qa1", f"/batches/{self.making.batch}")["deviations"]:
            found = {"root_cause": "air bubble in the tubing, seen on the run sheet", "action": "depleted again"}
            self.driver.act("qa1", "deviation.investigate", deviation_id=one["id"], **found)
            impact = "T cells of the final product are within the specification; no effect on the cells"
            self.driver.act("qa1", "deviation.assess", deviation_id=one["id"], impact=impact)
