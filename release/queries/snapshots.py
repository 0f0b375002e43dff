"""Frozen figures: what is shown before the signature, what is stored, and how it is read again (TR-PROV)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.canonical import canonical, digest
from kernel.documents.queries import get_document, get_effective
from kernel.errors import NotFound
from kernel.tables import TrailHeadRow
from manufacturing.domain.protocol import PROTOCOL
from manufacturing.queries.trial import paged
from manufacturing.tables.trial import TrialRow
from release.domain.figure_words import CRITERIA, DEFINITIONS, DEFINITIONS_VERSION, LISTS, STAGES
from release.queries.testing import get_record
from release.queries.trial_figures import trial_figures
from release.tables.snapshots import SnapshotRow

FIGURES = ("target", "stages", *CRITERIA, "fell", "partial", "supplied", "safety", "drops", "batches", "other_readings")
READ_OTHERWISE = ("inclusion", "infusion")
AFTER_EVERYTHING = datetime.max.replace(tzinfo=UTC)
SORTS = {"number": SnapshotRow.number}


def figures_document(session: Session, trial: TrialRow, now: datetime) -> dict[str, Any]:
    """Every figure with its codes, the settings and definitions it follows, and the line of the trail it rests on."""
    figures = trial_figures(session, trial, now)
    chosen = trial.protocol_document_id
    protocol = get_effective(session, PROTOCOL) if chosen is None else get_document(session, chosen)
    head = session.execute(sa.select(TrailHeadRow.seq, TrailHeadRow.hash)).one()
    return {
        "trial": {name: figures["trial"][name] for name in ("code", "title", "status", "ended_on")},
        "data_cut_off": now,
        "protocol": {"code": protocol.code, "version": protocol.number, "sha256": protocol.sha256},
        "definitions": {"version": DEFINITIONS_VERSION, "texts": DEFINITIONS},
        "trail": {"seq": head.seq, "hash": head.hash},
        **{name: figures[name] for name in FIGURES},
    }


def freeze_content(session: Session, trial_id: str) -> dict[str, Any]:
    """What the signer looks at: lists and verdicts. Counts that change with the hour alone are in the document only."""
    trial = get_record(session, TrialRow, trial_id)
    found = trial_figures(session, trial, AFTER_EVERYTHING)
    settings = found["protocol"]
    return {
        "title": snapshot_code(trial.code, next_number(session, trial_id)),
        "protocol": f"{settings['code']} v{settings['version']}",
        "criteria": {name: criterion_text(found[key]) for key, name in CRITERIA.items()},
        "subjects": {STAGES[one["key"]]: counted(one["subjects"]) for one in found["stages"]},
        "safety": {name: counted(found["safety"][key]) for key, name in LISTS.items()},
        "went no further": [f"{one['subject']}: {one['reason'] or '–'}" for one in found["drops"] if one["concluded"]],
    }


def counted(codes: list[str]) -> str:
    return f"{len(codes)}: {', '.join(codes)}" if codes else "0"


def criterion_text(one: Mapping[str, Any]) -> str:
    sign = "✓" if one["met"] else "✗"
    return f"{one['numerator']}/{one['denominator']} · {one['rule']} {sign}"


def next_number(session: Session, trial_id: str) -> int:
    newest = sa.select(sa.func.max(SnapshotRow.number)).where(SnapshotRow.trial_id == trial_id)
    return (session.execute(newest).scalar() or 0) + 1


def snapshot_code(trial: str, number: int) -> str:
    return f"{trial}-F{number:03}"


def snapshot_of(session: Session, trial_id: str, snapshot_id: str) -> SnapshotRow:
    """One of the same trial: figures of two trials are not compared."""
    row = get_record(session, SnapshotRow, snapshot_id)
    if row.trial_id != trial_id:
        raise NotFound(f"snapshot {snapshot_id}")
    return row


def list_snapshots(session: Session, trial_id: str, args: dict[str, str]) -> tuple[list[SnapshotRow], dict[str, int]]:
    """The newest first."""
    query = sa.select(SnapshotRow).where(SnapshotRow.trial_id == trial_id)
    return paged(session, query, args, SORTS, "-number")


def numbers_of(session: Session, trial_id: str) -> list[tuple[str, str]]:
    """Id and code of every snapshot of a trial, the newest first."""
    query = sa.select(SnapshotRow.id, SnapshotRow.code).where(SnapshotRow.trial_id == trial_id)
    return [(one.id, one.code) for one in session.execute(query.order_by(SnapshotRow.number.desc()))]


def find_snapshot(session: Session, code: str) -> SnapshotRow | None:
    return session.execute(sa.select(SnapshotRow).where(SnapshotRow.code == code)).scalar_one_or_none()


def frozen(row: SnapshotRow) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(row.document)
    return document


def intact(row: SnapshotRow) -> bool:
    return digest(frozen(row)) == row.document_sha256


def as_frozen(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document of now as it would be read back, so that both sides of a comparison are spelled alike."""
    found: dict[str, Any] = json.loads(canonical(document))
    return found


def readable(document: Mapping[str, Any]) -> dict[str, Any]:
    """As the trial's pages draw it: instants and limits of intervals as such, not as text."""
    return {
        **document,
        "data_cut_off": datetime.fromisoformat(document["data_cut_off"]),
        **{key: with_numbers(document[key]) for key in CRITERIA},
        "other_readings": {
            **document["other_readings"],
            **{key: [with_interval(one) for one in document["other_readings"][key]] for key in READ_OTHERWISE},
        },
    }


def with_numbers(one: Mapping[str, Any]) -> dict[str, Any]:
    found = with_interval(with_interval(one), "wilson_95")
    return {**found, "lower_one_sided_95": Decimal(one["lower_one_sided_95"])}


def with_interval(one: Mapping[str, Any], name: str = "exact_95") -> dict[str, Any]:
    return {**one, name: {end: Decimal(one[name][end]) for end in ("low", "high")}}
