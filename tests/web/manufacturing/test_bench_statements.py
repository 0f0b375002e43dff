"""The step page reads in few statements, however long the record is."""

from __future__ import annotations

import copy
import json

import pytest

from kernel.files.domain.refusals import Upload
from kernel.files.services import attach_file
from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.steps import batch_steps
from manufacturing.services.environment import take_sample
from manufacturing.services.lot_uses import Line, use_lots
from manufacturing.tables.batches import StepRow, StepValueRow
from tests.integration.manufacturing import equipping
from tests.integration.manufacturing.lots import listed, ready_lot
from tests.integration.manufacturing.story import PRESETS, D, Story
from tests.places import remembered
from tests.races.test_work_statements import counted

STEPS, FIELDS, MOST = 60, 300, 15
MOST_PRINTED = 75
MIDDLE = 30
BESIDE = {
    "materials": [
        {"kind": "cd3_reagent", "quantity": "2", "unit": "vials"},
        {"kind": "dnase", "quantity": "1", "unit": "vials", "required": False},
    ],
    "equipment": [
        {"kind": "cabinet", "title": {"en": "Cabinet", "nl": "Kast"}},
        {"kind": "balance", "title": {"en": "Balance", "nl": "Balans"}, "required": False},
    ],
}


def long_process() -> dict:
    """The process of the preset with as many more incubations as make it sixty steps and three hundred fields."""
    body = json.loads((PRESETS / "process.json").read_text())["body"]
    pattern = next(one for one in body["steps"] if one["key"] == "label_cd3")
    missing_steps = STEPS - len(body["steps"])
    missing_fields = FIELDS - sum(len(one["fields"]) for one in body["steps"])
    for number in range(missing_steps):
        step = copy.deepcopy(pattern) | {"key": f"incubation_{number}"} | BESIDE
        share = missing_fields // missing_steps + (1 if number < missing_fields % missing_steps else 0)
        field = {"kind": "number", "unit": "min", "label": pattern["fields"][0]["label"], "action": {"high": "90"}}
        step["fields"] = [field | {"key": f"minutes_{place}"} for place in range(share)]
        body["steps"].insert(len(body["steps"]) - 1, step)
    return body


def plates(steps: list[str]) -> dict:
    sample = {"key": "settle_plate", "title": {"en": "Settle plate", "nl": "Plaat"}, "grade": "A", "unit": "CFU"}
    limits = {"alert": "0", "action": "1", "steps": steps}
    return {"rooms": [{"code": "C1", "grade": "B"}], "samples": [sample | limits]}


class LongStory(Story):
    def body_of(self, kind, body):
        return long_process() if kind == "process" else body

    def surrounded(self):
        """A list of materials, of rooms and plates, a lot and two devices, before the batch begins."""
        collection = self.accepted()
        keys = [one["key"] for one in long_process()["steps"][MIDDLE - 2 : MIDDLE + 2]]
        self.effective("environment", plates(keys), (self.qa2, "QA"), (self.qp, "QP"))
        listed(self)
        lot = ready_lot(self)
        for code, kind in (("CAB-01", "cabinet"), ("BAL-01", "balance")):
            equipping.registered(self, code, kind)
        batch = self.start(self.open(collection, volume="120"))
        self.later(minutes=30)
        return batch, lot

    def used(self, batch, position, lot):
        """Everything a step can have beside its fields, but what waits for the signature."""
        content = (step_content, batch.id, str(position))
        lines = [Line(lot.code, D("2"), wanted="cd3_reagent")]
        with self.act("step.use_lots", self.t1, content=content) as work:
            use_lots(work, batch.id, str(position), lines, performed_at=self.now)
        equipping.used(self, batch, "CAB-01", position=position)
        with self.act("environment.take", self.t1, content=content) as work:
            taken = {"exposed_from": batch.started_at, "exposed_until": self.now, "place": "left of the bag"}
            take_sample(work, batch.id, str(position), key="settle_plate", **taken)
        step = self.read(batch_steps, batch.id)[position - 1]
        with self.act("file.attach", self.t1) as work:
            attach_file(
                work, Upload("print.csv", b"a,b\n1,2\n"), entity="step", record_id=step.id, purpose="run_report"
            )

    def filled(self, batch, but):
        """Every step performed and verified, every field with a value, but one step that waits."""
        with unit_of_work(self.database, SYSTEM, "test.fill") as work:
            for step in batch_steps(work.session, batch.id):
                if step.position == but:
                    continue
                row = work.lock(StepRow, step.id)
                row.status, row.performed_at, row.recorded_at = "verified", work.at, work.at
                row.performed_by, row.verified_by, row.verified_at = self.t1.id, self.t2.id, work.at
                for place in range(FIELDS // STEPS):
                    values = {"field": f"minutes_{place}", "number": D(30), "unit": "min", "verdict": "pass"}
                    work.session.add(StepValueRow(id=work.new_id(), step_id=step.id, **values))


@pytest.fixture
def long_batch(database, person, app):
    def told():
        story = LongStory(database, person)
        batch, lot = story.surrounded()
        for position in (MIDDLE, MIDDLE + 1):
            story.used(batch, position, lot)
        story.filled(batch, MIDDLE)
        return batch

    return remembered(database, "long story", told)


SHOWN = ("CAB-01", "CD3-5521", "Settle plate", "print.csv")
CORRECTED = {"minutes_0": "31", "performed_at": "", "reason": "read the wrong line of the print"}


@pytest.mark.parametrize("page", ["30", "30/perform", "31", "31/correct"])
def test_the_step_page_of_a_long_record_takes_at_most_fifteen_statements(long_batch, browser, site, page):
    """Everything a signed-in technician sees: who is signed in, the footer and every panel included."""
    steps = f"/batches/{long_batch.id}/steps"
    technician = browser("T")
    assert technician.codes(technician.submit(f"{steps}/30/save", {"minutes_0": "30"})) == []
    assert technician.codes(technician.submit(f"{steps}/31/correct", CORRECTED)) == []
    with counted(site.database.engine) as said:
        answer = technician.get(f"{steps}/{page}")
    assert answer.status_code == 200
    assert [one for one in SHOWN if one not in answer.text] == (["print.csv"] if "/" in page else [])
    asked = [one for one in said if one != "BEGIN"]
    assert len(asked) <= MOST, "\n".join(one.replace("\n", " ") for one in asked)


def test_the_printed_record_of_a_long_record_is_read_in_few_statements(long_batch, browser, site):
    reviewer = browser("QA")
    with counted(site.database.engine) as said:
        answer = reviewer.get(f"/batches/{long_batch.id}/record.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert len(said) <= MOST_PRINTED, "\n".join(one.replace("\n", " ") for one in said)
