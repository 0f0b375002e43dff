"""What arrived when a station scanned the set-up label."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited


class ScannerTestRow(Audited):
    """``labels_read``: product labels arrive whole. ``all_read``: every character does, in the QR code.

    ``data_matrix_read``: and in the Data Matrix; None where that was not scanned. ``enter``: the scanner ends with it.
    """

    __tablename__ = "scanner_test"

    station_id: Mapped[str] = mapped_column(sa.ForeignKey("station.id"), index=True)
    layout: Mapped[str]
    caps_lock: Mapped[bool]
    enter: Mapped[bool]
    labels_read: Mapped[bool]
    all_read: Mapped[bool]
    data_matrix_read: Mapped[bool | None]
    tested_by: Mapped[str]
    tested_at: Mapped[datetime]
