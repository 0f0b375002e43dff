"""The donor as a source: algorithms, extra tests, window, import - and processing while results are awaited."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from labels.domain.statements import DonorStatus
from labels.queries.facts import container_record, donor_statements
from manufacturing.queries.collections import batches_made_of, get_collection, markers_of, volume_left
from manufacturing.queries.holds import open_holds
from release.domain.decisions import DecisionKind
from release.domain.review import donor_is_accepted
from release.ports import integrity_faults
from release.queries import review
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.story import PRESETS, D


@pytest.fixture
def received(story):
    return story.received()


@pytest.fixture
def at_risk(story, received):
    story.markers(received, hbsag=None)
    return story.accept_at_risk(received)


@pytest.mark.req("TC-17-II.2.1")
def test_each_result_keeps_its_laboratory_kit_and_report(story, received):
    story.markers(received, anti_hcv=None)
    story.markers(
        received,
        laboratory="Reference laboratory",
        kit="CE-IVD anti-HCV",
        report_reference="REF-12",
        **dict.fromkeys(("anti_hiv", "hbsag", "anti_hbc", "syphilis")),
    )
    found = {one.marker: (one.laboratory, one.kit, one.report_reference) for one in story.read(markers_of, received.id)}
    assert found["anti_hcv"] == ("Reference laboratory", "CE-IVD anti-HCV", "REF-12")
    assert found["hbsag"] == ("Virology", "serology panel", "VR-881")


@pytest.mark.req("TC-17-II.1.4")
def test_a_reactive_syphilis_screening_asks_for_the_specific_test_which_clears_it(story, received):
    story.markers(received, syphilis="reactive")
    assert refused(story, story.accept, received) == ["DONOR_TEST_MISSING"]
    story.markers(received, syphilis="reactive", syphilis_specific="non_reactive")
    accepted = story.accept(received)
    assert (accepted.status, accepted.assessment) == ("accepted", None)


@pytest.mark.req("TC-17-II.1.3")
def test_anti_hbc_is_neither_accepted_nor_excluded_by_itself_but_with_hbsag_it_excludes(story, received):
    story.markers(received, anti_hbc="reactive", hbsag="reactive")
    assert refused(story, story.accept, received, assessment="Anti-HBs was present.") == ["DONOR_NOT_ELIGIBLE"]


@pytest.mark.req("TC-17-II.1.5")
def test_the_protocol_says_which_extra_tests_are_required(story, database):
    body = json.loads((PRESETS / "protocol.json").read_text())["body"]
    next(one for one in body["settings"] if one["key"] == "donor_tests")["value"] = ["cmv", "abo_rhd"]
    story.trial()
    story.effective("protocol", body, (story.sp, "Sp"), (story.qa2, "QA"))
    story.subject()
    collection = story.receive(story.plan())
    story.markers(collection)
    assert refused(story, story.accept, collection) == ["DONOR_TEST_MISSING", "DONOR_TEST_MISSING"]
    story.markers(collection, cmv="reactive", abo_rhd="A pos")
    assert story.accept(collection).status == "accepted"
    assert {one.marker: one.finding for one in story.read(markers_of, collection.id)}["abo_rhd"] == "A pos"


@pytest.mark.req("TC-17-II.2.5")
def test_a_sample_of_day_minus_29_needs_the_justification_of_the_qp(story, received):
    story.markers(received, sampled_at=story.now - timedelta(days=29))
    assert refused(story, story.accept, received) == ["DONOR_TEST_WINDOW"]
    assert refused(story, story.justify, received, by=story.qa) == ["ROLE_NOT_ALLOWED"]
    assert refused(story, story.justify, received, justification="fine") == ["MISSING_FIELD"]
    story.justify(received)
    assert story.accept(received).window_justified_by == story.qp.id


@pytest.mark.req("TC-17-II.2.5")
@pytest.mark.parametrize("day", [-31, 8])
def test_no_justification_stretches_the_window_further(story, received, day):
    if day > 0:
        story.later(days=day)
        story.markers(received, sampled_at=story.now)
    else:
        story.markers(received, sampled_at=story.now + timedelta(days=day))
    assert refused(story, story.justify, received) == ["DONOR_TEST_WINDOW"]


@pytest.mark.req("TC-17-II.2.5")
def test_a_justification_is_of_one_sample(story, received):
    story.markers(received, sampled_at=story.now - timedelta(days=29))
    story.justify(received)
    story.markers(received, sampled_at=story.now - timedelta(days=20), change_reason="another sample was meant")
    assert refused(story, story.accept, received) == ["DONOR_TEST_WINDOW"]


@pytest.mark.req("TC-17-II.2.3")
@pytest.mark.parametrize(("hours", "codes"), [(5, ["HAEMODILUTION"]), (2, ["HAEMODILUTION"]), (1, [])])
def test_a_sample_from_the_procedure_or_the_hour_after_it_is_diluted(story, received, hours, codes):
    story.markers(received, sampled_at=story.now - timedelta(hours=hours))
    if codes:
        assert refused(story, story.accept, received) == codes
        story.accept(received, assessment="Sampled after 300 mL of saline on 2900 mL of plasma: 10 %.")
    else:
        story.accept(received)


@pytest.mark.req("TC-566-IMP")
def test_an_import_of_an_unrelated_donor_names_establishment_authorisation_and_supplier(story):
    story.trial()
    story.subject(donor_type="volunteer_unrelated")
    collection = story.receive(story.plan())
    story.markers(collection)
    assert refused(story, story.accept, collection) == ["IMPORT_MISSING"]
    story.markers(collection, outside_eu=True, importing_establishment="TE-NL-012")
    assert refused(story, story.accept, collection) == ["IMPORT_MISSING", "IMPORT_MISSING"]
    papers = {"import_authorisation": "IMP-2026-3", "third_country_supplier": "Registry US-7"}
    story.markers(collection, outside_eu=True, importing_establishment="TE-NL-012", **papers)
    assert story.accept(collection).status == "accepted"


@pytest.mark.req("P1271-QUAR")
def test_nothing_is_made_of_what_is_in_quarantine(story, received):
    story.markers(received)
    assert refused(story, story.open, received) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-7-ATRISK")
def test_processing_at_risk_needs_qa_qp_and_a_written_assessment(story, received):
    story.markers(received, hbsag=None)
    assert refused(story, story.accept_at_risk, received, agreed=story.qa2) == ["SECOND_ROLE_NOT_ALLOWED"]
    assert refused(story, story.accept_at_risk, received, by=story.t1) == ["ROLE_NOT_ALLOWED"]
    assert refused(story, story.accept_at_risk, received, assessment="it is urgent") == ["MISSING_FIELD"]
    row = story.accept_at_risk(received)
    assert (row.status, row.at_risk_pending, row.accepted_at) == ("accepted_at_risk", "HBsAg", None)
    assert (row.at_risk_by, row.at_risk_agreed_by) == (story.qa.id, story.qp.id)


@pytest.mark.req("ATMP-7-ATRISK")
@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"anti_hiv": "reactive"}, ["DONOR_NOT_ELIGIBLE"]),
        ({"interview_suitable": False}, ["DONOR_NOT_ELIGIBLE"]),
        ({"hbsag": "non_reactive"}, ["NO_RESULT_PENDING"]),
    ],
)
def test_only_an_awaited_result_is_a_risk_one_may_take(story, received, changed, codes):
    story.markers(received, **{"hbsag": None, **changed})
    assert refused(story, story.accept_at_risk, received) == codes


@pytest.mark.req("ATMP-7-ATRISK", "P1271-QUAR")
def test_what_was_used_at_risk_is_accepted_where_it_stands_when_the_results_are_in(story, at_risk):
    story.open(at_risk)
    assert refused(story, story.accept, at_risk) == ["DONOR_TEST_MISSING"]
    story.markers(at_risk, hbsag="non_reactive")
    row = story.accept(at_risk)
    assert (row.status, row.accepted_by) == ("in_use", story.qa.id)
    assert refused(story, story.accept, at_risk) == ["STATE_NOT_ALLOWED"]
    assert refused(story, story.markers, at_risk) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("P1271-QUAR", "F-LBL-NE")
def test_a_product_made_at_risk_says_so_on_its_label_until_the_donor_is_accepted(story, at_risk):
    batch = story.start(story.open(at_risk))
    story.later(minutes=5)
    story.steps(batch, last=9)
    container = story.fill(batch)
    assert donor_status(story, container) is DonorStatus.NOT_EVALUATED
    story.markers(at_risk, hbsag="non_reactive", sampled_at=at_risk.marker_sampled_at)
    story.accept(at_risk)
    assert donor_status(story, container) is DonorStatus.NON_REACTIVE


@pytest.mark.req("ATMP-7-ATRISK")
def test_nothing_made_at_risk_is_certified_before_the_results_are_in(story, at_risk, monkeypatch):
    monkeypatch.setattr(integrity_faults, "answer", lambda _session, _batch_id: ())
    monkeypatch.setattr(review, "batch_verdicts", lambda _session, _batch_id: [])
    monkeypatch.setattr(review, "formulation_difference", lambda _session, _batch_id: None)
    batch = story.open(at_risk)
    codes = lambda: {one.code for one in donor_is_accepted(facts(), DecisionKind.STAGE1, story.now)}  # noqa: E731
    facts = lambda: story.read(review.release_facts, batch.id, story.now)  # noqa: E731
    assert codes() == {"DONOR_NOT_ACCEPTED"}
    story.markers(at_risk, hbsag="non_reactive")
    assert codes() == {"DONOR_NOT_ACCEPTED"}
    story.accept(at_risk)
    assert codes() == set()


def donor_status(story, container):
    return story.read(lambda session: donor_statements(container_record(session, container.id)).donor_status)


@pytest.mark.req("ATMP-7-ATRISK")
def test_rejecting_material_in_use_holds_what_is_made_of_it(story, at_risk):
    batch = story.open(at_risk)
    assert story.reject(at_risk).status == "rejected"
    held = story.read(lambda session: open_holds(session, batch=batch.id))
    assert [one.cause for one in held] == ["donor"]
    assert refused(story, story.start, batch) == ["BATCH_ON_HOLD"]


def test_a_part_of_a_collection_is_taken_and_the_rest_makes_another_batch(story):
    collection = story.accepted()
    first = story.open(collection, volume="100")
    assert story.read(lambda session: volume_left(session, collection)) == D("112")
    assert refused(story, story.open, collection, volume="112.1") == ["MATERIAL_LEFT"]
    second = story.open(collection)
    assert [one.id for one in story.read(batches_made_of, collection.id)] == [first.id, second.id]
    assert refused(story, story.open, collection) == ["STATE_NOT_ALLOWED"]


def test_a_collection_is_consumed_when_its_remainder_is_destroyed_by_two(story):
    collection = story.accepted()
    batch = story.open(collection, volume="200")
    story.terminate(batch)
    assert story.read(get_collection, collection.id).status == "in_use"
    assert refused(story, story.dispose, collection, "13") == ["MATERIAL_LEFT"]
    assert refused(story, story.dispose, collection, "12", second=story.dr) == ["SECOND_ROLE_NOT_ALLOWED"]
    assert story.dispose(collection, "12").status == "consumed"


def test_a_rejected_collection_is_destroyed_as_a_whole_with_its_method(story, received):
    assert refused(story, story.dispose, received) == ["STATE_NOT_ALLOWED"]
    story.reject(received)
    assert refused(story, story.dispose, received, "100") == ["PART_LEFT"]
    assert story.dispose(received).status == "disposed"
    assert refused(story, story.dispose, received) == ["STATE_NOT_ALLOWED"]
    assert story.read(lambda session: volume_left(session, received)) == Decimal(0)
