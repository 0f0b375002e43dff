"""What changes for everybody changes everywhere in one moment: the count after a late failure, the verdict on a screen."""

from __future__ import annotations

import pytest

from kernel.web.registry import ACTS
from release.queries.testing import required_tests
from tests.integration.release.giving_factory import react, was_infused
from tests.places import along
from tests.web.clients import act_form
from tests.web.kernel.test_receivers import EDC, RECEIVERS
from tests.web.release.test_giving_pages import given_through_the_api, scanned

POSITIVE = {"reading": "positive", "read_at": "2026-11-23 10:00", "method": "BacT", "raw_data_reference": "RAW-9"}


def counted(who):
    return next(one["subjects"] for one in who.get("/trial/feasibility").json["stages"] if one["key"] == "F")


@pytest.mark.on_both
@pytest.mark.req("TR-PROV", "QC-LATE-OOS")
def test_a_late_sterility_failure_lowers_the_count_everywhere_at_once(giving, product, api, browser):
    given_through_the_api(api, product)
    sponsor, technician = api("Sp"), api("T")
    receiver = api("Ad").act(f"{RECEIVERS}/new", EDC).json["id"]
    assert api("QA").act(f"{RECEIVERS}/{receiver}/approve").status_code == 200
    frozen = sponsor.act(f"/trials/{giving.trial_id}/freeze", {"occasion": "before the culture grew"}).json["id"]
    assert counted(sponsor) == ["NK-03"]
    assert "NK-03" in browser("QA").get("/trial/stages/F").text

    with giving.database.reading() as session:
        culture = next(one.id for one in required_tests(session, product.batch_id) if one.criterion == "sterility")
    path = ACTS["sterility.conclude"].path.replace("<test_id>", culture)
    assert technician.act(path, POSITIVE).status_code < 300
    assert counted(sponsor) == ["NK-03"], "what nobody has verified fails nothing"
    done = api("QA").act(ACTS["result.verify"].path.replace("<test_id>", culture), {"raw_data_seen": "yes"})
    assert done.status_code < 300, done.json

    assert counted(sponsor) == []
    assert "NK-03" not in browser("QA").get("/trial/stages/F").text.split("<main")[1]
    told = sponsor.get(f"/trial/snapshots/{frozen}/differences").json["difference"]
    (left,) = [one["left"] for one in told["stages"] if one["key"] == "F"]
    assert left == [{"code": "NK-03", "reason": "a result failed after the certification"}]
    newest, _first = sorted(api("QA").get(RECEIVERS).json["webhooks"], key=lambda one: -one["number"])
    assert (newest["event"], newest["told"]["act"]) == ("count.down", "result.verify")
    assert newest["told"]["figures"]["F"] == {"before": 1, "after": 0}
    (moved,) = newest["told"]["subjects"]
    assert (moved["code"], moved["batches"], moved["reason"]) == ("NK-03", [product.number], "late_failure")
    assert api("Ad").get(RECEIVERS).json["webhooks"][0]["told"] is None, "an administrator sees no figures"


@pytest.mark.on_both
@pytest.mark.req("TR-S1", "DSP-SCAN")
def test_the_third_patient_with_a_severe_reaction_stops_a_dispensing_that_was_on_the_screen(
    giving, product, ready, browser, api, codes
):
    infusions = along(giving, "three infused", lambda: [was_infused(giving, f"NK-1{place}") for place in range(3)])
    for given in infusions[:2]:
        react(giving, given)
    pharmacist = browser("Ph")
    page = scanned(pharmacist, product)
    assert "POSSIBLE, RESULTS PENDING" in page.text
    path = page.text.split('action="/dispense/scans/')[1].split('"')[0]
    react(giving, infusions[2])
    stopped = pharmacist.submit(f"/dispense/scans/{path}", form=act_form(page.text), second="QP")
    assert stopped.status_code == 409
    assert codes(stopped) == ["TRIAL_ON_HOLD"]
    assert "TRIAL_ON_HOLD" in scanned(pharmacist, product).text
