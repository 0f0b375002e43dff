"""The measurement copies whole batches; no table is left out by nobody's decision."""

from __future__ import annotations

from tests.bench.copies import forgotten


def test_every_audited_table_is_copied_with_its_subject_or_declared_shared():
    assert forgotten() == set(), "SHARED of tests/bench/copies.py: what does not belong to one subject, and only that"
