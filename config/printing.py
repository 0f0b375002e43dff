"""Handing print jobs to printers of the network: claim, send the label's picture, note the outcome.

Each a transaction of its own. Only what certainly never reached the printer is tried again without a person.
"""

from __future__ import annotations

import socket

from kernel.database import Database
from kernel.outbox.queries import due
from kernel.refusals import N_
from kernel.work import SYSTEM, unit_of_work
from labels.domain.slots import RESOLUTIONS
from labels.drawing.product_label import label_job
from labels.queries.facts import stored_facts
from labels.queries.printers import broken_off, get_job, get_printer
from labels.services.printers import begin_job, job_broke_off, job_not_begun, job_sent
from labels.tables.labels import LabelRow
from labels.tables.printers import PrintJobRow

SECONDS = 10
REASONS: dict[type[Exception], str] = {
    ConnectionRefusedError: N_("the printer takes no connection"),
    TimeoutError: N_("the printer does not answer"),
    socket.gaierror: N_("there is no printer at this address"),
    ConnectionError: N_("the printer broke the connection off"),
}
NEVER_ENDED = "the sending process ended meanwhile"


def print_waiting(database: Database) -> int:
    """One pass over what is due; answers how many were handed over."""
    with database.reading() as session:
        at = database.clock.now()
        lost, waiting = broken_off(session, at), due(session, PrintJobRow, at)
    for job_id in lost:
        with unit_of_work(database, SYSTEM, "print_job.broke_off") as work:
            job_broke_off(work, job_id, NEVER_ENDED)
    return sum(print_one(database, job_id) for job_id in waiting)


def print_one(database: Database, job_id: str) -> bool:
    with unit_of_work(database, SYSTEM, "print_job.try") as work:
        if begin_job(work, job_id) is None:
            return False
    try:
        job, address = picture(database, job_id)
        connection = socket.create_connection(address, timeout=SECONDS)
    except Exception as error:  # noqa: BLE001  (whatever is wrong with it is noted with it; nothing was sent)
        with unit_of_work(database, SYSTEM, "print_job.failed") as work:
            job_not_begun(work, job_id, reason(error))
        return False
    problem = handed_over(connection, job)
    with unit_of_work(database, SYSTEM, "print_job.broke_off" if problem else "print_job.sent") as work:
        if problem:
            job_broke_off(work, job_id, problem)
        else:
            job_sent(work, job_id)
    return not problem


def picture(database: Database, job_id: str) -> tuple[bytes, tuple[str, int]]:
    """The whole job, drawn from the stored facts before anything is sent, and where it goes."""
    with database.reading() as session:
        row = get_job(session, job_id)
        printer, label = get_printer(session, row.printer_id), session.get_one(LabelRow, row.label_id)
        job = label_job(stored_facts(label), label.payload, resolution=RESOLUTIONS[printer.dpi])
        return job, (printer.host, printer.port)


def handed_over(connection: socket.socket, job: bytes) -> str:
    """Empty when the printer took every byte and closed or went on; otherwise what went wrong."""
    try:
        with connection:
            connection.sendall(job)
            connection.shutdown(socket.SHUT_WR)
    except OSError as error:
        return reason(error)
    return ""


def reason(error: Exception) -> str:
    """In words where people can do something about it."""
    return next((words for kind, words in REASONS.items() if isinstance(error, kind)), type(error).__name__)
