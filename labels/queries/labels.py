"""Labels as the packages above ask for them: the one on a container, the ledger of a batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once
from kernel.errors import NotFound
from kernel.refusals import Refusal
from labels.domain.labels import LabelStatus, label_count_refusals, label_status_refusals
from labels.domain.printers import GOING_OUT
from labels.domain.printing import (
    LIVE,
    LabelLedger,
    PrintFacts,
    PrintRecord,
    ledger_of,
    printing_refusals,
    unreconciled,
)
from labels.domain.slots import SMALL, SlotName, slots_to_print
from labels.domain.template import LabelTemplate
from labels.tables.labels import LabelRow
from labels.tables.printers import PrintJobRow
from manufacturing.domain.batches import BatchStatus
from manufacturing.tables.batches import BatchRow, ContainerRow

ADRIFT = frozenset({LabelStatus.PRINTED, LabelStatus.VERIFIED, LabelStatus.VOIDED})
ENDED = frozenset({LabelStatus.VOIDED, LabelStatus.DESTROYED, LabelStatus.SUPERSEDED})


def get_label(session: Session, label_id: str) -> LabelRow:
    row = session.get(LabelRow, label_id)
    if row is None:
        raise NotFound(f"label {label_id}")
    return row


def labels_of_container(session: Session, container_id: str) -> Sequence[LabelRow]:
    """Newest first, read afresh."""
    query = sa.select(LabelRow).where(LabelRow.container_id == container_id).order_by(LabelRow.issue.desc())
    return session.execute(query.execution_options(populate_existing=True)).scalars().all()


@asked_once
def labels_of_batch(session: Session, batch_id: str) -> Sequence[LabelRow]:
    query = (
        sa.select(LabelRow)
        .join(ContainerRow, ContainerRow.id == LabelRow.container_id)
        .where(ContainerRow.batch_id == batch_id)
        .order_by(ContainerRow.number, LabelRow.issue)
    )
    return session.execute(query).scalars().all()


@asked_once
def applied_label(session: Session, container_id: str) -> LabelRow | None:
    """The label that stands on the container itself now; there is never more than one."""
    query = sa.select(LabelRow).where(
        LabelRow.container_id == container_id,
        LabelRow.status == LabelStatus.APPLIED,
        LabelRow.slot != SlotName.OUTER,
    )
    return session.execute(query).scalar_one_or_none()


@asked_once
def package_is_labelled(session: Session, label: LabelRow) -> bool:
    """What a small label has no room for stands on the outer package (CTR-VI-A22); a full one needs nothing beside it."""
    if SlotName(label.slot) not in SMALL:
        return True
    query = sa.select(LabelRow.id).where(
        LabelRow.container_id == label.container_id,
        LabelRow.status == LabelStatus.APPLIED,
        LabelRow.slot == SlotName.OUTER,
    )
    return session.execute(query).scalar_one_or_none() is not None


def open_prints(session: Session, batch_id: str, slot: SlotName) -> list[LabelRow]:
    """Labels of one size whose print file may still be opened: printed, not verified, not at a printer."""
    query = (
        sa.select(LabelRow)
        .join(ContainerRow, ContainerRow.id == LabelRow.container_id)
        .outerjoin(PrintJobRow, PrintJobRow.label_id == LabelRow.id)
        .where(
            ContainerRow.batch_id == batch_id,
            LabelRow.slot == slot,
            LabelRow.status == LabelStatus.PRINTED,
            sa.or_(PrintJobRow.id.is_(None), PrintJobRow.status.not_in(GOING_OUT)),
        )
        .order_by(ContainerRow.number)
    )
    return list(session.execute(query).scalars())


def live_label(session: Session, container_id: str, *, outer: bool = False) -> LabelRow | None:
    """The label of the container, or of its outer package, that is not ended, in whatever state."""
    rows = live_labels(session, container_id)
    return next((row for row in rows if (row.slot == SlotName.OUTER) is outer), None)


def live_labels(session: Session, container_id: str) -> list[LabelRow]:
    return [row for row in labels_of_container(session, container_id) if row.status in LIVE]


def lacking(
    session: Session, container: ContainerRow, template: LabelTemplate, *, without: str = ""
) -> tuple[SlotName, ...]:
    """The labels to print for this container now: its own, and that of the outer package of a small one.

    ``without``: id of a label that is about to become void.
    """
    live = [SlotName(row.slot) for row in live_labels(session, container.id) if row.id != without]
    return slots_to_print(template.slot_of(container.container_type), live)


def next_issue(session: Session, container_id: str) -> int:
    return 1 + max((row.issue for row in labels_of_container(session, container_id)), default=0)


def others_in_progress(session: Session, batch_id: str, container_id: str) -> tuple[str, ...]:
    """Labels of the batch's other containers that are verified and not yet applied (LBL-TWO)."""
    query = (
        sa.select(LabelRow.short_number)
        .join(ContainerRow, ContainerRow.id == LabelRow.container_id)
        .where(
            ContainerRow.batch_id == batch_id,
            LabelRow.container_id != container_id,
            LabelRow.status == LabelStatus.VERIFIED,
        )
        .order_by(LabelRow.short_number)
    )
    return tuple(session.execute(query).scalars())


def print_refusals(
    session: Session, container: ContainerRow, batch: BatchRow, lacks: tuple[SlotName, ...]
) -> tuple[Refusal, ...]:
    """Why this container gets no label now. ``lacks``: which ones it would get."""
    live = None if lacks else live_label(session, container.id)
    return printing_refusals(
        PrintFacts(
            container=container.code,
            batch_status=BatchStatus(batch.status),
            live_number=live.short_number if live else "",
            live_status=LabelStatus(live.status) if live else None,
        )
    )


def ended_refusals(session: Session, label: LabelRow) -> tuple[Refusal, ...]:
    """That the label is void or superseded, with the number of the one to look for; else nothing."""
    return status_refusals(session, label) if label.status in ENDED else ()


def status_refusals(session: Session, label: LabelRow) -> tuple[Refusal, ...]:
    """Why a scan of this label may not speak for its container."""
    outer = label.slot == SlotName.OUTER
    live = live_label(session, label.container_id, outer=outer) if label.status in ENDED else None
    return label_status_refusals(
        LabelStatus(label.status), number=label.short_number, replaced_by=live.short_number if live else ""
    )


def prints_of_batches(
    session: Session, batch_ids: Sequence[str]
) -> tuple[dict[str, list[str]], dict[str, list[PrintRecord]]]:
    """Container ids and prints of each batch, in two queries however many batches there are."""
    containers: dict[str, list[str]] = defaultdict(list)
    prints: dict[str, list[PrintRecord]] = defaultdict(list)
    filled = sa.select(ContainerRow.batch_id, ContainerRow.id).where(ContainerRow.batch_id.in_(batch_ids))
    for batch_id, container_id in session.execute(filled):
        containers[batch_id].append(container_id)
    printed = (
        sa.select(
            ContainerRow.batch_id,
            LabelRow.container_id,
            LabelRow.slot,
            LabelRow.status,
            LabelRow.verified_at.is_not(None),
            LabelRow.applied_at.is_not(None),
        )
        .join(ContainerRow, ContainerRow.id == LabelRow.container_id)
        .where(ContainerRow.batch_id.in_(batch_ids))
    )
    for batch_id, container_id, slot, status, verified, applied in session.execute(printed):
        record = PrintRecord(container_id, LabelStatus(status), bool(verified), bool(applied), SlotName(slot))
        prints[batch_id].append(record)
    return containers, prints


def label_ledger(session: Session, batch_id: str) -> LabelLedger:
    """Every print of the batch accounted for, or the difference (LBL-SERIAL)."""
    containers, prints = prints_of_batches(session, [batch_id])
    return ledger_of(containers[batch_id], prints[batch_id])


def unreconciled_labels(session: Session, batch_id: str) -> int:
    """Containers without their applied labels, and prints neither applied nor voided; 0 lets the batch go on."""
    containers, prints = prints_of_batches(session, [batch_id])
    return unreconciled(containers[batch_id], prints[batch_id])


def count_refusals(session: Session, batch_id: str) -> tuple[Refusal, ...]:
    """Prints of the batch that nobody can say where they are, each by its number (LBL-SERIAL)."""
    missing = tuple(
        (one.short_number, one.status) for one in labels_of_batch(session, batch_id) if one.status in ADRIFT
    )
    return label_count_refusals(replace(label_ledger(session, batch_id).counts, missing=missing))
