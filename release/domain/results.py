"""What is judged (a verified result), under which circumstances, and the verdict with all it was reached from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from manufacturing.domain.bead_counts import CountedEvents

FAILED = "%(criterion)s: %(shown)s"
"""Why a batch was held, and what its out-of-specification record was opened about."""


def failed_parts(found: str) -> dict[str, str]:
    """What such a sentence was made of, so that each part is said in the reader's language."""
    criterion, _, shown = found.partition(": ")
    return {"criterion": criterion, "shown": shown}


class Censoring(StrEnum):
    """The operator stored beside a value (PHE-CENS)."""

    NONE = ""
    BELOW = "<"
    ABOVE = ">"


class Outcome(StrEnum):
    """``undecidable`` fails like ``oos``; ``pending`` is a sterility test that has not ended: no pass, no failure."""

    PASS = "pass"  # noqa: S105  (an outcome)
    ALERT = "alert"
    OOS = "oos"
    REPORT = "report"
    PENDING = "pending"
    UNDECIDABLE = "undecidable"


@dataclass(frozen=True, slots=True)
class Measurement:
    """A verified result in the canonical unit: cells/mL for doses, EU/mL for endotoxin, mL for the volume.

    ``replicates``: the single values where one result has several; ``value`` is then one of them or their mean.
    """

    value: Decimal | None = None
    operator: Censoring = Censoring.NONE
    text: str | None = None
    count: CountedEvents | None = None
    replicates: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class PriorExposure:
    """What the subject already had under this criterion: cells (as judged: upper bound) or EU.

    ``amount`` None: given, but unknown. ``until`` None: not over yet (dispensed), or the time is unknown: it counts.
    """

    key: str
    amount: Fraction | None
    weight_kg: Decimal | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judging:
    """The circumstances a verdict depends on. ``volume_ml``: all that this container can give."""

    weight_kg: Decimal | None = None
    volume_ml: Decimal | None = None
    ordered_volume_ml: Decimal | None = None
    ordered_hours: Decimal | None = None
    label_volume_ml: Decimal | None = None
    starts_at: datetime | None = None
    prior: tuple[PriorExposure, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """``compared``: the number held against the limit; ``amount``: what this container adds to the subject's sum."""

    key: str
    outcome: Outcome
    reason: str
    compared: Fraction | None = None
    operator: Censoring = Censoring.NONE
    shown: str = ""
    limit: str = ""
    formula: str = ""
    inputs: tuple[tuple[str, str], ...] = field(default=())
    amount: Fraction | None = None

    @property
    def fails(self) -> bool:
        return self.outcome in {Outcome.OOS, Outcome.UNDECIDABLE}

    @property
    def meets(self) -> bool:
        return self.outcome in {Outcome.PASS, Outcome.ALERT, Outcome.REPORT}
