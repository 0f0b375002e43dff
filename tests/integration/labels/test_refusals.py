"""One fault each: exactly its code, and nothing changed but the trail."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from kernel.canonical import digest
from kernel.documents.domain import DocumentStatus
from kernel.documents.tables import DocumentRow
from kernel.errors import Refused
from kernel.tables import TrailChangeRow
from kernel.work import unit_of_work
from labels.queries.contents import label_content, print_content
from labels.queries.labels import labels_of_container
from labels.services.labels import apply_label
from labels.services.printing import print_label
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow, DonorRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from tests.integration.labels.factory import (
    altered,
    apply_one,
    change,
    labelled,
    marker_row,
    only,
    other_letter,
    print_one,
    reprint_one,
    verify_one,
    void_one,
)


def refused(bench, run):
    """The codes of what ``run`` is refused for; no record has a new version afterwards."""
    before = versions(bench.database)
    with pytest.raises(Refused) as caught:
        run()
    assert versions(bench.database) == before
    return [one.code for one in caught.value.refusals]


def versions(database):
    with database.reading() as session:
        return session.execute(sa.select(sa.func.count()).select_from(TrailChangeRow)).scalar_one()


@pytest.mark.req("LBL-SERIAL")
def test_a_container_with_a_live_label_gets_no_second_one(bench):
    print_one(bench, bench.containers[0])
    assert refused(bench, lambda: print_one(bench, bench.containers[0])) == ["LABEL_EXISTS"]


@pytest.mark.req("F-D7.2.3", "F-D7.2.4")
def test_nothing_is_printed_without_an_effective_template(bench):
    change(bench.database, DocumentRow, bench.template_id, status=DocumentStatus.RETIRED)
    assert refused(bench, lambda: print_one(bench, bench.containers[0])) == ["NO_EFFECTIVE_DOCUMENT"]


@pytest.mark.parametrize("status", ["planned", "terminated", "closed"])
def test_a_batch_that_is_not_being_made_gets_no_label(bench, status):
    change(bench.database, BatchRow, bench.batch_id, status=status)
    assert refused(bench, lambda: print_one(bench, bench.containers[0])) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("CTR-VI-A1")
@pytest.mark.parametrize(
    ("table", "values", "letter"),
    [
        (ContainerRow, {"viable_nk": Decimal(0)}, "b"),
        (ContainerRow, {"volume_ml": Decimal(0)}, "c"),
        (TrialRow, {"eu_trial_number": " "}, "e"),
        (SubjectRow, {"code": ""}, "f"),
        (DonorRow, {"code": ""}, "–"),
    ],
)
@pytest.mark.every_case
def test_an_empty_item_of_the_records_is_named_by_its_letter(bench, table, values, letter):
    record = bench.containers[0] if table is ContainerRow else only(bench.database, table)
    change(bench.database, table, record, **values)
    with pytest.raises(Refused) as caught:
        print_one(bench, bench.containers[0])
    assert [(one.code, one.fact("letter")) for one in caught.value.refusals] == [("MISSING_ITEM", letter)]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"check_character": "X"}, "DIN_CHECK"),
        ({"status": "received_quarantine", "accepted_at": None}, "LABEL_DONOR_STATUS"),
        ({"status": "rejected"}, "LABEL_DONOR_STATUS"),
        ({"is_din": False, "number": "a1"}, "ID_FORMAT"),
    ],
)
def test_a_donation_that_cannot_stand_on_a_label(bench, values, code):
    change(bench.database, CollectionRow, bench.collection_id, **values)
    assert refused(bench, lambda: print_one(bench, bench.containers[0])) == [code]


@pytest.mark.parametrize(
    ("code", "expected"),
    [("NK-" + "W" * 60, "LABEL_TEXT_TOO_LONG"), ("NK-03\u0416", "LABEL_GLYPH")],
)
def test_a_text_that_would_not_stand_whole_is_not_printed(bench, code, expected):
    change(bench.database, SubjectRow, only(bench.database, SubjectRow), code=code)
    assert refused(bench, lambda: print_one(bench, bench.containers[0])) == [expected]


@pytest.mark.req("LBL-TWO")
def test_nothing_is_printed_or_verified_while_another_verified_label_waits_to_be_applied(bench):
    first, second = (print_one(bench, one) for one in bench.containers)
    verify_one(bench, first)
    assert refused(bench, lambda: verify_one(bench, second)) == ["LABEL_IN_PROGRESS"]
    void_one(bench, second)
    assert refused(bench, lambda: print_one(bench, bench.containers[1])) == ["LABEL_IN_PROGRESS"]
    apply_one(bench, first)
    assert print_one(bench, bench.containers[1]).status == "printed"


@pytest.mark.req("LBL-VERIFY", "S6")
def test_the_printer_does_not_verify(bench):
    label = print_one(bench, bench.containers[0])
    assert refused(bench, lambda: verify_one(bench, label, by=bench.technician)) == ["SOD_LABEL"]


OTHER_SCANS = (
    (lambda text: text[:-1], "LABEL_TRUNCATED"),
    (lambda text: text + text, "LABEL_DOUBLED"),
    (lambda text: text[:-1] + other_letter(text[-1]), "LABEL_MISREAD"),
    (lambda text: altered(text, at30=other_letter(text[30])), "LABEL_FORGED"),
    (lambda text: altered(text, at4="D"), "LABEL_KEY_UNKNOWN"),
    (lambda text: altered(text, at4="B"), "LABEL_FORGED"),
    (lambda text: altered(text, at7=other_letter(text[7])), "LABEL_UNREAD"),
    (lambda text: "01095212345432131726112310NK260001", "NOT_A_LABEL"),
    (lambda text: "´`04000´A9999926", "LAYOUT_MISMATCH"),
)


@pytest.mark.req("LBL-VERIFY", "QR-2")
def test_only_this_print_verifies_it(bench):
    label = print_one(bench, bench.containers[0])
    scans = [scan(label.payload) for scan, _ in OTHER_SCANS]
    told = [refused(bench, lambda text=text: verify_one(bench, label, scanned=text)) for text in scans]
    assert told == [[code] for _, code in OTHER_SCANS]
    assert verify_one(bench, label).status == "verified"


@pytest.mark.req("LBL-VERIFY")
def test_the_print_of_another_container_does_not_verify_this_one(bench):
    first, second = (print_one(bench, one) for one in bench.containers)
    assert refused(bench, lambda: verify_one(bench, first, scanned=second.payload)) == ["LABEL_UNREAD"]


@pytest.mark.req("QR-3")
def test_the_typed_number_is_no_proof_of_a_readable_code(bench):
    label = print_one(bench, bench.containers[0])
    assert refused(bench, lambda: verify_one(bench, label, scanned=label.short_number)) == ["NOT_A_LABEL"]


@pytest.mark.req("LBL-RELABEL")
def test_a_record_changed_after_the_print_is_neither_verified_nor_applied(bench):
    label = print_one(bench, bench.containers[0])
    before = {"expires_at": label.printed_at + timedelta(hours=24)}
    earlier = {"expires_at": label.printed_at + timedelta(hours=23)}
    change(bench.database, ContainerRow, bench.containers[0], **earlier)
    assert refused(bench, lambda: verify_one(bench, label)) == ["LABEL_RECORD_DRIFT"]
    change(bench.database, ContainerRow, bench.containers[0], **before)
    verify_one(bench, label)
    change(bench.database, ContainerRow, bench.containers[0], **earlier)
    assert refused(bench, lambda: apply_one(bench, label)) == ["LABEL_RECORD_DRIFT"]


def test_a_label_is_applied_to_its_own_container_only(bench):
    label = print_one(bench, bench.containers[0])
    verify_one(bench, label)
    assert refused(bench, lambda: apply_one(bench, label, container_code=bench.codes()[1])) == ["LABEL_CONTAINER"]


@pytest.mark.req("LBL-VERIFY")
def test_an_unverified_label_is_not_applied(bench):
    label = print_one(bench, bench.containers[0])
    assert refused(bench, lambda: apply_one(bench, label)) == ["STATE_NOT_ALLOWED"]


def test_a_void_label_is_dead_for_every_act(bench):
    label = void_one(bench, print_one(bench, bench.containers[0]))
    for run in (verify_one, apply_one, void_one, reprint_one):
        assert refused(bench, lambda run=run: run(bench, label)) == ["LABEL_VOID"]


@pytest.mark.req("LBL-REPRINT")
def test_a_print_is_not_ended_without_a_reason(bench):
    label = print_one(bench, bench.containers[0])
    for run in (void_one, reprint_one):
        for reason in ("", "typo"):
            told = refused(bench, lambda run=run, reason=reason: run(bench, label, reason=reason))
            assert told == ["MISSING_REASON"]


@pytest.mark.req("LBL-REPRINT")
def test_a_reprint_that_cannot_be_drawn_leaves_the_old_label_alive(bench):
    label = labelled(bench, bench.containers[0])
    change(bench.database, SubjectRow, only(bench.database, SubjectRow), code="NK-" + "W" * 60)
    assert refused(bench, lambda: reprint_one(bench, label)) == ["LABEL_TEXT_TOO_LONG"]
    with bench.database.reading() as session:
        assert [row.status for row in labels_of_container(session, label.container_id)] == ["applied"]


def test_only_a_technician_prints(bench):
    assert refused(bench, lambda: print_one(bench, bench.containers[0], by=bench.qa)) == ["ROLE_NOT_ALLOWED"]


@pytest.mark.req("SIG-WYSIWYS")
def test_a_page_opened_before_the_record_changed_prints_nothing(bench):
    with bench.database.reading() as session:
        seen = digest(print_content(session, bench.containers[0]))
    change(bench.database, ContainerRow, bench.containers[0], volume_ml=Decimal("49.5"))

    def late():
        who = bench.technician
        with unit_of_work(bench.database, who, "label.print", signers=(who,), seen=seen) as work:
            print_label(work, bench.containers[0])

    assert refused(bench, late) == ["STALE_VERSION"]


def test_a_page_opened_before_the_label_was_verified_does_not_apply_it(bench):
    label = print_one(bench, bench.containers[0])
    with bench.database.reading() as session:
        seen = digest(label_content(session, label.id))
    verify_one(bench, label)

    def late():
        pair = (bench.technician, bench.colleague)
        with unit_of_work(bench.database, pair[0], "label.apply", signers=pair, seen=seen) as work:
            apply_label(work, label.id, container_code=bench.codes()[0])

    assert refused(bench, late) == ["STALE_VERSION"]


@pytest.mark.req("TC-86-E1f")
def test_a_reactive_marker_puts_the_hazard_on_the_label_by_name(bench):
    with bench.database.reading() as session:
        collection = session.get_one(CollectionRow, bench.collection_id)
    with unit_of_work(bench.database, bench.technician, "test.marker") as work:
        work.add(marker_row(collection, "anti_htlv", "reactive"))
    label = print_one(bench, bench.containers[0])
    assert '["BIOLOGISCH GEVAAR","BIOLOGICAL HAZARD","anti-HTLV-I"]' in label.facts
