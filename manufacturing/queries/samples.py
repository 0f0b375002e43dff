"""Samples as rules, signatures and pages need them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import asked_once
from kernel.errors import NotFound
from kernel.quantities import exact, to_decimal
from manufacturing.domain.samples import SampleStatus, earliest_disposal
from manufacturing.queries.collections import collections_of_batch
from manufacturing.queries.trial import paged, trial_of
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.samples import SampleRow
from manufacturing.tables.trial import SubjectRow

SORTS = {"code": SampleRow.code, "status": SampleRow.status, "kind": SampleRow.kind, "drawn": SampleRow.drawn_at}
GONE = (SampleStatus.TESTED, SampleStatus.DISCARDED)


def get_sample(session: Session, sample_id: str) -> SampleRow:
    row = session.get(SampleRow, sample_id)
    if row is None:
        raise NotFound(f"sample {sample_id}")
    return row


def sample_by_code(session: Session, code: str) -> SampleRow | None:
    return session.execute(sa.select(SampleRow).where(SampleRow.code == code)).scalar_one_or_none()


@asked_once
def samples_of_batch(session: Session, batch_id: str) -> list[SampleRow]:
    """Those of the batch, oldest first; what was drawn from its leukapheresis belongs to that."""
    query = sa.select(SampleRow).where(SampleRow.batch_id == batch_id).order_by(SampleRow.code)
    return list(session.execute(query).scalars())


def samples_of_collection(session: Session, collection_id: str) -> list[SampleRow]:
    query = sa.select(SampleRow).where(SampleRow.collection_id == collection_id).order_by(SampleRow.code)
    return list(session.execute(query).scalars())


def samples_behind(session: Session, batch: BatchRow) -> tuple[tuple[str, str], ...]:
    """Code and status of every sample of the batch and of its leukapheresis."""
    material = [one.id for one in collections_of_batch(session, batch)]
    query = sa.select(SampleRow.code, SampleRow.status).where(
        sa.or_(SampleRow.batch_id == batch.id, SampleRow.collection_id.in_(material))
    )
    return tuple((code, status) for code, status in session.execute(query.order_by(SampleRow.code)))


def sampled_ml(samples: list[SampleRow]) -> Decimal:
    return to_decimal(sum((exact(one.volume_ml) for one in samples), Fraction(0)))


def sample_facts(row: SampleRow) -> dict[str, Any]:
    """One sample in what is signed about its batch or collection."""
    return {
        "sample": row.code,
        "version": row.version,
        "kind": row.kind,
        "status": row.status,
        "volume (mL)": row.volume_ml,
        "drawn at": row.drawn_at,
        "result": row.result_reference,
        "end": row.end_reason,
    }


def collection_draw_content(session: Session, collection_id: str) -> dict[str, Any]:
    """What is shown when a sample of a leukapheresis is drawn."""
    row = session.get(CollectionRow, collection_id)
    if row is None:
        raise NotFound(f"collection {collection_id}")
    return {
        "title": row.number,
        "collection": row.number,
        "status": row.status,
        "volume (mL)": row.volume_ml,
        "samples": [sample_facts(one) for one in samples_of_collection(session, collection_id)],
    }


def batch_draw_content(session: Session, batch_id: str) -> dict[str, Any]:
    row = session.get(BatchRow, batch_id)
    if row is None:
        raise NotFound(f"batch {batch_id}")
    return {
        "title": row.number,
        "batch": row.number,
        "status": row.status,
        "samples": [sample_facts(one) for one in samples_of_batch(session, batch_id)],
    }


def sample_content(session: Session, sample_id: str) -> dict[str, Any]:
    """Everything about one sample, as whoever receives or ends it is shown and signs it."""
    row = get_sample(session, sample_id)
    source = source_of(session, row)
    return {
        "title": row.code,
        **sample_facts(row),
        "from": source["text"],
        "cells included": not row.supernatant_only,
        "remark": row.remark,
        "received at": row.received_at,
        "laboratory": row.laboratory,
        "kept in": row.kept_in,
        "kept until": row.kept_until,
    }


def source_of(session: Session, row: SampleRow) -> dict[str, Any]:
    """Where it comes from, as text and as a way there."""
    if row.collection_id:
        found = session.get_one(CollectionRow, row.collection_id)
        return {"text": found.number, "path": f"/collections/{found.id}", "step": None, "batch": None}
    batch = session.get_one(BatchRow, row.batch_id)
    about = {"id": batch.id, "number": batch.number}
    if row.container_id:
        container = session.get_one(ContainerRow, row.container_id)
        return {"text": container.code, "path": f"/containers/{container.id}", "step": None, "batch": about}
    step = session.get_one(StepRow, row.step_id)
    path = f"/batches/{batch.id}/steps/{step.position}"
    return {"text": f"{batch.number} · {step.position} " + step.title, "path": path, "step": step.title, "batch": about}


def sample_line(row: SampleRow, people: dict[str, str]) -> dict[str, Any]:
    """One line of a list."""
    return {
        "id": row.id,
        "code": row.code,
        "kind": row.kind,
        "status": row.status,
        "volume_ml": row.volume_ml,
        "drawn_at": row.drawn_at,
        "drawn_by": people.get(row.drawn_by, row.drawn_by),
        "late_reason": row.late_reason,
        "received_at": row.received_at,
        "result_reference": row.result_reference,
        "kept_in": row.kept_in,
        "kept_until": row.kept_until,
        "end_reason": row.end_reason,
    }


def sample_view(session: Session, sample_id: str) -> dict[str, Any]:
    row = get_sample(session, sample_id)
    people = names(session)
    who = {name: people.get(getattr(row, name) or "") for name in ("received_by", "ended_by", "witnessed_by")}
    more = {name: getattr(row, name) for name in ("remark", "recorded_at", "laboratory", "ended_at")}
    return {
        **sample_line(row, people),
        **who,
        **more,
        "supernatant_only": row.supernatant_only,
        "source": source_of(session, row),
    }


def list_samples(session: Session, args: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """One page of samples; ``code`` matches the number of batch or collection too, since it stands in the code."""
    query = sa.select(SampleRow)
    for name in ("status", "kind"):
        if args.get(name):
            query = query.where(getattr(SampleRow, name) == args[name])
    if wanted := args.get("code", "").strip():
        query = query.where(SampleRow.code.contains(wanted, autoescape=True))
    rows, page = paged(session, query, args, SORTS, "-drawn")
    people = names(session)
    return [sample_line(row, people) for row in rows], page


def trial_ended_on(session: Session, row: SampleRow) -> date | None:
    """The day on which the trial of the subject it was made for ended; None while it goes on."""
    owner = session.get_one(CollectionRow, row.collection_id) if row.collection_id else None
    subject = owner.subject_id if owner else session.get_one(BatchRow, row.batch_id).subject_id
    return trial_of(session, session.get_one(SubjectRow, subject)).ended_on


def retained_samples(session: Session) -> list[dict[str, Any]]:
    """The stock: what is kept, where, and from which day on it may be disposed of; by place."""
    query = sa.select(SampleRow).where(SampleRow.status == SampleStatus.RETAINED)
    people = names(session)
    found = []
    for row in session.execute(query.order_by(SampleRow.kept_in, SampleRow.code)).scalars():
        day = earliest_disposal(row.kept_until, trial_ended_on(session, row))
        found.append({**sample_line(row, people), "source": source_of(session, row), "earliest_disposal": day})
    return found


def waiting_samples() -> sa.Select[tuple[SampleRow]]:
    """Asks for what was drawn and is not yet with anybody."""
    return sa.select(SampleRow).where(SampleRow.status == SampleStatus.DRAWN)
