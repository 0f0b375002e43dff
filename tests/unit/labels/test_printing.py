"""Whether a container gets a label, and the ledger of a batch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.domain.labels import LabelStatus, label_count_refusals
from labels.domain.printing import LABELLING, LIVE, PrintFacts, PrintRecord, ledger_of, printing_refusals, unreconciled
from manufacturing.domain.batches import BatchStatus

_S = LabelStatus
PRINTS = st.lists(
    st.builds(
        lambda container, status: one(container, status),  # noqa: PLW0108  (defined below)
        st.sampled_from(["c1", "c2", "c3"]),
        st.sampled_from([status for status in _S if status is not _S.GENERATED]),
    ),
    max_size=12,
)


def one(container, status):
    verified = status in {_S.VERIFIED, _S.APPLIED, _S.SUPERSEDED}
    return PrintRecord(container, status, verified, status in {_S.APPLIED, _S.SUPERSEDED})


@pytest.mark.parametrize("batch", BatchStatus)
@pytest.mark.parametrize("status", [None, *LIVE])
def test_a_label_needs_a_batch_being_made_and_no_live_label(batch, status):
    facts = PrintFacts(container="c", batch_status=batch, live_number="n", live_status=status)
    expected = ["LABEL_EXISTS"] if status else []
    expected += [] if batch in LABELLING else ["STATE_NOT_ALLOWED"]
    assert [refusal.code for refusal in printing_refusals(facts)] == expected


@pytest.mark.parametrize(
    ("prints", "expected"),
    [
        ([], 2),
        ([("c1", _S.APPLIED)], 1),
        ([("c1", _S.APPLIED), ("c2", _S.APPLIED)], 0),
        ([("c1", _S.APPLIED), ("c2", _S.VERIFIED)], 2),
        ([("c1", _S.APPLIED), ("c2", _S.PRINTED)], 2),
        ([("c1", _S.APPLIED), ("c2", _S.VOIDED)], 1),
        ([("c1", _S.APPLIED), ("c2", _S.APPLIED), ("c2", _S.VOIDED), ("c2", _S.DESTROYED)], 0),
        ([("c1", _S.APPLIED), ("c1", _S.APPLIED), ("c2", _S.APPLIED)], 1),
    ],
)
def test_what_is_not_reconciled(prints, expected):
    assert unreconciled(["c1", "c2"], [one(*pair) for pair in prints]) == expected


@pytest.mark.req("LBL-SERIAL")
@given(PRINTS)
def test_the_difference_is_what_the_count_at_closure_refuses(prints):
    ledger = ledger_of(["c1", "c2", "c3"], prints)
    assert bool(label_count_refusals(ledger.counts)) == (ledger.difference != 0)
    open_ones = sum(1 for record in prints if record.status in {_S.PRINTED, _S.VERIFIED, _S.VOIDED})
    assert ledger.difference == open_ones
    assert ledger.printed == len(prints)
