"""A container that was frozen carries no label of its fresh life (expiry drift)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labels.queries.labels import unreconciled_labels
from labels.queries.scanning import resolve_scan
from manufacturing.tables.batches import ContainerRow
from tests.integration.labels.factory import KEYS, apply_one, change, labelled, reprint_one, verify_one


@pytest.mark.req("QR-2")
def test_another_expiry_kills_the_label_and_a_reprint_brings_it_back(bench):
    label = labelled(bench, bench.containers[0])
    now = bench.database.clock.now()
    change(bench.database, ContainerRow, label.container_id, frozen_at=now, expires_at=now + timedelta(days=365))
    with bench.database.reading() as session:
        assert resolve_scan(session, KEYS, label.payload).code == "LABEL_RECORD_DRIFT"
        before = unreconciled_labels(session, bench.batch_id)
    fresh = reprint_one(bench, label, reason="frozen: another expiry")
    verify_one(bench, fresh)
    apply_one(bench, fresh)
    with bench.database.reading() as session:
        assert resolve_scan(session, KEYS, fresh.payload).container_id == label.container_id
        assert resolve_scan(session, KEYS, label.payload).code != "LABEL_RECORD_DRIFT"
        assert unreconciled_labels(session, bench.batch_id) >= before
