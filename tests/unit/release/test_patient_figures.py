"""What one patient adds to the figures, and that figures which change patient by patient are those of everybody."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from release.domain.metrics import sums_of
from release.domain.patient_figures import WHOLE, Sums, figures_of
from release.domain.safety import SafetyRules
from tests.unit.release.test_metrics import FULL, GOOD, INCLUDED, PARTIAL, REJECTED, RULES, SECOND, patient

LATE = replace(GOOD, late_oos=True)
ONES = (
    patient(GOOD, code="P03"),
    patient(REJECTED, code="P01"),
    patient(LATE, code="P04"),
    replace(INCLUDED, code="P02", included_at=None),
)
NAMES = {name for one in ONES for name in figures_of(one, SafetyRules()).lists}
NUMBERS = {name for one in ONES for name in figures_of(one, SafetyRules()).adds}


def told(sums):
    """All that can be asked of them."""
    lists = {name: sums.codes(name) for name in NAMES}
    return [one.code for one in sums.everyone], lists, {name: sums.number(name) for name in NUMBERS}


@pytest.mark.req("TR-PROV")
@pytest.mark.parametrize(("gone", "stays", "comes"), list(permutations(range(4), 3)))
def test_some_gone_and_others_come_is_what_counting_everybody_anew_finds(gone, stays, comes):
    figures = [figures_of(one, SafetyRules()) for one in ONES]
    before = Sums.of([figures[gone], figures[stays]])
    kept = told(before)
    assert told(before.changed([figures[gone]], [figures[comes]])) == told(Sums.of([figures[stays], figures[comes]]))
    assert told(before) == kept, "somebody may be looking at the sums as they were"


@pytest.mark.req("TR-F2")
@pytest.mark.parametrize(
    ("history", "whole"),
    [
        (patient(GOOD), 1),
        (patient(replace(GOOD, infusions=(PARTIAL, FULL))), 1),
        (patient(replace(GOOD, infusions=(PARTIAL,)), SECOND), 1),
        (patient(replace(GOOD, infusions=(PARTIAL,))), 0),
        (patient(replace(GOOD, infusions=(PARTIAL,)), replace(SECOND, late_oos=True)), 0),
        (patient(replace(GOOD, infusions=(PARTIAL,)), replace(SECOND, rejected=True)), 0),
        (patient(replace(GOOD, infusions=(PARTIAL, replace(FULL, against_verdict=True)))), 0),
        (patient(replace(GOOD, infusions=(PARTIAL, replace(FULL, out_of_specification=True)))), 0),
        (patient(replace(GOOD, infusions=(PARTIAL, replace(FULL, nk_per_kg=FULL.minimum_nk_per_kg - 1)))), 0),
        (patient(GOOD, included_at=None), 0),
    ],
    ids=[
        *("whole", "a part and a whole one", "a part, and another batch whole", "in part"),
        *("the whole one failed late", "the whole one was never released", "the whole one against the verdict"),
        *("the whole one out of specification", "the whole one too small", "never included"),
    ],
)
def test_whole_is_who_counts_with_one_dose_at_least_that_went_in_whole(history, whole):
    assert sums_of((history,), RULES).number(WHOLE) == whole
