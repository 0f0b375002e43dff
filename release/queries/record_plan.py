"""What the plan adds to the fields of a step on paper: parts that are not always done, and computed values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kernel.quantities import expanded, significant
from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.domain.calculations import Calculated, shown
from manufacturing.domain.conditions import Need, Trigger, need
from manufacturing.domain.expected_yields import FIGURES
from manufacturing.domain.numbering import field_numbers
from manufacturing.domain.plan import Condition, Process
from manufacturing.domain.steps import StepVerdict, limits_text
from manufacturing.queries.record import Record
from manufacturing.tables.batches import StepRow, StepValueRow
from manufacturing.tables.measurements import MeasurementRow
from release.domain.paper import Grid, Lines, Row
from release.queries.record_words import NOTHING

MEASURED_AGAIN = N_("MEASURED AGAIN")
MARKS = {StepVerdict.ALERT: N_("ALERT LIMIT"), StepVerdict.ACTION: N_("ACTION LIMIT")}
VERDICTS = {"pass": N_("within limits"), "alert": N_("beyond the alert limit"), "action": N_("beyond the action limit")}


def part_words(record: Record, row: StepRow, people: Mapping[str, str], speech: Speech) -> list[str]:
    """Why a part of the process was done or not: the values, or who decided with which reason. One N/A for all of it."""
    facts = record.condition(row)
    if facts is None:
        return []
    words = {Need.NEEDED: N_("NEEDED"), Need.NOT_NEEDED: N_("N/A: not needed")}
    found = [f"{speech.word(facts.condition.title)}: {speech.say(words.get(need(facts), N_('not decided yet')))}"]
    found.extend(trigger_words(one, speech) for one in facts.triggers)
    decision = record.decision(facts.condition.key)
    if decision is not None:
        who, at = people.get(decision.decided_by, "–"), speech.moment(decision.decided_at)
        found.append(speech.say(N_("Decided by %(who)s, %(at)s. Reason: %(why)s"), who=who, at=at, why=decision.reason))
    return found


def trigger_words(one: Trigger, speech: Speech) -> str:
    name = speech.word(one.label)
    value = speech.word(one.shown) if one.verdict is not None else speech.say(N_("not recorded yet"))
    return f"{name}: {value or NOTHING} ({speech.say(N_('action'))} {speech.word(one.limits)})"


def calculation_grid(found: Sequence[Calculated], speech: Speech) -> Grid:
    """Value, what it was computed from, limits and verdict (ATMP-CALC)."""
    header = tuple(
        speech.say(word)
        for word in (N_("Computed by the server"), N_("Value"), N_("From"), N_("Limits"), N_("Verdict"))
    )
    return Grid(
        header,
        (0.25, 0.12, 0.31, 0.16, 0.16),
        tuple(calculation_row(one, speech) for one in found),
        speech.say(N_("Mark")),
    )


def calculation_row(one: Calculated, speech: Speech) -> Row:
    limits = ((N_("alert"), one.calculation.alert), (N_("action"), one.calculation.action))
    version = speech.say(N_("formulae version %(version)s"), version=one.formula_version)
    cells = (
        f"{speech.word(one.label)} ({version})",
        shown(one) or NOTHING,
        "; ".join(f"{speech.word(name)} {significant(amount, 4)}" for name, amount in one.inputs),
        "; ".join(f"{speech.say(name)} {limits_text(each)}" for name, each in limits if each.given),
        speech.say(VERDICTS.get(one.verdict, "")),
    )
    marks = (speech.say(MARKS[one.verdict]),) if one.verdict in MARKS else ()
    return Row(cells, marks, ())


def measurement_words(
    value: StepValueRow, rows: Sequence[MeasurementRow], people: Mapping[str, str], speech: Speech
) -> list[str]:
    """Every measurement of a field, then which one is used, by whom and why."""
    found = [
        speech.say(
            N_("Measurement %(number)s: %(value)s, by %(who)s, %(at)s"),
            number=one.number,
            value=f"{expanded(one.value)} {one.unit}".strip(),
            who=people.get(one.entered_by, one.entered_by),
            at=speech.moment(one.measured_at),
        )
        for one in rows
    ]
    who = people.get(value.chosen_by or "", NOTHING)
    used = N_("Used: measurement %(number)s, chosen by %(who)s. Reason: %(why)s")
    return [*found, speech.say(used, number=value.measurement or NOTHING, who=who, why=value.chosen_because or NOTHING)]


def part_lines(process: Process, part: Condition, speech: Speech) -> Lines:
    """When the part is done; otherwise one N/A for all of it."""
    names = ", ".join(trigger_name(process, step, field, speech) for step, field in part.opens_on)
    when = [speech.say(N_("a value is beyond its action limit: %(values)s"), values=names)] if part.opens_on else []
    when += [speech.say(N_("it is chosen, with the reason"))] if part.by_choice else []
    text = speech.say(
        N_("%(part)s, only when %(when)s. Otherwise one N/A for the whole part: reason, initials, date and time:"),
        part=speech.word(part.title),
        when=f" {speech.say(N_('or'))} ".join(when),
    )
    return Lines((f"{text} ……………………………………",), strong=True)


def trigger_name(process: Process, step: str, field: str, speech: Speech) -> str:
    """``4.8 T cells``: a field under its number, a calculation under its step."""
    position = process.place_of(step) or 0
    planned = process.step(position).field(field)
    if planned is None:
        return f"{position} {speech.word(FIGURES[field])}"
    return f"{field_numbers(position, process.step(position))[field]} {speech.word(planned.label)}"
