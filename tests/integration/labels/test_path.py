"""The way of a label from the printer to its container, and what the record keeps of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from kernel.tables import SignatureRow
from labels.domain.labels import LabelStatus
from labels.queries.labels import applied_label, label_ledger, labels_of_container, unreconciled_labels
from labels.queries.scanning import ScanFound, resolve_scan
from tests.integration.labels.factory import (
    KEYS,
    apply_one,
    destroy_one,
    labelled,
    print_one,
    reprint_one,
    verify_one,
    void_one,
)


def signed(database, label):
    with database.reading() as session:
        rows = session.execute(sa.select(SignatureRow).where(SignatureRow.record_id == label.id)).scalars()
        return sorted((row.meaning, row.signer_id) for row in rows)


@pytest.mark.req("LBL-VERIFY", "QR-1")
def test_a_label_is_printed_verified_by_another_and_applied_before_a_witness(bench):
    label = print_one(bench, bench.containers[0])
    assert (label.status, label.printed_by, label.issue) == ("printed", bench.technician.id, 1)
    assert verify_one(bench, label).status == "verified"
    label = apply_one(bench, label)
    with bench.database.reading() as session:
        on = applied_label(session, bench.containers[0])
        assert (on.id, on.applied_by, on.witnessed_by) == (label.id, bench.technician.id, bench.colleague.id)
    first, second = bench.technician.id, bench.colleague.id
    assert signed(bench.database, label) == sorted(
        [("printed", first), ("verified", second), ("applied", first), ("witnessed", second)]
    )


@pytest.mark.req("LBL-REPRINT")
def test_a_reprint_kills_the_old_code_in_the_same_act(bench):
    old = labelled(bench, bench.containers[0])
    new = reprint_one(bench, old)
    with bench.database.reading() as session:
        rows = labels_of_container(session, bench.containers[0])
        assert [(row.issue, row.status) for row in rows] == [(2, "printed"), (1, "voided")]
        dead = resolve_scan(session, KEYS, old.payload)
        assert (dead.code, dead.fact("replaced_by")) == ("LABEL_VOID", new.short_number)
        assert applied_label(session, bench.containers[0]) is None
    assert {new.payload, new.label_id, new.short_number}.isdisjoint({old.payload, old.label_id, old.short_number})


@pytest.mark.req("LBL-SERIAL")
def test_two_containers_of_one_batch_share_nothing(bench):
    first, second = (labelled(bench, one) for one in bench.containers)
    for name in ("label_id", "payload", "short_number", "facts"):
        assert getattr(first, name) != getattr(second, name)
    with bench.database.reading() as session:
        found = [resolve_scan(session, KEYS, one.payload) for one in (first, second)]
    assert [one.container_id for one in found] == bench.containers


@pytest.mark.req("QR-2", "QR-3")
def test_a_scan_and_a_typed_number_find_the_container_and_typing_is_marked(bench):
    label = labelled(bench, bench.containers[0])
    with bench.database.reading() as session:
        for text, typed in ((f"]Q1{label.payload}\r\n", False), (f" {label.short_number}\t", True)):
            found = resolve_scan(session, KEYS, text)
            assert isinstance(found, ScanFound)
            assert (found.label.id, found.container_id, found.typed) == (label.id, bench.containers[0], typed)


@pytest.mark.req("LBL-SERIAL")
def test_the_ledger_accounts_for_every_print(bench):
    with bench.database.reading() as session:
        assert unreconciled_labels(session, bench.batch_id) == 2
    first = labelled(bench, bench.containers[0])
    again = reprint_one(bench, first)
    with bench.database.reading() as session:
        # One bare container, one without an applied label, one print that lies about.
        assert unreconciled_labels(session, bench.batch_id) == 3
        ledger = label_ledger(session, bench.batch_id)
    assert (ledger.printed, ledger.verified, ledger.applied, ledger.voided, ledger.destroyed) == (2, 1, 1, 1, 0)
    assert ledger.difference == 2
    verify_one(bench, again)
    apply_one(bench, again)
    destroy_one(bench, first)
    labelled(bench, bench.containers[1])
    with bench.database.reading() as session:
        ledger = label_ledger(session, bench.batch_id)
        assert (ledger.on_containers, ledger.destroyed, ledger.difference) == (2, 1, 0)
        assert unreconciled_labels(session, bench.batch_id) == 0


def test_a_container_gets_a_new_label_after_the_old_one_was_voided(bench):
    old = print_one(bench, bench.containers[0])
    assert void_one(bench, old).status == LabelStatus.VOIDED
    assert print_one(bench, bench.containers[0]).issue == 2
