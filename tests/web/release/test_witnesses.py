"""The database of this morning after an afternoon: nobody is given anything until QA signs what was lost (hazard 62)."""

from __future__ import annotations

import pytest

from kernel.work import SYSTEM, unit_of_work
from manufacturing.services.holds import set_hold
from tests.web.release.test_giving_pages import SCAN, scanned

RECOVERIES = "/trail/recoveries"
LOST = {"copy": "copy of 08:00, put back at 14:00 after a disk failed", "accounted": "one hold, entered again"}


def hold(giving, product):
    with unit_of_work(giving.database, SYSTEM, "test.hold") as work:
        set_hold(work, "batch", product.batch_id, cause="person", reason="seal broken")


def verdict(who, product, **more):
    answer = who.post("/dispense", {**SCAN, "label_code": product.payload, **more})
    return answer.json["verdict"], [one["code"] for one in answer.json["reasons"]]


@pytest.mark.req("DSP-GUARD", "A11-7.2")
def test_a_browser_that_knows_of_a_lost_line_stops_every_scan_until_qa_signs(
    fresh, browser, api, giving, product, ready
):
    pharmacist, quality, kept = browser("Ph"), browser("QA"), giving.database.remembered_head()[0]
    saved = fresh.take()
    hold(giving, product)
    assert "BATCH_ON_HOLD" in scanned(pharmacist, product).text
    fresh.put(saved)
    other = api("Ph")
    allowed = other.post("/dispense", {**SCAN, "label_code": product.payload}).json
    assert allowed["verdict"] == "ALLOW_CONDITIONAL", "nobody else remembers the hold"
    assert "DB_BEHIND_RECEIPT" in scanned(pharmacist, product).text
    assert verdict(other, product) == ("DENY", ["DB_BEHIND_RECEIPT"])
    assert other.codes(other.act(f"/dispense/scans/{allowed['scan_id']}", second="QP")) == ["DB_BEHIND_RECEIPT"]
    assert "nothing can be dispensed until a recovery is signed" in quality.get("/").text
    missing = api("QA").get(RECOVERIES).json["missing"]
    assert len(missing) == 1
    wrong = quality.submit(
        f"{RECOVERIES}/new", LOST | {"kept_seq": missing[0]["line"], "lost_until": missing[0]["line"]}
    )
    assert quality.codes(wrong) == ["RECOVERY_RANGE"]
    done = quality.submit(f"{RECOVERIES}/new", LOST | {"kept_seq": kept, "lost_until": missing[0]["line"] + 5})
    assert done.status_code == 303
    assert quality.codes(quality.submit(f"{RECOVERIES}/new", LOST | {"kept_seq": 1, "lost_until": 2})) == [
        "NOTHING_MISSED"
    ]
    for language, words in (("en", "Recovery 1"), ("nl", "Herstel 1")):
        assert words in quality.get(f"{RECOVERIES}?lang={language}").text
    assert "POSSIBLE, RESULTS PENDING" in scanned(pharmacist, product).text
    assert verdict(other, product)[0] == "ALLOW_CONDITIONAL"


@pytest.mark.req("DSP-GUARD")
def test_a_client_sends_back_what_it_was_told(fresh, api, giving, product, ready):
    who = api("Ph")
    saved = fresh.take()
    told = who.post("/dispense", {**SCAN, "label_code": product.payload}).json["head"]
    assert verdict(who, product, last_head=told["told"])[0] == "ALLOW_CONDITIONAL"
    for foreign in ("1", told["told"].replace(told["hash"], "f" * 64)):
        answer = who.post("/dispense", {**SCAN, "label_code": product.payload, "last_head": foreign})
        assert who.codes(answer) == ["HEAD_FOREIGN"]
    fresh.put(saved)
    assert verdict(who, product)[0] == "ALLOW_CONDITIONAL"
    assert verdict(who, product, last_head=told["told"]) == ("DENY", ["DB_BEHIND_RECEIPT"])
    assert verdict(who, product) == ("DENY", ["DB_BEHIND_RECEIPT"])


def test_a_browser_keeps_the_lost_line_and_learns_every_new_one(fresh, app, browser, giving, product, ready):
    who = browser("Ph")

    def known():
        return who.client.get_cookie("nktrace-demo-head").decoded_value

    who.get("/dispense")
    first = known()
    scanned(who, product)
    second = known()
    assert int(second.split(".")[0]) > int(first.split(".")[0])
    assert second.split(".")[1] == giving.database.remembered_head()[1]
    saved = fresh.take()
    scanned(who, product)
    third = known()
    fresh.put(saved)
    for _ in range(3):
        hold(giving, product)
        who.get("/dispense")
    assert known() == third
    who.client.set_cookie("nktrace-demo-head", third.replace(third[-10:], "A" * 8 + "=="))
    who.get("/dispense")
    assert int(known().split(".")[0]) == giving.database.remembered_head()[0]
