"""Nothing is issued while the blood groups of donor and recipient are unknown or disagree (F-ABO)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.documents.domain import DocumentStatus
from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.blood_groups import group_content, groups_of, groups_view, issue_refusals, one_content
from manufacturing.services.blood_groups import record_blood_group, set_blood_group_aside
from manufacturing.tables.blood_groups import BloodGroupRow
from manufacturing.tables.trial import SubjectRow
from tests.integration.labels.factory import document
from tests.integration.release.giving_factory import (
    PROTOCOL,
    checked_order,
    giving_installation,  # noqa: F401
    new_patient,
    new_product,
    refused,
    scan,
)


@pytest.fixture
def product(giving):
    patient = new_patient(giving)
    made = new_product(giving, patient)
    checked_order(giving)
    return patient, made


def enter(giving, person, owner, record_id, *, hours=24, **changed):
    found = {"abo": "A", "rhd": "positive", "laboratory": "Blood bank", "report_reference": "BB-9", "sample": "BS-9"}
    times = {"sampled_at": giving.now - timedelta(hours=hours)}
    content = lambda session: group_content(session, owner, record_id)  # noqa: E731
    with giving.act(f"blood_group.{owner}", person, content=content) as work:
        return record_blood_group(work, owner, record_id, **{**found, **times, **changed})


def set_aside(giving, person, row):
    content = lambda session: one_content(session, row.id)  # noqa: E731
    with giving.act("blood_group.set_aside", person, content=content, reason="the tube was of somebody else") as work:
        return set_blood_group_aside(work, row.id)


def forget(giving, owner, record_id):
    with unit_of_work(giving.database, SYSTEM, "test.forget") as work:
        for one in groups_of(work.session, owner, record_id):
            row = work.lock(BloodGroupRow, one.id)
            row.set_aside_at, row.set_aside_because = work.at, "forgotten"


def answered(giving, made, place="pharmacy"):
    found = scan(giving, made, place=place)
    return [one.code for one in found.decision.refusals if one.code.startswith("BLOOD")]


@pytest.mark.req("F-ABO", "DSP-GUARD")
@pytest.mark.parametrize("owner", ["donor", "subject"])
def test_nothing_is_issued_before_two_people_entered_two_samples_that_agree(giving, product, owner):
    patient, made = product
    record_id = patient.donor_id if owner == "donor" else patient.id
    first, second = (giving.technician, giving.qa) if owner == "donor" else (giving.physician, giving.nurse)
    assert scan(giving, made).row.verdict == "ALLOW"
    forget(giving, owner, record_id)
    assert answered(giving, made) == ["BLOOD_GROUP_MISSING"]
    enter(giving, first, owner, record_id)
    assert refused(enter, giving, first, owner, record_id, hours=3, sample="BS-10") == ["SOD_BLOOD_GROUP"]
    assert refused(enter, giving, second, owner, record_id) == ["BLOOD_SAMPLE_USED"]
    assert refused(enter, giving, giving.pharmacist, owner, record_id) == ["ROLE_NOT_ALLOWED"]
    assert answered(giving, made) == ["BLOOD_GROUP_MISSING"]
    wrong = enter(giving, second, owner, record_id, hours=3, sample="BS-10", abo="O")
    assert answered(giving, made) == answered(giving, made, "bedside") == ["BLOOD_GROUP_DISCREPANT"]
    assert scan(giving, made).row.verdict == "DENY"
    assert refused(set_aside, giving, giving.technician, wrong) == ["ROLE_NOT_ALLOWED"]
    set_aside(giving, giving.qa, wrong)
    assert refused(set_aside, giving, giving.qa, wrong) == ["BLOOD_GROUP_SET_ASIDE"]
    enter(giving, second, owner, record_id, hours=2, sample="BS-11")
    assert scan(giving, made).row.verdict == "ALLOW"


@pytest.mark.req("F-ABO")
def test_a_protocol_may_say_that_blood_groups_are_not_asked_for(giving):
    patient = new_patient(giving)
    forget(giving, "subject", patient.id)
    off = [{**one, "value": "no"} if one["key"] == "blood_groups_needed" else one for one in PROTOCOL["settings"]]
    with unit_of_work(giving.database, SYSTEM, "test.protocol") as work:
        body = {**PROTOCOL, "settings": off}
        version = document(work, "protocol", body, code="PRT", number=2, status=DocumentStatus.RETIRED)
        subject = work.lock(SubjectRow, patient.id)
        asked = issue_refusals(work.session, subject, [patient.donor_id])
        subject.protocol_document_id = version.id
        unasked = issue_refusals(work.session, subject, [patient.donor_id])
    assert [one.code for one in asked] == ["BLOOD_GROUP_MISSING"]
    assert unasked is None


@pytest.mark.req("F-ABO")
def test_how_donor_and_recipient_fit_is_shown_once_both_are_known(giving):
    patient = new_patient(giving)
    with giving.database.reading() as session:
        assert groups_view(session, "subject", patient.id)["fits"][0]["fit"] == "compatible"
    forget(giving, "subject", patient.id)
    enter(giving, giving.physician, "subject", patient.id, abo="O")
    with giving.database.reading() as session:
        assert groups_view(session, "donor", patient.donor_id)["fits"][0]["fit"] == "unknown"
    enter(giving, giving.nurse, "subject", patient.id, abo="O", hours=2, sample="BS-12")
    with giving.database.reading() as session:
        assert groups_view(session, "donor", patient.donor_id)["fits"][0]["fit"] == "major_incompatibility"
