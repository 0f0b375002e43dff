"""Parts of a process that are not always done: opened by a value beyond its action limit, or by choice with a reason.

A part is one or more steps. What is not needed blocks nothing, has no fields to fill in, and its stage is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kernel.refusals import N_, STATE_NOT_ALLOWED, Refusal, kind
from kernel.words import Words, phrase
from manufacturing.domain.plan import FINAL, Condition, PlannedStep, Process
from manufacturing.domain.reading import Reader
from manufacturing.domain.steps import CONDITION_UNDECIDED, StepVerdict

CONDITION_CLOSED = kind(
    "CONDITION_CLOSED",
    409,
    N_("The process opens “%(part)s” only when a value is beyond its action limit, and none is."),
    resolver=N_("nobody: the process version says so"),
    next_step=N_("Go on with the next step; if the cells need it all the same, raise a deviation and call QA."),
)
CONDITION_TRIGGERED = kind(
    "CONDITION_TRIGGERED",
    409,
    N_("“%(part)s” is needed: %(values)s beyond the action limit, and no deviation about it is assessed."),
    resolver=N_("QA or the QP"),
    next_step=N_("Do the part; or have the deviation assessed, then say that it is not needed."),
)
CONDITION_PASSED = kind(
    "CONDITION_PASSED",
    409,
    N_("“%(part)s” cannot be done any more: %(step)s came after it and is recorded."),
    resolver=N_("QA or the QP"),
    next_step=N_("Have the deviation assessed; then say that the part is not needed, with the reason."),
)
CONDITION_BEGUN = kind(
    "CONDITION_BEGUN",
    409,
    N_("“%(part)s” has begun: %(step)s is recorded."),
    resolver=N_("nobody: what was done stays on the record"),
    next_step=N_("Finish the part; if something went wrong, raise a deviation."),
)


class ConditionAnswer(StrEnum):
    OPEN = "opened"
    NOT_NEEDED = "not_needed"


class Need(StrEnum):
    """``waiting``: the values that decide are not recorded. ``undecided``: a person has to choose."""

    WAITING = "waiting"
    UNDECIDED = "undecided"
    NEEDED = "needed"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A value that can open a part; ``label``: of a field, or the word of a calculation. ``verdict`` None: not recorded
    yet. ``assessed``: a deviation of its step is."""

    step: str
    label: Words | str
    shown: str
    limits: str
    verdict: StepVerdict | None
    assessed: bool = False

    @property
    def beyond(self) -> bool:
        return self.verdict is StepVerdict.ACTION


@dataclass(frozen=True, slots=True)
class Decision:
    """``triggered``: whether a value was beyond its limit when it was taken; it holds as long as that is so."""

    answer: ConditionAnswer
    triggered: bool


@dataclass(frozen=True, slots=True)
class ConditionFacts:
    """``begun``, ``passed``: the first recorded step of the part, and of what comes after it, by title; ``outer``: the
    need of the part this one lies within."""

    condition: Condition
    triggers: tuple[Trigger, ...]
    decision: Decision | None = None
    begun: Words | None = None
    passed: Words | None = None
    outer: Need | None = None

    @property
    def part(self) -> Words:
        return self.condition.title

    @property
    def triggered(self) -> bool:
        return any(one.beyond for one in self.triggers)


def need(facts: ConditionFacts) -> Need:
    """What was done is needed; then a decision that still holds; then the values; then nobody knows yet."""
    if facts.begun:
        return Need.NEEDED
    if facts.outer not in {None, Need.NEEDED}:
        return Need.NOT_NEEDED if facts.outer is Need.NOT_NEEDED else Need.WAITING
    if facts.decision and facts.decision.answer is ConditionAnswer.OPEN:
        return Need.NEEDED
    if facts.decision and facts.decision.triggered == facts.triggered:
        return Need.NOT_NEEDED
    if facts.triggered:
        return Need.NEEDED
    if any(one.verdict is None for one in facts.triggers):
        return Need.WAITING
    return Need.NOT_NEEDED if facts.triggers else Need.UNDECIDED


def deciding_refusals(facts: ConditionFacts, answer: ConditionAnswer) -> tuple[Refusal, ...]:
    """Every reason why this part may not be opened, or not be left out, now."""
    now = need(facts)
    if not facts.begun and facts.outer not in {None, Need.NEEDED}:
        return (STATE_NOT_ALLOWED(action=answer.value, record=N_("part of the process"), state=now.value),)
    if now is {ConditionAnswer.OPEN: Need.NEEDED, ConditionAnswer.NOT_NEEDED: Need.NOT_NEEDED}[answer]:
        if facts.begun and answer is ConditionAnswer.NOT_NEEDED:
            return (CONDITION_BEGUN(part=facts.part, step=facts.begun),)
        return (STATE_NOT_ALLOWED(action=answer.value, record=N_("part of the process"), state=now.value),)
    if answer is ConditionAnswer.OPEN:
        return _opening(facts)
    refusals = [CONDITION_BEGUN(part=facts.part, step=facts.begun)] if facts.begun else []
    waiting = [one for one in facts.triggers if one.beyond and not one.assessed]
    if waiting:
        values = tuple(each for one in waiting for each in phrase(one.label, one.shown))
        refusals.append(CONDITION_TRIGGERED(part=facts.part, values=values))
    return tuple(refusals)


def _opening(facts: ConditionFacts) -> tuple[Refusal, ...]:
    refusals = []
    if not (facts.condition.by_choice or facts.triggered):
        refusals.append(CONDITION_CLOSED(part=facts.part))
    if facts.passed:
        refusals.append(CONDITION_PASSED(part=facts.part, step=facts.passed))
    return tuple(refusals)


def performing_refusals(facts: ConditionFacts | None) -> tuple[Refusal, ...]:
    """Why a step of this part may not be performed now; nothing for a step that is always done."""
    if facts is None:
        return ()
    refusals = [CONDITION_UNDECIDED(part=facts.part)] if need(facts) is Need.UNDECIDED else []
    if facts.passed:
        refusals.append(CONDITION_PASSED(part=facts.part, step=facts.passed))
    return tuple(refusals)


def read_conditions(entries: Any, read: Reader) -> tuple[Condition, ...]:
    """``[{"key": ..., "title": ..., "opens_on": ["step.field"], "by_choice": true, "within": ...}]``."""
    found: list[Condition] = []
    for one in read.optional(entries, "conditions"):
        key = read.key(one.get("key"), "conditions")
        opens_on, by_choice = one.get("opens_on", []), one.get("by_choice", False)
        if not isinstance(opens_on, list) or not all(isinstance(text, str) for text in opens_on):
            read.fault(key, "opens_on is a list of step.field")
            opens_on = []
        if not isinstance(by_choice, bool) or not (opens_on or by_choice):
            read.fault(key, "it opens on a value, by choice, or both")
        pairs = tuple((step, field) for step, _, field in (text.partition(".") for text in opens_on))
        within = str(one.get("within", ""))
        if within and within not in {other.key for other in found}:
            read.fault(key, f"{within} is no condition before it")
        found.append(Condition(key, read.words(one.get("title"), f"{key}.title"), pairs, by_choice is True, within))
    read.unique([one.key for one in found], "conditions")
    return tuple(found)


def check_conditions(process: Process, read: Reader) -> None:
    """Each part is some steps in a row, opened by limits that are judged before it, and never the final product."""
    known = {one.key for one in process.conditions}
    for step in process.steps:
        if step.condition and step.condition not in known:
            read.fault(step.key, f"{step.condition} is no condition")
        counted = {one.measure.partition(".")[0] for one in step.fields if one.measure}
        for stage in sorted(counted & {FINAL, *(key for key, _ in process.stages[:1])}) if step.condition else ():
            read.fault(step.key, f"{stage} is always counted")
    for one in process.conditions:
        places = [place for place, step in enumerate(process.steps, start=1) if step.condition == one.key]
        inner = {one.key, *(each.key for each in process.conditions if each.within == one.key)}
        if not places or any(each.condition not in inner for each in process.steps[places[0] - 1 : places[-1]]):
            read.fault(one.key, "its steps follow one another")
            continue
        for key, field in one.opens_on:
            if not _judged_before(process.steps[: places[0] - 1], key, field):
                read.fault(one.key, f"{key}.{field} has no action limit in a step before it")


def _judged_before(steps: Sequence[PlannedStep], key: str, field: str) -> bool:
    step = next((one for one in steps if one.key == key), None)
    if step is None:
        return False
    planned = step.field(field)
    if planned is not None:
        return planned.action.given or bool(planned.expected)
    return any(one.figure == field and one.action.given for one in step.calculations)
