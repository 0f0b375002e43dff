"""Every mL of a container is given, destroyed or explained before its batch is closed (ATMP-RECON, DSP-REM)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from release.domain.decisions import Disposition
from release.domain.reconciling import (
    ClosingFacts,
    Unit,
    closing_refusals,
    destroying_refusals,
    idle,
    may_still_be_given,
)
from release.domain.refusals import CERTIFICATION_VOID
from release.domain.scan_facts import HoldFacts

D = Decimal
LONG = "spilled when the bag was opened for disposal"
BAG = Unit(code="NK26-0001-1", filled=D("40.5"), disposition=Disposition.CERTIFIED_FINAL)


def codes(refusals):
    return [one.code for one in refusals]


@pytest.mark.req("ATMP-RECON")
@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (replace(BAG, given=D("40.5")), []),
        (replace(BAG, given=D("40.0"), destroyed=D("0.5")), []),
        (replace(BAG, sampled=D("1"), given=D("38.5"), destroyed=D("0.7"), lost=D("0.3")), []),
        (replace(BAG, given=D("40.4999999999999999")), ["UNITS_OPEN"]),
        (replace(BAG, given=D("40.5000000000000001")), ["UNITS_OPEN"]),
        (BAG, ["UNITS_OPEN"]),
        (replace(BAG, out=True, given=D("40.5")), ["UNITS_OPEN"]),
        (replace(BAG, given=D("40.5"), disposition=Disposition.CERTIFIED_PENDING), ["NOT_FINAL"]),
        (replace(BAG, destroyed=D("40.5"), disposition=Disposition.QUARANTINE), ["NOT_FINAL"]),
        (replace(BAG, destroyed=D("40.5"), disposition=None), ["NOT_FINAL"]),
        (replace(BAG, destroyed=D("40.5"), disposition=Disposition.REJECTED), []),
        (replace(BAG, given=D("40.5"), disposition=Disposition.LATE_OOS), []),
    ],
)
def test_a_batch_is_closed_when_its_unit_adds_up_and_is_decided(unit, expected):
    assert codes(closing_refusals(ClosingFacts((unit,)))) == expected


@pytest.mark.req("ATMP-RECON")
def test_everything_that_is_open_is_said_at_once():
    facts = ClosingFacts(
        (BAG, replace(BAG, disposition=None)), ("S26-0001-7",), (("NK26-0001-D1", "minor", "assessed"),)
    )
    assert codes(closing_refusals(facts)) == ["NOT_FINAL", "UNITS_OPEN", "UNITS_OPEN", "SAMPLES_OPEN", "DEVIATION_OPEN"]


@pytest.mark.req("DSP-REM")
@pytest.mark.parametrize(
    ("unit", "hours_left", "days_filled", "expected"),
    [
        (BAG, 1, 1, None),
        (BAG, 0, 1, "expired"),
        (BAG, 999, 30, "unused"),
        (BAG, 999, 29, None),
        (BAG, 999, None, None),
        (replace(BAG, disposition=Disposition.REJECTED), 1, 1, "rejected"),
        (replace(BAG, left_pharmacy=True, given=D("40")), 1, 1, "returned"),
        (replace(BAG, left_pharmacy=True, given=D("40.5")), 0, 99, None),
        (replace(BAG, left_pharmacy=True, out=True), 0, 99, None),
        (replace(BAG, destroyed=D("40.5")), 0, 99, None),
    ],
)
def test_what_nobody_will_get_waits_to_be_destroyed(unit, hours_left, days_filled, expected):
    now = datetime(2026, 11, 28, 8, tzinfo=UTC)
    since = None if days_filled is None else now - timedelta(days=days_filled)
    assert idle(unit, now + timedelta(hours=hours_left), since, now) == expected


@pytest.mark.req("ATMP-HOLD", "A11D-13")
@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ({"holds": (HoldFacts("batch", "a look-back"),)}, ["BATCH_ON_HOLD"]),
        ({"holds": (HoldFacts("trial", "safety"), HoldFacts("subject", "x"))}, ["TRIAL_ON_HOLD", "BATCH_ON_HOLD"]),
        ({"void": (CERTIFICATION_VOID(number=3, at="today"),)}, ["CERTIFICATION_VOID"]),
    ],
)
def test_nothing_is_closed_under_a_hold_or_on_a_certification_that_no_longer_stands(fact, expected):
    settled = (replace(BAG, given=D("40.5")),)
    assert codes(closing_refusals(ClosingFacts(settled, **fact))) == expected


@pytest.mark.req("DSP-REM")
@pytest.mark.parametrize(
    ("unit", "volume", "explanation", "expected"),
    [
        (BAG, "40.5", None, []),
        (BAG, "40.4", LONG, []),
        (BAG, "40.4", "spilled", ["MISSING_FIELD"]),
        (BAG, "40.4", None, ["MISSING_FIELD"]),
        (BAG, "40.5000000000000001", LONG, ["DESTROYED_TOO_MUCH"]),
        (BAG, "0", LONG, ["DESTROYED_TOO_MUCH"]),
        (BAG, "-1", LONG, ["DESTROYED_TOO_MUCH"]),
        (replace(BAG, given=D("40")), "0.5", None, []),
        (replace(BAG, given=D("40")), "0.6", LONG, ["DESTROYED_TOO_MUCH"]),
        (replace(BAG, given=D("40.5")), "0.1", LONG, ["NOTHING_LEFT"]),
        (replace(BAG, destroyed=D("40"), lost=D("0.5")), "0.1", LONG, ["NOTHING_LEFT"]),
        (replace(BAG, out=True), "40.5", None, ["UNIT_OUT"]),
    ],
)
def test_no_more_is_destroyed_than_is_left_and_the_rest_is_explained(unit, volume, explanation, expected):
    assert codes(destroying_refusals(unit, D(volume), explanation)) == expected


NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.mark.req("DSP-REM")
@pytest.mark.parametrize(
    ("unit", "minutes", "expected"),
    [
        (BAG, 1, True),
        (replace(BAG, disposition=Disposition.QUARANTINE), 1, True),
        (BAG, 0, False),
        (replace(BAG, disposition=Disposition.REJECTED), 1, False),
        (replace(BAG, disposition=Disposition.LATE_OOS), 1, False),
        (replace(BAG, left_pharmacy=True), 1, False),
        (replace(BAG, destroyed=D("40.5")), 1, False),
    ],
)
def test_a_destruction_that_would_waste_a_dose_is_known_as_one(unit, minutes, expected):
    assert may_still_be_given(unit, NOW + timedelta(minutes=minutes), NOW) is expected
