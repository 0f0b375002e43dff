"""The reconstitution of a container, and until when it may be used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from manufacturing.domain.plan import Reconstitution
from manufacturing.queries.batches import get_batch, get_container
from manufacturing.queries.steps import process_of
from manufacturing.tables.batches import ContainerRow
from release.domain.reconstitution import usable_until
from release.tables.reconstitution import ReconstitutionStepRow


def recon_steps(session: Session, container_id: str) -> list[ReconstitutionStepRow]:
    query = sa.select(ReconstitutionStepRow).where(ReconstitutionStepRow.container_id == container_id)
    return list(session.execute(query.order_by(ReconstitutionStepRow.position)).scalars())


def planned_recon(session: Session, container: ContainerRow) -> Reconstitution | None:
    return process_of(session, get_batch(session, container.batch_id)).reconstitution


def in_use_until(session: Session, container: ContainerRow) -> datetime:
    """The expiry on record, or the end of the in-use time of a reconstitution that has begun."""
    done = recon_steps(session, container.id)
    if not done:
        return container.expires_at
    return usable_until(container.expires_at, done[0].done_at, planned_recon(session, container))


def recon_content(session: Session, container_id: str) -> dict[str, Any]:
    """The instruction of the next step, and what was done before it."""
    container = get_container(session, container_id)
    planned, done = planned_recon(session, container), recon_steps(session, container_id)
    coming = planned.steps[len(done)] if planned and len(done) < len(planned.steps) else None
    titles = {one.key: one.title for one in planned.steps} if planned else {}
    return {
        "title": container.code,
        "container": container.code,
        "next step": coming.title if coming else None,
        "instruction": coming.instruction if coming else None,
        "use before": in_use_until(session, container),
        "done": [
            {"step": titles.get(one.key, one.key), "done at": one.done_at, "volume (mL)": one.volume_ml} for one in done
        ],
    }


def recon_view(session: Session, container_id: str) -> dict[str, Any]:
    """Every planned step with what was done."""
    container, people = get_container(session, container_id), names(session)
    planned, done = planned_recon(session, container), recon_steps(session, container_id)
    known = {one.position: one for one in done}
    steps = planned.steps if planned else ()
    return {
        "planned": planned is not None,
        "open": len(done) < len(steps),
        "use_before": in_use_until(session, container) if done else None,
        "steps": [
            {
                "title": one.title,
                "instruction": one.instruction,
                "done": step_view(known[place], people) if place in known else None,
            }
            for place, one in enumerate(steps, start=1)
        ],
    }


def step_view(row: ReconstitutionStepRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "at": row.done_at,
        "volume_ml": row.volume_ml,
        "remark": row.remark,
        "by": people.get(row.done_by, row.done_by),
        "checked_by": people.get(row.checked_by, row.checked_by),
    }
