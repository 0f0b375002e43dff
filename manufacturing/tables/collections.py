"""Donors by code, their markers, and the leukaphereses."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.donors import MarkerResult
from manufacturing.domain.material import UseKind
from manufacturing.domain.trial import DonorType


class DonorRow(Audited):
    """A stem-cell donor, by code; the donor of exactly one subject's transplant."""

    __tablename__ = "donor"

    code: Mapped[str] = mapped_column(unique=True)
    subject_id: Mapped[str] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    donor_type: Mapped[str]
    grid: Mapped[str | None]

    constraints = (one_of("donor_type", DonorType),)


class CollectionRow(Audited):
    """One leukapheresis. ``number`` is the facility's own or the 13 characters of an ISBT 128 DIN (``din``)."""

    __tablename__ = "collection"

    number: Mapped[str] = mapped_column(unique=True)
    is_din: Mapped[bool]
    check_character: Mapped[str | None]
    subject_id: Mapped[str] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    donor_id: Mapped[str] = mapped_column(sa.ForeignKey("donor.id"), index=True)
    status: Mapped[str] = mapped_column(default=CollectionStatus.PLANNED)
    planned_on: Mapped[date]
    consent_reference: Mapped[str]
    consented_on: Mapped[date]
    mobilised: Mapped[bool]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    delay: Mapped[str | None]
    container_intact: Mapped[bool | None]
    label_matches: Mapped[bool | None]
    free_of_clots: Mapped[bool | None]
    temperature_c: Mapped[Decimal | None]
    logger_low_c: Mapped[Decimal | None]
    logger_high_c: Mapped[Decimal | None]
    sec: Mapped[str | None]
    volume_ml: Mapped[Decimal | None]
    wbc: Mapped[Decimal | None]
    viability: Mapped[Decimal | None]
    received_by: Mapped[str | None]
    verified_by: Mapped[str | None]
    htlv_risk: Mapped[bool | None]
    blood_or_colloids_48h: Mapped[bool | None]
    crystalloids_1h: Mapped[bool | None]
    marker_sampled_at: Mapped[datetime | None]
    donor_identity_check: Mapped[str | None]
    interview_suitable: Mapped[bool | None]
    examination_suitable: Mapped[bool | None]
    outside_eu: Mapped[bool | None]
    importing_establishment: Mapped[str | None]
    import_authorisation: Mapped[str | None]
    third_country_supplier: Mapped[str | None]
    window_justification: Mapped[str | None]
    window_justified_by: Mapped[str | None]
    window_justified_at: Mapped[datetime | None]
    assessment: Mapped[str | None]
    at_risk_assessment: Mapped[str | None]
    at_risk_pending: Mapped[str | None]
    at_risk_by: Mapped[str | None]
    at_risk_agreed_by: Mapped[str | None]
    at_risk_at: Mapped[datetime | None]
    accepted_by: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]

    constraints = (one_of("status", CollectionStatus),)


class MarkerRow(Audited):
    """One infectious marker of the donor for one collection (Dir. 2006/17 Annex II)."""

    __tablename__ = "donor_marker"

    collection_id: Mapped[str] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    marker: Mapped[str]
    result: Mapped[str]
    laboratory: Mapped[str]
    kit: Mapped[str]
    report_reference: Mapped[str]
    finding: Mapped[str | None]
    entered_by: Mapped[str]

    constraints = (sa.UniqueConstraint("collection_id", "marker"), one_of("result", MarkerResult))


class CollectionPartRow(Audited):
    """A part taken off a leukapheresis into a bag of its own, by two people; ``code`` carries the donation number."""

    __tablename__ = "collection_part"

    collection_id: Mapped[str] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    number: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True)
    volume_ml: Mapped[Decimal]
    remainder_ml: Mapped[Decimal]
    split_at: Mapped[datetime]
    split_by: Mapped[str]
    verified_by: Mapped[str]

    constraints = (sa.UniqueConstraint("collection_id", "number"),)


class CollectionUseRow(Audited):
    """What became of the leukapheresis or of a part of it: taken into a batch, destroyed, or lost in the split.

    ``words``: the method, or how it was lost. ``part_id``: the part that went, as a whole and once.
    """

    __tablename__ = "collection_use"

    collection_id: Mapped[str] = mapped_column(sa.ForeignKey("collection.id"), index=True)
    batch_id: Mapped[str | None] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    part_id: Mapped[str | None] = mapped_column(sa.ForeignKey("collection_part.id"), unique=True)
    kind: Mapped[str]
    volume_ml: Mapped[Decimal]
    words: Mapped[str | None]
    done_by: Mapped[str]
    witnessed_by: Mapped[str | None]
    done_at: Mapped[datetime]

    constraints = (one_of("kind", UseKind),)
