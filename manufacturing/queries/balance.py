"""The material balance of a batch from its records: volumes of the stages, samples, what was added and thrown away."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import exact, significant, to_decimal
from kernel.refusals import Refusal
from manufacturing.domain.balance import BalanceLine, StageVolumes, balance_line, balance_refusals, unexplained
from manufacturing.domain.plan import Process
from manufacturing.queries.record import read_record
from manufacturing.queries.samples import samples_of_batch
from manufacturing.queries.steps import StepValue, batch_steps, made_stages, process_of, step_values
from manufacturing.tables.batches import BatchRow

NOTHING = Decimal(0)


def balance_lines(session: Session, batch: BatchRow) -> list[BalanceLine]:
    """One line for each stage after the first whose volume and the one before are recorded."""
    process = process_of(session, batch)
    values = step_values(session, batch.id)
    drawn = drawn_by_step(session, batch.id)
    deviations = {one.position: one.deviations for one in read_record(session, batch.id).states()}
    found = []
    stages = made_stages(process, batch_steps(session, batch.id))
    for (before, _), (stage, _) in pairwise(stages):
        volumes = stage_volumes(process, values, drawn, before, stage)
        if volumes is not None:
            raised = deviations.get(process.position_of(f"{stage}.volume_ml") or 0, ())
            found.append(balance_line(StageVolumes(stage, *volumes, raised), process.balance_tolerance_percent))
    return found


def drawn_by_step(session: Session, batch_id: str) -> dict[int, Fraction]:
    """mL of samples on record, by the position of the step they were drawn in."""
    samples = samples_of_batch(session, batch_id)
    positions = {row.id: row.position for row in batch_steps(session, batch_id)} if samples else {}
    found: dict[int, Fraction] = {}
    for one in samples:
        if one.step_id in positions:
            position = positions[one.step_id]
            found[position] = found.get(position, Fraction(0)) + exact(one.volume_ml)
    return found


def stage_volumes(
    process: Process, values: dict[str, StepValue], drawn: dict[int, Fraction], before: str, stage: str
) -> tuple[Decimal, Decimal, Decimal, Decimal, Decimal | None] | None:
    """In, added, out, samples, waste in mL. Samples of a stage's own step are taken after its volume was measured."""
    ends = [values.get(f"{one}.volume_ml") for one in (before, stage)]
    if any(one is None or one.number is None for one in ends):
        return None
    start, end = (process.position_of(f"{one}.volume_ml") or 0 for one in (before, stage))
    went, came = (exact(one.number) for one in ends if one is not None and one.number is not None)
    taken_before, taken = (sampled(values, drawn, one, at) for one, at in ((before, start), (stage, end)))
    between = sum((volume for at, volume in drawn.items() if start < at < end), Fraction(0))
    waste = values.get(f"{stage}.waste_ml")
    return (
        to_decimal(went - taken_before),
        number_of(values, f"{stage}.added_ml"),
        to_decimal(came - taken),
        to_decimal(between + taken),
        None if waste is None else waste.number,
    )


def sampled(values: dict[str, StepValue], drawn: dict[int, Fraction], stage: str, position: int) -> Fraction:
    """The samples on record; where there are none, what the step says was taken."""
    return drawn.get(position) or exact(number_of(values, f"{stage}.sampled_ml"))


def number_of(values: dict[str, StepValue], measure: str) -> Decimal:
    found = values.get(measure)
    return NOTHING if found is None or found.number is None else found.number


def open_balance(session: Session, batch: BatchRow) -> tuple[Refusal, ...]:
    """What stands against “production complete”; nothing where the process gives no tolerance."""
    process = process_of(session, batch)
    if process.balance_tolerance_percent is None:
        return ()
    titles = dict(process.stages)
    faults = [one for one in balance_lines(session, batch) if unexplained(one)]
    told = tuple((titles[one.volumes.stage], significant(one.difference_ml)) for one in faults)
    return balance_refusals(told, process.balance_tolerance_percent)


def balance_view(session: Session, batch: BatchRow) -> dict[str, Any]:
    process = process_of(session, batch)
    titles = dict(process.stages)
    return {
        "tolerance_percent": process.balance_tolerance_percent,
        "lines": [
            {
                "title": titles[one.volumes.stage],
                "in_ml": one.volumes.in_ml,
                "added_ml": one.volumes.added_ml,
                "out_ml": one.volumes.out_ml,
                "samples_ml": one.volumes.samples_ml,
                "waste_ml": one.volumes.waste_ml,
                "difference_ml": to_decimal(one.difference_ml),
                "within": one.within,
                "explained": not unexplained(one),
            }
            for one in balance_lines(session, batch)
        ],
    }
