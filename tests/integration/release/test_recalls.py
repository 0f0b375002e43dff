"""A recall of one reagent lot in three batches: frozen in the act, everybody told, every bag found, closed by another."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from config.tables import METADATA
from kernel.canonical import digest
from kernel.web.i18n import Speech
from kernel.web.site import Viewer
from kernel.work import SYSTEM, unit_of_work
from manufacturing.domain.materials import lot_code
from manufacturing.queries.holds import list_open_holds
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.materials import LotRow
from release.pages.recalls import recall_tasks
from release.ports import mail_is_sent
from release.queries.recall_units import find_source, source_content, source_of, units_in
from release.queries.recalls import get_recall, reach, unit_views
from release.queries.reconciling import holds_in_the_way
from release.services.recalls import open_recall
from release.tables.dispensing import DispensingRow
from release.tables.messages import MessageRow
from tests.integration.release.giving_factory import (
    administer,
    checked_order,
    give_out,
    giving_installation,  # noqa: F401
    new_patient,
    refused,
    scan,
    supplied_product,
)
from tests.integration.release.recalling import (
    WHY,
    account,
    call,
    close,
    confirm,
    everybody,
    notices,
    recall,
    spread,
)
from tests.places import remembered

LIKE = (
    "material",
    "document_id",
    "supplier",
    "manufacturer_lot",
    "quantity",
    "unit",
    "expires_at",
    "storage",
    "certificate_reference",
    "received_at",
    "received_by",
)
OWN = {"recall", "recall_batch", "recall_notice", "recall_call", "recall_unit", "signature"}
TRAIL = {"trail", "trail_change", "trail_head"}


@pytest.fixture
def lot(giving):
    return remembered(giving.database, "spread", lambda: spread(giving))


def read(lot, query, *ids):
    with lot.giving.database.reading() as session:
        return query(session, *ids)


def codes(answer):
    return [one.code for one in answer.decision.refusals]


def held(lot):
    return sorted(one.record for one in read(lot, list_open_holds) if one.cause == "recall")


def whereabouts(lot, row):
    return {one["document"]["container"]: one["where"] for one in read(lot, unit_views, row.id)}


def numbers(lot):
    return [one.number for one in lot.products]


@pytest.mark.req("ATMP-14-RECALL", "LBL-STATUS", "DSP-RACE")
def test_everything_made_with_the_lot_is_frozen_wherever_it_is_in_the_act_that_opens_the_recall(lot):
    giving = lot.giving
    assert codes(scan(giving, lot.waiting, "NK-04", by=giving.nurse, place="bedside")) == []
    row = recall(lot)
    assert row.number == f"RC-{giving.today.year}-001"
    assert held(lot) == numbers(lot)
    assert len(read(lot, lambda s: holds_in_the_way(s, s.get_one(BatchRow, lot.kept.batch_id)))) == 1
    bedside = scan(giving, lot.waiting, "NK-04", by=giving.nurse, place="bedside")
    assert (bedside.row.verdict, codes(bedside)) == ("DENY", ["BATCH_RECALLED", "LOT_NOT_APPROVED"])
    assert codes(scan(giving, lot.kept, "NK-05"))[:1] == ["BATCH_RECALLED"]
    assert read(lot, lambda s: s.get_one(LotRow, lot.lot_id)).status == "recalled"
    assert refused(recall, lot) == ["RECALL_OPEN"]
    assert refused(recall, lot, by=giving.pharmacist) == ["ROLE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-14-RECALL")
def test_the_list_says_of_every_container_how_far_it_came_its_status_and_its_subject(lot):
    source = read(lot, find_source, lot.lot)
    assert (source.scope, source.record_id) == ("lot", lot.lot_id)
    listed = read(lot, lambda s: units_in(s, source_of(s, "lot", lot.lot_id).batches))
    assert [(one.unit.code, one.subject, one.way, one.unit.disposition) for one in listed] == [
        (f"{lot.given.number}-01", "NK-03", "infused", "certified_final"),
        (f"{lot.waiting.number}-01", "NK-04", "handed_over", "certified_final"),
        (f"{lot.kept.number}-01", "NK-05", "not dispensed", "certified_final"),
    ]


@pytest.mark.req("ATMP-14-RECALL", "ATMP-11.54b")
@pytest.mark.parametrize("dispensed", [True, False])
def test_a_recall_stops_a_container_that_was_supplied_out_of_specification_and_tells_it_apart(giving, dispensed):
    product = supplied_product(giving, new_patient(giving, "NK-03"))
    checked_order(giving)
    answer = scan(giving, product)
    assert answer.row.verdict == "ALLOW_OOS"
    if dispensed:
        give_out(giving, answer, oos_acknowledged=True)
    with giving.act("recall.open", giving.qa, content=lambda s: source_content(s, "batch", product.batch_id)) as work:
        row = open_recall(work, "batch", product.batch_id, recall_class="class_1", why=WHY)
    if dispensed:
        assert "BATCH_RECALLED" in codes(scan(giving, product, by=giving.nurse, place="bedside"))
    else:
        assert "BATCH_RECALLED" in refused(give_out, giving, answer, oos_acknowledged=True)
        assert (scan(giving, product).row.verdict, codes(scan(giving, product))[0]) == ("DENY", "BATCH_RECALLED")
    with giving.database.reading() as session:
        (unit,) = unit_views(session, row.id)
    way = "dispensed" if dispensed else "not dispensed"
    assert (unit["document"]["disposition"], unit["document"]["way"]) == ("oos_supply", way)


@pytest.mark.req("ATMP-14-RECALL")
def test_each_duty_answers_for_itself_and_the_authority_is_called_until_it_is_reached(lot):
    giving, row = lot.giving, recall(lot)
    told = notices(giving, row)
    assert [one.duty for one in told] == ["physician"] * 3 + ["pharmacy", "qp", "sponsor", "authority"]
    assert {one.due_at for one in told} == {row.opened_at + timedelta(hours=1)}
    pharmacy, authority = told[3], told[6]
    assert refused(confirm, giving, row, pharmacy, giving.physician) == ["ROLE_NOT_ALLOWED"]
    call(giving, row, pharmacy)
    call(giving, row, authority, reached=False)
    assert refused(call, giving, row, authority, ago=-1) == ["FUTURE_TIME"]
    assert read(lot, reach, row)["confirmed"] == 0
    giving.database.clock.advance(timedelta(minutes=40))
    confirm(giving, row, pharmacy, giving.pharmacist)
    call(giving, row, authority)
    assert read(lot, reach, row) == {"confirmed": 2, "of": 7, "minutes to the last confirmation": 40}
    assert refused(confirm, giving, row, pharmacy, giving.pharmacist2) == ["RECALL_ANSWERED"]
    assert refused(close, giving, row, giving.qp) == ["RECALL_UNTOLD", "RECALL_UNITS_OPEN"]


@pytest.mark.req("ATMP-14-RECALL")
def test_a_recall_is_closed_by_another_when_every_bag_is_found_and_its_report_is_kept_with_its_hash(lot):
    giving, row = lot.giving, recall(lot)
    everybody(giving, row)
    assert refused(account, giving, row, lot.given, "in_stock") == ["RECALL_CONTRADICTED"]
    assert refused(account, giving, row, lot.waiting, "returned") == ["RECALL_CONTRADICTED"]
    waiting = read(lot, lambda s: s.get_one(DispensingRow, lot.dispensing_id))
    administer(giving, waiting, "not_administered", reason="recalled before the infusion")
    account(giving, row, lot.waiting, "returned")
    assert refused(close, giving, row, giving.qp) == ["RECALL_UNITS_OPEN"]
    account(giving, row, lot.kept, "in_stock")
    assert list(whereabouts(lot, row).values()) == ["infused", "returned", "in_stock"]
    assert refused(close, giving, row, giving.qa) == ["SOD_RECALL"]
    closed = close(giving, row, giving.qp)
    assert digest(json.loads(closed.report)) == closed.report_sha256
    assert [one["accounted"] for one in json.loads(closed.report)["units"]] == ["infused", "returned", "in_stock"]
    assert held(lot) == numbers(lot)
    waits = read(lot, lambda s: holds_in_the_way(s, s.get_one(BatchRow, lot.kept.batch_id)))
    assert waits == [], "a batch whose recall is closed can be closed"
    assert refused(account, giving, row, lot.kept, "in_stock") == ["STATE_NOT_ALLOWED"]
    assert refused(close, giving, row, giving.qp) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-14-RECALL")
def test_units_cleared_at_the_closing_are_free_of_this_recall_and_of_no_other(lot):
    giving, row = lot.giving, recall(lot, scope="batch", record_id=lot.kept.batch_id)
    other = recall(lot)
    everybody(giving, row)
    account(giving, row, lot.kept, "in_stock")
    close(giving, row, giving.qp, cleared=True)
    assert held(lot) == numbers(lot)
    assert [one.reason[:11] for one in read(lot, list_open_holds)] == [other.number] * 3


@pytest.mark.req("ATMP-14-MOCK")
def test_a_drill_goes_all_the_way_and_changes_nothing_but_its_own_records(lot):
    giving, before = lot.giving, contents(lot)
    row = recall(lot, drill=True)
    assert refused(confirm, giving, row, notices(giving, row)[0], giving.physician) == ["RECALL_SIMULATED"]
    for minutes, notice in enumerate(notices(giving, row)):
        giving.database.clock.advance(timedelta(minutes=minutes))
        call(giving, row, notice)
    account(giving, row, lot.waiting, "lost", words="nobody at the ward could say where it is", by=giving.qa)
    account(giving, row, lot.kept, "in_stock", by=giving.qa)
    closed = close(giving, row, giving.qp)
    assert contents(lot) == before
    assert held(lot) == []
    assert codes(scan(giving, lot.waiting, "NK-04", by=giving.nurse, place="bedside")) == []
    report = json.loads(closed.report)
    assert (report["title"], report["drill"]) == (f"DR-{giving.today.year}-001", True)
    assert report["effectiveness"] == {"confirmed": 7, "of": 7, "minutes to the last confirmation": 21}
    assert read(lot, lambda s: get_recall(s, row.id)).report_sha256 == digest(report)


def contents(lot):
    """Every row of every table that a drill may not touch."""
    with lot.giving.database.reading() as session:
        return {
            table.name: session.execute(sa.select(table).order_by(*table.primary_key)).all()
            for table in METADATA.sorted_tables
            if table.name not in OWN | TRAIL
        }


@pytest.mark.req("ATMP-14-RECALL")
def test_whoever_has_to_answer_finds_it_among_his_work_until_he_did(lot):
    giving, row = lot.giving, recall(lot)

    def waits(who):
        viewer = Viewer(who, giving.now, Speech("en"))
        found = read(lot, lambda s: recall_tasks(s, viewer))
        return [one.location.rpartition("/")[2] for one in found if viewer.may(one.permission)]

    assert waits(giving.physician) == ["confirm"] * 3
    assert waits(giving.sponsor) == ["confirm"]
    assert waits(giving.nurse) == []
    everybody(giving, row)
    assert waits(giving.physician) == waits(giving.sponsor) == []
    assert waits(giving.pharmacist) == [f"{row.id}#units"]
    account(giving, row, lot.waiting, "lost", words="left on the platform, police report made")
    account(giving, row, lot.kept, "in_stock")
    assert waits(giving.qp) == ["close"]
    assert waits(giving.qa) == []


@pytest.mark.req("ATMP-14-RECALL")
def test_a_source_that_went_into_nothing_is_not_recalled(lot):
    with unit_of_work(lot.giving.database, SYSTEM, "test.lot") as work:
        used = work.session.get_one(LotRow, lot.lot_id)
        row = LotRow(**{name: getattr(used, name) for name in LIKE}, code=lot_code(2026, 2))
        unused = work.add(row).id
    assert refused(recall, lot, record_id=unused) == ["RECALL_EMPTY"]
    assert read(lot, find_source, "M26-9999-0") is None


def test_a_recall_writes_to_every_duty_it_names_and_a_drill_to_none(lot, monkeypatch):
    monkeypatch.setattr(mail_is_sent, "answer", lambda: True)
    recall(lot, drill=True)
    written = sa.select(MessageRow.duty).order_by(MessageRow.duty)
    assert read(lot, lambda session: session.execute(written).scalars().all()) == []
    row = recall(lot)
    duties = read(lot, lambda session: session.execute(written).scalars().all())
    assert duties == sorted(one.duty for one in notices(lot.giving, row))
