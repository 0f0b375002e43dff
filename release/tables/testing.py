"""Required tests of a batch and every value ever entered for them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from release.domain.decisions import QcTestStatus


class QcTestRow(Audited):
    """One criterion of the batch's frozen specification, waiting for its result. ``sample_id``: the tube a culture was begun from.

    ``retest_of``: the test whose result was declared invalid, ``retest_id`` the authorisation, ``attempt`` 1 and up.
    A retest is a record of its own that starts blank (QC-BLANK); the first one keeps its value.
    """

    __tablename__ = "test"

    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    criterion: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default=QcTestStatus.REQUESTED)
    inoculated_at: Mapped[datetime | None]
    inoculated_by: Mapped[str | None]
    sample_id: Mapped[str | None] = mapped_column(sa.ForeignKey("sample.id"))
    last_read_at: Mapped[datetime | None]
    last_read_day: Mapped[int | None]
    result_id: Mapped[str | None]
    outcome: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(default=0)
    retest_of: Mapped[str | None]
    retest_id: Mapped[str | None]
    cancelled_because: Mapped[str | None]

    constraints = (
        one_of("status", QcTestStatus),
        sa.UniqueConstraint("batch_id", "criterion", "attempt"),
        sa.CheckConstraint("(attempt = 0) = (retest_of IS NULL)", name="retest"),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('pass','alert','oos','report','undecidable')", name="outcome"
        ),
    )


class ResultRow(Audited):
    """One entered value. A correction adds a row and leaves this one; nothing is overwritten (QC-SHOWALL).

    ``number`` in the canonical ``unit``, ``typed_number`` as it stood on the print; of a result with several values
    ``typed_replicates`` and ``replicates`` hold each of them, as typed and in the canonical unit; the number is then
    their mean, rounded, for trends alone: the verdict is reached from each. ``sample_id``: the tube that was scanned. A count of cells keeps ``events``,
    ``bead_events``, ``beads_per_tube``, ``sample_volume`` (uL) and ``dilution``. ``day``: of a reading of a culture.
    ``withdrawn_…``: a verified value that QA let correct, with why and the ``evidence`` of the slip; it stays readable.
    """

    __tablename__ = "result"

    test_id: Mapped[str] = mapped_column(sa.ForeignKey("test.id"), index=True)
    sequence: Mapped[int]
    operator: Mapped[str]
    number: Mapped[Decimal | None]
    text: Mapped[str | None]
    unit: Mapped[str]
    typed_number: Mapped[Decimal | None]
    typed_unit: Mapped[str]
    replicates: Mapped[str | None]
    typed_replicates: Mapped[str | None]
    sample_id: Mapped[str | None] = mapped_column(sa.ForeignKey("sample.id"))
    events: Mapped[int | None]
    bead_events: Mapped[int | None]
    beads_per_tube: Mapped[Decimal | None]
    sample_volume: Mapped[Decimal | None]
    dilution: Mapped[Decimal | None]
    day: Mapped[int | None]
    method: Mapped[str]
    measured_at: Mapped[datetime]
    raw_data_reference: Mapped[str]
    reason: Mapped[str | None]
    entered_by: Mapped[str]
    entered_at: Mapped[datetime]
    verified_by: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None]
    evidence: Mapped[str | None]

    constraints = (
        sa.UniqueConstraint("test_id", "sequence"),
        sa.CheckConstraint("operator IN ('=','<','>')", name="operator"),
    )
