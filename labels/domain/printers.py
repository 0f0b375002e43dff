"""Printers on the network, and the one job each print of a label is.

A label may come out once. A job that never reached its printer is tried again by itself; of one that broke off while it
was handed over nobody knows whether it came out: a person looks, and says so.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.outbox.domain import UNSENT, Schedule
from kernel.refusals import ID_FORMAT, N_, Refusal, kind
from labels.domain.slots import RESOLUTIONS, SLOTS, SlotName, resolution_refusals

SCHEDULE = Schedule(first=timedelta(seconds=10), longest=timedelta(minutes=1), most=8)
"""A little under five minutes: a label that comes out later is a label nobody waits for."""
PATIENCE = timedelta(minutes=1)
"""A hand-over that takes longer broke off."""
PRINTER_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,18}[A-Z0-9]", re.ASCII)
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63}){0,8}|[0-9A-Fa-f:]{2,39}", re.ASCII)
PORTS = range(1024, 65536)
RAW_PORT = 9100


class PrintJobStatus(StrEnum):
    UNSENT = UNSENT
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    GIVEN_UP = "given_up"
    CANCELLED = "cancelled"


PRINT_JOB = Lifecycle(
    record="print job",
    states=PrintJobStatus,
    transitions=(
        Transition(
            "send_again",
            states(PrintJobStatus.GIVEN_UP, PrintJobStatus.UNCERTAIN),
            PrintJobStatus.UNSENT,
            "label:print",
            ("nothing came out",),
        ),
    ),
)
"""That it was sent, broke off, was given up or cancelled is noted by the system."""
GOING_OUT = frozenset({PrintJobStatus.UNSENT, PrintJobStatus.SENDING, PrintJobStatus.SENT, PrintJobStatus.UNCERTAIN})

PRINTER_CLOSED = kind(
    "PRINTER_CLOSED",
    409,
    N_("Printer %(printer)s is closed."),
    resolver=N_("QA"),
    next_step=N_("Open a printer with another code."),
)
PRINTER_SLOT = kind(
    "PRINTER_SLOT",
    422,
    N_("Printer %(printer)s does not print labels of %(size)s."),
    resolver=N_("you"),
    next_step=N_("Choose a printer with labels of that size, or the print file."),
)
LABEL_AT_PRINTER = kind(
    "LABEL_AT_PRINTER",
    409,
    N_("Label %(number)s went to printer %(printer)s; a second copy would be a second label."),
    resolver=N_("you, with a second person"),
    next_step=N_("Look at the printer. If the print is spoilt, reprint the label with a reason."),
)


def printer_refusals(*, code: str, host: str, port: int, dpi: str, slot: SlotName) -> tuple[Refusal, ...]:
    """Whether it can be reached and prints the code of its label in whole modules."""
    faults = (
        (
            PRINTER_CODE.fullmatch(code),
            N_("Code of the printer"),
            N_("3 to 20 capital letters, digits and hyphens"),
            "code",
        ),
        (HOST.fullmatch(host), N_("Address"), N_("a name or address of the network, without a port"), "host"),
        (port in PORTS, N_("Port"), N_("a number from 1024 to 65535"), "port"),
    )
    found = [ID_FORMAT(name=name, expected=expected, field=field) for fine, name, expected, field in faults if not fine]
    return (*found, *resolution_refusals(slot, RESOLUTIONS[dpi]))


def fits(printer: SlotName, label: SlotName) -> bool:
    """Labels of one size are one roll."""
    one, other = SLOTS[printer], SLOTS[label]
    return (one.width_mm, one.height_mm) == (other.width_mm, other.height_mm)
