"""The batch as it is made (requirements 14.2): its processing state. Whether it may be used is another field."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import N_, Refusal, kind
from kernel.words import Words

LINE_CLEARANCE = kind(
    "LINE_CLEARANCE",
    409,
    N_("The line is not clear: %(finding)s."),
    resolver=N_("the technicians in the room"),
    next_step=N_("Remove what belongs to another product, or use another room; then clear the line again."),
)
STEP_UNVERIFIED = kind(
    "STEP_UNVERIFIED",
    409,
    N_("Steps are not verified: %(steps)s."),
    resolver=N_("the technicians of the batch"),
    next_step=N_("Perform and verify them."),
)
CONTAINER_MISSING = kind(
    "CONTAINER_MISSING",
    409,
    N_("Nothing has been filled."),
    resolver=N_("the technicians of the batch"),
    next_step=N_("Fill at least one container, or have QA terminate the batch."),
)
LABELS_OPEN = kind(
    "LABELS_OPEN",
    409,
    N_("%(count)s containers or printed labels are not settled: each container carries one verified, applied label."),
    resolver=N_("the technicians of the batch"),
    next_step=N_("Print, verify and apply what is missing; void what is left over."),
)
SAMPLES_OPEN = kind(
    "SAMPLES_OPEN",
    409,
    N_("Samples are not accounted for: %(samples)s."),
    resolver=N_("the technicians and the laboratory"),
    next_step=N_(
        "Have the laboratory receive each of them, or end it: tested, discarded with its reason, or retained."
    ),
)
ACTION_UNASSESSED = kind(
    "ACTION_UNASSESSED",
    409,
    N_("A value outside its action limit has no assessed deviation: %(steps)s."),
    resolver=N_("QA or the QP"),
    next_step=N_("Have the deviation assessed."),
)


class BatchStatus(StrEnum):
    PLANNED = "planned"
    IN_PROCESS = "in_process"
    PAUSED = "paused"
    PRODUCTION_COMPLETE = "production_complete"
    QA_REVIEWED = "qa_reviewed"
    RETURNED_FOR_CORRECTION = "returned_for_correction"
    TERMINATED = "terminated"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CompletionFacts:
    """What “production complete” is judged by; names of steps as people read them.

    ``unreconciled``: containers and prints that the labels do not account for yet. ``samples``: codes of those nobody
    answers for. ``unbalanced``: stages whose volumes do not add up. ``hold_times``: why each exceeded one without a
    deviation is refused. ``blank``: why fields with neither a value nor N/A are refused. ``unsigned``: why values
    left for a correction are refused.
    """

    unverified: tuple[Words, ...]
    unassessed: tuple[Words, ...]
    containers: int
    unreconciled: int
    samples: tuple[str, ...] = ()
    unbalanced: tuple[Refusal, ...] = ()
    hold_times: tuple[Refusal, ...] = ()
    yields: tuple[Refusal, ...] = ()
    blank: tuple[Refusal, ...] = ()
    materials: tuple[Refusal, ...] = ()
    unsigned: tuple[Refusal, ...] = ()


def steps_are_verified(facts: CompletionFacts) -> Refusal | None:
    return STEP_UNVERIFIED(steps=facts.unverified) if facts.unverified else None


def something_is_filled(facts: CompletionFacts) -> Refusal | None:
    return None if facts.containers else CONTAINER_MISSING()


def labels_are_reconciled(facts: CompletionFacts) -> Refusal | None:
    return LABELS_OPEN(count=facts.unreconciled) if facts.unreconciled else None


def action_limits_are_assessed(facts: CompletionFacts) -> Refusal | None:
    return ACTION_UNASSESSED(steps=facts.unassessed) if facts.unassessed else None


def samples_are_accounted_for(facts: CompletionFacts) -> Refusal | None:
    return SAMPLES_OPEN(samples=", ".join(facts.samples)) if facts.samples else None


def volumes_balance(facts: CompletionFacts) -> Refusal | None:
    return facts.unbalanced[0] if facts.unbalanced else None


def yields_are_explained(facts: CompletionFacts) -> Refusal | None:
    return facts.yields[0] if facts.yields else None


def nothing_is_blank(facts: CompletionFacts) -> Refusal | None:
    return facts.blank[0] if facts.blank else None


def materials_are_on_record(facts: CompletionFacts) -> Refusal | None:
    return facts.materials[0] if facts.materials else None


def corrections_are_signed(facts: CompletionFacts) -> Refusal | None:
    return facts.unsigned[0] if facts.unsigned else None


def hold_times_are_explained(facts: CompletionFacts) -> Refusal | None:
    return facts.hold_times[0] if facts.hold_times else None


def line_refusals(*, cleared: bool, others: tuple[str, ...]) -> tuple[Refusal, ...]:
    """``others``: numbers of batches in process in the same room (ATMP-LINECLEAR)."""
    refusals = [LINE_CLEARANCE(finding=number, field="room") for number in others]
    if not cleared:
        refusals.append(LINE_CLEARANCE(finding=N_("the check was answered with no"), field="cleared"))
    return tuple(refusals)


BATCH = Lifecycle(
    record="batch",
    states=BatchStatus,
    transitions=(
        Transition(
            "start",
            states(BatchStatus.PLANNED),
            BatchStatus.IN_PROCESS,
            "batch:perform",
            meaning=("line clearance performed", "line clearance verified"),
        ),
        Transition("pause", states(BatchStatus.IN_PROCESS), BatchStatus.PAUSED, "batch:perform"),
        Transition("resume", states(BatchStatus.PAUSED), BatchStatus.IN_PROCESS, "batch:perform"),
        # After a pause for which the product was sealed and taken out of its room.
        Transition(
            "clear_again",
            states(BatchStatus.PAUSED),
            BatchStatus.IN_PROCESS,
            "batch:perform",
            meaning=("line clearance performed", "line clearance verified"),
        ),
        Transition(
            "complete",
            states(BatchStatus.IN_PROCESS, BatchStatus.RETURNED_FOR_CORRECTION),
            BatchStatus.PRODUCTION_COMPLETE,
            "batch:complete",
            meaning=("production complete",),
            guards=(
                steps_are_verified,
                nothing_is_blank,
                something_is_filled,
                labels_are_reconciled,
                action_limits_are_assessed,
                samples_are_accounted_for,
                volumes_balance,
                hold_times_are_explained,
                yields_are_explained,
                materials_are_on_record,
                corrections_are_signed,
            ),
        ),
        Transition(
            "review",
            states(BatchStatus.PRODUCTION_COMPLETE, BatchStatus.QA_REVIEWED),
            BatchStatus.QA_REVIEWED,
            "batch:review",
            meaning=("batch record and audit trail reviewed",),
        ),
        # QA opens a finished record; it is complete again, and reviewed again, before anything may be decided on it.
        Transition(
            "open_for_correction",
            states(BatchStatus.PRODUCTION_COMPLETE, BatchStatus.QA_REVIEWED),
            BatchStatus.RETURNED_FOR_CORRECTION,
            "batch:review",
            meaning=("opened for correction",),
        ),
        # Every container infused or destroyed, every decision final (release/domain/reconciling.py).
        Transition("close", states(BatchStatus.QA_REVIEWED), BatchStatus.CLOSED, "batch:review", meaning=("closed",)),
        Transition(
            "terminate",
            states(
                BatchStatus.PLANNED,
                BatchStatus.IN_PROCESS,
                BatchStatus.PAUSED,
                BatchStatus.PRODUCTION_COMPLETE,
                BatchStatus.RETURNED_FOR_CORRECTION,
            ),
            BatchStatus.TERMINATED,
            "batch:review",
            meaning=("terminated",),
        ),
    ),
)


class StepStatus(StrEnum):
    """``not_needed``: of a part of the process that is not done (conditions.py); the system sets it and takes it back."""

    PENDING = "pending"
    PERFORMED = "performed"
    VERIFIED = "verified"
    NOT_NEEDED = "not_needed"


# Steps that nothing waits for.
STEPS_SETTLED = frozenset({StepStatus.VERIFIED, StepStatus.NOT_NEEDED})

STEP = Lifecycle(
    record="step",
    states=StepStatus,
    transitions=(
        Transition(
            "perform", states(StepStatus.PENDING), StepStatus.PERFORMED, "batch:perform", meaning=("performed",)
        ),
        # Copied afterwards from a paper that was filled in at the bench.
        Transition(
            "transcribe", states(StepStatus.PENDING), StepStatus.PERFORMED, "batch:perform", meaning=("transcribed",)
        ),
        Transition(
            "correct",
            states(StepStatus.PERFORMED, StepStatus.VERIFIED),
            StepStatus.PERFORMED,
            "batch:perform",
            meaning=("corrected",),
        ),
        *(
            Transition(
                action,
                states(StepStatus.PERFORMED, StepStatus.VERIFIED),
                StepStatus.PERFORMED,
                "batch:perform",
                meaning=(meaning,),
            )
            for action, meaning in (("measure_again", "measured again"), ("choose", "measurement chosen"))
        ),
        Transition("verify", states(StepStatus.PERFORMED), StepStatus.VERIFIED, "batch:verify", meaning=("verified",)),
        # The same verification on the performer's screen: the second person gives id and password there.
        Transition(
            "check",
            states(StepStatus.PERFORMED),
            StepStatus.VERIFIED,
            "batch:perform",
            meaning=("shown to the verifier", "verified"),
        ),
    ),
)
