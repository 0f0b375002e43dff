"""Long storage: NAT on the donation sample, or a repeat test 180 days later, before the final release (TC-17-II.2.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kernel.refusals import FUTURE_TIME, N_, Refusal, kind
from manufacturing.domain.donors import MarkerResult

REPEAT_AFTER = timedelta(days=180)
NAT_WITHIN = timedelta(days=7)

LONG_STORAGE_TEST_MISSING = kind(
    "LONG_STORAGE_TEST_MISSING",
    409,
    N_(
        "%(collection)s made a product that is stored frozen; neither NAT for HIV, HBV and HCV nor a repeat test after 180 days is on record."
    ),
    resolver=N_("QA"),
    next_step=N_("Enter NAT of the donation sample, or the repeat test, on the page of the leukapheresis."),
)
LONG_STORAGE_TEST_REACTIVE = kind(
    "LONG_STORAGE_TEST_REACTIVE",
    409,
    N_("A later test of the donor of %(collection)s is reactive."),
    resolver=N_("QA and the QP"),
    next_step=N_("Reject the product; open a look-back for what was given."),
)
LATER_TEST_TIME = kind(
    "LATER_TEST_TIME",
    422,
    N_("A sample of %(sampled)s is no sample for this test: %(wanted)s."),
    resolver=N_("you"),
    next_step=N_(
        "Compare with the laboratory's report; NAT is of the donation sample, a repeat 180 days later or more."
    ),
)


class LaterTest(StrEnum):
    NAT = "nat"
    REPEAT = "repeat_after_180_days"


@dataclass(frozen=True, slots=True)
class LaterResult:
    """One later test of one leukapheresis; ``reactive``: any of HIV, HBV, HCV."""

    kind: str
    reactive: bool


def entry_refusals(test: str, sampled_on: date, donated_on: date | None, today: date) -> tuple[Refusal, ...]:
    """NAT within seven days of the donation, as the other markers; a repeat not before the 180th day."""
    if sampled_on > today:
        return (FUTURE_TIME(name=N_("The sample"), field="sampled_on"),)
    if donated_on is None:
        return ()
    passed = sampled_on - donated_on
    if test == LaterTest.NAT and not timedelta(0) <= passed <= NAT_WITHIN:
        wanted = N_("on the day of the donation or in the seven days after it")
    elif test == LaterTest.REPEAT and passed < REPEAT_AFTER:
        wanted = N_("180 days after the donation or later")
    else:
        return ()
    return (LATER_TEST_TIME(sampled=sampled_on, wanted=wanted, field="sampled_on"),)


def storage_refusals(collection: str, results: Sequence[LaterResult], *, frozen: bool) -> tuple[Refusal, ...]:
    """Nothing is asked of what was never frozen; a reactive later test speaks against every product."""
    if any(one.reactive for one in results):
        return (LONG_STORAGE_TEST_REACTIVE(collection=collection),)
    return (LONG_STORAGE_TEST_MISSING(collection=collection),) if frozen and not results else ()


def is_reactive(*results: str) -> bool:
    return MarkerResult.REACTIVE in results
