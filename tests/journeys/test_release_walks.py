"""Five journeys of the release, each page of decision seen, acted on and seen again by those whose work it is."""

from __future__ import annotations

import pytest

from tests.integration.release.printing import flat
from tests.journeys.grounds import (
    all_results_in,
    gram_confirmed,
    gram_with_a_sample,
    infused_days_ago,
    reagent_in_three,
)
from tests.journeys.outside import edc
from tests.web.clients import Attached
from tests.web.refusals.rows_oos import CAUSE, GROUND, LOG
from tests.web.refusals.rows_recalls import WHY
from tests.web.refusals.rows_results import EXPLAINED, JUDGED, READING
from tests.web.refusals.rows_supply import ASKED

pytestmark = pytest.mark.journey
RETEST = {
    "sample_choice": "same_sample",
    "replicates": "1",
    "rationale": "the retained half of the same sample, stained on new slides",
}
MEASURED = {"method": "Gram stain", "raw_data_reference": "RAW-R1", "text": "no organisms"}


@pytest.mark.req("ATMP-11.3.2-3", "ATMP-11.3.2-4", "A16-PERS")
def test_a_clean_batch_is_reviewed_and_certified_finally(begin):
    walk, release = begin(all_results_in)
    batch = release.batch
    blocks = f"/batches/{batch}/release"
    assert walk.figures()["infusion_final"]["numerator"] == 1
    walk.see("qa1", "/", "work-of-qa", "has its last results; review what is new")
    walk.act("qa1", "batch.review", batch_id=batch)
    walk.see("qp1", "/", "work-of-the-qp", "has all its results; the final certification is due")
    page = walk.see("qp1", blocks, "nothing-blocks", "Nothing that is checked here stands against it")
    walk.on_first_screen(page, "Nothing that is checked here stands against it", "Certify finally, after all results")
    statements = dict.fromkeys(("manufacturing_authorised", "national_duties", "register_entry"), True)
    walk.act("qp1", "release.stage_two", batch_id=batch, **statements)
    page = walk.see("qp1", blocks, "certified-finally", "certified, final", "final certification")
    certificate = page.locator("a[href^='/decisions/']").first.get_attribute("href")
    walk.see("qp1", certificate, "final-certificate", "Final certification", release.making.batch_number)
    paper = flat(walk.file("qp1", f"{certificate}/certificate.pdf?language=en"))
    assert "PROVISIONAL" not in paper
    walk.see("sponsor1", "/trial", "trial-final")
    assert walk.figures()["infusion_final"]["numerator"] == 2
    walk.in_order()


@pytest.mark.req("QC-LATE-OOS", "DSP-LATE", "ATMP-11.3.2-4", "TR-F2", "TR-PROV")
def test_on_day_five_the_culture_of_an_infused_product_grows_and_everybody_who_has_to_know_answers(begin, nursery):
    """The count falls on the page, in the API, at the receiver and between two frozen figures in the same moment."""
    walk, release = begin(lambda ground: infused_days_ago(ground, 5))
    batch, number = release.batch, release.making.batch_number
    test = walk.ground.test("NK-03", "sterility")
    before = walk.figures()
    with edc(walk, nursery) as outside:
        assert counted(walk.see("sponsor1", "/trial/feasibility", "count")) == "2"
        the_paper_is_three_clicks_away(walk, number)
        first = freeze(walk, "monitoring visit 1")
        reading = READING | {"reading": "positive", "read_at": walk.now()}
        walk.act("tech1", "sterility.conclude", test_id=test, **reading)
        assert walk.figures()["fell"] == before["fell"]
        walk.act("tech2", "result.verify", test_id=test, raw_data_seen=True)
        assert counted(walk.see("sponsor1", "/trial/feasibility", "count")) == "1"
        after = walk.figures()
        assert (before["fell"], after["fell"]) == (["NK-02"], ["NK-02", "NK-03"])
        assert after["infusion"]["numerator"] == before["infusion"]["numerator"] - 1 == 1
        call, told = outside.told(2)
        assert call.signed_with(outside.secret)
        assert (told["type"], told["act"], told["counted"]["F"]) == ("count.down", "result.verify", ["NK-01"])
        assert told["figures"]["F"] == {"before": 2, "after": 1}
        (moved,) = told["subjects"]
        assert (moved["code"], moved["reason"], moved["batches"]) == ("NK-03", "late_failure", [number])
    second = freeze(walk, "the culture grew")
    page = walk.see("sponsor1", f"/trial/snapshots/{second}/differences?with={first}", "what-changed-since")
    assert page.locator("#with").input_value() == second
    row = page.locator("main tr", has_text="met all criteria (provisional)").first
    assert "NK-03: a result failed after the certification" in row.inner_text()
    everybody_answers(walk, batch, number)
    page = walk.see("qp1", f"/batches/{batch}/release", "late-failure", "the child is seen today")
    walk.on_first_screen(page, "Late result out of specification")
    walk.see("pharm1", "/dispense?place=pharmacy", "pharmacy-after", "late out of specification")
    walk.see("sponsor1", "/trial", "trial-fell", "NK-03")
    paper = flat(walk.file("qp1", f"/batches/{batch}/dossier.pdf?language=en"))
    assert "NOT FOR USE" in paper
    assert "the child is seen today" in paper
    walk.in_order()


def everybody_answers(walk, batch, number):
    late = walk.late(batch)["id"]
    failed = "failed a test after its certification"
    for login, answer in (
        ("doctor1", "the child is seen today, blood cultures are drawn"),
        ("pharm1", "nothing of it is left here"),
        ("qp1", "root cause is looked for with QA"),
        ("sponsor1", "the investigator knows"),
    ):
        walk.see(login, "/", f"work-of-{login}-late", number, failed)
        walk.act(login, "late_oos.acknowledge", decision_id=late, answer=answer)
        walk.see(login, "/", f"work-of-{login}-late")
        assert failed not in walk.page(login).locator("main").inner_text()


def counted(page):
    """What the page says of those infused who count."""
    return page.locator("main td.num a[href='/trial/stages/F']").inner_text()


def freeze(walk, occasion):
    trial = walk.ground.names["trial:NL-OMON26066"]
    return walk.act("sponsor1", "trial.freeze", trial_id=trial, occasion=occasion)["id"]


def the_paper_is_three_clicks_away(walk, number):
    """From a number to the paper that carries the signatures behind it, in the language of the reader."""
    for language, words in (("nl", ("Handtekeningen", "Wie tekende")), ("en", ("Signatures", "Who signed"))):
        page = walk.beside("inspector1", f"/trial/feasibility?lang={language}")
        for place, click in enumerate(("td.num a[href='/trial/stages/F']", "a[href='/trace/NK-03']"), start=1):
            walk.photograph(page, f"before-click-{place}-{language}")
            page.click(f"main {click}")
        walk.photograph(page, f"before-click-3-{language}")
        with page.expect_response("**/trace.pdf?*") as answer:
            page.click(f"main a[href$='trace.pdf?language={language}']")
        page.context.close()
        paper = walk.file("inspector1", answer.value.url.removeprefix(walk.server.url))
        walk.photograph_paper(paper, f"after-click-3-{language}")
        assert [one for one in (number, "NK-03", *words) if one not in flat(paper)] == []


@pytest.mark.req("QC-OOS-2", "QC-INVALID", "QC-NOAVG", "QC-SHOWALL")
def test_a_failed_stain_is_declared_invalid_for_a_shown_cause_and_the_retest_counts(begin):
    walk, release = begin(gram_with_a_sample)
    batch = release.batch
    blocks = f"/batches/{batch}/release"
    page = walk.see("qp1", blocks, "held-by-a-result", "is under investigation")
    walk.on_first_screen(page, "few gram-positive rods", "the pump of the device stopped")
    (story,) = walk.read("qp1", blocks)["oos"]
    oos = story["id"]
    walk.act("tech2", "oos.laboratory", oos_id=oos, **CAUSE)
    walk.act("tech2", "file.attach", entity="oos", record_id=oos, file=LOG, purpose="evidence", looked_through=True)
    walk.see("qa1", f"/oos/{oos}", "oos-with-its-cause", "log.csv", CAUSE["conclusion"])
    walk.act("qa1", "oos.invalidate", oos_id=oos, cause=GROUND["cause"])
    sample, analyst = walk.ground.names["sample code:NK-11"], walk.ground.names["person:tech1"]
    walk.act("qa2", "oos.authorise_retest", oos_id=oos, sample=sample, analyst=analyst, **RETEST)
    tests = walk.read("tech1", f"/batches/{batch}/tests")["tests"]
    retest = next(one["id"] for one in tests if one["key"] == "gram" and one["id"] != release.tests["gram"])
    walk.act("tech1", "result.enter", test_id=retest, measured_at=walk.now(), sample=sample, **MEASURED)
    walk.act("tech2", "result.verify", test_id=retest, raw_data_seen=True)
    walk.see("qa1", f"/oos/{oos}", "oos-settled", "R1")
    walk.act("qa1", "batch.review", batch_id=batch, **EXPLAINED)
    page = walk.see("qp1", blocks, "invalid-and-repeated", "Nothing that is checked here stands against it")
    walk.on_first_screen(page, "out-of-specification record", "the pump of the device stopped", "retest")
    walk.act("qp1", "release.stage_one", batch_id=batch, **JUDGED)
    page = walk.see("qp1", blocks, "certified-pending")
    certificate = page.locator("a[href^='/decisions/']").first.get_attribute("href")
    paper = flat(walk.file("qp1", f"{certificate}/certificate.pdf?language=en"))
    assert "few gram-positive rods" in paper
    assert "result declared invalid" in paper
    walk.in_order()


@pytest.mark.req("ATMP-11.53", "ATMP-11.54b", "ATMP-11.5-LABEL", "TR-OOSFLAG")
def test_a_confirmed_failure_is_supplied_on_request_and_counted_beside_the_others(begin):
    walk, release = begin(gram_confirmed)
    batch, (container,) = release.batch, release.making.containers
    walk.see("doctor1", "/supplies", "supplies", release.making.batch_number)
    supply = walk.act("doctor1", "oos_supply.request", batch_id=batch, **ASKED)["id"]
    place = f"/supplies/{supply}"
    document = Attached("risk.txt", b"Few rods in the stain: antibiotics from the day before.\n")
    evaluated = {"evaluation": ASKED["hazard"], "file": document, "looked_through": True}
    walk.act("qa1", "oos_supply.evaluate", supply_id=supply, **evaluated)
    walk.see("qp1", place, "supply-evaluated", "Next: the QP reads the evaluation")
    walk.act("qp1", "oos_supply.agree", supply_id=supply)
    informed = {"informed": "parents", "informed_by": walk.ground.names["person:doctor1"], "informed_at": walk.now()}
    walk.act("doctor1", "oos_supply.accept", supply_id=supply, **informed)
    walk.act("pharm1", "overlay.print", container_id=container["id"])
    (overlay,) = walk.read("pharm1", place)["overlays"]
    label = release.making.scan(container["label_id"])
    walk.act("pharm1", "overlay.apply", second="pharm2", overlay_id=overlay["id"], label_code=label)
    walk.see("pharm1", place, "supply-in-force", "OUT OF SPECIFICATION", "The pharmacy may dispense it")
    scanned = walk.act("pharm1", "container.scan", label_code=label, subject_code="NK-11", place="pharmacy")
    assert "OUT OF SPECIFICATION" in scanned["page"].locator("main").inner_text()
    known = {"scan_id": scanned["scan_id"], "oos_acknowledged": True}
    walk.act("pharm1", "container.dispense", second="pharm2", **known)
    walk.see("sponsor1", place, "supply-to-notify", "Who has to be told")
    assert walk.figures()["supplied"] == []
    paper = flat(walk.file("pharm1", f"/containers/{container['id']}/documents.pdf?language=en"))
    assert "supplied at the request of the treating physician" in paper
    walk.in_order()


@pytest.mark.req("ATMP-14-RECALL", "LBL-STATUS")
def test_a_reagent_lot_is_recalled_from_three_batches_wherever_their_bags_are(begin):
    walk, (infused, out) = begin(reagent_in_three)
    lot = walk.ground.names["used:NK-11/depletion_set"]
    page = walk.see("qa1", f"/lots/{lot}", "lot-in-three-batches", "What would it reach?")
    page.click("#recalls a[href^='/recalls?find=']")
    found = page.url.removeprefix(walk.server.url)
    page = walk.see("qa1", found, "what-it-would-reach", "3 batches, 3 containers", "infused", "dispensed")
    walk.on_first_screen(page, "3 batches, 3 containers", "Open a recall")
    recall = walk.act("qa1", "recall.open", scope="lot", record_id=lot, **WHY)["id"]
    place = f"/recalls/{recall}"
    label = out.making.scan(out.making.containers[0]["label_id"])
    bedside = walk.act("nurse1", "container.scan", label_code=label, subject_code="NK-11", place="bedside")
    assert "BATCH_RECALLED" in bedside["page"].locator("main").inner_text()
    walk.see("doctor1", "/", "work-of-doctor1-recall", "you have to know, and say what you do")
    notices = walk.read("qa1", place)["notices"]
    answers = {"physician": "doctor1", "pharmacy": "pharm1", "qp": "qp1", "sponsor": "sponsor1"}
    for one in notices:
        if one["duty"] in answers:
            confirm = walk.act if one["duty"] == "pharmacy" else walk.api.act
            confirm(answers[one["duty"]], "recall.confirm", recall_id=recall, notice_id=one["id"], answer="set apart")
    (authority,) = (one["id"] for one in notices if one["duty"] == "authority")
    called = {"channel": "telephone 5512", "called_at": walk.now(), "reached": True, "said": "reference 2026-77"}
    walk.act("qa1", "recall.call", recall_id=recall, notice_id=authority, **called)
    walk.see("qa1", place, "recall-half-way", "7 of 7")
    for unit in walk.read("pharm1", place)["units"]:
        if unit["where"] is None:
            where = "in_stock" if unit["document"]["way"] == "not dispensed" else "lost"
            said = {"whereabouts": where, "explanation": "the box came back to the pharmacy empty, looked for by two"}
            walk.act("pharm1", "recall.account", recall_id=recall, container_id=unit["id"], **said)
    walk.act("qa2", "recall.close", recall_id=recall, cleared=False, conclusion="particles of the cap")
    walk.see("qa2", place, "recall-closed", "Closed: what is left stays frozen")
    paper = flat(walk.file("qa2", f"{place}/units.pdf?language=en"))
    assert {one.making.containers[0]["code"] in paper for one in (infused, out)} == {True}
    walk.in_order()
