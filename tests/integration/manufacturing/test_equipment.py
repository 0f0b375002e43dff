"""Steps use registered equipment that is fit for them; what is found out of tolerance stops every batch since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from manufacturing.queries.batches import deviations_of
from manufacturing.queries.equipment import equipment_facts, equipment_of_batch
from manufacturing.queries.equipment_pages import due_soon, equipment_page
from manufacturing.queries.holds import open_holds
from manufacturing.queries.record import read_record
from manufacturing.tables.equipment import EquipmentRow
from tests.integration.manufacturing.equipping import (
    added,
    asking,
    day,
    doubted,
    noted,
    registered,
    returned,
    used,
)
from tests.integration.manufacturing.hands import decided, done_by, hands, sod
from tests.integration.manufacturing.refusing import refused


@pytest.fixture
def batch(story):
    """In process, by a process that asks for a cabinet in its first step."""
    collection = story.accepted()
    asking(story)
    batch = story.start(story.open(collection))
    story.later(minutes=5)
    return batch


def against(story, batch):
    return [one.code for one in story.read(lambda s: equipment_of_batch(s, read_record(s, batch.id)) or ())]


@pytest.mark.req("ATMP-5-CAL", "P11-10f")
def test_a_step_is_not_performed_without_the_equipment_it_requires(story, batch):
    assert refused(story, story.perform, batch, 1, "inspect") == ["EQUIPMENT_MISSING"]
    registered(story, "BAL-01", "balance")
    used(story, batch, "BAL-01")
    assert refused(story, story.perform, batch, 1, "inspect") == ["EQUIPMENT_MISSING"]
    registered(story)
    used(story, batch, "cab-01")
    story.perform(batch, 1, "inspect")
    assert against(story, batch) == []


@pytest.mark.req("ATMP-5-CAL")
def test_only_what_is_registered_in_service_and_in_date_is_taken(story, batch):
    registered(story, calibration_due=day(story, 0))
    assert refused(story, used, story, batch, "CAB-02") == ["EQUIPMENT_UNKNOWN"]
    assert refused(story, used, story, batch, "CAB-01", "CAB-01") == ["EQUIPMENT_TWICE"]
    story.later(days=1)
    late = {"late_reason": "found at the end of the day"}
    assert refused(story, used, story, batch, "CAB-01") == ["EQUIPMENT_OUT_OF_CAL"]
    noted(story, registered(story, "CAB-03"), "fault")
    assert refused(story, used, story, batch, "CAB-03", "CAB-09") == ["EQUIPMENT_NOT_IN_SERVICE", "EQUIPMENT_UNKNOWN"]
    used(story, batch, "CAB-01", at=story.now - timedelta(days=1), **late)


@pytest.mark.req("ATMP-5-CAL")
def test_what_ran_out_between_scan_and_step_is_used_only_with_a_deviation(story, batch):
    registered(story, calibration_due=day(story, 0))
    used(story, batch, "CAB-01")
    story.later(days=1)
    assert "EQUIPMENT_OUT_OF_CAL" in refused(story, story.perform, batch, 1, "inspect")
    story.deviate(batch, step="1")
    story.perform(batch, 1, "inspect")


def test_forgotten_equipment_is_a_correction_that_is_verified_anew(story, batch):
    registered(story), registered(story, "BAL-01", "balance")
    used(story, batch, "CAB-01")
    story.perform(batch, 1, "inspect")
    story.verify(batch, 1)
    assert refused(story, used, story, batch, "BAL-01") == ["STATE_NOT_ALLOWED"]
    added(story, batch, "BAL-01")
    assert read_status(story, batch) == "performed"


def read_status(story, batch):
    return story.read(read_record, batch.id).steps[0].status


@pytest.mark.req("ATMP-5-CAL", "ATMP-HOLD", "S4")
def test_found_out_of_tolerance_every_batch_since_the_last_good_calibration_is_stopped(story, batch):
    device = registered(story, calibration_due=day(story, 300))
    used(story, batch, "CAB-01")
    story.later(days=2)
    assert doubted(story, device) == [batch.number]
    (hold,) = story.read(lambda session: open_holds(session, batch=batch.id))
    assert (hold.cause, "CAB-01" in hold.reason) == ("equipment", True)
    assert [(one.classification, one.raised_by) for one in story.read(deviations_of, batch.id)] == [
        ("major", story.qa.id)
    ]
    assert against(story, batch)[-1] == "EQUIPMENT_TOLERANCE"
    assert refused(story, returned, story, device) == ["EQUIPMENT_NOT_REPAIRED"]
    noted(story, device, "repaired")
    returned(story, device)


@pytest.mark.req("ATMP-5-CAL")
def test_a_batch_of_before_the_last_good_calibration_is_not_stopped(story, batch):
    device = registered(story, calibration_due=day(story, 300))
    used(story, batch, "CAB-01")
    story.later(days=2)
    noted(story, device, "calibrated", due_on=day(story, 365))
    story.later(days=2)
    assert doubted(story, device) == []
    assert story.read(lambda session: open_holds(session, batch=batch.id)) == []


@pytest.mark.req("ATMP-5-LOG")
def test_the_log_is_chronological_with_who_entered_each_line(story, batch):
    device = registered(story)
    story.later(minutes=10)
    used(story, batch, "CAB-01", at=story.now - timedelta(minutes=8))
    noted(story, device, "cleaned", at=story.now - timedelta(minutes=9))
    log = story.read(equipment_page, device.id, story.now)["log"]
    assert [one["what"] for one in log] == ["registered", "cleaned", "used"]
    assert all(one["by"].startswith("Person") for one in log)
    assert log[-1]["batch"] == batch.number


def test_what_is_due_within_two_weeks_is_told(story):
    registered(story, "CAB-01", calibration_due=day(story, 14))
    registered(story, "CAB-02", calibration_due=day(story, 15))
    assert [(one["code"], one["standing"]) for one in story.read(due_soon, story.now)] == [("CAB-01", "due soon")]
    story.later(days=15)
    assert {(one["code"], one["standing"]) for one in story.read(due_soon, story.now)} == {
        ("CAB-01", "overdue"),
        ("CAB-02", "due soon"),
    }


@pytest.mark.req("ATMP-5-CAL")
def test_a_device_that_another_batch_used_is_clean_from_its_cleaning_on_and_only_those_uses_are_read(story, batch):
    device = registered(story)
    story.later(minutes=15)
    used(story, batch, "CAB-01")
    first, step = story.now, timedelta(minutes=10)
    story.later(minutes=10)
    noted(story, device, "cleaned")
    story.later(minutes=10)
    moments = [first - step, first, first + step / 2, first + step, first + 2 * step]

    def clean(session, *times):
        facts = equipment_facts(session, [session.get_one(EquipmentRow, device.id)], "another", {"cabinet"}, times)
        return [facts[device.id].is_clean(at) for at in times]

    assert story.read(clean, *moments) == [True, False, False, True, True]
    assert [story.read(clean, at)[0] for at in moments] == [True, False, False, True, True]


@pytest.mark.req("S1", "S3")
def test_whoever_scanned_a_device_performed_the_step(story, batch, person):
    scanner, adder = person("T"), person("T")
    registered(story), registered(story, "BAL-01", "balance")
    with done_by(story, scanner):
        used(story, batch, "CAB-01")
    story.perform(batch, 1, "inspect")
    with done_by(story, adder):
        added(story, batch, "BAL-01")
    assert [sod(story.verify, batch, 1, by=one) for one in (scanner, adder)] == [["SOD_STEP"]] * 2
    assert {(one.id, "equipment_use") for one in (scanner, adder)} <= hands(story, batch)
    story.verify(batch, 1)
    registered(story, "BAL-02", "balance")
    decided(story, batch, story.t1)
    assert sod(added, story, batch, "BAL-02") == ["SOD_RELEASE"]
