"""Steps 2 to 9 of the whole path, for whichever driver walks them: documents, subject, collection, bench, label,
tests, review, certification, order, dispensing, infusion, figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

from config.devices import install
from config.making import Making
from config.materials import receive_lots
from config.playing import text
from config.products import WAITING
from config.releasing import Releasing
from config.teaching import teach
from kernel.clock import PEOPLE
from tests.journeys.conftest import Installation
from tests.journeys.drivers import Driver
from tests.journeys.labels import decoded

HOUR = timedelta(hours=1)


class Path:
    """One subject from registration to the counted infusion."""

    PRESETS: ClassVar = (
        ("materials", (("qa1", "QA"), ("qp1", "QP"))),
        ("process", (("qa1", "QA"), ("qp1", "QP"))),
        ("specification", (("qa1", "QA"), ("qp1", "QP"))),
        ("label_template", (("qa1", "QA"), ("qp1", "QP"))),
        ("protocol", (("sponsor1", "Sp"), ("qa1", "QA"))),
    )

    def __init__(self, driver: Driver, installation: Installation, look: Callable[[str, str, str], None]) -> None:
        self.driver, self.installation, self.look = driver, installation, look
        self.subject = "NK-01"
        self.making = Making(
            player=driver,
            now=installation.clock.now,
            scan=self.scan,
            subject=self.subject,
            donor="D-01",
            number="A999926123456",
            check="T",
            product=WAITING,
        )
        self.releasing = Releasing(self.making)

    def scan(self, label_id: str) -> str:
        if label_id not in self.scans:
            self.scans[label_id] = decoded(self.driver.file("tech2", f"/labels/{label_id}/label.pdf"))
        return self.scans[label_id]

    scans: dict[str, str] = {}  # noqa: RUF012  (one path a test)

    def documents(self) -> None:
        for preset, approvals in self.PRESETS:
            document = self.driver.act("qa2", "document.draft", preset=preset)["id"]
            for login, role in approvals:
                self.driver.act(login, "document.approve", document_id=document, role=role)
        self.look("qa1", "/administration/documents", "documents")
        now = self.installation.clock.now()
        self.making.lots = receive_lots(self.driver, now) | install(self.driver, now)
        self.look("qa1", "/equipment", "equipment")
        self.look("qa1", "/lots", "lots")
        teach(self.driver, self.installation.clock.now().astimezone(PEOPLE).date())
        self.look("qa1", "/training", "training")

    def include(self) -> None:
        today = self.installation.clock.now().astimezone(PEOPLE).date()
        self.driver.act(
            "sponsor1",
            "trial.open",
            code="NL-OMON26066",
            title="Natural killer cell infusion after stem cell transplantation",
            eu_trial_number="2011-001514-34",
        )
        registered = self.driver.act(
            "sponsor1",
            "subject.register",
            code=self.subject,
            diagnosis="ALL",
            donor_type="mismatched_family",
            age_years="5",
            age_months="2",
            transplanted_on=(today - timedelta(days=60)).isoformat(),
            eighteenth_birthday=False,
        )
        self.subject_id = registered["id"]
        consent = {"consent_reference": "IC-NK-01", "consented_on": today.isoformat()}
        self.driver.act("sponsor1", "subject.include", subject_id=self.subject_id, **consent)
        self.weigh()
        self.look("sponsor1", f"/subjects/{self.subject_id}", "subject")

    def weigh(self) -> None:
        measured = text(self.installation.clock.now() - timedelta(minutes=10))
        weight = {"kg": "18.4", "kg_again": "18.4", "measured_at": measured}
        self.driver.act("doctor1", "weight.record", second="nurse1", subject_id=self.subject_id, **weight)

    def later(self, hours: float) -> None:
        self.installation.later(timedelta(hours=hours))

    def collect(self) -> None:
        self.making.plan()
        self.later(6)
        self.making.receive(self.installation.clock.now() - 2 * HOUR)
        self.making.markers()
        self.look("qa2", f"/collections/{self.making.collection}", "collection")
        self.making.accept()

    def make(self) -> None:
        self.making.open()
        self.making.start()
        for do in ("inspect", "wash", "label_cd3", "deplete", "label_cd56", "enrich", "formulate"):
            getattr(self.making, do)()
            self.later(2)
        self.making.fill()
        self.making.label()
        self.look("tech1", f"/labels/{self.making.containers[0]['label_id']}", "label")
        self.making.complete()
        self.look("qa1", f"/batches/{self.making.batch}", "batch-made")

    def release(self) -> None:
        self.releasing.find_tests()
        self.releasing.inoculate()
        self.releasing.test_all()
        self.look("qp1", f"/batches/{self.making.batch}/tests", "tests")
        self.releasing.review()
        self.look("qp1", f"/batches/{self.making.batch}/release", "what-blocks-release")
        self.releasing.certify("release.stage_one")
        self.releasing.sponsor()

    def give(self) -> None:
        self.releasing.prescribe()
        self.releasing.eligible()
        self.releasing.dispense()
        self.releasing.hand_over()
        self.releasing.infuse()
        self.later(1)
        self.releasing.administer()
        self.look("doctor1", f"/orders/{self.releasing.order}", "order")
        self.releasing.no_reaction()

    def finish(self) -> None:
        self.later(8 * 24)
        self.releasing.conclude_culture("final_negative")
        self.releasing.potency()
        self.releasing.review()
        self.releasing.certify("release.stage_two")

    def figures(self) -> Any:
        return self.driver.read("sponsor1", "/trial/feasibility")

    def walk(self) -> None:
        self.documents()
        self.include()
        self.collect()
        self.make()
        self.release()
        self.give()
