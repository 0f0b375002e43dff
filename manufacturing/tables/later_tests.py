"""Tests of a donor that come after the acceptance."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.donors import MarkerResult
from manufacturing.domain.later_tests import LaterTest


class LaterTestRow(Audited):
    """NAT of the donation sample, or the repeat test after 180 days (Dir. 2006/17 Annex II 2.6-2.8)."""

    __tablename__ = "donor_later_test"

    collection_id: Mapped[str] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    test: Mapped[str]
    sampled_on: Mapped[date]
    hiv: Mapped[str]
    hbv: Mapped[str]
    hcv: Mapped[str]
    laboratory: Mapped[str]
    kit: Mapped[str]
    report_reference: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]

    constraints = (
        one_of("test", LaterTest),
        one_of("hiv", MarkerResult),
        one_of("hbv", MarkerResult),
        one_of("hcv", MarkerResult),
    )
