"""Disposition of each container and the immutable decisions behind it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Audited, one_of
from release.domain.decisions import DecisionKind, Disposition


class DispositionRow(Audited):
    """Whether a container may be used. Born in quarantine when the container is filled (ATMP-11-QUAR)."""

    __tablename__ = "disposition"

    container_id: Mapped[str] = mapped_column(sa.ForeignKey("container.id"), unique=True)
    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    status: Mapped[str] = mapped_column(default=Disposition.QUARANTINE)
    sponsor_released: Mapped[bool] = mapped_column(default=False)

    constraints = (one_of("status", Disposition),)


class DecisionRow(Audited):
    """One signed decision on one batch. ``register_number`` counts certifications without a gap (A16-REG).

    ``sequence`` orders the decisions of a batch, whatever the clock says. ``basis`` is the canonical JSON of what was judged (verdicts, weight, pending tests with expected dates);
    ``supersedes_id``: the certification that no longer stood, with why this one takes its place.
    ``content_sha256`` tells later whether anything it rests on has changed.
    """

    __tablename__ = "decision"

    batch_id: Mapped[str] = mapped_column(sa.ForeignKey("batch.id"), index=True)
    sequence: Mapped[int] = mapped_column(default=0)
    kind: Mapped[str]
    register_number: Mapped[int | None] = mapped_column(unique=True)
    decided_by: Mapped[str]
    decided_at: Mapped[datetime]
    statement: Mapped[str]
    reason: Mapped[str | None]
    supersedes_id: Mapped[str | None] = mapped_column(sa.ForeignKey("decision.id"))
    superseding_reason: Mapped[str | None]
    pending: Mapped[str]
    basis: Mapped[str]
    content_sha256: Mapped[str]
    weight_id: Mapped[str | None] = mapped_column(sa.ForeignKey("weight.id"))

    constraints = (one_of("kind", DecisionKind),)
