"""Which container to fetch for an order: named by its label and its place, with what a scan would say against it.

The page names, the scan decides: nothing here is stored, and nothing here allows anything.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import Database
from kernel.rounds import for_each
from kernel.witness.queries import records_are_behind
from labels.queries.labels import applied_label
from manufacturing.domain.expiry import end_of_day
from manufacturing.domain.places import UnitKind
from manufacturing.queries.places import current_event, get_place
from manufacturing.tables.batches import ContainerRow
from release.domain.decisions import OrderStatus
from release.domain.dispensing import decide
from release.domain.downtime import foremost
from release.domain.fetching import GUARDS_TO_FETCH
from release.domain.scan_facts import ScanFacts
from release.queries.downtime import in_stock, labelling_refusals
from release.queries.orders import OPEN, get_order
from release.queries.scanning import container_facts, order_facts
from release.tables.dispensing import OrderRow

MOST = 20


def to_fetch(database: Database, session: Session, order_id: str, now: datetime) -> dict[str, Any] | None:
    """Containers of the subject in stock, first those with nothing against them, each half by expiry; None where nothing is to be fetched.

    Judged as of now, and before the day of the infusion as of its beginning. ``filled``: how many were ever filled.
    """
    order = get_order(session, order_id)
    if OrderStatus(order.status) not in OPEN:
        return None
    at = max(now, end_of_day(order.infusion_on - timedelta(days=1)))
    stock = in_stock(session, order.subject_id)
    lines = for_each(partial(line_of, database, session, order, at), stock[:MOST])
    filled = sa.select(sa.func.count()).where(ContainerRow.subject_id == order.subject_id)
    return {
        "containers": sorted(lines, key=lambda one: bool(one["reasons"])),
        "more": max(0, len(stock) - MOST),
        "filled": session.execute(filled).scalar_one(),
    }


def line_of(database: Database, session: Session, order: OrderRow, at: datetime, container: ContainerRow) -> Any:
    """``before``: until when a scan in the pharmacy may say yes, the margin for transport and infusion taken off."""
    found = container_facts(session, container, order, at)
    facts = ScanFacts(
        label_refusals=labelling_refusals(session, container),
        container=found,
        order=order_facts(session, order),
        database_behind=records_are_behind(database, session),
    )
    label, move = applied_label(session, container.id), current_event(session, UnitKind.CONTAINER, container.id)
    place = get_place(session, move.place_id) if move else None
    return {
        "id": container.id,
        "container": container.code,
        "label": label.short_number if label else None,
        "place": {"id": place.id, "code": place.code, "title": place.title} if place else None,
        "expires_at": found.expires_at,
        "before": found.expires_at - found.margin if found.expires_at and found.margin is not None else None,
        "disposition": found.disposition,
        "reasons": list(foremost(decide(facts, at, GUARDS_TO_FETCH).refusals)),
    }
