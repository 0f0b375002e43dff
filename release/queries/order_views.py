"""Orders as pages show them: the list, and one order with everything that happened under it."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.paging import PAGE, before, page_of
from manufacturing.queries.trial import of_code
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.trial import SubjectRow
from release.domain.decisions import ORDER, OrderStatus
from release.queries.given import dose_given
from release.queries.orders import ALL_MET, checks_of, checks_on_paper, get_order
from release.queries.quality_checks import checks_by_reaction
from release.queries.supply import statement_of
from release.tables.dispensing import (
    AdministrationRow,
    DispensingRow,
    EligibilityRow,
    HandOverRow,
    OrderRow,
    ReactionRow,
    ScanRow,
)

SORTS = {"number": OrderRow.number, "infusion_on": OrderRow.infusion_on, "status": OrderRow.status}


def list_orders(session: Session, args: dict[str, str]) -> dict[str, Any]:
    """Filter by status, subject and day; 25 per page; newest infusion day first unless sorted otherwise."""
    where = _filters(args)
    joined = sa.select(OrderRow, SubjectRow.code, ContainerRow.code.label("container")).join(
        SubjectRow, SubjectRow.id == OrderRow.subject_id
    )
    joined = joined.outerjoin(ContainerRow, ContainerRow.id == OrderRow.container_id).where(*where)
    total = session.execute(
        sa.select(sa.func.count())
        .select_from(OrderRow)
        .join(SubjectRow, SubjectRow.id == OrderRow.subject_id)
        .where(*where)
    ).scalar_one()
    wanted = args.get("sort", "-infusion_on")
    column = SORTS.get(wanted.lstrip("-"), OrderRow.infusion_on)
    direction = column.desc() if wanted.startswith("-") else column.asc()
    page = page_of(args, total)
    rows = session.execute(joined.order_by(direction, OrderRow.number).offset(before(page)).limit(PAGE)).all()
    return {
        "orders": [order_line(row, code, container) for row, code, container in rows],
        "page": page,
        "filters": {"status": args.get("status", ""), "subject": args.get("subject", "")},
        "statuses": [one.value for one in OrderStatus],
    }


def _filters(args: dict[str, str]) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = []
    if args.get("status") in {one.value for one in OrderStatus}:
        where.append(OrderRow.status == args["status"])
    if args.get("subject"):
        where.append(of_code(args["subject"]))
    return where


def order_line(row: OrderRow, subject: str, container: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "version": row.version,
        "subject": subject,
        "status": row.status,
        "infusion_on": row.infusion_on,
        "volume_ml": row.volume_ml,
        "duration_minutes": row.duration_minutes,
        "ward": row.ward,
        "container": container,
    }


def order_view(session: Session, order_id: str) -> dict[str, Any]:
    """An order with everything that happened under it, in the order it happened."""
    row = get_order(session, order_id)
    people = names(session)
    subject = session.get_one(SubjectRow, row.subject_id)
    container = session.get(ContainerRow, row.container_id) if row.container_id else None
    paper = checks_on_paper(session, order_id)
    return {
        **order_line(row, subject.code, container.code if container else None),
        "subject_id": subject.id,
        "batch_id": container.batch_id if container else None,
        "container_id": container.id if container else None,
        "ordered_by": people.get(row.ordered_by),
        "ordered_at": row.ordered_at,
        "end_reason": row.end_reason,
        "actions": [one.action for one in ORDER.transitions if row.status in one.sources],
        "checks": [check_view(one, people, paper) for one in checks_of(session, order_id)],
        "scans": scans_of(session, order_id, people),
        **path_of(session, order_id, people),
        "dose_given": given_under(session, order_id, container),
        "out_of_specification": statement_of(session, container) if container else None,
    }


def given_under(session: Session, order_id: str, container: ContainerRow | None) -> dict[str, Any] | None:
    """The dose that went in under this order; None while nothing did."""
    query = sa.select(AdministrationRow).join(DispensingRow, DispensingRow.id == AdministrationRow.dispensing_id)
    query = query.where(DispensingRow.order_id == order_id, DispensingRow.cancelled_at.is_(None))
    row = session.execute(query).scalar_one_or_none()
    return None if row is None or container is None else dose_given(session, row, container)


def check_view(row: EligibilityRow, people: dict[str, str], paper: dict[str, bool]) -> dict[str, Any]:
    """``counts``: not one from paper that NKTrace refuses, unless a criterion was not met."""
    values = {name: getattr(row, name) for name in CHECK_VALUES}
    return {
        "id": row.id,
        **values,
        "failed": json.loads(row.failed),
        "on_paper": row.id in paper,
        "counts": row.failed != ALL_MET or not paper.get(row.id, False),
        "checked_by": people.get(row.checked_by),
        "checked_at": row.checked_at,
    }


CHECK_VALUES = (
    "marrow_blasts",
    "marrow_assessed_on",
    "circulating_blasts",
    "circulating_assessed_on",
    "extramedullary_progression",
    "neutrophils",
    "neutrophils_per_ul",
    "neutrophils_assessed_on",
    "donor_chimerism",
    "gvhd_grade",
    "steroids",
    "immunosuppression_given",
    "immunosuppression_last_on",
    "second_product_given",
    "other_condition",
    "other_condition_text",
    "source",
)


def scans_of(session: Session, order_id: str, people: dict[str, str]) -> list[dict[str, Any]]:
    query = sa.select(ScanRow).where(ScanRow.order_id == order_id).order_by(ScanRow.scanned_at)
    return [
        {
            "id": one.id,
            "place": one.place,
            "verdict": one.verdict,
            "reasons": json.loads(one.reasons),
            "typed": one.typed,
            "by": people.get(one.scanned_by),
            "at": one.scanned_at,
        }
        for one in session.execute(query).scalars()
    ]


def path_of(session: Session, order_id: str, people: dict[str, str]) -> dict[str, Any]:
    """Dispensing, hand-over, administration and reactions of an order; None where it has not come that far."""
    dispensing = session.execute(
        sa.select(DispensingRow).where(DispensingRow.order_id == order_id)
    ).scalar_one_or_none()
    if dispensing is None:
        return {"dispensing": None, "hand_over": None, "administration": None, "reactions": []}
    hand_over = _child(session, HandOverRow, dispensing.id)
    given = _child(session, AdministrationRow, dispensing.id)
    reactions = []
    if given is not None:
        query = sa.select(ReactionRow).where(ReactionRow.administration_id == given.id).order_by(ReactionRow.onset_at)
        reactions = list(session.execute(query).scalars())
    opened = checks_by_reaction(session, [one.id for one in reactions])
    return {
        "dispensing": _as_dict(dispensing, people),
        "hand_over": _as_dict(hand_over, people),
        "administration": _as_dict(given, people),
        "reactions": [{**_as_dict(one, people), "check": opened.get(one.id)} for one in reactions],
    }


def _child(session: Session, table: type[Any], dispensing_id: str) -> Any:
    return session.execute(sa.select(table).where(table.dispensing_id == dispensing_id)).scalar_one_or_none()


def _as_dict(row: Any, people: dict[str, str]) -> dict[str, Any] | None:
    """The row's columns, people by name."""
    if row is None:
        return None
    plain = {column.key: getattr(row, column.key) for column in sa.inspect(row).mapper.column_attrs}
    return {key: people.get(value, value) if key.endswith("_by") and value else value for key, value in plain.items()}


def orders_of(session: Session, *, batch_id: str | None = None, subject_id: str | None = None) -> list[dict[str, Any]]:
    """Orders a batch was dispensed for, or all orders of a subject; newest first."""
    query = (
        sa.select(OrderRow, SubjectRow.code, ContainerRow.code)
        .join(SubjectRow, SubjectRow.id == OrderRow.subject_id)
        .outerjoin(ContainerRow, ContainerRow.id == OrderRow.container_id)
    )
    if batch_id is not None:
        query = query.where(ContainerRow.batch_id == batch_id)
    if subject_id is not None:
        query = query.where(OrderRow.subject_id == subject_id)
    found = session.execute(query.order_by(OrderRow.infusion_on.desc(), OrderRow.number.desc()))
    return [
        {**order_line(row, code, container), **path_of(session, row.id, names(session))}
        for row, code, container in found.all()
    ]
