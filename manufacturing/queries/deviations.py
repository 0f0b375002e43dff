"""Deviations as rules, signatures and pages need them: what they are about, whom they involve, what they affect."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from manufacturing.domain.deviations import INVOLVING, TO_CERTIFY, DeviationStatus
from manufacturing.queries.batches import get_deviation
from manufacturing.queries.trial import paged
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.deviations import CapaRow, DeviationBatchRow, DeviationEntryRow, DeviationRow

SORTS = {
    "number": DeviationRow.number,
    "status": DeviationRow.status,
    "class": DeviationRow.classification,
    "raised": DeviationRow.raised_at,
}
NOT_CLOSED = "not_closed"


def batches_affected(session: Session, row: DeviationRow) -> list[str]:
    """Ids: the batch it was raised about, then those it names."""
    named = sa.select(DeviationBatchRow.batch_id).where(DeviationBatchRow.deviation_id == row.id)
    found = session.execute(named.order_by(DeviationBatchRow.named_at, DeviationBatchRow.id)).scalars()
    return [*([row.batch_id] if row.batch_id else []), *found]


def batches_of_deviation(session: Session, row: DeviationRow) -> list[BatchRow]:
    query = sa.select(BatchRow).where(BatchRow.id.in_(batches_affected(session, row)))
    return list(session.execute(query.order_by(BatchRow.number)).scalars())


def numbers_to_certify(session: Session, row: DeviationRow) -> tuple[str, ...]:
    """Numbers of the affected batches that may still be certified."""
    return tuple(one.number for one in batches_of_deviation(session, row) if one.status in TO_CERTIFY)


def entries_of(session: Session, *deviation_ids: str) -> list[DeviationEntryRow]:
    """The history of these deviations, the oldest line first."""
    if not deviation_ids:
        return []
    query = sa.select(DeviationEntryRow).where(DeviationEntryRow.deviation_id.in_(deviation_ids))
    return list(session.execute(query.order_by(DeviationEntryRow.done_at, DeviationEntryRow.id)).scalars())


def involved_people(session: Session, row: DeviationRow) -> frozenset[str]:
    """Who raised, investigated, classified or assessed it, before any reopening too (S4)."""
    judged = {one.done_by for one in entries_of(session, row.id) if one.kind in INVOLVING}
    return frozenset({row.raised_by, *judged})


def deviations_about(session: Session, kind: str, record_id: str) -> list[DeviationRow]:
    query = sa.select(DeviationRow).where(DeviationRow.record_kind == kind, DeviationRow.record_id == record_id)
    return list(session.execute(query.order_by(DeviationRow.raised_at, DeviationRow.id)).scalars())


def actions_of(session: Session, deviation_id: str) -> list[CapaRow]:
    query = sa.select(CapaRow).where(CapaRow.deviation_id == deviation_id)
    return list(session.execute(query.order_by(CapaRow.planned_at, CapaRow.id)).scalars())


def deviation_facts(row: DeviationRow) -> dict[str, Any]:
    """A deviation in what is signed about it or about a batch it affects."""
    return {
        "deviation": row.number,
        "version": row.version,
        "about": row.record,
        "class": row.classification,
        "status": row.status,
        "description": row.description,
        "root cause": row.root_cause,
        "done about it": row.action,
        "impact": row.impact,
        "assessment of the QP": row.judgement,
    }


def deviation_content(session: Session, deviation_id: str) -> dict[str, Any]:
    """What the investigator, the assessors and the closer are shown and sign."""
    row = get_deviation(session, deviation_id)
    return {
        "title": row.number,
        **deviation_facts(row),
        "batches affected": [{"batch": one.number, "status": one.status} for one in batches_of_deviation(session, row)],
        "actions": [
            {"action": one.number, "version": one.version, "status": one.status, "due on": one.due_on}
            for one in actions_of(session, deviation_id)
        ],
        "history": [
            {"entry": one.kind, "words": one.words, "at": one.done_at} for one in entries_of(session, deviation_id)
        ],
    }


def deviation_view(row: DeviationRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "record_kind": row.record_kind,
        "record": row.record,
        "classification": row.classification,
        "status": row.status,
        "description": row.description,
        "root_cause": row.root_cause,
        "action": row.action,
        "impact": row.impact,
        "judgement": row.judgement,
        "raised_at": row.raised_at,
        "raised_by": people.get(row.raised_by, row.raised_by),
        "assessed_by": people.get(row.assessed_by or ""),
        "judged_by": people.get(row.judged_by or ""),
        "closed_by": people.get(row.closed_by or ""),
    }


def filtered(args: dict[str, str]) -> sa.Select[Any]:
    """``status`` (or ``not_closed``), ``class``, ``kind`` of record, ``code``: number, record or affected batch."""
    query = sa.select(DeviationRow)
    if args.get("status") == NOT_CLOSED:
        query = query.where(DeviationRow.status != DeviationStatus.CLOSED)
    elif args.get("status"):
        query = query.where(DeviationRow.status == args["status"])
    if args.get("class"):
        query = query.where(DeviationRow.classification == args["class"])
    if args.get("kind"):
        query = query.where(DeviationRow.record_kind == args["kind"])
    if wanted := args.get("code", "").strip():
        batches = sa.select(BatchRow.id).where(BatchRow.number.contains(wanted, autoescape=True))
        named = sa.select(DeviationBatchRow.deviation_id).where(DeviationBatchRow.batch_id.in_(batches))
        query = query.where(
            sa.or_(
                DeviationRow.number.contains(wanted, autoescape=True),
                DeviationRow.record_nl.contains(wanted, autoescape=True),
                DeviationRow.record_en.contains(wanted, autoescape=True),
                DeviationRow.batch_id.in_(batches),
                DeviationRow.id.in_(named),
            )
        )
    return query


def list_deviations(session: Session, args: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """One page, as filtered and sorted by the address of the page."""
    rows, page = paged(session, filtered(args), args, SORTS, "-raised")
    return lines(session, rows), page


def all_deviations(session: Session, args: dict[str, str]) -> list[dict[str, Any]]:
    """Everything the filter lets through, the newest first."""
    rows = session.execute(filtered(args).order_by(DeviationRow.raised_at.desc(), DeviationRow.id)).scalars().all()
    return lines(session, rows)


def lines(session: Session, rows: Collection[DeviationRow]) -> list[dict[str, Any]]:
    """Views with the numbers of the batches affected; three queries whatever the page shows."""
    people, affected = names(session), affected_numbers(session, rows)
    return [{**deviation_view(row, people), "batches": affected[row.id]} for row in rows]


def affected_numbers(session: Session, rows: Collection[DeviationRow]) -> dict[str, list[str]]:
    """Numbers of the batches each affects, by the id of the deviation."""
    named = sa.select(DeviationBatchRow.deviation_id, DeviationBatchRow.batch_id).where(
        DeviationBatchRow.deviation_id.in_([row.id for row in rows])
    )
    pairs = [(row.id, row.batch_id) for row in rows if row.batch_id]
    pairs += [(deviation_id, batch_id) for deviation_id, batch_id in session.execute(named)]
    wanted = sa.select(BatchRow.id, BatchRow.number).where(BatchRow.id.in_({batch_id for _, batch_id in pairs}))
    numbers = {found: number for found, number in session.execute(wanted)}  # noqa: C416
    found: dict[str, list[str]] = {row.id: [] for row in rows}
    for deviation_id, batch_id in pairs:
        found[deviation_id].append(numbers[batch_id])
    return {deviation_id: sorted(some) for deviation_id, some in found.items()}


def open_deviations(session: Session) -> list[DeviationRow]:
    """Not closed, the oldest first."""
    query = sa.select(DeviationRow).where(DeviationRow.status != DeviationStatus.CLOSED)
    return list(session.execute(query.order_by(DeviationRow.raised_at)).scalars())
