"""Lots of materials as rules, signatures and pages need them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.documents.queries import find_effective, get_document, get_effective
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound, Refused
from kernel.files.queries import files_of, never_opened
from kernel.files.tables import FileRow
from manufacturing.domain.material_kinds import MATERIALS, Kinds, MaterialKind, parse_kinds
from manufacturing.domain.materials import EXPIRED, ApprovalFacts, LotStatus, read_lot_code, shown_state
from manufacturing.queries.trial import paged
from manufacturing.tables.materials import LotDecisionRow, LotRow

SORTS = {
    "code": LotRow.code,
    "material": LotRow.material,
    "status": LotRow.status,
    "expires": LotRow.expires_at,
    "received": LotRow.received_at,
}
CERTIFICATE = "certificate"
USABLE = (LotStatus.QUARANTINE, LotStatus.APPROVED)


@lru_cache(maxsize=16)
def _parsed(body: str, sha256: str) -> Kinds:  # noqa: ARG001  (the digest makes the key short to compare)
    parsed = parse_kinds(json.loads(body))
    if isinstance(parsed, tuple):
        raise Refused(*parsed)
    return parsed


def kinds_of(row: DocumentRow) -> Kinds:
    return _parsed(row.body, row.sha256)


def effective_kinds(session: Session) -> Kinds:
    """The list in force, or ``NO_EFFECTIVE_DOCUMENT``."""
    return kinds_of(get_effective(session, MATERIALS))


def known_kinds(session: Session) -> Kinds:
    """The list in force; empty while there is none."""
    row = find_effective(session, MATERIALS)
    return {} if row is None else kinds_of(row)


def kind_of(session: Session, row: LotRow) -> MaterialKind:
    """As the list said when the lot was received."""
    return kinds_of(get_document(session, row.document_id))[row.material]


def get_lot(session: Session, lot_id: str) -> LotRow:
    row = session.get(LotRow, lot_id)
    if row is None:
        raise NotFound(f"lot {lot_id}")
    return row


def lot_by_code(session: Session, code: str) -> LotRow | None:
    """By its own code as printed; one whose check character does not fit is no code."""
    read = read_lot_code(code)
    if read is None:
        return None
    return session.execute(sa.select(LotRow).where(LotRow.code == read)).scalar_one_or_none()


def decisions_of_lot(session: Session, lot_id: str) -> list[LotDecisionRow]:
    """Oldest first."""
    query = sa.select(LotDecisionRow).where(LotDecisionRow.lot_id == lot_id).order_by(LotDecisionRow.sequence)
    return list(session.execute(query).scalars())


def certificates_of(session: Session, lot_id: str) -> list[FileRow]:
    """The files that stand as its certificate: not withdrawn, of each name the newest."""
    newest: dict[str, FileRow] = {}
    for one in files_of(session, LotRow.__tablename__, lot_id):
        if one.purpose == CERTIFICATE:
            newest[one.filename] = one
    return [one for one in newest.values() if one.withdrawn_at is None]


def approval_facts(session: Session, row: LotRow, signer: str, now: datetime) -> ApprovalFacts:
    kind, files = kind_of(session, row), certificates_of(session, row.id)
    return ApprovalFacts(
        code=row.code,
        material=kind.title,
        received_by=row.received_by,
        signer=signer,
        expires_at=row.expires_at,
        now=now,
        needs_certificate=kind.certificate,
        certificates=tuple((one.filename, one.sha256) for one in files),
        unseen=tuple((one.filename, one.sha256) for one in never_opened(session, signer, files)),
    )


def lot_facts(row: LotRow, kind: MaterialKind) -> dict[str, Any]:
    """One lot in what is signed about it."""
    return {
        "lot": row.code,
        "version": row.version,
        "material": kind.title,
        "status": row.status,
        "supplier": row.supplier,
        "lot of the manufacturer": row.manufacturer_lot,
        "quantity": row.quantity,
        "unit": row.unit,
        "expires at": row.expires_at,
        "storage": row.storage,
        "certificate": row.certificate_reference,
        "remark": row.remark,
        "received at": row.received_at,
    }


def receipt_content(session: Session) -> dict[str, Any]:
    """A receipt rests on the list of materials in force."""
    row = find_effective(session, MATERIALS)
    listed = None if row is None else {"version": f"{row.code} v{row.number}", "sha256": row.sha256}
    return {"list of materials": listed}


def lot_content(session: Session, lot_id: str) -> dict[str, Any]:
    """Everything about one lot, as whoever decides about it is shown and signs it."""
    row = get_lot(session, lot_id)
    people = names(session)
    return {
        "title": row.code,
        **lot_facts(row, kind_of(session, row)),
        "received by": people.get(row.received_by, row.received_by),
        "files": [
            f"{one.filename} v{one.number}, sha256 {one.sha256}"
            for one in files_of(session, "lot", lot_id)
            if one.withdrawn_at is None
        ],
        "decisions": [
            {"decision": one.status, "reason": one.reason, "at": one.decided_at}
            for one in decisions_of_lot(session, lot_id)
        ],
    }


def lot_line(row: LotRow, kind: MaterialKind, now: datetime) -> dict[str, Any]:
    """One line of a list."""
    return {
        "id": row.id,
        "code": row.code,
        "material": kind.title,
        "state": shown_state(row.status, row.expires_at, now),
        "supplier": row.supplier,
        "manufacturer_lot": row.manufacturer_lot,
        "quantity": row.quantity,
        "unit": row.unit,
        "expires_on": row.expires_on,
        "expires_at": row.expires_at,
        "received_at": row.received_at,
    }


def lot_view(session: Session, lot_id: str, now: datetime) -> dict[str, Any]:
    row = get_lot(session, lot_id)
    kind, people = kind_of(session, row), names(session)
    return {
        **lot_line(row, kind, now),
        "status": row.status,
        "storage": row.storage,
        "wanted_storage": kind.storage,
        "certificate_reference": row.certificate_reference,
        "needs_certificate": kind.certificate,
        "certificates": [{"id": one.id, "filename": one.filename} for one in certificates_of(session, row.id)],
        "remark": row.remark,
        "received_by": people.get(row.received_by, row.received_by),
        "decisions": [
            {
                "status": one.status,
                "reason": one.reason,
                "at": one.decided_at,
                "by": people.get(one.decided_by, one.decided_by),
            }
            for one in decisions_of_lot(session, lot_id)
        ],
        "same_lot": [
            {"id": one.id, "code": one.code, "state": shown_state(one.status, one.expires_at, now)}
            for one in same_lot(session, row)
        ],
    }


def same_lot(session: Session, row: LotRow) -> list[LotRow]:
    """Other receipts of the same lot of the manufacturer: a recall of one speaks about all."""
    query = sa.select(LotRow).where(
        LotRow.material == row.material, LotRow.manufacturer_lot == row.manufacturer_lot, LotRow.id != row.id
    )
    return list(session.execute(query.order_by(LotRow.code)).scalars())


def filtered_lots(args: Mapping[str, str], now: datetime) -> sa.Select[Any]:
    """What the address of the list asks for; “expired” is what could be used but for its date."""
    query = sa.select(LotRow)
    status = args.get("status")
    if status == EXPIRED:
        query = query.where(LotRow.status.in_(USABLE), LotRow.expires_at <= now)
    elif status:
        query = query.where(LotRow.status == status)
        if status in set(USABLE):
            query = query.where(LotRow.expires_at > now)
    if args.get("material"):
        query = query.where(LotRow.material == args["material"])
    if wanted := args.get("code", "").strip():
        columns = (LotRow.code, LotRow.manufacturer_lot, LotRow.supplier)
        query = query.where(sa.or_(*(one.contains(wanted, autoescape=True) for one in columns)))
    return query


def list_lots(session: Session, args: dict[str, str], now: datetime) -> tuple[list[dict[str, Any]], dict[str, int]]:
    rows, page = paged(session, filtered_lots(args, now), args, SORTS, "-code")
    return [lot_line(row, kind_of(session, row), now) for row in rows], page


def all_lots(session: Session, args: dict[str, str], now: datetime) -> list[dict[str, Any]]:
    """Every lot of the filter, for the file."""
    rows = session.execute(filtered_lots(args, now).order_by(LotRow.code)).scalars()
    return [lot_line(row, kind_of(session, row), now) for row in rows]


def lots_in_quarantine(session: Session) -> list[LotRow]:
    query = sa.select(LotRow).where(LotRow.status == LotStatus.QUARANTINE)
    return list(session.execute(query.order_by(LotRow.received_at)).scalars())
