"""The recall of a reagent lot that went into three batches, page by page: infused, at the ward, in the pharmacy."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from kernel.work import SYSTEM, unit_of_work
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionRow, DonorRow
from manufacturing.tables.materials import LotRow
from release.tables.dispensing import DispensingRow
from tests.integration.release.giving_factory import administer
from tests.integration.release.printing import flat

OPENED = {"recall_class": "class_1", "why": "the supplier found particles in this lot"}
ANSWER = {"answer": "set apart, the subjects are called"}
CALL = {"channel": "letter 2026-77", "called_at": "2026-11-23 09:30", "reached": "yes", "said": "reference 2026-77"}


def tasks(browser, role, act):
    """Where the Work page of this role sends somebody to do this."""
    return re.findall(rf'href="(/recalls/[^"]*/{act})"', browser(role).get("/").text)


def done(answer):
    assert answer.status_code in {200, 201, 303}, answer.text[:2000]
    return answer


@pytest.mark.on_both
@pytest.mark.req("ATMP-14-RECALL", "LBL-STATUS")
def test_a_recalled_lot_is_found_stopped_told_reconciled_and_closed(browser, lot):
    giving = lot.giving
    found = browser("QA").get(f"/recalls?find={lot.lot}").text
    assert all(f"{one.number}-01" in found for one in lot.products)
    opened = done(browser("QA").submit(f"/recalls/from/lot/{lot.lot_id}/new", OPENED))
    place = opened.headers["Location"]
    scan = {"label_code": lot.waiting.payload, "subject_code": "NK-04", "nonce": "n" * 20, "place": "bedside"}
    nurse = browser("N")
    verdict = nurse.submit("/dispense", scan, form=nurse.form("/dispense")).text
    assert "DO NOT INFUSE" in verdict
    assert "BATCH_RECALLED" in verdict
    for role, count in (("Dr", 3), ("Ph", 1), ("QP", 1), ("Sp", 1)):
        waiting = tasks(browser, role, "confirm")
        assert len(waiting) == count
        for one in waiting:
            done(browser(role).submit(one, ANSWER))
    (authority,) = tasks(browser, "QA", "call")
    giving.database.clock.advance(timedelta(minutes=40))
    done(browser("QA").submit(authority, CALL))
    with giving.database.reading() as session:
        row = session.get_one(DispensingRow, lot.dispensing_id)
    administer(giving, row, "not_administered", reason="recalled before the infusion")
    for product, where in ((lot.waiting, "returned"), (lot.kept, "in_stock")):
        account = f"{place}/units/{product.container_id}/account"
        done(browser("Ph").submit(account, {"whereabouts": where, "explanation": "fridge 2, shelf 1"}))
    (close,) = tasks(browser, "QP", "close")
    done(browser("QP").submit(close, {"cleared": "no", "conclusion": "particles of the cap; the lot is destroyed"}))
    page = html.unescape(browser("In").get(place).text)
    assert "7 of 7" in page
    assert "40 min" in page
    assert "Closed: what is left stays frozen" in page
    listed = browser("In").get(f"{place}/units.csv").text
    paper = flat(browser("In").get(f"{place}/units.pdf?language=en").data)
    assert all(f"{one.number}-01" in paper for one in lot.products)
    assert "returned" in paper
    assert "no contact on the list" in paper
    assert [line.split(",")[0].strip('"') for line in listed.splitlines()[1:]] == [
        f"{one.number}-01" for one in lot.products
    ]


@pytest.mark.req("ATMP-14-RECALL")
@pytest.mark.parametrize("scope", ["lot", "donor", "collection"])
def test_from_the_page_of_a_source_one_click_shows_what_a_recall_would_reach(browser, lot, scope):
    """The page of a device has the same panel; the browser journeys walk it."""
    with lot.giving.database.reading() as session:
        batch = session.get_one(BatchRow, lot.kept.batch_id)
        owner = {"lot": (LotRow, lot.lot_id), "donor": (DonorRow, batch.donor_id)}
        table, record_id = owner.get(scope, (CollectionRow, batch.collection_id))
        row = session.get_one(table, record_id)
        code = row.number if scope == "collection" else row.code
    link = f"/recalls?find={code}"
    assert link in browser("QA").get(f"/{scope}s/{record_id}").text
    assert f"{lot.kept.number}-01" in browser("QA").get(link).text


@pytest.mark.req("ATMP-14-RECALL")
def test_a_refusal_and_a_verdict_say_how_those_are_reached_who_can_resolve_them(browser, lot):
    contact = {"duty": "qp", "channel": "telephone 5501", "hours": "day and night", "valid_from": "2026-11-01"}
    nurse = browser("N")
    scan = {"label_code": lot.waiting.payload, "subject_code": "NK-99", "nonce": "n" * 20, "place": "bedside"}
    assert "telephone 5501" not in nurse.submit("/dispense", scan, form=nurse.form("/dispense")).text
    done(browser("QA").submit("/contacts/new", contact))
    done(browser("QA").submit(f"/recalls/from/lot/{lot.lot_id}/new", OPENED))
    verdict = nurse.submit("/dispense", scan, form=nurse.form("/dispense")).text
    assert "telephone 5501 (day and night)" in verdict
    refused = browser("QA").submit(f"/recalls/from/lot/{lot.lot_id}/new", OPENED)
    assert refused.status_code == 409
    assert "telephone 5501 (day and night)" in refused.text


@pytest.mark.req("ATMP-14-RECALL")
def test_a_lot_that_batches_used_has_one_entrance_to_its_recall(browser, lot):
    """Its recall stops the lot too; a lot that nothing was made of is stopped on its own page."""
    page = browser("QA").get(f"/lots/{lot.lot_id}").text
    assert f"/recalls/from/lot/{lot.lot_id}/new" in page
    assert f"/lots/{lot.lot_id}/recall" not in page
    with unit_of_work(lot.giving.database, SYSTEM, "test.unused") as work:
        for one in work.session.query(BatchRow):
            one.status = "terminated"
    page = browser("QA").get(f"/lots/{lot.lot_id}").text
    assert f"/recalls/from/lot/{lot.lot_id}/new" not in page
    assert f"/lots/{lot.lot_id}/recall" in page
