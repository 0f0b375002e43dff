"""Out-of-specification records, what the laboratory found, and the retests QA authorised."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from release.domain.oos import Acceptance, CultureFault, OosStatus, RetestSample


class OosRow(Audited):
    """One verified result that is out of specification (QC-OOS-1). ``hold_id``: the hold it put on the batch.

    ``found``: value and limit as they were judged. ``ground``: of a culture, the ground the method names.
    """

    __tablename__ = "oos"

    number: Mapped[str] = mapped_column(unique=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    test_id: Mapped[str] = mapped_column(sa.ForeignKey("test.id"), index=True)
    result_id: Mapped[str] = mapped_column(sa.ForeignKey("result.id"))
    hold_id: Mapped[str]
    status: Mapped[str] = mapped_column(default=OosStatus.OPEN, index=True)
    found: Mapped[str]
    opened_at: Mapped[datetime]
    ground: Mapped[str | None]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]

    constraints = (
        one_of("status", OosStatus),
        sa.CheckConstraint(
            "ground IS NULL OR ground IN (" + ",".join(f"'{one.value}'" for one in CultureFault) + ")", name="ground"
        ),
    )


class LaboratoryPhaseRow(Audited):
    """One conclusion of the laboratory with its checklist; concluding again adds one, and the newest counts."""

    __tablename__ = "laboratory_phase"

    oos_id: Mapped[str] = mapped_column(sa.ForeignKey("oos.id"), index=True)
    sequence: Mapped[int]
    answers: Mapped[str]
    cause_found: Mapped[bool]
    conclusion: Mapped[str]
    concluded_by: Mapped[str]
    concluded_at: Mapped[datetime]

    constraints = (sa.UniqueConstraint("oos_id", "sequence"),)


class RetestRow(Audited):
    """What was fixed before anybody measured again (QC-RETEST); one for each record, at most."""

    __tablename__ = "retest"

    oos_id: Mapped[str] = mapped_column(sa.ForeignKey("oos.id"), unique=True)
    sample_choice: Mapped[str]
    sample_id: Mapped[str] = mapped_column(sa.ForeignKey("sample.id"))
    analyst_id: Mapped[str]
    replicates: Mapped[int]
    acceptance: Mapped[str]
    rationale: Mapped[str]
    authorised_by: Mapped[str]
    authorised_at: Mapped[datetime]

    constraints = (
        one_of("sample_choice", RetestSample),
        one_of("acceptance", Acceptance),
        sa.CheckConstraint("replicates > 0", name="replicates"),
    )
