"""Every value of a batch that is computed from what was recorded, as it stands now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import significant
from kernel.words import phrase
from manufacturing.domain.effects import Derived
from manufacturing.domain.numbering import field_numbers
from manufacturing.ports import judged_criteria
from manufacturing.queries.batches import containers_of
from manufacturing.queries.record import Record
from manufacturing.queries.yields import batch_yields

FIGURES = (
    ("tnc", "nucleated cells", "cells"),
    ("viable_nk", "viable NK cells", "cells"),
    ("purity_percent", "purity", "%"),
    ("viability_percent", "viability", "%"),
    ("step_recovery_percent", "recovery of the step", "%"),
    ("total_recovery_percent", "recovery in total", "%"),
    ("step_log_depletion", "T-cell depletion of the step", "log10"),
    ("total_log_depletion", "T-cell depletion in total", "log10"),
    ("nk_per_kg", "NK cells per kg", "cells/kg"),
    ("cd3_per_kg", "T cells per kg", "cells/kg"),
)
DIGITS = 6


def derived_values(session: Session, record: Record, now: datetime) -> tuple[Derived, ...]:
    """Yields, doses per kg, expiry, contents of containers, in-process verdicts, hold times, verdicts of criteria."""
    return (
        *in_process(record),
        *yields(session, record),
        *clocks(record, now),
        *of_containers(session, record),
        *(Derived("verdict", name, "", outcome) for name, outcome in judged_criteria(session, record.batch.id)),
    )


def in_process(record: Record) -> Iterator[Derived]:
    for step in record.steps:
        plan, values = record.plan(step), record.values_of(step)
        numbers = field_numbers(step.position, plan)
        for field in plan.fields:
            if (field.alert.given or field.action.given or field.expected) and field.key in values:
                of = f"{numbers[field.key]} " + field.label
                yield Derived("in-process verdict", of, "", values[field.key].verdict)

    for position, computed in sorted(record.calculations.items()):
        for one in computed:
            yield Derived("in-process verdict", phrase(str(position), one.label), "", one.verdict.value)


def yields(session: Session, record: Record) -> Iterator[Derived]:
    found = batch_yields(session, record.batch.id)
    for row in found["rows"]:
        for key, figure, unit in FIGURES:
            if row[key] is not None:
                yield Derived(figure, row["title"], unit, shown(row[key]))
    for finding in found["findings"]:
        yield Derived(finding["code"], finding["facts"]["step"], "", finding["facts"]["value"])


def clocks(record: Record, now: datetime) -> Iterator[Derived]:
    yield Derived("formulated at", record.batch.number, "", record.batch.formulated_at)
    yield Derived("expires at", record.batch.number, "", record.batch.expires_at)
    for one in record.clocks:
        if one.ended_at is not None:
            yield Derived("hold time", one.hold.title, "", "exceeded" if one.state(now) == "exceeded" else "kept")


def of_containers(session: Session, record: Record) -> Iterator[Derived]:
    for one in containers_of(session, record.batch.id):
        yield Derived("viable NK cells", one.code, "cells", shown(one.viable_nk))
        yield Derived("expires at", one.code, "", one.expires_at)


def shown(value: Any) -> str:
    return significant(value, DIGITS) if isinstance(value, Decimal) else str(value)
