"""Certifications that no longer stand because the record was corrected after them, and what was given under them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from manufacturing.domain.expiry import local_text
from manufacturing.queries.corrections import record_changed_since, step_corrections
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.corrections import StepCorrectionRow
from release.domain.decisions import CERTIFICATES, Disposition
from release.domain.refusals import CERTIFICATION_VOID
from release.queries.exposure import administered_containers
from release.queries.records import decisions_of, dispositions_of, latest_decision
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.testing import QcTestRow, ResultRow

DECIDABLE = {Disposition.QUARANTINE, Disposition.CERTIFIED_PENDING, Disposition.CERTIFIED_FINAL}


@dataclass(frozen=True, slots=True)
class Voided:
    """The newest certification of a batch, whose record was corrected ``since``. ``reasons``: of every correction."""

    decision: DecisionRow
    since: datetime
    reasons: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """What a signer of the next certification is shown."""
        return {
            "register number": self.decision.register_number,
            "no longer valid since": self.since,
            "corrections": list(self.reasons),
        }

    def facts(self) -> dict[str, Any]:
        return {"number": self.decision.register_number or "–", "at": local_text(self.since)}


def voided_certificate(session: Session, batch_id: str) -> Voided | None:
    """None where the newest certification stands, or nothing was ever certified."""
    newest = latest_decision(session, batch_id, *CERTIFICATES)
    if newest is None:
        return None
    taken = [row for row in taken_back(session, batch_id) if row.withdrawn_at and row.withdrawn_at > newest.decided_at]
    changed = record_changed_since(session, batch_id, newest.decided_at)
    times = [*([changed] if changed else []), *(row.withdrawn_at for row in taken if row.withdrawn_at)]
    if not times:
        return None
    reasons = [row.reason for row in step_corrections(session, batch_id) if row.corrected_at > newest.decided_at]
    reasons += [row.withdrawn_because or "" for row in taken]
    return Voided(newest, min(times), tuple(dict.fromkeys(reasons)))


def taken_back(session: Session, batch_id: str) -> list[ResultRow]:
    """Verified results of which QA authorised the correction, oldest first."""
    query = sa.select(ResultRow).join(QcTestRow, QcTestRow.id == ResultRow.test_id)
    query = query.where(QcTestRow.batch_id == batch_id, ResultRow.withdrawn_at.is_not(None))
    return list(session.execute(query.order_by(ResultRow.withdrawn_at, ResultRow.id)).scalars())


def void_refusals(session: Session, batch_id: str) -> tuple[Any, ...]:
    """Why nothing may rest on the certification of this batch any more."""
    found = voided_certificate(session, batch_id)
    return (CERTIFICATION_VOID(**found.facts()),) if found else ()


def given_rows(session: Session, batch_id: str) -> list[DispositionRow]:
    """Of the containers of which a patient had something, those that can still be decided about."""
    rows = [row for row in dispositions_of(session, batch_id) if row.status in DECIDABLE]
    given = administered_containers(session, [row.container_id for row in rows])
    return [row for row in rows if row.container_id in given]


def is_voided() -> Any:
    """A condition on batches: corrected after their newest certification."""
    later = aliased(DecisionRow)
    renewed = sa.exists().where(
        later.batch_id == StepCorrectionRow.batch_id,
        later.kind.in_(CERTIFICATES),
        later.decided_at >= StepCorrectionRow.corrected_at,
    )
    certified = sa.exists().where(DecisionRow.batch_id == BatchRow.id, DecisionRow.kind.in_(CERTIFICATES))
    steps = sa.exists().where(StepCorrectionRow.batch_id == BatchRow.id, ~renewed)
    return sa.and_(certified, sa.or_(steps, result_taken_back()))


def result_taken_back() -> Any:
    """A condition on batches: a verified result was taken back after the newest certification."""
    later = aliased(DecisionRow)
    renewed = sa.exists().where(
        later.batch_id == QcTestRow.batch_id,
        later.kind.in_(CERTIFICATES),
        later.decided_at >= ResultRow.withdrawn_at,
    )
    return sa.exists().where(
        QcTestRow.batch_id == BatchRow.id,
        ResultRow.test_id == QcTestRow.id,
        ResultRow.withdrawn_at.is_not(None),
        ~renewed,
    )


def voided_batches(session: Session, batch_ids: Collection[str]) -> set[str]:
    """Which of these batches have a certification that no longer stands, in one query."""
    query = sa.select(BatchRow.id).where(BatchRow.id.in_(batch_ids), is_voided())
    return set(session.execute(query).scalars())


def superseding(session: Session, decision: DecisionRow) -> DecisionRow | None:
    """The certification that took the place of this one."""
    return next((one for one in decisions_of(session, decision.batch_id) if one.supersedes_id == decision.id), None)
