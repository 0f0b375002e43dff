"""What a result says under another version: nothing, where something else was measured."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from release.domain.criteria import Comparison, Criterion, Formula, Kind, Stage
from release.domain.results import Outcome
from release.domain.todays import Answer, Judged, answer, not_comparable, read_too_early

PURITY = Criterion(
    "purity",
    "purity",
    Kind.NUMERIC,
    Comparison.AT_LEAST,
    "%",
    "flow",
    Stage.PRE,
    population="CD56+CD3-",
    limit=Decimal(70),
)


@pytest.mark.req("ATMP-6.2-SPEC")
@pytest.mark.parametrize(
    "changed",
    [
        {"method": "microscopy"},
        {"population": "CD56+"},
        {"parent": "CD45+"},
        {"formula": Formula.PERCENT_OF_LABEL, "kind": Kind.COMPUTED, "unit": "% of label"},
        {"unit": "EU/mL"},
        {"kind": Kind.QUALITATIVE, "comparison": Comparison.ONE_OF, "texts": ("pure",)},
    ],
)
def test_a_result_measured_for_something_else_is_held_against_nothing(changed):
    assert not_comparable(PURITY, replace(PURITY, **changed)) != ""


def test_another_limit_is_the_same_measurement():
    assert not_comparable(PURITY, replace(PURITY, limit=Decimal(90), comparison=Comparison.MORE_THAN)) == ""
    assert not_comparable(None, PURITY) != ""


def test_no_growth_on_day_seven_is_not_final_where_fourteen_days_are_asked():
    sterility = replace(PURITY, kind=Kind.STERILITY, comparison=Comparison.ONE_OF)
    assert read_too_early(sterility, "final_negative", 7, Decimal(14))
    assert not read_too_early(sterility, "final_negative", 14, Decimal(14))
    assert not read_too_early(sterility, "positive", 3, Decimal(14))


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([Outcome.PASS, Outcome.ALERT], Answer.PASSES),
        ([Outcome.PASS, Outcome.OOS], Answer.FAILS),
        ([None, Outcome.OOS], Answer.FAILS),
        ([Outcome.PASS, None], Answer.OPEN),
        ([Outcome.PASS, Outcome.UNDECIDABLE], Answer.OPEN),
        ([Outcome.PASS, Outcome.PENDING], Answer.OPEN),
        ([], Answer.OPEN),
    ],
)
def test_a_batch_passes_only_where_every_mandatory_criterion_is_met(outcomes, expected):
    assert answer(Judged(PURITY, outcome) for outcome in outcomes) is expected


def test_what_is_only_reported_decides_nothing_and_nothing_mandatory_is_no_pass():
    reported = replace(PURITY, mandatory=False, report_only=True)
    assert answer([Judged(reported, Outcome.OOS)]) is Answer.OPEN
