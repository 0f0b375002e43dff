"""Scan and dispensing on the records: exactly one reason for one fault, the guards again under the lock, once only."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from kernel.canonical import digest
from kernel.errors import Refused
from kernel.tables import SignatureRow, TrailRow
from kernel.work import SYSTEM, unit_of_work
from labels.queries.labels import applied_label
from manufacturing.services.holds import lift_system_holds, set_hold
from manufacturing.tables.deviations import DeviationRow
from manufacturing.tables.trial import HoldRow, SubjectRow
from release import ports
from release.domain.decisions import DecisionKind
from release.queries.deciding import certification_refusals
from release.queries.dispense_contents import dispense_content, dispensing_content
from release.queries.overlays import is_overlaid, overlay_content, overlay_print_content, overlays_to_destroy
from release.queries.separation import certifiers_of
from release.services import dispensing as service
from release.services.dispensing import dispense
from release.services.hand_over import hand_over
from release.services.overlays import apply_overlay, destroy_overlay, print_overlay
from release.tables.decisions import DecisionRow
from release.tables.destructions import DestructionRow
from release.tables.dispensing import DispensingRow, HandOverRow, OrderRow
from release.tables.supply import OverlayRow, SupplyRow
from tests.integration.labels.factory import reprint_one
from tests.integration.release.giving_factory import (
    cancel,
    change,
    check,
    checked_order,
    dispensed,
    disposition,
    entered,
    give_out,
    giving_installation,  # noqa: F401
    new_patient,
    new_product,
    on_the_ward,
    order,
    refused,
    scan,
    supplied_product,
    take_back,
    to_the_ward,
    weigh,
)
from tests.places import along


@pytest.fixture
def patient(giving):
    return along(giving, "patient", lambda: new_patient(giving))


@pytest.fixture
def product(giving, patient):
    return along(giving, "product", lambda: new_product(giving, patient))


@pytest.fixture
def ready(giving, product):
    """A certified product, an order of today, its check met."""
    return along(giving, "checked", lambda: checked_order(giving))


def codes(answer):
    return [one.code for one in answer.decision.refusals]


def hold(giving, scope, record_id, reason="seal broken"):
    with unit_of_work(giving.database, SYSTEM, "test.hold") as work:
        set_hold(work, scope, record_id, cause="person", reason=reason)


def rows(giving, table):
    with giving.database.reading() as session:
        return list(session.execute(sa.select(table).order_by(table.id)).scalars())


@pytest.mark.req("DSP-SCAN")
def test_a_good_scan_allows_and_is_kept_with_its_trail_row(giving, product, ready):
    answer = scan(giving, product)
    assert (answer.row.verdict, codes(answer)) == ("ALLOW", [])
    assert answer.row.valid_until == giving.now + timedelta(seconds=60)
    assert answer.minutes_left == 23 * 60
    with giving.database.reading() as session:
        last = session.execute(sa.select(TrailRow).order_by(TrailRow.seq.desc()).limit(1)).scalar_one()
    assert last.action == "container.scan"
    assert answer.row.id in last.payload


def test_results_pending_are_a_verdict_of_their_own(giving, patient):
    product = new_product(giving, patient, state="certified_pending")
    check(giving, order(giving))
    assert scan(giving, product).row.verdict == "ALLOW_CONDITIONAL"


@pytest.mark.req("DSP-GUARD", "QC-LATE-OOS")
def test_a_culture_that_grew_stops_scan_hand_over_and_bedside_before_it_is_verified(giving, patient):
    product = new_product(giving, patient, state="certified_pending")
    row = dispensed(giving, product)
    entered(giving, product, "final_negative", 1)
    assert "RESULT_FAILS_UNVERIFIED" not in codes(scan(giving, product))
    entered(giving, product, "positive", 2)
    fails = ["RESULT_FAILS_UNVERIFIED"]
    assert refused(to_the_ward, giving, row) == fails
    for place in ("pharmacy", "bedside"):
        assert codes(scan(giving, product, by=giving.nurse, place=place)).count(*fails) == 1, place


def fault_of(name, giving, patient, product, ready):
    """One fault in the records (or in what is scanned); returns what to scan."""
    faults = {
        "quarantine": lambda: disposition(giving, product, status="quarantine"),
        "rejected": lambda: disposition(giving, product, status="rejected"),
        "late": lambda: disposition(giving, product, status="late_oos"),
        "sponsor": lambda: disposition(giving, product, sponsor_released=False),
        "batch held": lambda: hold(giving, "batch", product.batch_id),
        "container held": lambda: hold(giving, "container", product.container_id),
        "collection held": lambda: hold(giving, "collection", patient.collection_id),
        "subject held": lambda: hold(giving, "subject", patient.id),
        "trial held": lambda: hold(giving, "trial", giving.trial_id),
        "order gone": lambda: change(giving, OrderRow, ready.id, status="cancelled"),
        "order of tomorrow": lambda: change(giving, OrderRow, ready.id, infusion_on=giving.today + timedelta(days=1)),
        "check failed": lambda: check(giving, ready, gvhd_grade=2),
        "heavier": lambda: weigh(giving, patient, "34"),
    }
    faults[name]()


@pytest.mark.req("DSP-GUARD", "ATMP-11-QUAR")
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("quarantine", "NOT_CERTIFIED"),
        ("rejected", "BATCH_REJECTED"),
        ("late", "LATE_OOS"),
        ("sponsor", "NOT_SPONSOR_RELEASED"),
        ("batch held", "BATCH_ON_HOLD"),
        ("container held", "BATCH_ON_HOLD"),
        ("collection held", "BATCH_ON_HOLD"),
        ("subject held", "BATCH_ON_HOLD"),
        ("trial held", "TRIAL_ON_HOLD"),
        ("order gone", "ORDER_MISSING"),
        ("order of tomorrow", "ORDER_MISSING"),
        ("check failed", "ELIGIBILITY_FAILED"),
        ("heavier", "WEIGHT_CHANGED"),
    ],
)
@pytest.mark.every_case
def test_one_fault_in_the_records_gives_exactly_its_reason(giving, patient, product, ready, fault, code):
    fault_of(fault, giving, patient, product, ready)
    answer = scan(giving, product)
    assert (answer.row.verdict, codes(answer)) == ("DENY", [code])
    assert json.loads(answer.row.reasons)[0]["code"] == code


def test_wrong_subject_unknown_code_and_nothing_scanned(giving, product, ready):
    new_patient(giving, "NK-04")
    for text, code in (
        ("NK-04", "SUBJECT_MISMATCH"),
        ("", "SUBJECT_NOT_READ"),
        ("123456782 wristband", "SUBJECT_NOT_READ"),
    ):
        answer = scan(giving, product, text)
        assert codes(answer) == [code]
        assert "wristband" not in answer.row.reasons


@pytest.mark.req("DSP-EXP")
def test_the_last_instant_counts(giving, patient):
    product = new_product(giving, patient, hours=6)
    check(giving, order(giving))
    giving.database.clock.advance(timedelta(hours=5) - timedelta(seconds=1))
    assert codes(scan(giving, product)) == []
    giving.database.clock.advance(timedelta(seconds=1))
    assert codes(scan(giving, product)) == ["PRODUCT_EXPIRED"]


def test_a_weight_older_than_its_maximum_age_stops(giving):
    old = new_patient(giving, "NK-07", kg=None)
    weigh(giving, old, "30", days_old=8)
    product = new_product(giving, old)
    check(giving, order(giving, "NK-07"))
    assert codes(scan(giving, product, "NK-07")) == ["WEIGHT_STALE"]


@pytest.mark.parametrize(("volume", "found"), [("1500", []), ("1501", ["VERDICT_FAILED"])])
def test_a_verdict_that_fails_with_this_order_stops(giving, product, volume, found):
    """0.1 EU/mL in one hour for 30 kg: 5 EU/kg/h at 1500 mL."""
    check(giving, order(giving, volume_ml=Decimal(volume)))
    assert codes(scan(giving, product)) == found


def test_records_that_do_not_verify_stop(giving, product, ready, monkeypatch):
    monkeypatch.setattr(ports.integrity_faults, "answer", lambda _session, _batch: ["signature of step 3"])
    assert codes(scan(giving, product)) == ["INTEGRITY_FAILURE"]


def test_a_restored_database_stops(giving, product, ready):
    giving.database.remember_head(10**9, "f" * 64, anew=True)
    assert codes(scan(giving, product)) == ["DB_BEHIND_RECEIPT"]


def test_a_reprinted_label_leaves_the_old_print_dead(giving, product, ready):
    with giving.database.reading() as session:
        old = applied_label(session, product.container_id)
    reprint_one(giving, old)
    assert codes(scan(giving, product)) == ["LABEL_VOID"]


def test_a_code_of_another_kind_is_told_as_such_and_not_kept(giving, product, ready):
    answer = scan(giving, product, label="https://example.org/J.Jansen")
    assert codes(answer) == ["NOT_A_LABEL"]
    assert "Jansen" not in answer.row.reasons


@pytest.mark.req("QR-3")
def test_a_typed_number_needs_a_second_person(giving, product, ready):
    assert codes(scan(giving, product, label=product.short_number)) == ["SECOND_PERSON_NEEDED"]
    answer = scan(giving, product, label=product.short_number, second=True)
    assert (answer.row.verdict, answer.row.typed) == ("ALLOW", True)
    assert give_out(giving, answer).container_id == product.container_id


@pytest.mark.req("DSP-2P")
def test_dispensing_signs_twice_and_closes_the_order(giving, product, ready):
    row = give_out(giving, scan(giving, product))
    with giving.database.reading() as session:
        found = session.get_one(OrderRow, ready.id)
        signed = session.execute(sa.select(SignatureRow).where(SignatureRow.record_id == row.id)).scalars().all()
    assert (found.status, found.container_id) == ("dispensed", product.container_id)
    assert {(one.meaning, one.signer_id) for one in signed} == {
        ("dispensed", giving.pharmacist.id),
        ("second check", giving.pharmacist2.id),
    }
    assert not row.conditional


@pytest.mark.req("S7")
@pytest.mark.parametrize(
    ("people", "code"),
    [
        (("pharmacist", "pharmacist"), "SOD_DISPENSE"),
        (("pharmacist", "nurse"), "SECOND_ROLE_NOT_ALLOWED"),
        (("pharmacist", "qp"), None),
    ],
)
def test_the_second_checker_is_another_pharmacist_or_the_qp(giving, product, ready, people, code):
    answer = scan(giving, product)
    signers = [getattr(giving, name) for name in people]
    if code is None:
        assert give_out(giving, answer, *signers).checked_by == giving.qp.id
    else:
        assert refused(give_out, giving, answer, *signers) == [code]


@pytest.mark.req("S12")
def test_two_people_who_both_certified_may_not_dispense_alone(giving, product, ready, person):
    both = person("Ph", "QP")
    answer = scan(giving, product, by=both)
    decision = rows(giving, DecisionRow)[0]
    change(giving, DecisionRow, decision.id, decided_by=both.id)
    assert give_out(giving, answer, both, giving.pharmacist2).dispensed_by == both.id


@pytest.mark.req("S12")
def test_the_only_two_people_may_not_both_be_certifiers(giving, product, ready, person):
    both = person("Ph", "QP")
    answer = scan(giving, product, by=both)
    first = rows(giving, DecisionRow)[0]
    with unit_of_work(giving.database, SYSTEM, "test.decision") as work:
        values = {column.key: getattr(first, column.key) for column in sa.inspect(first).mapper.column_attrs}
        values |= {"id": None, "register_number": 999, "decided_by": both.id}
        values.pop("version")
        work.add(DecisionRow(**values))
    assert refused(give_out, giving, answer, both, giving.qp) == ["SOD_QP_PH"]


@pytest.mark.req("S12")
def test_who_dispensed_with_a_certifier_does_not_certify_afterwards(giving, product, ready, person):
    first, second = person("Ph", "QP"), person("Ph", "QP")
    answer = scan(giving, product, by=first)
    change(giving, DecisionRow, rows(giving, DecisionRow)[0].id, decided_by=first.id)
    row = give_out(giving, answer, first, second)
    about = (product.batch_id, DecisionKind.STAGE2)
    assert "SOD_QP_PH" in codes_against(giving, *about, second)
    assert "SOD_QP_PH" not in codes_against(giving, *about, giving.qp)
    take_back(giving, row, first, giving.pharmacist)
    assert "SOD_QP_PH" not in codes_against(giving, *about, second), "that dispensing does not stand"


def codes_against(giving, batch_id, kind, who):
    with giving.database.reading() as session:
        return {one.code for one in certification_refusals(session, batch_id, kind, who.id, giving.now)}


@pytest.mark.req("DSP-RACE")
def test_a_hold_set_between_scan_and_signature_wins(giving, product, ready):
    answer = scan(giving, product)
    hold(giving, "batch", product.batch_id)
    assert refused(give_out, giving, answer) == ["BATCH_ON_HOLD"]
    assert rows(giving, DispensingRow) == []


@pytest.mark.req("DSP-RACE")
def test_another_allowing_verdict_than_the_one_scanned_gives_nothing_out(giving, patient):
    """The record keeps the verdict of the scan: it would say for ever that results were pending."""
    product = new_product(giving, patient, state="certified_pending")
    checked_order(giving)
    answer = scan(giving, product)
    disposition(giving, product, status="certified_final")
    assert refused(give_out, giving, answer) == ["DECISION_EXPIRED"]
    assert not give_out(giving, scan(giving, product)).conditional


@pytest.mark.req("DSP-RACE")
def test_an_order_written_anew_since_the_scan_gives_nothing_out(giving, product, ready):
    answer = scan(giving, product)
    cancel(giving, ready)
    checked_order(giving)
    assert refused(give_out, giving, answer) == ["DECISION_EXPIRED"]
    assert rows(giving, DispensingRow) == []
    assert give_out(giving, scan(giving, product)).container_id == product.container_id


@pytest.mark.req("SIG-WYSIWYS")
def test_a_weight_within_the_tolerance_after_the_page_was_shown_makes_it_stale(giving, patient, product, ready):
    answer = scan(giving, product)
    with giving.database.reading() as session:
        seen = digest(dispense_content(session, answer.row.id))
    weigh(giving, patient, "30.5")
    signers = (giving.pharmacist, giving.pharmacist2)
    with (
        pytest.raises(Refused) as caught,
        unit_of_work(giving.database, signers[0], "container.dispense", signers=signers, seen=seen) as work,
    ):
        dispense(work, answer.row.id)
    assert [one.code for one in caught.value.refusals] == ["STALE_VERSION"]


def test_a_scan_is_no_ticket(giving, product, ready, person):
    answer = scan(giving, product)
    assert refused(give_out, giving, answer, giving.pharmacist2, giving.pharmacist) == ["DECISION_EXPIRED"]
    giving.database.clock.advance(timedelta(seconds=61))
    assert refused(give_out, giving, answer) == ["DECISION_EXPIRED"]
    denied = scan(giving, product, "NK-99")
    assert refused(give_out, giving, denied) == ["DECISION_EXPIRED"]
    bedside = scan(giving, product, place="bedside")
    assert refused(give_out, giving, bedside) == ["DECISION_EXPIRED"]
    unknown = scan(giving, product, label="nothing")
    assert refused(give_out, giving, unknown) == ["DECISION_EXPIRED"]


@pytest.mark.req("DSP-RACE")
def test_already_dispensed_outranks_an_old_scan_and_a_stale_page(giving, product, ready):
    first, second = scan(giving, product), scan(giving, product)
    give_out(giving, first)
    giving.database.clock.advance(timedelta(minutes=5))
    assert refused(give_out, giving, second) == ["ALREADY_DISPENSED"]
    assert "ALREADY_DISPENSED" in codes(scan(giving, product))


@pytest.mark.req("DSP-RACE", "P11-10f")
def test_eight_at_once_dispense_one_container_once(giving, product, ready):
    answers = [scan(giving, product) for _ in range(8)]
    outcomes = []
    start = threading.Barrier(8)

    def one(answer):
        start.wait()
        try:
            give_out(giving, answer)
            outcomes.append("done")
        except Refused as refusal:
            outcomes.append(refusal.refusals[0].code)

    threads = [threading.Thread(target=one, args=(answer,)) for answer in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ALREADY_DISPENSED"] * 7 + ["done"]
    assert len(rows(giving, DispensingRow)) == 1


def test_the_index_alone_would_refuse_a_second_dispensing(giving, product, ready, monkeypatch):
    first, second = scan(giving, product), scan(giving, product)
    give_out(giving, first)
    monkeypatch.setattr(service, "already_dispensed", lambda _session, _container: ())
    monkeypatch.setattr(service, "decide", lambda *_: service.ScanDecision("ALLOW", (), (), ()))
    monkeypatch.setattr(service, "again", lambda *_: first.found)
    assert refused(give_out, giving, second) == ["ALREADY_DISPENSED"]


def test_a_cancelled_dispensing_frees_the_container_and_ends_the_order(giving, product, ready):
    row = give_out(giving, scan(giving, product))
    gone = take_back(giving, row)
    assert (gone.cancelled_by, gone.cancel_checked_by) == (giving.pharmacist.id, giving.pharmacist2.id)
    again = order(giving)
    check(giving, again)
    second = give_out(giving, scan(giving, product))
    assert second.id != row.id
    assert len(rows(giving, DispensingRow)) == 2
    with giving.database.reading() as session:
        assert session.get_one(OrderRow, ready.id).status == "cancelled"


@pytest.mark.req("S7")
@pytest.mark.parametrize(("second", "code"), [("pharmacist", "SOD_DISPENSE"), ("nurse", "SECOND_ROLE_NOT_ALLOWED")])
def test_a_dispensing_is_cancelled_by_two_who_may_check_one(giving, product, ready, second, code):
    row = give_out(giving, scan(giving, product))
    assert refused(take_back, giving, row, giving.pharmacist, getattr(giving, second)) == [code]
    assert rows(giving, DispensingRow)[0].cancelled_at is None


def test_after_the_hand_over_nothing_returns(giving, product, ready):
    row = give_out(giving, scan(giving, product))
    to_the_ward(giving, row)
    assert refused(take_back, giving, row) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("DSP-HAND")
def test_the_hand_over_names_who_gave_and_who_received(giving, product):
    row = to_the_ward(giving, dispensed(giving, product))
    assert (row.handed_over_by, row.received_by) == (giving.pharmacist.id, giving.nurse.id)


@pytest.mark.req("DSP-HAND", "P11-10f")
def test_what_was_handed_over_is_not_handed_over_again(giving, product, ready):
    row = give_out(giving, scan(giving, product))
    to_the_ward(giving, row)
    assert refused(to_the_ward, giving, row) == ["STATE_NOT_ALLOWED"]
    assert len(rows(giving, HandOverRow)) == 1


def test_a_dispensing_that_was_taken_back_is_not_handed_over(giving, product, ready):
    row = give_out(giving, scan(giving, product))
    take_back(giving, row)
    assert refused(to_the_ward, giving, row) == ["STATE_NOT_ALLOWED"]


def test_a_blocked_dispensing_is_not_handed_over_until_its_cause_is_cleared(giving, product):
    row = dispensed(giving, product)
    hold(giving, "batch", product.batch_id)
    assert refused(to_the_ward, giving, row) == ["BATCH_ON_HOLD"]
    with unit_of_work(giving.database, SYSTEM, "test.lift") as work:
        lift_system_holds(work, "batch", product.batch_id, cause="person", reason="cleared")
    assert to_the_ward(giving, row).received_by == giving.nurse.id


@pytest.mark.req("SIG-WYSIWYS", "DSP-HAND")
def test_what_changed_after_the_page_of_the_hand_over_was_shown_hands_nothing_over(giving, patient, product):
    row = dispensed(giving, product)
    with giving.database.reading() as session:
        shown = dispensing_content(session, row.id)
    weigh(giving, patient, "30.5")
    handed = {"handed_over_at": giving.now, "temperature_c": Decimal(20), "condition": "intact", "transport_box": "B"}

    def with_the_old_page():
        people = (giving.pharmacist, giving.nurse)
        with giving.act("dispensing.hand_over", *people, content=lambda _session: shown) as work:
            hand_over(work, row.id, **handed)

    assert refused(with_the_old_page) == ["STALE_VERSION"]
    assert rows(giving, HandOverRow) == []


@pytest.mark.req("DSP-GUARD", "DSP-REM")
def test_a_container_that_was_destroyed_since_is_not_handed_over(giving, product):
    row = dispensed(giving, product)
    gone = {"volume_ml": Decimal(100), "lost_ml": Decimal(0), "method": "autoclaved", "reason": "the bag leaked"}
    two = {"destroyed_by": giving.pharmacist.id, "witnessed_by": giving.pharmacist2.id, "destroyed_at": giving.now}
    with unit_of_work(giving.database, SYSTEM, "test.destroyed") as work:
        work.add(DestructionRow(container_id=product.container_id, batch_id=product.batch_id, **gone, **two))
    assert refused(to_the_ward, giving, row) == ["CONTAINER_DESTROYED"]


@pytest.mark.req("DSP-TEMP", "DSP-HAND", "ATMP-HOLD")
def test_a_reading_out_of_the_storage_temperature_holds_the_container_and_hands_nothing_over(giving, product):
    row = dispensed(giving, product)
    assert to_the_ward(giving, row, temperature_c=Decimal("25.1")) is None
    (held,) = [one for one in rows(giving, HoldRow) if one.cause == "temperature"]
    assert (held.scope, held.record_id, held.set_by) == ("container", product.container_id, "system")
    (deviation,) = rows(giving, DeviationRow)
    assert (deviation.classification, deviation.raised_by) == ("major", giving.pharmacist.id)
    assert "25.1 °C" in deviation.description
    assert rows(giving, HandOverRow) == []
    assert refused(to_the_ward, giving, row) == ["BATCH_ON_HOLD"]
    with unit_of_work(giving.database, SYSTEM, "test.lift") as work:
        lift_system_holds(work, "container", product.container_id, cause="temperature", reason="the probe was wrong")
    assert to_the_ward(giving, row).temperature_c == Decimal(20)


@pytest.mark.parametrize(("changes", "code"), [({"minutes": 1}, "FUTURE_TIME"), ({"minutes": -1}, "TIME_ORDER")])
def test_the_time_of_the_hand_over_is_a_real_one(giving, product, changes, code):
    row = dispensed(giving, product)
    assert refused(to_the_ward, giving, row, handed_over_at=giving.now + timedelta(**changes)) == [code]


def test_the_receiver_is_of_the_ward_and_somebody_else(giving, product, person):
    row, both = dispensed(giving, product), person("Ph", "N")
    assert refused(to_the_ward, giving, row, giving.pharmacist, giving.pharmacist2) == ["SECOND_ROLE_NOT_ALLOWED"]
    assert refused(to_the_ward, giving, row, both, both) == ["SOD_SECOND"]


def test_the_bedside_scan_checks_again(giving, product):
    row = on_the_ward(giving, product)
    at_bed = lambda: codes(scan(giving, product, by=giving.nurse, place="bedside"))  # noqa: E731
    assert at_bed() == []
    hold(giving, "subject", rows(giving, SubjectRow)[0].id, "fever")
    assert at_bed() == ["BATCH_ON_HOLD"]
    assert row.cancelled_at is None


def test_past_midnight_the_eligibility_is_stale_at_the_bedside(giving, patient):
    product = new_product(giving, patient, hours=30)
    on_the_ward(giving, product)
    giving.database.clock.advance(timedelta(hours=14))
    found = codes(scan(giving, product, by=giving.nurse, place="bedside"))
    assert set(found) == {"ELIGIBILITY_STALE"}


def test_a_container_that_was_never_dispensed_is_not_infused(giving, product, ready):
    assert codes(scan(giving, product, by=giving.nurse, place="bedside")) == ["NOT_HANDED_OVER"]


def test_what_was_scanned_is_not_on_the_trail(giving, product, ready):
    scan(giving, product, "wristband of the child in bed 4")
    with giving.database.reading() as session:
        payloads = session.execute(sa.select(TrailRow.payload)).scalars().all()
    assert not any("wristband" in payload or product.payload in payload for payload in payloads[-1:])


@pytest.fixture
def supplied(giving, patient):
    made = along(giving, "supplied", lambda: supplied_product(giving, patient))
    along(giving, "checked", lambda: checked_order(giving))
    return made


@pytest.mark.req("ATMP-11.54b", "ATMP-11.5-LABEL", "TR-OOSFLAG", "DSP-SCAN")
def test_out_of_specification_is_its_own_verdict_and_leaves_only_with_an_explicit_word(giving, supplied):
    answer = scan(giving, supplied)
    assert (answer.row.verdict, codes(answer)) == ("ALLOW_OOS", [])
    assert refused(give_out, giving, answer) == ["OOS_NOT_ACKNOWLEDGED"]
    assert refused(give_out, giving, answer, oos_acknowledged=False) == ["OOS_NOT_ACKNOWLEDGED"]
    row = give_out(giving, answer, oos_acknowledged=True)
    assert (row.out_of_specification, row.conditional) == (True, False)
    with giving.database.reading() as session:
        told = dispense_content(session, answer.row.id)["out of specification"]
    assert told["statement"].startswith("OUT OF SPECIFICATION – supplied at the request")
    assert told["failed"] == ["NK cells (CD56+CD3-) of viable CD45+: 60 %"]
    assert [one["by"] for one in told["signatures"]] == [
        giving.physician.name,
        giving.qa.name,
        giving.qp.name,
        giving.physician.name,
    ]


@pytest.mark.req("ATMP-11.5-SCOPE")
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (lambda g, m, p: change(g, SupplyRow, m.supply_id, status="supply_withdrawn"), "SUPPLY_NOT_IN_FORCE"),
        (lambda g, m, p: change(g, SupplyRow, m.supply_id, named="[]"), "SUPPLY_STALE"),
        (lambda g, m, p: hold(g, "batch", m.batch_id), "BATCH_ON_HOLD"),
        (lambda g, m, p: hold(g, "trial", g.trial_id), "TRIAL_ON_HOLD"),
        (lambda g, m, p: disposition(g, m, status="rejected"), "BATCH_REJECTED"),
        (lambda g, m, p: weigh(g, p, "36"), "SUPPLY_STALE"),
        (lambda g, m, p: g.database.clock.advance(timedelta(hours=23, minutes=30)), "PRODUCT_EXPIRED"),
    ],
)
@pytest.mark.every_case
def test_the_supply_of_a_container_stops_for_every_other_reason(giving, patient, supplied, fault, expected):
    fault(giving, supplied, patient)
    answer = scan(giving, supplied)
    assert answer.row.verdict == "DENY"
    assert expected in codes(answer)


@pytest.mark.req("S12")
def test_the_qp_who_agreed_to_the_supply_counts_as_who_certified_it(giving, supplied):
    with giving.database.reading() as session:
        assert giving.qp.id in certifiers_of(session, supplied.batch_id)


@pytest.mark.req("ATMP-11.54b")
def test_a_request_withdrawn_on_the_way_stops_the_hand_over_and_the_infusion(giving, supplied):
    row = give_out(giving, scan(giving, supplied), oos_acknowledged=True)
    change(giving, SupplyRow, supplied.supply_id, status="supply_withdrawn")
    assert "SUPPLY_NOT_IN_FORCE" in refused(to_the_ward, giving, row)
    change(giving, SupplyRow, supplied.supply_id, status="supply_in_force")
    to_the_ward(giving, row)
    assert scan(giving, supplied, by=giving.nurse, place="bedside").row.verdict == "ALLOW_OOS"
    change(giving, SupplyRow, supplied.supply_id, status="supply_withdrawn")
    assert scan(giving, supplied, by=giving.nurse, place="bedside").row.verdict == "DENY"


def on_overlay(giving, service, overlay, *signers, reason=None, **fields):
    people = signers or (giving.pharmacist, giving.pharmacist2)
    with giving.act("overlay.do", *people, content=lambda s: overlay_content(s, overlay.id), reason=reason) as work:
        return service(work, overlay.id, **fields)


def print_one(giving, made, by=None):
    content = lambda s: overlay_print_content(s, made.container_id)  # noqa: E731
    with giving.act("overlay.print", by or giving.pharmacist, content=content) as work:
        return print_overlay(work, made.container_id)


@pytest.mark.req("ATMP-11.5-LABEL", "LBL-SERIAL")
def test_without_its_overlay_nothing_out_of_specification_leaves_and_each_overlay_is_accounted_for(giving, supplied):
    (old,) = rows(giving, OverlayRow)
    assert refused(print_one, giving, supplied) == ["OVERLAY_OPEN"]
    assert refused(on_overlay, giving, destroy_overlay, old, reason="no") == ["MISSING_REASON"]
    on_overlay(giving, destroy_overlay, old, reason="it was torn while it was put on")
    assert codes(scan(giving, supplied)) == ["OVERLAY_MISSING"]
    new = print_one(giving, supplied)
    assert (new.number, new.status) == (f"{supplied.number}-01-X2", "overlay_printed")
    assert codes(scan(giving, supplied)) == ["OVERLAY_MISSING"]
    label = {"label_code": supplied.payload}
    assert refused(on_overlay, giving, apply_overlay, new, giving.pharmacist, giving.pharmacist, **label) == [
        "SOD_SECOND"
    ]
    nurse = (giving.pharmacist, giving.nurse)
    assert refused(on_overlay, giving, apply_overlay, new, *nurse, **label) == ["SECOND_ROLE_NOT_ALLOWED"]
    assert refused(on_overlay, giving, apply_overlay, new, label_code=supplied.number) == ["LABEL_CONTAINER"]
    on_overlay(giving, apply_overlay, new, **label)
    assert scan(giving, supplied).row.verdict == "ALLOW_OOS"
    states = {one.number[-2:]: one.status for one in rows(giving, OverlayRow)}
    assert states == {"X1": "overlay_destroyed", "X2": "overlay_applied"}


@pytest.mark.req("ATMP-11.5-LABEL")
def test_an_overlay_that_was_printed_for_another_supply_is_not_put_on(giving, supplied):
    other = supplied_product(giving, new_patient(giving, "NK-04"))
    old = next(one for one in rows(giving, OverlayRow) if one.container_id == supplied.container_id)
    on_overlay(giving, destroy_overlay, old, reason="it was torn while it was put on")
    new = print_one(giving, supplied)
    change(giving, OverlayRow, new.id, supply_id=other.supply_id)
    assert refused(on_overlay, giving, apply_overlay, new, label_code=supplied.payload) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-11.5-LABEL")
def test_an_overlay_of_an_earlier_supply_speaks_for_no_other_and_waits_to_be_destroyed(giving, supplied):
    (row,) = rows(giving, OverlayRow)
    change(giving, SupplyRow, supplied.supply_id, status="supply_withdrawn")
    with giving.database.reading() as session:
        assert [one.id for one in overlays_to_destroy(session)] == [row.id]
        other = SupplyRow(id="another", batch_id=supplied.batch_id)
        assert not is_overlaid(session, supplied.container_id, other)
    on_overlay(giving, destroy_overlay, row, reason="the physician withdrew the request")
    assert refused(print_one, giving, supplied) == ["SUPPLY_NOT_IN_FORCE"]
