"""What became of the containers of a batch, read for the page, for the destruction and for the closing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from kernel.quantities import exact, to_decimal
from labels.queries.labels import count_refusals, label_ledger
from labels.queries.overview import ledger_document
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.deviations import DeviationStatus
from manufacturing.domain.holds import HoldCause
from manufacturing.domain.samples import unaccounted
from manufacturing.queries.batches import deviations_of, get_batch
from manufacturing.queries.holds import OpenHold
from manufacturing.queries.samples import samples_behind
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.samples import SampleRow
from release.domain.decisions import Disposition
from release.domain.oos import OosStatus
from release.domain.overlays import OverlayStatus
from release.domain.recalls import RecallStatus, hold_reason
from release.domain.reconciling import UNUSED_AFTER, ClosingFacts, Idle, Unit, closing_refusals, idle
from release.domain.scan_facts import HoldFacts
from release.queries.oos import oos_of_batch
from release.queries.records import holds_of
from release.queries.testing import containers_of
from release.queries.voided import void_refusals
from release.tables.decisions import DispositionRow
from release.tables.destructions import DestructionRow
from release.tables.dispensing import AdministrationRow, DispensingRow
from release.tables.recalls import RecallRow
from release.tables.supply import OverlayRow

MOST = 100


def destructions_of(session: Session, containers: Collection[ContainerRow]) -> dict[str, DestructionRow]:
    """By container."""
    query = sa.select(DestructionRow).where(DestructionRow.container_id.in_([one.id for one in containers]))
    return {row.container_id: row for row in session.execute(query).scalars()}


def destruction_of(session: Session, container_id: str) -> DestructionRow | None:
    query = sa.select(DestructionRow).where(DestructionRow.container_id == container_id)
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def get_container(session: Session, container_id: str) -> ContainerRow:
    row = session.get(ContainerRow, container_id)
    if row is None:
        raise NotFound(f"container {container_id}")
    return row


def ways_out(
    session: Session, containers: Collection[ContainerRow]
) -> dict[str, tuple[DispensingRow, AdministrationRow | None]]:
    """The dispensing of each container that left the pharmacy, with what was recorded of the infusion."""
    ids = [one.id for one in containers]
    query = (
        sa.select(DispensingRow, AdministrationRow)
        .outerjoin(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .where(DispensingRow.container_id.in_(ids), DispensingRow.cancelled_at.is_(None))
    )
    return {
        out.container_id: (out, given)
        for out, given in session.execute(query.execution_options(populate_existing=True))
    }


def units_of(session: Session, batch_id: str) -> dict[str, Unit]:
    """Every container of the batch by id, with all that is on record about its content."""
    return units(session, containers_of(session, batch_id))


def units(session: Session, containers: Collection[ContainerRow]) -> dict[str, Unit]:
    """The same of any containers, in as many queries for one as for many."""
    ways, destroyed = ways_out(session, containers), destructions_of(session, containers)
    ids = [one.id for one in containers]
    decided = session.execute(sa.select(DispositionRow).where(DispositionRow.container_id.in_(ids))).scalars()
    states = {one.container_id: Disposition(one.status) for one in decided}
    drawn: dict[str | None, list[Decimal]] = defaultdict(list)
    for one in session.execute(sa.select(SampleRow).where(SampleRow.container_id.in_(ids))).scalars():
        drawn[one.container_id].append(one.volume_ml)
    found = {}
    for container in containers:
        out, given = ways.get(container.id, (None, None))
        gone = destroyed.get(container.id)
        found[container.id] = Unit(
            code=container.code,
            filled=container.volume_ml,
            sampled=summed(drawn[container.id]),
            given=(given.volume_given_ml if given else None) or Decimal(0),
            destroyed=gone.volume_ml if gone else Decimal(0),
            lost=gone.lost_ml if gone else Decimal(0),
            left_pharmacy=out is not None,
            out=out is not None and given is None,
            disposition=states.get(container.id),
        )
    return found


def idle_containers(session: Session, now: datetime) -> list[tuple[ContainerRow, Unit, Idle]]:
    """What waits to be destroyed, the oldest first: of batches that are not closed, and of which something is left."""
    ended = sa.or_(ContainerRow.expires_at <= now, ContainerRow.filled_at <= now - UNUSED_AFTER, gone_out(), rejected())
    destroyed = sa.exists().where(DestructionRow.container_id == ContainerRow.id)
    query = (
        sa.select(ContainerRow)
        .join(BatchRow, BatchRow.id == ContainerRow.batch_id)
        .where(BatchRow.status != BatchStatus.CLOSED, ~destroyed, ended)
        .order_by(ContainerRow.expires_at, ContainerRow.code)
        .limit(MOST)
    )
    containers = list(session.execute(query).scalars())
    found = units(session, containers)
    why = {one.id: idle(found[one.id], one.expires_at, waits_since(one), now) for one in containers}
    return [(one, found[one.id], reason) for one in containers if (reason := why[one.id]) is not None]


def waits_since(container: ContainerRow) -> datetime | None:
    frozen = container.frozen_at is not None and container.thawed_at is None
    return None if frozen else container.filled_at


def gone_out() -> Any:
    """A condition on containers: an infusion, or that it did not take place, is on record."""
    back = sa.exists().where(AdministrationRow.dispensing_id == DispensingRow.id)
    return sa.exists().where(DispensingRow.container_id == ContainerRow.id, DispensingRow.cancelled_at.is_(None), back)


def rejected() -> Any:
    return sa.exists().where(
        DispositionRow.container_id == ContainerRow.id, DispositionRow.status == Disposition.REJECTED
    )


def summed(volumes: list[Decimal]) -> Decimal:
    return to_decimal(sum(map(exact, volumes), exact(Decimal(0))))


def closing_facts(session: Session, batch_id: str) -> ClosingFacts:
    batch = get_batch(session, batch_id)
    return ClosingFacts(
        units=tuple(units_of(session, batch_id).values()),
        samples=unaccounted(samples_behind(session, batch)),
        deviations=tuple(
            (one.number, one.classification, one.status)
            for one in deviations_of(session, batch_id)
            if one.status != DeviationStatus.CLOSED
        ),
        holds=tuple(HoldFacts(one.scope, one.reason, one.cause) for one in holds_in_the_way(session, batch)),
        void=void_refusals(session, batch_id),
        labels=count_refusals(session, batch_id),
        overlays=loose_overlays(session, batch_id),
    )


def loose_overlays(session: Session, batch_id: str) -> tuple[str, ...]:
    """Numbers of overlays that are printed and nowhere."""
    query = (
        sa.select(OverlayRow.number)
        .join(ContainerRow, ContainerRow.id == OverlayRow.container_id)
        .where(ContainerRow.batch_id == batch_id, OverlayRow.status == OverlayStatus.PRINTED)
    )
    return tuple(session.execute(query.order_by(OverlayRow.number)).scalars())


def holds_in_the_way(session: Session, batch: BatchRow) -> list[OpenHold]:
    """Every open hold but those of a failure that is confirmed, and of a recall that is closed: nobody lifts these, the
    decisions answer them."""
    answered = {row.hold_id for row in oos_of_batch(session, batch.id) if row.status == OosStatus.CONFIRMED}
    recalled = closed_recalls(session)
    return [
        one
        for one in holds_of(session, batch)
        if one.id not in answered and not (one.cause == HoldCause.RECALL and one.reason in recalled)
    ]


def closed_recalls(session: Session) -> set[str]:
    """What the holds of closed recalls say."""
    query = sa.select(RecallRow).where(RecallRow.status == RecallStatus.CLOSED, RecallRow.drill.is_(sa.false()))
    return {hold_reason(row.number, row.record, row.reason) for row in session.execute(query).scalars()}


def closing_content(session: Session, batch_id: str) -> dict[str, Any]:
    """What is signed when a batch is closed: every container to the last mL."""
    batch = get_batch(session, batch_id)
    return {
        "title": batch.number,
        "version": batch.version,
        "containers": unit_documents(session, batch_id),
        "labels": ledger_document(label_ledger(session, batch_id)),
    }


def destroying_content(session: Session, container_id: str) -> dict[str, Any]:
    container = get_container(session, container_id)
    (document,) = [one for one in unit_documents(session, container.batch_id) if one["id"] == container_id]
    return {"title": container.code, "version": container.version, **document}


def unit_documents(session: Session, batch_id: str) -> list[dict[str, Any]]:
    people, destroyed = names(session), destructions_of(session, containers_of(session, batch_id))
    return [
        {
            "id": container_id,
            "container": unit.code,
            "disposition": unit.disposition,
            "filled (mL)": unit.filled,
            "samples (mL)": unit.sampled,
            "given (mL)": unit.given,
            "destroyed (mL)": unit.destroyed,
            "lost (mL)": unit.lost,
            "left (mL)": unit.left,
            "with the ward": unit.out,
            "destruction": destruction_document(destroyed.get(container_id), people),
        }
        for container_id, unit in units_of(session, batch_id).items()
    ]


def destruction_document(row: DestructionRow | None, people: dict[str, str]) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "at": row.destroyed_at,
        "by": people.get(row.destroyed_by, row.destroyed_by),
        "witnessed by": people.get(row.witnessed_by, row.witnessed_by),
        "method": row.method,
        "reason": row.reason,
        "explanation": row.explanation,
    }


def reconciliation(session: Session, batch_id: str) -> dict[str, Any]:
    """The page: every container to the last mL, and what keeps the batch from being closed."""
    batch = get_batch(session, batch_id)
    return {
        "batch": {"id": batch.id, "number": batch.number, "status": batch.status},
        "containers": unit_documents(session, batch_id),
        "labels": ledger_document(label_ledger(session, batch_id)),
        "open": list(closing_refusals(closing_facts(session, batch_id))),
    }
