"""What blocks release: facts of one batch in, every reason out, each with its owner (ATMP-11-CHECK, requirements 14.4).

A guard that is not built yet is a line of its own, “not checked”, never green (decision 48). Nothing is assumed: an
empty list of steps or of tests refuses (hazard 13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from kernel.quantities import exact, significant
from kernel.refusals import INTEGRITY_FAILURE, N_, Refusal
from manufacturing.domain.batches import BatchStatus, DeviationClass, DeviationStatus, StepStatus
from manufacturing.domain.expiry import is_expired, local_text
from manufacturing.domain.trial import TRIAL_ON_HOLD
from release.domain.decisions import DecisionKind, QcTestStatus
from release.domain.dispensing_refusals import BATCH_ON_HOLD, PRODUCT_EXPIRED
from release.domain.refusals import (
    AUDIT_REVIEW_MISSING,
    AUDIT_REVIEW_STALE,
    CERTIFIER_MISSING,
    DEVIATION_OPEN,
    DONOR_NOT_ACCEPTED,
    FORMULATION_DIFFERENCE,
    LABELS_NOT_RECONCILED,
    NOT_IN_TEST,
    PRODUCTION_NOT_COMPLETE,
    RESULT_MISSING,
    RESULT_OOS,
    RESULT_UNDECIDABLE,
    RESULT_UNVERIFIED,
    STEP_UNVERIFIED,
    WEIGHT_MISSING,
)
from release.domain.results import Outcome

CERTIFICATIONS = (DecisionKind.STAGE1, DecisionKind.FULL, DecisionKind.STAGE2)


class GuardState(StrEnum):
    GREEN = "green"
    RED = "red"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class StepFacts:
    position: int
    title: str
    status: StepStatus


@dataclass(frozen=True, slots=True)
class DeviationFacts:
    number: str
    classification: DeviationClass
    status: DeviationStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredTest:
    """``outcome``: judged now. ``may_wait``: among the tests the specification lets be pending at stage 1."""

    name: str
    status: QcTestStatus
    outcome: Outcome
    mandatory: bool = True
    may_wait: bool = False
    in_test: bool = False
    from_records: bool = False
    per_kg: bool = False
    value: str = ""
    limit: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class OpenHold:
    """An open hold on the batch or on anything above or below it; ``scope`` as in the hold's record."""

    scope: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """What the records say about one batch. Every default is the one that refuses.

    ``accepted``: QA accepted the starting material. ``label_problems`` and ``integrity_faults``: None is unknown.
    ``difference``: percent between release result and formulation count. ``certifiers``: QPs who had no part in it.
    ``since``: from when a guard could have been green, by its key.
    """

    batch_status: BatchStatus = BatchStatus.PLANNED
    collection: str = ""
    collection_status: str = ""
    accepted: bool = False
    steps: tuple[StepFacts, ...] = ()
    deviations: tuple[DeviationFacts, ...] = ()
    tests: tuple[RequiredTest, ...] = ()
    label_problems: tuple[str, ...] | None = None
    holds: tuple[OpenHold, ...] = ()
    subject: str = ""
    weighed: bool = False
    expires_at: datetime | None = None
    margin: timedelta = timedelta(0)
    reviewed_at: datetime | None = None
    review_current: bool = False
    integrity_faults: tuple[str, ...] | None = None
    difference: Fraction | None = None
    tolerance: Fraction = Fraction(0)
    difference_answered: bool = False
    certifiers: tuple[str, ...] = ()
    since: Mapping[str, datetime] = field(default_factory=dict)


Check = Callable[[ReleaseFacts, DecisionKind, datetime], Iterable[Refusal]]


@dataclass(frozen=True, slots=True)
class Guard:
    """``rule``: the sentence behind it; ``owner``: who resolves it; ``fact``: what is true when nothing speaks."""

    key: str
    name: str
    rule: str
    owner: str
    fact: str
    check: Check | None
    kinds: tuple[DecisionKind, ...] = CERTIFICATIONS


@dataclass(frozen=True, slots=True)
class GuardLine:
    """One line of the page: green with its fact, or red with every reason, or not checked."""

    guard: Guard
    state: GuardState
    refusals: tuple[Refusal, ...]
    since: datetime | None


def donor_is_accepted(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    if not facts.accepted:
        yield DONOR_NOT_ACCEPTED(collection=facts.collection, state=facts.collection_status or "–")


def production_is_complete(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    done = facts.batch_status in {BatchStatus.PRODUCTION_COMPLETE, BatchStatus.QA_REVIEWED}
    if not done or not facts.steps:
        yield PRODUCTION_NOT_COMPLETE(state=facts.batch_status.value if facts.steps else N_("no steps"))
    for step in facts.steps:
        if step.status is not StepStatus.VERIFIED:
            yield STEP_UNVERIFIED(position=step.position, step=step.title, state=step.status.value)


def deviations_are_settled(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    """Every one assessed; a major or critical one closed (ATMP-DEV-1, ATMP-11.3.2-1)."""
    for one in facts.deviations:
        assessed = one.status in {DeviationStatus.ASSESSED, DeviationStatus.CLOSED}
        enough = assessed if one.classification is DeviationClass.MINOR else one.status is DeviationStatus.CLOSED
        if not enough:
            yield DEVIATION_OPEN(number=one.number, classification=one.classification.value, state=one.status.value)


def results_are_in_specification(facts: ReleaseFacts, wanted: DecisionKind, _: datetime) -> Iterable[Refusal]:
    if not facts.tests:
        yield RESULT_MISSING(test=N_("The whole specification"))
    for test in facts.tests:
        yield from required_test_refusals(test, wanted, weighed=facts.weighed)


def required_test_refusals(test: RequiredTest, wanted: DecisionKind, *, weighed: bool) -> Iterable[Refusal]:
    """A test that only lacks the weight is left to the guard of the weight."""
    if test.status is QcTestStatus.ENTERED:
        yield RESULT_UNVERIFIED(test=test.name)
    elif test.status is QcTestStatus.VERIFIED or test.from_records:
        yield from judged_refusals(test, weighed=weighed)
    elif test.mandatory:
        if wanted is not DecisionKind.STAGE1 or not test.may_wait:
            yield RESULT_MISSING(test=test.name)
        elif not test.in_test:
            yield NOT_IN_TEST(test=test.name)


def judged_refusals(test: RequiredTest, *, weighed: bool) -> Iterable[Refusal]:
    if test.outcome is Outcome.OOS:
        yield RESULT_OOS(test=test.name, value=test.value, limit=test.limit)
    elif test.outcome in {Outcome.PASS, Outcome.ALERT, Outcome.REPORT}:
        return
    elif weighed or not test.per_kg:
        yield RESULT_UNDECIDABLE(test=test.name, why=test.why)


def labels_are_reconciled(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    problems = (N_("unknown"),) if facts.label_problems is None else facts.label_problems
    for problem in problems:
        yield LABELS_NOT_RECONCILED(problem=problem)


def nothing_is_held(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    for hold in facts.holds:
        if hold.scope != "trial":
            yield BATCH_ON_HOLD(scope=hold.scope, reason=hold.reason)


def trial_is_not_held(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    for hold in facts.holds:
        if hold.scope == "trial":
            yield TRIAL_ON_HOLD(reason=hold.reason)


def weight_is_known(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    if not facts.weighed:
        yield WEIGHT_MISSING(subject=facts.subject)


def it_outlasts_the_margin(facts: ReleaseFacts, _: DecisionKind, now: datetime) -> Iterable[Refusal]:
    if is_expired(facts.expires_at, now, facts.margin):
        shown = local_text(facts.expires_at) if facts.expires_at else "–"
        yield PRODUCT_EXPIRED(expires=shown, margin=int(facts.margin.total_seconds() // 60))


def review_is_current(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    if facts.reviewed_at is None:
        yield AUDIT_REVIEW_MISSING()
    elif not facts.review_current:
        yield AUDIT_REVIEW_STALE(at=local_text(facts.reviewed_at))


def difference_is_explained(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    """Decision 46: QA must answer a difference beyond the tolerance."""
    if facts.difference is not None and facts.difference > facts.tolerance and not facts.difference_answered:
        yield FORMULATION_DIFFERENCE(percent=significant(facts.difference), tolerance=significant(facts.tolerance))


def records_agree(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    faults = ("unknown",) if facts.integrity_faults is None else facts.integrity_faults
    for fault in faults:
        yield INTEGRITY_FAILURE(what=fault)


def somebody_may_certify(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    if not facts.certifiers:
        yield CERTIFIER_MISSING()


BEFORE_INFUSION = (DecisionKind.STAGE1, DecisionKind.FULL)
_QA, _QP, _LAB = N_("QA"), N_("QP"), N_("technicians")
_LATER = N_("This part of the record is not kept in this version; check it on paper.")

GUARDS: tuple[Guard, ...] = (
    Guard(
        "results",
        N_("Results"),
        N_("Every required result is verified and within the frozen specification; only what it names may wait."),
        _LAB,
        N_("All required results are verified and within specification."),
        results_are_in_specification,
    ),
    Guard(
        "deviations",
        N_("Deviations"),
        N_("Every deviation is assessed; a major or critical one is closed."),
        _QA,
        N_("No deviation is open."),
        deviations_are_settled,
    ),
    Guard(
        "holds",
        N_("Holds"),
        N_("Nothing is decided while the batch, its material, its subject or a container is on hold."),
        _QP,
        N_("No hold."),
        nothing_is_held,
    ),
    Guard(
        "review",
        N_("QA review"),
        N_("QA reviewed the record and its trail, and nothing changed since."),
        _QA,
        N_("The review is signed, and the record is still the one that was reviewed."),
        review_is_current,
    ),
    Guard(
        "integrity",
        N_("Integrity of the records"),
        N_("Records, trail and signatures of the batch agree."),
        N_("QA and the administrator"),
        N_("Records, trail and signatures agree."),
        records_agree,
    ),
    Guard(
        "steps",
        N_("Steps"),
        N_("Every step is performed by one person and verified by another; production is complete."),
        _LAB,
        N_("All steps are verified; production is complete."),
        production_is_complete,
    ),
    Guard(
        "donor",
        N_("Donor and starting material"),
        N_("QA accepted the leukapheresis: markers complete and assessed, consent, sampling window."),
        _QA,
        N_("The leukapheresis is accepted."),
        donor_is_accepted,
        BEFORE_INFUSION,
    ),
    Guard(
        "labels",
        N_("Labels"),
        N_("Every container carries its verified label; every print is applied or destroyed."),
        _LAB,
        N_("Labels are applied and add up."),
        labels_are_reconciled,
        BEFORE_INFUSION,
    ),
    Guard(
        "weight",
        N_("Weight of the subject"),
        N_("Doses per kg are judged with a weight that two people entered."),
        N_("trial team"),
        N_("A weight is on record."),
        weight_is_known,
    ),
    Guard(
        "expiry",
        N_("Expiry"),
        N_("There is time left for transport and infusion."),
        N_("nobody"),
        N_("The product outlasts transport and infusion."),
        it_outlasts_the_margin,
        BEFORE_INFUSION,
    ),
    Guard(
        "difference",
        N_("Formulation and release count"),
        N_("A difference beyond the tolerance is explained by QA in the review."),
        _QA,
        N_("No unexplained difference."),
        difference_is_explained,
    ),
    Guard(
        "trial",
        N_("Trial"),
        N_("Nothing is certified for use while the trial is on hold."),
        N_("sponsor delegate"),
        N_("The trial is not on hold."),
        trial_is_not_held,
        BEFORE_INFUSION,
    ),
    Guard(
        "people",
        N_("Separation of people"),
        N_("Whoever made, tested or reviewed the batch does not certify it."),
        N_("QA and the administrator"),
        N_("A QP without part in the batch is available."),
        somebody_may_certify,
    ),
    Guard("training", N_("Training"), _LATER, _QA, "", None),
    Guard("lots", N_("Materials and lots"), _LATER, _QA, "", None),
    Guard("equipment", N_("Equipment and calibration"), _LATER, _QA, "", None),
    Guard("environment", N_("Environmental monitoring"), _LATER, _QA, "", None),
    Guard("custody", N_("Custody"), _LATER, _QA, "", None),
    Guard("temperature", N_("Temperature"), _LATER, _QA, "", None),
)


def guard_lines(facts: ReleaseFacts, wanted: DecisionKind, now: datetime) -> tuple[GuardLine, ...]:
    """Every guard of the decision, in the order of the page."""
    return tuple(_line(guard, facts, wanted, now) for guard in GUARDS if wanted in guard.kinds)


def _line(guard: Guard, facts: ReleaseFacts, wanted: DecisionKind, now: datetime) -> GuardLine:
    if guard.check is None:
        return GuardLine(guard, GuardState.NOT_CHECKED, (), None)
    refusals = tuple(guard.check(facts, wanted, now))
    state = GuardState.RED if refusals else GuardState.GREEN
    return GuardLine(guard, state, refusals, facts.since.get(guard.key) if refusals else None)


def release_refusals(facts: ReleaseFacts, wanted: DecisionKind, now: datetime) -> tuple[Refusal, ...]:
    """Every reason not to sign this decision now; none means that nothing speaks against it."""
    return tuple(refusal for line in guard_lines(facts, wanted, now) for refusal in line.refusals)


def review_refusals(facts: ReleaseFacts, now: datetime) -> tuple[Refusal, ...]:
    """Why QA cannot sign the review: production, deviations and integrity (requirements 14.2)."""
    checks: tuple[Check, ...] = (production_is_complete, deviations_are_settled, records_agree)
    return tuple(refusal for check in checks for refusal in check(facts, DecisionKind.REVIEW, now))


def weight_refusals(
    old_kg: Fraction, new_kg: Fraction, tolerance_percent: Fraction, changed: tuple[str, ...]
) -> tuple[str, ...]:
    """Why a new weight must be judged by the QP first: beyond the tolerance, or another verdict (decision 29)."""
    reasons = [f"{name}" for name in changed]
    if 100 * abs(exact(new_kg) - exact(old_kg)) > exact(tolerance_percent) * exact(old_kg):
        reasons.insert(0, N_("more than the tolerance"))
    return tuple(reasons)
