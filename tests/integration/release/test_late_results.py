"""A culture that grows after the certification: whatever is left is stopped in that act, wherever it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.work import SYSTEM, unit_of_work
from manufacturing.domain.batches import BatchStatus
from manufacturing.services.holds import lift_system_hold, set_hold
from manufacturing.tables.batches import BatchRow
from release.domain.dispensing import HAND_OVER_GUARDS, decide
from release.pages.dispensing import show_pending
from release.pages.late_results import pharmacy_panel
from release.queries.late_results import late_content
from release.queries.scanning import product_facts
from release.queries.testing import content_of_test, required_tests
from release.queries.verifying import verify_content
from release.services.testing import conclude_culture, verify_result
from release.tables.dispensing import DispensingRow
from tests.integration.release.giving_factory import (
    checked_order,
    dispensed,
    giving_installation,  # noqa: F401
    infused,
    new_patient,
    new_product,
    on_the_ward,
    scan,
)
from tests.integration.release.recalling import reachable, viewer_of


def codes(answer):
    return [one.code for one in answer.decision.refusals]


def product_of(giving, code):
    return new_product(giving, new_patient(giving, code), state="certified_pending")


def grow(giving, product):
    """The culture is read positive and verified: the act that has to stop everything."""
    with giving.database.reading() as session:
        test_id = next(one.id for one in required_tests(session, product.batch_id) if one.criterion == "sterility")
    reading = {"reading": "positive", "read_at": giving.now, "method": "BacT", "raw_data_reference": "RAW-9"}
    with giving.act("sterility.conclude", giving.technician, content=lambda s: content_of_test(s, test_id)) as work:
        conclude_culture(work, test_id, **reading)
    with giving.act("result.verify", giving.colleague, content=lambda s: verify_content(s, test_id)) as work:
        verify_result(work, test_id, raw_data_seen=True)


def at_hand_over(giving, row):
    with giving.database.reading() as session:
        dispensing = session.get_one(DispensingRow, row.id)
        facts = product_facts(giving.database, session, dispensing, giving.now)
    return [one.code for one in decide(facts, giving.now, HAND_OVER_GUARDS).refusals]


@pytest.mark.req("QC-LATE-OOS", "LBL-STATUS", "ATMP-11.3.2-4")
@pytest.mark.parametrize("where", ["pharmacy", "dispensed", "ward"])
def test_what_was_not_infused_is_refused_wherever_it_is_when_the_culture_has_grown(giving, where):
    product = product_of(giving, "NK-03")
    reach = {"pharmacy": lambda: checked_order(giving), "dispensed": lambda: dispensed(giving, product)}
    row = reach.get(where, lambda: on_the_ward(giving, product))()

    def answer():
        if where == "dispensed":
            return at_hand_over(giving, row)
        who = giving.pharmacist if where == "pharmacy" else giving.nurse
        return codes(scan(giving, product, by=who, place="pharmacy" if where == "pharmacy" else "bedside"))

    assert answer() == []
    grow(giving, product)
    assert {"LATE_OOS", "BATCH_ON_HOLD"} <= set(answer())


@pytest.mark.req("QC-LATE-OOS", "DSP-LATE")
def test_the_pharmacy_sees_what_left_with_results_pending_and_the_alarm_beside_its_scan(giving):
    product = product_of(giving, "NK-03")
    infused(giving, product)
    pharmacist, nurse = viewer_of(giving, giving.pharmacist), viewer_of(giving, giving.nurse)
    with giving.database.reading() as session:
        shown = pharmacy_panel(session, pharmacist)
        assert pharmacy_panel(session, nurse) is None
    assert [one["subject"] for one in shown["dispensings"]] == ["NK-03"]
    assert shown["late"] == []
    reachable(giving.database, "physician", "pager 5512")
    grow(giving, product)
    with giving.database.reading() as session:
        shown = pharmacy_panel(session, pharmacist)
        (alert,) = shown["late"]
        page = show_pending(session, pharmacist)
        content = late_content(session, alert["id"])
    assert ([one["id"] for one in page["late"]], page["dispensings"]) == ([alert["id"]], shown["dispensings"])
    reached = {one["role"]: one["channels"] for one in alert["waiting"]}
    assert reached == {"Dr": ["pager 5512 (day and night)"], "Ph": [], "QP": [], "Sp": []}
    assert (alert["subject"], shown["dispensings"][0]["disposition"]) == ("NK-03", "late_oos")
    assert [(one["container"], one["way"]) for one in content["containers"]] == [(f"{product.number}-01", "infused")]


@pytest.mark.req("LBL-STATUS")
def test_one_print_answers_with_the_status_of_the_moment_and_never_with_what_it_said_before(giving):
    product = new_product(giving, new_patient(giving, "NK-03"))
    checked_order(giving)
    assert codes(scan(giving, product)) == []
    with unit_of_work(giving.database, SYSTEM, "test.hold") as work:
        hold = set_hold(work, "container", product.container_id, cause="temperature", reason="9.4 °C in the box")
    assert codes(scan(giving, product)) == ["BATCH_ON_HOLD"]
    with unit_of_work(giving.database, SYSTEM, "test.lift") as work:
        lift_system_hold(work, hold.id, "assessed")
    assert codes(scan(giving, product)) == []
    with unit_of_work(giving.database, SYSTEM, "test.open") as work:
        work.lock(BatchRow, product.batch_id).status = BatchStatus.RETURNED_FOR_CORRECTION
    assert codes(scan(giving, product)) == ["RECORD_UNDER_CORRECTION"]
    giving.database.clock.advance(timedelta(hours=24))
    assert "PRODUCT_EXPIRED" in codes(scan(giving, product))
