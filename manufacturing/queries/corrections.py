"""Corrections of the steps of a batch, and which signatures rest on what was changed after them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import asked_once
from kernel.tables import SignatureRow
from manufacturing.domain.effects import Signed, void_since
from manufacturing.tables.corrections import StepCorrectionRow


@asked_once
def step_corrections(session: Session, batch_id: str) -> list[StepCorrectionRow]:
    """The oldest first."""
    query = sa.select(StepCorrectionRow).where(StepCorrectionRow.batch_id == batch_id)
    return list(session.execute(query.order_by(StepCorrectionRow.corrected_at, StepCorrectionRow.id)).scalars())


def moments_of(rows: list[StepCorrectionRow]) -> list[tuple[str, datetime]]:
    return [(row.step_id, row.corrected_at) for row in rows]


def record_changed_since(session: Session, batch_id: str, signed_at: datetime) -> datetime | None:
    """When the record of the batch was changed after a signature that vouches for all of it; None: it stands."""
    return void_since(Signed(None, signed_at), moments_of(step_corrections(session, batch_id)))


def signature_view(row: SignatureRow, corrections: list[StepCorrectionRow]) -> dict[str, Any]:
    """A signature as it is shown, and since when it is no longer valid."""
    step_id = row.record_id if row.record_entity == "step" else None
    rests = row.record_entity == "step" or row.meaning == "production complete"
    void = void_since(Signed(step_id, row.signed_at), moments_of(corrections)) if rests else None
    return {
        "meaning": row.meaning,
        "by": row.signer_name,
        "at": row.signed_at,
        "version": row.record_version,
        "void_since": void,
    }


def correction_view(row: StepCorrectionRow, people: Mapping[str, str]) -> dict[str, Any]:
    return {
        "at": row.corrected_at,
        "by": people.get(row.corrected_by, row.corrected_by),
        "reason": row.reason,
        "effect": effect_view(json.loads(row.effect)),
    }


def effect_view(effect: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Moments as moments again, so that a page can show them in the reader's zone."""
    return [{**one, "before": moment_or(one["before"]), "after": moment_or(one["after"])} for one in effect]


def moment_or(value: Any) -> Any:
    if isinstance(value, str) and len(value) > len("2026-11-23T16:30") and value[4:5] == "-" and "T" in value:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value
