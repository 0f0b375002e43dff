"""The screening log of the trial for other systems: CSV with codes, and its data dictionary (TR-LOG)."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.exports import csv_bytes
from kernel.web.registry import download
from kernel.web.site import Viewer
from manufacturing.domain.expiry import local_day
from manufacturing.tables.trial import SubjectRow
from release.domain.histories import PatientHistory
from release.domain.patient_figures import last_stage
from release.domain.screening import DICTIONARY_HEADER, FIELDS, dictionary_rows
from release.queries.metrics import patient_histories
from release.queries.trial_figures import shown_trial


@download(
    "trial.screening_log",
    "/trial/screening-log.csv",
    permission="trial:figures",
    summary="Every transplanted subject by code, with what became of them, as CSV for REDCap, Castor and others.",
)
def screening_log(session: Session, viewer: Viewer) -> tuple[bytes, str, str]:
    trial = shown_trial(session, viewer.args.get("trial"))
    histories = {one.code: one for one in patient_histories(session, trial, viewer.at)}
    subjects = sa.select(SubjectRow).where(SubjectRow.trial_id == trial.id).order_by(SubjectRow.code)
    rows = [log_row(one, histories[one.code]) for one in session.execute(subjects).scalars()]
    return importable([one.name for one in FIELDS], rows), "text/csv", f"screening-log-{trial.code}.csv"


@download(
    "trial.screening_dictionary",
    "/trial/screening-dictionary.csv",
    permission="trial:figures",
    summary="The data dictionary of the screening log, in the columns of REDCap.",
)
def screening_dictionary(_session: Session, _viewer: Viewer) -> tuple[bytes, str, str]:
    return importable(DICTIONARY_HEADER, dictionary_rows()), "text/csv", "screening-dictionary.csv"


def importable(header: list[str], rows: Iterable[Iterable[Any]]) -> bytes:
    """Without the byte-order mark, which an importer would read as part of the first name."""
    return csv_bytes(header, rows).removeprefix(codecs.BOM_UTF8)


def log_row(row: SubjectRow, history: PatientHistory) -> list[Any]:
    """In the order of the dictionary; yes is 1 and no is 0."""
    found = {
        "record_id": row.code,
        "diagnosis": row.diagnosis,
        "donor_type": row.donor_type,
        "age_years": row.age_years,
        "age_months": row.age_months,
        "eighteenth_birthday": int(row.eighteenth_birthday),
        "accepted": int(history.eligible),
        "transplanted_on": row.transplanted_on,
        "consented_on": row.consented_on,
        "included_on": day_of(row.included_at),
        "status": row.status,
        "reached": last_stage(history),
        "out_of_specification": int(history.supplied),
        "concluded_on": day_of(row.concluded_at),
        "drop_reason": row.drop_reason,
    }
    return [found[one.name] for one in FIELDS]


def day_of(at: datetime | None) -> Any:
    return local_day(at) if at else None
