"""Which key signs, which only verifies, which is revoked; and what may be asked about each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labels.domain.label_keys import (
    LABEL_KEY,
    ApprovedChange,
    KeyChange,
    KeyFacts,
    KeyState,
    request_refusals,
    signing_refusals,
    state_of,
)
from labels.domain.payload import LabelKeys, build_payload, label_refusals, read_scan

USE, REVOKE = KeyChange.USE, KeyChange.REVOKE
HERE = (("B", "f-b"), ("C", "f-c"), ("D", "f-d"))
FACTS = KeyFacts(key="D", change=USE, fingerprints=HERE, first="C", approved=())
ROTATED = (ApprovedChange("D", USE, "f-d"),)
LEAKED = (*ROTATED, ApprovedChange("C", REVOKE, "f-c"))


def codes(refusals):
    return [one.code for one in refusals]


@pytest.mark.req("QR-1")
@pytest.mark.parametrize(
    ("approved", "states"),
    [
        ((), {"B": "VERIFIES", "C": "SIGNS", "D": "VERIFIES", "E": "MISSING"}),
        (ROTATED, {"B": "VERIFIES", "C": "VERIFIES", "D": "SIGNS"}),
        ((*ROTATED, ApprovedChange("B", USE, "f-b")), {"B": "SIGNS", "C": "VERIFIES", "D": "VERIFIES"}),
        (LEAKED, {"C": "REVOKED", "D": "SIGNS"}),
        ((ApprovedChange("C", REVOKE, "f-c"),), {"C": "REVOKED", "D": "VERIFIES"}),
        ((ApprovedChange("D", USE, "another"),), {"C": "VERIFIES", "D": "MISSING"}),
    ],
)
def test_the_key_put_in_use_last_signs_and_a_revoked_one_stays_revoked(approved, states):
    found = {letter: state_of(replace(FACTS, key=letter, approved=approved)) for letter in states}
    assert found == {letter: KeyState[name] for letter, name in states.items()}


@pytest.mark.req("QR-1")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"key": "C"}, ["LABEL_KEY_STANDS"]),
        ({"key": "E"}, ["LABEL_KEY_MISSING"]),
        ({"key": "E", "change": REVOKE}, []),
        ({"key": "C", "change": REVOKE}, []),
        ({"key": "C", "change": REVOKE, "approved": LEAKED}, ["LABEL_KEY_STANDS"]),
        ({"key": "C", "approved": LEAKED}, ["LABEL_KEY_STANDS"]),
    ],
)
def test_what_may_be_asked_about_a_key(given, expected):
    facts = replace(FACTS, **given)
    assert codes(request_refusals(facts, waiting=False)) == expected
    assert codes(request_refusals(facts, waiting=True)) == [*expected, "LABEL_KEY_WAITS"]


@pytest.mark.req("QR-1")
@pytest.mark.parametrize(
    ("letter", "approved", "expected"),
    [
        ("C", (), []),
        ("D", LEAKED, []),
        ("C", (ApprovedChange("C", REVOKE, "f-c"),), ["LABEL_KEY_NONE"]),
        ("D", (ApprovedChange("D", USE, "another"),), ["LABEL_KEY_MISSING"]),
        ("E", (ApprovedChange("E", USE, "f-e"),), ["LABEL_KEY_MISSING"]),
    ],
)
def test_nothing_is_printed_with_a_key_that_is_revoked_or_not_here(letter, approved, expected):
    assert codes(signing_refusals(replace(FACTS, key=letter, approved=approved))) == expected


@pytest.mark.req("QR-1")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"actor": "ad"}, ["SOD_ACCESS"]),
        ({"actor": ""}, ["SOD_ACCESS"]),
        ({"asked": "another"}, ["LABEL_KEY_MISSING"]),
        ({"asked": "another", "change": REVOKE}, []),
        ({"approved": ROTATED}, ["LABEL_KEY_STANDS"]),
    ],
)
def test_another_person_approves_what_is_still_so(given, expected):
    facts = replace(FACTS, asked="f-d", requested_by="ad", actor="qa")
    move = LABEL_KEY.transition("approve", "requested")
    found = [refusal for guard in move.guards if (refusal := guard(replace(facts, **given)))]
    assert codes(found) == expected


@pytest.mark.req("QR-1")
def test_a_genuine_label_of_a_revoked_key_is_refused_and_a_forged_one_of_it_too():
    keys = LabelKeys({"B": bytes(range(32)), "C": bytes(range(1, 33))}, "C", "DEMO-TEST22")
    facts = {"instance": "DEMO-TEST22", "issue": 1}
    read = read_scan(build_payload(keys, bytes(10), facts))
    leaked = replace(keys, revoked=frozenset("C"))
    assert label_refusals(read, keys, printed=facts, record=facts) == ()
    for printed in (facts, facts | {"issue": 2}):
        (refusal,) = label_refusals(read, leaked, printed=printed, record=printed)
        assert (refusal.code, refusal.fact("key")) == ("LABEL_KEY_REVOKED", "C")
