"""Who is registered and who is included: everybody transplanted, and no more than the protocol accepts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from manufacturing.domain.protocol import parse_protocol
from manufacturing.domain.trial import InclusionFacts, inclusion_refusals, registration_refusals, trial_refusals
from tests.unit.manufacturing.test_protocol import PRESET, changed

TODAY = date(2026, 11, 23)
PROTOCOL = parse_protocol(PRESET)
FACTS = InclusionFacts(
    age_months=9 * 12 + 4,
    eighteenth_birthday=False,
    donor_type="mismatched_family",
    consent_reference="C-1",
    consented_on=TODAY,
    included=11,
    trial_status="open",
    trial_holds=(),
)


def codes(protocol=PROTOCOL, **changes):
    return [one.code for one in inclusion_refusals(replace(FACTS, **changes), protocol, TODAY)]


@pytest.mark.req("TR-N")
@pytest.mark.parametrize(
    ("months", "birthday", "refused"),
    [
        (11, False, ["INCLUSION_AGE"]),
        (12, False, []),
        (17 * 12 + 11, False, []),
        (18 * 12, False, ["INCLUSION_AGE"]),
        (18 * 12, True, []),
        (18 * 12 + 1, True, ["INCLUSION_AGE"]),
    ],
)
def test_the_ages_at_both_ends_and_the_birthday_that_somebody_vouches_for(months, birthday, refused):
    assert codes(age_months=months, eighteenth_birthday=birthday) == refused


@pytest.mark.req("TR-N")
def test_a_protocol_without_the_birthday_refuses_it_whoever_vouches():
    strict = parse_protocol(changed("eighteenth_birthday_allowed", value="no"))
    assert codes(strict, age_months=18 * 12, eighteenth_birthday=True) == ["INCLUSION_AGE"]


@pytest.mark.req("TR-N")
@pytest.mark.parametrize(
    ("included", "refused"), [(0, []), (11, []), (12, ["TARGET_REACHED"]), (13, ["TARGET_REACHED"])]
)
def test_the_twelfth_is_included_and_the_thirteenth_is_not(included, refused):
    assert codes(included=included) == refused


@pytest.mark.req("TR-N")
def test_only_a_protocol_with_a_higher_target_includes_a_thirteenth():
    amended = parse_protocol(changed("target", value="13"))
    assert (codes(amended, included=12), codes(amended, included=13)) == ([], ["TARGET_REACHED"])


@pytest.mark.req("TR-DONORTYPE", "TR-CORD")
@pytest.mark.parametrize(
    ("donor_type", "refused"),
    [
        ("mismatched_family", []),
        ("volunteer_unrelated", []),
        ("matched_sibling", ["DONOR_TYPE"]),
        ("cord_blood", ["CORD_BLOOD"]),
    ],
)
def test_which_donors_are_accepted(donor_type, refused):
    assert codes(donor_type=donor_type) == refused


@pytest.mark.parametrize(
    ("reference", "day", "refused"),
    [
        (None, TODAY, ["CONSENT_MISSING"]),
        ("  ", TODAY, ["CONSENT_MISSING"]),
        ("C-1", None, ["CONSENT_MISSING"]),
        ("C-1", date(2026, 11, 24), ["FUTURE_TIME"]),
    ],
)
def test_nobody_is_included_without_a_consent_of_today_or_before(reference, day, refused):
    assert codes(consent_reference=reference, consented_on=day) == refused


@pytest.mark.req("TR-S1")
def test_each_hold_on_the_trial_is_a_reason_and_a_closed_trial_is_one_whatever_its_holds():
    assert [one.fact("reason") for one in trial_refusals("on_hold", ("safety", "deviation"))] == ["safety", "deviation"]
    assert [one.code for one in trial_refusals("closed", ("safety",))] == ["TRIAL_CLOSED"]
    assert codes(trial_status="on_hold", trial_holds=("safety",)) == ["TRIAL_ON_HOLD"]


@pytest.mark.req("TR-N", "TR-S1")
def test_every_reason_is_told_at_once():
    found = codes(age_months=1, donor_type="cord_blood", consent_reference=None, included=12, trial_status="closed")
    assert found == ["INCLUSION_AGE", "CORD_BLOOD", "CONSENT_MISSING", "TARGET_REACHED", "TRIAL_CLOSED"]


@pytest.mark.req("TR-LOG")
@pytest.mark.parametrize(
    ("code", "day", "taken", "refused"),
    [
        ("NK-03", TODAY, False, []),
        ("NK-3b", TODAY, False, ["ID_FORMAT"]),
        ("NK-03", TODAY, True, ["DUPLICATE_ID"]),
        ("NK-03", date(2026, 11, 24), False, ["FUTURE_TIME"]),
        ("Jan", date(2026, 11, 24), True, ["ID_FORMAT", "DUPLICATE_ID", "FUTURE_TIME"]),
    ],
)
def test_whoever_was_transplanted_is_registered_by_a_code_and_nothing_else_is_asked(code, day, taken, refused):
    """Neither age nor donor is a reason not to be in the screening log."""
    found = registration_refusals(code, day, TODAY, protocol=PROTOCOL, taken=taken)
    assert [one.code for one in found] == refused
