"""What is not planned, not received, not accepted as starting material - each fault with its own code."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from manufacturing.domain.donation_numbers import check_character
from manufacturing.queries.collections import get_collection
from manufacturing.queries.deviations import deviations_about
from manufacturing.queries.holds import open_holds
from tests.integration.manufacturing.refusing import refused

DIN = "A999926123456"


@pytest.fixture
def subject(story):
    story.trial()
    return story.subject()


@pytest.fixture
def planned(story, subject):
    return story.plan()


@pytest.fixture
def received(story, planned):
    return story.receive(planned)


@pytest.fixture
def tested(story, received):
    story.markers(received)
    return received


@pytest.mark.req("TR-NONMOB")
def test_a_mobilised_donation_is_neither_planned_nor_received(story, subject):
    assert refused(story, story.plan, mobilised=True) == ["MOBILISED"]
    assert refused(story, story.receive, story.plan(), mobilised=True) == ["MOBILISED"]


@pytest.mark.req("TC-86-9.1")
def test_a_number_is_used_once_also_after_rejection(story, planned):
    assert refused(story, story.plan) == ["DUPLICATE_ID"]
    story.reject(planned)
    assert refused(story, story.plan) == ["DUPLICATE_ID"]


@pytest.mark.req("TC-86-E1g")
def test_a_din_needs_its_check_character(story, subject):
    wrong = "0" if check_character(DIN) != "0" else "1"
    fields = {"number_kind": "din", "number": DIN}
    assert refused(story, story.plan, **fields, check_character=wrong) == ["DIN_CHECK"]
    row = story.plan(**fields, check_character=check_character(DIN))
    assert (row.number, row.is_din, row.check_character) == (DIN, True, check_character(DIN))


@pytest.mark.parametrize(
    ("number_kind", "number"), [("facility", "la-2026"), ("facility", "LA"), ("din", "A99992612345"), ("din", "=A1")]
)
def test_a_number_of_another_form_is_refused(story, subject, number_kind, number):
    assert refused(story, story.plan, number_kind=number_kind, number=number) == ["ID_FORMAT"]


@pytest.mark.req("TC-17-IV")
@pytest.mark.parametrize("missing", [{"consent_reference": None}, {"consented_on": None}])
def test_without_the_donors_consent_nothing_is_planned(story, subject, missing):
    assert refused(story, story.plan, **missing) == ["CONSENT_MISSING"]


def test_the_subject_is_known_and_included(story, subject):
    assert refused(story, story.plan, "NK-77") == ["SUBJECT_UNKNOWN"]
    story.register("NK-02")
    assert refused(story, story.plan, "NK-02", donor_code="DN-102") == ["SUBJECT_NOT_INCLUDED"]
    story.conclude(subject)
    assert refused(story, story.plan) == ["SUBJECT_NOT_INCLUDED"]


@pytest.mark.req("TR-CORD")
def test_cord_blood_is_no_leukapheresis(story, subject):
    story.register("NK-02", donor_type="cord_blood")
    codes = refused(story, story.plan, "NK-02", donor_code="DN-102")
    assert codes == ["CORD_BLOOD", "SUBJECT_NOT_INCLUDED"]


@pytest.mark.req("F-COI-1")
def test_a_donor_and_a_subject_stay_together(story, planned):
    story.subject("NK-02")
    taken = {"number": "LA-2026-0042"}
    assert refused(story, story.plan, "NK-02", **taken) == ["DONOR_MISMATCH"]
    assert refused(story, story.plan, "NK-01", donor_code="DN-102", **taken) == ["DONOR_MISMATCH"]
    assert story.plan("NK-01", **taken).donor_id == planned.donor_id


@pytest.mark.parametrize("code", ["12345", "dn-101", "D", "DN 101"])
def test_a_donor_code_of_another_form_is_refused(story, subject, code):
    assert refused(story, story.plan, donor_code=code) == ["ID_FORMAT"]


@pytest.mark.req("F-COI-3", "F-COI-1")
def test_both_identifiers_are_read_from_the_material(story, planned):
    assert refused(story, story.receive, planned, subject_code="NK-02") == ["SUBJECT_MISMATCH"]
    assert refused(story, story.receive, planned, number="LA-2026-0014") == ["DONATION_MISMATCH"]


def test_times_of_the_receipt_are_in_order_and_past(story, planned):
    later, earlier = story.now + timedelta(minutes=1), story.now - timedelta(hours=7)
    assert refused(story, story.receive, planned, received_at=later) == ["FUTURE_TIME"]
    assert refused(story, story.receive, planned, ended_at=earlier) == ["TIME_ORDER"]
    assert refused(story, story.receive, planned, received_at=story.now - timedelta(hours=3)) == ["TIME_ORDER"]


@pytest.mark.req("PHE-UNIT")
@pytest.mark.parametrize(
    ("field", "value"), [("wbc", "98600000"), ("viability", "100.1"), ("volume_ml", "2001"), ("temperature_c", "195")]
)
def test_an_impossible_number_is_refused(story, planned, field, value):
    assert refused(story, story.receive, planned, **{field: Decimal(value)}) == ["UNIT_IMPLAUSIBLE"]


def test_a_unit_outside_the_list_is_refused(story, planned):
    assert refused(story, story.receive, planned, wbc_unit="10^9/mL") == ["UNIT_NOT_ALLOWED"]


def test_the_second_person_may_verify(story, planned):
    assert refused(story, story.receive, planned, second=story.dr) == ["SECOND_ROLE_NOT_ALLOWED"]


def test_nothing_is_received_twice(story, received):
    assert refused(story, story.receive, received) == ["STATE_NOT_ALLOWED"]


@pytest.mark.parametrize(("degrees", "held"), [("1.9", True), ("2", False), ("25", False), ("25.1", True)])
def test_a_temperature_outside_holds_by_itself(story, planned, degrees, held):
    story.receive(planned, temperature_c=Decimal(degrees))
    with story.database.reading() as session:
        causes = [hold.cause for hold in open_holds(session, collection=planned.id)]
    assert causes == (["temperature"] if held else [])
    story.markers(planned)
    if held:
        assert refused(story, story.accept, planned) == ["COLLECTION_ON_HOLD", "RECEIPT_DEVIATION_OPEN"]


@pytest.mark.req("TC-86-RECEIPT")
@pytest.mark.parametrize("check", ["container_intact", "label_matches"])
def test_a_failed_receipt_check_is_never_accepted(story, planned, check):
    story.receive(planned, **{check: False})
    story.markers(planned)
    assert refused(story, story.accept, planned) == ["RECEIPT_DEVIATION_OPEN", "RECEIPT_FAILED"]
    assert story.reject(planned).status == "rejected"


@pytest.mark.req("TC-86-RECEIPT", "S4")
def test_a_warm_transport_opens_its_deviation_and_is_accepted_when_that_is_closed(story, planned):
    row = story.receive(planned, logger_high_c=Decimal("26.1"), delay="two hours, the road was closed")
    assert (row.status, row.delay) == ("received_quarantine", "two hours, the road was closed")
    (deviation,) = story.read(deviations_about, "collection", planned.id)
    assert (deviation.classification, deviation.status, deviation.raised_by) == ("major", "open", story.t1.id)
    assert deviation.description == "The logger of the transport shows 17.5 to 26.1 °C; 2 to 25 °C is allowed."
    story.markers(planned)
    assert refused(story, story.accept, planned) == ["RECEIPT_DEVIATION_OPEN"]
    story.assess(deviation)
    assert refused(story, story.accept, planned) == ["RECEIPT_DEVIATION_OPEN"]
    story.close(deviation)
    assert story.accept(planned).status == "accepted"


@pytest.mark.req("TC-86-RECEIPT")
def test_a_receipt_that_is_in_order_opens_no_deviation(story, received):
    assert story.read(deviations_about, "collection", received.id) == []


@pytest.mark.req("TC-17-II.1.1")
@pytest.mark.parametrize("marker", ["anti_hiv", "hbsag", "anti_hbc", "anti_hcv", "syphilis"])
def test_each_missing_marker_refuses_acceptance(story, received, marker):
    story.markers(received, **{marker: None})
    assert refused(story, story.accept, received) == ["DONOR_TEST_MISSING"]


@pytest.mark.req("TC-17-II.1.2")
def test_an_htlv_risk_asks_for_its_marker(story, received):
    story.markers(received, htlv_risk=True)
    assert refused(story, story.accept, received) == ["DONOR_TEST_MISSING"]
    story.markers(received, htlv_risk=True, anti_htlv="non_reactive")
    assert story.accept(received).status == "accepted"


@pytest.mark.req("TC-17-II.2.5")
@pytest.mark.parametrize("day", [-29, -1])
def test_a_sample_from_before_the_day_of_donation_is_refused(story, received, day):
    story.markers(received, sampled_at=story.now + timedelta(days=day))
    assert refused(story, story.accept, received) == ["DONOR_TEST_WINDOW"]


@pytest.mark.req("TC-17-II.2.5")
@pytest.mark.parametrize(("day", "codes"), [(7, []), (8, ["DONOR_TEST_WINDOW"])])
def test_the_window_ends_with_the_seventh_day(story, received, day, codes):
    story.later(days=day)
    story.markers(received, sampled_at=story.now)
    if codes:
        assert refused(story, story.accept, received) == codes
    else:
        assert story.accept(received).status == "accepted"


@pytest.mark.req("TC-17-II.1.3", "TC-17-II.1.4")
@pytest.mark.parametrize(
    "results", [{"anti_hbc": "reactive"}, dict.fromkeys(("syphilis", "syphilis_specific"), "reactive")]
)
def test_a_reactive_marker_that_may_be_assessed_needs_its_assessment(story, received, results):
    story.markers(received, **results)
    assert refused(story, story.accept, received) == ["DONOR_RISK_ASSESSMENT"]
    accepted = story.accept(received, assessment="Anti-HBs present, HBV DNA not detected; old infection.")
    assert accepted.status == "accepted"


@pytest.mark.parametrize("marker", ["anti_hiv", "hbsag", "anti_hcv"])
def test_any_other_reactive_marker_excludes_the_donor(story, received, marker):
    story.markers(received, **{marker: "reactive"})
    assert refused(story, story.accept, received) == ["DONOR_NOT_ELIGIBLE"]
    assert refused(story, story.accept, received, assessment="We judge the risk small.") == ["DONOR_NOT_ELIGIBLE"]


@pytest.mark.req("TC-17-IV")
@pytest.mark.parametrize("answer", ["interview_suitable", "examination_suitable"])
def test_an_unsuitable_donor_is_refused(story, received, answer):
    story.markers(received, **{answer: False})
    assert refused(story, story.accept, received) == ["DONOR_NOT_ELIGIBLE"]


@pytest.mark.req("TC-17-II.2.3")
@pytest.mark.parametrize("answer", ["blood_or_colloids_48h", "crystalloids_1h"])
def test_infusions_before_the_sample_need_an_assessment(story, received, answer):
    story.markers(received, **{answer: True})
    assert refused(story, story.accept, received) == ["HAEMODILUTION"]
    accepted = story.accept(received, assessment="Plasma volume 2900 mL, 400 mL given: 14 % dilution.")
    assert accepted.status == "accepted"


@pytest.mark.req("TC-17-IV")
def test_consent_from_after_the_donation_is_no_consent(story, subject):
    story.later(days=2)
    planned = story.plan(consented_on=date(2026, 11, 25))
    story.receive(
        planned,
        started_at=story.now - timedelta(hours=30),
        ended_at=story.now - timedelta(hours=27),
        shipped_at=story.now - timedelta(hours=27),
        received_at=story.now - timedelta(hours=26),
    )
    story.markers(planned, sampled_at=story.now - timedelta(hours=30))
    assert refused(story, story.accept, planned) == ["CONSENT_MISSING"]


@pytest.mark.req("TC-17-II.2.5", "TC-17-II.1.1")
def test_nothing_on_record_names_everything_that_is_missing(story, received):
    codes = refused(story, story.accept, received)
    assert codes.count("DONOR_TEST_MISSING") == 6
    assert codes.count("HAEMODILUTION") == 2
    assert "DONOR_TEST_WINDOW" in codes


def test_receiver_and_verifier_do_not_accept(story, planned, person):
    verifier = person("QA")
    story.receive(planned, second=verifier)
    story.markers(planned)
    assert refused(story, story.accept, planned, by=verifier) == ["SOD_RECEIPT"]
    assert story.accept(planned).accepted_by == story.qa.id


@pytest.mark.req("A11-6")
def test_who_entered_the_donors_results_does_not_accept_them(story, received):
    story.markers(received, by=story.qa)
    assert refused(story, story.accept, received, by=story.qa) == ["SOD_RECEIPT"]
    assert story.accept(received, by=story.qa2).status == "accepted"


def test_a_held_collection_is_not_accepted(story, tested):
    story.hold("collection", tested.id)
    assert refused(story, story.accept, tested) == ["COLLECTION_ON_HOLD"]


def test_a_changed_marker_needs_a_reason(story, tested):
    assert refused(story, story.markers, tested, hbsag="reactive") == ["MISSING_REASON"]
    story.markers(tested, hbsag="reactive", change_reason="read the wrong column")
    assert refused(story, story.accept, tested) == ["DONOR_NOT_ELIGIBLE"]


def test_a_sample_of_tomorrow_is_refused(story, received):
    assert refused(story, story.markers, received, sampled_at=story.now + timedelta(minutes=1)) == ["FUTURE_TIME"]


@pytest.mark.req("ATMP-9-REJ")
def test_rejection_is_final(story, tested):
    story.reject(tested)
    assert story.read(get_collection, tested.id).end_reason == "the bag leaked"
    assert refused(story, story.accept, tested) == ["STATE_NOT_ALLOWED"]
    assert refused(story, story.reject, tested) == ["STATE_NOT_ALLOWED"]
