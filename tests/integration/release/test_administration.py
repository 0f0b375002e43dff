"""What was given is recorded with its deviation, and the third patient with a severe reaction holds the trial."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import sqlalchemy as sa

from kernel.tables import SignatureRow
from manufacturing.queries.holds import hold_content
from manufacturing.services.holds import lift_trial_hold
from manufacturing.tables.deviations import DeviationRow
from manufacturing.tables.trial import HoldRow, WeightRow
from release.queries.administration import overdue, unconfirmed, waiting_reactions
from release.queries.order_views import order_view
from release.tables.dispensing import AdministrationRow, OrderRow
from release.tables.testing import ResultRow
from tests.integration.release.giving_factory import (
    adjudicate,
    administer,
    check,
    disposition,
    giving_installation,  # noqa: F401
    infused,
    new_patient,
    new_product,
    no_reaction,
    on_the_ward,
    order,
    react,
    refused,
    scan,
    was_infused,
)
from tests.places import along


@pytest.fixture
def product(giving):
    return along(giving, "patient and product", lambda: new_product(giving, new_patient(giving)))


def rows(giving, table):
    with giving.database.reading() as session:
        return list(session.execute(sa.select(table).order_by(table.id)).scalars())


def deviations(giving):
    return [(one.classification, one.status) for one in rows(giving, DeviationRow)]


def safety_holds(giving):
    return [one for one in rows(giving, HoldRow) if one.cause == "safety" and one.lifted_at is None]


@pytest.mark.req("DSP-ADMIN")
def test_a_complete_infusion_after_an_allowing_scan_is_just_recorded(giving, product):
    row = infused(giving, product)
    assert (row.outcome, row.bedside_verdict, row.volume_given_ml) == ("complete", "ALLOW", Decimal(100))
    assert row.bedside_scan_id is not None
    assert row.weight_id is not None
    assert rows(giving, OrderRow)[0].status == "administered"
    assert deviations(giving) == []
    with giving.database.reading() as session:
        signed = session.execute(sa.select(SignatureRow).where(SignatureRow.record_id == row.id)).scalar_one()
    assert (signed.meaning, signed.signer_id) == ("administered", giving.nurse.id)


def test_an_infusion_after_a_no_at_the_bedside_is_recorded_with_a_critical_deviation(giving, product):
    row = on_the_ward(giving, product)
    disposition(giving, product, status="late_oos")
    assert scan(giving, product, by=giving.nurse, place="bedside").row.verdict == "DENY"
    given = administer(giving, row)
    assert given.bedside_verdict == "DENY"
    assert deviations(giving) == [("critical", "open")]
    assert {one.raised_by for one in rows(giving, DeviationRow)} == {giving.nurse.id}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"identity_checked": False}, [("major", "open"), ("major", "open")]), ({}, [("major", "open")])],
)
def test_an_infusion_without_a_bedside_scan_is_a_deviation(giving, product, changes, expected):
    row = on_the_ward(giving, product)
    administer(giving, row, **changes)
    assert deviations(giving) == expected


def test_what_was_not_given_has_a_reason_and_ends_the_order(giving, product):
    row = on_the_ward(giving, product)
    assert refused(administer, giving, row, "not_administered") == ["MISSING_FIELD"]
    given = administer(giving, row, "not_administered", reason="the child has a fever")
    assert given.volume_given_ml is None
    assert rows(giving, OrderRow)[0].status == "not_administered"


@pytest.mark.parametrize(
    ("outcome", "changes", "code"),
    [
        ("complete", {"volume": "100.01"}, "VOLUME_GIVEN"),
        ("partial", {"volume": "60"}, "MISSING_FIELD"),
        ("complete", {"premedication": None}, "MISSING_FIELD"),
    ],
)
def test_what_cannot_have_been_is_refused_and_nothing_is_stored(giving, product, outcome, changes, code):
    row = on_the_ward(giving, product)
    assert refused(administer, giving, row, outcome, **changes) == [code]
    assert rows(giving, AdministrationRow) == []
    assert deviations(giving) == []


def test_an_administration_is_recorded_once(giving, product):
    row = on_the_ward(giving, product)
    administer(giving, row)
    assert refused(administer, giving, row) == ["STATE_NOT_ALLOWED"]


def test_only_the_ward_records(giving, product):
    row = on_the_ward(giving, product)
    assert refused(administer, giving, row, by=giving.pharmacist) == ["ROLE_NOT_ALLOWED"]


def test_a_product_on_the_ward_for_24_hours_without_a_record_is_overdue(giving, product):
    on_the_ward(giving, product)
    with giving.database.reading() as session:
        assert overdue(session, giving.now + timedelta(hours=23, minutes=59)) == []
        assert [code for _, code, _ in overdue(session, giving.now + timedelta(hours=24))] == ["NK-03"]


def test_that_there_was_no_reaction_is_a_signed_word_of_its_own(giving, product):
    given = infused(giving, product)
    with giving.database.reading() as session:
        assert [code for _, code, _ in unconfirmed(session)] == ["NK-03"]
    assert no_reaction(giving, given).no_reaction_confirmed is True
    with giving.database.reading() as session:
        assert unconfirmed(session) == []


def test_no_reaction_is_not_confirmed_beside_one_and_taken_back_by_one(giving, product):
    given = infused(giving, product)
    no_reaction(giving, given)
    react(giving, given, grade=1)
    assert rows(giving, AdministrationRow)[0].no_reaction_confirmed is False
    assert refused(no_reaction, giving, given) == ["REACTIONS_RECORDED"]


def test_nothing_is_observed_after_nothing(giving, product):
    given = administer(giving, on_the_ward(giving, product), "not_administered", reason="the line was blocked")
    assert refused(react, giving, given) == ["NOTHING_GIVEN"]
    assert refused(no_reaction, giving, given) == ["NOTHING_GIVEN"]


@pytest.mark.req("TR-S2")
@pytest.mark.parametrize(
    ("grade", "relatedness", "waits"),
    [(3, "probable", True), (4, "pending", True), (3, "possible", False), (2, "definite", False)],
)
def test_severe_and_likely_waits_for_the_sponsor(giving, product, grade, relatedness, waits):
    given = infused(giving, product)
    react(giving, given, grade=grade, relatedness=relatedness)
    with giving.database.reading() as session:
        assert bool(waiting_reactions(session)) is waits


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"grade": "2.5"}, "GRADE"), ({"grade": 6}, "GRADE"), ({"term": "other"}, "MISSING_FIELD")],
)
def test_an_impossible_reaction_is_refused(giving, product, changes, code):
    given = infused(giving, product)
    assert refused(react, giving, given, **changes) == [code]


def test_the_adjudicator_decides_once(giving, product):
    given = infused(giving, product)
    found = react(giving, given)
    assert adjudicate(giving, found, "not_qualifying").adjudicated_by == giving.sponsor.id
    assert refused(adjudicate, giving, found, "confirmed") == ["ADJUDICATION_NOT_OPEN"]


def infused_patients(giving, number):
    return [was_infused(giving, f"NK-{place + 10}") for place in range(number)]


@pytest.mark.req("TR-S1")
@pytest.mark.parametrize("relatedness", ["definite", "pending"])
def test_the_third_patient_holds_the_trial_confirmed_or_not(giving, relatedness):
    first, second, third = infused_patients(giving, 3)
    react(giving, first, relatedness=relatedness)
    react(giving, first, relatedness=relatedness, term="rash")
    react(giving, second, relatedness=relatedness)
    assert safety_holds(giving) == []
    react(giving, third, relatedness=relatedness)
    assert [one.scope for one in safety_holds(giving)] == ["trial"]
    react(giving, third, relatedness=relatedness, term="chills")
    assert len(safety_holds(giving)) == 1


@pytest.mark.req("TR-S1")
def test_after_the_decision_one_patient_more_holds_again_and_the_same_patients_do_not(giving):
    first, second, third, fourth = infused_patients(giving, 4)
    for given in (first, second, third):
        react(giving, given)
    lift_safety(giving)
    giving.database.clock.advance(timedelta(hours=1))
    react(giving, first, term="chills")
    waiting = react(giving, third, relatedness="pending", term="rash")
    adjudicate(giving, waiting, "confirmed")
    assert safety_holds(giving) == []
    react(giving, fourth, relatedness="pending")
    assert [one.reason[:1] for one in safety_holds(giving)] == ["4"]


@pytest.mark.req("TR-S1")
def test_a_fourth_patient_while_the_trial_is_held_is_a_hold_of_its_own(giving):
    """The decision about three that is on its way is none about the fourth."""
    *three, fourth = infused_patients(giving, 4)
    for given in three:
        react(giving, given)
    giving.database.clock.advance(timedelta(hours=1))
    react(giving, fourth)
    react(giving, fourth, term="chills")
    assert len(safety_holds(giving)) == 2
    lift_safety(giving)
    assert len(safety_holds(giving)) == 1


def lift_safety(giving):
    """The sponsor lifts the oldest safety hold by the decision document."""
    held = min(safety_holds(giving), key=lambda one: one.set_at)
    content = lambda s: hold_content(s, held.id)  # noqa: E731
    with giving.act("trial.lift", giving.sponsor, content=content, reason="the board decided") as work:
        lift_trial_hold(work, held.id, document="DSMB 2026-3 v1")


@pytest.mark.req("TR-S1")
def test_the_held_trial_dispenses_nothing(giving):
    patients = infused_patients(giving, 3)
    fourth = new_product(giving, new_patient(giving, "NK-20"))
    check(giving, order(giving, "NK-20"))
    for given in patients:
        react(giving, given)
    answer = scan(giving, fourth, "NK-20")
    assert [one.code for one in answer.decision.refusals] == ["TRIAL_ON_HOLD"]


def test_a_reaction_that_does_not_qualify_does_not_hold(giving):
    first, second, third = infused_patients(giving, 3)
    react(giving, first)
    react(giving, second)
    react(giving, third, grade=2)
    react(giving, third, relatedness="possible")
    assert safety_holds(giving) == []


def test_a_patient_whose_reaction_was_dismissed_does_not_count_towards_the_hold(giving):
    first, second, third = infused_patients(giving, 3)
    adjudicate(giving, react(giving, first), "not_qualifying")
    react(giving, second)
    react(giving, third)
    assert safety_holds(giving) == []


@pytest.mark.req("ATMP-CALC", "DSP-ADMIN")
def test_the_dose_given_is_that_of_the_volume_given_and_the_weight_of_the_day(giving, product):
    """Doses by an oracle of fractions; NK is read rounded down, and T cells at the bound of two events."""
    given = infused(giving, product, outcome="partial", volume="38.7", reason="the child had a fever")
    with giving.database.reading() as session:
        order_id = session.execute(sa.select(OrderRow.id)).scalar_one()
        row = session.get_one(AdministrationRow, given.id)
        kg = Fraction(session.get_one(WeightRow, row.weight_id).kg)
        nk = session.execute(
            sa.select(ResultRow.number).where(ResultRow.unit == "cells/mL", ResultRow.events.is_(None))
        )
        per_ml = Fraction(nk.scalar_one())
        found = order_view(session, order_id)["dose_given"]
    oracle = Fraction("38.7") * per_ml / kg
    assert abs(Fraction(found["nk"]["per_kg"]) / oracle - 1) < Fraction(1, 10**20)
    t_cells = 1000 * Fraction("6.2958") / 20000 * 50000 / 100 * Fraction("38.7") / kg
    assert abs(Fraction(found["cd3"]["per_kg"]) / t_cells - 1) < Fraction(1, 10**20)
    assert found["formula_version"] == "1"
