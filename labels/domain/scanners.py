"""How long the word of a scanner test counts, and what is said where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.refusals import N_, Refusal, kind

SCANNER_UNTESTED = kind(
    "SCANNER_UNTESTED",
    409,
    N_("The scanner of station %(station)s has no passed test of the last %(days)s days."),
    resolver=N_("you, with the scanner's set-up label"),
    next_step=N_("Print the set-up label and scan it at this station (Test the scanner)."),
)


@dataclass(frozen=True, slots=True)
class ScannerFacts:
    """``passed``: product labels were read in the newest test; ``isbt_passed``: so was every character of a Data Matrix.

    ``days``: how long a test counts at this station.
    """

    station: str
    days: int
    tested_at: datetime | None = None
    passed: bool = False
    isbt_passed: bool = False

    @property
    def until(self) -> datetime | None:
        return self.tested_at + timedelta(days=self.days) if self.tested_at else None


def scanner_warnings(facts: ScannerFacts | None, now: datetime) -> tuple[Refusal, ...]:
    """A product label survives every keyboard, so this warns and does not stop. No station, no scanner to speak of."""
    return _untested(facts, now, passed=facts is None or facts.passed)


def isbt_scanner_refusals(facts: ScannerFacts | None, now: datetime) -> tuple[Refusal, ...]:
    """An ISBT 128 code does not survive them: it is scanned where the whole set-up label was read, and nowhere else."""
    return _untested(facts, now, passed=facts is None or facts.isbt_passed)


def _untested(facts: ScannerFacts | None, now: datetime, *, passed: bool) -> tuple[Refusal, ...]:
    if facts is None or (passed and facts.until is not None and now < facts.until):
        return ()
    return (SCANNER_UNTESTED(station=facts.station, days=facts.days),)
