"""The physician's check of the day is copied from paper, and allows what was dispensed after it (DSP-DOWN, DSP-ELIG-1)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.files.queries import files_of
from kernel.signatures import SignatureRow
from manufacturing.queries.batches import deviations_of
from release.queries.dispensing import dispensing_of_order
from release.queries.downtime import entries_of_order, entry_views, get_kit, open_sheets
from release.queries.order_views import order_view
from release.services.downtime import account_for_kit
from release.services.downtime_checks import enter_check
from release.tables.dispensing import EligibilityRow
from tests.integration.release.giving_factory import (
    GOOD_DAY,
    check,
    checked_order,
    dispensed,
    giving_installation,  # noqa: F401
    new_patient,
    new_product,
    order,
    refused,
    scan,
)
from tests.integration.release.test_downtime import (
    ORDERED,
    codes,
    entering,
    infused_of,
    paper_dispensing,
    paper_hand_over,
    paper_infusion,
    printed,
    sheet,
)
from tests.places import along

MINUTE = timedelta(minutes=1)
DAYS = ("marrow_assessed_on", "circulating_assessed_on", "neutrophils_assessed_on")


def paper_check(giving, kit, *, at=None, people=None, code="NK-03", **changes):
    fields = {
        "subject_code": code,
        "checked_at": at or giving.now,
        "performed_by": giving.physician.id,
        "file": sheet(9),
        **GOOD_DAY,
        **dict.fromkeys(DAYS, giving.today),
        **changes,
    }
    with entering(giving, kit, *(people or (giving.physician, giving.nurse))) as work:
        return enter_check(work, kit.id, **fields)


@pytest.fixture
def product(giving):
    return along(giving, "patient and product", lambda: new_product(giving, new_patient(giving)))


@pytest.fixture
def kit(giving, product):
    found = printed(giving)
    giving.database.clock.advance(30 * MINUTE)
    return found


def status_of(giving, row):
    with giving.database.reading() as session:
        return order_view(session, row.id)["status"]


@pytest.mark.req("DSP-DOWN", "DSP-ELIG-1")
def test_a_check_on_paper_lets_what_was_dispensed_after_it_count_as_on_the_screen(giving, product, kit):
    """The order too was written on paper, and comes with the check."""
    assert refused(paper_check, giving, kit) == ["MISSING_FIELD"] * 4
    checked = paper_check(giving, kit, ordered_by=giving.physician.id, **ORDERED)
    at = giving.now
    giving.database.clock.advance(20 * MINUTE)
    entry = paper_dispensing(giving, kit, product, at=at + 5 * MINUTE)
    entries = (checked, entry, paper_hand_over(giving, kit, entry), paper_infusion(giving, kit, entry, product))
    assert [codes(one) for one in entries] == [[], [], [], []]
    with giving.database.reading() as session:
        row = session.get_one(EligibilityRow, checked.record_id)
        assert (row.checked_at, row.checked_by) == (at, giving.physician.id)
        assert {one.order_id for one in entries_of_order(session, row.order_id)} == {row.order_id}
        assert len(entries_of_order(session, row.order_id)) == 4
        assert [one.filename for one in files_of(session, "downtime_entry", checked.id)] == ["sheet-9.pdf"]
        signed = session.query(SignatureRow).filter_by(record_id=row.id).all()
        assert {(one.meaning, one.signer_id) for one in signed} == {
            ("entered from paper", giving.physician.id),
            ("compared with the paper", giving.nurse.id),
        }
        assert deviations_of(session, product.batch_id) == []
    assert infused_of(giving) == ["NK-03"]


@pytest.mark.req("DSP-DOWN", "DSP-ELIG-1")
def test_a_check_dated_after_a_dispensing_has_not_allowed_it_in_whatever_order_they_are_entered(giving, product, kit):
    written, early = order(giving), giving.now
    giving.database.clock.advance(30 * MINUTE)
    paper_check(giving, kit, at=early + 10 * MINUTE)
    assert status_of(giving, written) == "eligible"
    entry = paper_dispensing(giving, kit, product, at=early + 9 * MINUTE)
    assert codes(entry) == ["ELIGIBILITY_MISSING"]
    assert refused(paper_check, giving, kit, at=early + 11 * MINUTE) == ["CHECK_TOO_LATE"]
    assert refused(paper_check, giving, kit, at=early + 10 * MINUTE) == ["CHECK_ENTERED"]
    assert codes(paper_check(giving, kit, at=early + 9 * MINUTE)) == []


@pytest.mark.req("DSP-DOWN", "DSP-ELIG-1")
def test_a_check_on_the_screen_of_afterwards_does_not_speak_for_a_dispensing_on_paper(giving, product, kit):
    written, early = order(giving), giving.now
    giving.database.clock.advance(30 * MINUTE)
    check(giving, written)
    assert codes(paper_dispensing(giving, kit, product, at=early)) == ["ELIGIBILITY_MISSING"]


@pytest.mark.req("DSP-DOWN", "DSP-ELIG-3")
def test_a_criterion_that_was_not_met_on_paper_stops_the_order_and_a_later_check_outranks_it(giving, product, kit):
    written, early = checked_order(giving), giving.now
    giving.database.clock.advance(10 * MINUTE)
    entry = paper_check(giving, kit, at=early + MINUTE, neutrophils=Decimal("0.4"))
    assert codes(entry) == []
    assert status_of(giving, written) == "ordered"
    assert "ELIGIBILITY_FAILED" in [one.code for one in scan(giving, product).decision.refusals]
    giving.database.clock.advance(MINUTE)
    check(giving, written)
    assert status_of(giving, written) == "eligible"
    paper_check(giving, kit, at=early + 2 * MINUTE, neutrophils=Decimal("0.4"))
    assert status_of(giving, written) == "eligible"
    assert scan(giving, product).decision.refusals == ()


@pytest.mark.req("DSP-DOWN")
@pytest.mark.parametrize(
    ("case", "code"),
    [
        ("a nurse examined", "NOT_A_PHYSICIAN"),
        ("nobody who acted signs", "DOER_NOT_SIGNING"),
        ("blood of yesterday", "ELIGIBILITY_STALE"),
        ("after the time of the kit", "KIT_OUTDATED"),
    ],
)
def test_a_check_that_nktrace_refuses_is_on_record_and_allows_nothing_unless_it_stops(giving, product, kit, case, code):
    wrong = {
        "a nurse examined": {"performed_by": giving.nurse.id},
        "nobody who acted signs": {"performed_by": giving.people["qp"].id},
        "blood of yesterday": {"neutrophils_assessed_on": giving.today - timedelta(days=1)},
        "after the time of the kit": {"at": giving.now + timedelta(hours=24)},
    }[case]
    if "at" in wrong:
        giving.database.clock.advance(timedelta(hours=24))
        wrong |= dict.fromkeys(DAYS, giving.today)
    written = order(giving)
    entry = paper_check(giving, kit, **wrong)
    assert code in codes(entry)
    assert (entry.deviation_id, status_of(giving, written)) == (None, "ordered")
    assert "ELIGIBILITY_MISSING" in [one.code for one in scan(giving, product).decision.refusals]
    giving.database.clock.advance(MINUTE)
    check(giving, written)
    giving.database.clock.advance(MINUTE)
    wrong.pop("at", None)
    assert paper_check(giving, kit, gvhd_grade=2, **wrong) is not None
    assert status_of(giving, written) == "ordered"
    assert "ELIGIBILITY_FAILED" in [one.code for one in scan(giving, product).decision.refusals]


@pytest.mark.req("DSP-DOWN", "TR-F2")
def test_a_failed_check_that_is_entered_after_its_dispensing_opens_a_deviation_and_keeps_the_dose_out_of_f(
    giving, product, kit
):
    dispensed_by_screen = dispensed(giving, product)
    with giving.database.reading() as session:
        out = dispensing_of_order(session, dispensed_by_screen.order_id)
    entry = paper_check(giving, kit, at=out.dispensed_at, steroids=Decimal("1.1"))
    assert codes(entry) == ["ELIGIBILITY_FAILED"]
    with giving.database.reading() as session:
        assert [one.id for one in deviations_of(session, product.batch_id)] == [entry.deviation_id]
        (view,) = entry_views(session, entries_of_order(session, out.order_id))
        assert (view["container"], view["subject"]) == (f"{product.number}-01", "NK-03")


@pytest.mark.req("DSP-DOWN", "PHE-UNIT")
def test_what_cannot_have_been_is_refused_and_a_check_is_a_sheet_that_is_counted(giving, product, kit):
    order(giving)
    before = kit.printed_at - 2 * MINUTE
    assert refused(paper_check, giving, kit, at=before) == ["TIME_ORDER"]
    assert refused(paper_check, giving, kit, at=giving.now + MINUTE) == ["FUTURE_TIME"]
    assert refused(paper_check, giving, kit, neutrophils=Decimal(500)) == ["UNIT_IMPLAUSIBLE"]
    assert refused(paper_check, giving, kit, people=(giving.physician, giving.physician)) == ["SOD_SECOND"]
    assert refused(paper_check, giving, kit, people=(giving.nurse, giving.physician)) == ["ROLE_NOT_ALLOWED"]
    with entering(giving, kit, giving.pharmacist) as work:
        account_for_kit(work, kit.id, checks=1, dispensings=0, hand_overs=0, administrations=0)
    with giving.database.reading() as session:
        assert open_sheets(session, get_kit(session, kit.id)) == 1
    paper_check(giving, kit)
    with giving.database.reading() as session:
        assert open_sheets(session, get_kit(session, kit.id)) == 0
