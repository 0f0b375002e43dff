"""Lots by page and by API: one way, from the receipt to the scan in the field at the top."""

from __future__ import annotations

import pytest

from kernel.clock import PEOPLE
from manufacturing.queries.batches import get_batch
from manufacturing.queries.lot_uses import uses_of_lot
from manufacturing.queries.materials import certificates_of, list_lots
from tests.integration.manufacturing.lots import listed
from tests.web.clients import Attached

GIVEN = {
    "material": "cd3_reagent",
    "supplier": "Reagents and Sets",
    "manufacturer_lot": "5521-A",
    "quantity": "20",
    "expires_on": "2027-03-31",
    "storage": "FR-01",
    "certificate_reference": "CoA 5521 of 2026-09-01",
    "received_at": "2026-11-23 09:55",
}
PAPER = Attached("certificate.txt", b"Lot 5521-A complies.")
WHY = "the supplier reports particles"


@pytest.fixture(autouse=True)
def materials(story):
    return listed(story)


def newest(story):
    (row, *_), _page = story.read(list_lots, {}, story.now)
    return row


def certified(story, sender, reader):
    """The certificate is attached through the sender's door and fetched through the reader's."""
    lot_id = newest(story)["id"]
    send = getattr(sender, "act", None) or sender.submit
    told = {"file": PAPER, "purpose": "certificate", "looked_through": "yes"}
    assert sender.codes(send(f"/files/of/lot/{lot_id}/attach", told)) == []
    [kept] = story.read(certificates_of, lot_id)
    assert reader.get(f"/files/{kept.id}/content").data == PAPER.body


@pytest.mark.req("ATMP-7-LOT")
@pytest.mark.parametrize("door", ["page", "api"])
def test_a_lot_is_received_approved_and_rejected(story, browser, api, door):
    technician, quality = (browser("T"), browser("QA")) if door == "page" else (api("T"), api("QA"))
    send, decide = ((one.submit if door == "page" else one.act) for one in (technician, quality))
    assert technician.codes(send("/lots/new", GIVEN)) == []
    place = f"/lots/{newest(story)['id']}"
    assert quality.codes(decide(f"{place}/approve", {})) == ["LOT_CERTIFICATE_MISSING"]
    certified(story, technician, quality)
    assert quality.codes(decide(f"{place}/approve", {})) == []
    assert newest(story)["state"] == "approved"
    assert quality.codes(decide(f"{place}/reject", {})) == ["MISSING_REASON"]
    assert quality.codes(decide(f"{place}/reject", {"reason": WHY})) == []
    assert quality.codes(decide(f"{place}/recall", {"reason": WHY})) == ["STATE_NOT_ALLOWED"]
    assert quality.codes(decide(f"{place}/decide-anew", {"reason": "the particles are glue"})) == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_lots_is_drawn(story, browser, language):
    technician, quality = browser("T"), browser("QA")
    assert technician.get(f"/lots?lang={language}").status_code == 200
    technician.submit("/lots/new", GIVEN)
    lot = newest(story)
    place = f"/lots/{lot['id']}"
    acts = [f"{place}/{act}" for act in ("approve", "reject", "recall", "decide-anew")]
    for path in ["/", "/lots", "/lots?status=quarantine&material=cd3_reagent&code=5521&sort=-expires", place, *acts]:
        page = quality.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert page.status_code == 200, path
        assert "Undefined" not in page.text
        assert lot["code"] in page.text, path
    assert lot["code"] not in quality.get("/lots?status=expired").text
    assert lot["code"] in quality.get("/lots/lots.csv?status=quarantine").text
    assert lot["code"] not in quality.get("/lots/lots.csv?status=approved").text


def test_a_scan_opens_the_lot_and_a_slip_opens_nothing(story, browser):
    technician = browser("T")
    technician.submit("/lots/new", GIVEN)
    lot = newest(story)
    assert technician.get(f"/find?code={lot['code']}").location == f"/lots/{lot['id']}"
    wrong = lot["code"][:-1] + ("0" if lot["code"][-1] != "0" else "1")
    assert technician.get(f"/find?code={wrong}").status_code == 404


def test_the_receiver_is_told_that_another_person_approves(story, browser):
    quality = browser("QA")
    quality.submit("/lots/new", GIVEN)
    page = quality.get(f"/lots/{newest(story)['id']}/approve")
    assert quality.codes(page) == ["SOD_LOT", "LOT_CERTIFICATE_MISSING"]


@pytest.fixture
def bench(story, browser):
    """The path of the first step of a batch that is under way, and an approved lot."""
    technician, quality = browser("T"), browser("QA")
    technician.submit("/lots/new", GIVEN)
    lot = newest(story)
    certified(story, technician, quality)
    quality.submit(f"/lots/{lot['id']}/approve", {})
    return f"/batches/{story.started().id}/steps/1", lot


@pytest.mark.req("ATMP-7-SCAN")
@pytest.mark.parametrize("door", ["page", "api"])
def test_lots_are_scanned_at_a_step_and_corrected(story, bench, browser, api, door):
    step, lot = bench
    technician = browser("T") if door == "page" else api("T")
    send = technician.submit if door == "page" else technician.act
    now = story.now.astimezone(PEOPLE).strftime("%Y-%m-%d %H:%M")
    scanned = {"performed_at": now, "other_lot": lot["code"], "other_quantity": "2"}
    assert technician.codes(send(f"{step}/materials", scanned | {"other_lot": "M26-0099-0"})) == ["LOT_UNKNOWN"]
    assert technician.codes(send(f"{step}/materials", scanned | {"other_quantity": "21"})) == ["LOT_BALANCE"]
    assert technician.codes(send(f"{step}/materials", scanned)) == []
    (use,) = story.read(uses_of_lot, lot["id"])
    given = {"quantity": "1", "reason": "one vial was not opened"}
    assert technician.codes(send(f"/lot-uses/{use.id}/correct", given)) == []
    page = browser("QA").get(f"/lots/{lot['id']}").text
    assert story.read(get_batch, use.batch_id).number in page


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_around_the_use_of_a_lot_is_drawn(story, bench, browser, language):
    step, lot = bench
    technician = browser("T")
    now = story.now.astimezone(PEOPLE).strftime("%Y-%m-%d %H:%M")
    scanned = {"performed_at": now, "other_lot": lot["code"], "other_quantity": "2"}
    assert technician.codes(technician.submit(f"{step}/materials", scanned)) == []
    (use,) = story.read(uses_of_lot, lot["id"])
    place = f"/lots/{lot['id']}"
    acts = [f"{place}/{act}" for act in ("open", "discard", "destroy")]
    batch = step.partition("/steps")[0]
    technician.submit("/kits/new", {"lots": lot["code"]})
    for path in ["/kits", "/kits/new", f"{batch}/kit"]:
        assert technician.get(f"{path}?lang={language}").status_code == 200, path
    for path in [step, f"{step}/materials", f"{step}/materials/add", f"{step}/perform", batch, place,
                 f"/lot-uses/{use.id}/correct", *acts]:  # fmt: skip
        page = technician.get(f"{path}?lang={language}")
        assert page.status_code == 200, path
        assert "Undefined" not in page.text
        assert lot["code"] in page.text, path
