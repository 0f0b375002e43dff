"""Printers and their jobs, as they are chosen, sent and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.errors import NotFound
from labels.domain.printers import PATIENCE, PrintJobStatus, fits
from labels.domain.slots import SLOTS, SlotName
from labels.tables.labels import LabelRow
from labels.tables.printers import PrinterRow, PrintJobRow


def get_printer(session: Session, printer_id: str) -> PrinterRow:
    row = session.get(PrinterRow, printer_id)
    if row is None:
        raise NotFound(f"printer {printer_id}")
    return row


def get_job(session: Session, job_id: str) -> PrintJobRow:
    row = session.get(PrintJobRow, job_id)
    if row is None:
        raise NotFound(f"print job {job_id}")
    return row


def printer_by_code(session: Session, code: str) -> PrinterRow | None:
    return session.execute(sa.select(PrinterRow).where(PrinterRow.code == code)).scalar_one_or_none()


def open_printers(session: Session, slot: SlotName) -> list[PrinterRow]:
    """Those that have labels of this size on the roll."""
    query = sa.select(PrinterRow).where(PrinterRow.closed_at.is_(None)).order_by(PrinterRow.code)
    return [row for row in session.execute(query).scalars() if fits(SlotName(row.slot), slot)]


def job_of(session: Session, label_id: str) -> PrintJobRow | None:
    query = sa.select(PrintJobRow).where(PrintJobRow.label_id == label_id)
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def list_printers(session: Session) -> list[dict[str, Any]]:
    query = sa.select(PrinterRow).order_by(PrinterRow.closed_at.is_not(None), PrinterRow.code)
    facts = ("id", "code", "title", "host", "port", "dpi", "slot", "closed_at")
    return [
        {name: getattr(row, name) for name in facts} | {"size": SLOTS[SlotName(row.slot)].size_text}
        for row in session.execute(query).scalars()
    ]


def latest_jobs(session: Session, most: int = 25) -> list[dict[str, Any]]:
    query = (
        sa.select(PrintJobRow, LabelRow, PrinterRow)
        .join(LabelRow, LabelRow.id == PrintJobRow.label_id)
        .join(PrinterRow, PrinterRow.id == PrintJobRow.printer_id)
        .order_by(PrintJobRow.written_at.desc(), LabelRow.short_number)
        .limit(most)
    )
    return [job_view(*found) for found in session.execute(query)]


def job_view(job: PrintJobRow, label: LabelRow, printer: PrinterRow) -> dict[str, Any]:
    return {
        "id": job.id,
        "label": {"id": label.id, "number": label.short_number},
        "printer": printer.code,
        "status": job.status,
        "written_at": job.written_at,
        "sent_at": job.sent_at,
        "attempts": job.attempts,
        "next_at": job.next_at if job.status == PrintJobStatus.UNSENT and job.attempts else None,
        "problem": job.problem,
    }


def job_of_label(session: Session, label: LabelRow) -> dict[str, Any] | None:
    job = job_of(session, label.id)
    return job_view(job, label, get_printer(session, job.printer_id)) if job else None


def stuck_jobs(session: Session) -> list[tuple[PrintJobRow, LabelRow, PrinterRow]]:
    """Jobs that a person has to look after."""
    query = (
        sa.select(PrintJobRow, LabelRow, PrinterRow)
        .join(LabelRow, LabelRow.id == PrintJobRow.label_id)
        .join(PrinterRow, PrinterRow.id == PrintJobRow.printer_id)
        .where(PrintJobRow.status.in_((PrintJobStatus.GIVEN_UP, PrintJobStatus.UNCERTAIN)))
        .order_by(PrintJobRow.written_at, LabelRow.short_number)
    )
    return [(job, label, printer) for job, label, printer in session.execute(query)]


def broken_off(session: Session, at: datetime) -> list[str]:
    """Jobs whose hand-over never ended: the process that did it is gone."""
    query = sa.select(PrintJobRow.id).where(
        PrintJobRow.status == PrintJobStatus.SENDING, PrintJobRow.next_at <= at - PATIENCE
    )
    return list(session.execute(query).scalars())


def job_content(session: Session, job_id: str) -> dict[str, Any]:
    job = get_job(session, job_id)
    label = session.get_one(LabelRow, job.label_id)
    return {
        "title": label.short_number,
        "version": job.version,
        "label_status": label.status,
        "printer": get_printer(session, job.printer_id).code,
        "status": job.status,
        "problem": job.problem,
    }


def printer_content(session: Session, printer_id: str) -> dict[str, Any]:
    row = get_printer(session, printer_id)
    return {
        "title": row.code,
        "version": row.version,
        "printer": row.title,
        "address": f"{row.host}:{row.port}",
        "closed at": row.closed_at,
    }
