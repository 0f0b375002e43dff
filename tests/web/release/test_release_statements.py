"""The release page and the decisions taken on it read in few statements, whatever a batch holds and however long its history."""

from __future__ import annotations

from dataclasses import fields

import pytest

from kernel.canonical import canonical
from kernel.work import SYSTEM, unit_of_work
from manufacturing.tables.batches import BatchRow
from release.queries import decisions, review
from release.queries.decisions import decision_content
from release.queries.review import release_facts, review_content
from tests.big_batch import BigStory, with_history
from tests.places import remembered
from tests.races.test_work_statements import counted

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
