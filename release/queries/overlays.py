"""Overlays of containers that are supplied out of specification."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from labels.drawing.overlay import OverlayFacts
from labels.keys import is_demo
from labels.ports import label_keys
from manufacturing.queries.batches import get_batch
from manufacturing.queries.trial import get_subject
from manufacturing.tables.batches import ContainerRow
from release.domain.overlays import OverlayStatus
from release.domain.supply import SupplyStatus
from release.queries.exposure import was_given
from release.queries.supplies import accepted_supply, named_of
from release.queries.testing import containers_of, get_record
from release.tables.supply import OverlayRow, SupplyRow


def overlays_of(session: Session, supply_id: str) -> list[OverlayRow]:
    query = sa.select(OverlayRow).where(OverlayRow.supply_id == supply_id)
    return list(session.execute(query.order_by(OverlayRow.printed_at, OverlayRow.number)).scalars())


def live_overlay(session: Session, container_id: str) -> OverlayRow | None:
    """The one that is printed or on the container, under whatever supply."""
    query = sa.select(OverlayRow).where(OverlayRow.container_id == container_id, OverlayRow.ended_at.is_(None))
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def is_overlaid(session: Session, container_id: str, supply: SupplyRow) -> bool:
    """It carries the overlay of this very supply: of an earlier one it names other results."""
    row = live_overlay(session, container_id)
    return row is not None and row.status == OverlayStatus.APPLIED and row.supply_id == supply.id


def next_overlay(session: Session, container: ContainerRow, supply: SupplyRow) -> OverlayFacts:
    """What the next print for this container would say."""
    batch = get_batch(session, supply.batch_id)
    count = sa.select(sa.func.count()).where(OverlayRow.container_id == container.id)
    printed = session.execute(count).scalar_one()
    return OverlayFacts(
        number=f"{container.code}-X{printed + 1}",
        container=container.code,
        batch=batch.number,
        subject_code=get_subject(session, batch.subject_id).code,
        failed=tuple(one.found for one in named_of(supply)),
        demo=is_demo(label_keys()),
    )


def stored_overlay(row: OverlayRow) -> OverlayFacts:
    facts = json.loads(row.facts)
    return OverlayFacts(**{**facts, "failed": tuple(facts["failed"])})


def overlay_print_content(session: Session, container_id: str) -> dict[str, Any]:
    """What somebody who prints is shown: the container, the supply and what failed."""
    container = get_record(session, ContainerRow, container_id)
    supply = accepted_supply(session, container.batch_id)
    live = live_overlay(session, container_id)
    return {
        "title": container.code,
        "supply": supply.number if supply else None,
        "status": supply.status if supply else None,
        "failed results": [one.found for one in named_of(supply)] if supply else [],
        "overlay": live.number if live else None,
    }


def overlay_content(session: Session, overlay_id: str) -> dict[str, Any]:
    row = get_record(session, OverlayRow, overlay_id)
    facts = stored_overlay(row)
    return {
        "title": row.number,
        "version": row.version,
        "status": row.status,
        "container": facts.container,
        "subject": facts.subject_code,
        "failed results": list(facts.failed),
    }


def overlay_views(session: Session, supply: SupplyRow) -> list[dict[str, Any]]:
    """Every container of the supply with its overlay; one without has none yet."""
    people = names(session)
    rows = {row.container_id: row for row in overlays_of(session, supply.id) if row.ended_at is None}
    found = []
    for container in containers_of(session, supply.batch_id):
        row = rows.get(container.id)
        found.append(
            {
                "container_id": container.id,
                "container": container.code,
                "id": row.id if row else None,
                "number": row.number if row else None,
                "status": row.status if row else None,
                "applied_at": row.applied_at if row else None,
                "applied_by": people.get(row.applied_by or "") if row else None,
            }
        )
    return found


def overlays_to_destroy(session: Session) -> list[OverlayRow]:
    """On containers that were not given, of supplies that have ended."""
    query = (
        sa.select(OverlayRow)
        .join(SupplyRow, SupplyRow.id == OverlayRow.supply_id)
        .where(OverlayRow.ended_at.is_(None), SupplyRow.status != SupplyStatus.IN_FORCE)
        .order_by(OverlayRow.number)
        .limit(50)
    )
    return [row for row in session.execute(query).scalars() if not was_given(session, row.container_id)]
