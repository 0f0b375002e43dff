"""Each container counts once, and what does not add up is said of the one it concerns (DSP-ACC)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from release.domain.accountability import (
    MORE_THAN_FILLED,
    NOT_HANDED_OVER,
    NOT_RECORDED,
    REST,
    Account,
    Stage,
    balance,
    left_shown,
    open_point,
)
from release.domain.decisions import Disposition
from release.domain.reconciling import Unit, idle

D = Decimal
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BAG = Unit(code="NK26-0001-1", filled=D("40.5"), disposition=Disposition.CERTIFIED_FINAL)
OUT = replace(BAG, left_pharmacy=True, out=True)
BACK = replace(BAG, left_pharmacy=True)


def account(unit, *, handed_over=False, expires_in=1, waited=1):
    return Account(
        unit=unit,
        handed_over=handed_over,
        idle=idle(
            unit, NOW + timedelta(hours=expires_in), None if waited is None else NOW - timedelta(days=waited), NOW
        ),
    )


@pytest.mark.req("DSP-ACC")
@pytest.mark.parametrize(
    ("given", "stage", "said"),
    [
        (account(BAG), Stage.IN_STOCK, None),
        (account(BAG, expires_in=0), Stage.TO_DESTROY, "expired"),
        (account(replace(BAG, disposition=Disposition.REJECTED)), Stage.TO_DESTROY, "rejected"),
        (account(BAG, waited=30), Stage.IN_STOCK, "were not dispensed"),
        (account(BAG, waited=None), Stage.IN_STOCK, None),
        (account(OUT), Stage.DISPENSED, NOT_HANDED_OVER),
        (account(OUT, handed_over=True), Stage.WITH_THE_WARD, NOT_RECORDED),
        (account(replace(BACK, given=D("40"))), Stage.TO_DESTROY, REST),
        (account(replace(BACK, given=D("40.5"))), Stage.ACCOUNTED, None),
        (account(replace(BACK, given=D("40"), destroyed=D("0.4"), lost=D("0.1"))), Stage.ACCOUNTED, None),
        (account(replace(BACK, given=D("40.5"), destroyed=D("0.1"))), Stage.TOO_MUCH, MORE_THAN_FILLED),
    ],
)
def test_a_container_counts_where_it_is_and_says_what_is_open(given, stage, said):
    assert given.stage is stage
    found = open_point(given)
    assert (found is None) if said is None else said in found


@pytest.mark.req("DSP-ACC")
def test_the_balance_adds_up_in_containers_and_to_the_last_digit_in_ml():
    found = balance(
        [account(BAG), account(replace(BACK, given=D("40.4999999999999999"), lost=D("0.0000000000000001")))]
    )
    assert (found.received, sum(count for _, count in found.stages)) == (2, 2)
    assert found.filled == found.sampled + found.given + found.destroyed + found.lost + found.left == D("81")
    assert dict(found.stages)[Stage.ACCOUNTED] == 1


@pytest.mark.req("DSP-ACC")
def test_too_much_is_shown_without_its_sign():
    assert left_shown(account(replace(BACK, given=D("41")))) == "0.5"
