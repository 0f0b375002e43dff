"""Trial, subjects and their dated weights."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.holds import HoldCause
from manufacturing.domain.trial import Diagnosis, DonorType, SubjectStatus, TrialStatus


class TrialRow(Audited):
    """One open trial at a time; its criteria are the effective ``protocol`` document.

    ``protocol_document_id``: of a closed trial, the version its figures were last computed by; they stay so.
    """

    __tablename__ = "trial"

    code: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    eu_trial_number: Mapped[str]
    status: Mapped[str] = mapped_column(default=TrialStatus.OPEN)
    ended_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    protocol_document_id: Mapped[str | None] = mapped_column(sa.ForeignKey("document.id"))

    constraints = (
        one_of("status", TrialStatus),
        sa.CheckConstraint("(status = 'closed') = (ended_on IS NOT NULL AND closed_at IS NOT NULL)", name="closed"),
    )


class SubjectRow(Audited):
    """A transplanted patient of the indication, by code. Age in completed years and months, no birth date."""

    __tablename__ = "subject"

    trial_id: Mapped[str] = mapped_column(sa.ForeignKey("trial.id"))
    code: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default=SubjectStatus.REGISTERED)
    diagnosis: Mapped[str]
    donor_type: Mapped[str]
    age_years: Mapped[int]
    age_months: Mapped[int]
    transplanted_on: Mapped[date]
    eighteenth_birthday: Mapped[bool] = mapped_column(default=False)
    consent_reference: Mapped[str | None]
    consented_on: Mapped[date | None]
    included_at: Mapped[datetime | None]
    protocol_document_id: Mapped[str | None] = mapped_column(sa.ForeignKey("document.id"))
    concluded_at: Mapped[datetime | None]
    drop_reason: Mapped[str | None]

    constraints = (
        one_of("status", SubjectStatus),
        one_of("diagnosis", Diagnosis),
        one_of("donor_type", DonorType),
        sa.CheckConstraint("age_years BETWEEN 0 AND 120 AND age_months BETWEEN 0 AND 11", name="age"),
    )


class WeightRow(Audited):
    """A dated weight in kg, entered twice, the second time by another person."""

    __tablename__ = "weight"

    subject_id: Mapped[str] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    kg: Mapped[Decimal]
    measured_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    entered_by: Mapped[str]
    verified_by: Mapped[str]


class HoldRow(Audited):
    """A hold on one record; holds stack, and what is below a held record is held with it (decision 26).

    ``lift_document``: the sponsor's decision document, where a hold on the trial was lifted (requirements 14.7).
    """

    __tablename__ = "hold"

    scope: Mapped[str]
    record_id: Mapped[str] = mapped_column(index=True)
    cause: Mapped[str]
    reason: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
    lifted_by: Mapped[str | None]
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str | None]
    lift_document: Mapped[str | None]

    constraints = (
        sa.CheckConstraint("scope IN ('trial','subject','collection','batch','container')", name="scope"),
        one_of("cause", HoldCause),
    )
