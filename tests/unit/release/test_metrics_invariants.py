"""Whatever the histories are: F <= R <= M <= L <= I <= T, and the batches balance (process design, section 7.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release.domain.histories import BatchHistory, DropReason, Given, InfusionHistory, PatientHistory
from release.domain.metrics import TrialRules, batch_counts, feasibility, sums_of
from release.domain.patient_figures import StageKey
from tests.unit.release.told_histories import Told, counted, facts

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
    eligible=st.booleans(),
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
    found = batch_counts(sums_of(patients, RULES))
    assert found["started"] == sum(found[name] for name in ("rejected", "released", "in_progress", "terminated"))
    assert found["released"] == sum(found[name] for name in ("infused", "partially_infused", "not_infused", "pending"))


GIVES = ("give:full:12", "give:part:3", "give:part:2", "give:full:?", "give:full:12:no")
BEGINNINGS = ("start", "start terminate", "start fill", "start fill reject", "start fill terminate")
CERTIFIED = ("start fill pending", "start fill full", "start fill pending full")
ENDS = ("", "expire", "late", "late reject", "reject", "late supply give:full:12", "late supply give:part:2:no")
SUPPLIED = tuple(f"start fill supply {give}" for give in GIVES)
LINES = st.sampled_from(BEGINNINGS + SUPPLIED) | st.builds(
    lambda start, given_, end: " ".join([start, *given_, end]),
    st.sampled_from(CERTIFIED),
    st.lists(st.sampled_from(GIVES), max_size=2),
    st.sampled_from(ENDS),
)
REACTIONS = st.sampled_from(["3 probable", "5 definite", "2 definite", "4 possible", "3 probable waits", "3 ?", "1 ?"])
HISTORIES = st.lists(
    st.builds(
        Told,
        code=st.just(""),
        way=st.sampled_from(["", "T", "TI", "TID", "TIL", "TIDL", "TIDLL"]),
        batches=st.lists(LINES, max_size=3).map(tuple),
        ended=st.just("") | st.sampled_from([one.value for one in DropReason]),
        reactions=st.lists(REACTIONS, max_size=2).map(tuple),
    ),
    max_size=14,
).map(lambda found: [replace(one, code=f"P{place:02}") for place, one in enumerate(found)])


@pytest.mark.req("TR-F1", "TR-F2", "TR-F3", "TR-S1", "TR-PROV")
@settings(max_examples=200)
@given(HISTORIES)
def test_whole_histories_give_the_figures_that_an_oracle_counts_from_their_words(told):
    expected = counted(told)
    patients = tuple(facts(one) for one in told)
    found = feasibility(patients, RULES)
    assert {key.value: set(codes) for key, codes in found.stages.items()} == expected.reached
    assert {
        one.code: (one.after.value, one.reason.value if one.reason else "") for one in found.drops
    } == expected.drops
    assert set(found.fell) == expected.fell
    batches = batch_counts(sums_of(patients, RULES))
    assert {name: count for name, count in batches.items() if count and name not in {"released", "started"}} == (
        expected.batches
    )
    safety = found.safety
    assert (set(safety.infused), set(safety.confirmed), set(safety.pending)) == (
        *(expected.infused, expected.confirmed, expected.waiting),
    )
    assert (found.inclusion.met, found.infusion.met, found.infusion_final.met, found.infusion.reachable) == (
        *(expected.inclusion_met, expected.infusion_met, expected.final_met, expected.infusion_reachable),
    )
