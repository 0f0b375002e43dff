"""Whether a container may get a label now, and the ledger that accounts for every print of a batch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kernel.refusals import N_, STATE_NOT_ALLOWED, Refusal, kind
from labels.domain.labels import LabelCounts, LabelStatus
from labels.domain.slots import ON_CONTAINER, SMALL, SlotName
from manufacturing.domain.batches import BatchStatus

LIVE = frozenset({LabelStatus.GENERATED, LabelStatus.PRINTED, LabelStatus.VERIFIED, LabelStatus.APPLIED})
LOOSE = frozenset({LabelStatus.GENERATED, LabelStatus.PRINTED, LabelStatus.VERIFIED})
LABELLING = frozenset({BatchStatus.IN_PROCESS, BatchStatus.PRODUCTION_COMPLETE, BatchStatus.QA_REVIEWED})

LABEL_EXISTS = kind(
    "LABEL_EXISTS",
    409,
    N_("Container %(container)s already has label %(number)s (%(state)s)."),
    resolver=N_("you, with a second person"),
    next_step=N_("Reprint that label with a reason; the old print becomes void. There is never a second one."),
)

LABELS_ALL_THERE = kind(
    "LABELS_ALL_THERE",
    409,
    N_("Every container of batch %(batch)s has its label already."),
    resolver=N_("you, with a second person"),
    next_step=N_("Open the labels of the batch; reprint a single label with a reason."),
)
LABELS_NO_CONTAINER = kind(
    "LABELS_NO_CONTAINER",
    409,
    N_("No container of batch %(batch)s is filled yet."),
    resolver=N_("you, with a second person"),
    next_step=N_("Fill the containers first; a label is printed for a container, and never before it."),
)
LABELS_NONE_OPEN = kind(
    "LABELS_NONE_OPEN",
    409,
    N_("Batch %(batch)s has no printed label of size %(slot)s that still waits for its print file."),
    resolver=N_("you"),
    next_step=N_("Print the labels first. A label that was verified or went to a printer is only ever reprinted."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintFacts:
    """``live_number``, ``live_status``: short number and state of the label that is not ended yet, if any."""

    container: str
    batch_status: BatchStatus
    live_number: str = ""
    live_status: LabelStatus | None = None


def printing_refusals(facts: PrintFacts) -> tuple[Refusal, ...]:
    """A container has at most one label that is not ended; a batch that ended badly gets none."""
    refusals = []
    if facts.live_status is not None:
        refusals.append(
            LABEL_EXISTS(container=facts.container, number=facts.live_number, state=facts.live_status.value)
        )
    if facts.batch_status not in LABELLING:
        refusals.append(STATE_NOT_ALLOWED(action="print a label", record="batch", state=facts.batch_status.value))
    return tuple(refusals)


def nothing_to_print(batch: str, *, filled: bool) -> Refusal:
    """Why no label of the batch is wanted now."""
    return LABELS_ALL_THERE(batch=batch) if filled else LABELS_NO_CONTAINER(batch=batch)


@dataclass(frozen=True, slots=True)
class LabelLedger:
    """Prints of one batch. ``verified``, ``applied``: ever reached; ``voided``: also those destroyed since."""

    containers: int
    printed: int
    verified: int
    applied: int
    on_containers: int
    superseded: int
    voided: int
    destroyed: int

    @property
    def difference(self) -> int:
        """Prints not accounted for: neither on a container, nor superseded there, nor destroyed (LBL-SERIAL)."""
        return self.printed - self.on_containers - self.superseded - self.destroyed

    @property
    def counts(self) -> LabelCounts:
        return LabelCounts(printed=self.printed, applied=self.on_containers + self.superseded, destroyed=self.destroyed)


@dataclass(frozen=True, slots=True)
class PrintRecord:
    """One print as the ledger counts it."""

    container_id: str
    status: LabelStatus
    was_verified: bool
    was_applied: bool
    slot: SlotName = SlotName.FULL


def ledger_of(container_ids: Iterable[str], prints: Iterable[PrintRecord]) -> LabelLedger:
    """A label that is only generated yet counts nowhere."""
    rows = [one for one in prints if one.status is not LabelStatus.GENERATED]
    ended = {LabelStatus.VOIDED, LabelStatus.DESTROYED}
    return LabelLedger(
        containers=len(set(container_ids)),
        printed=len(rows),
        verified=sum(one.was_verified for one in rows),
        applied=sum(one.was_applied for one in rows),
        on_containers=sum(one.status is LabelStatus.APPLIED for one in rows),
        superseded=sum(one.status is LabelStatus.SUPERSEDED for one in rows),
        voided=sum(one.status in ended for one in rows),
        destroyed=sum(one.status is LabelStatus.DESTROYED for one in rows),
    )


def unreconciled(container_ids: Iterable[str], prints: Iterable[PrintRecord]) -> int:
    """Containers without their applied labels, and prints that lie about: neither applied nor voided."""
    rows = list(prints)
    applied: dict[str, list[SlotName]] = {container: [] for container in container_ids}
    for one in rows:
        if one.status is LabelStatus.APPLIED:
            applied[one.container_id].append(one.slot)
    return sum(not is_labelled(slots) for slots in applied.values()) + sum(one.status in LOOSE for one in rows)


def is_labelled(applied: Iterable[SlotName]) -> bool:
    """One label on the container, and one on the outer package if the first is small (CTR-VI-A22)."""
    slots = list(applied)
    own = [slot for slot in slots if slot in ON_CONTAINER]
    return len(own) == 1 and slots.count(SlotName.OUTER) == (own[0] in SMALL)
