"""What people see and sign when a container leaves the pharmacy: everything the decision rests on, by version."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import ask_together
from kernel.documents.queries import get_document
from labels.tables.labels import LabelRow
from manufacturing.queries.chain import read_chain
from manufacturing.queries.trial import latest_weight, weights_of
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow
from release.queries.dispensing import disposition_of, find_hand_over, get_dispensing, get_scan, holds_over
from release.queries.exposure import find_dispensing
from release.queries.orders import get_order, latest_eligibility
from release.queries.supply import statement_of
from release.queries.testing import pending_tests
from release.tables.dispensing import DispensingRow, OrderRow, ScanRow


def gather_product(session: Session, container: ContainerRow, order_id: str | None) -> None:
    """What is shown and signed of a container, in two statements; whoever shows it asks for it as ever."""
    batch = read_chain(session, container.batch_id).batch
    parts = (
        lambda: session.get_one(SubjectRow, container.subject_id),
        lambda: disposition_of(session, container.id),
        lambda: find_dispensing(session, container.id),
        lambda: weights_of(session, container.subject_id),
        lambda: pending_tests(session, batch.id),
        lambda: get_document(session, batch.specification_document_id),
        lambda: holds_over(session, batch, container, session.get_one(SubjectRow, container.subject_id)),
        lambda: latest_eligibility(session, order_id) if order_id else None,
    )
    ask_together(session, ("product", container.id), *parts, in_act=True)


def dispense_content(session: Session, scan_id: str) -> dict[str, Any]:
    """The scan with the container, subject, order, check, label, weight, tests and specification behind it."""
    scan = get_scan(session, scan_id)
    content: dict[str, Any] = {"title": "–", "scan": scan_part(scan)}
    if scan.container_id is None:
        return content
    container = session.get_one(ContainerRow, scan.container_id)
    gather_product(session, container, scan.order_id)
    content |= product_part(session, container)
    order = session.get(OrderRow, scan.order_id) if scan.order_id else None
    label = session.get(LabelRow, scan.label_id) if scan.label_id else None
    return content | {
        "order": order_part(session, order) if order else None,
        "label": {"number": label.short_number, "status": label.status, "version": label.version} if label else None,
    }


def scan_part(scan: ScanRow) -> dict[str, Any]:
    return {
        "id": scan.id,
        "verdict": scan.verdict,
        "typed": scan.typed,
        "scanned_at": scan.scanned_at,
        "valid_until": scan.valid_until,
    }


def product_part(session: Session, container: ContainerRow) -> dict[str, Any]:
    batch = session.get_one(BatchRow, container.batch_id)
    subject = session.get_one(SubjectRow, container.subject_id)
    disposition = disposition_of(session, container.id)
    weight = latest_weight(session, subject.id)
    specification = get_document(session, batch.specification_document_id)
    return {
        "title": f"{container.code} · {subject.code}",
        "subject": {"code": subject.code, "version": subject.version},
        "container": {
            "code": container.code,
            "version": container.version,
            "volume_ml": container.volume_ml,
            "expires_at": container.expires_at,
        },
        "batch": {"number": batch.number, "version": batch.version},
        "disposition": {
            "status": disposition.status,
            "sponsor_released": disposition.sponsor_released,
            "version": disposition.version,
        }
        if disposition
        else None,
        "results_pending": [one.name for one in pending_tests(session, batch.id)],
        **({"out of specification": told} if (told := statement_of(session, container)) else {}),
        "holds": [f"{hold.scope}: {hold.reason}" for hold in holds_over(session, batch, container, subject)],
        "weight": {"kg": weight.kg, "measured_at": weight.measured_at, "version": weight.version} if weight else None,
        "specification": {
            "code": specification.code,
            "number": specification.number,
            "sha256": specification.sha256,
        },
    }


def order_part(session: Session, order: OrderRow) -> dict[str, Any]:
    check = latest_eligibility(session, order.id)
    return {
        "number": order.number,
        "version": order.version,
        "status": order.status,
        "infusion_on": order.infusion_on,
        "volume_ml": order.volume_ml,
        "duration_minutes": order.duration_minutes,
        "ward": order.ward,
        "day_of_infusion_check": {
            "checked_at": check.checked_at,
            "criteria_not_met": json.loads(check.failed),
            "version": check.version,
        }
        if check
        else None,
    }


def dispensing_content(session: Session, dispensing_id: str) -> dict[str, Any]:
    """A dispensing on its way: shown at cancellation and hand-over."""
    row = get_dispensing(session, dispensing_id)
    container = session.get_one(ContainerRow, row.container_id)
    gather_product(session, container, row.order_id)
    return {
        **product_part(session, container),
        "order": order_part(session, get_order(session, row.order_id)),
        "dispensing": dispensing_part(session, row),
    }


def dispensing_part(session: Session, row: DispensingRow) -> dict[str, Any]:
    people = names(session)
    hand_over = find_hand_over(session, row.id)
    return {
        "version": row.version,
        "dispensed_by": people.get(row.dispensed_by),
        "checked_by": people.get(row.checked_by),
        "dispensed_at": row.dispensed_at,
        "results_pending": row.conditional,
        **({"out_of_specification": row.out_of_specification} if row.out_of_specification else {}),
        "handed_over_at": hand_over.handed_over_at if hand_over else None,
        "cancelled_at": row.cancelled_at,
    }
