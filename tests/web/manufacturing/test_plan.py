"""Parts that are not always done, computed values and N/A, on the page, in JSON and on paper."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.integration.release.printing import flat, printed
from tests.places import along

LOG_2_7 = {"wbc": Decimal(340), "cd3_percent": Decimal("0.09")}
REASON = {"reason": "too few cells are left for another run"}


@pytest.fixture
def depleted(story):
    """The depletion is verified with log 2.7; its deviation is assessed."""
    batch = story.started()

    def tell():
        story.steps(batch, last=3)
        story.perform(batch, 4, "deplete_cd3", **LOG_2_7)
        story.verify(batch, 4)
        story.assess(story.deviate(batch, step="4"))

    along(story, "depleted", tell)
    return batch


@pytest.mark.req("ATMP-CALC", "ATMP-IPC")
def test_page_and_json_say_what_was_computed_from_what_and_what_it_opens(depleted, browser, api):
    step = f"/batches/{depleted.id}/steps/4"
    page, found = browser("T").get(step).text, api("T").get(step).json
    [computed] = found["bench"]["calculations"]
    assert (computed["verdict"], computed["formula_version"], computed["shown"]) == ("action", "1", "2.700")
    assert [one["label"] for one in computed["inputs"]] == ["viable T cells before", "viable T cells after"]
    for words in ("T-cell depletion of the step (log10)", "2.700", "viable T cells before", "formulae version 1"):
        assert words in page
    again = browser("T").get(f"/batches/{depleted.id}/steps/5").text
    assert f"/batches/{depleted.id}/parts/second_depletion/leave-out" in again
    assert f"/batches/{depleted.id}/parts/second_depletion/open" not in again


@pytest.mark.req("ATMP-6.1-CORR", "AT-EXC")
@pytest.mark.parametrize("door", ["page", "api"])
def test_every_measurement_is_shown_with_the_one_in_use(story, depleted, browser, api, door):
    who = browser("T") if door == "page" else api("T")
    send = who.submit if door == "page" else who.act
    step = f"/batches/{depleted.id}/steps/4"
    filled = {"measured_at": story.now.isoformat(timespec="minutes"), "wbc": "50.2", "use_new": "yes"}
    why = {"reason": "the first tube was not diluted"}
    pages = who if door == "page" else browser("T")
    assert pages.form(f"{step}/measure-again")["measured_at"] == "", "nobody read that time off"
    assert who.codes(send(f"{step}/measure-again", filled | {"wbc": None} | why)) == ["NOTHING_MEASURED"]
    assert who.codes(send(f"{step}/measure-again", filled | why)) == []
    [wbc] = [one for one in api("T").get(step).json["bench"]["fields"] if one["measurements"]]
    assert (wbc["measurements"]["used"], [one["value"] for one in wbc["measurements"]["all"]]) == (2, ["340", "50.2"])
    assert "the first tube was not diluted" in browser("QA").get(step).text
    back = {"choice": "wbc:1", "reason": "the dilution was right after all"}
    assert who.codes(send(f"{step}/choose-measurement", back | {"choice": "wbc:3"})) != []
    assert who.codes(send(f"{step}/choose-measurement", back)) == []
    text = flat(printed(story, depleted))
    assert "MEASURED AGAIN" in text
    assert "Measurement 2: 50.2" in text
    assert "Used: measurement 1, chosen by" in text
    assert "measured again 4.5 White cells: 1: 340" in text


@pytest.mark.req("ATMP-NOBLANK")
@pytest.mark.parametrize("door", ["page", "api"])
def test_a_part_is_left_out_by_one_act_and_its_reason_stands_everywhere(story, depleted, browser, api, door):
    who = browser("T") if door == "page" else api("T")
    send = who.submit if door == "page" else who.act
    path = f"/batches/{depleted.id}/parts/second_depletion"
    signed = who.get(f"{path}/leave-out").text
    assert "opens unless" in signed, "the limits shown are those that keep the part shut"
    assert "opens on" not in signed
    assert who.codes(send(f"{path}/leave-out", REASON)) == []
    found = api("T").get(f"/batches/{depleted.id}").json
    assert [one["status"] for one in found["steps"]][4:6] == ["not_needed", "not_needed"]
    [part] = found["parts"]
    assert (part["need"], part["decision"]["reason"], part["may_open"]) == ("not_needed", REASON["reason"], True)
    assert REASON["reason"] in browser("T").get(f"/batches/{depleted.id}/steps/5").text
    assert "not needed" in browser("QA").get(f"/batches/{depleted.id}").text
    text = flat(printed(story, depleted))
    assert "Second CD3 depletion: N/A: not needed" in text
    assert f"Reason: {REASON['reason']}" in text
    assert "5.1 Vials" not in text
    assert "part left out by decision" in text
