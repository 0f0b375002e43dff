"""The day-of-infusion check: one fault, exactly its reason; every threshold from both sides."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from release.domain.eligibility import (
    EligibilityForm,
    EligibilitySettings,
    NotDone,
    Reading,
    contradicting_refusals,
    eligibility_refusals,
    implausible_refusals,
    questions,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
SETTINGS = EligibilitySettings()


def reading(value, operator="", days=0):
    return Reading(Decimal(value), TODAY - timedelta(days=days), operator)


GOOD = EligibilityForm(
    signed_at=NOW - timedelta(hours=1),
    marrow_blasts_percent=reading("2", days=20),
    circulating_blasts_percent=reading("0"),
    extramedullary_progression=False,
    neutrophils_e9_per_l=reading("1.4"),
    gvhd_grade=0,
    steroids_mg_per_kg_day=Decimal("0.5"),
    other_condition=False,
    donor_chimerism=True,
    immunosuppression_given=False,
    second_product_given=False,
)


STRICT = EligibilitySettings(immunosuppression="none_within_14_days", second_cellular_product="excluded")


def found(settings=SETTINGS, now=NOW, **change):
    refusals = eligibility_refusals(replace(GOOD, **change), settings, now)
    assert all(refusal.status == 409 and "%(" not in str(refusal) for refusal in refusals)
    return [(refusal.code.removeprefix("ELIGIBILITY_"), refusal.fact("criterion")) for refusal in refusals]


DISEASE = [("FAILED", "progressive_disease")]
ENGRAFTMENT = [("FAILED", "engraftment")]


def test_a_good_form_passes():
    assert found() == []


BOUNDARIES = [
    ("marrow_blasts_percent", reading("24.9"), []),
    ("marrow_blasts_percent", reading("25"), DISEASE),
    ("marrow_blasts_percent", reading("24.999999999999"), []),
    ("marrow_blasts_percent", reading("25", "<"), DISEASE),
    ("marrow_blasts_percent", reading("5", "<"), []),
    ("marrow_blasts_percent", reading("5", ">"), DISEASE),
    ("circulating_blasts_percent", reading("4.9"), []),
    ("circulating_blasts_percent", reading("5"), DISEASE),
    ("circulating_blasts_percent", reading("-1"), DISEASE),
    ("circulating_blasts_percent", reading("NaN"), DISEASE),
    ("extramedullary_progression", True, DISEASE),
    ("neutrophils_e9_per_l", reading("0.5"), []),
    ("neutrophils_e9_per_l", reading("0.499999999999"), ENGRAFTMENT),
    ("neutrophils_e9_per_l", reading("0.0005"), ENGRAFTMENT),
    ("neutrophils_e9_per_l", reading("0.5", "<"), ENGRAFTMENT),
    ("neutrophils_e9_per_l", reading("2", "<"), ENGRAFTMENT),
    ("neutrophils_e9_per_l", reading("0.5", ">"), []),
    ("neutrophils_e9_per_l", reading("NaN"), ENGRAFTMENT),
    ("gvhd_grade", 1, []),
    ("gvhd_grade", 2, [("FAILED", "gvhd")]),
    ("gvhd_grade", 4, [("FAILED", "gvhd")]),
    ("gvhd_grade", -1, [("FAILED", "gvhd")]),
    ("steroids_mg_per_kg_day", Decimal(1), []),
    ("steroids_mg_per_kg_day", Decimal(0), []),
    ("steroids_mg_per_kg_day", Decimal("1.000000001"), [("FAILED", "steroids")]),
    ("steroids_mg_per_kg_day", Decimal("NaN"), [("FAILED", "steroids")]),
    ("steroids_mg_per_kg_day", Decimal("-0.1"), [("FAILED", "steroids")]),
]


@pytest.mark.req("DSP-ELIG-2", "DSP-ELIG-3", "DSP-ELIG-4", "DSP-ELIG-5", "PHE-CENS")
@pytest.mark.parametrize(("name", "value", "expected"), BOUNDARIES)
def test_threshold(name, value, expected):
    assert found(**{name: value}) == expected


@pytest.mark.req("DSP-ELIG-6")
def test_another_condition_needs_its_text_and_then_excludes():
    assert found(other_condition=True, other_condition_text="sepsis") == [("FAILED", "other_condition")]
    assert found(other_condition=True, other_condition_text=" ") == [("MISSING", "other_condition")]


@pytest.mark.req("DSP-ELIG-6")
@pytest.mark.parametrize(
    "name",
    [field.name for field in fields(EligibilityForm) if field.default != "" and not field.name.endswith("last_on")],
)
def test_unanswered_is_not_no(name):
    needing = replace(STRICT, donor_chimerism_needed=True)
    (only,) = found(needing, **{"steroids_mg_per_kg_day": Decimal(0), name: None})
    assert only[0] == "MISSING"


def test_no_form_is_missing():
    (only,) = eligibility_refusals(None, SETTINGS, NOW)
    assert (only.code, only.status) == ("ELIGIBILITY_MISSING", 409)


@pytest.mark.req("DSP-ELIG-1")
@pytest.mark.parametrize(
    ("signed", "now", "stale"),
    [
        ("2026-11-22T23:00", "2026-11-23T22:59", False),
        ("2026-11-22T22:59", "2026-11-22T23:00", True),
        ("2026-11-23T12:00", "2026-11-23T11:59", True),
        ("2026-11-23T12:00", "2026-11-23T12:00", False),
        ("2026-10-25T00:30", "2026-10-25T22:30", False),
        ("2026-10-24T22:00", "2026-10-25T22:59", False),
        ("2026-10-24T21:59", "2026-10-25T01:30", True),
    ],
)
def test_the_form_counts_on_its_amsterdam_day_only(signed, now, stale):
    at = datetime.fromisoformat(f"{now}+00:00")
    on = {"circulating_blasts_percent": reading("0"), "neutrophils_e9_per_l": reading("1.4")}
    settings = replace(SETTINGS, blood_max_age_days=None)
    on = {name: replace(value, on=date(2026, 10, 1)) for name, value in on.items()}
    on["marrow_blasts_percent"] = Reading(Decimal(2), date(2026, 10, 1))
    expected = [("STALE", "form")] if stale else []
    assert found(settings, at, signed_at=datetime.fromisoformat(f"{signed}+00:00"), **on) == expected


@pytest.mark.req("DSP-ELIG-1")
def test_each_value_has_its_own_date():
    assert found(neutrophils_e9_per_l=reading("1.4", days=1)) == [("STALE", "neutrophils")]
    assert found(circulating_blasts_percent=reading("0", days=-1)) == [("STALE", "circulating_blasts")]
    assert found(neutrophils_e9_per_l=reading("0.1", days=1)) == [("STALE", "neutrophils"), *ENGRAFTMENT]
    assert found(circulating_blasts_percent=reading("9", days=1)) == [("STALE", "circulating_blasts"), *DISEASE]
    aged = replace(SETTINGS, marrow_max_age_days=19)
    assert found(aged) == [("STALE", "marrow_blasts")]
    assert found(replace(SETTINGS, marrow_max_age_days=20)) == []


@pytest.mark.req("DSP-ELIG-2")
def test_marrow_not_done_only_where_the_protocol_permits():
    not_done = NotDone(TODAY - timedelta(days=30))
    assert found(marrow_blasts_percent=not_done) == [("MISSING", "marrow_blasts")]
    permitted = replace(SETTINGS, marrow_may_be_not_done=True)
    assert found(permitted, marrow_blasts_percent=not_done) == []
    bounded = replace(permitted, marrow_max_age_days=29)
    assert found(bounded, marrow_blasts_percent=not_done) == [("STALE", "marrow_blasts")]


def test_all_reasons_are_given_at_once():
    reasons = found(gvhd_grade=3, steroids_mg_per_kg_day=Decimal(2), extramedullary_progression=None)
    assert reasons == [("MISSING", "extramedullary_progression"), ("FAILED", "gvhd"), ("FAILED", "steroids")]


def test_thresholds_are_settings():
    strict = EligibilitySettings(neutrophils_at_least_e9_per_l=Decimal(1), gvhd_grade_at_most=0)
    assert found(strict, neutrophils_e9_per_l=reading("0.9"), gvhd_grade=1) == [*ENGRAFTMENT, ("FAILED", "gvhd")]


MEASURED = {"marrow_blasts": "2", "circulating_blasts": "0", "neutrophils": "1.4", "steroids": "0.5"}


@pytest.mark.req("PHE-UNIT")
@pytest.mark.parametrize(
    ("name", "most", "beyond"),
    [
        ("marrow_blasts", "100", "100.1"),
        ("circulating_blasts", "100", "100.1"),
        ("neutrophils", "100", "500"),
        ("steroids", "100", "100.1"),
    ],
)
def test_a_number_in_another_unit_than_the_one_asked_is_refused_beside_its_field(name, most, beyond):
    def refused(value):
        answers = {key: Decimal(one) for key, one in (MEASURED | {name: value}).items()}
        answers["neutrophils_per_ul"] = answers["neutrophils"] * 1000
        found = implausible_refusals(answers, EligibilitySettings())
        return [(one.code, one.fact("field")) for one in found]

    assert refused(most) == refused("0") == []
    assert refused(beyond) == refused("-0.1") == [("UNIT_IMPLAUSIBLE", name)]


@pytest.mark.req("PHE-UNIT", "DSP-ELIG-3")
@pytest.mark.parametrize(
    ("value", "per_ul", "expected"),
    [
        ("10", None, None),
        ("10.000001", None, "NEUTROPHILS_UNIT"),
        ("50", None, "NEUTROPHILS_UNIT"),
        ("50", "50", "NEUTROPHILS_DIFFER"),
        ("50", "50000", None),
        ("10.25", "10250", None),
        ("1.8", "1800", None),
        ("1.8", "1.8", "NEUTROPHILS_DIFFER"),
    ],
)
def test_a_high_count_is_asked_per_microlitre_too_and_never_refused_for_its_height(value, per_ul, expected):
    typed = {key: Decimal(one) for key, one in (MEASURED | {"neutrophils": value}).items()}
    typed["neutrophils_per_ul"] = None if per_ul is None else Decimal(per_ul)
    found = [(one.code, one.fact("field")) for one in implausible_refusals(typed, EligibilitySettings())]
    assert found == ([(expected, "neutrophils_per_ul")] if expected else [])


def test_the_count_above_which_both_units_are_asked_is_a_setting_and_the_slip_is_told_as_it_would_be():
    typed = {key: Decimal(one) for key, one in (MEASURED | {"neutrophils": "20"}).items()}
    assert implausible_refusals(typed, EligibilitySettings(neutrophils_confirm_above_e9_per_l=Decimal(20))) == ()
    (refusal,) = implausible_refusals(typed, EligibilitySettings())
    assert (refusal.fact("value"), refusal.fact("meant")) == ("20", "0.02")


@pytest.mark.req("DSP-ELIG-3")
@pytest.mark.parametrize(
    ("needed", "answer", "expected"),
    [
        (False, None, []),
        (False, False, []),
        (True, True, []),
        (True, False, [("ELIGIBILITY_FAILED", "engraftment")]),
        (True, None, [("ELIGIBILITY_MISSING", "donor_chimerism")]),
    ],
)
def test_donor_chimerism_excludes_only_where_the_version_needs_it_and_no_answer_is_no_yes(needed, answer, expected):
    settings = replace(SETTINGS, donor_chimerism_needed=needed)
    refusals = eligibility_refusals(replace(GOOD, donor_chimerism=answer), settings, NOW)
    assert [(one.code, one.fact("criterion")) for one in refusals] == expected


@pytest.mark.req("PHE-UNIT")
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"neutrophils": "500"}, ["neutrophils"]),
        ({"marrow_blasts": "100.1", "neutrophils": "50"}, ["marrow_blasts", "neutrophils_per_ul"]),
    ],
)
def test_a_count_that_nobody_measures_is_refused_once_and_another_slip_hides_no_question_about_it(typed, expected):
    answers = {key: Decimal(one) for key, one in (MEASURED | typed).items()} | {"neutrophils_per_ul": None}
    assert [one.fact("field") for one in implausible_refusals(answers, EligibilitySettings())] == expected


@pytest.mark.req("DSP-ELIG-5")
def test_what_is_still_to_be_answered_and_the_last_day_that_would_do_are_named():
    asked = [
        eligibility_refusals(replace(GOOD, immunosuppression_given=given, immunosuppression_last_on=None), STRICT, NOW)
        for given in (None, True)
    ]
    assert [one.fact("field") for (one,) in asked] == ["immunosuppression_given", "immunosuppression_last_on"]
    steroids = replace(GOOD, steroids_mg_per_kg_day=Decimal("0.1"))
    (refusal,) = eligibility_refusals(steroids, STRICT, NOW)
    assert refusal.fact("allowed") == f"< {TODAY - timedelta(days=14)}"


def off(days, **change):
    """What either registration says of immunosuppression that ended so many days ago."""
    given = {"steroids_mg_per_kg_day": Decimal(0), "immunosuppression_given": True}
    given["immunosuppression_last_on"] = None if days is None else TODAY - timedelta(days=days)
    return found(**given | change), found(STRICT, **given | change)


@pytest.mark.req("DSP-ELIG-5")
@pytest.mark.parametrize(
    ("days", "excluded"), [(0, True), (1, True), (13, True), (14, True), (15, False), (16, False), (60, False)]
)
def test_by_the_other_registration_immunosuppression_on_the_fourteenth_day_before_excludes_and_on_the_fifteenth_not(
    days, excluded
):
    assert off(days) == ([], [("FAILED", "immunosuppression")] if excluded else [])


@pytest.mark.req("DSP-ELIG-5")
def test_the_fourteen_days_are_counted_by_the_calendar_whatever_the_hour_and_over_the_night_of_the_clocks():
    settings = replace(STRICT, blood_max_age_days=None)
    early, late = (datetime(2026, 11, 8, hour, tzinfo=UTC) for hour in (0, 22))
    for at in (early, late):
        form = replace(GOOD, signed_at=at, steroids_mg_per_kg_day=Decimal(0), immunosuppression_given=True)
        form = replace(form, marrow_blasts_percent=replace(form.marrow_blasts_percent, on=date(2026, 10, 1)))
        blood = {
            "circulating_blasts_percent": Reading(Decimal(0), at.date()),
            "neutrophils_e9_per_l": Reading(Decimal(2), at.date()),
        }
        codes = [
            [
                one.code
                for one in eligibility_refusals(replace(form, **blood, immunosuppression_last_on=on), settings, at)
            ]
            for on in (date(2026, 10, 25), date(2026, 10, 24))
        ]
        assert codes == [["ELIGIBILITY_FAILED"], []]


@pytest.mark.req("DSP-ELIG-5", "DSP-ELIG-6")
@pytest.mark.parametrize(
    ("change", "default", "strict"),
    [
        ({"immunosuppression_given": False, "immunosuppression_last_on": None}, [], []),
        ({"immunosuppression_given": None, "immunosuppression_last_on": None}, [], [("MISSING", "immunosuppression")]),
        ({"immunosuppression_last_on": None}, [], [("MISSING", "immunosuppression")]),
        ({"immunosuppression_last_on": TODAY + timedelta(days=1)}, *([[("STALE", "immunosuppression_last_on")]] * 2)),
        ({"steroids_mg_per_kg_day": Decimal("0.1")}, [], [("FAILED", "immunosuppression")]),
        ({"second_product_given": True}, [], [("FAILED", "second_cellular_product")]),
        ({"second_product_given": None}, [], [("MISSING", "second_cellular_product")]),
    ],
)
def test_what_only_the_other_registration_excludes_or_needs_to_know(change, default, strict):
    assert off(60, **change) == (default, strict)


@pytest.mark.req("DSP-ELIG-6")
@pytest.mark.parametrize(
    ("given", "on", "codes"),
    [
        (None, None, []),
        (True, None, []),
        (False, None, []),
        (True, TODAY, []),
        (False, TODAY, ["IMMUNOSUPPRESSION_DIFFERS"]),
        (None, TODAY, ["IMMUNOSUPPRESSION_DIFFERS"]),
    ],
)
def test_a_last_day_of_what_was_not_given_is_a_slip(given, on, codes):
    answers = {"immunosuppression_given": given, "immunosuppression_last_on": on}
    assert [one.code for one in contradicting_refusals(answers)] == codes


def test_a_version_asks_only_what_it_needs():
    both = {"immunosuppression_given", "immunosuppression_last_on"}
    assert questions(SETTINGS) == (frozenset(), both | {"second_product_given"})
    assert questions(STRICT) == ({"immunosuppression_given", "second_product_given"}, frozenset())
    assert questions(replace(STRICT, second_cellular_product="allowed")) == (
        {"immunosuppression_given"},
        {"second_product_given"},
    )
    assert questions(replace(STRICT, immunosuppression="steroids_only")) == ({"second_product_given"}, both)
