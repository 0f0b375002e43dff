"""Fields of a step that the server computes from what was typed beside them (ATMP-CALC)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Context, Decimal
from typing import Any

from kernel.quantities import exact, expanded, to_decimal
from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.formulae import ANY, FORMULAE, SAME, Answer, Formula
from manufacturing.domain.plan import Computed, FieldKind, PlannedField
from manufacturing.domain.reading import Reader
from manufacturing.domain.step_times import sequence_refusals
from manufacturing.domain.steps import (
    NOT_APPLICABLE,
    EntryTimes,
    Value,
    number_value,
    read_values,
    verdict_of,
)

DERIVED_TYPED = kind(
    "DERIVED_TYPED",
    422,
    N_("%(name)s is computed by the server and cannot be typed."),
    resolver=N_("you"),
    next_step=N_("Type what it is computed from; if the result looks wrong, one of these is."),
)
NOT_COMPUTABLE = kind(
    "NOT_COMPUTABLE",
    422,
    N_("%(name)s cannot be computed from %(inputs)s."),
    resolver=N_("you"),
    next_step=N_("Compare each of these numbers and its unit with the instrument's print."),
)
# What is stored of a quotient that does not terminate; its verdict comes from the exact value.
STORED = Context(prec=12)
AT_MOST = "≤"


def read_computed(entry: Any) -> Computed | None:
    """``{"formula": "volume_by_weight", "from": {"gross": "gross_weight", …}}``; most fields are typed."""
    if entry is None:
        return None
    given = entry if isinstance(entry, Mapping) else {}
    sources = given.get("from")
    pairs = sources.items() if isinstance(sources, Mapping) else ()
    return Computed(str(given.get("formula", "")), tuple((str(name), str(field)) for name, field in pairs))


def check_computed(step: str, fields: Sequence[PlannedField], read: Reader) -> None:
    """Each computed field names a known formula and, for each of its inputs, another number of the same step."""
    for one in fields:
        if one.computed is not None:
            for problem in _problems(one, one.computed, {each.key: each for each in fields}):
                read.fault(f"{step}.{one.key}", problem)


def _problems(one: PlannedField, computed: Computed, fields: Mapping[str, PlannedField]) -> list[str]:
    formula = FORMULAE.get(computed.formula)
    if formula is None:
        return [f"formula is one of {', '.join(FORMULAE)}"]
    names = [name for name, _ in computed.inputs]
    found = []
    if one.kind is not FieldKind.NUMBER or (formula.unit and one.unit != formula.unit):
        found.append(f"{formula.key} gives a number in {formula.unit or 'the unit of the field'}")
    if formula.replicates and len(names) < 2:
        found.append("a mean has two replicates or more")
    if not formula.replicates and sorted(names) != sorted(formula.inputs):
        found.append(f"{formula.key} is computed from {', '.join(formula.inputs)}")
    for name, key in computed.inputs:
        source = fields.get(key)
        if source is None or source.kind is not FieldKind.NUMBER or source.computed is not None:
            found.append(f"{name}: {key} is no typed number of this step")
        elif not _fits(formula, name, source, one):
            found.append(f"{name}: {key} is not typed as {formula.inputs.get(name, one.analyte)}")
        elif one.required and not source.required:
            found.append(f"{name}: {key} may be N/A, so the result may be too")
    return found


def _fits(formula: Formula, name: str, source: PlannedField, one: PlannedField) -> bool:
    wanted = formula.inputs.get(name, SAME)
    return wanted == ANY or source.analyte == (one.analyte if wanted == SAME else wanted)


def read_step(
    fields: Sequence[PlannedField], typed: Mapping[str, Any], times: EntryTimes
) -> tuple[tuple[Value, ...], tuple[Refusal, ...]]:
    """What was typed and what follows from it; see ``read_values``. An input that is refused refuses for its result."""
    values, refusals = read_values(tuple(one for one in fields if one.computed is None), typed, times)
    known = {one.field: one for one in values}
    found, wrong = compute(fields, known, typed)
    moments = {key: one.moment for key, one in known.items()}
    return (*values, *found), (*refusals, *sequence_refusals(fields, moments, moments), *wrong)


def compute(
    fields: Sequence[PlannedField], known: Mapping[str, Value], typed: Mapping[str, Any]
) -> tuple[tuple[Value, ...], tuple[Refusal, ...]]:
    """The computed fields alone, of values that are known; nothing while an input is not."""
    answers = [_computed(one, one.computed, typed, known) for one in fields if one.computed is not None]
    refusals = tuple(one for one in answers if isinstance(one, Refusal))
    return tuple(one for one in answers if isinstance(one, Value)), refusals


def _computed(
    field: PlannedField, computed: Computed, typed: Mapping[str, Any], known: Mapping[str, Value]
) -> Value | Refusal | None:
    if any(typed.get(name) not in (None, "") for name in (field.key, field.key + NOT_APPLICABLE)):
        return DERIVED_TYPED(name=field.label, field=field.key)
    sources = {name: known.get(key) for name, key in computed.inputs}
    if any(one is not None and one.not_applicable for one in sources.values()):
        return Value(field.key, not_applicable=N_("what it is computed from does not apply"))
    numbers = {name: one.number for name, one in sources.items() if one is not None and one.number is not None}
    if len(numbers) < len(sources):
        return None
    formula = FORMULAE[computed.formula]
    answer = formula.compute({name: exact(number) for name, number in numbers.items()})
    if answer is None:
        inputs = ", ".join(f"{name} {expanded(number)}" for name, number in numbers.items())
        return NOT_COMPUTABLE(name=field.label, inputs=inputs, field=field.key)
    return _value(field, formula, answer, numbers)


def _value(field: PlannedField, formula: Formula, answer: Answer, numbers: Mapping[str, Decimal]) -> Value | Refusal:
    """In its unit and window like a typed number, with the verdict of the exact value and what it came from."""
    value = number_value(field, STORED.plus(to_decimal(answer.value)), "")
    if isinstance(value, Refusal):
        return value
    return replace(value, verdict=verdict_of(field, answer.value), shown=evidence(formula, answer, numbers))


def evidence(formula: Formula, answer: Answer, numbers: Mapping[str, Decimal]) -> str:
    """Formula, version and inputs as they were, kept beside the value: ``≤ bead_count v1 (events = 0, …)``."""
    inputs = ", ".join(f"{name} = {expanded(numbers[name])}" for name in formula.inputs or sorted(numbers))
    return f"{AT_MOST + ' ' if answer.at_most else ''}{formula.key} v{formula.version} ({inputs})"


def computed_view(field: PlannedField, shown: str) -> dict[str, Any] | None:
    """For pages: formula, version, what was put in, and whether the value is a bound; None for a typed field."""
    if field.computed is None:
        return None
    formula = FORMULAE[field.computed.formula]
    return {
        "formula": formula.words,
        "formula_number": formula.number,
        "formula_version": formula.version,
        "inputs": [key for _, key in field.computed.inputs],
        "at_most": shown.startswith(AT_MOST),
        "evidence": shown,
    }
