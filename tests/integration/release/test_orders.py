"""Orders and the check on the day of the infusion: one for each subject and day, no waiver, Amsterdam's calendar."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from kernel.canonical import digest
from kernel.documents.domain import DocumentStatus
from kernel.documents.queries import get_effective
from kernel.documents.tables import DocumentRow
from kernel.errors import Refused
from kernel.tables import SignatureRow
from kernel.work import SYSTEM, unit_of_work
from release.queries.order_views import list_orders, order_view
from release.queries.orders import order_content
from release.services.orders import cancel_order, write_order
from release.tables.dispensing import EligibilityRow, OrderRow
from tests.integration.labels.factory import document
from tests.integration.release.giving_factory import (
    PROTOCOL,
    cancel,
    change,
    check,
    giving_installation,  # noqa: F401
    new_patient,
    order,
    refused,
)


def status(giving, row):
    with giving.database.reading() as session:
        return session.get_one(OrderRow, row.id).status


def count(giving, table):
    with giving.database.reading() as session:
        return session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


@pytest.mark.req("DSP-RX")
def test_orders_are_numbered_and_signed_by_the_physician(giving):
    new_patient(giving)
    first = order(giving)
    cancel(giving, first)
    assert (first.number, order(giving).number) == ("ORD-0001", "ORD-0002")
    with giving.database.reading() as session:
        signed = session.execute(sa.select(SignatureRow).where(SignatureRow.record_id == first.id)).scalars().all()
    assert sorted((one.meaning, one.signer_id) for one in signed) == [
        ("cancelled", giving.physician.id),
        ("prescribed", giving.physician.id),
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "NK-99"}, "SUBJECT_UNKNOWN"),
        ({"volume_ml": Decimal(0)}, "ORDER_VALUE"),
        ({"volume_ml": Decimal("2000.1")}, "ORDER_VALUE"),
        ({"duration_minutes": Decimal("0.5")}, "ORDER_VALUE"),
        ({"duration_minutes": Decimal(1441)}, "ORDER_VALUE"),
        ({"infusion_on": datetime(2026, 11, 22, tzinfo=UTC).date()}, "ORDER_DAY_PAST"),
    ],
)
@pytest.mark.every_case
def test_one_fault_of_an_order_gives_exactly_its_code(giving, changes, code):
    new_patient(giving)
    assert refused(order, giving, **changes) == [code]
    assert count(giving, OrderRow) == 0


def test_only_included_subjects_with_a_weight_are_ordered_for(giving):
    new_patient(giving, "NK-04", included=False)
    new_patient(giving, "NK-05", kg=None)
    assert refused(order, giving, "NK-04") == ["SUBJECT_NOT_INCLUDED"]
    assert refused(order, giving, "NK-05") == ["WEIGHT_MISSING"]


def test_a_subject_has_one_open_order_for_a_day(giving):
    new_patient(giving)
    order(giving)
    assert refused(order, giving) == ["ORDER_OPEN"]
    assert order(giving, infusion_on=giving.today + timedelta(days=1)).number == "ORD-0002"


@pytest.mark.req("DSP-ELIG-1")
def test_a_check_that_is_met_makes_the_order_eligible(giving):
    new_patient(giving)
    row = order(giving)
    assert json.loads(check(giving, row).failed) == []
    assert status(giving, row) == "eligible"


@pytest.mark.req("DSP-ELIG-2", "DSP-ELIG-3", "DSP-ELIG-4", "DSP-ELIG-5", "DSP-ELIG-6", "DSP-ELIG-7")
@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({"marrow_blasts": Decimal(25)}, ["progressive_disease"]),
        ({"circulating_blasts": Decimal(5)}, ["progressive_disease"]),
        ({"extramedullary_progression": True}, ["progressive_disease"]),
        ({"neutrophils": Decimal("0.49")}, ["engraftment"]),
        ({"gvhd_grade": 2}, ["gvhd"]),
        ({"steroids": Decimal("1.01")}, ["steroids"]),
        ({"other_condition": True, "other_condition_text": "sepsis"}, ["other_condition"]),
        ({"gvhd_grade": 4, "steroids": Decimal(2)}, ["gvhd", "steroids"]),
        ({"marrow_blasts": Decimal("24.9"), "circulating_blasts": Decimal("4.9")}, []),
    ],
)
def test_a_failed_check_is_stored_and_signed_and_does_not_make_the_order_eligible(giving, changes, failed):
    new_patient(giving)
    row = order(giving)
    found = check(giving, row, **changes)
    assert json.loads(found.failed) == failed
    assert status(giving, row) == ("ordered" if failed else "eligible")
    with giving.database.reading() as session:
        signed = session.execute(sa.select(SignatureRow).where(SignatureRow.record_id == found.id)).scalar_one()
    assert signed.meaning == ("day-of-infusion criteria not met" if failed else "day-of-infusion criteria met")


def test_a_failed_check_takes_back_an_earlier_one(giving):
    new_patient(giving)
    row = order(giving)
    check(giving, row)
    check(giving, row, gvhd_grade=3)
    assert status(giving, row) == "ordered"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"circulating_assessed_on": datetime(2026, 11, 22, tzinfo=UTC).date()}, "ELIGIBILITY_STALE"),
        ({"neutrophils_assessed_on": datetime(2026, 11, 24, tzinfo=UTC).date()}, "ELIGIBILITY_STALE"),
        ({"other_condition": True, "other_condition_text": None}, "ELIGIBILITY_MISSING"),
    ],
)
def test_an_incomplete_check_is_not_stored(giving, changes, code):
    new_patient(giving)
    row = order(giving)
    assert refused(check, giving, row, **changes) == [code]
    assert count(giving, EligibilityRow) == 0


@pytest.mark.req("DSP-ELIG-1")
def test_the_check_belongs_to_the_calendar_day_in_amsterdam(giving):
    new_patient(giving)
    row = order(giving, infusion_on=giving.today + timedelta(days=1))
    assert refused(check, giving, row) == ["WRONG_DAY"]
    giving.database.clock.move_to(datetime(2026, 11, 23, 23, 0, tzinfo=UTC))
    tomorrow = giving.today + timedelta(days=1)
    days = dict.fromkeys(("circulating_assessed_on", "neutrophils_assessed_on"), tomorrow)
    check(giving, row, **days)
    assert status(giving, row) == "eligible"


@pytest.mark.req("DSP-ELIG-8")
def test_a_check_is_judged_by_the_protocol_in_force_and_keeps_its_version(giving):
    """A stricter draft changes nothing before it is in force, and nothing that was signed before."""
    new_patient(giving)
    row = order(giving)
    with unit_of_work(giving.database, SYSTEM, "test.draft") as work:
        old = get_effective(work.session, "protocol").id
        half = {"value": "0.5"}
        settings = [one | half if one["key"].startswith("steroids") else one for one in PROTOCOL["settings"]]
        stricter = PROTOCOL | {"settings": settings}
        new = document(work, "protocol", stricter, code="PRT", number=2, status=DocumentStatus.DRAFT).id
    first = check(giving, row, steroids=Decimal("0.9"))
    change(giving, DocumentRow, old, status=DocumentStatus.RETIRED)
    change(giving, DocumentRow, new, status=DocumentStatus.EFFECTIVE)
    second = check(giving, row, steroids=Decimal("0.9"))
    assert (json.loads(first.failed), first.protocol_document_id) == ([], old)
    assert (json.loads(second.failed), second.protocol_document_id) == (["steroids"], new)
    with giving.database.reading() as session:
        kept = session.get_one(EligibilityRow, first.id)
        assert (kept.protocol_document_id, kept.failed) == (old, "[]")


@pytest.mark.req("DSP-ELIG-5", "DSP-ELIG-6")
def test_the_version_of_the_other_registration_asks_for_immunosuppression_and_a_second_product(giving):
    """Whatever is answered is kept by the version before it too; what is left open is not stored by this one."""
    new_patient(giving)
    row = order(giving)
    until = giving.today - timedelta(days=14)
    answers = {"steroids": Decimal(0), "immunosuppression_given": True, "immunosuppression_last_on": until}
    first = check(giving, row, **answers, second_product_given=True)
    with unit_of_work(giving.database, SYSTEM, "test.version") as work:
        old = get_effective(work.session, "protocol").id
        values = {"immunosuppression": "none_within_14_days", "second_cellular_product": "excluded"}
        settings = [one | {"value": values.get(one["key"], one["value"])} for one in PROTOCOL["settings"]]
        draft = document(
            work, "protocol", PROTOCOL | {"settings": settings}, code="PRT", number=2, status=DocumentStatus.DRAFT
        ).id
    change(giving, DocumentRow, old, status=DocumentStatus.RETIRED)
    change(giving, DocumentRow, draft, status=DocumentStatus.EFFECTIVE)
    assert refused(check, giving, row) == ["ELIGIBILITY_MISSING"] * 2
    second = check(giving, row, **answers, second_product_given=True)
    after = status(giving, row)
    earlier = answers | {"immunosuppression_last_on": until - timedelta(days=1)}
    third = check(giving, row, **earlier, second_product_given=False)
    assert [json.loads(one.failed) for one in (first, second, third)] == [
        [],
        ["immunosuppression", "second_cellular_product"],
        [],
    ]
    assert (after, status(giving, row)) == ("ordered", "eligible")
    with giving.database.reading() as session:
        shown = order_view(session, row.id)["checks"]
    assert [one["immunosuppression_last_on"] for one in shown] == [until, until, until - timedelta(days=1)]


def test_a_pharmacist_cancels_an_order_too_and_a_nurse_does_not(giving):
    new_patient(giving)
    row = order(giving)
    assert refused(cancel, giving, row, by=giving.nurse) == ["ROLE_NOT_ALLOWED"]
    ended = cancel(giving, row, by=giving.pharmacist)
    assert (ended.status, ended.end_reason) == ("cancelled", "the child has a fever")


def test_a_cancelled_order_takes_no_check(giving):
    new_patient(giving)
    row = order(giving)
    cancel(giving, row)
    assert refused(check, giving, row) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("SIG-WYSIWYS")
def test_an_order_that_changed_since_it_was_shown_is_not_cancelled(giving):
    new_patient(giving)
    row = order(giving)
    with giving.database.reading() as session:
        seen = digest(order_content(session, row.id))
    check(giving, row)
    with (
        pytest.raises(Refused) as caught,
        unit_of_work(
            giving.database,
            giving.physician,
            "order.cancel",
            signers=(giving.physician,),
            seen=seen,
            reason="fever now",
        ) as work,
    ):
        cancel_order(work, row.id)
    assert [one.code for one in caught.value.refusals] == ["STALE_VERSION"]


def test_only_a_physician_orders(giving):
    with pytest.raises(Refused) as caught, unit_of_work(giving.database, giving.nurse, "order.write") as work:
        write_order(
            work,
            subject_code="NK-03",
            infusion_on=giving.today,
            volume_ml=Decimal(1),
            duration_minutes=Decimal(1),
            ward="w",
        )
    assert [one.code for one in caught.value.refusals] == ["ROLE_NOT_ALLOWED"]


def test_the_list_filters_and_the_page_of_an_order_tells_its_path(giving):
    new_patient(giving)
    new_patient(giving, "NK-04")
    row = order(giving)
    order(giving, "NK-04")
    check(giving, row)
    with giving.database.reading() as session:
        found = list_orders(session, {"status": "eligible"})
        shown = order_view(session, row.id)
        assert list_orders(session, {"subject": "NK-04"})["page"]["total"] == 1
    assert [one["number"] for one in found["orders"]] == [row.number]
    assert shown["checks"][0]["failed"] == []
    assert shown["dispensing"] is None
