"""Freezing and thawing as the page of a container and the signatures show them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from manufacturing.domain.cryo import cryo_expiry, state_of
from manufacturing.queries.batch_content import container_facts, identity
from manufacturing.queries.batches import get_batch, get_container
from manufacturing.queries.steps import process_of


def cryo_content(session: Session, container_id: str) -> dict[str, Any]:
    row = get_container(session, container_id)
    batch = get_batch(session, row.batch_id)
    process = process_of(session, batch)
    plan = process.cryopreservation
    return {
        "title": row.code,
        "batch": batch.number,
        "batch status": batch.status,
        **identity(session, batch),
        **container_facts(row, process),
        "state": state_of(row.frozen_at, row.thawed_at),
        "hours frozen": plan.frozen_hours if plan else None,
        "hours after thaw": plan.post_thaw_hours if plan else None,
    }


def cryo_view(session: Session, container_id: str) -> dict[str, Any] | None:
    """State and clocks; None where the process version freezes nothing."""
    row = get_container(session, container_id)
    plan = process_of(session, get_batch(session, row.batch_id)).cryopreservation
    if plan is None:
        return None
    found = cryo_expiry(plan, row.frozen_at, row.thawed_at)
    return {
        "state": state_of(row.frozen_at, row.thawed_at),
        "frozen_at": row.frozen_at,
        "thawed_at": row.thawed_at,
        "frozen_hours": plan.frozen_hours,
        "post_thaw_hours": plan.post_thaw_hours,
        "clocks": [{"name": name, "ends_at": ends} for name, ends in found.clocks] if found else [],
        "decided_by": found.decided_by if found else None,
    }
