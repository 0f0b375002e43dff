"""No one person is ever both hands: every act, and every signature of it, against the table of separations (S1-S12).

``tests/data/separation.csv``, written by hand: ``first`` are the separations of which this signature is the one hand,
``second`` those of which it is the other; ``proof``: the test in which the database shows that this very way leads to
the rule. Whoever is neither says why. An act that is not in the table is not in the product.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

import config.wiring  # noqa: F401  (every package has declared its acts)
from kernel.accounts.permissions import AD
from kernel.permissions import PERMISSIONS
from kernel.segregation import another_person
from kernel.web.registry import ACTS
from labels.domain.labels import LabelActFacts, the_verifier_did_not_print
from manufacturing.domain.deviations import ClosingFacts, somebody_else_closes
from manufacturing.domain.hands import SOD_RELEASE, hand_refusals
from manufacturing.domain.steps import verifier_refusals
from release.domain.dispensing_refusals import SOD_DISPENSE
from release.domain.oos import OosFacts, authorising_refusals, deciding_refusals
from release.domain.refusals import SOD_QA_QP, SOD_RESULT
from release.domain.separation import dispensing_pair_refusals
from release.domain.supply import (
    Hands,
    Scope,
    accepting_refusals,
    agreeing_refusals,
    evaluating_refusals,
    requesting_refusals,
)
from release.domain.supply import (
    authorising_refusals as authorising_supply_refusals,
)
from tests.conftest import START

FILE = Path(__file__).parents[1] / "data" / "separation.csv"
with FILE.open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))
ALONE = {"S1", "S2", "S3", "S4", "S5", "S6", "S7", "S11", "S12"}  # S8 and S9 are about documents and accounts
SHORTEST = 12


def sides(side):
    """Separation, act and signature."""
    return [(rule, row["act"], row["hand"]) for row in ROWS for rule in row[side].split()]


def test_every_signature_of_every_act_is_in_the_table_once_and_nothing_else_is():
    wanted = {(name, str(hand)) for name, act in ACTS.items() for hand in range(1, max(act.signs, 1) + 1)}
    named = [(row["act"], row["hand"]) for row in ROWS]
    assert sorted(wanted - set(named)) == [], f"say in {FILE.name} which hand this is, or why it is none"
    assert sorted(set(named) - wanted) == []
    assert len(named) == len(set(named))


def test_a_signature_is_a_hand_or_says_why_it_is_none():
    for row in ROWS:
        is_hand = bool(row["first"] or row["second"])
        assert is_hand != (len(row["reason"]) >= SHORTEST), row["act"]
        assert bool(row["first"]) <= bool(row["proof"]), row["act"]


@pytest.mark.parametrize("proof", sorted({row["proof"] for row in ROWS if row["proof"]}))
def test_the_proof_of_a_way_is_there(proof):
    path, _, name = proof.partition("::")
    text = (Path(__file__).parents[1] / path).read_text(encoding="utf-8")
    assert re.search(rf"^def {re.escape(name)}\(", text, re.MULTILINE)


@pytest.mark.req("S10")
def test_whoever_holds_an_administrators_role_has_neither_hand():
    for row in ROWS:
        if ALONE & set(row["first"].split() + row["second"].split()):
            act = ACTS[row["act"]]
            permission = act.second_permission if row["hand"] == "2" and act.second_permission else act.permission
            assert AD not in PERMISSIONS[permission], row["act"]


def codes(refusals):
    return [one.code for one in refusals if one is not None]


def of_supply(rule, **given):
    """``rule``: takes the hands; here everybody but the signer is somebody else."""
    return lambda person, involved: codes(rule(Hands(signer=person, made=frozenset(involved), **given)))


# By the second side: what is asked of ``person``, when these people are the first.
RULES = {
    "S1": lambda person, involved: codes(verifier_refusals(person, frozenset(involved))),
    "S2": lambda person, involved: codes(another_person(person, involved, SOD_RESULT)),
    "S3": lambda person, involved: codes(another_person(person, involved, SOD_RELEASE)),
    "S4": lambda person, involved: codes([somebody_else_closes(ClosingFacts(person, frozenset(involved), (), True))]),
    "S5": lambda person, involved: [
        code
        for one in involved
        for code in codes(authorising_refusals(OosFacts("O", person, frozenset(), frozenset(), invalidator=one)))
    ],
    "S6": lambda person, involved: codes(
        [the_verifier_did_not_print(LabelActFacts(actor=person, printers=frozenset(involved)))]
    ),
    "S7": lambda person, involved: codes(another_person(person, involved, SOD_DISPENSE)),
    "S11": lambda person, involved: codes(another_person(person, involved, SOD_QA_QP)),
    "S12": lambda person, involved: codes(dispensing_pair_refusals([{person, "p9"}], {*involved, "p9"})),
}
OWN_RULES = {
    ("S3", "oos_supply.request"): of_supply(lambda hands: requesting_refusals(Scope(), hands, START)),
    ("S3", "oos_supply.evaluate"): of_supply(evaluating_refusals),
    ("S3", "oos_supply.agree"): of_supply(agreeing_refusals),
    ("S3", "oos_supply.authorise"): of_supply(authorising_supply_refusals),
    ("S3", "oos_supply.accept"): of_supply(
        lambda hands: accepting_refusals(hands, director_needed=False, authorised=False)
    ),
    ("S4", "oos.confirm"): lambda person, involved: codes(
        deciding_refusals(OosFacts("O", person, frozenset(), frozenset(), frozenset(involved), cause_found=True))
    ),
    ("S11", "oos_supply.agree"): lambda person, involved: codes(
        agreeing_refusals(Hands(signer=person, reviewers=frozenset(involved)))
    ),
}
OWN_RULES["S4", "oos.invalidate"] = OWN_RULES["S4", "oos.confirm"]
SAID = {
    "S1": "SOD_STEP",
    "S2": "SOD_RESULT",
    "S3": "SOD_RELEASE",
    "S4": "SOD_DEVIATION",
    "S5": "SOD_RETEST",
    "S6": "SOD_LABEL",
    "S7": "SOD_DISPENSE",
    "S11": "SOD_QA_QP",
    "S12": "SOD_QP_PH",
}
SECOND = [one for one in sides("second") if one[0] in SAID]


@pytest.mark.req("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S11", "S12")
@pytest.mark.parametrize("second", SECOND, ids="-".join)
def test_whoever_is_one_hand_is_refused_as_the_other_and_a_colleague_is_not(second):
    rule, act, _ = second
    asked = OWN_RULES.get((rule, act), RULES[rule])
    said = (
        "SOD_SUPPLY"
        if act.startswith("oos_supply")
        else "SOD_OOS"
        if act.startswith("oos.") and rule == "S4"
        else SAID[rule]
    )
    assert said in asked("p1", ["p2", "p1"])
    assert not any(code.startswith("SOD_") for code in asked("p1", ["p2"]))
    assert [one for one in sides("first") if one[0] == rule], "nobody is ever the first hand"


@pytest.mark.req("S3")
def test_in_the_other_order_each_of_those_who_act_is_refused():
    assert codes(hand_refusals(["p1", "p2"], {"p2"})) == ["SOD_RELEASE"]
    assert hand_refusals(["p1", "p2"], {"p3"}) == ()
    assert hand_refusals(["p1"], ()) == ()


@pytest.mark.req("S3", "S11", "S12")
def test_every_decision_of_the_matrix_and_every_way_to_a_hand_is_in_it():
    """What the matrix says in words, act by act: nothing of it is taken out of the table unseen."""
    decisions = {
        "batch.review",
        "release.stage_one",
        "release.full",
        "release.stage_two",
        "release.given",
        "weight.resign",
    }
    assert {act for rule, act, _ in sides("second") if rule == "S3"} >= decisions
    assert {act for rule, act, _ in sides("first") if rule == "S3"} >= {
        act for rule, act, _ in [*sides("first"), *sides("second")] if rule in {"S1", "S2"}
    }
    for act in (
        "batch.start",
        "batch.join",
        "batch.clear_again",
        "container.fill",
        "container.freeze",
        "container.thaw",
    ):
        assert {hand for rule, name, hand in sides("first") if (rule, name) == ("S3", act)} == {"1", "2"}
