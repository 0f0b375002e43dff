"""The step page reads in few statements, however long the record is."""

from __future__ import annotations

import copy
import json

import pytest

from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.steps import batch_steps
from manufacturing.tables.batches import StepRow, StepValueRow
from tests.integration.manufacturing.story import PRESETS, D, Story
from tests.places import remembered
from tests.races.test_work_statements import counted

STEPS, FIELDS, MOST = 60, 300, 15
MOST_PRINTED = 70
MIDDLE = 30
# Who asks, with which roles, and the head in the footer: asked for every page of the site.
FRAME = ("BEGIN", "SELECT session.", "SELECT person.login", "SELECT role_grant.", "SELECT trail_head.")
# Panels beside the step: devices to choose from, exports that can be read in, files.
BESIDE = ("FROM equipment \n", "document.kind = ", "FROM file \n")


def long_process() -> dict:
    """The process of the preset with as many more incubations as make it sixty steps and three hundred fields."""
    body = json.loads((PRESETS / "process.json").read_text())["body"]
    pattern = next(one for one in body["steps"] if one["key"] == "label_cd3")
    missing_steps = STEPS - len(body["steps"])
    missing_fields = FIELDS - sum(len(one["fields"]) for one in body["steps"])
    for number in range(missing_steps):
        step = copy.deepcopy(pattern) | {"key": f"incubation_{number}"}
        share = missing_fields // missing_steps + (1 if number < missing_fields % missing_steps else 0)
        field = {"kind": "number", "unit": "min", "label": pattern["fields"][0]["label"], "action": {"high": "90"}}
        step["fields"] = [field | {"key": f"minutes_{place}"} for place in range(share)]
        body["steps"].insert(len(body["steps"]) - 1, step)
    return body


class LongStory(Story):
    def effective(self, kind, body, *approvals):
        return super().effective(kind, long_process() if kind == "process" else body, *approvals)

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
        batch = story.started()
        story.filled(batch, MIDDLE)
        return batch

    return remembered(database, "long story", told)


@pytest.mark.parametrize("page", ["30", "30/perform", "31", "31/correct"])
def test_the_step_page_of_a_long_record_takes_at_most_fifteen_statements(long_batch, browser, site, page):
    steps = f"/batches/{long_batch.id}/steps"
    technician = browser("T")
    assert technician.codes(technician.submit(f"{steps}/30/save", {"minutes_0": "30"})) == []
    with counted(site.database.engine) as said:
        answer = technician.get(f"{steps}/{page}")
    assert answer.status_code == 200
    asked = [one for one in said if not one.startswith(FRAME) and not any(part in one for part in BESIDE)]
    assert len(asked) <= MOST, "\n".join(one.replace("\n", " ") for one in asked)


def test_the_printed_record_of_a_long_record_is_read_in_few_statements(long_batch, browser, site):
    reviewer = browser("QA")
    with counted(site.database.engine) as said:
        answer = reviewer.get(f"/batches/{long_batch.id}/record.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert len(said) <= MOST_PRINTED, "\n".join(one.replace("\n", " ") for one in said)
