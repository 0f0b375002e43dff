"""Printers of the installation, and the jobs that go to them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from kernel.outbox.tables import Outgoing
from labels.domain.printers import PrintJobStatus
from labels.domain.slots import SlotName


class PrinterRow(Audited):
    """``slot``: the labels on its roll. ``dpi``: 203 or 300."""

    __tablename__ = "printer"

    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    host: Mapped[str]
    port: Mapped[int]
    dpi: Mapped[str]
    slot: Mapped[str]
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None]

    constraints = (one_of("slot", SlotName),)


class PrintJobRow(Outgoing):
    """One for each print that goes to a printer of the network; it is never made twice."""

    __tablename__ = "print_job"

    label_id: Mapped[str] = mapped_column(sa.ForeignKey("label.id"), unique=True)
    printer_id: Mapped[str] = mapped_column(sa.ForeignKey("printer.id"), index=True)

    constraints = (one_of("status", PrintJobStatus),)
