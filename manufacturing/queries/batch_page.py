"""Everything the batch page shows: chain, lifeline, record, yields, containers, deviations, holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.words import Words
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.steps import StepVerdict
from manufacturing.queries.batch_content import frozen_version
from manufacturing.queries.batches import (
    containers_of,
    deviations_of,
    expiry_clocks,
    get_batch,
    get_container,
    holds_over_batch,
    pauses_of,
)
from manufacturing.queries.bench import next_position, part_view, signatures_of
from manufacturing.queries.calculations import calculation_views
from manufacturing.queries.collections import collections_of_batch, get_collection, get_donor
from manufacturing.queries.deviations import deviation_view
from manufacturing.queries.expected_yields import expected_view
from manufacturing.queries.hold_times import clock_view
from manufacturing.queries.holds import open_holds
from manufacturing.queries.measurements import repeated_in
from manufacturing.queries.parts import parts_in_batch
from manufacturing.queries.plots import yield_plots
from manufacturing.queries.record import Record, read_record
from manufacturing.queries.steps import corrected_steps, process_of
from manufacturing.queries.transcriptions import transcriptions_of
from manufacturing.queries.trial import get_subject
from manufacturing.queries.yields import batch_yields
from manufacturing.tables.batches import BatchRow, ContainerRow, PauseRow, StepValueRow
from manufacturing.tables.collections import CollectionRow


def batch_view(session: Session, batch_id: str, now: datetime) -> dict[str, Any]:
    record = read_record(session, batch_id)
    batch, steps = record.batch, record.steps
    collection = get_collection(session, batch.collection_id)
    people = names(session)
    yields = batch_yields(session, batch_id)
    return {
        "batch": head(session, batch, people),
        "chain": chain(session, batch, collection),
        "expiry": expiry_view(session, batch),
        "lifeline": lifeline(batch, collection),
        "steps": steps_view(session, record, people),
        "parts": [part_view(session, record, one.key) for one in record.process.conditions],
        "next_position": next_position(batch, steps),
        "pooling": record.process.pooling is not None,
        "yields": {
            **yields,
            "plots": yield_plots(yields["rows"], record.process.expected_yields),
            "expected": expected_view(session, batch),
        },
        "containers": [container_view(session, batch, one, people) for one in containers_of(session, batch_id)],
        "deviations": [deviation_view(one, people) for one in deviations_of(session, batch_id)],
        "hold_times": [clock_view(one, now) for one in record.clocks if one.started_at],
        "pauses": [pause_view(one, people) for one in pauses_of(session, batch_id)],
        "holds": [hold.document() for hold in holds_over_batch(session, batch)],
    }


def pause_view(row: PauseRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "paused_at": row.paused_at,
        "sealed": row.sealed,
        "paused_by": people.get(row.paused_by, row.paused_by),
        "reason": row.reason,
        "resumed_at": row.resumed_at,
        "resumed_by": people.get(row.resumed_by or ""),
        "resume_reason": row.resume_reason,
    }


def head(session: Session, batch: BatchRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "id": batch.id,
        "number": batch.number,
        "version": batch.version,
        "status": batch.status,
        "room": batch.room,
        "opened_at": batch.opened_at,
        "opened_by": people.get(batch.opened_by, batch.opened_by),
        "started_at": batch.started_at,
        "formulated_at": batch.formulated_at,
        "completed_at": batch.completed_at,
        "end_reason": batch.end_reason,
        "process": {"id": batch.process_document_id, **frozen_version(session, batch.process_document_id)},
        "specification": {
            "id": batch.specification_document_id,
            **frozen_version(session, batch.specification_document_id),
        },
    }


def chain(session: Session, batch: BatchRow, collection: CollectionRow) -> dict[str, Any]:
    subject = get_subject(session, batch.subject_id)
    return {
        "parts": [{"id": one.id, "code": one.code} for one in parts_in_batch(session, batch.id)],
        "subject": {"id": subject.id, "code": subject.code, "status": subject.status},
        "donor": get_donor(session, batch.donor_id).code,
        "collection": {"id": collection.id, "number": collection.number, "status": collection.status},
        "joined": [
            {"id": one.id, "number": one.number, "status": one.status}
            for one in collections_of_batch(session, batch)[1:]
        ],
    }


def expiry_view(session: Session, batch: BatchRow) -> dict[str, Any] | None:
    """The clock that decides, and every clock that runs."""
    found = expiry_clocks(session, batch, batch.formulated_at)
    if found is None:
        return None
    return {
        "at": found.expires_at,
        "decided_by": found.decided_by,
        "clocks": [{"name": name, "ends_at": ends} for name, ends in found.clocks],
        "final": batch.formulated_at is not None,
    }


def lifeline(batch: BatchRow, collection: CollectionRow) -> list[dict[str, Any]]:
    """From the leukapheresis to production complete; what comes after belongs to the packages above."""
    ended = batch.status == BatchStatus.TERMINATED
    processed = batch.started_at if batch.formulated_at else None
    return [
        stage("collected", collection.ended_at),
        stage("received", collection.received_at),
        stage("processed", processed, running=batch.started_at is not None, ended=ended),
        stage("formulated", batch.formulated_at, ended=ended),
        stage("complete", batch.completed_at, running=batch.formulated_at is not None, ended=ended),
    ]


def stage(name: str, at: datetime | None, *, running: bool = False, ended: bool = False) -> dict[str, Any]:
    """``state``: done, now, stopped or open."""
    state = "done" if at else "stopped" if ended else "now" if running else "open"
    return {"name": name, "at": at, "state": state}


def steps_view(session: Session, record: Record, people: dict[str, str]) -> list[dict[str, Any]]:
    batch, process, values = record.batch, record.process, record.values
    corrected = corrected_steps(session, batch.id)
    papers = transcriptions_of(session, batch.id)
    again = repeated_in(session, [batch.id])[batch.id]
    return [
        {
            "position": row.position,
            "title": dict(process.step(row.position).title),
            "status": row.status,
            "performed_at": row.performed_at,
            "performed_by": people.get(row.performed_by or ""),
            "verified_by": people.get(row.verified_by or ""),
            "verified_at": row.verified_at,
            "late_reason": row.late_reason,
            "corrected": row.id in corrected,
            "paper": papers[row.id].paper if row.id in papers else None,
            "condition": process.step(row.position).condition or None,
            "calculations": calculation_views(record.calculations.get(row.position, ())),
            "again": [
                {**one, "label": field_label(process.step(row.position).field(one["field"]), one["field"])}
                for one in again
                if one["position"] == row.position
            ],
            "flags": [
                {
                    "label": planned.label,
                    "verdict": one.verdict,
                    "value": one.number if one.number is not None else one.text,
                    "unit": one.unit,
                }
                for one in values.get(row.id, ())
                if one.verdict in {StepVerdict.ALERT, StepVerdict.ACTION}
                and (planned := process.step(row.position).field(one.field)) is not None
            ],
            "values": [value_view(process.step(row.position).field(one.field), one) for one in values.get(row.id, ())],
        }
        for row in record.steps
    ]


def field_label(planned: Any, field: str) -> Words:
    return planned.label if planned else Words.same(field)


def value_view(planned: Any, row: StepValueRow) -> dict[str, Any]:
    return {
        "label": field_label(planned, row.field),
        "number": row.number,
        "text": row.text,
        "moment": row.moment,
        "not_applicable": row.not_applicable,
        "unit": row.unit,
        "verdict": row.verdict,
        "shown": row.shown,
    }


def container_page(session: Session, container_id: str) -> dict[str, Any]:
    """One container with its chain, holds and signatures; labels and dispensing are panels of the packages above."""
    row = get_container(session, container_id)
    batch = get_batch(session, row.batch_id)
    holds = [*holds_over_batch(session, batch), *open_holds(session, container=row.id)]
    return {
        "container": container_view(session, batch, row, names(session)),
        "batch": {"id": batch.id, "number": batch.number, "status": batch.status},
        "chain": chain(session, batch, get_collection(session, batch.collection_id)),
        "holds": [hold.document() for hold in holds],
        "signatures": signatures_of(session, row.id),
    }


def container_view(session: Session, batch: BatchRow, row: ContainerRow, people: dict[str, str]) -> dict[str, Any]:
    kind = process_of(session, batch).container_type(row.container_type)
    return {
        "title": kind.title if kind else row.container_type,
        "id": row.id,
        "code": row.code,
        "type": row.container_type,
        "volume_ml": row.volume_ml,
        "viable_nk": row.viable_nk,
        "filled_at": row.filled_at,
        "expires_at": row.expires_at,
        "filled_by": people.get(row.filled_by, row.filled_by),
        "verified_by": people.get(row.verified_by, row.verified_by),
    }
