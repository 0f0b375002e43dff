"""Look-backs and donors as rules and pages need them: every unit of a donor, wherever it is (ATMPR-15.3)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from manufacturing.domain.lookbacks import LookbackStatus
from manufacturing.queries.collections import get_donor
from manufacturing.queries.trial import get_subject, paged
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionRow, DonorRow
from manufacturing.tables.lookbacks import LookbackNoticeRow, LookbackRow

SORTS = {"number": LookbackRow.number, "status": LookbackRow.status, "opened": LookbackRow.opened_at}


def get_lookback(session: Session, lookback_id: str) -> LookbackRow:
    row = session.get(LookbackRow, lookback_id)
    if row is None:
        raise NotFound(f"look-back {lookback_id}")
    return row


def lookback_by_number(session: Session, number: str) -> LookbackRow | None:
    return session.execute(sa.select(LookbackRow).where(LookbackRow.number == number)).scalar_one_or_none()


def lookbacks_of(session: Session, donor_id: str) -> list[LookbackRow]:
    query = sa.select(LookbackRow).where(LookbackRow.donor_id == donor_id).order_by(LookbackRow.opened_at)
    return list(session.execute(query).scalars())


def open_lookbacks(session: Session) -> list[LookbackRow]:
    query = sa.select(LookbackRow).where(LookbackRow.status == LookbackStatus.OPEN)
    return list(session.execute(query.order_by(LookbackRow.opened_at)).scalars())


def open_numbers(session: Session, donor_code: str) -> list[str]:
    """Numbers of the open look-backs on the donor with this code."""
    query = (
        sa.select(LookbackRow.number)
        .join(DonorRow, DonorRow.id == LookbackRow.donor_id)
        .where(DonorRow.code == donor_code, LookbackRow.status == LookbackStatus.OPEN)
    )
    return list(session.execute(query.order_by(LookbackRow.number)).scalars())


def notices_of(session: Session, lookback_id: str) -> list[LookbackNoticeRow]:
    query = sa.select(LookbackNoticeRow).where(LookbackNoticeRow.lookback_id == lookback_id)
    return list(session.execute(query.order_by(LookbackNoticeRow.audience)).scalars())


def collections_of_donor(session: Session, donor_id: str) -> list[CollectionRow]:
    query = sa.select(CollectionRow).where(CollectionRow.donor_id == donor_id).order_by(CollectionRow.number)
    return list(session.execute(query).scalars())


def batches_of_donor(session: Session, donor_id: str) -> list[BatchRow]:
    query = sa.select(BatchRow).where(BatchRow.donor_id == donor_id).order_by(BatchRow.number)
    return list(session.execute(query).scalars())


def donor_content(session: Session, donor_id: str) -> dict[str, Any]:
    """What whoever opens a look-back is shown and signs: the units that will be held."""
    row = get_donor(session, donor_id)
    return {
        "title": row.code,
        "donor": row.code,
        "version": row.version,
        "recipient": get_subject(session, row.subject_id).code,
        "collections": [
            {"collection": one.number, "status": one.status} for one in collections_of_donor(session, donor_id)
        ],
        "batches": [{"batch": one.number, "status": one.status} for one in batches_of_donor(session, donor_id)],
        "look-backs": [{"look-back": one.number, "status": one.status} for one in lookbacks_of(session, donor_id)],
    }


def lookback_content(session: Session, lookback_id: str) -> dict[str, Any]:
    """What whoever acknowledges or concludes is shown and signs."""
    row = get_lookback(session, lookback_id)
    return {
        **donor_content(session, row.donor_id),
        "title": row.number,
        "look-back": row.number,
        "version": row.version,
        "status": row.status,
        "kind of finding": row.kind,
        "informed on": row.informed_on,
        "source": row.source,
        "description": row.description,
        "notices": [
            {"for": one.audience, "acknowledged at": one.acknowledged_at} for one in notices_of(session, lookback_id)
        ],
    }


def lookback_view(session: Session, row: LookbackRow) -> dict[str, Any]:
    people, donor = names(session), get_donor(session, row.donor_id)
    return {
        "id": row.id,
        "number": row.number,
        "donor": {"id": donor.id, "code": donor.code},
        "subject": get_subject(session, donor.subject_id).code,
        "kind": row.kind,
        "informed_on": row.informed_on,
        "source": row.source,
        "description": row.description,
        "status": row.status,
        "opened_at": row.opened_at,
        "opened_by": people.get(row.opened_by, row.opened_by),
        "cleared": row.cleared,
        "conclusion": row.conclusion,
        "concluded_at": row.concluded_at,
        "concluded_by": people.get(row.concluded_by or ""),
        "notices": [
            {
                "audience": one.audience,
                "by": people.get(one.acknowledged_by or ""),
                "at": one.acknowledged_at,
            }
            for one in notices_of(session, row.id)
        ],
    }


def list_lookbacks(session: Session, args: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    query = sa.select(LookbackRow)
    if args.get("status"):
        query = query.where(LookbackRow.status == args["status"])
    if wanted := args.get("code", "").strip():
        query = query.where(LookbackRow.number.contains(wanted, autoescape=True))
    rows, page = paged(session, query, args, SORTS, "-opened")
    return [lookback_view(session, row) for row in rows], page
