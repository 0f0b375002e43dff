"""Single-platform counts: cells against counting beads in the same tube (process design 3.9), exact, in cells per mL.

Events, beads, sample and dilution are read off the cytometer; the concentration is computed and never typed
(ATMP-CALC, PHE-FLOW). No event is a count as well: it says “at most the upper bound”, never zero (decision 31).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from kernel.quantities import expanded, to_decimal
from kernel.refusals import N_
from manufacturing.domain.poisson import upper_bound_95
from manufacturing.domain.yields import counting_cv_percent, single_platform_per_ul

FORMULA = N_("events / bead events × beads per tube / sample volume in µL × dilution × 1000")
FORMULA_VERSION = "1"
UL_PER_ML = 1000


@dataclass(frozen=True, slots=True)
class CountedEvents:
    """One tube. ``dilution``: how many times the sample was diluted before it was pipetted, 1 for not at all."""

    events: int
    bead_events: int
    beads_per_tube: Decimal
    sample_ul: Decimal
    dilution: Decimal = Decimal(1)

    def impossible(self) -> tuple[tuple[str, Decimal], ...]:
        """The parts that cannot be: less than no event, nothing to divide by, a dilution that makes more of a sample."""
        parts = (
            ("bead_events", Decimal(self.bead_events), Decimal(self.bead_events) > 0),
            ("beads_per_tube", self.beads_per_tube, self.beads_per_tube.is_finite() and self.beads_per_tube > 0),
            ("sample_volume", self.sample_ul, self.sample_ul.is_finite() and self.sample_ul > 0),
            ("dilution", self.dilution, self.dilution.is_finite() and self.dilution >= 1),
            ("events", Decimal(self.events), self.events >= 0),
        )
        return tuple((name, value) for name, value, possible in parts if not possible)

    def per_ml(self) -> Fraction:
        """At the events counted; of no event see ``upper_per_ml``."""
        return self._of(Decimal(self.events))

    def upper_per_ml(self) -> Fraction:
        """At the one-sided 95 % upper bound of the events; never zero."""
        return self._of(upper_bound_95(self.events))

    def against_upper_limit(self, *, at_bound: bool) -> Fraction:
        """What faces an upper limit: the bound where the specification wants it, and always where nothing was seen."""
        return self.upper_per_ml() if at_bound or self.events == 0 else self.per_ml()

    def _of(self, events: Decimal) -> Fraction:
        return UL_PER_ML * single_platform_per_ul(
            events, self.bead_events, self.beads_per_tube, self.sample_ul, self.dilution
        )


def count_inputs(count: CountedEvents) -> tuple[tuple[str, str], ...]:
    """What was read off the cytometer and what follows from it, as it is shown and signed."""
    error = counting_cv_percent(count.events)
    return (
        ("counted events", str(count.events)),
        ("upper 95 % bound of the events", expanded(upper_bound_95(count.events))),
        ("bead events", str(count.bead_events)),
        ("beads per tube", expanded(count.beads_per_tube)),
        ("sample volume µL", expanded(count.sample_ul)),
        ("dilution", expanded(count.dilution)),
        *((("counting error %", expanded(error)),) if error is not None else ()),
    )


def count_document(count: CountedEvents) -> dict[str, Any]:
    """The computed concentration with formula, version and inputs; nothing seen is a bound and no value."""
    return {
        "cells_per_ml": to_decimal(count.per_ml()) if count.events else None,
        "upper_95_per_ml": to_decimal(count.upper_per_ml()),
        "counting_error_percent": counting_cv_percent(count.events),
        "formula": FORMULA,
        "formula_version": FORMULA_VERSION,
    }
