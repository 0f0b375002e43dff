"""A batch beside the version of the specification that is in force now; its own frozen version goes on judging it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.queries import find_effective
from kernel.documents.tables import DocumentRow
from manufacturing.tables.batches import BatchRow
from release.domain.criteria import Criterion, Specification
from release.domain.results import Outcome, Verdict
from release.domain.specification_documents import SPECIFICATION
from release.domain.todays import TOO_EARLY, Answer, Judged, answer, not_comparable, read_too_early
from release.queries.judging import (
    JudgedTest,
    batch_verdicts,
    circumstances,
    limit_of,
    measurement_for,
    value_text,
    worst_verdict,
)
from release.queries.testing import containers_of, get_record, parsed_specification, specification_of


def todays_view(session: Session, batch_id: str) -> dict[str, Any]:
    """Each criterion of either version with its verdict under both. Reads only: nothing is changed by looking."""
    batch = get_record(session, BatchRow, batch_id)
    effective = find_effective(session, SPECIFICATION)
    frozen = {one.criterion.key: one for one in batch_verdicts(session, batch_id)}
    if effective is None:
        return {"in_force": None, "same": False, "answer": None, "rows": []}
    today = parsed_specification(effective.body)
    rows, judged = [], []
    for criterion in today.criteria:
        row, found = todays_row(session, batch, today, criterion, frozen.get(criterion.key))
        rows.append(row)
        judged.append(found)
    gone = [one for key, one in frozen.items() if today.criterion(key) is None]
    return {
        "in_force": name_of(effective),
        "same": effective.id == batch.specification_document_id,
        "answer": Answer.OPEN if not judged else answer(judged),
        "rows": [*rows, *(row_of(one.criterion, one, None, "") for one in gone)],
        "settings": changed_settings(specification_of(session, batch), today),
    }


def todays_row(
    session: Session, batch: BatchRow, today: Specification, criterion: Criterion, known: JudgedTest | None
) -> tuple[dict[str, Any], Judged]:
    why = not_comparable(known.criterion if known else None, criterion)
    result = known.result if known else None
    early = result is not None and read_too_early(criterion, result.text, result.day, today.final_days_of(criterion))
    if early:
        why = TOO_EARLY
    if why:
        return row_of(criterion, known, None, why), Judged(criterion, None)
    verdict = verdict_today(session, batch, today, criterion, known)
    return row_of(criterion, known, verdict, ""), Judged(criterion, verdict.outcome)


def verdict_today(
    session: Session, batch: BatchRow, today: Specification, criterion: Criterion, known: JudgedTest | None
) -> Verdict:
    """The same measured value, weight and containers, held against this criterion."""
    containers = containers_of(session, batch.id)
    settings = [circumstances(session, one, containers) for one in containers]
    measurement = measurement_for(
        session, batch, today, criterion, known.test if known else None, known.result if known else None
    )
    verdict, _ = worst_verdict(criterion, measurement, settings)
    return verdict


def row_of(criterion: Criterion, known: JudgedTest | None, verdict: Verdict | None, why: str) -> dict[str, Any]:
    """``then``: under the frozen version; ``now``: under the one in force. None: it has no such criterion."""
    asked = verdict is not None or bool(why)
    shown = value_text(criterion, verdict, known.result if known else None) if verdict else ""
    outcome = verdict.outcome if verdict else Outcome.UNDECIDABLE
    missing = known is not None and known.result is None and outcome is Outcome.UNDECIDABLE
    return {
        "key": criterion.key,
        "name": criterion.name,
        "then": {"limit": known.limit, "value": known.value, "outcome": known.verdict.outcome.value, "why": ""}
        if known
        else None,
        "now": {
            "limit": limit_of(criterion),
            "value": shown,
            "outcome": Outcome.PENDING.value if missing and not why else outcome.value,
            "why": why or (verdict.reason if verdict and verdict.outcome is Outcome.UNDECIDABLE else ""),
        }
        if asked
        else None,
        "mandatory": criterion.mandatory,
    }


def name_of(row: DocumentRow) -> dict[str, Any]:
    return {"id": row.id, "version": f"{row.code} v{row.number}", "title": row.title, "sha256": row.sha256}


def changed_settings(frozen: Specification, today: Specification) -> list[dict[str, Any]]:
    names = (
        *("hours_after_formulation", "hours_after_apheresis", "transport_infusion_margin_minutes"),
        *("weight_tolerance_percent", "weight_max_age_days", "formulation_difference_percent", "sterility_final_days"),
    )
    pairs = [(name, getattr(frozen, name), getattr(today, name)) for name in names]
    return [{"name": name, "then": then, "now": now} for name, then, now in pairs if then != now]
