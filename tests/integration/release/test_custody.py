"""What went wrong with a container on its way stops whoever would give it out, until QA has assessed it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.work import SYSTEM, unit_of_work
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.places import CustodyRow, PlaceRow
from release.queries.review import release_facts
from tests.integration.release.giving_factory import (
    change,
    checked_order,
    dispensed,
    giving_installation,  # noqa: F401
    new_patient,
    new_product,
    refused,
    scan,
    to_the_ward,
)
from tests.places import along


@pytest.fixture
def patient(giving):
    return along(giving, "patient", lambda: new_patient(giving))


@pytest.fixture
def product(giving, patient):
    return along(giving, "product", lambda: new_product(giving, patient))


def moved(giving, product):
    """Found elsewhere than the record had it, and too warm."""
    with unit_of_work(giving.database, SYSTEM, "test.moved") as work:
        bag = work.session.get_one(ContainerRow, product.container_id)
        bench = {"title": "bench", "status_class": "workplace", "low_c": Decimal(15), "high_c": Decimal(25)}
        place, found = (work.add(PlaceRow(code=code, **bench, opened_by="qa")) for code in ("BENCH-1", "BENCH-2"))
        when = {"moved_at": work.at, "recorded_at": work.at, "handed_by": "p1", "received_by": "p2"}
        where = {"place_id": place.id, "from_place_id": place.id, "found_place_id": found.id}
        wrong = {"temperature_c": Decimal(31), "device": "LOG-1", "gap": True, "excursion": True}
        return work.add(CustodyRow(container_id=bag.id, unit=bag.code, **where, **when, **wrong)).id


@pytest.mark.req("DSP-GUARD", "F-COC-1", "ATMP-11-CHECK")
def test_a_gap_and_an_excursion_stop_scan_hand_over_and_release_until_qa_has_assessed_them(giving, product):
    row = dispensed(giving, product)
    event = moved(giving, product)
    wrong = ["CUSTODY_GAP", "CUSTODY_TEMPERATURE"]
    assert refused(to_the_ward, giving, row) == wrong
    with giving.database.reading() as session:
        facts = release_facts(session, product.batch_id, giving.now)
    assert [one.code for one in (*facts.custody, *facts.temperature)] == wrong
    change(giving, CustodyRow, event, assessed_at=giving.now, assessed_by="qa", assessment="the probe was wrong")
    assert to_the_ward(giving, row).received_by == giving.nurse.id


def test_a_gap_is_a_reason_at_the_scan(giving, product):
    checked_order(giving)
    moved(giving, product)
    denied = [one.code for one in scan(giving, product).decision.refusals]
    assert sorted(denied) == ["CUSTODY_GAP", "CUSTODY_TEMPERATURE"]
