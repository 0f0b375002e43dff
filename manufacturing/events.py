"""What manufacturing tells the packages above, inside the act's transaction."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BatchOpened:
    batch_id: str


@dataclass(frozen=True, slots=True)
class ContainerFilled:
    container_id: str


@dataclass(frozen=True, slots=True)
class WeightRecorded:
    subject_id: str
    weight_id: str


@dataclass(frozen=True, slots=True)
class ContainerClockChanged:
    """A container was frozen or thawed; its expiry is another one."""

    container_id: str


@dataclass(frozen=True, slots=True)
class StepCorrected:
    """A signed step of a batch was corrected; whatever rested on the record rests on another one now."""

    batch_id: str
    step_id: str
