"""What became of the containers of a batch, read for the page, for the destruction and for the closing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from kernel.quantities import exact, to_decimal
from manufacturing.domain.deviations import DeviationStatus
from manufacturing.domain.holds import HoldCause
from manufacturing.domain.samples import unaccounted
from manufacturing.queries.batches import deviations_of, get_batch
from manufacturing.queries.holds import OpenHold
from manufacturing.queries.samples import samples_behind, samples_of_batch
from manufacturing.tables.batches import BatchRow, ContainerRow
from release.domain.decisions import Disposition
from release.domain.oos import OosStatus
from release.domain.recalls import RecallStatus, hold_reason
from release.domain.reconciling import ClosingFacts, Unit, closing_refusals
from release.domain.scan_facts import HoldFacts
from release.queries.oos import oos_of_batch
from release.queries.records import dispositions_of, holds_of
from release.queries.testing import containers_of
from release.queries.voided import void_refusals
from release.tables.destructions import DestructionRow
from release.tables.dispensing import AdministrationRow, DispensingRow
from release.tables.recalls import RecallRow


def destructions_of(session: Session, batch_id: str) -> dict[str, DestructionRow]:
    """By container."""
    query = sa.select(DestructionRow).where(DestructionRow.batch_id == batch_id)
    return {row.container_id: row for row in session.execute(query).scalars()}


def destruction_of(session: Session, container_id: str) -> DestructionRow | None:
    query = sa.select(DestructionRow).where(DestructionRow.container_id == container_id)
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def get_container(session: Session, container_id: str) -> ContainerRow:
    row = session.get(ContainerRow, container_id)
    if row is None:
        raise NotFound(f"container {container_id}")
    return row


def ways_out(session: Session, batch_id: str) -> dict[str, tuple[DispensingRow, AdministrationRow | None]]:
    """The dispensing of each container that left the pharmacy, with what was recorded of the infusion."""
    query = (
        sa.select(DispensingRow, AdministrationRow)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .outerjoin(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .where(ContainerRow.batch_id == batch_id, DispensingRow.cancelled_at.is_(None))
    )
    return {
        out.container_id: (out, given)
        for out, given in session.execute(query.execution_options(populate_existing=True))
    }


def units_of(session: Session, batch_id: str) -> dict[str, Unit]:
    """Every container of the batch by id, with all that is on record about its content."""
    ways, destroyed = ways_out(session, batch_id), destructions_of(session, batch_id)
    states = {one.container_id: Disposition(one.status) for one in dispositions_of(session, batch_id)}
    drawn = [one for one in samples_of_batch(session, batch_id) if one.container_id]
    found = {}
    for container in containers_of(session, batch_id):
        out, given = ways.get(container.id, (None, None))
        gone = destroyed.get(container.id)
        found[container.id] = Unit(
            code=container.code,
            filled=container.volume_ml,
            sampled=summed([one.volume_ml for one in drawn if one.container_id == container.id]),
            given=(given.volume_given_ml if given else None) or Decimal(0),
            destroyed=gone.volume_ml if gone else Decimal(0),
            lost=gone.lost_ml if gone else Decimal(0),
            left_pharmacy=out is not None,
            out=out is not None and given is None,
            disposition=states.get(container.id),
        )
    return found


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
    )


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
    return {"title": batch.number, "version": batch.version, "containers": unit_documents(session, batch_id)}


def destroying_content(session: Session, container_id: str) -> dict[str, Any]:
    container = get_container(session, container_id)
    (document,) = [one for one in unit_documents(session, container.batch_id) if one["id"] == container_id]
    return {"title": container.code, "version": container.version, **document}


def unit_documents(session: Session, batch_id: str) -> list[dict[str, Any]]:
    people, destroyed = names(session), destructions_of(session, batch_id)
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
        "open": list(closing_refusals(closing_facts(session, batch_id))),
    }
