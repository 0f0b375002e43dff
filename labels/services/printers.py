"""Printers are opened and closed by QA; a job is written with its print and handed over afterwards, once."""

from __future__ import annotations

from kernel.errors import Refused, refuse_any
from kernel.outbox.services import begin_anew, begin_attempt, note_failed, note_sent
from kernel.refusals import DUPLICATE_ID, N_
from kernel.work import Work
from labels.domain.labels import LabelStatus
from labels.domain.printers import (
    PRINT_JOB,
    PRINTER_CLOSED,
    PRINTER_SLOT,
    SCHEDULE,
    PrintJobStatus,
    fits,
    printer_refusals,
)
from labels.domain.slots import RESOLUTIONS, SLOTS, SlotName, resolution_refusals
from labels.queries.labels import ended_refusals
from labels.queries.printers import get_job, get_printer, job_content, printer_by_code, printer_content
from labels.tables.labels import LabelRow
from labels.tables.printers import PrinterRow, PrintJobRow


def open_printer(work: Work, *, code: str, title: str, host: str, port: int, dpi: str, slot: str) -> PrinterRow:
    """``dpi`` and ``slot``: names of ``RESOLUTIONS`` and ``SlotName``; refused where the size needs a finer printer."""
    work.require("printer:manage")
    work.confirm({})
    refusals = [*printer_refusals(code=code, host=host.strip(), port=port, dpi=dpi, slot=SlotName(slot))]
    if printer_by_code(work.session, code) is not None:
        refusals.append(DUPLICATE_ID(name=N_("Code of the printer"), value=code, field="code"))
    refuse_any(refusals)
    row = PrinterRow(code=code, title=title.strip(), host=host.strip(), port=port, dpi=dpi, slot=slot)
    row.opened_by = work.signer().id
    work.add(row)
    work.sign(row, "printer opened")
    return row


def close_printer(work: Work, printer_id: str) -> PrinterRow:
    """For good; jobs that wait for it are still tried."""
    work.require("printer:manage")
    row = work.lock(PrinterRow, printer_id)
    work.confirm(printer_content(work.session, printer_id))
    if row.closed_at is not None:
        raise Refused(PRINTER_CLOSED(printer=row.code))
    row.closed_at = work.at
    work.sign(row, "printer closed")
    return row


def new_job(work: Work, label: LabelRow, printer_id: str) -> PrintJobRow:
    """In the transaction of the print: neither exists without the other."""
    printer, slot = get_printer(work.session, printer_id), SlotName(label.slot)
    if printer.closed_at is not None:
        raise Refused(PRINTER_CLOSED(printer=printer.code))
    if not fits(SlotName(printer.slot), slot):
        raise Refused(PRINTER_SLOT(printer=printer.code, size=SLOTS[slot].size_text))
    refuse_any(resolution_refusals(slot, RESOLUTIONS[printer.dpi]))
    return work.add(PrintJobRow(label_id=label.id, printer_id=printer.id, written_at=work.at, next_at=work.at))


def begin_job(work: Work, job_id: str) -> PrintJobRow | None:
    """Claim it; a label that was voided or verified meanwhile does not come out any more."""
    label = work.lock(LabelRow, get_job(work.session, job_id).label_id)
    row = begin_attempt(work, PrintJobRow, job_id, SCHEDULE)
    if row is None:
        return None
    if label.status != LabelStatus.PRINTED:
        work.system_move(row, PrintJobStatus.CANCELLED)
        return None
    work.system_move(row, PrintJobStatus.SENDING)
    return row


def job_sent(work: Work, job_id: str) -> None:
    note_sent(work, work.lock(PrintJobRow, job_id), PrintJobStatus.SENT)


def job_not_begun(work: Work, job_id: str, problem: str) -> None:
    """Nothing reached the printer: it is tried again by itself."""
    row = work.lock(PrintJobRow, job_id)
    work.system_move(row, PrintJobStatus.UNSENT)
    note_failed(work, row, problem, SCHEDULE, PrintJobStatus.GIVEN_UP)


def job_broke_off(work: Work, job_id: str, problem: str) -> None:
    """Part of it reached the printer, or nobody knows: it is never sent again by itself."""
    row = work.lock(PrintJobRow, job_id)
    if row.status == PrintJobStatus.SENDING:
        work.system_move(row, PrintJobStatus.UNCERTAIN)
        row.problem = problem


def send_job_again(work: Work, job_id: str) -> PrintJobRow:
    """Somebody looked: nothing came out. The same label, not a reprint; a label that ended is not sent."""
    label = work.lock(LabelRow, get_job(work.session, job_id).label_id)
    row = work.lock(PrintJobRow, job_id)
    refuse_any(ended_refusals(work.session, label))
    work.confirm(job_content(work.session, job_id))
    work.move(row, PRINT_JOB, "send_again")
    begin_anew(work, row)
    return row
