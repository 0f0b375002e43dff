"""Blood groups of donors and subjects, one row for each sample."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.blood_groups import Abo, RhD


class BloodGroupRow(Audited):
    """ABO and RhD of one sample of a donor or of a subject. Never changed; a wrong one is set aside with its reason."""

    __tablename__ = "blood_group"

    donor_id: Mapped[str | None] = mapped_column(sa.ForeignKey("donor.id"), index=True)
    subject_id: Mapped[str | None] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    abo: Mapped[str]
    rhd: Mapped[str]
    sample: Mapped[str]
    sampled_at: Mapped[datetime]
    laboratory: Mapped[str]
    report_reference: Mapped[str]
    entered_at: Mapped[datetime]
    entered_by: Mapped[str]
    set_aside_at: Mapped[datetime | None]
    set_aside_by: Mapped[str | None]
    set_aside_because: Mapped[str | None]

    constraints = (
        one_of("abo", Abo),
        one_of("rhd", RhD),
        sa.CheckConstraint("(donor_id IS NULL) <> (subject_id IS NULL)", name="whose"),
    )
