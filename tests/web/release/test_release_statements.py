"""The release page and the decisions taken on it read in few statements, whatever a batch holds and however long its history."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.canonical import canonical, digest
from kernel.tables import TrailRow
from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.steps import batch_steps
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.materials import LotDecisionRow, LotRow, LotUseRow
from manufacturing.tables.places import CustodyRow, PlaceRow
from manufacturing.tables.samples import SampleRow
from release.queries import decisions, review
from release.queries.decisions import decision_content
from release.queries.records import decisions_of
from release.queries.review import release_facts, review_content
from tests.big_batch import ENTRIES, BigStory, with_history
from tests.places import remembered
from tests.races.test_work_statements import counted

LARGEST_FORM = 150_000
LOTS, MOVES = 60, 400
MOST_WORK, DRAWN = 20, 55
MOST, MOST_SIGNED = 15, 110  # an act reads its parts one by one (docs/decisions/0023)
YES = {"manufacturing_authorised": "yes", "national_duties": "yes", "register_entry": "yes"}
ASSESSED = {**YES, "deviation_assessment": "Each was minor and had no effect on the cells."}


@pytest.fixture
def big(app, database, people, person):
    def told():
        story = BigStory(database, person)
        story.told()
        return story

    return remembered(database, "big batch", told)


def asked(site, run):
    with counted(site.database.engine) as said:
        answer = run()
    return answer, [one.replace("\n", " ") for one in said if not one.startswith("BEGIN")]


def page_of(site, somebody, batch_id):
    answer, said = asked(site, lambda: somebody.get(f"/batches/{batch_id}/release"))
    assert answer.status_code == 200
    return answer.text, said


def test_the_release_page_of_a_large_batch_takes_at_most_fifteen_statements_however_long_its_history(
    big, browser, site
):
    """Everything a signed-in QP sees: forty results, twelve deviations, two thousand entries of the trail, or more."""
    certifier = browser("QP")
    text, said = page_of(site, certifier, big.batch_id)
    assert "1 of 20 checks stand against it" in text
    assert len(said) <= MOST, "\n".join(said)
    with unit_of_work(big.database, SYSTEM, "test.more") as work:
        batch = work.lock(BatchRow, big.batch_id)
        for number in range(3):
            big.deviation(work, batch, 100 + number)
            big.container(work, batch, 10 + number)
    with_history(big, big.batch_id, 300)
    assert len(page_of(site, certifier, big.batch_id)[1]) == len(said)


def test_the_review_of_a_large_batch_is_a_small_page_that_leads_to_every_exception(big, browser, site, api):
    """Twenty-five on the form, the worst first; all of them a page at a time, by kind and by word."""
    quality = browser("QA")
    answer, said = asked(site, lambda: quality.get(f"/batches/{big.batch_id}/review"))
    place = f"/batches/{big.batch_id}/exceptions"
    assert len(said) <= MOST, "\n".join(said)
    assert len(answer.text) < LARGEST_FORM
    assert answer.text.count("border-start border-4 border-warning") == 25
    assert f'href="{place}"' in answer.text
    reader = api("QA")
    first, last = (reader.get(f"{place}?page={number}").json for number in (1, 1000))
    assert (first["total"], last["page"]["number"]) == (last["page"]["total"], -(-first["total"] // 25))
    assert first["total"] > ENTRIES
    assert [one["place"] for one in first["exceptions"]] == list(range(1, 26))
    assert last["exceptions"][-1]["place"] == first["total"]
    assert {"corrected value", "failed signature"}.isdisjoint(one["kind"] for one in first["exceptions"][:20])
    failed = reader.get(f"{place}?kind=failed+signature&page=2").json
    assert (failed["page"]["total"], {one["kind"] for one in failed["exceptions"]}) == (200, {"failed signature"})
    (warm,) = reader.get(f"{place}?q=WAS+WARM,+7").json["exceptions"]
    assert "DV-007" in warm["what"]


@pytest.mark.req("AT-REVIEW")
def test_what_is_signed_at_the_review_holds_every_exception_and_the_trail_up_to_its_newest_line(big):
    """So that a page of twenty-five signs no less than all of them, and nothing that was added since."""

    def content():
        with big.database.looking() as session:
            found = review_content(session, big.batch_id)
            line = session.get_one(TrailRow, found["trail"]["newest"])
        assert (line.hash, len(found["exceptions"]) > ENTRIES) == (found["trail"]["hash"], True)
        return found

    before = content()
    with_history(big, big.batch_id, 20)
    after = content()
    assert after["trail"]["lines"] == before["trail"]["lines"] + 18  # two of them failed to sign, and changed nothing
    assert after["trail"]["newest"] == before["trail"]["newest"] + 20
    assert digest(after) != digest(before)


def test_review_and_certification_of_a_large_batch_are_signed_in_a_bounded_number_of_statements(big, browser, site):
    """Form, password, lock, guards, signature and trail; what is shown and what the guards ask is read once."""
    taken = {}
    for login, act, given in (("QA", "review", {}), ("QP", "certify-pending", ASSESSED)):
        somebody, path = browser(login), f"/batches/{big.batch_id}/{act}"
        form = somebody.form(path)
        answer, said = asked(site, lambda: somebody.submit(path, given, form=form))  # noqa: B023
        assert answer.status_code == 303, somebody.codes(answer)
        taken[act] = len(said)
    assert taken["review"] <= MOST_SIGNED, taken
    assert taken["certify-pending"] <= MOST_SIGNED, taken
    assert len(page_of(site, browser("QP"), big.batch_id)[1]) <= MOST


@pytest.mark.req("AT-REVIEW", "ATMP-11-CHECK")
def test_the_qp_reads_what_deviated_before_the_results_and_the_signed_review_a_page_at_a_time(big, browser, site, api):
    quality, certifier = browser("QA"), browser("QP")
    quality.submit(f"/batches/{big.batch_id}/review", {})
    form, said = asked(site, lambda: certifier.get(f"/batches/{big.batch_id}/certify-pending"))
    assert len(said) <= MOST, "\n".join(said)
    deviated, folded = form.text.index("data-read-first"), re.search(r"<summary>\d\d within specification", form.text)
    assert folded is not None
    assert deviated < folded.start() < form.text.index('name="seen"')
    with big.database.looking() as session:
        (reviewed,) = decisions_of(session, big.batch_id)
        signed = len(json.loads(reviewed.basis)["exceptions"])
    page, said = asked(site, lambda: certifier.get(f"/decisions/{reviewed.id}"))
    assert len(said) <= MOST, "\n".join(said)
    assert len(page.text) < LARGEST_FORM
    assert page.text.count("border-start border-4 border-warning") == 25
    last = api("QP").get(f"/decisions/{reviewed.id}?kind=failed+signature&page=1000").json
    assert len(last["decision"]["basis"]["exceptions"]) == signed == last["reviewed"]["total"] > ENTRIES
    assert (last["reviewed"]["page"]["total"], last["reviewed"]["exceptions"][-1]["place"]) == (200, signed)


def test_what_is_read_side_by_side_is_what_is_read_one_by_one(big, database, monkeypatch):
    """The same content to sign and the same facts for the guards, value by value."""

    def read():
        with database.looking() as session:
            facts = release_facts(session, big.batch_id, big.now)
            told = {one.name: repr(getattr(facts, one.name)) for one in fields(facts)}
            return told, [canonical(of(session, big.batch_id)) for of in (review_content, decision_content)]

    together = read()
    for module in (decisions, review):
        monkeypatch.setattr(module, "gather", lambda *_: None)
    assert read() == together


def enlarge(story, lots, moves):
    """So many more lots in the batch, and so many more moves of its containers."""
    with unit_of_work(story.database, SYSTEM, "test.larger") as work:
        known = work.session.query(LotUseRow).filter_by(batch_id=story.batch_id).first()
        lot = work.session.get_one(LotRow, known.lot_id)
        copied = {one.key: getattr(lot, one.key) for one in LotRow.__mapper__.column_attrs}
        for number in range(lots):
            about = {**copied, "id": work.new_id(), "code": f"M26-9{number:03}-X"}
            about.pop("version")
            row = work.add(LotRow(**about))
            at, by = work.at, "qa"
            work.add(LotDecisionRow(lot_id=row.id, sequence=1, status="approved", decided_at=at, decided_by=by))
            work.add(
                LotUseRow(
                    lot_id=row.id,
                    batch_id=story.batch_id,
                    step_id=known.step_id,
                    quantity=Decimal(1),
                    used_at=at,
                    recorded_at=at,
                    recorded_by="t",
                )
            )
        place = work.session.query(PlaceRow).first() or work.add(
            PlaceRow(code="FR-09-Q", title="freezer", status_class="quarantine", opened_by="qa")
        )
        bags = work.session.query(ContainerRow).filter_by(batch_id=story.batch_id).all()
        for number in range(moves):
            bag = bags[number % len(bags)]
            work.add(
                CustodyRow(
                    container_id=bag.id,
                    unit=bag.code,
                    place_id=place.id,
                    current=number >= moves - len(bags),
                    moved_at=work.at,
                    recorded_at=work.at,
                    handed_by="t",
                    received_by="u",
                    temperature_c=Decimal(4),
                    device="LOG-1",
                    gap=False,
                    excursion=False,
                )
            )


@pytest.mark.req("ATMPR-15.1")
def test_the_trace_of_a_large_batch_takes_at_most_fifteen_statements_however_much_hangs_on_it(big, browser, site):
    reader = browser("QA")
    with big.database.reading() as session:
        number = session.get_one(BatchRow, big.batch_id).number

    def page():
        answer, said = asked(site, lambda: reader.get(f"/trace/{number}"))
        assert answer.status_code == 200
        return answer.text, said

    _, few = page()
    enlarge(big, LOTS, MOVES)
    text, many = page()
    assert text.count("M26-9") >= LOTS
    assert len(many) == len(few), "\n".join(many)
    assert len(many) <= MOST, "\n".join(one[:200] for one in many)


def draw(big, first, count):
    """So many samples that are with nobody yet; nobody asks for their shape here."""
    with unit_of_work(big.database, SYSTEM, "test.draw") as work:
        step = batch_steps(work.session, big.batch_id)[0]
        for number in range(first, first + count):
            at = work.at - timedelta(minutes=number)
            drawn = {"drawn_at": at, "recorded_at": at, "drawn_by": big.t1.id, "status": "drawn"}
            about = {"code": f"SMP-{number:04}", "number": number, "kind": "sterility", "volume_ml": Decimal(1)}
            work.add(SampleRow(batch_id=big.batch_id, step_id=step.id, **about, **drawn))


def test_every_line_is_counted_and_found_in_as_many_statements_as_for_a_few(big, browser, api, site):
    draw(big, 100, DRAWN)
    technician, reader = browser("T"), api("T")
    few = asked(site, lambda: technician.get("/"))[1]
    assert len(few) <= MOST_WORK, "\n".join(one[:200] for one in few)
    draw(big, 200, DRAWN)
    answer, many = asked(site, lambda: technician.get("/"))
    assert (len(many), f"Receive ({2 * DRAWN})" in answer.text) == (len(few), True)
    found = [one["record"] for number in (1, 2, 3) for one in reader.get(f"/?what=Receive&page={number}").json["tasks"]]
    assert found == [f"SMP-{number:04}" for start in (100, 200) for number in range(start, start + DRAWN)]
    assert reader.get("/?what=Receive&record=smp-02").json["page"]["total"] == DRAWN
    assert 'href="?what=Receive&amp;page=1">Receive (110)</a>' in answer.text
    nothing = technician.get("/?record=nothing").text
    assert "Nothing fits this filter." in nothing
    assert 'name="record" value="nothing"' in nothing
