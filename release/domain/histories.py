"""What the records say about one patient, as far as the trial's figures need it (process.md 7.1, 7.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Given(StrEnum):
    """How much of the planned volume went in."""

    FULL = "full"
    PARTIAL = "partial"


class Relatedness(StrEnum):
    UNRELATED = "unrelated"
    UNLIKELY = "unlikely"
    POSSIBLE = "possible"
    PROBABLE = "probable"
    DEFINITE = "definite"


class DropReason(StrEnum):
    """The one primary reason why a patient went no further (TR-F3)."""

    NOT_ELIGIBLE = "not_eligible"
    NO_CONSENT = "no_consent"
    DONOR = "donor"
    MANUFACTURE_FAILURE = "manufacture_failure"
    OUT_OF_SPECIFICATION = "out_of_specification"
    PROGRESSIVE_DISEASE = "progressive_disease"
    NO_ENGRAFTMENT = "no_engraftment"
    GVHD = "gvhd"
    STEROIDS = "steroids"
    OTHER_CONDITION = "other_condition"
    DEATH = "death"
    WITHDRAWAL = "withdrawal"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class InfusionHistory:
    """Something went into the patient. ``against_verdict``: the bedside scan had said no; never in F.

    ``out_of_specification``: supplied at the physician's request; never in F, and marked for ever (TR-OOSFLAG).
    """

    given: Given
    nk_per_kg: Decimal | None
    minimum_nk_per_kg: Decimal
    against_verdict: bool = False
    out_of_specification: bool = False

    @property
    def reaches_minimum(self) -> bool:
        return self.nk_per_kg is not None and self.nk_per_kg >= self.minimum_nk_per_kg


@dataclass(frozen=True, slots=True)
class BatchHistory:
    """``manufactured``: a final container was reached. Certified in the past stays certified, also after a late OOS."""

    code: str
    manufactured: bool = False
    certified_provisional: bool = False
    certified_final: bool = False
    late_oos: bool = False
    rejected: bool = False
    terminated: bool = False
    oos_supplied: bool = False
    infusions: tuple[InfusionHistory, ...] = ()
    not_infused_reason: DropReason | None = None

    @property
    def failed(self) -> bool:
        """What was certified before a late failure stays certified, whatever becomes of the rest of it."""
        return self.rejected or self.terminated or (self.oos_supplied and not self.late_oos)

    @property
    def released(self) -> bool:
        """Stage 1 or final."""
        return self.manufactured and (self.certified_provisional or self.certified_final) and not self.failed

    @property
    def released_finally(self) -> bool:
        return self.manufactured and self.certified_final and not self.failed and not self.late_oos

    @property
    def counted_infusion(self) -> bool:
        """At least one infusion that may count for F, whatever the tests after it say."""
        return any(
            given.reaches_minimum and not given.against_verdict and not given.out_of_specification
            for given in self.infusions
        )


@dataclass(frozen=True, slots=True)
class Reaction:
    """``grade``: CTCAE; None for grade or relatedness is undecided, not harmless. Seriousness is another matter.

    ``recorded_at``: since when it is known. ``serious`` counts in one of the other readings only."""

    grade: int | None
    relatedness: Relatedness | None
    pending_adjudication: bool = False
    recorded_at: datetime | None = None
    serious: bool = False


@dataclass(frozen=True, slots=True)
class PatientHistory:
    """``included_at``: the later of transplantation and consent (decision 34). ``concluded``: nothing more can come."""

    code: str
    transplanted: bool
    eligible: bool = True
    included_at: date | None = None
    donor_cleared: bool = False
    collections: int = 0
    batches: tuple[BatchHistory, ...] = ()
    concluded: bool = False
    drop_reason: DropReason | None = None
    reactions: tuple[Reaction, ...] = ()
    reactions_recorded: bool = True

    @property
    def infused(self) -> bool:
        """With anything: in full, in part, out of specification or against the verdict (safety set)."""
        return any(batch.infusions for batch in self.batches)

    @property
    def supplied(self) -> bool:
        """At least one dose was supplied out of specification (EU GMP Part IV 11.5)."""
        return any(given.out_of_specification for batch in self.batches for given in batch.infusions)

    @property
    def supplied_at_minimum(self) -> bool:
        """Such a dose that would count if out of specification did."""
        return any(
            given.out_of_specification and given.reaches_minimum and not given.against_verdict
            for batch in self.batches
            for given in batch.infusions
        )
