"""Terminals of the installation, each with the scanner and the printer that stand beside it (P11-10h)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class StationRow(Audited):
    """One terminal. ``key_sha256``: of the key its browser or client carries; None until somebody enrols it there.

    ``scanner_test_days``: how long a test of its scanner counts.
    """

    __tablename__ = "station"

    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    scanner: Mapped[str]
    printer: Mapped[str]
    scanner_test_days: Mapped[int]
    key_sha256: Mapped[str | None] = mapped_column(unique=True)
    opened_by: Mapped[str]
    enrolled_at: Mapped[datetime | None]
    enrolled_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
