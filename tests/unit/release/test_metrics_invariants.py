"""Whatever the histories are: F <= R <= M <= L <= I <= T, and the batches balance (process design, section 7.2)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.domain.metrics import (
    BatchHistory,
    DropReason,
    Given,
    InfusionHistory,
    PatientHistory,
    StageKey,
    TrialRules,
    batch_counts,
    feasibility,
)

D = Decimal
RULES = TrialRules()
INFUSIONS = st.builds(
    InfusionHistory,
    st.sampled_from(Given),
    st.none() | st.sampled_from([D("1e6"), D("3e6"), D("1e7")]),
    st.just(D("3e6")),
    st.booleans(),
)
FLAGS = [st.booleans()] * 7
BATCHES = st.builds(
    BatchHistory,
    st.just("B"),
    *FLAGS,
    st.lists(INFUSIONS, max_size=2).map(tuple),
    st.none() | st.sampled_from(DropReason),
)
PATIENTS = st.builds(
    PatientHistory,
    code=st.uuids().map(str),
    transplanted=st.booleans(),
    included_at=st.none() | st.just(date(2026, 1, 5)),
    donor_cleared=st.booleans(),
    collections=st.integers(0, 2),
    batches=st.lists(BATCHES, max_size=3).map(tuple),
    concluded=st.booleans(),
)


@pytest.mark.req("TR-PROV")
@given(st.lists(PATIENTS, max_size=6).map(tuple))
def test_no_history_breaks_the_order_of_the_stages(patients):
    answer = feasibility(patients, RULES)
    sets = {key: set(codes) for key, codes in answer.stages.items()}
    chain = [sets[StageKey(key)] for key in ("F", "R", "M", "L", "I", "T")]
    assert all(inner <= outer for inner, outer in pairwise(chain))
    assert sets[StageKey.F_FINAL] <= sets[StageKey.F]
    assert sets[StageKey.F_FINAL] <= sets[StageKey.R_FINAL] <= sets[StageKey.R]
    assert sets[StageKey.D] <= sets[StageKey.I]
    assert {drop.code for drop in answer.drops} == sets[StageKey.T] - sets[StageKey.F]
    assert answer.infusion_of_concluded.n <= answer.infusion.n
    assert set(answer.fell).isdisjoint(sets[StageKey.F])


@pytest.mark.req("TR-PROV")
@given(st.lists(PATIENTS, max_size=6).map(tuple))
def test_batches_balance(patients):
    found = batch_counts(patients)
    assert found["started"] == sum(found[name] for name in ("rejected", "released", "in_progress", "terminated"))
    assert found["released"] == sum(found[name] for name in ("infused", "partially_infused", "not_infused", "pending"))
