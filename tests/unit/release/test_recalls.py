"""What may be said of a container in a recall, who closes it and when, and how far it reached."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest

from kernel.permissions import allows
from kernel.refusals import Refusal
from manufacturing.domain.holds import BY_THE_QP, BY_THE_SPONSOR, HoldCause, held_refusal, lift_refusals
from release.domain.duties import ROLE_OF, Duty, contact_refusals, duties_named, ending_refusals
from release.domain.recalls import (
    RECALL,
    ClosingRecall,
    RecallStatus,
    Whereabouts,
    accounted,
    accounting_refusals,
    effectiveness,
    every_unit_is_accounted_for,
    everybody_confirmed,
    on_record,
    somebody_else_closes,
)
from release.domain.reconciling import Unit

D = Decimal
AT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
STORED = Unit(code="NK26-0001-1", filled=D(100))
ON_ITS_WAY = replace(STORED, left_pharmacy=True, out=True)
BACK = replace(STORED, left_pharmacy=True)
GIVEN = replace(BACK, given=D(100))
PARTLY = replace(BACK, given=D(60))
DESTROYED = replace(STORED, destroyed=D(100))
UNITS = {
    "stored": STORED,
    "on its way": ON_ITS_WAY,
    "back": BACK,
    "given": GIVEN,
    "partly": PARTLY,
    "destroyed": DESTROYED,
}
STOCK, RETURNED, LOST = Whereabouts.IN_STOCK, Whereabouts.RETURNED, Whereabouts.LOST
MAY_BE_SAID = {
    ("stored", STOCK),
    ("stored", LOST),
    ("on its way", LOST),
    ("back", RETURNED),
    ("back", LOST),
    ("partly", RETURNED),
    ("partly", LOST),
}
WORDS = "the box never reached the ward; searched at every stop"


@pytest.mark.req("ATMP-14-RECALL")
@pytest.mark.parametrize(("unit", "said"), list(product(UNITS, Whereabouts)))
def test_only_what_the_records_leave_open_can_be_said_of_a_container(unit, said):
    codes = [one.code for one in accounting_refusals(UNITS[unit], said, WORDS)]
    assert codes == ([] if (unit, said) in MAY_BE_SAID else ["RECALL_CONTRADICTED"])
    expected = said if (unit, said) in MAY_BE_SAID else on_record(UNITS[unit])
    assert accounted(UNITS[unit], said) == expected


@pytest.mark.req("ATMP-14-RECALL")
def test_the_records_answer_for_what_was_given_or_destroyed_and_for_nothing_else():
    found = {name: accounted(unit, None) for name, unit in UNITS.items()}
    assert found.pop("given") is Whereabouts.INFUSED
    assert found.pop("destroyed") is Whereabouts.DESTROYED
    assert set(found.values()) == {None}


@pytest.mark.req("ATMP-14-RECALL")
@pytest.mark.parametrize("words", [None, "", "   ", "gone      "])
def test_a_lost_container_wants_its_explanation(words):
    assert [one.code for one in accounting_refusals(STORED, LOST, words)] == ["MISSING_FIELD"]


READY = ClosingRecall(signer="qa2", opener="qa1", untold=(), unaccounted=())
GUARDS = (somebody_else_closes, everybody_confirmed, every_unit_is_accounted_for)


@pytest.mark.req("ATMP-14-RECALL")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"signer": "qa1"}, "SOD_RECALL"),
        ({"untold": ("physician",)}, "RECALL_UNTOLD"),
        ({"unaccounted": ("NK26-0001-1",)}, "RECALL_UNITS_OPEN"),
    ],
)
def test_a_recall_is_closed_by_another_person_when_everybody_knows_and_nothing_is_missing(change, code):
    (transition,) = RECALL.transitions
    assert transition.guards == GUARDS
    said = [one.code for guard in transition.guards if (one := guard(replace(READY, **change)))]
    assert said == ([code] if code else [])


ROLES = ("T", "QA", "QP", "Ph", "Sp", "Dr", "N", "Ad", "In")


@pytest.mark.req("ATMP-14-RECALL")
@pytest.mark.parametrize(("state", "role"), list(product(RecallStatus, ROLES)))
def test_only_an_open_recall_is_closed_and_only_by_qa_or_the_qp(state, role):
    found = RECALL.transition("close", state)
    possible = not isinstance(found, Refusal)
    assert possible is (state is RecallStatus.OPEN)
    assert allows("recall:close", {role}) is (role in {"QA", "QP"})
    assert allows("recall:open", {role}) is (role in {"QA", "QP"})
    for duty, wanted in ROLE_OF.items():
        assert allows(f"recall:confirm_{duty}", {role}) is (role == wanted)
    assert allows("recall:account", {role}) is (role in {"QA", "QP", "Ph"})


@pytest.mark.req("ATMP-14-RECALL")
def test_a_recall_reached_as_far_as_it_was_confirmed_and_took_as_long_as_the_last():
    minutes = [timedelta(minutes=12), timedelta(minutes=47), timedelta(minutes=3)]
    found = effectiveness(AT, [*(AT + one for one in minutes), None])
    assert (found.confirmed, found.told, found.last_after) == (3, 4, timedelta(minutes=47))
    assert effectiveness(AT, [None]).last_after is None


@pytest.mark.req("ATMP-14-RECALL")
def test_a_recall_has_a_code_of_its_own_and_its_hold_is_lifted_by_nobody():
    assert held_refusal("batch", HoldCause.RECALL, "RC-2026-001").code == "BATCH_RECALLED"
    others = {held_refusal("batch", one, "x").code for one in set(HoldCause) - {HoldCause.RECALL}}
    assert others == {"BATCH_ON_HOLD"}
    for liftable in (BY_THE_QP, BY_THE_SPONSOR):
        (said,) = lift_refusals(HoldCause.RECALL, lifted=False, liftable=liftable)
        assert said.code == "HOLD_CAUSE_STANDS"


def test_a_contact_ends_once_and_not_before_it_began():
    day = date(2026, 11, 23)
    assert contact_refusals(day, None) == contact_refusals(day, day) == ()
    assert [one.code for one in contact_refusals(day, day - timedelta(days=1))] == ["TIME_ORDER"]
    assert ending_refusals(None, day) == ending_refusals(day, day) == ()
    assert [one.code for one in ending_refusals(day - timedelta(days=1), day)] == ["CONTACT_ENDED"]


def test_every_duty_that_signs_for_itself_has_its_role():
    assert set(ROLE_OF) == {Duty.QP, Duty.PHYSICIAN, Duty.SPONSOR, Duty.PHARMACY}


def test_a_refusal_leads_to_the_duties_its_resolver_speaks_of():
    assert duties_named(["QA and the QP"]) == (Duty.QP, Duty.QP_DEPUTY, Duty.QA)
    assert duties_named(["the physician", "the sponsor's delegate"]) == (Duty.PHYSICIAN, Duty.SPONSOR)
    assert duties_named(["the pharmacist"]) == (Duty.PHARMACY,)
    assert duties_named(["you", "nobody"]) == ()
