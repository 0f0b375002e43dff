"""What one scan is judged by: the label, the container behind it, the order of the day, the state of the records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from kernel.refusals import N_, Refusal
from manufacturing.domain.trial import TrialStatus
from release.domain.decisions import Disposition, OrderStatus, Verdict
from release.domain.eligibility import EligibilityForm, EligibilitySettings
from release.domain.results import Verdict as Judged

VALID_FOR = timedelta(seconds=60)
UNKNOWN_CODE = N_("not a subject code of this trial")


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """An open hold on the container or on anything above it."""

    scope: str
    reason: str
    cause: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class SupplyFacts:
    """The physician's request under which a container is supplied out of specification. ``criteria``: names of those it
    accepts as they are. ``further``: what has changed since, in words; anything in it stops the supply. ``overlaid``:
    the container carries the overlay of this supply."""

    number: str
    status: str
    in_force: bool
    criteria: frozenset[str] = frozenset()
    further: tuple[str, ...] = ()
    overlaid: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerFacts:
    """What the records say about the container behind a label. Every default is the one that refuses.

    ``record_reviewed``: the batch record stands reviewed, and is not open for correction.
    ``custody`` and ``temperature``: what is wrong with its moves; None where no move is on record: not checked.
    ``blood_groups``: why donor and recipient do not go together; None where the protocol does not ask.
    ``supply``: only of a container that is supplied out of specification.
    ``unverified``: what was entered, fails as it stands and waits for its second person; None where nobody looked.
    ``lots``: what speaks against the lots of materials in it; None where none is on record: not checked.
    """

    code: str
    subject_code: str
    disposition: Disposition | None = None
    sponsor_released: bool = False
    record_reviewed: bool = False
    trial_status: str = TrialStatus.CLOSED
    holds: tuple[HoldFacts, ...] = ()
    expires_at: datetime | None = None
    margin: timedelta | None = None
    dispensed_at: datetime | None = None
    destroyed_at: datetime | None = None
    weight_refusals: tuple[Refusal, ...] | None = None
    verdicts: tuple[Judged, ...] = ()
    unverified: tuple[Judged, ...] | None = None
    integrity_faults: tuple[str, ...] | None = None
    custody: tuple[Refusal, ...] | None = None
    temperature: tuple[Refusal, ...] | None = None
    lots: tuple[Refusal, ...] | None = None
    blood_groups: tuple[Refusal, ...] | None = None
    supply: SupplyFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """The order of the day for the container's subject; at the bedside the one it was dispensed for."""

    number: str
    subject_code: str
    infusion_on: date
    status: OrderStatus
    form: EligibilityForm | None = None
    settings: EligibilitySettings = field(default_factory=EligibilitySettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFacts:
    """One scan: what the two codes led to. ``scanned_subject`` is empty, a known code, or ``UNKNOWN_CODE``."""

    label_refusals: tuple[Refusal, ...]
    typed: bool = False
    second_person: bool = False
    scanned_subject: str = ""
    container: ContainerFacts | None = None
    order: OrderFacts | None = None
    database_behind: bool = True
    last_recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScanDecision:
    """``guards``: name and whether it passed, in order; ``not_checked``: guards of later work, never green."""

    verdict: Verdict
    refusals: tuple[Refusal, ...]
    guards: tuple[tuple[str, bool], ...]
    not_checked: tuple[str, ...]
