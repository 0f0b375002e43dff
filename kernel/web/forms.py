"""A schema as a form: label above, unit inside, help below, error beside; one description for every act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields, validate

from kernel.refusals import N_, Refusal
from kernel.web.fields import Attachment, CalendarDay, Moment, Number, YesNo
from kernel.web.i18n import Speech

OPTIONAL = N_("optional")


@dataclass(frozen=True)
class Box:
    """One field as the page draws it. ``value`` is exactly what was typed, also when it was wrong; ``optional``: when it may
    stay empty, where it is not required."""

    name: str
    label: str
    widget: str
    value: Any
    unit: str
    help: str
    required: bool
    choices: tuple[tuple[str, str], ...]
    errors: tuple[str, ...]
    group: str
    placeholder: str
    optional: str


def form_fields(
    schema: Schema,
    typed: dict[str, list[str]],
    refusals: tuple[Refusal, ...],
    prepared: dict[str, Any],
    speech: Speech,
) -> list[Box]:
    """The boxes in the schema's order, with labels and choices in the reader's language.

    ``left_out`` of the act's own list: fields there is nothing to say in this time; ``needed``: fields that may not stay
    empty this time.
    """
    return [
        box_of(name, one, typed, refusals, prepared, speech)
        for name, one in schema.fields.items()
        if not one.metadata.get("hidden") and name not in prepared.get("left_out", ())
    ]


def box_of(
    name: str,
    one: fields.Field[Any],
    typed: dict[str, list[str]],
    refusals: tuple[Refusal, ...],
    prepared: dict[str, Any],
    speech: Speech,
) -> Box:
    about = one.metadata
    needed = one.required or about.get("expected", False)  # expected: left out, it is refused by name later on
    errors = tuple(error_text(refusal, speech) for refusal in refusals if refusal.fact("field") == name)
    return Box(
        name=name,
        label=speech.say(about.get("label", name.replace("_", " ").capitalize())),
        widget=about.get("widget", widget_of(one)),
        value=value_of(name, one, typed, prepared, speech),
        unit=speech.say(about.get("unit", "")),
        help=" ".join(filter(None, (speech.say(about.get("help", "")), prepared.get("help", {}).get(name)))),
        required=about.get("required", needed) or name in prepared.get("needed", ()),
        choices=choices_of(name, one, prepared, speech),
        errors=errors,
        group=speech.say(about.get("group", "")),
        placeholder=about.get("placeholder", ""),
        optional=speech.say(about.get("unless", OPTIONAL)),
    )


def error_text(refusal: Refusal, speech: Speech) -> str:
    problem = refusal.fact("problem")
    if problem:
        return speech.problem(problem)
    return speech.say(refusal.kind.sentence, **dict(refusal.facts))


def widget_of(one: fields.Field[Any]) -> str:
    if isinstance(one, Attachment):
        return "file"
    if isinstance(one, YesNo):
        return "yesno"
    if isinstance(one, fields.Boolean):
        return "checkbox"
    if isinstance(one, fields.List):
        return "many"
    if isinstance(one, Number):
        return "number"
    if isinstance(one, Moment):
        return "moment"
    if isinstance(one, CalendarDay):
        return "day"
    if "choices" in one.metadata or any(isinstance(rule, validate.OneOf) for rule in one.validators):
        return "choice"
    return "text"


def value_of(
    name: str, one: fields.Field[Any], typed: dict[str, list[str]], prepared: dict[str, Any], speech: Speech
) -> Any:
    if name in typed:
        return typed[name] if isinstance(one, fields.List) else typed[name][-1]
    value = prepared.get("initial", {}).get(name)
    if isinstance(value, datetime):
        return speech.clock(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return "" if value is None else value


def choices_of(
    name: str, one: fields.Field[Any], prepared: dict[str, Any], speech: Speech
) -> tuple[tuple[str, str], ...]:
    """Pairs (value, words) from the act's own list, the field's list, or the values the schema accepts.

    Words of a field that the act calls ``verbatim`` stand in somebody's file: they have no translation.
    """
    given = prepared.get("choices", {}).get(name) or one.metadata.get("choices")
    if given is None:
        inner = one.inner if isinstance(one, fields.List) else one
        rule = next((rule for rule in inner.validators if isinstance(rule, validate.OneOf)), None)
        given = [(value, value) for value in rule.choices] if rule else []
    verbatim = name in prepared.get("verbatim", ())
    return tuple((str(value), str(words) if verbatim else speech.say(words)) for value, words in given)
