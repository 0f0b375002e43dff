"""The life of one printed label (requirements 14.5). A label carries no release status; the record does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import MISSING_REASON, Refusal
from labels.domain.refusals import (
    LABEL_CONTAINER,
    LABEL_COUNT,
    LABEL_IN_PROGRESS,
    LABEL_REPLACEMENT,
    LABEL_SUPERSEDED,
    LABEL_UNREAD,
    LABEL_UNVERIFIED,
    LABEL_VOID,
    SOD_LABEL,
)


class LabelStatus(StrEnum):
    GENERATED = "generated"
    PRINTED = "printed"
    VERIFIED = "verified"
    APPLIED = "applied"
    VOIDED = "voided"
    DESTROYED = "destroyed"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelActFacts:
    """What an act on a label is judged by. Every default is the one that refuses.

    ``printed_text``: the payload as generated; ``scanned_text``: what was read off the print. ``container`` and
    ``scanned_container`` likewise. ``others_in_progress``: other labels between print and application at this
    workstation. ``replacement``: status of the container's new label.
    """

    actor: str = ""
    printers: frozenset[str] = frozenset()
    printed_text: str = ""
    scanned_text: str = ""
    container: str = ""
    scanned_container: str = ""
    others_in_progress: tuple[str, ...] = ()
    reason: str = ""
    replacement: LabelStatus | None = None


def the_verifier_did_not_print(facts: LabelActFacts) -> Refusal | None:
    return SOD_LABEL() if facts.actor in facts.printers else None


def the_print_was_scanned(facts: LabelActFacts) -> Refusal | None:
    return None if facts.printed_text and facts.scanned_text == facts.printed_text else LABEL_UNREAD()


def the_container_is_the_one_on_the_label(facts: LabelActFacts) -> Refusal | None:
    return None if facts.container and facts.scanned_container == facts.container else LABEL_CONTAINER()


def no_other_container_is_being_labelled(facts: LabelActFacts) -> Refusal | None:
    return LABEL_IN_PROGRESS(other=", ".join(facts.others_in_progress)) if facts.others_in_progress else None


def a_reason_is_given(facts: LabelActFacts) -> Refusal | None:
    return MISSING_REASON(field="reason") if len(facts.reason.strip()) < 5 else None


def the_new_label_is_verified(facts: LabelActFacts) -> Refusal | None:
    ready = facts.replacement in {LabelStatus.VERIFIED, LabelStatus.APPLIED}
    return None if ready else LABEL_REPLACEMENT()


_S = LabelStatus
LABEL = Lifecycle(
    "label",
    LabelStatus,
    (
        Transition(
            "print",
            states(_S.GENERATED),
            _S.PRINTED,
            "label:print",
            ("printed",),
            (no_other_container_is_being_labelled,),
        ),
        Transition(
            "verify",
            states(_S.PRINTED),
            _S.VERIFIED,
            "label:verify",
            ("verified",),
            (the_verifier_did_not_print, the_print_was_scanned),
        ),
        Transition(
            "apply",
            states(_S.VERIFIED),
            _S.APPLIED,
            "label:apply",
            ("applied", "witnessed"),
            (the_container_is_the_one_on_the_label, no_other_container_is_being_labelled),
        ),
        # A reprint of the same facts voids the old print in the same transaction, also one already applied.
        Transition(
            "void",
            states(_S.GENERATED, _S.PRINTED, _S.VERIFIED, _S.APPLIED),
            _S.VOIDED,
            "label:void",
            ("voided", "witnessed"),
            (a_reason_is_given,),
        ),
        Transition("destroy", states(_S.VOIDED), _S.DESTROYED, "label:void", ("destroyed", "witnessed")),
        Transition(
            "supersede",
            states(_S.APPLIED),
            _S.SUPERSEDED,
            "label:apply",
            ("relabelled", "witnessed"),
            (a_reason_is_given, the_new_label_is_verified),
        ),
    ),
)


def label_status_refusals(status: LabelStatus, *, number: str, replaced_by: str = "") -> tuple[Refusal, ...]:
    """Why a scanned label may not speak for its container. ``number``, ``replaced_by``: short numbers."""
    if status in {LabelStatus.VOIDED, LabelStatus.DESTROYED}:
        return (LABEL_VOID(number=number, state=status.value, replaced_by=replaced_by or "–"),)
    if status is LabelStatus.SUPERSEDED:
        return (LABEL_SUPERSEDED(number=number, replaced_by=replaced_by or "–"),)
    if status is not LabelStatus.APPLIED:
        return (LABEL_UNVERIFIED(number=number, state=status.value),)
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCounts:
    """Labels of a batch as they left the printer, and what became of them. ``missing``: number and state of each that is
    neither on its container, superseded there, nor destroyed."""

    printed: int
    applied: int
    destroyed: int
    missing: tuple[tuple[str, str], ...] = ()


def label_count_refusals(counts: LabelCounts) -> tuple[Refusal, ...]:
    """Printed = applied (superseded ones included) + destroyed, or the batch cannot be closed; each missing one by name."""
    accounted = counts.applied + counts.destroyed
    if accounted == counts.printed and not counts.missing:
        return ()
    return (LABEL_COUNT(printed=counts.printed, accounted=accounted, missing=counts.missing or "–"),)
