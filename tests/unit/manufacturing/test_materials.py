"""Lots of materials: their codes, receipts, approvals, and the list of kinds behind them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from manufacturing.domain.donation_numbers import CHECK_CHARACTERS
from manufacturing.domain.material_kinds import InUse, OpeningEvent, check_kinds, parse_kinds
from manufacturing.domain.materials import (
    LOT,
    ApprovalFacts,
    Balance,
    ReceiptFacts,
    expiry_instant,
    lot_code,
    read_lot_code,
    receipt_refusals,
    shown_state,
)

PRESET = json.loads(Path("config/presets/materials.json").read_text(encoding="utf-8"))["body"]
KINDS = parse_kinds(PRESET)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RECEIPT = ReceiptFacts(Decimal(20), NOW, NOW, date(2027, 3, 31), None)
APPROVAL = ApprovalFacts("M26-0001-7", "CD3 reagent", "receiver", "qa", NOW + timedelta(days=9), NOW)
PAPER = (("certificate.pdf", "ab" * 32),)
LETTERS = CHECK_CHARACTERS[:-1] + "-"


def codes(material="cd3_reagent", **changed):
    return [one.code for one in receipt_refusals(KINDS.get(material), replace(RECEIPT, **changed))]


@given(number=some.integers(1, 9999), place=some.integers(0, 9), letter=some.sampled_from(LETTERS))
def test_one_wrong_character_of_a_lot_code_opens_nothing(number, place, letter):
    code = lot_code(2026, number)
    assert read_lot_code(f" {code}\r\n") == code
    typed = code[:place] + letter + code[place + 1 :]
    assert typed == code or read_lot_code(typed) is None


@pytest.mark.req("ATMP-7-LOT")
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"material": "coffee"}, ["MISSING_FIELD"]),
        ({"quantity": Decimal(0)}, ["LOT_QUANTITY"]),
        ({"quantity": Decimal("1.5")}, ["LOT_QUANTITY"]),
        ({"material": "buffer", "quantity": Decimal("1.5")}, []),
        ({"received_at": NOW + timedelta(minutes=1)}, ["FUTURE_TIME"]),
        ({"expires_at": NOW}, ["LOT_EXPIRY"]),
        ({"expires_on": None}, ["LOT_EXPIRY"]),
        ({"expires_on": None, "expires_at": NOW}, []),
    ],
)
def test_a_receipt_says_everything_that_is_wrong_with_it(changed, expected):
    assert codes(**changed) == expected


@pytest.mark.req("ATMP-7-LOT")
@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2027, 3, 31), datetime(2027, 3, 31, 22, 0, tzinfo=UTC)),
        (date(2026, 12, 31), datetime(2026, 12, 31, 23, 0, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),
        (date(2027, 3, 28), datetime(2027, 3, 28, 22, 0, tzinfo=UTC)),
    ],
)
def test_a_day_counts_to_its_end_in_amsterdam_also_on_the_nights_that_change(day, end):
    assert expiry_instant(replace(RECEIPT, expires_on=day)) == end


@pytest.mark.req("ATMP-7-LOT")
@pytest.mark.parametrize("action", ["approve", "decide anew"])
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"signer": "receiver"}, ["SOD_LOT"]),
        ({"expires_at": NOW}, ["LOT_EXPIRED"]),
        ({"expires_at": NOW + timedelta(microseconds=1)}, []),
    ],
)
def test_nobody_approves_what_he_received_or_what_is_out_of_date(action, changed, expected):
    (move,) = [one for one in LOT.transitions if one.action == action]
    facts = replace(APPROVAL, **changed)
    assert [no.code for guard in move.guards if (no := guard(facts))] == expected


@pytest.mark.req("ATMP-9-REJ")
def test_nothing_but_a_new_decision_of_qa_leads_from_a_stopped_lot():
    ways = {
        (one.action, one.permission)
        for one in LOT.transitions
        if {source.value for source in one.sources} & {"rejected", "recalled"}
    }
    assert ways == {("decide anew", "lot:approve")}


@pytest.mark.parametrize(
    ("status", "expires_at", "expected"),
    [
        ("approved", NOW + timedelta(1), "approved"),
        ("approved", NOW, "expired"),
        ("quarantine", NOW, "expired"),
        ("recalled", NOW, "recalled"),
        ("empty", NOW, "empty"),
    ],
)
def test_out_of_date_is_computed_and_hides_no_decision(status, expires_at, expected):
    assert shown_state(status, expires_at, NOW) == expected


def test_a_balance_is_exact():
    assert Balance(Decimal("0.3"), Decimal("0.1"), Decimal("0.2")).left == 0


def test_the_preset_is_a_list_of_materials_with_its_clocks():
    assert len(KINDS) == 14
    assert KINDS["dnase"].in_use == InUse(OpeningEvent.THAWED, Decimal(8))
    assert KINDS["bag"].whole
    assert KINDS["bag"].in_use is None


@pytest.mark.parametrize(
    "fault",
    [
        {"unit": ""},
        {"title": {"en": "only English"}},
        {"key": "Big Letters"},
        {"in_use": {"event": "opened", "hours": 24}},
        {"in_use": {"event": "opened", "hours": "0"}},
        {"in_use": {"event": "spilled", "hours": "4"}},
        {"in_use": "24"},
    ],
)
def test_a_fault_in_the_list_is_named(fault):
    body = {"kinds": [PRESET["kinds"][4] | fault]}
    assert {one.code for one in check_kinds(body)} == {"DOCUMENT_INVALID"}


def test_a_list_without_kinds_or_with_one_twice_is_refused():
    assert check_kinds({})
    assert check_kinds({"kinds": PRESET["kinds"][:1] * 2})


@pytest.mark.req("ATMP-7-LOT")
@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"needs_certificate": True}, ["LOT_CERTIFICATE_MISSING"]),
        ({"needs_certificate": True, "certificates": PAPER}, []),
        ({"needs_certificate": True, "certificates": PAPER, "unseen": PAPER}, ["LOT_CERTIFICATE_UNSEEN"]),
        ({"certificates": PAPER, "unseen": PAPER}, ["LOT_CERTIFICATE_UNSEEN"]),
        ({}, []),
    ],
)
@pytest.mark.parametrize(("action", "state"), [("approve", "quarantine"), ("decide anew", "recalled")])
def test_a_certificate_is_here_and_was_opened_by_who_approves(action, state, change, codes):
    guards = LOT.transition(action, state).guards
    facts = replace(APPROVAL, **change)
    assert [no.code for guard in guards if (no := guard(facts))] == codes


def test_a_kind_needs_a_certificate_unless_its_list_says_no():
    body = {**PRESET, "kinds": [{**PRESET["kinds"][0], "certificate": False}, PRESET["kinds"][1]]}
    assert [one.certificate for one in parse_kinds(body).values()] == [False, True]
