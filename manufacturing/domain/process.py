"""From the body of a process version to its plan; every fault of the body is named with its place.

Titles and labels are ``{"en": ..., "nl": ...}``; every number is a decimal text, so that no limit was ever rounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kernel.documents.domain import DOCUMENT_INVALID, document_kind
from kernel.quantities import parse_number
from kernel.refusals import N_, Refusal
from manufacturing.domain.plan import (
    FIGURES,
    FINAL,
    FORMULATED_AT,
    OPTIONAL_FIGURES,
    ContainerType,
    FieldKind,
    Limits,
    PlannedField,
    PlannedStep,
    Process,
    Words,
)
from manufacturing.domain.units import ANALYTES

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)


class _Reader:
    """Reads a body and collects what is wrong with it, each fault with its place."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def fault(self, where: str, problem: str) -> None:
        self.problems.append(f"{where}: {problem}")

    def words(self, value: Any, where: str, *, optional: bool = False) -> Words:
        if optional and value is None:
            return {}
        if isinstance(value, Mapping) and value.get("en") and value.get("nl"):
            return dict(value)
        self.fault(where, "words in English and Dutch are expected")
        return {}

    def key(self, value: Any, where: str) -> str:
        if isinstance(value, str) and KEY.fullmatch(value):
            return value
        self.fault(where, "a key in small letters is expected")
        return where

    def number(self, value: Any, where: str) -> Decimal | None:
        if value is None:
            return None
        parsed = parse_number(value) if isinstance(value, str) else None
        if isinstance(parsed, Decimal):
            return parsed
        self.fault(where, 'a number is written as text, such as "2.5"')
        return None

    def minutes(self, value: Any, where: str) -> int:
        number = self.number(value, where)
        if number is None or number != int(number) or number <= 0:
            self.fault(where, "whole minutes are expected")
            return 1
        return int(number)

    def share(self, value: Any, where: str) -> Decimal | None:
        """A percentage from 0 to 100, or nothing."""
        number = self.number(value, where)
        if number is not None and not 0 <= number <= 100:
            self.fault(where, "a percentage from 0 to 100 is expected")
        return number

    def limits(self, value: Any, where: str) -> Limits:
        if value is None:
            return Limits()
        if not isinstance(value, Mapping) or not set(value) <= {"low", "high"} or not value:
            self.fault(where, "limits have low, high or both")
            return Limits()
        found = Limits(self.number(value.get("low"), where), self.number(value.get("high"), where))
        if found.low is not None and found.high is not None and found.low > found.high:
            self.fault(where, "low lies above high")
        return found

    def entries(self, value: Any, where: str) -> list[Mapping[str, Any]]:
        if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            return value
        self.fault(where, "a list of entries is expected")
        return []

    def unique(self, keys: list[str], where: str) -> None:
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            self.fault(where, f"{key} is written twice")


def parse_process(body: Mapping[str, Any]) -> Process | tuple[Refusal, ...]:
    """The plan, or every reason why the body is none."""
    read = _Reader()
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
    )
    read.unique([step.key for step in steps], "steps")
    read.unique([key for key, _ in stages], "stages")
    _check_measures(process, read)
    return tuple(DOCUMENT_INVALID(problem=problem) for problem in read.problems) or process


def _step(entry: Mapping[str, Any], read: _Reader) -> PlannedStep:
    key = read.key(entry.get("key"), "steps")
    fields = tuple(_field(one, key, read) for one in read.entries(entry.get("fields"), key))
    read.unique([one.key for one in fields], key)
    hold = entry.get("hold_minutes")
    return PlannedStep(
        key=key,
        title=read.words(entry.get("title"), f"{key}.title"),
        instruction=read.words(entry.get("instruction"), f"{key}.instruction", optional=True),
        fields=fields,
        hold_minutes=None if hold is None else read.minutes(hold, f"{key}.hold_minutes"),
    )


def _field(entry: Mapping[str, Any], step: str, read: _Reader) -> PlannedField:
    key = read.key(entry.get("key"), step)
    where = f"{step}.{key}"
    if entry.get("kind") not in set(FieldKind):
        read.fault(where, f"kind is one of {', '.join(FieldKind)}")
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
    )


def _container_type(entry: Mapping[str, Any], read: _Reader) -> ContainerType:
    key = read.key(entry.get("key"), "container_types")
    largest = read.number(entry.get("largest_volume_ml"), f"{key}.largest_volume_ml")
    if largest is None or largest <= 0:
        read.fault(key, "largest_volume_ml is missing")
    return ContainerType(key, read.words(entry.get("title"), key), largest or Decimal(0))


def _check_measures(process: Process, read: _Reader) -> None:
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


def _check_measure(one: PlannedField, stages: set[str], read: _Reader) -> None:
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


def check_process(body: dict[str, Any]) -> tuple[Refusal, ...]:
    parsed = parse_process(body)
    return parsed if isinstance(parsed, tuple) else ()


PROCESS = document_kind("process", N_("manufacturing process"), approvals=("QA", "QP"), check=check_process)
