"""Orders, day-of-infusion checks, scans, dispensing, administration, reactions."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from release.domain.decisions import OrderStatus, Verdict


class OrderRow(Audited):
    """A physician's infusion order for a subject; a container is chosen at the scan."""

    __tablename__ = "infusion_order"

    number: Mapped[str] = mapped_column(unique=True)
    subject_id: Mapped[str] = mapped_column(sa.ForeignKey("subject.id"), index=True)
    status: Mapped[str] = mapped_column(default=OrderStatus.ORDERED)
    infusion_on: Mapped[date]
    volume_ml: Mapped[Decimal]
    duration_minutes: Mapped[int]
    ward: Mapped[str]
    ordered_by: Mapped[str]
    ordered_at: Mapped[datetime]
    container_id: Mapped[str | None] = mapped_column(sa.ForeignKey("container.id"), index=True)
    end_reason: Mapped[str | None]

    constraints = (one_of("status", OrderStatus),)


class EligibilityRow(Audited):
    """The day-of-infusion check of the registry: values, dates, verdict, protocol version (DSP-ELIG-1..8)."""

    __tablename__ = "eligibility"

    order_id: Mapped[str] = mapped_column(sa.ForeignKey("infusion_order.id"), index=True)
    sequence: Mapped[int]
    marrow_blasts: Mapped[Decimal]
    marrow_assessed_on: Mapped[date]
    circulating_blasts: Mapped[Decimal]
    circulating_assessed_on: Mapped[date]
    extramedullary_progression: Mapped[bool]
    neutrophils: Mapped[Decimal]
    neutrophils_per_ul: Mapped[Decimal | None]
    neutrophils_assessed_on: Mapped[date]
    donor_chimerism: Mapped[bool]
    gvhd_grade: Mapped[int]
    steroids: Mapped[Decimal]
    immunosuppression_given: Mapped[bool | None]
    immunosuppression_last_on: Mapped[date | None]
    second_product_given: Mapped[bool | None]
    other_condition: Mapped[bool]
    other_condition_text: Mapped[str | None]
    source: Mapped[str]
    failed: Mapped[str]
    protocol_document_id: Mapped[str] = mapped_column(sa.ForeignKey("document.id"))
    checked_by: Mapped[str]
    checked_at: Mapped[datetime]

    constraints = (sa.UniqueConstraint("order_id", "sequence"),)


class ScanRow(Audited):
    """One scan and its verdict, decided afresh and kept with all reasons (hazards 4.7). ``place`` ``paper``: nobody scanned;
    a sheet of a downtime was judged when it was entered. ``camera``: read off a picture, not by a scanner."""

    __tablename__ = "scan"

    container_id: Mapped[str | None] = mapped_column(sa.ForeignKey("container.id"), index=True)
    order_id: Mapped[str | None] = mapped_column(sa.ForeignKey("infusion_order.id"), index=True)
    label_id: Mapped[str | None] = mapped_column(sa.ForeignKey("label.id"))
    place: Mapped[str]
    verdict: Mapped[str]
    reasons: Mapped[str]
    nonce: Mapped[str]
    typed: Mapped[bool]
    camera: Mapped[bool] = mapped_column(default=False)
    scanned_by: Mapped[str]
    scanned_at: Mapped[datetime]
    valid_until: Mapped[datetime]

    constraints = (
        one_of("verdict", Verdict),
        sa.CheckConstraint("place IN ('pharmacy','bedside','paper')", name="place"),
    )


class DispensingRow(Audited):
    """A container leaves the pharmacy: once per container, order and scan, whatever happens.

    Cancelled before the hand-over by two people (decision 36), the row stays and the container is free again.
    ``conditional``: results were pending. ``out_of_specification``: supplied at the physician's request; for ever (TR-OOSFLAG).
    """

    __tablename__ = "dispensing"

    container_id: Mapped[str] = mapped_column(sa.ForeignKey("container.id"), index=True)
    order_id: Mapped[str] = mapped_column(sa.ForeignKey("infusion_order.id"), unique=True)
    scan_id: Mapped[str] = mapped_column(sa.ForeignKey("scan.id"), unique=True)
    label_id: Mapped[str] = mapped_column(sa.ForeignKey("label.id"))
    dispensed_by: Mapped[str]
    checked_by: Mapped[str]
    dispensed_at: Mapped[datetime]
    conditional: Mapped[bool]
    out_of_specification: Mapped[bool] = mapped_column(default=False)
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None]
    cancel_checked_by: Mapped[str | None]
    cancel_reason: Mapped[str | None]

    constraints = (
        sa.Index(
            "uq_dispensing_container",
            "container_id",
            unique=True,
            sqlite_where=sa.text("cancelled_at IS NULL"),
            postgresql_where=sa.text("cancelled_at IS NULL"),
        ),
    )


class HandOverRow(Audited):
    """From pharmacist to ward, by named people."""

    __tablename__ = "hand_over"

    dispensing_id: Mapped[str] = mapped_column(sa.ForeignKey("dispensing.id"), unique=True)
    handed_over_at: Mapped[datetime]
    temperature_c: Mapped[Decimal]
    condition: Mapped[str]
    transport_box: Mapped[str]
    handed_over_by: Mapped[str]
    received_by: Mapped[str]


class AdministrationRow(Audited):
    """What was really given. An infusion that happened is always recordable (decision 32)."""

    __tablename__ = "administration"

    dispensing_id: Mapped[str] = mapped_column(sa.ForeignKey("dispensing.id"), unique=True)
    outcome: Mapped[str]
    started_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    volume_given_ml: Mapped[Decimal | None]
    premedication: Mapped[bool | None]
    identity_checked: Mapped[bool | None]
    bedside_scan_id: Mapped[str | None] = mapped_column(sa.ForeignKey("scan.id"))
    bedside_verdict: Mapped[str | None]
    weight_id: Mapped[str | None] = mapped_column(sa.ForeignKey("weight.id"))
    reason: Mapped[str | None]
    no_reaction_confirmed: Mapped[bool | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]

    constraints = (sa.CheckConstraint("outcome IN ('complete','partial','not_administered')", name="outcome"),)


class ReactionRow(Audited):
    """An observation after infusion: grade, seriousness and relatedness are separate answers (TR-S2).

    Of a serious one also ``known_at``, since when the investigator knows, and ``life_threatening``: fatal or that.
    """

    __tablename__ = "reaction"

    administration_id: Mapped[str] = mapped_column(sa.ForeignKey("administration.id"), index=True)
    term: Mapped[str]
    description: Mapped[str | None]
    onset_at: Mapped[datetime]
    grade: Mapped[int]
    serious: Mapped[bool]
    life_threatening: Mapped[bool | None]
    known_at: Mapped[datetime | None]
    relatedness: Mapped[str]
    adjudicated: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    adjudicated_by: Mapped[str | None]
    adjudicated_at: Mapped[datetime | None]

    constraints = (
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name="grade"),
        sa.CheckConstraint(
            "relatedness IN ('unrelated','unlikely','possible','probable','definite','pending')", name="relatedness"
        ),
        sa.CheckConstraint("adjudicated IN ('pending','confirmed','not_qualifying')", name="adjudicated"),
    )
