"""From the filled container to the counted infusion, told act by act; continues ``config/making.py``."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from config.making import Making
from config.monitoring import read
from config.playing import text
from kernel.clock import PEOPLE

QUALITATIVE = {
    "gram": "no organisms",
    "culture": "no growth to date",
    "appearance": "suspension without clumps, container intact",
}
LATE_ANSWERS = {
    "doctor1": "the child is seen today: well, no fever; blood cultures drawn, antibiotics started by the plan",
    "pharm1": "nothing of this batch is left in the pharmacy",
    "qp1": "the organism goes to identification; root cause with QA; no other batch was open that day",
    "sponsor1": "told to the investigator and to the safety board",
}
TUBE = {"beads_per_tube": "49850", "sample_volume": "50"}
CD3, NK = TUBE | {"dilution": "1"}, TUBE | {"dilution": "20", "bead_events": "19940"}


@dataclass
class Releasing:
    """Tests, review, certification, order, dispensing and infusion of one made batch."""

    making: Making
    tests: dict[str, str] = field(default_factory=dict)
    order: str = ""
    dispensing: str = ""
    administration: str = ""

    def act(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> dict[str, Any]:
        return self.making.player.act(login, name, second=second, **given)

    @property
    def batch(self) -> str:
        return self.making.batch

    def find_tests(self) -> None:
        listed = self.making.player.read("tech1", f"/batches/{self.batch}/tests")["tests"]
        self.tests = {one["key"]: one["id"] for one in listed}

    def numbers(self) -> dict[str, dict[str, str]]:
        product = self.making.product
        return {
            "purity": {"value": product.purity, "unit": "%"},
            "viability": {"value": product.viability, "unit": "%"},
            "nk_dose": {"events": product.nk_events, **NK},
            "b_percent": {"value": product.b_percent, "unit": "%"},
            "endotoxin": {"operator": "<", "value": product.endotoxin, "unit": "EU/mL"},
            "volume": {"value": product.fill_ml, "unit": "mL"},
            "cd3_dose": {"events": product.cd3_events, "bead_events": product.bead_events, **CD3},
            **{key: {"text": words} for key, words in QUALITATIVE.items()},
        }

    def enter(self, key: str, values: dict[str, str]) -> None:
        self.act(
            "tech1",
            "result.enter",
            test_id=self.tests[key],
            method="as in the specification",
            measured_at=text(self.making.now() - timedelta(minutes=5)),
            raw_data_reference=f"RAW-{key}",
            **values,
        )

    def verify(self, key: str) -> None:
        self.act("tech2", "result.verify", test_id=self.tests[key], raw_data_seen=True)

    def inoculate(self) -> None:
        self.act("tech1", "sterility.inoculate", test_id=self.tests["sterility"], inoculated_at=text(self.making.now()))

    def read_plates(self) -> None:
        if self.making.monitored:
            read(self.making.player, self.batch, self.making.now())

    def read_culture(self) -> None:
        self.act("tech1", "sterility.read", test_id=self.tests["sterility"], **self.reading())

    def conclude_culture(self, reading: str) -> None:
        self.act("tech1", "sterility.conclude", test_id=self.tests["sterility"], reading=reading, **self.reading())
        self.verify("sterility")

    def reading(self) -> dict[str, str]:
        return {
            "read_at": text(self.making.now()),
            "method": "automated culture",
            "raw_data_reference": "RAW-sterility",
        }

    def test_all(self) -> None:
        """Everything that is known before the infusion, entered by one and verified by another."""
        for key, values in self.numbers().items():
            self.enter(key, values)
            self.verify(key)

    def answer_late(self, login: str) -> None:
        """Somebody of a role that has to know of the failure says what is done (``LATE_ANSWERS``)."""
        found = self.making.player.read(login, f"/batches/{self.batch}/release")["late"]
        self.act(login, "late_oos.acknowledge", decision_id=found[0]["id"], answer=LATE_ANSWERS[login])

    def potency(self) -> None:
        self.enter("potency", {"value": "62", "unit": "%"})
        self.verify("potency")

    def review(self) -> None:
        self.act("qa1", "batch.review", batch_id=self.batch)

    def certify(self, name: str) -> None:
        confirmed = {"manufacturing_authorised": True, "national_duties": True, "register_entry": True}
        self.act("qp1", name, batch_id=self.batch, **confirmed)

    def sponsor(self) -> None:
        self.act("sponsor1", "release.sponsor", batch_id=self.batch, trial_authorised=True, site_ready=True)

    def prescribe(self, *, minutes: str = "60") -> None:
        done = self.act(
            "doctor1",
            "order.write",
            subject_code=self.making.subject,
            infusion_on=self.making.now().astimezone(PEOPLE).date().isoformat(),
            volume_ml=self.making.product.fill_ml,
            duration_minutes=minutes,
            ward="Transplant unit",
        )
        self.order = done["id"]

    def eligible(self) -> None:
        today = self.making.now().astimezone(PEOPLE).date()
        self.act(
            "doctor1",
            "order.check",
            order_id=self.order,
            marrow_blasts="1.5",
            marrow_assessed_on=(today - timedelta(days=5)).isoformat(),
            circulating_blasts="0",
            circulating_assessed_on=today.isoformat(),
            extramedullary_progression=False,
            neutrophils="1.8",
            neutrophils_assessed_on=today.isoformat(),
            donor_chimerism=True,
            gvhd_grade="0",
            steroids="0",
            other_condition=False,
            source="laboratory report of today",
        )

    def scanned(self, login: str, place: str) -> dict[str, Any]:
        container = self.making.containers[0]
        return self.act(
            login,
            "container.scan",
            label_code=self.making.scan(container["label_id"]),
            subject_code=self.making.subject,
            nonce=secrets.token_urlsafe(12),
            place=place,
        )

    def dispense(self) -> None:
        verdict = self.scanned("pharm1", "pharmacy")
        self.act("pharm1", "container.dispense", second="pharm2", scan_id=verdict["scan_id"])
        self.dispensing = self.ordered()["dispensing"]["id"]

    def ordered(self) -> dict[str, Any]:
        """The order with its path, as its page shows it."""
        order: dict[str, Any] = self.making.player.read("pharm1", f"/orders/{self.order}")["order"]
        return order

    def hand_over(self) -> None:
        self.act(
            "pharm1",
            "dispensing.hand_over",
            second="nurse1",
            dispensing_id=self.dispensing,
            handed_over_at=text(self.making.now()),
            temperature_c="20.5",
            condition="intact, label legible",
            transport_box="BOX-02",
        )

    def infuse(self) -> None:
        self.scanned("nurse1", "bedside")

    def administer(self) -> None:
        now = self.making.now()
        self.act(
            "nurse1",
            "administration.record",
            dispensing_id=self.dispensing,
            outcome="complete",
            started_at=text(now - timedelta(minutes=60)),
            stopped_at=text(now),
            volume_given_ml=self.making.product.fill_ml,
            premedication=True,
            identity_checked=True,
        )
        self.administration = self.ordered()["administration"]["id"]

    def no_reaction(self) -> None:
        self.act("nurse1", "administration.no_reaction", administration_id=self.administration)
