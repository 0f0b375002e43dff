"""Who is not registered, not included, not weighed - each fault with its own code."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from kernel.canonical import digest
from kernel.errors import Refused
from kernel.work import unit_of_work
from manufacturing.domain.trial import subject_match_refusals
from manufacturing.queries.trial import inclusion_content, latest_weight, subject_by_code
from manufacturing.services.holds import set_hold
from manufacturing.services.trial import include_subject, open_trial
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.story import PRESETS


@pytest.fixture
def trial(story):
    return story.trial()


@pytest.mark.req("TR-LOG")
def test_everybody_transplanted_is_registered_whatever_age_and_donor(story, trial):
    assert story.register("NK-01", age_years=0, age_months=9, donor_type="cord_blood").status == "registered"
    assert story.register("NK-02", age_years=40, donor_type="matched_sibling").status == "registered"


@pytest.mark.req("NL-BSN")
@pytest.mark.parametrize("code", ["NK-1", "nk-01", "NK-001", "1234567", "NK-\u0661\u0662", "NK-01 ", "XNK-01"])
def test_a_code_of_another_form_is_refused(story, trial, code):
    assert refused(story, story.register, code) == ["ID_FORMAT"]


@pytest.mark.req("TC-86-9.1")
def test_a_code_is_used_once(story, trial):
    story.register("NK-01")
    assert refused(story, story.register, "NK-01") == ["DUPLICATE_ID"]


@pytest.mark.req("TC-86-9.1")
def test_two_codes_never_differ_in_capitals_alone(story, trial):
    """Whatever letters the protocol's form lets through."""
    body = json.loads((PRESETS / "protocol.json").read_text())["body"]
    form = {"subject_code_pattern": "[A-Za-z]{2}-[0-9]{2}"}
    settings = [one | {"value": form.get(one["key"], one["value"])} for one in body["settings"]]
    story.effective("protocol", body | {"settings": settings}, (story.sp, "Sp"), (story.qa2, "QA"))
    story.register("NK-01")
    assert refused(story, story.register, "nk-01") == ["DUPLICATE_ID"]
    story.register("nk-02")
    assert refused(story, story.register, "Nk-02") == ["DUPLICATE_ID"]


@pytest.mark.parametrize("typed", ["NK-01", "nk-01", " Nk-01 "])
def test_a_subject_is_found_however_its_letters_are_typed(story, trial, typed):
    known = story.register("NK-01")
    with story.database.reading() as session:
        assert subject_by_code(session, typed).id == known.id
    assert subject_match_refusals(typed, "NK-01") == ()


@pytest.mark.parametrize("typed", ["NK-11", "nk-0l", "NK01", "\u0274k-01", "N\u212a-01", "", "NK-01 NK-02"])
def test_another_code_is_another_subject(story, trial, typed):
    """A small L is no 1, and a sign that only looks like a letter is none."""
    story.register("NK-01")
    with story.database.reading() as session:
        assert subject_by_code(session, typed) is None
    assert [one.code for one in subject_match_refusals(typed, "NK-01")] == ["SUBJECT_MISMATCH"]


@pytest.mark.parametrize(("typed", "code"), [("\u0131D-01", "ID-01"), ("\u017fT-01", "ST-01")])
def test_no_sign_with_another_capital_becomes_a_letter_of_a_code(typed, code):
    assert [one.code for one in subject_match_refusals(typed, code)] == ["SUBJECT_MISMATCH"]


def test_a_transplantation_in_the_future_is_refused(story, trial):
    assert refused(story, story.register, "NK-01", transplanted_on=date(2026, 11, 24)) == ["FUTURE_TIME"]


def test_without_an_open_trial_nobody_is_registered(story):
    story.documents()
    assert refused(story, story.register, "NK-01") == ["NO_TRIAL"]


def test_a_second_trial_is_refused_while_one_is_open(story, trial):
    def second():
        with story.act("trial.open", story.sp) as work:
            open_trial(work, code="OTHER", title="Another", eu_trial_number="2026-500001-00-00")

    assert refused(story, second) == ["TRIAL_ALREADY_OPEN"]


@pytest.mark.req("TR-N")
@pytest.mark.parametrize(("years", "months"), [(0, 11), (18, 0), (18, 1)])
def test_ages_outside_are_refused(story, trial, years, months):
    subject = story.register(age_years=years, age_months=months)
    assert refused(story, story.include, subject) == ["INCLUSION_AGE"]


@pytest.mark.req("TR-N")
@pytest.mark.parametrize(("years", "months"), [(1, 0), (17, 11)])
def test_ages_at_both_ends_are_included(story, trial, years, months):
    assert story.subject(age_years=years, age_months=months).status == "included"


@pytest.mark.req("TR-N")
def test_the_18th_birthday_is_included_when_somebody_vouches_for_it(story, trial):
    subject = story.subject(age_years=18, age_months=0, eighteenth_birthday=True)
    assert subject.status == "included"
    late = story.register("NK-02", age_years=18, age_months=1, eighteenth_birthday=True)
    assert refused(story, story.include, late) == ["INCLUSION_AGE"]


@pytest.mark.req("TR-CORD")
def test_cord_blood_is_refused(story, trial):
    subject = story.register(donor_type="cord_blood")
    assert refused(story, story.include, subject) == ["CORD_BLOOD"]


@pytest.mark.req("TR-DONORTYPE")
def test_another_donor_type_is_refused(story, trial):
    subject = story.register(donor_type="matched_sibling")
    assert refused(story, story.include, subject) == ["DONOR_TYPE"]


@pytest.mark.parametrize("missing", [{"consent_reference": None}, {"consented_on": None}, {"consent_reference": "  "}])
def test_inclusion_without_consent_is_refused(story, trial, missing):
    subject = story.register()
    assert refused(story, story.include, subject, **missing) == ["CONSENT_MISSING"]


def test_consent_of_tomorrow_is_refused(story, trial):
    subject = story.register()
    assert refused(story, story.include, subject, consented_on=date(2026, 11, 24)) == ["FUTURE_TIME"]


@pytest.mark.req("TR-N")
def test_the_thirteenth_inclusion_is_refused(story, trial):
    for number in range(1, 13):
        story.subject(f"NK-{number:02}")
    thirteenth = story.register("NK-13")
    assert refused(story, story.include, thirteenth) == ["TARGET_REACHED"]


@pytest.mark.req("TR-N")
def test_a_concluded_subject_keeps_its_place_among_the_twelve(story, trial):
    first = story.subject("NK-01")
    story.conclude(first)
    for number in range(2, 13):
        story.subject(f"NK-{number:02}")
    assert refused(story, story.include, story.register("NK-13")) == ["TARGET_REACHED"]


@pytest.mark.req("TR-S1")
def test_a_trial_on_hold_includes_nobody(story, trial):
    story.hold("trial", trial.id)
    assert refused(story, story.include, story.register()) == ["TRIAL_ON_HOLD"]


def test_every_reason_is_named_at_once(story, trial):
    story.hold("trial", trial.id)
    subject = story.register(age_years=30, donor_type="cord_blood")
    codes = refused(story, story.include, subject, consent_reference=None)
    assert codes == ["CONSENT_MISSING", "CORD_BLOOD", "INCLUSION_AGE", "TRIAL_ON_HOLD"]


def test_nobody_is_included_twice_or_after_the_end(story, trial):
    subject = story.subject()
    assert refused(story, story.include, subject) == ["STATE_NOT_ALLOWED"]
    story.conclude(subject)
    assert refused(story, story.include, subject) == ["STATE_NOT_ALLOWED"]
    assert refused(story, story.conclude, subject) == ["STATE_NOT_ALLOWED"]


def test_without_an_effective_protocol_nobody_is_registered(story):
    with story.act("trial.open", story.sp) as work:
        open_trial(work, code="NL-OMON26066", title="NK cells", eu_trial_number="2026-500000-00-00")
    assert refused(story, story.register) == ["NO_EFFECTIVE_DOCUMENT"]


@pytest.mark.req("A11-6")
def test_two_different_weights_are_refused(story, trial):
    assert refused(story, story.weigh, story.subject(), "18.4", again="14.8") == ["WEIGHT_SECOND_ENTRY"]


@pytest.mark.req("A11-6")
@pytest.mark.parametrize("kg", ["184", "1.84", "18400"])
def test_a_weight_impossible_at_the_age_is_refused(story, trial, kg):
    assert refused(story, story.weigh, story.subject(), kg) == ["WEIGHT_IMPLAUSIBLE"]


def test_a_weight_of_tomorrow_is_refused(story, trial):
    measured_at = story.now + timedelta(minutes=1)
    assert refused(story, story.weigh, story.subject(), measured_at=measured_at) == ["FUTURE_TIME"]


def test_the_newest_weight_is_the_one_weighed_last(story, trial):
    subject = story.subject()
    story.weigh(subject, "18.4")
    story.later(days=1)
    story.weigh(subject, "18.9")
    story.weigh(subject, "18.1", measured_at=story.now - timedelta(days=10))
    row = story.read(latest_weight, subject.id)
    assert (str(row.kg), row.entered_by, row.verified_by) == ("18.9", story.dr.id, story.nurse.id)
    assert str(story.read(latest_weight, subject.id, story.now - timedelta(hours=1)).kg) == "18.4"


@pytest.mark.req("P11-10g")
def test_only_the_trial_team_registers_and_includes(story, trial):
    subject = story.register()
    story.sp = story.t1
    assert refused(story, story.register, "NK-02") == ["ROLE_NOT_ALLOWED"]
    assert refused(story, story.include, subject) == ["ROLE_NOT_ALLOWED"]


@pytest.mark.req("SIG-WYSIWYS")
def test_an_inclusion_page_from_before_a_hold_is_stale(story, trial):
    subject = story.register()
    seen = digest(story.read(inclusion_content, subject.id))
    with story.act("test.hold", story.qa) as work:
        set_hold(work, "trial", trial.id, cause="safety", reason="third reaction")
    with (
        pytest.raises(Refused) as caught,
        unit_of_work(story.database, story.sp, "subject.include", signers=(story.sp,), seen=seen) as work,
    ):
        include_subject(work, subject.id, consent_reference="IC-1", consented_on=date(2026, 9, 20))
    assert [one.code for one in caught.value.refusals] == ["STALE_VERSION"]
    assert story.read(subject_by_code, "NK-01").status == "registered"
