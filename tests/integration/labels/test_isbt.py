"""A registered facility: the Data Matrix of the print is scanned and compared part by part before it is verified."""

from __future__ import annotations

import pytest

from kernel.canonical import canonical, digest
from kernel.documents.tables import DocumentRow
from kernel.errors import Refused
from kernel.stations.tables import StationRow
from kernel.work import SYSTEM, unit_of_work
from labels.domain.isbt_label import compound_message
from labels.pages.labels import find_label_page
from labels.queries.contents import label_content
from labels.queries.facts import stored_facts
from labels.queries.labels import get_label
from labels.services.labels import verify_label
from labels.tables.scanners import ScannerTestRow
from manufacturing.tables.collections import CollectionRow
from tests.integration.labels.factory import (
    PRESET,
    act,
    change,
    print_one,
    reprint_one,
    void_one,
)

REGISTERED = PRESET | {"isbt128": {"facility": "A9999", "product_code": "S0000", "collection_type": "V"}}


def verify(bench, label, data_matrix, station=""):
    with act(bench, "label.verify", lambda s: label_content(s, label.id), [bench.colleague]) as work:
        work.details["station"] = station
        return verify_label(work, label.id, scanned=label.payload, data_matrix=data_matrix)


def refused(bench, label, data_matrix, station=""):
    with pytest.raises(Refused) as found:
        verify(bench, label, data_matrix, station)
    return [one.code for one in found.value.refusals]


def found_by(bench, code):
    """The number of the label that the scan field of every page opens."""
    with bench.database.reading() as session:
        where = find_label_page(session, code)
        return get_label(session, where.rpartition("/")[2]).short_number if where else None


@pytest.mark.req("LBL-VERIFY")
def test_a_label_of_a_registered_facility_is_verified_by_both_of_its_codes(bench):
    change(bench.database, DocumentRow, bench.template_id, body=canonical(REGISTERED), sha256=digest(REGISTERED))
    label = print_one(bench, bench.containers[1])
    facts = stored_facts(label)
    assert (facts.isbt_product, facts.chain_of_identity) == ("S0000VB0", "CHA999926260001")
    structures = facts.isbt_structures
    assert structures["005"] == "0263281000"  # 2026-11-24 10:00 CET, as it is printed
    assert refused(bench, label, "") == ["ISBT_FORM"]
    other = compound_message(structures | {"003": "S0000VA0"})
    assert refused(bench, label, other) == ["ISBT_MISMATCH"]
    assert verify(bench, label, f"]d1{compound_message(structures)}\r\n").status == "verified"
    assert found_by(bench, f"]d1{compound_message(structures)}") == label.short_number
    assert found_by(bench, other) is None
    again = reprint_one(bench, label)
    assert found_by(bench, compound_message(structures)) == again.short_number
    void_one(bench, again)
    assert found_by(bench, compound_message(structures)) == again.short_number


@pytest.mark.req("P11-10h")
def test_at_a_station_the_data_matrix_waits_for_a_scanner_that_read_every_character(bench):
    change(bench.database, DocumentRow, bench.template_id, body=canonical(REGISTERED), sha256=digest(REGISTERED))
    label = print_one(bench, bench.containers[1])
    message = compound_message(stored_facts(label).isbt_structures)
    with unit_of_work(bench.database, SYSTEM, "test.station") as work:
        at = {"code": "GMP-1", "title": "bench", "scanner": "SC-1", "printer": "PR-1", "opened_by": "qa"}
        station = work.add(StationRow(**at, scanner_test_days=31)).id
    assert refused(bench, label, message, station="GMP-1") == ["SCANNER_UNTESTED"]
    tested = {"layout": "-", "caps_lock": False, "enter": True, "labels_read": True, "tested_by": "t"}
    with unit_of_work(bench.database, SYSTEM, "test.scanner") as work:
        row = ScannerTestRow(station_id=station, **tested, all_read=True, data_matrix_read=True, tested_at=work.at)
        work.add(row)
    assert verify(bench, label, message, station="GMP-1").status == "verified"


@pytest.mark.req("LBL-VERIFY")
def test_without_a_number_of_its_own_there_is_no_such_code(bench):
    label = print_one(bench, bench.containers[0])
    assert stored_facts(label).isbt_structures == {}
    assert refused(bench, label, "=+01000=A99992612345600") == ["ISBT_MISMATCH"]
    assert verify(bench, label, "  ").status == "verified"


def test_a_donation_that_has_no_number_of_isbt_128_gets_no_such_code(bench):
    change(bench.database, DocumentRow, bench.template_id, body=canonical(REGISTERED), sha256=digest(REGISTERED))
    change(bench.database, CollectionRow, bench.collection_id, is_din=False, number="LKA-2026-1", check_character=None)
    assert stored_facts(print_one(bench, bench.containers[1])).isbt_structures == {}
