"""Printers are opened and closed; a job that is stuck is sent again."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from labels.domain.slots import PRODUCT, RESOLUTIONS, SLOTS
from labels.queries.printers import job_content, printer_content
from labels.schemas.printers import PrinterSchema
from labels.services.printers import close_printer, open_printer, send_job_again

PRINTERS = "/administration/printers"


def printer_choices(_session: Session, _viewer: Viewer) -> dict[str, Any]:
    sizes = [(slot.value, f"{slot.value} · {SLOTS[slot].size_text}") for slot in PRODUCT]
    choices = {"dpi": [(name, name) for name in RESOLUTIONS], "slot": sizes}
    return {"choices": choices, "verbatim": tuple(choices), "initial": {"port": "9100", "dpi": "300"}}


@act(
    "printer.open",
    f"{PRINTERS}/new",
    permission="printer:manage",
    title=N_("Open a printer"),
    schema=PrinterSchema,
    prepare=printer_choices,
    signs=1,
    meaning=N_("Labels are sent to this printer; this size of label is on its roll."),
)
def open_it(work: Work, **fields: Any) -> Done:
    row = open_printer(work, **fields)
    return Done(PRINTERS, N_("Open. It can be chosen when a label is printed."), {"id": row.id, "code": row.code})


@act(
    "printer.close",
    f"{PRINTERS}/<printer_id>/close",
    permission="printer:manage",
    title=N_("Close the printer"),
    content=printer_content,
    signs=1,
    meaning=N_("No label is sent to this printer any more."),
    danger=True,
)
def close_it(work: Work, printer_id: str) -> Done:
    row = close_printer(work, printer_id)
    return Done(PRINTERS, N_("Closed."), {"id": row.id, "code": row.code})


@act(
    "print_job.send_again",
    "/print-jobs/<job_id>/send-again",
    permission="label:print",
    station=True,
    title=N_("Send to the printer again"),
    content=job_content,
    signs=1,
    meaning=N_("I looked at the printer: nothing of this label came out."),
)
def send_again(work: Work, job_id: str) -> Done:
    row = send_job_again(work, job_id)
    told = {"id": row.id, "status": row.status}
    return Done(f"/labels/{row.label_id}", N_("It is sent again: the same label, no reprint."), told)
