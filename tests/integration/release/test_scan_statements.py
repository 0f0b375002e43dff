"""A verdict reads in few statements, however much is on record, and is the one that is given when each is asked alone."""

from __future__ import annotations

import pytest

from kernel.trail.verify import record_faults
from kernel.work import SYSTEM, unit_of_work
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import ContainerRow
from release import ports
from release.queries import scanning
from release.queries.records import records_of_batch
from release.queries.scanning import scanned
from tests.integration.release.giving_factory import (
    KEYS,
    administer,
    checked_order,
    give_out,
    giving_installation,  # noqa: F401
    infused,
    new_patient,
    new_product,
    scan,
    to_the_ward,
    weigh,
)
from tests.places import along
from tests.races.test_work_statements import counted

MOST, MOST_DISPENSING = 15, 35


@pytest.fixture
def patient(giving):
    """Who had an infusion before."""

    def told():
        patient = new_patient(giving)
        infused(giving, new_product(giving, patient))
        return patient

    return along(giving, "infused before", told)


@pytest.fixture
def product(giving, patient, monkeypatch):
    """With the check of trail and signatures that an installation makes."""
    public = giving.database.seal.public
    answer = lambda session, batch_id: record_faults(session, records_of_batch(session, batch_id), public)  # noqa: E731
    monkeypatch.setattr(ports.integrity_faults, "answer", answer)
    return along(giving, "second product", lambda: new_product(giving, patient))


def read_by(giving, run):
    """The statements of the last act, from the moment it holds the lock."""
    with counted(giving.database.engine) as said:
        answer = run()
    read = [one.replace("\n", " ") for one in said if one.startswith("SELECT")]
    begun = max(place for place, one in enumerate(read) if one.startswith("SELECT trail.at"))
    return answer, read[begun:]


@pytest.mark.req("DSP-SCAN")
def test_a_verdict_takes_at_most_fifteen_statements_and_no_more_for_a_longer_history(giving, patient, product):
    """Nor does the second look, under the lock of the dispensing, beside the locks and the training of both people."""
    first = checked_order(giving)
    answer, said = read_by(giving, lambda: scan(giving, product))
    assert answer.row.verdict == "ALLOW"
    assert len(said) <= MOST, "\n".join(said)
    row, locked = read_by(giving, lambda: give_out(giving, answer))
    assert (row.order_id, len(locked) <= MOST_DISPENSING) == (first.id, True), "\n".join(locked)
    to_the_ward(giving, row)
    administer(giving, row)
    third = new_product(giving, patient)
    for number in range(3):
        weigh(giving, patient, "30", days_old=number)
    checked_order(giving)
    answer, longer = read_by(giving, lambda: scan(giving, third))
    assert (answer.row.verdict, len(longer)) == ("ALLOW", len(said)), "\n".join(longer)


def test_a_verdict_asked_side_by_side_rests_on_the_facts_that_are_asked_one_by_one(giving, product, monkeypatch):
    """Order, holds on four records, an earlier infusion, the records of the batch: value by value."""
    checked_order(giving)
    with unit_of_work(giving.database, SYSTEM, "test.hold") as work:
        container = work.session.get_one(ContainerRow, product.container_id)
        held = {"trial": giving.trial_id, "subject": container.subject_id, "batch": product.batch_id}
        for scope, record_id in {**held, "container": container.id}.items():
            set_hold(work, scope, record_id, cause="person", reason="seal broken")

    def facts(place):
        with giving.act("container.scan", giving.pharmacist) as work:
            about = {"label_code": product.payload, "subject_code": "NK-03", "place": place}
            return scanned(work.database, work.session, KEYS, **about, now=work.at, second_person=False).facts

    together = {place: facts(place) for place in ("pharmacy", "bedside")}
    assert len(together["pharmacy"].container.holds) == 4
    assert together["pharmacy"].order is not None
    monkeypatch.setattr(scanning, "gather_scan", lambda *_, **__: None)
    assert {place: facts(place) for place in together} == together
