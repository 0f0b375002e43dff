"""What another version of the protocol would have decided: shown, decision by decision, and nothing is decided by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from manufacturing.domain.protocol import parse_protocol
from release.domain.effects import (
    ALLOWED_CHECK,
    ALLOWED_INCLUSION,
    ASKED_SPONSOR,
    ENTERS,
    HOLDS,
    LEAVES,
    NOT_ASKED_SPONSOR,
    REFUSED_CHECK,
    REFUSED_CODE,
    REFUSED_INCLUSION,
    SHORTER_OBSERVATION,
    VERDICT,
    Checked,
    Enrolled,
    Observed,
    Past,
    Version,
    changed_settings,
    effects,
    not_looked_at,
)
from release.domain.eligibility import EligibilityForm, Reading
from release.domain.metrics import feasibility
from release.queries.metrics import safety_rules, trial_rules
from release.queries.orders import eligibility_settings
from tests.conftest import START
from tests.unit.manufacturing.test_protocol import PRESET
from tests.unit.release.told_histories import MILLION, Told, facts

D = Decimal
OLD = parse_protocol(PRESET)
TODAY = START.date()
BOY = Enrolled(
    "NK-01", 100, eighteenth_birthday=False, donor_type="mismatched_family", included=True, not_eligible=False
)
OUT = replace(BOY, included=False, not_eligible=True)
FORM = EligibilityForm(
    signed_at=START,
    marrow_blasts_percent=Reading(D(2), TODAY - timedelta(days=30)),
    circulating_blasts_percent=Reading(D(4), TODAY),
    extramedullary_progression=False,
    neutrophils_e9_per_l=Reading(D("0.8"), TODAY),
    gvhd_grade=1,
    steroids_mg_per_kg_day=D(1),
    other_condition=False,
    donor_chimerism=False,
)
STOPPED = replace(
    FORM,
    steroids_mg_per_kg_day=D(0),
    immunosuppression_given=True,
    immunosuppression_last_on=TODAY - timedelta(days=15),
    second_product_given=True,
)
STILL = replace(STOPPED, immunosuppression_last_on=TODAY - timedelta(days=14))
FIT = Checked("NK-01", "ORD-0001", FORM, START, failed=False)
UNFIT = replace(FIT, form=replace(FORM, gvhd_grade=2), failed=True)
MILD = Observed("NK-01", "fever", 2, "probable", waited=False)
SEVERE = Observed("NK-01", "rash", 3, "probable", waited=True)


def told(*stories, version=OLD):
    """Figures under a version: the minimum dose is one of its settings."""
    minimum = version.infusion_minimum_nk_per_kg
    patients = tuple(facts(one) for one in stories)
    patients = tuple(
        replace(
            one,
            batches=tuple(
                replace(batch, infusions=tuple(replace(each, minimum_nk_per_kg=minimum) for each in batch.infusions))
                for batch in one.batches
            ),
        )
        for one in patients
    )
    return feasibility(patients, trial_rules(version))


STORIES = (
    *(Told(f"G{one}", "TIDL", ("start fill full give:full:12",)) for one in range(8)),
    Told("LOW", "TIDL", ("start fill full give:full:4",), reactions=("3 possible",)),
    *(Told(f"R{one}", "TIDL", ("start fill late give:full:1",), reactions=("3 possible",)) for one in range(2)),
    Told("OUT", "TI", ended="death"),
)


def found(*, enrolled=(), checks=(), reactions=(), stories=(), **changes):
    """Effects of a version with these settings changed, without what they do to the figures of no one."""
    new = replace(OLD, **changes)
    past = Past(enrolled, checks, reactions, told(*stories), told(*stories, version=new))
    return effects(past, version(OLD), version(new))


def version(protocol):
    return Version(protocol, eligibility_settings(protocol), safety_rules(protocol))


def lines(effects_found):
    return [(one.subject, one.sentence, [refusal.code for refusal in one.refusals]) for one in effects_found]


@pytest.mark.req("TR-N", "TR-PROV")
@pytest.mark.parametrize(
    ("one", "changes", "expected"),
    [
        (BOY, {"age_highest_months": 99}, [(REFUSED_INCLUSION, ["INCLUSION_AGE"])]),
        (BOY, {"age_highest_months": 100}, []),
        (replace(BOY, age_months=9), {"target": 9}, []),
        (replace(BOY, age_months=9), {"age_lowest_months": 10}, [(REFUSED_INCLUSION, ["INCLUSION_AGE"])]),
        (BOY, {"age_lowest_months": 101}, [(REFUSED_INCLUSION, ["INCLUSION_AGE"])]),
        (BOY, {"donor_types": ("matched_sibling",)}, [(REFUSED_INCLUSION, ["DONOR_TYPE"])]),
        (replace(BOY, age_months=216, eighteenth_birthday=True), {}, []),
        (
            replace(BOY, age_months=216, eighteenth_birthday=True),
            {"eighteenth_birthday_allowed": False},
            [(REFUSED_INCLUSION, ["INCLUSION_AGE"])],
        ),
        (replace(BOY, place=9), {"target": 9}, [(REFUSED_INCLUSION, ["TARGET_REACHED"])]),
        (replace(BOY, place=8), {"target": 9}, []),
        (replace(OUT, age_months=220), {"age_highest_months": 227}, [(ALLOWED_INCLUSION, [])]),
        (replace(OUT, age_months=220), {}, []),
        (replace(OUT, age_months=220, not_eligible=False), {"age_highest_months": 227}, []),
        (BOY, {"subject_code_pattern": "NK-[0-9]{3}"}, [(REFUSED_CODE, ["ID_FORMAT"])]),
        (
            replace(BOY, last_given_on=date(2026, 1, 5), completed_on=date(2027, 1, 5)),
            {"follow_up_days": (28, 730)},
            [(SHORTER_OBSERVATION, ["OBSERVATION_RUNS"])],
        ),
        (replace(BOY, last_given_on=date(2026, 1, 5), completed_on=date(2027, 1, 5)), {"follow_up_days": (365,)}, []),
    ],
)
def test_each_enrolment_that_would_have_been_decided_otherwise(one, changes, expected):
    assert [line[1:] for line in lines(found(enrolled=(one,), **changes))] == expected


@pytest.mark.req("DSP-ELIG-2", "DSP-ELIG-3", "DSP-ELIG-5", "DSP-ELIG-8")
@pytest.mark.parametrize(
    ("one", "changes", "expected"),
    [
        (FIT, {}, []),
        (FIT, {"neutrophils_at_least_e9_per_l": D("0.8")}, []),
        (FIT, {"neutrophils_at_least_e9_per_l": D("0.81")}, [(REFUSED_CHECK, ["ELIGIBILITY_FAILED"])]),
        (FIT, {"circulating_blasts_exclude_from_percent": D(4)}, [(REFUSED_CHECK, ["ELIGIBILITY_FAILED"])]),
        (FIT, {"steroids_at_most_mg_per_kg_day": D("0.9")}, [(REFUSED_CHECK, ["ELIGIBILITY_FAILED"])]),
        (FIT, {"marrow_max_age_days": 28}, [(REFUSED_CHECK, ["ELIGIBILITY_STALE"])]),
        (FIT, {"marrow_max_age_days": 30}, []),
        (FIT, {"donor_chimerism_needed": True}, [(REFUSED_CHECK, ["ELIGIBILITY_FAILED"])]),
        (FIT, {"immunosuppression": "none_within_14_days"}, [(REFUSED_CHECK, ["ELIGIBILITY_MISSING"])]),
        (replace(FIT, form=STOPPED), {"immunosuppression": "none_within_14_days"}, []),
        (
            replace(FIT, form=STILL),
            {"immunosuppression": "none_within_14_days"},
            [(REFUSED_CHECK, ["ELIGIBILITY_FAILED"])],
        ),
        (
            replace(FIT, form=STOPPED),
            {"second_cellular_product": "excluded"},
            [(REFUSED_CHECK, ["ELIGIBILITY_FAILED"])],
        ),
        (UNFIT, {}, []),
        (UNFIT, {"gvhd_grade_at_most": 2}, [(ALLOWED_CHECK, [])]),
    ],
)
def test_each_check_of_a_day_that_would_have_been_answered_otherwise(one, changes, expected):
    assert [line[1:] for line in lines(found(checks=(one,), **changes))] == expected


@pytest.mark.req("TR-S1", "TR-S2")
@pytest.mark.parametrize(
    ("one", "changes", "expected"),
    [
        (MILD, {}, []),
        (MILD, {"safety_grade_at_least": 2}, [ASKED_SPONSOR]),
        (SEVERE, {"safety_grade_at_least": 4}, [NOT_ASKED_SPONSOR]),
        (replace(SEVERE, relatedness="possible", waited=False), {}, []),
        (
            replace(SEVERE, relatedness="possible", waited=False),
            {"safety_related": ("possible", "probable", "definite")},
            [ASKED_SPONSOR],
        ),
    ],
)
def test_each_reaction_that_would_have_gone_to_the_sponsor_or_not(one, changes, expected):
    assert [line[1] for line in lines(found(reactions=(one,), **changes))] == expected


@pytest.mark.req("TR-F1", "TR-F2", "TR-S1", "TR-PROV")
def test_each_figure_that_would_move_with_whom_and_from_which_rule_to_which():
    assert found(stories=STORIES) == ()
    higher = found(stories=STORIES, infusion_minimum_nk_per_kg=D(5 * MILLION))
    assert [(one.subject, one.sentence) for one in higher if one.subject] == [("LOW", LEAVES), ("LOW", LEAVES)]
    stricter = [one for one in found(stories=STORIES, infusion_percent=75) if one.then and one.then[1] != one.now[1]]
    assert [one.then for one in stricter[:1]] == [("100 × 9 > 66 × 12", "met")]
    assert [one.now for one in stricter[:1]] == [("100 × 9 > 75 × 12", "not met")]
    assert {one.sentence for one in stricter} == {VERDICT}
    wider = found(stories=STORIES, safety_related=("possible", "probable", "definite"))
    assert [(one.subject, one.sentence) for one in wider] == [
        ("LOW", ENTERS),
        ("R0", ENTERS),
        ("R1", ENTERS),
        ("", HOLDS),
    ]


@pytest.mark.req("TR-PROV")
def test_a_changed_setting_whose_past_nobody_compares_is_named_as_such():
    new = replace(OLD, downtime_kit_hours=12, subject_code_example="NK-07", target=13, blood_groups_needed=False)
    changed = changed_settings(OLD, new)
    assert changed == ("subject_code_example", "target", "blood_groups_needed", "downtime_kit_hours")
    assert not_looked_at(changed) == ("blood_groups_needed", "downtime_kit_hours")
