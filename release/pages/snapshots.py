"""Frozen figures as pages, JSON, CSV and PDF; what moved between two of them, or since (TR-PROV)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.exports import csv_bytes
from kernel.web.registry import FINDERS, download, view
from kernel.web.site import Viewer
from manufacturing.queries.bench import signatures_of
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.figure_words import BATCHES, CRITERIA, LISTS, STAGES, SUPPLIED
from release.domain.snapshots import difference
from release.drawing.paper import draw_paper
from release.pages.printed import PDF, asked_speech, file_name, printed_by
from release.queries.snapshot_paper import snapshot_paper
from release.queries.snapshots import (
    as_frozen,
    figures_document,
    find_snapshot,
    frozen,
    intact,
    list_snapshots,
    numbers_of,
    readable,
    snapshot_of,
)
from release.queries.testing import get_record
from release.queries.trial_figures import shown_trial
from release.tables.snapshots import SnapshotRow

SNAPSHOTS = "/trial/snapshots"
ONE = f"{SNAPSHOTS}/<snapshot_id>"
NAMES = {**STAGES, **LISTS, "supplied": SUPPLIED, **CRITERIA}
HEADER = [
    "snapshot",
    "data_cut_off",
    "what",
    "key",
    "numerator",
    "denominator",
    "rule",
    "met",
    "exact_95_low",
    "exact_95_high",
    "subjects",
]


@view(
    "trial.snapshots",
    SNAPSHOTS,
    permission="trial:figures",
    template="release/snapshots.html",
    summary="Figures of the trial that were frozen and signed, the newest first.",
)
def show_snapshots(session: Session, viewer: Viewer) -> dict[str, Any]:
    trial = shown_trial(session, viewer.args.get("trial"))
    rows, page = list_snapshots(session, trial.id, viewer.args)
    people = names(session)
    return {
        "trial": {"id": trial.id, "code": trial.code},
        "snapshots": [line_of(one, people) for one in rows],
        "page": page,
    }


@view(
    "trial.snapshot",
    ONE,
    permission="trial:figures",
    template="release/snapshot.html",
    summary="Frozen figures with their codes, settings, definitions, line of the trail and signature.",
)
def show_snapshot(session: Session, _viewer: Viewer, snapshot_id: str) -> dict[str, Any]:
    row = get_record(session, SnapshotRow, snapshot_id)
    return {
        "snapshot": {**line_of(row, names(session)), "intact": intact(row)},
        "figures": readable(frozen(row)),
        "names": NAMES,
        "lists": LISTS,
        "criteria": list(CRITERIA),
        "ids": subject_ids(session, row.trial_id),
        "signatures": signatures_of(session, snapshot_id),
        "others": others(session, row),
    }


@view(
    "trial.differences",
    f"{ONE}/differences",
    permission="trial:figures",
    template="release/snapshot_differences.html",
    summary="What moved since frozen figures, or up to later ones (?with= their id): subjects, numbers, reasons.",
)
def show_differences(session: Session, viewer: Viewer, snapshot_id: str) -> dict[str, Any]:
    row = get_record(session, SnapshotRow, snapshot_id)
    other = snapshot_of(session, row.trial_id, viewer.args["with"]) if viewer.args.get("with") else None
    earlier, later = (other, row) if other is not None and other.number < row.number else (row, other)
    if later is None:
        now = figures_document(session, get_record(session, TrialRow, row.trial_id), viewer.at)
        new, told = as_frozen(now), {"id": None, "code": None, "at": viewer.at}
    else:
        new, told = frozen(later), brief(later)
    found = difference(frozen(earlier), new)
    return {
        "earlier": brief(earlier),
        "later": told,
        "changed": found.changed,
        "difference": asdict(found),
        "names": NAMES,
        "batches": BATCHES,
        "ids": subject_ids(session, row.trial_id),
        "others": others(session, earlier),
    }


@download(
    "trial.snapshot_pdf",
    f"{ONE}/report.pdf",
    permission="trial:figures",
    summary="Frozen figures on paper for the monitor, with the signature; ?language=nl or en.",
)
def report(session: Session, viewer: Viewer, snapshot_id: str) -> tuple[Callable[[], bytes], str, str]:
    speech = asked_speech(viewer)
    printed = snapshot_paper(session, snapshot_id, speech, **printed_by(viewer))
    return partial(draw_paper, printed), PDF, file_name("figures", printed.code, speech.language)


@download(
    "trial.snapshot_csv",
    f"{ONE}/figures.csv",
    permission="trial:figures",
    summary="Frozen figures as CSV: a line for each list of subjects and each criterion.",
)
def figures_csv(session: Session, _viewer: Viewer, snapshot_id: str) -> tuple[bytes, str, str]:
    row = get_record(session, SnapshotRow, snapshot_id)
    return csv_bytes(HEADER, csv_rows(row.code, frozen(row))), "text/csv", f"{row.code}.csv"


@download(
    "trial.snapshot_json",
    f"{ONE}/document.json",
    permission="trial:figures",
    summary="Frozen figures, byte for byte what their SHA-256 was taken of.",
)
def stored_document(session: Session, _viewer: Viewer, snapshot_id: str) -> tuple[bytes, str, str]:
    row = get_record(session, SnapshotRow, snapshot_id)
    return row.document.encode(), "application/json", f"{row.code}.json"


def csv_rows(code: str, document: Mapping[str, Any]) -> list[list[Any]]:
    start = [code, document["data_cut_off"]]
    lists = {one["key"]: one["subjects"] for one in document["stages"]}
    lists |= {key: document["safety"][key] for key in LISTS} | {"supplied": document["supplied"]}
    rows = [[*start, "subjects", key, len(codes), "", "", "", "", "", " ".join(codes)] for key, codes in lists.items()]
    for key in CRITERIA:
        one = document[key]
        exact = one["exact_95"]
        words = [one["numerator"], one["denominator"], one["rule"], one["met"], exact["low"], exact["high"], ""]
        rows.append([*start, "criterion", key, *words])
    return rows


def line_of(row: SnapshotRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "occasion": row.occasion,
        "at": row.frozen_at,
        "by": people.get(row.frozen_by, row.frozen_by),
        "sha256": row.document_sha256,
        "head": {"seq": row.head_seq, "hash": row.head_hash},
    }


def brief(row: SnapshotRow) -> dict[str, Any]:
    return {"id": row.id, "code": row.code, "at": row.frozen_at}


def others(session: Session, row: SnapshotRow) -> list[dict[str, str]]:
    return [{"id": one, "code": code} for one, code in numbers_of(session, row.trial_id) if one != row.id]


def subject_ids(session: Session, trial_id: str) -> dict[str, str]:
    query = sa.select(SubjectRow.code, SubjectRow.id).where(SubjectRow.trial_id == trial_id)
    return {one.code: one.id for one in session.execute(query)}


def find_frozen(session: Session, code: str) -> str | None:
    row = find_snapshot(session, code.strip())
    return f"{SNAPSHOTS}/{row.id}" if row else None


FINDERS.append(find_frozen)
