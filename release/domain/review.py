"""What blocks release: facts of one batch in, every reason out, each with its owner (ATMP-11-CHECK, requirements 14.4).

A guard that is not built yet is a line of its own, “not checked”, never green (decision 48). Nothing is assumed: an
empty list of steps or of tests refuses (hazard 13).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from kernel.quantities import significant
from kernel.refusals import INTEGRITY_FAILURE, N_, Refusal
from kernel.training.domain import NOT_TRAINED
from kernel.words import Words
from manufacturing.domain.batches import (
    CONTAINER_MISSING,
    LABELS_OPEN,
    SAMPLES_OPEN,
    STEP_UNVERIFIED,
    STEPS_SETTLED,
    BatchStatus,
    StepStatus,
)
from manufacturing.domain.deviations import DeviationClass, DeviationStatus
from manufacturing.domain.environment import Standing
from manufacturing.domain.expiry import is_expired, local_text
from manufacturing.domain.holds import held_refusal
from manufacturing.domain.trial import TRIAL_ON_HOLD
from release.domain.decisions import DecisionKind, QcTestStatus
from release.domain.dispensing_refusals import PRODUCT_EXPIRED
from release.domain.oos import OOS_CONFIRMED, OOS_UNDECIDED, RETEST_MISSING, OosStatus
from release.domain.refusals import (
    ACTION_PLAN_MISSING,
    AUDIT_REVIEW_MISSING,
    AUDIT_REVIEW_STALE,
    CERTIFIER_MISSING,
    DEVIATION_OPEN,
    DONOR_NOT_ACCEPTED,
    FORMULATION_COUNT_ZERO,
    FORMULATION_DIFFERENCE,
    MYCOPLASMA_OMITTED,
    NOT_IN_TEST,
    PRODUCTION_NOT_COMPLETE,
    RESULT_MISSING,
    RESULT_OOS,
    RESULT_UNDECIDABLE,
    RESULT_UNVERIFIED,
    WEIGHT_MISSING,
)
from release.domain.results import Outcome
from release.domain.scan_facts import HoldFacts

# Decisions at which some results may still be awaited.
EARLY = (DecisionKind.STAGE1, DecisionKind.GIVEN)


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


@dataclass(frozen=True, slots=True)
class OosLine:
    number: str
    test: str
    status: OosStatus


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """What the records say about one batch. Every default is the one that refuses.

    ``accepted``: QA accepted the starting material. ``long_storage``: what a frozen product lacks of its donor's tests. ``unreconciled_labels``, ``integrity_faults`` and
    ``samples`` (codes of those nobody answers for): None is unknown.
    ``difference``: percent between release result and formulation count; ``uncounted``: containers without a cell by the
    latter. ``certifiers``: QPs who had no part in it.
    ``custody`` and ``temperature``: what is wrong with the moves of the containers; None where no move is on record.
    ``equipment``: what was unfit or is missing; None where the process names none.
    ``environment``: what its monitoring says; None where no document was in force when the batch began.
    ``training``: who acted on the batch without being trained for it; None is unknown.
    ``lots``: what speaks against the lots of materials; None where the process names none and none was used.
    ``action_plan``: reference of the written plan on a positive culture after the infusion.
    ``dossier``: what the product dossiers in force speak against; None where none is in force.
    ``cultured``: steps in which the cells were cultured; ``mycoplasma_omitted``: the specification asks for no test of it.
    ``since``: from when a guard could have been green, by its key.
    """

    batch_status: BatchStatus = BatchStatus.PLANNED
    collection: str = ""
    collection_status: str = ""
    accepted: bool = False
    long_storage: tuple[Refusal, ...] = ()
    steps: tuple[StepFacts, ...] = ()
    deviations: tuple[DeviationFacts, ...] = ()
    tests: tuple[RequiredTest, ...] = ()
    oos: tuple[OosLine, ...] = ()
    containers: int = 0
    unreconciled_labels: int | None = None
    samples: tuple[str, ...] | None = None
    holds: tuple[HoldFacts, ...] = ()
    subject: str = ""
    weighed: bool = False
    expires_at: datetime | None = None
    margin: timedelta = timedelta(0)
    reviewed_at: datetime | None = None
    review_current: bool = False
    integrity_faults: tuple[str, ...] | None = None
    difference: Fraction | None = None
    uncounted: tuple[str, ...] = ()
    tolerance: Fraction = Fraction(0)
    difference_answered: bool = False
    certifiers: tuple[str, ...] = ()
    custody: tuple[Refusal, ...] | None = None
    temperature: tuple[Refusal, ...] | None = None
    training: tuple[Refusal, ...] | None = None
    lots: tuple[Refusal, ...] | None = None
    equipment: tuple[Refusal, ...] | None = None
    environment: Standing | None = None
    action_plan: str = ""
    dossier: tuple[Refusal, ...] | None = None
    cultured: tuple[Words | str, ...] = ("?",)
    mycoplasma_omitted: bool = True
    since: Mapping[str, datetime] = field(default_factory=dict)


Check = Callable[[ReleaseFacts, DecisionKind, datetime], Iterable[Refusal]]


def donor_is_accepted(facts: ReleaseFacts, kind: DecisionKind, __: datetime) -> Iterable[Refusal]:
    """Before the final release of what is stored frozen, NAT or the repeat test too (TC-17-II.2.8)."""
    if not facts.accepted:
        yield DONOR_NOT_ACCEPTED(collection=facts.collection, state=facts.collection_status or "–")
    if kind in {DecisionKind.FULL, DecisionKind.STAGE2}:
        yield from facts.long_storage


def production_is_complete(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    done = facts.batch_status in {BatchStatus.PRODUCTION_COMPLETE, BatchStatus.QA_REVIEWED}
    if not done or not facts.steps:
        yield PRODUCTION_NOT_COMPLETE(state=facts.batch_status.value if facts.steps else N_("no steps"))
    waiting = [f"{step.position} " + step.title for step in facts.steps if step.status not in STEPS_SETTLED]
    if waiting:
        yield STEP_UNVERIFIED(steps=waiting)
    if not facts.containers:
        yield CONTAINER_MISSING()


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
    yield from undecided_refusals(facts)


def undecided_refusals(facts: ReleaseFacts) -> Iterable[Refusal]:
    """Also when another weight would let the value pass: what failed is investigated, and what is confirmed stands."""
    for one in facts.oos:
        if one.status is OosStatus.OPEN:
            yield OOS_UNDECIDED(number=one.number, test=one.test)
        elif one.status is OosStatus.CONFIRMED:
            yield OOS_CONFIRMED(number=one.number, test=one.test)


def required_test_refusals(test: RequiredTest, wanted: DecisionKind, *, weighed: bool) -> Iterable[Refusal]:
    """A test that only lacks the weight is left to the guard of the weight."""
    if test.status is QcTestStatus.ENTERED:
        yield RESULT_UNVERIFIED(test=test.name)
    elif test.status is QcTestStatus.INVALIDATED:
        yield RETEST_MISSING(test=test.name)
    elif test.status is QcTestStatus.VERIFIED or test.from_records:
        yield from judged_refusals(test, weighed=weighed)
    elif test.mandatory:
        if wanted not in EARLY or not test.may_wait:
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
    if facts.unreconciled_labels != 0:
        unknown = facts.unreconciled_labels is None
        yield LABELS_OPEN(count="?" if unknown else facts.unreconciled_labels)


def samples_are_accounted_for(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    """With the laboratory, or ended; a sample drawn after production counts like any other (QC-ALLSAMPLES)."""
    if facts.samples is None or facts.samples:
        yield SAMPLES_OPEN(samples="?" if facts.samples is None else ", ".join(facts.samples))


def custody_is_unbroken(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    yield from facts.custody or ()


def temperature_was_kept(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    yield from facts.temperature or ()


def equipment_was_fit(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    yield from facts.equipment or ()


CULTURED = "cultured"
"""The stage of a process whose cells were in culture for days; an overnight activation is none."""


def mycoplasma_is_asked(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    """The reason for omitting the test speaks of cells that are not cultured; here they were (PHE-2.6.7)."""
    if facts.cultured and facts.mycoplasma_omitted:
        yield MYCOPLASMA_OMITTED(steps=facts.cultured)


def versions_are_authorised(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    yield from facts.dossier or ()


def environment_was_controlled(facts: ReleaseFacts, wanted: DecisionKind, _: datetime) -> Iterable[Refusal]:
    """Plates are read days later: certification with results pending waits only for what the document says."""
    if facts.environment is None:
        return
    yield from facts.environment.against
    for refusal, waits in facts.environment.pending:
        if waits or wanted not in EARLY:
            yield refusal


def everybody_was_trained(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    """At the time of acting, and by the version that was followed (ATMP-3.2-TRAIN)."""
    if facts.training is None:
        yield NOT_TRAINED(person="?", procedure="?", version="?", at="?")
    yield from facts.training or ()


def lots_may_be_used(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    yield from facts.lots or ()


def nothing_is_held(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    for hold in facts.holds:
        if hold.scope != "trial":
            yield held_refusal(hold.scope, hold.cause, hold.reason)


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
    """Decision 46: QA must answer a difference beyond the tolerance; against a count of none no answer helps."""
    if facts.uncounted:
        yield FORMULATION_COUNT_ZERO(containers=", ".join(facts.uncounted))
    if facts.difference is not None and facts.difference > facts.tolerance and not facts.difference_answered:
        yield FORMULATION_DIFFERENCE(percent=significant(facts.difference), tolerance=significant(facts.tolerance))


def action_plan_is_named(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    """Without it nobody would know what to do when a culture turns positive in a patient (ATMP-11.3.2-5)."""
    if not facts.action_plan:
        yield ACTION_PLAN_MISSING()


def records_agree(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    faults = ("unknown",) if facts.integrity_faults is None else facts.integrity_faults
    for fault in faults:
        yield INTEGRITY_FAILURE(what=fault)


def somebody_may_certify(facts: ReleaseFacts, _: DecisionKind, __: datetime) -> Iterable[Refusal]:
    if not facts.certifiers:
        yield CERTIFIER_MISSING()
