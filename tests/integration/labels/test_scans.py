"""What a scan is told about a label: found, or the one reason why not; each fault alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from kernel.documents.domain import DocumentStatus
from kernel.documents.tables import DocumentRow
from kernel.work import unit_of_work
from labels.domain.payload import LabelKeys
from labels.domain.short_numbers import short_number
from labels.ports import label_keys
from labels.queries.scanning import resolve_scan
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow, DonorRow, MarkerRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from tests.integration.labels.factory import (
    KEYS,
    PRESET,
    altered,
    change,
    document,
    labelled,
    only,
    other_letter,
    print_one,
    verify_one,
    void_one,
)

NO_LABEL = {
    "LABEL_TRUNCATED": lambda text: text[:-1],
    "LABEL_DOUBLED": lambda text: f"{text}\r{text}",
    "LABEL_MISREAD": lambda text: text[:-1] + other_letter(text[-1]),
    "LABEL_FORGED": lambda text: altered(text, at30=other_letter(text[30])),
    "LABEL_UNKNOWN": lambda text: altered(text, at7=other_letter(text[7])),
    "LABEL_KEY_UNKNOWN": lambda text: altered(text, at4="D"),
    "NOT_A_LABEL": lambda text: "https://example.org/",
    "SHORT_NUMBER": lambda text: "NK-26-0001-01-02-X",
}


@pytest.mark.req("QR-1", "QR-2")
def test_a_scan_that_names_no_label_is_told_why(bench):
    label = labelled(bench, bench.containers[0])
    with bench.database.reading() as session:
        told = {code: resolve_scan(session, KEYS, scan(label.payload)).code for code, scan in NO_LABEL.items()}
    assert told == {code: code for code in NO_LABEL}


@pytest.mark.parametrize("text", ["", "NKTL", "'; DROP TABLE label", "NK-26-0001-01-01-X", "x" * 300])
def test_a_text_of_no_label_is_refused_without_reading_a_record(text):
    assert resolve_scan(None, KEYS, text).code


def test_a_key_that_is_not_ours_is_refused_without_reading_a_record(bench):
    label = print_one(bench, bench.containers[0])
    stranger = LabelKeys({"B": KEYS.keys["B"]}, "B", KEYS.instance)
    assert resolve_scan(None, stranger, label.payload).code == "LABEL_KEY_UNKNOWN"


@pytest.mark.req("QR-3")
def test_a_typed_number_of_a_label_never_printed_is_unknown(bench):
    label = labelled(bench, bench.containers[0])
    void_one(bench, label)
    with bench.database.reading() as session:
        assert resolve_scan(session, KEYS, label.short_number).code == "LABEL_VOID"
    change(bench.database, BatchRow, bench.batch_id, number="NK-26-0002")
    with bench.database.reading() as session:
        assert resolve_scan(session, KEYS, short_number("NK-26-0002", 1, 1)).code == "LABEL_UNKNOWN"


@pytest.mark.parametrize("text", ["payload", "short_number"])
def test_a_label_on_its_way_does_not_speak_for_its_container(bench, text):
    label = print_one(bench, bench.containers[0])
    verify_one(bench, label)
    with bench.database.reading() as session:
        assert resolve_scan(session, KEYS, getattr(label, text)).code == "LABEL_UNVERIFIED"


@pytest.mark.parametrize("text", ["payload", "short_number"])
def test_a_superseded_label_is_named_as_such(bench, text):
    label = labelled(bench, bench.containers[0])
    change(bench.database, type(label), label.id, status="superseded")
    with bench.database.reading() as session:
        assert resolve_scan(session, KEYS, getattr(label, text)).code == "LABEL_SUPERSEDED"


FACTS = {
    "volume_ml": (ContainerRow, {"volume_ml": Decimal("50.1")}),
    "viable_nk": (ContainerRow, {"viable_nk": Decimal("243056789.4")}),
    "subject_code": (SubjectRow, {"code": "NK-04"}),
    "donor_code": (DonorRow, {"code": "D-0018"}),
    "donation_check": (CollectionRow, {"check_character": "U"}),
    "trial_code": (TrialRow, {"eu_trial_number": "2026-500001-00-00"}),
    "batch": (BatchRow, {"number": "NK-26-0009"}),
}


@pytest.mark.req("LBL-RELABEL")
@pytest.mark.parametrize("text", ["payload", "short_number"])
def test_any_printed_fact_that_changed_since_is_drift(bench, text):
    label = labelled(bench, bench.containers[0])
    told = {}
    for fact, (table, values) in FACTS.items():
        record = bench.containers[0] if table is ContainerRow else only(bench.database, table)
        before = change(bench.database, table, record, **values)
        with bench.database.reading() as session:
            refusal = resolve_scan(session, KEYS, getattr(label, text))
        told[fact] = (refusal.code, refusal.fact("changed"))
        change(bench.database, table, record, **before)
    assert told == {fact: ("LABEL_RECORD_DRIFT", fact) for fact in FACTS}
    with bench.database.reading() as session:
        assert resolve_scan(session, KEYS, getattr(label, text)).label.id == label.id


@pytest.mark.req("TC-86-E1f")
def test_a_marker_found_reactive_after_the_print_is_drift(bench):
    label = labelled(bench, bench.containers[0])
    with bench.database.reading() as session:
        marker = session.execute(sa.select(MarkerRow.id).where(MarkerRow.marker == "anti_hbc")).scalar_one()
    change(bench.database, MarkerRow, marker, result="reactive")
    with bench.database.reading() as session:
        refusal = resolve_scan(session, KEYS, label.payload)
    assert (refusal.code, refusal.fact("changed")) == ("LABEL_RECORD_DRIFT", "warnings")


def test_a_new_template_is_no_drift_of_labels_printed_before_it(bench):
    label = labelled(bench, bench.containers[0])
    change(bench.database, DocumentRow, bench.template_id, status=DocumentStatus.RETIRED)
    newer = PRESET | {"product": {"name": "NK-cellen", "code": "NK-2"}}
    with unit_of_work(bench.database, bench.technician, "test.template") as work:
        document(work, "label_template", newer, number=2)
    with bench.database.reading() as session:
        assert resolve_scan(session, KEYS, label.payload).label.id == label.id


@pytest.mark.parametrize("text", ["payload", "short_number"])
def test_a_label_of_another_installation_is_refused(bench, text):
    label = labelled(bench, bench.containers[0])
    elsewhere = LabelKeys(KEYS.keys, KEYS.current, "DEMO-OTHER2")
    with bench.database.reading() as session:
        assert resolve_scan(session, elsewhere, getattr(label, text)).code == "WRONG_INSTANCE"


def test_an_old_key_verifies_and_the_new_one_signs(bench, monkeypatch):
    label = labelled(bench, bench.containers[0])
    newer = LabelKeys({**KEYS.keys, "D": bytes(range(2, 34))}, "D", KEYS.instance)
    monkeypatch.setattr(label_keys, "answer", lambda: newer)
    with bench.database.reading() as session:
        assert resolve_scan(session, newer, label.payload).label.id == label.id
    assert print_one(bench, bench.containers[1]).payload[4] == "D"
