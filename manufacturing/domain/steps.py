"""One step of a batch: order, times, units, in-process limits, and who may verify it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kernel.quantities import expanded
from kernel.refusals import FUTURE_TIME, MISSING_FIELD, MISSING_REASON, N_, ROLE_NOT_ALLOWED, Refusal, kind
from kernel.segregation import another_person
from kernel.words import Words, joined
from manufacturing.domain.batches import STEPS_SETTLED
from manufacturing.domain.collections import minute
from manufacturing.domain.deviations import SETTLED
from manufacturing.domain.plan import Calculation, FieldKind, Limits, PlannedField
from manufacturing.domain.trial import TIME_ORDER
from manufacturing.domain.units import UNIT_IMPLAUSIBLE, converted
from manufacturing.domain.yields import Number

SHORTEST_REASON = 5
# What is typed beside a field: the unit of a number, and why the field does not apply.
UNIT, NOT_APPLICABLE = "_unit", "_na"
BESIDE = (UNIT, NOT_APPLICABLE)
# Who may do it at all, by the permissions; a process version may ask for some of them.
PERFORMERS, VERIFIERS = frozenset({"T"}), frozenset({"T", "QA"})
PERFORMING = ("performed", "corrected", "transcribed", "measured again", "measurement chosen")


class StepVerdict(StrEnum):
    NONE = "none"
    PASS = "pass"  # noqa: S105
    ALERT = "alert"
    ACTION = "action"


STEP_OUT_OF_ORDER = kind(
    "STEP_OUT_OF_ORDER",
    409,
    N_("Step %(position)s (%(step)s) is %(state)s; steps are performed and verified in their order."),
    resolver=N_("the technicians of the batch"),
    next_step=N_("Finish and verify the earlier step first."),
)
LATE_ENTRY_UNJUSTIFIED = kind(
    "LATE_ENTRY_UNJUSTIFIED",
    422,
    N_("The step was performed %(minutes)s minutes ago; after %(limit)s minutes a late entry needs its reason."),
    resolver=N_("you"),
    next_step=N_("Write why it is entered late; it is shown as a late entry everywhere."),
)
CONDITION_UNDECIDED = kind(
    "CONDITION_UNDECIDED",
    409,
    N_("“%(part)s” is done only by choice, and nobody has chosen yet."),
    resolver=N_("the technicians of the batch"),
    next_step=N_(
        "Open it, or say that it is not needed, each with the reason; the buttons are on the page of its step."
    ),
)
IPC_DEVIATION_MISSING = kind(
    "IPC_DEVIATION_MISSING",
    409,
    N_("Step %(position)s is outside its action limit (%(fields)s) and has no deviation."),
    resolver=N_("anybody in the team"),
    next_step=N_("Raise a deviation for that step; then go on."),
)
FIELD_BLANK = kind(
    "FIELD_BLANK",
    422,
    N_("Left blank: %(fields)s. A field that does not apply says N/A with its reason."),
    resolver=N_("the technicians of the batch"),
    next_step=N_("Write the value; or write why the field does not apply, where the process allows N/A."),
)
NA_NOT_ALLOWED = kind(
    "NA_NOT_ALLOWED",
    422,
    N_("%(name)s always applies in this process; it cannot be N/A."),
    resolver=N_("you"),
    next_step=N_("Write the value; if there is none, raise a deviation and have QA decide about the batch."),
)
NA_WITH_VALUE = kind(
    "NA_WITH_VALUE",
    422,
    N_("%(name)s has a value and is N/A as well."),
    resolver=N_("you"),
    next_step=N_("Leave one of the two empty."),
)
SOD_STEP = kind(
    "SOD_STEP",
    403,
    N_("Who performed or corrected a step may not verify it."),
    resolver=N_("a colleague"),
    next_step=N_("Let somebody else read the step and verify it."),
)


@dataclass(frozen=True, slots=True)
class Value:
    """One field as it is stored: in its canonical unit, with its verdict and how the conversion reads.

    ``not_applicable``: why the field does not apply; it has no value then.
    """

    field: str
    number: Decimal | None = None
    text: str | None = None
    moment: datetime | None = None
    unit: str = ""
    verdict: StepVerdict = StepVerdict.NONE
    shown: str = ""
    not_applicable: str | None = None


@dataclass(frozen=True, slots=True)
class StepState:
    """A step as the next one sees it. ``breaches``: fields outside their action limit; ``deviations``: states of those
    raised for the step; ``undecided``: the part it belongs to, while nobody has chosen whether it is done."""

    position: int
    title: Words
    status: str
    performed_at: datetime | None
    breaches: tuple[Words | str, ...] = ()
    deviations: tuple[str, ...] = ()
    undecided: Words | None = None


@dataclass(frozen=True, slots=True)
class EntryTimes:
    """``started_at``: the line clearance. ``limit_minutes``: after it an entry is late."""

    performed_at: datetime
    recorded_at: datetime
    started_at: datetime | None
    limit_minutes: int
    late_reason: str | None


def is_late(times: EntryTimes) -> bool:
    return times.recorded_at - times.performed_at > timedelta(minutes=times.limit_minutes)


def order_refusals(earlier: tuple[StepState, ...]) -> tuple[Refusal, ...]:
    """The first earlier step that is not verified, and every breach without a deviation (P11-10f, ATMP-IPC)."""
    waiting = [step for step in earlier if step.status not in STEPS_SETTLED]
    refusals = [_waits(one) for one in waiting[:1]]
    refusals.extend(
        IPC_DEVIATION_MISSING(position=step.position, fields=step.breaches)
        for step in earlier
        if step.breaches and not step.deviations
    )
    return tuple(refusals)


def _waits(step: StepState) -> Refusal:
    if step.undecided:
        return CONDITION_UNDECIDED(part=step.undecided)
    return STEP_OUT_OF_ORDER(position=step.position, step=step.title, state=step.status)


def time_refusals(times: EntryTimes, earlier: tuple[StepState, ...]) -> tuple[Refusal, ...]:
    """Not in the future, not before what came before, and late only with a reason (ATMP-6.1-TIME)."""
    refusals = list(moment_refusals(times, earlier))
    if is_late(times) and len((times.late_reason or "").strip()) < SHORTEST_REASON:
        minutes = int((times.recorded_at - times.performed_at).total_seconds()) // 60
        refusals.append(LATE_ENTRY_UNJUSTIFIED(minutes=minutes, limit=times.limit_minutes, field="late_reason"))
    return tuple(refusals)


def moment_refusals(times: EntryTimes, earlier: tuple[StepState, ...]) -> tuple[Refusal, ...]:
    """Not in the future, not before what came before."""
    if times.performed_at > times.recorded_at:
        return (FUTURE_TIME(name=N_("The time of the step"), field="performed_at"),)
    refusals: list[Refusal] = []
    if times.started_at is not None and times.performed_at < minute(times.started_at):
        refusals.append(_order(N_("the line clearance")))
    if any(step.performed_at and times.performed_at < minute(step.performed_at) for step in earlier):
        refusals.append(_order(N_("the step before it")))
    return tuple(refusals)


def _order(earlier: str) -> Refusal:
    return TIME_ORDER(name=N_("The time of the step"), earlier=earlier, field="performed_at")


def read_values(
    fields: tuple[PlannedField, ...], typed: Mapping[str, Any], times: EntryTimes
) -> tuple[tuple[Value, ...], tuple[Refusal, ...]]:
    """What was typed, in canonical units with verdicts, and everything that is wrong with it.

    ``typed``: field key to Decimal, text, instant or bool; beside it the unit of a number under ``<key>_unit`` and
    why the field does not apply under ``<key>_na``.
    """
    values: list[Value] = []
    refusals: list[Refusal] = []
    for field in fields:
        given, why = typed.get(field.key), str(typed.get(field.key + NOT_APPLICABLE) or "").strip()
        blank = given is None or (isinstance(given, str) and not given.strip())
        if why or (blank and not field.required):
            value = _left_out(field, why, blank=blank)
        elif blank:
            value = MISSING_FIELD(name=field.label, field=field.key)
        else:
            value = _value(field, given, str(typed.get(field.key + UNIT) or ""), times)
        if isinstance(value, Refusal):
            refusals.append(value)
        else:
            values.append(value)
    return tuple(values), tuple(refusals)


def _left_out(field: PlannedField, why: str, *, blank: bool) -> Value | Refusal:
    """N/A with its reason, where the process allows it; whoever signs the step vouches for it (ATMP-NOBLANK)."""
    if not why:
        return FIELD_BLANK(fields=field.label, field=field.key)
    if not blank:
        return NA_WITH_VALUE(name=field.label, field=field.key)
    if field.required:
        return NA_NOT_ALLOWED(name=field.label, field=field.key)
    if len(why) < SHORTEST_REASON:
        return MISSING_REASON(field=field.key + NOT_APPLICABLE)
    return Value(field.key, not_applicable=why)


def _value(field: PlannedField, given: Any, unit: str, times: EntryTimes) -> Value | Refusal:
    if field.kind is FieldKind.NUMBER:
        return number_value(field, given, unit)
    if field.kind is FieldKind.MOMENT:
        if given > times.recorded_at:
            return FUTURE_TIME(name=field.label, field=field.key)
        if times.started_at is not None and given < minute(times.started_at):
            return TIME_ORDER(name=field.label, earlier=N_("the line clearance"), field=field.key)
        return Value(field.key, moment=given)
    if field.kind is FieldKind.YES_NO:
        answer = "yes" if given else "no"
        if not field.expected:
            return Value(field.key, text=answer)
        return Value(
            field.key, text=answer, verdict=StepVerdict.PASS if answer == field.expected else StepVerdict.ACTION
        )
    return Value(field.key, text=str(given).strip())


def number_value(field: PlannedField, given: Decimal, unit: str) -> Value | Refusal:
    number, shown = given, f"{expanded(given)} {field.unit}".strip()
    if field.analyte:
        result = converted(field.analyte, given, unit or field.unit)
        if isinstance(result, Refusal):
            return _about(result, field)
        number, shown = result.value, result.shown
    if not field.plausible.holds(number):
        return UNIT_IMPLAUSIBLE(
            field=field.key,
            analyte=field.label,
            value=expanded(number),
            unit=field.unit,
            low=_end(field.plausible.low),
            high=_end(field.plausible.high),
        )
    return Value(field.key, number=number, unit=field.unit, verdict=verdict_of(field, number), shown=shown)


def _about(refusal: Refusal, field: PlannedField) -> Refusal:
    """The refusal of the unit list, told of this field and in its words."""
    return refusal.kind(**{**dict(refusal.facts), "field": field.key, "analyte": field.label})


def _end(limit: Decimal | None) -> str:
    return "" if limit is None else expanded(limit)


def verdict_of(field: PlannedField | Calculation, number: Number) -> StepVerdict:
    """Outside the action limit, outside the alert limit, inside, or no limit at all; a value at a limit is inside."""
    if not (field.action.given or field.alert.given):
        return StepVerdict.NONE
    for limits, verdict in ((field.action, StepVerdict.ACTION), (field.alert, StepVerdict.ALERT)):
        if not limits.holds(number):
            return verdict
    return StepVerdict.PASS


def role_refusals(wanted: frozenset[str], roles: frozenset[str]) -> tuple[Refusal, ...]:
    """``wanted``: the roles the process version asks for; none asks for no more than the permission."""
    if not wanted or wanted & roles:
        return ()
    return (ROLE_NOT_ALLOWED(permission=", ".join(sorted(wanted))),)


def verifier_refusals(signer: str, performers: frozenset[str]) -> tuple[Refusal, ...]:
    """``performers``: everybody who ever performed or corrected this step (S1)."""
    return another_person(signer, performers, SOD_STEP)


def assessed(step: StepState) -> bool:
    """A breach is dealt with when a deviation for its step has been assessed."""
    return not step.breaches or any(state in SETTLED for state in step.deviations)


def blank_refusals(blank: Mapping[Words, tuple[Words, ...]]) -> tuple[Refusal, ...]:
    """``blank``: fields with neither a value nor N/A, by the title of their step (ATMP-NOBLANK)."""
    found = tuple(step + " (" + joined(", ", fields) + ")" for step, fields in blank.items() if fields)
    return (FIELD_BLANK(fields=found),) if found else ()


def limits_text(limits: Limits) -> str:
    """``≥ 70``, ``≤ 0.1``, ``20–45`` or nothing."""
    if limits.low is not None and limits.high is not None:
        return f"{expanded(limits.low)}–{expanded(limits.high)}"
    if limits.low is not None:
        return f"≥ {expanded(limits.low)}"
    return f"≤ {expanded(limits.high)}" if limits.high is not None else ""
