"""From the body of a process version to its plan; every fault of the body is named with its place.

Titles and labels are ``{"en": ..., "nl": ...}``; every number is a decimal text, so that no limit was ever rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kernel.documents.domain import DOCUMENT_INVALID, document_kind
from kernel.refusals import N_, Refusal
from manufacturing.domain.calculations import check_calculations, read_calculations
from manufacturing.domain.cell_counts import read_count
from manufacturing.domain.computed import check_computed, read_computed
from manufacturing.domain.conditions import check_conditions, read_conditions
from manufacturing.domain.expected_yields import read_expected
from manufacturing.domain.gates import stage_refusals
from manufacturing.domain.parts import read_splitting
from manufacturing.domain.plan import (
    EVENTS,
    FIGURES,
    FINAL,
    FORMULATED_AT,
    OPTIONAL_FIGURES,
    ContainerType,
    Cryopreservation,
    FieldKind,
    HoldTime,
    PlannedField,
    PlannedStep,
    Process,
    Reconstitution,
    ReconstitutionStep,
)
from manufacturing.domain.planned_equipment import read_equipment
from manufacturing.domain.planned_materials import read_materials
from manufacturing.domain.pooling import read_pooling
from manufacturing.domain.reading import Reader
from manufacturing.domain.step_times import check_times
from manufacturing.domain.steps import BESIDE, PERFORMERS, VERIFIERS
from manufacturing.domain.units import ANALYTES


def parse_process(body: Mapping[str, Any]) -> Process | tuple[Refusal, ...]:
    """The plan, or every reason why the body is none."""
    read = Reader()
    stages = tuple(
        (read.key(one.get("key"), "stages"), read.words(one.get("title"), "stages"))
        for one in read.entries(body.get("stages"), "stages")
    )
    steps = tuple(_step(one, read) for one in read.entries(body.get("steps"), "steps"))
    types = tuple(_container_type(one, read) for one in read.entries(body.get("container_types"), "container_types"))
    process = Process(
        steps=steps,
        stages=stages,
        late_entry_minutes=read.minutes(body.get("late_entry_minutes"), "late_entry_minutes"),
        container_types=types,
        storage_temperature=read.limits(body.get("storage_temperature"), "storage_temperature"),
        receipt_temperature=read.limits(body.get("receipt_temperature"), "receipt_temperature"),
        balance_tolerance_percent=read.share(body.get("balance_tolerance_percent"), "balance_tolerance_percent"),
        cryopreservation=_cryopreservation(body.get("cryopreservation"), read),
        hold_times=tuple(_hold_time(one, read) for one in read.optional(body.get("hold_times"), "hold_times")),
        conditions=read_conditions(body.get("conditions"), read),
        pooling=read_pooling(body.get("pooling"), [step.key for step in steps], read),
        reconstitution=_reconstitution(body.get("reconstitution"), read),
        splitting=read_splitting(body.get("splitting"), read),
        expected_yields=read_expected(body.get("expected_yields"), [key for key, _ in stages], read),
    )
    read.unique([step.key for step in steps], "steps")
    read.unique([key for key, _ in stages], "stages")
    read.unique([one.key for one in process.hold_times], "hold_times")
    _check_hold_times(process, read)
    _check_measures(process, read)
    check_conditions(process, read)
    check_calculations(steps, stages[0][0] if stages else "", read)
    faults = [DOCUMENT_INVALID(problem=problem) for problem in read.problems]
    return (*faults, *gate_refusals(process)) or process


def _step(entry: Mapping[str, Any], read: Reader) -> PlannedStep:
    key = read.key(entry.get("key"), "steps")
    fields = tuple(_field(one, key, read) for one in read.entries(entry.get("fields"), key))
    read.unique([one.key for one in fields], key)
    check_computed(key, fields, read)
    check_times(key, fields, read)
    return PlannedStep(
        key=key,
        title=read.words(entry.get("title"), f"{key}.title"),
        instruction=read.words(entry.get("instruction"), f"{key}.instruction", optional=True),
        fields=fields,
        materials=read_materials(entry.get("materials"), key, read),
        equipment=read_equipment(entry.get("equipment"), key, read),
        calculations=read_calculations(entry.get("calculations"), key, read),
        condition=str(entry.get("condition", "")),
        performs=read.roles(entry.get("performs"), PERFORMERS, f"{key}.performs"),
        count=read_count(entry.get("count"), key, read),
        verifies=read.roles(entry.get("verifies"), VERIFIERS, f"{key}.verifies"),
    )


def _field(entry: Mapping[str, Any], step: str, read: Reader) -> PlannedField:
    key = read.key(entry.get("key"), step)
    where = f"{step}.{key}"
    if entry.get("kind") not in set(FieldKind):
        read.fault(where, f"kind is one of {', '.join(FieldKind)}")
    if key.endswith(BESIDE):
        read.fault(where, f"a key does not end with {' or '.join(BESIDE)}")
    analyte = str(entry.get("analyte", ""))
    if analyte and analyte not in ANALYTES:
        read.fault(where, f"{analyte} is not a known analyte")
    expected = str(entry.get("expected", ""))
    if expected not in {"", "yes", "no"}:
        read.fault(where, "expected is yes or no")
    return PlannedField(
        key=key,
        label=read.words(entry.get("label"), where),
        kind=FieldKind(entry["kind"]) if entry.get("kind") in set(FieldKind) else FieldKind.TEXT,
        required=entry.get("required") is not False,
        unit=ANALYTES[analyte].unit if analyte in ANALYTES else str(entry.get("unit", "")),
        analyte=analyte,
        measure=str(entry.get("measure", "")),
        expected=expected,
        plausible=read.limits(entry.get("plausible"), f"{where}.plausible"),
        alert=read.limits(entry.get("alert"), f"{where}.alert"),
        action=read.limits(entry.get("action"), f"{where}.action"),
        parent=str(entry.get("parent", "")),
        computed=read_computed(entry.get("computed")),
        after=str(entry.get("after", "")),
    )


def _container_type(entry: Mapping[str, Any], read: Reader) -> ContainerType:
    key = read.key(entry.get("key"), "container_types")
    largest = read.number(entry.get("largest_volume_ml"), f"{key}.largest_volume_ml")
    if largest is None or largest <= 0:
        read.fault(key, "largest_volume_ml is missing")
    return ContainerType(key, read.words(entry.get("title"), key), largest or Decimal(0))


def _hold_time(entry: Mapping[str, Any], read: Reader) -> HoldTime:
    key = read.key(entry.get("key"), "hold_times")
    warning = read.minutes(entry.get("warning_minutes"), f"{key}.warning_minutes")
    limit = read.minutes(entry.get("limit_minutes"), f"{key}.limit_minutes")
    if warning > limit:
        read.fault(key, "the warning comes after the limit")
    title = read.words(entry.get("title"), f"{key}.title")
    return HoldTime(key, title, str(entry.get("from", "")), str(entry.get("to", "")), warning, limit)


def _check_hold_times(process: Process, read: Reader) -> None:
    """From an event, the end of an earlier step or a time recorded in it, to a step."""
    for one in process.hold_times:
        until = process.place_of(one.to)
        if until is None:
            read.fault(one.key, f"{one.to} is no step")
        elif one.start not in EVENTS and not _starts_before(process, one.start, until):
            read.fault(one.key, f"{one.start} is no event and no earlier step")


def _starts_before(process: Process, start: str, until: int) -> bool:
    step, _, field = start.partition(".")
    place = process.place_of(step)
    if place is None or place >= until:
        return False
    planned = process.step(place).field(field)
    return not field or (planned is not None and planned.kind is FieldKind.MOMENT)


def _cryopreservation(entry: Any, read: Reader) -> Cryopreservation | None:
    """Nothing where the process freezes nothing; otherwise both clocks."""
    if entry is None:
        return None
    given = entry if isinstance(entry, Mapping) else {}
    frozen, thawed = (read.number(given.get(name), "cryopreservation") for name in ("frozen_hours", "post_thaw_hours"))
    if frozen is None or thawed is None or frozen <= 0 or thawed <= 0:
        read.fault("cryopreservation", "frozen_hours and post_thaw_hours above 0 are expected")
        return None
    return Cryopreservation(frozen, thawed)


def _reconstitution(entry: Any, read: Reader) -> Reconstitution | None:
    """Nothing where the product is given as it is; otherwise the steps of the instruction and the in-use time."""
    if entry is None:
        return None
    given = entry if isinstance(entry, Mapping) else {}
    in_use = read.number(given.get("in_use_hours"), "reconstitution")
    steps = tuple(
        ReconstitutionStep(
            read.key(one.get("key"), "reconstitution"),
            read.words(one.get("title"), "reconstitution"),
            read.words(one.get("instruction"), "reconstitution"),
        )
        for one in read.optional(given.get("steps"), "reconstitution")
    )
    if in_use is None or in_use <= 0 or not steps:
        read.fault("reconstitution", "in_use_hours above 0 and one step or more are expected")
        return None
    read.unique([one.key for one in steps], "reconstitution")
    return Reconstitution(in_use, steps)


def _check_measures(process: Process, read: Reader) -> None:
    """Every stage has its five figures once, the last stage is the final product, and its end starts the expiry."""
    fields = [one for step in process.steps for one in step.fields if one.measure]
    measures = [one.measure for one in fields]
    read.unique(measures, "measures")
    if not process.stages or process.stages[-1][0] != FINAL:
        read.fault("stages", f"the last one is {FINAL}")
    for wanted in [f"{stage}.{figure}" for stage, _ in process.stages for figure in FIGURES] + [FORMULATED_AT]:
        if wanted not in measures:
            read.fault("measures", f"{wanted} is recorded nowhere")
    for one in fields:
        _check_measure(one, {stage for stage, _ in process.stages}, read)


def _check_measure(one: PlannedField, stages: set[str], read: Reader) -> None:
    if one.measure == FORMULATED_AT:
        if one.kind is not FieldKind.MOMENT or not one.required:
            read.fault("measures", f"{one.measure} is a required time")
        return
    stage, _, figure = one.measure.partition(".")
    analyte = {**FIGURES, **OPTIONAL_FIGURES}.get(figure)
    if stage not in stages or analyte is None:
        read.fault("measures", f"{one.measure} means nothing")
    elif one.kind is not FieldKind.NUMBER or one.analyte != analyte:
        read.fault("measures", f"{one.measure} is a number of the analyte {analyte}")
    elif figure in FIGURES and not one.required:
        read.fault("measures", f"{one.measure} is required")


# Of a stage: the populations, and what they are multiplied by to become viable cells (3.2).
SHARES = ("nk_percent", "cd3_percent", "b_percent", "monocyte_percent")
OF_ALL = ("viability", "wbc")


def gate_refusals(process: Process) -> tuple[Refusal, ...]:
    """Every stage applies viability exactly once (3.2b)."""
    measured = {one.measure: one for step in process.steps for one in step.fields if one.measure}
    found: list[Refusal] = []
    for stage, _ in process.stages:
        shares, of_all = (
            {f"{stage}.{name}": measured[f"{stage}.{name}"].parent for name in names if f"{stage}.{name}" in measured}
            for names in (SHARES, OF_ALL)
        )
        found.extend(stage_refusals(stage, shares, of_all))
    return tuple(found)


def check_process(body: dict[str, Any]) -> tuple[Refusal, ...]:
    parsed = parse_process(body)
    return parsed if isinstance(parsed, tuple) else ()


PROCESS = document_kind("process", N_("manufacturing process"), approvals=("QA", "QP"), check=check_process)
