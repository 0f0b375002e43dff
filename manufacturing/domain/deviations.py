"""Deviations (requirements 14.7): what did not go as written, from its report to its closing by somebody else (S4).

Impact is a text, not a tick box (ATMP-DEV-2); a reopened deviation keeps its history.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import MISSING_FIELD, N_, Refusal, kind
from manufacturing.domain.batches import BatchStatus

SHORTEST_IMPACT = 15
SHORTEST_CAUSE = 10

SOD_DEVIATION = kind(
    "SOD_DEVIATION",
    403,
    N_("Who raised, investigated or assessed a deviation may not close it."),
    resolver=N_("another QA officer"),
    next_step=N_("Ask a colleague in QA to read and close it."),
)
QP_JUDGEMENT_MISSING = kind(
    "QP_JUDGEMENT_MISSING",
    409,
    N_("The deviation affects batches that are still to be certified (%(batches)s) and the QP has not assessed it."),
    resolver=N_("the QP"),
    next_step=N_("Ask the QP to write the assessment on the page of the deviation; then close it."),
)
BATCH_NAMED = kind(
    "BATCH_NAMED",
    409,
    N_("Batch %(batch)s is already named in this deviation."),
    resolver=N_("nobody"),
    next_step=N_("Open the deviation: it stands on the page of that batch."),
)
BATCH_UNKNOWN = kind(
    "BATCH_UNKNOWN",
    422,
    N_("There is no batch %(batch)s."),
    resolver=N_("you"),
    next_step=N_("Scan or type the number of the batch again."),
)
SAME_CLASS = kind(
    "SAME_CLASS",
    422,
    N_("The deviation is classified as %(classification)s already."),
    resolver=N_("you"),
    next_step=N_("Choose another class, or leave it as it is."),
)


class DeviationStatus(StrEnum):
    OPEN = "open"
    UNDER_INVESTIGATION = "under_investigation"
    ASSESSED = "assessed"
    CLOSED = "closed"


class DeviationClass(StrEnum):
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class EntryKind(StrEnum):
    """Lines of a deviation's history; none is ever changed."""

    INVESTIGATED = "investigated"
    RECLASSIFIED = "reclassified"
    BATCH_NAMED = "batch_named"
    ASSESSED = "impact_assessed"
    JUDGED = "judged_by_qp"
    REOPENED = "reopened"
    CLOSED = "closed_by"


SETTLED = frozenset({DeviationStatus.ASSESSED, DeviationStatus.CLOSED})
UNSETTLED = states(DeviationStatus.OPEN, DeviationStatus.UNDER_INVESTIGATION)
# Whoever did one of these has judged the matter and may not close it (S4).
INVOLVING = frozenset({EntryKind.INVESTIGATED, EntryKind.RECLASSIFIED, EntryKind.ASSESSED, EntryKind.JUDGED})
TO_CERTIFY = frozenset(BatchStatus) - {BatchStatus.TERMINATED, BatchStatus.CLOSED}


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """``involved``: who raised, investigated or assessed it, over its whole history. ``to_certify``: numbers of the
    batches it affects that may still be certified. ``judged``: whether the QP's assessment is on record."""

    signer: str
    involved: frozenset[str]
    to_certify: tuple[str, ...]
    judged: bool


def somebody_else_closes(facts: ClosingFacts) -> Refusal | None:
    return SOD_DEVIATION() if facts.signer in facts.involved else None


def the_qp_has_judged(facts: ClosingFacts) -> Refusal | None:
    if facts.judged or not facts.to_certify:
        return None
    return QP_JUDGEMENT_MISSING(batches=", ".join(facts.to_certify))


DEVIATION = Lifecycle(
    record="deviation",
    states=DeviationStatus,
    transitions=(
        Transition(
            "investigate",
            UNSETTLED,
            DeviationStatus.UNDER_INVESTIGATION,
            "deviation:investigate",
            meaning=("deviation investigated",),
        ),
        *(Transition("name_batch", states(state), state, "deviation:investigate") for state in sorted(UNSETTLED)),
        *(
            Transition("reclassify", states(state), state, "deviation:assess", meaning=("deviation classified anew",))
            for state in sorted(UNSETTLED)
        ),
        Transition(
            "assess",
            states(DeviationStatus.UNDER_INVESTIGATION),
            DeviationStatus.ASSESSED,
            "deviation:assess",
            meaning=("deviation assessed",),
        ),
        Transition(
            "judge",
            states(DeviationStatus.ASSESSED),
            DeviationStatus.ASSESSED,
            "deviation:judge",
            meaning=("impact on the batch assessed by the QP",),
        ),
        Transition(
            "close",
            states(DeviationStatus.ASSESSED),
            DeviationStatus.CLOSED,
            "deviation:close",
            meaning=("deviation closed",),
            guards=(somebody_else_closes, the_qp_has_judged),
        ),
        Transition(
            "reopen",
            SETTLED,
            DeviationStatus.UNDER_INVESTIGATION,
            "deviation:assess",
            meaning=("deviation reopened",),
        ),
    ),
)


def impact_refusals(impact: str, field: str = "impact") -> tuple[Refusal, ...]:
    """The impact on quality and safety, in words that can be judged."""
    if len(impact.strip()) >= SHORTEST_IMPACT:
        return ()
    return (MISSING_FIELD(name=N_("The impact on quality and safety, in words"), field=field),)


def investigation_refusals(root_cause: str, action: str) -> tuple[Refusal, ...]:
    """Root cause and what was done, each in words."""
    wanted = (
        (root_cause, N_("The root cause, in words"), "root_cause"),
        (action, N_("What was done about it, in words"), "action"),
    )
    return tuple(
        MISSING_FIELD(name=name, field=field) for text, name, field in wanted if len(text.strip()) < SHORTEST_CAUSE
    )


def naming_refusals(number: str, *, known: bool, named: bool) -> tuple[Refusal, ...]:
    """A batch that is affected too: it exists, and it is named once."""
    if not known:
        return (BATCH_UNKNOWN(batch=number, field="batch_number"),)
    return (BATCH_NAMED(batch=number, field="batch_number"),) if named else ()


def class_refusals(known: str, wanted: str) -> tuple[Refusal, ...]:
    return (SAME_CLASS(classification=known, field="classification"),) if known == wanted else ()
