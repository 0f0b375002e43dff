"""Trial and subjects: codes only; who may be included and why not."""

from __future__ import annotations

from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states


class TrialStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Diagnosis(StrEnum):
    ALL = "ALL"
    AML = "AML"


class DonorType(StrEnum):
    MISMATCHED_FAMILY = "mismatched_family"
    VOLUNTEER_UNRELATED = "volunteer_unrelated"
    MATCHED_SIBLING = "matched_sibling"
    CORD_BLOOD = "cord_blood"


class SubjectStatus(StrEnum):
    REGISTERED = "registered"
    INCLUDED = "included"
    CONCLUDED = "concluded"


SUBJECT = Lifecycle(
    record="subject",
    states=SubjectStatus,
    transitions=(
        Transition(
            "include",
            states(SubjectStatus.REGISTERED),
            SubjectStatus.INCLUDED,
            "subject:include",
            meaning=("included",),
        ),
        Transition(
            "conclude",
            states(SubjectStatus.REGISTERED, SubjectStatus.INCLUDED),
            SubjectStatus.CONCLUDED,
            "subject:include",
            meaning=("concluded",),
        ),
    ),
)
