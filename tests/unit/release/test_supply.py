"""Supply out of specification: who may do what in which state, what it covers, and what it never covers."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from itertools import product

import pytest

import config.wiring  # noqa: F401  (permissions of every package)
from kernel.permissions import PERMISSIONS
from manufacturing.domain.expiry import local_text
from release.domain.decisions import Disposition, QcTestStatus
from release.domain.guards import GUARDS, GuardState
from release.domain.oos import OosStatus
from release.domain.overlays import OVERLAY
from release.domain.results import Outcome
from release.domain.review import OosLine, RequiredTest
from release.domain.scan_facts import HoldFacts
from release.domain.supply import (
    NOTICE,
    SUPPLY,
    Hands,
    NamedResult,
    Recipient,
    Scope,
    SupplyStatus,
    accepting_refusals,
    agreeing_refusals,
    authorising_refusals,
    document_refusals,
    evaluating_refusals,
    notice_words,
    request_words,
    requesting_refusals,
    scope_refusals,
    supply_lines,
    supply_refusals,
)
from release.queries.supplies import covered_holds
from release.tables.supply import SupplyRow
from tests.unit.release.test_guards import GOOD, NOW, PURITY

FAILED = RequiredTest(name="CD3", status=QcTestStatus.VERIFIED, outcome=Outcome.OOS)
NAMED = NamedResult("o1", "B-O1", "CD3", "CD3: 60000 cells/kg", "h1")
SCOPE = Scope(named=(NAMED,), dispositions=frozenset({"quarantine"}), expires_at=NOW + timedelta(hours=3))
FACTS = replace(
    GOOD,
    tests=(*GOOD.tests, FAILED),
    oos=(OosLine("B-O1", "CD3", OosStatus.CONFIRMED),),
    holds=(HoldFacts("batch", "CD3", id="h1"),),
)
HANDS = Hands(signer="me", made=frozenset({"maker"}))
WORDS = "relapse is imminent and no other donor can be had in time"

# From, action, to, roles, signature: requirements 14.4 (OOS_SUPPLY) and EU GMP Part IV 11.54, written by hand.
SUPPLY_TABLE = """
supply_requested       evaluate        risk_evaluated        QA    risk evaluated
risk_evaluated         agree           risk_evaluation_given QP    risk evaluation agreed and given to the physician
risk_evaluation_given  authorise       risk_evaluation_given QP+Dr supply authorised as director
risk_evaluation_given  accept          supply_in_force       Dr    risk accepted: supplied out of specification at my request
risk_evaluation_given  accept_on_paper supply_in_force       QA    copied from the signed form; compared with the signed form
supply_requested       withdraw        supply_withdrawn      Dr    request withdrawn
risk_evaluated         withdraw        supply_withdrawn      Dr    request withdrawn
risk_evaluation_given  withdraw        supply_withdrawn      Dr    request withdrawn
supply_in_force        withdraw        supply_withdrawn      Dr    request withdrawn
supply_requested       decline         supply_declined       QA+QP supply declined
risk_evaluated         decline         supply_declined       QA+QP supply declined
risk_evaluation_given  decline         supply_declined       QA+QP supply declined
supply_in_force        decline         supply_declined       QA+QP supply declined
"""
OVERLAY_TABLE = """
overlay_printed apply_overlay   overlay_applied   Ph+T applied; witnessed
overlay_printed destroy_overlay overlay_destroyed Ph+T destroyed; witnessed
overlay_applied destroy_overlay overlay_destroyed Ph+T destroyed; witnessed
"""
NOTICE_TABLE = """
notice_open report notice_done Sp notification done
"""


def codes(refusals):
    return [one.code for one in refusals]


@pytest.mark.req("ATMP-11.53", "ATMP-11.54a", "ATMP-11.54b", "ATMP-11.54c")
@pytest.mark.parametrize(
    ("lifecycle", "table"), [(SUPPLY, SUPPLY_TABLE), (NOTICE, NOTICE_TABLE), (OVERLAY, OVERLAY_TABLE)]
)
def test_what_may_be_done_in_which_state_by_whom_is_exactly_this(lifecycle, table):
    """Every state with every action: a pair that is not in the table is refused, whoever asks."""
    written = {}
    for line in table.strip().splitlines():
        state, action, target, roles, meaning = line.split(maxsplit=4)
        written[state, action] = (target, set(roles.split("+")), meaning)
    for state, action in product(lifecycle.states, lifecycle.actions()):
        found = lifecycle.transition(action, state)
        if (state.value, action) not in written:
            assert getattr(found, "code", "allowed") == "STATE_NOT_ALLOWED", (state, action)
            continue
        said = (found.target.value, set(PERMISSIONS[found.permission]), "; ".join(found.meaning))
        assert said == written[state.value, action], (state, action)
    assert {action for _, action in written} == set(lifecycle.actions())


@pytest.mark.req("ATMP-11.53")
def test_only_a_treating_physician_asks_and_only_qa_copies_a_form():
    assert PERMISSIONS["oos_supply:request"] == frozenset({"Dr"})
    assert PERMISSIONS["oos_supply:copy"] == frozenset({"QA"})


@pytest.mark.req("ATMP-11.53", "ATMP-11.5-SCOPE")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"named": ()}, ["SUPPLY_NO_OOS"]),
        ({"dispositions": frozenset()}, ["SUPPLY_NO_OOS"]),
        ({"dispositions": frozenset({"rejected"})}, ["BATCH_REJECTED"]),
        ({"undecided": (OosLine("B-O2", "purity", OosStatus.OPEN),)}, ["OOS_UNDECIDED"]),
        ({"named": (), "undecided": (OosLine("B-O2", "purity", OosStatus.OPEN),)}, ["OOS_UNDECIDED"]),
        ({"from_records": ("Chain of identity",)}, ["SUPPLY_OUT_OF_SCOPE"]),
        ({"expires_at": NOW}, ["PRODUCT_EXPIRED"]),
        ({"expires_at": None}, ["PRODUCT_EXPIRED"]),
        ({"dispositions": frozenset({Disposition.LATE_OOS})}, []),
    ],
)
def test_the_route_is_open_for_a_confirmed_failure_and_closed_for_everything_else(change, expected):
    assert codes(scope_refusals(replace(SCOPE, **change), NOW)) == expected


def test_facts_that_nobody_gave_open_no_route():
    assert codes(requesting_refusals(Scope(), HANDS, NOW)) == ["SUPPLY_NO_OOS"]


def test_one_request_at_a_time_by_a_physician_who_did_not_make_or_test_the_batch():
    assert codes(requesting_refusals(SCOPE, HANDS, NOW)) == []
    assert codes(requesting_refusals(replace(SCOPE, live="B-E1"), HANDS, NOW)) == ["SUPPLY_OPEN"]
    assert codes(requesting_refusals(SCOPE, replace(HANDS, signer="maker"), NOW)) == ["SOD_SUPPLY"]


@pytest.mark.req("ATMP-11.53")
def test_hazard_alternatives_and_consequence_are_written_in_words():
    assert request_words(WORDS, WORDS, WORDS) == ()
    for place, field in enumerate(("hazard", "alternatives", "consequence")):
        given = [WORDS, WORDS, WORDS]
        given[place] = "yes"
        (missing,) = request_words(*given)
        assert (missing.code, dict(missing.facts)["field"]) == ("MISSING_FIELD", field)


# Who had which hand may not do what: S3, S4, S11 and the four different signatures of 11.54, over the whole history.
ROLES = ("made", "reviewers", "physicians", "evaluators", "agreed")
BARRED = {
    evaluating_refusals: {"made", "physicians"},
    agreeing_refusals: {"made", "reviewers", "physicians", "evaluators"},
    authorising_refusals: {"made", "physicians", "evaluators", "agreed"},
    lambda hands: accepting_refusals(hands, director_needed=False, authorised=False): {"made", "evaluators", "agreed"},
}


@pytest.mark.req("S3", "S11", "ATMP-11.54a", "ATMP-11.54b")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rule", BARRED, ids=["evaluate", "agree", "authorise", "accept"])
def test_nobody_signs_on_top_of_an_earlier_hand(rule, role):
    hands = Hands(signer="me", **{role: frozenset({"me"})})
    assert codes(rule(hands)) == (["SOD_SUPPLY"] if role in BARRED[rule] else [])


@pytest.mark.req("F-D11.1.2")
@pytest.mark.parametrize(("needed", "authorised", "expected"), [
    (False, False, []), (False, True, []), (True, True, []), (True, False, ["SUPPLY_NOT_AUTHORISED"]),
])  # fmt: skip
def test_the_director_signs_first_where_the_protocol_wants_it(needed, authorised, expected):
    assert codes(accepting_refusals(HANDS, director_needed=needed, authorised=authorised)) == expected


@pytest.mark.req("ATMP-11.54a")
def test_an_evaluation_that_was_withdrawn_supplies_nothing():
    assert codes(document_refusals(withdrawn=True)) == ["RISK_EVALUATION_GONE"]
    assert document_refusals(withdrawn=False) == ()


@pytest.mark.req("ATMP-11.54c")
@pytest.mark.parametrize("recipient", list(Recipient))
def test_an_authority_was_told_when_its_reference_is_there(recipient):
    assert notice_words(recipient, "IGJ-2026-1") == ()
    assert codes(notice_words(recipient, " ")) == ([] if recipient is Recipient.SPONSOR else ["MISSING_FIELD"])


@pytest.mark.req("ATMP-11.53")
def test_what_is_named_and_its_hold_do_not_block_the_supply():
    assert supply_refusals(FACTS, SCOPE, (NAMED,), NOW) == ()


@pytest.mark.req("ATMP-11.5-SCOPE")
@pytest.mark.parametrize(
    ("facts", "scope", "expected"),
    [
        ({"tests": (PURITY, replace(FAILED, name="purity"), FAILED)}, {}, ["RESULT_OOS"]),
        (
            {"tests": (*FACTS.tests, replace(PURITY, name="gram", status=QcTestStatus.ENTERED))},
            {},
            ["RESULT_UNVERIFIED"],
        ),
        ({"tests": (PURITY, replace(FAILED, status=QcTestStatus.ENTERED))}, {}, ["RESULT_UNVERIFIED"]),
        ({"tests": (PURITY, replace(FAILED, outcome=Outcome.UNDECIDABLE))}, {}, ["RESULT_UNDECIDABLE"]),
        ({"tests": (PURITY, replace(FAILED, status=QcTestStatus.INVALIDATED))}, {}, ["RETEST_MISSING"]),
        ({"holds": (*FACTS.holds, HoldFacts("batch", "asked", id="h2"))}, {}, ["BATCH_ON_HOLD"]),
        ({"holds": (HoldFacts("trial", "safety", id="h3"),)}, {}, ["TRIAL_ON_HOLD"]),
        ({}, {"named": (NAMED, replace(NAMED, oos_id="o2", number="B-O2"))}, ["SUPPLY_STALE"]),
        ({}, {"named": ()}, ["SUPPLY_NO_OOS"]),
        ({}, {"from_records": ("Infectious markers",)}, ["SUPPLY_OUT_OF_SCOPE"]),
        ({"integrity_faults": ("a signature",)}, {}, ["INTEGRITY_FAILURE"]),
        ({"review_current": False}, {}, ["AUDIT_REVIEW_STALE"]),
        ({"expires_at": NOW}, {"expires_at": NOW}, ["PRODUCT_EXPIRED", "PRODUCT_EXPIRED"]),
    ],
)
def test_everything_else_blocks_the_supply_as_it_blocks_a_certification(facts, scope, expected):
    assert codes(supply_refusals(replace(FACTS, **facts), replace(SCOPE, **scope), (NAMED,), NOW)) == expected


def test_no_guard_of_a_certification_is_left_out():
    lines = supply_lines(FACTS, SCOPE, (NAMED,), NOW)
    assert [line.guard.key for line in lines] == ["request", *(guard.key for guard in GUARDS)]
    assert {line.state for line in lines} == {GuardState.GREEN, GuardState.NOT_CHECKED}


@pytest.mark.req("ATMP-11.5-SCOPE")
@pytest.mark.parametrize("status", list(SupplyStatus))
def test_only_a_supply_in_force_covers_the_holds_of_the_results_it_names(status):
    row = SupplyRow(status=status, named=json.dumps([asdict(NAMED)]))
    assert covered_holds(row) == (frozenset({"h1"}) if status is SupplyStatus.IN_FORCE else frozenset())
    assert covered_holds(None) == frozenset()


@pytest.mark.req("ATMP-11.54c")
@pytest.mark.parametrize(
    ("reference", "missing"), [("A1", ["MISSING_FIELD"]), (" A1 ", ["MISSING_FIELD"]), ("A12", [])]
)
def test_a_reference_has_three_characters(reference, missing):
    assert codes(notice_words(Recipient.IGJ, reference)) == missing


@pytest.mark.req("ATMP-11.5-SCOPE")
@pytest.mark.parametrize(("expires_at", "shown"), [(None, "–"), (NOW, local_text(NOW))])
def test_an_expiry_that_has_passed_or_is_unknown_is_said_as_it_is(expires_at, shown):
    (refusal,) = scope_refusals(replace(SCOPE, expires_at=expires_at), NOW)
    assert (refusal.fact("expires"), refusal.fact("margin")) == (shown, "0")


def test_the_line_of_the_request_is_red_with_its_reason_and_only_the_results_are_worded_anew():
    lines = supply_lines(FACTS, replace(SCOPE, named=()), (NAMED,), NOW)
    assert (lines[0].state, codes(lines[0].refusals)) == (GuardState.RED, ["SUPPLY_NO_OOS"])
    usual = {guard.key: guard for guard in GUARDS}
    assert [line.guard.key for line in lines[1:] if line.guard != usual[line.guard.key]] == ["results"]


@pytest.mark.req("ATMP-11.5-SCOPE", "QC-OOS-1")
@pytest.mark.parametrize(("status", "expected"), [(OosStatus.CONFIRMED, []), (OosStatus.OPEN, ["OOS_UNDECIDED"])])
def test_a_failure_blocks_until_it_is_confirmed(status, expected):
    assert (
        codes(supply_refusals(replace(FACTS, oos=(OosLine("B-O1", "CD3", status),)), SCOPE, (NAMED,), NOW)) == expected
    )
