"""Receiving lots and deciding about them (ATMP-7-LOT, ATMP-9-REJ)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from kernel.documents.queries import get_effective
from kernel.errors import Refused
from kernel.refusals import Refusal
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from manufacturing.domain.material_kinds import MATERIALS
from manufacturing.domain.materials import (
    LOT,
    ReceiptFacts,
    expiry_instant,
    lot_code,
    receipt_refusals,
)
from manufacturing.queries.lot_uses import stop_content
from manufacturing.queries.materials import approval_facts, decisions_of_lot, kinds_of, lot_content, receipt_content
from manufacturing.services.lot_stops import hold_users
from manufacturing.tables.materials import LotDecisionRow, LotRow


def receive_lot(
    work: Work,
    *,
    material: str,
    quantity: Decimal,
    received_at: datetime,
    expires_on: date | None = None,
    expires_at: datetime | None = None,
    **written: str | None,
) -> LotRow:
    """A delivery enters quarantine under a code of our own; ``written``: what its label and its papers say."""
    work.require("lot:receive")
    work.confirm(receipt_content(work.session))
    listed = get_effective(work.session, MATERIALS)
    kind = kinds_of(listed).get(material)
    facts = ReceiptFacts(quantity, received_at, work.at, expires_on, expires_at)
    refusals, instant = receipt_refusals(kind, facts), expiry_instant(facts)
    if kind is None or instant is None or refusals:
        raise Refused(*refusals)
    row = work.add(
        LotRow(
            code=next_lot_code(work),
            material=kind.key,
            document_id=listed.id,
            quantity=quantity,
            unit=kind.unit,
            expires_on=expires_on,
            expires_at=instant,
            received_at=received_at,
            received_by=work.signer().id,
            **{name: text.strip() if text else None for name, text in written.items()},
        )
    )
    enter_decision(work, row)
    work.sign(row, "lot received")
    return row


def next_lot_code(work: Work) -> str:
    """The next number of the year in Amsterdam; codes are unique, so two receipts at once cannot share one."""
    year = local_day(work.at).year
    query = sa.select(sa.func.max(LotRow.code)).where(LotRow.code.startswith(f"M{year % 100:02}-"))
    newest = work.session.execute(query).scalar()
    return lot_code(year, int(newest[4:8]) + 1 if newest else 1)


def enter_decision(work: Work, row: LotRow, reason: str | None = None) -> LotDecisionRow:
    """What the lot is from now on, and why: ``reason``, or that of the act."""
    return work.add(
        LotDecisionRow(
            lot_id=row.id,
            sequence=len(decisions_of_lot(work.session, row.id)) + 1,
            status=row.status,
            reason=(reason or work.reason or "").strip() or None,
            decided_at=work.at,
            decided_by=work.signer().id,
        )
    )


def approve_lot(work: Work, lot_id: str) -> LotRow:
    """QA compared the lot with its certificate and the list; it may be used from now on."""
    return _decided(work, lot_id, "approve")


def reject_lot(work: Work, lot_id: str) -> LotRow:
    return _stopped(work, lot_id, "reject")


def recall_lot(work: Work, lot_id: str) -> LotRow:
    """The supplier or the authority calls it back, also when nothing of it is left."""
    return _stopped(work, lot_id, "recall")


def stop_for_recall(work: Work, row: LotRow, reason: str) -> None:
    """A recall of what was made with the lot stops the lot too; its batches are held by the recall, not by the lot."""
    work.move(row, LOT, "recall", approval_facts(work.session, row, work.signer().id, work.at))
    row.assessment = row.assessed_by = row.assessed_at = None
    enter_decision(work, row, reason)


def decide_lot_anew(work: Work, lot_id: str) -> LotRow:
    """A new decision of QA with its reason; the earlier one stays (ATMP-9-REJ)."""
    return _decided(work, lot_id, "decide anew")


def _stopped(work: Work, lot_id: str, action: str) -> LotRow:
    """Every batch that used it and of which anything can still be given is on hold when the act ends."""
    row = _decided(work, lot_id, action)
    row.assessment = row.assessed_by = row.assessed_at = None
    hold_users(work, row)
    return row


def _decided(work: Work, lot_id: str, action: str) -> LotRow:
    row = work.lock(LotRow, lot_id)
    transition = LOT.transition(action, row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    work.confirm((lot_content if action == "approve" else stop_content)(work.session, lot_id))
    facts = approval_facts(work.session, row, work.signer().id, work.at)
    work.move(row, LOT, action, facts)
    enter_decision(work, row)
    return row
