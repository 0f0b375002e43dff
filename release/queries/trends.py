"""Yields of the final product across batches, beside the limits each batch was judged by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.clock import PEOPLE
from kernel.documents.queries import find_effective, get_document
from kernel.documents.tables import DocumentRow
from kernel.plots import Mark, plot
from kernel.quantities import to_decimal
from kernel.refusals import N_
from kernel.web.i18n import Speech
from kernel.words import Words
from manufacturing.domain.plan import FINAL, Process
from manufacturing.domain.process import PROCESS
from manufacturing.domain.yields import dose_per_kg
from manufacturing.queries.measurements import repeated_in
from manufacturing.queries.steps import StepValue, process_version, step_value_of
from manufacturing.queries.trial import latest_weights
from manufacturing.queries.yields import decimal_or_none, table_of
from manufacturing.tables.batches import BatchRow, StepRow, StepValueRow
from release.domain.criteria import Specification
from release.domain.specification_documents import SPECIFICATION
from release.queries.testing import parsed_specification, specification_of

MOST = 60
FIGURES = {
    "viability_percent": (N_("Viability"), "%", "viability"),
    "purity_percent": (N_("Purity CD56+CD3−"), "%", "purity"),
    "total_recovery_percent": (N_("Total NK recovery"), "%", ""),
    "total_log_depletion": (N_("T-cell depletion"), "log10", ""),
    "nk_per_kg": (N_("NK cells per kg, formulated"), "/kg", "nk_dose"),
    "cd3_per_kg": (N_("CD3+ cells per kg, formulated"), "/kg", "cd3_dose"),
}


def formulated_batches(session: Session, filters: Mapping[str, str]) -> list[BatchRow]:
    """The newest ``MOST`` batches with a formulated product; ``process``: id of the version; ``since``, ``until``: days."""
    query = sa.select(BatchRow).where(BatchRow.formulated_at.is_not(None))
    if filters.get("process"):
        query = query.where(BatchRow.process_document_id == filters["process"])
    if since := day_of(filters.get("since", "")):
        query = query.where(BatchRow.formulated_at >= start_of(since))
    if until := day_of(filters.get("until", "")):
        query = query.where(BatchRow.formulated_at < start_of(until + timedelta(days=1)))
    newest = query.order_by(BatchRow.formulated_at.desc(), BatchRow.id.desc()).limit(MOST)
    return list(reversed(session.execute(newest).scalars().all()))


def day_of(text: str) -> date | None:
    """What is no day filters nothing."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), PEOPLE).astimezone(UTC)


def values_of_batches(session: Session, batches: Sequence[BatchRow]) -> dict[str, dict[str, StepValue]]:
    """What was recorded by measure, for each batch, in one query."""
    plans = {one.id: process_version(session, one.process_document_id) for one in batches}
    query = (
        sa.select(StepRow, StepValueRow)
        .join(StepValueRow, StepValueRow.step_id == StepRow.id)
        .where(StepRow.batch_id.in_(list(plans)))
        .order_by(StepValueRow.id)
    )
    found: dict[str, dict[str, StepValue]] = {one.id: {} for one in batches}
    for step, row in session.execute(query):
        planned = plans[step.batch_id].step(step.position).field(row.field)
        if planned is not None and planned.measure:
            found[step.batch_id][planned.measure] = step_value_of(step, row, planned)
    return found


def trend_rows(session: Session, filters: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row per batch, the oldest first: final figures, doses of the newest weight, limits of its specification."""
    batches = formulated_batches(session, filters)
    values = values_of_batches(session, batches)
    weights = latest_weights(session, {one.subject_id for one in batches})
    repeated = repeated_in(session, [one.id for one in batches])
    rows = []
    for batch in batches:
        table = table_of(session, batch, values[batch.id])
        if not table.rows or table.rows[-1].name != FINAL:
            continue
        last, weight = table.rows[-1], weights.get(batch.subject_id)
        document = get_document(session, batch.process_document_id)
        rows.append(
            {
                "id": batch.id,
                "batch": batch.number,
                "formulated_at": batch.formulated_at,
                "process": f"{document.code} v{document.number}",
                "viability_percent": values[batch.id][f"{FINAL}.viability"].number,
                "purity_percent": to_decimal(last.purity_percent),
                "total_recovery_percent": decimal_or_none(last.total_recovery_percent),
                "total_log_depletion": last.total_log_depletion,
                "nk_per_kg": to_decimal(dose_per_kg(last.viable_nk, weight.kg)) if weight else None,
                "cd3_per_kg": to_decimal(dose_per_kg(last.viable_cd3, weight.kg)) if weight else None,
                "limits": limits_of(session, batch),
                "again": [
                    named(process_version(session, batch.process_document_id), one) for one in repeated[batch.id]
                ],
            }
        )
    return rows


def named(process: Process, again: Mapping[str, Any]) -> dict[str, Any]:
    """A field that was measured again, with its words and its measure (``final.wbc``)."""
    planned = process.step(again["position"]).field(again["field"])
    words = planned.label if planned else Words.same(again["field"])
    return {**again, "label": words, "measure": planned.measure if planned else ""}


def counts_in(figure: str, measure: str) -> bool:
    """Whether a figure of the final product is computed of the measure; totals are of every stage."""
    if figure.startswith("total_"):
        return bool(measure)
    wanted = f"{FINAL}.viability" if figure == "viability_percent" else f"{FINAL}."
    return measure.startswith(wanted)


def again_words(row: Mapping[str, Any], figure: str, speech: Speech) -> str:
    """Which value is used, and why, of what a point rests on and was measured again."""
    found = [one for one in row["again"] if counts_in(figure, one["measure"])]
    said = (
        speech.say(
            N_("measured again: %(field)s, %(used)s of %(of)s used: %(because)s"),
            field=speech.word(one["label"]),
            used=one["used"],
            of=one["of"],
            because=one["because"],
        )
        for one in found
    )
    return "; ".join(said)


Ends = dict[str, Decimal | None]


def limits_of(session: Session, batch: BatchRow) -> dict[str, Ends]:
    """Low and high of the version frozen into the batch, and of the process where the specification has none."""
    return limits_in(specification_of(session, batch), process_version(session, batch.process_document_id))


def limits_in_force(session: Session) -> dict[str, Ends]:
    """What a batch opened today would be drawn beside."""
    specification, process = find_effective(session, SPECIFICATION), find_effective(session, PROCESS)
    return limits_in(
        parsed_specification(specification.body) if specification else None,
        process_version(session, process.id) if process else None,
    )


def limits_in(specification: Specification | None, process: Process | None) -> dict[str, Ends]:
    found: dict[str, Ends] = {}
    for figure, (_name, _unit, key) in FIGURES.items():
        criterion = specification.criterion(key) if specification and key else None
        if criterion is not None:
            low = criterion.limit if criterion.has_lower else None
            found[figure] = {"low": low, "high": criterion.upper_limit if criterion.has_upper else None}
    for one in process.expected_yields if process else ():
        if one.stage == FINAL and one.figure in FIGURES and one.figure not in found:
            found[one.figure] = {"low": one.limits.low, "high": one.limits.high}
    return found


def chart(
    figure: str,
    rows: Sequence[Mapping[str, Any]],
    in_force: Mapping[str, Ends] | None = None,
    speech: Speech | None = None,
) -> dict[str, Any]:
    """One figure over the batches, each beside the limits it was judged by; the band is what is in force now."""
    name, unit, _ = FIGURES[figure]
    marks = []
    for row in rows:
        limits = row["limits"].get(figure) or {}
        ends, note = (limits.get("low"), limits.get("high")), again_words(row, figure, speech) if speech else ""
        marks.append(Mark(row["batch"], row[figure], *ends, f"/batches/{row['id']}", note))
    band = (in_force or {}).get(figure) or {}
    return plot(figure, name, unit, [("", marks)], (band.get("low"), band.get("high")))


def process_versions(session: Session) -> list[dict[str, str]]:
    """Versions that a batch was made by, for the filter."""
    used = sa.select(BatchRow.process_document_id)
    query = sa.select(DocumentRow).where(DocumentRow.id.in_(used)).order_by(DocumentRow.code, DocumentRow.number)
    return [{"id": one.id, "name": f"{one.code} v{one.number}"} for one in session.execute(query).scalars()]
