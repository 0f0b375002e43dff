"""Labels as lists: batches with their ledger, the containers of a batch, what waits for somebody."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.paging import PAGE, before, page_of
from labels.domain.labels import LabelStatus
from labels.domain.printing import LABELLING, LIVE, LOOSE, LabelLedger, ledger_of, unreconciled
from labels.domain.slots import ON_CONTAINER, SMALL, SlotName, slots_to_print
from labels.queries.labels import labels_of_batch, prints_of_batches
from labels.tables.labels import LabelRow
from manufacturing.domain.batches import BatchStatus
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow

SORTS = {"number": BatchRow.number, "opened": BatchRow.opened_at, "subject": SubjectRow.code}


def has_live_label() -> sa.ColumnElement[bool]:
    """Its own, and that of the outer package where its own is small."""

    def live(*slots: SlotName) -> sa.ColumnElement[bool]:
        mine = LabelRow.container_id == ContainerRow.id
        return sa.exists().where(mine, LabelRow.status.in_(LIVE), LabelRow.slot.in_(slots))

    return live(*ON_CONTAINER) & (~live(*SMALL) | live(SlotName.OUTER))


def filled_batches(filters: dict[str, str]) -> sa.Select[BatchRow, str]:
    """Batches with a container. ``q``: part of batch number or subject code; ``state=waiting``: labels not on yet."""
    filled = sa.exists().where(ContainerRow.batch_id == BatchRow.id)
    query: sa.Select[BatchRow, str] = (
        sa.select(BatchRow, SubjectRow.code).join(SubjectRow, SubjectRow.id == BatchRow.subject_id).where(filled)
    )
    if wanted := filters.get("q", "").strip():
        query = query.where(
            sa.or_(
                BatchRow.number.contains(wanted, autoescape=True), SubjectRow.code.icontains(wanted, autoescape=True)
            )
        )
    if filters.get("state") == "waiting":
        loose = sa.exists().where(
            ContainerRow.batch_id == BatchRow.id, LabelRow.container_id == ContainerRow.id, LabelRow.status.in_(LOOSE)
        )
        bare = sa.exists().where(ContainerRow.batch_id == BatchRow.id, ~has_live_label())
        query = query.where(BatchRow.status.in_(LABELLING), sa.or_(loose, bare))
    return query


def list_ledgers(session: Session, filters: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """One page of batches with their ledgers, newest first unless sorted, and the page numbers."""
    query = filled_batches(filters)
    total = session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    page = page_of(filters, total)
    key = filters.get("sort", "-opened")
    column = SORTS.get(key.removeprefix("-"), BatchRow.opened_at)
    order = column.desc() if key.startswith("-") else column.asc()
    rows = session.execute(query.order_by(order, BatchRow.id).limit(PAGE).offset(before(page))).all()
    containers, prints = prints_of_batches(session, [batch.id for batch, _subject in rows])
    found = [
        {
            "id": batch.id,
            "number": batch.number,
            "status": batch.status,
            "subject": subject,
            "opened_at": batch.opened_at,
            "unreconciled": unreconciled(containers[batch.id], prints[batch.id]),
            "ledger": ledger_document(ledger_of(containers[batch.id], prints[batch.id])),
        }
        for batch, subject in rows
    ]
    return found, page


def ledger_document(ledger: LabelLedger) -> dict[str, int]:
    return asdict(ledger) | {"difference": ledger.difference}


def batch_labels(session: Session, batch_id: str) -> dict[str, Any]:
    """The ledger, and every container with all its prints, the newest first."""
    query = sa.select(ContainerRow).where(ContainerRow.batch_id == batch_id).order_by(ContainerRow.number)
    containers = session.execute(query).scalars().all()
    prints: dict[str, list[LabelRow]] = {}
    for row in labels_of_batch(session, batch_id):
        prints.setdefault(row.container_id, []).insert(0, row)
    ids, records = prints_of_batches(session, [batch_id])
    return {
        "ledger": ledger_document(ledger_of(ids[batch_id], records[batch_id])),
        "unreconciled": unreconciled(ids[batch_id], records[batch_id]),
        "containers": [container_document(one, prints.get(one.id, [])) for one in containers],
    }


def container_document(container: ContainerRow, rows: list[LabelRow]) -> dict[str, Any]:
    return {
        "id": container.id,
        "code": container.code,
        "number": container.number,
        "expires_at": container.expires_at,
        "has_live_label": not slots_to_print(SlotName.FULL, [SlotName(row.slot) for row in rows if row.status in LIVE]),
        "labels": [label_line(row) for row in rows],
    }


def label_line(row: LabelRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.short_number,
        "issue": row.issue,
        "slot": row.slot,
        "status": row.status,
        "printed_at": row.printed_at,
        "reason": row.reason,
    }


def waiting_labels(session: Session) -> list[tuple[LabelRow, ContainerRow]]:
    """Prints to verify, to apply or to destroy, the earliest expiry first."""
    waiting = (LabelStatus.PRINTED, LabelStatus.VERIFIED, LabelStatus.VOIDED)
    query = (
        sa.select(LabelRow, ContainerRow)
        .join(ContainerRow, ContainerRow.id == LabelRow.container_id)
        .where(LabelRow.status.in_(waiting))
        .order_by(ContainerRow.expires_at, LabelRow.short_number)
    )
    return [(label, container) for label, container in session.execute(query)]


def bare_containers(session: Session) -> list[ContainerRow]:
    """Filled containers of batches in process that have no label yet."""
    query = (
        sa.select(ContainerRow)
        .join(BatchRow, BatchRow.id == ContainerRow.batch_id)
        .where(BatchRow.status == BatchStatus.IN_PROCESS, ~has_live_label())
        .order_by(ContainerRow.expires_at, ContainerRow.code)
    )
    return list(session.execute(query).scalars())
