"""The leukapheresis at the door: its number, its times, and every reason why QA does not accept it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from manufacturing.domain.collections import (
    USABLE,
    AcceptanceFacts,
    ReceiptFacts,
    acceptance_refusals,
    donation_match_refusals,
    donation_number,
    hold_refusals,
    minute,
    mobilised_refusals,
    receipt_refusals,
    subject_status_refusals,
)
from manufacturing.domain.donation_numbers import DonationNumber
from tests.unit.manufacturing.test_rules import DAY, GOOD

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WORDS = {
    "started_at": "The start of the leukapheresis",
    "ended_at": "The end of the leukapheresis",
    "shipped_at": "The departure from the apheresis unit",
    "received_at": "The receipt",
}
HOUR, MICRO = timedelta(hours=1), timedelta(microseconds=1)
NAMES = ("started_at", "ended_at", "shipped_at", "received_at")
TIMES = ReceiptFacts(NOON - 4 * HOUR, NOON - 3 * HOUR, NOON - 2 * HOUR, NOON - HOUR, now=NOON, mobilised=False)
ACCEPTED = AcceptanceFacts(
    donor=GOOD,
    container_intact=True,
    label_matches=True,
    consented_on=DAY,
    donated_on=DAY,
    signer="qa",
    people_at_receipt=frozenset({"tech1", "tech2"}),
    holds=(),
)


def codes(refusals):
    return [one.code for one in refusals]


@pytest.mark.req("TC-86-RECEIPT")
def test_times_may_fall_together_and_end_now():
    assert receipt_refusals(TIMES) == ()
    assert receipt_refusals(replace(TIMES, **dict.fromkeys(NAMES, NOON))) == ()


@pytest.mark.req("TC-86-RECEIPT")
@pytest.mark.parametrize("name", NAMES)
def test_each_time_lies_in_the_past(name):
    later = dict.fromkeys(NAMES[NAMES.index(name) :], NOON + MICRO)
    found = receipt_refusals(replace(TIMES, **later))
    assert [(one.code, one.fact("field")) for one in found] == [("FUTURE_TIME", field) for field in later]


@pytest.mark.req("TC-86-RECEIPT")
@pytest.mark.parametrize(("earlier", "later"), list(pairwise(NAMES)))
def test_each_time_follows_the_one_before_it(earlier, later):
    found = receipt_refusals(replace(TIMES, **{later: getattr(TIMES, earlier) - MICRO}))
    assert [(one.code, one.fact("field")) for one in found] == [("TIME_ORDER", later)]
    assert (found[0].fact("earlier"), found[0].fact("name")) == (WORDS[earlier], WORDS[later])


@pytest.mark.req("TR-NONMOB")
def test_mobilised_material_is_never_taken():
    assert codes(receipt_refusals(replace(TIMES, mobilised=True))) == ["MOBILISED"]
    assert codes(mobilised_refusals(mobilised=True)) == ["MOBILISED"]
    assert mobilised_refusals(mobilised=False) == ()


@pytest.mark.req("TC-17-IV", "TC-86-RECEIPT")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"donor": replace(GOOD, htlv_risk=None)}, ["DONOR_TEST_MISSING"]),
        ({"container_intact": False}, ["RECEIPT_FAILED"]),
        ({"container_intact": None}, ["RECEIPT_FAILED"]),
        ({"label_matches": False}, ["RECEIPT_FAILED"]),
        ({"label_matches": None}, ["RECEIPT_FAILED"]),
        ({"container_intact": False, "label_matches": False}, ["RECEIPT_FAILED", "RECEIPT_FAILED"]),
        ({"consented_on": DAY - timedelta(days=9)}, []),
        ({"consented_on": DAY + timedelta(days=1)}, ["CONSENT_MISSING"]),
        ({"donated_on": None}, ["CONSENT_MISSING"]),
        ({"holds": (("collection", "look-back"), ("trial", "safety"))}, ["COLLECTION_ON_HOLD", "COLLECTION_ON_HOLD"]),
        ({"unsettled": (("LA-1-D1", "open"),)}, ["RECEIPT_DEVIATION_OPEN"]),
        ({"signer": "tech2"}, ["SOD_RECEIPT"]),
    ],
)
def test_each_fault_of_the_material_is_its_own_reason(change, expected):
    assert codes(acceptance_refusals(replace(ACCEPTED, **change))) == expected


def test_a_failed_check_says_which():
    found = acceptance_refusals(replace(ACCEPTED, container_intact=None, label_matches=None))
    assert [one.fact("check") for one in found] == ["container intact", "label and paper agree"]
    (held,) = hold_refusals([("subject", "withdrawn")])
    assert (held.fact("scope"), held.fact("reason")) == ("subject", "withdrawn")


DIN = DonationNumber("A999926123456")


@pytest.mark.req("F-COI-3", "TC-86-E1g")
@pytest.mark.parametrize(
    ("typed", "number", "same"),
    [
        (" A999926123456 ", DIN.din, True),
        ("A9999 26 123456", DIN.din, True),
        ("=A99992612345600", DIN.din, True),
        ("=A99992612345700", DIN.din, False),
        ("=A9999", DIN.din, False),
        ("LA-2026-0041", "LA-2026-0041", True),
        ("LA-2026-0042", "LA-2026-0041", False),
        ("KEPT 1", "KEPT 1", True),
        ("", DIN.din, False),
    ],
)
def test_the_number_on_the_bag_is_the_one_of_the_record(typed, number, same):
    found = donation_match_refusals(typed, number, field="code")
    assert [(one.code, one.fact("field")) for one in found] == ([] if same else [("DONATION_MISMATCH", "code")])


@pytest.mark.req("TC-86-E1g")
@pytest.mark.parametrize(
    ("kind", "number", "check", "expected"),
    [
        ("facility", "la 1", "", "ID_FORMAT"),
        ("facility", "=A99992612345600", "", "ID_FORMAT"),
        ("din", "A999926123456", " " + DIN.check + " ", DIN),
        ("din", "A999926123456", "?", "DIN_CHECK"),
        ("din", "A9999", DIN.check, "ID_FORMAT"),
        ("din", "=A9999", "", "ID_FORMAT"),
    ],
)
def test_a_number_is_stored_as_what_it_claims_to_be(kind, number, check, expected):
    found = donation_number(kind, number, check)
    assert (found if isinstance(found, DonationNumber) else found[0].code) == expected


def test_only_an_included_subject_gets_a_leukapheresis():
    assert subject_status_refusals("NK-01", "included") == ()
    assert codes(subject_status_refusals("NK-01", "registered")) == ["SUBJECT_NOT_INCLUDED"]


def test_what_may_be_used_is_accepted_and_minutes_are_cut():
    assert {"accepted", "accepted_at_risk", "in_use"} == USABLE
    assert minute(NOON + timedelta(seconds=59, microseconds=999_999)) == NOON
    assert date(2026, 11, 23) == DAY
