"""The batch as it is made (requirements 14.2): its processing state. Whether it may be used is another field."""

from __future__ import annotations

from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states


class BatchStatus(StrEnum):
    PLANNED = "planned"
    IN_PROCESS = "in_process"
    PRODUCTION_COMPLETE = "production_complete"
    QA_REVIEWED = "qa_reviewed"
    TERMINATED = "terminated"
    CLOSED = "closed"


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
        Transition(
            "complete",
            states(BatchStatus.IN_PROCESS),
            BatchStatus.PRODUCTION_COMPLETE,
            "batch:complete",
            meaning=("production complete",),
        ),
        Transition(
            "review",
            states(BatchStatus.PRODUCTION_COMPLETE, BatchStatus.QA_REVIEWED),
            BatchStatus.QA_REVIEWED,
            "batch:review",
            meaning=("batch record and audit trail reviewed",),
        ),
        Transition(
            "terminate",
            states(BatchStatus.PLANNED, BatchStatus.IN_PROCESS, BatchStatus.PRODUCTION_COMPLETE),
            BatchStatus.TERMINATED,
            "batch:review",
            meaning=("terminated",),
        ),
    ),
)


class StepStatus(StrEnum):
    PENDING = "pending"
    PERFORMED = "performed"
    VERIFIED = "verified"


STEP = Lifecycle(
    record="step",
    states=StepStatus,
    transitions=(
        Transition(
            "perform", states(StepStatus.PENDING), StepStatus.PERFORMED, "batch:perform", meaning=("performed",)
        ),
        Transition(
            "correct",
            states(StepStatus.PERFORMED, StepStatus.VERIFIED),
            StepStatus.PERFORMED,
            "batch:perform",
            meaning=("corrected",),
        ),
        Transition("verify", states(StepStatus.PERFORMED), StepStatus.VERIFIED, "batch:verify", meaning=("verified",)),
    ),
)


class DeviationStatus(StrEnum):
    OPEN = "open"
    ASSESSED = "assessed"
    CLOSED = "closed"


class DeviationClass(StrEnum):
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


DEVIATION = Lifecycle(
    record="deviation",
    states=DeviationStatus,
    transitions=(
        Transition(
            "assess",
            states(DeviationStatus.OPEN),
            DeviationStatus.ASSESSED,
            "deviation:assess",
            meaning=("deviation assessed",),
        ),
        Transition(
            "close",
            states(DeviationStatus.ASSESSED),
            DeviationStatus.CLOSED,
            "deviation:close",
            meaning=("deviation closed",),
        ),
    ),
)
