"""The guards of a release as a table, and the page "What blocks release" from it (ATMP-11-CHECK, decision 48)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from kernel.quantities import exact
from kernel.refusals import N_, Refusal
from release.domain.decisions import CERTIFICATES, DecisionKind
from release.domain.review import (
    Check,
    ReleaseFacts,
    action_plan_is_named,
    custody_is_unbroken,
    deviations_are_settled,
    difference_is_explained,
    donor_is_accepted,
    environment_was_controlled,
    equipment_was_fit,
    everybody_was_trained,
    it_outlasts_the_margin,
    labels_are_reconciled,
    lots_may_be_used,
    mycoplasma_is_asked,
    nothing_is_held,
    production_is_complete,
    records_agree,
    results_are_in_specification,
    review_is_current,
    samples_are_accounted_for,
    somebody_may_certify,
    temperature_was_kept,
    trial_is_not_held,
    versions_are_authorised,
    weight_is_known,
)


class GuardState(StrEnum):
    GREEN = "green"
    RED = "red"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Guard:
    """``rule``: the sentence behind it; ``owner``: who resolves it; ``fact``: what is true when nothing speaks.

    ``recorded``: the fact that is None where nothing of the kind is on record, so that nothing can be checked.
    """

    key: str
    name: str
    rule: str
    owner: str
    fact: str
    check: Check | None
    kinds: tuple[DecisionKind, ...] = CERTIFICATES
    recorded: str = ""


@dataclass(frozen=True, slots=True)
class GuardLine:
    """One line of the page: green with its fact, or red with every reason, or not checked."""

    guard: Guard
    state: GuardState
    refusals: tuple[Refusal, ...]
    since: datetime | None


BEFORE_INFUSION = (DecisionKind.STAGE1, DecisionKind.FULL)
# What the record says of how it was made, whatever became of it.
OF_THE_MAKING = (*BEFORE_INFUSION, DecisionKind.GIVEN)
_QA, _QP, _LAB = N_("QA"), N_("QP"), N_("technicians")

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
        "mycoplasma",
        N_("Mycoplasma"),
        N_(
            "A product whose cells were cultured is tested for mycoplasma; a specification that omits the test is not for it."
        ),
        _QP,
        N_("The test is asked for, or the cells were not cultured."),
        mycoplasma_is_asked,
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
    ),
    Guard(
        "labels",
        N_("Labels"),
        N_("Every container carries its verified label; every print is applied or destroyed."),
        _LAB,
        N_("Labels are applied and add up."),
        labels_are_reconciled,
        OF_THE_MAKING,
    ),
    Guard(
        "samples",
        N_("Samples"),
        N_("Every sample drawn is with the laboratory or has ended: tested, discarded with its reason, or retained."),
        _LAB,
        N_("No sample is unaccounted for."),
        samples_are_accounted_for,
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
        "plan",
        N_("Action plan"),
        N_("What happens when a culture turns positive after the infusion is written down before anything is infused."),
        N_("QA and the QP"),
        N_("The specification names the action plan."),
        action_plan_is_named,
        (DecisionKind.STAGE1,),
    ),
    Guard(
        "dossier",
        N_("Product dossier"),
        N_(
            "Process and specification of the batch are versions that the dossier of the trial authorises. Without a dossier in force this is checked on paper."
        ),
        _QP,
        N_("The dossier authorises the process and the specification of this batch."),
        versions_are_authorised,
        recorded="dossier",
    ),
    Guard(
        "people",
        N_("Separation of people"),
        N_("Whoever made, tested or reviewed the batch does not certify it."),
        N_("QA and the administrator"),
        N_("A QP without part in the batch is available."),
        somebody_may_certify,
    ),
    Guard(
        "training",
        N_("Training"),
        N_("Everybody who made, labelled, tested or released the batch was trained for it when they did."),
        _QA,
        N_("Everybody who acted was trained at the time."),
        everybody_was_trained,
    ),
    Guard(
        "lots",
        N_("Materials and lots"),
        N_(
            "Every required material has its lot; every lot was approved and in date when it was used, and none is stopped since. A process that names no materials is checked on paper."
        ),
        _QA,
        N_("Every lot was approved and in date, and none is stopped."),
        lots_may_be_used,
        recorded="lots",
    ),
    Guard(
        "equipment",
        N_("Equipment and calibration"),
        N_(
            "Every step has the equipment it requires, in service and within its due days when it was used, and none was found out of tolerance since. A process that names none is checked on paper."
        ),
        _QA,
        N_("All equipment was fit for use."),
        equipment_was_fit,
        recorded="equipment",
    ),
    Guard(
        "environment",
        N_("Environmental monitoring"),
        N_(
            "Every sample of air, surfaces and gloves was taken; none is above its action limit without a closed deviation. Only what the list of rooms lets wait may be unread before the final certification. Without a list in force this is checked on paper."
        ),
        _QA,
        N_("Every sample was taken, and none is above its action limit without a closed deviation."),
        environment_was_controlled,
        recorded="environment",
    ),
    Guard(
        "custody",
        N_("Custody"),
        N_(
            "Every move is on record without a gap, and every container lies where its status belongs. Without a move on record this is checked on paper."
        ),
        _QA,
        N_("Custody is unbroken."),
        custody_is_unbroken,
        recorded="custody",
    ),
    Guard(
        "temperature",
        N_("Temperature"),
        N_(
            "Every move was within the temperature of its place, or is assessed. Without a move on record this is checked on paper."
        ),
        _QA,
        N_("No temperature out of range."),
        temperature_was_kept,
        recorded="temperature",
    ),
)


def guard_lines(facts: ReleaseFacts, wanted: DecisionKind, now: datetime) -> tuple[GuardLine, ...]:
    """Every guard of the decision, in the order of the page."""
    return tuple(_line(guard, facts, wanted, now) for guard in GUARDS if wanted in guard.kinds)


def _line(guard: Guard, facts: ReleaseFacts, wanted: DecisionKind, now: datetime) -> GuardLine:
    if guard.check is None or (guard.recorded and getattr(facts, guard.recorded) is None):
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


def weight_changes(
    old_kg: Decimal, new_kg: Decimal, tolerance_percent: Decimal, changed: tuple[str, ...]
) -> tuple[str, ...]:
    """Why a new weight must be judged by the QP first: beyond the tolerance, or another verdict (decision 29)."""
    beyond = 100 * abs(exact(new_kg) - exact(old_kg)) > exact(tolerance_percent) * exact(old_kg)
    return (*((N_("more than the tolerance"),) if beyond else ()), *changed)
