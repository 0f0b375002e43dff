"""Values of a record in the reader's words, exact: no number is rounded on paper that is not rounded in the record."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.domain.computed import AT_MOST
from manufacturing.domain.plan import FieldKind, Limits, PlannedField
from manufacturing.domain.steps import limits_text
from manufacturing.tables.batches import StepValueRow

NOTHING = "–"


def said(value: Any, speech: Speech) -> str:
    """A value out of a table or out of the trail, where instants and numbers are texts already."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return str(speech.say(N_("Yes") if value else N_("No")))
    if isinstance(value, datetime):
        return speech.moment(value)
    if isinstance(value, date):
        return speech.day(value)
    if isinstance(value, Decimal):
        return expanded(value)
    return said_text(str(value), speech)


def said_text(text: str, speech: Speech) -> str:
    """An instant of the trail as a local time; everything else as it is written."""
    if text.endswith("Z") and "T" in text:
        try:
            return speech.moment(datetime.fromisoformat(text))
        except ValueError:
            return text
    return text


def value_words(planned: PlannedField | None, row: StepValueRow | None, speech: Speech) -> str:
    """The value of a field with its unit; yes and no in words."""
    if row is None:
        return NOTHING
    if row.not_applicable:
        return f"{speech.say(N_('N/A'))}: {speech.word(row.not_applicable)}"
    if row.number is not None:
        bound = "≤ " if row.shown.startswith(AT_MOST) else ""
        gate = speech.say(N_("of %(parent)s"), parent=speech.word(planned.parent)) if planned and planned.parent else ""
        return f"{bound}{expanded(row.number)} {speech.word(row.unit)} {gate}".strip()
    if row.moment is not None:
        return speech.moment(row.moment)
    if row.text and planned is not None and planned.kind is FieldKind.YES_NO:
        return speech.word(row.text)
    return row.text or NOTHING


def limit_words(planned: PlannedField, speech: Speech) -> str:
    """Alert and action limit, the expected answer, what is possible at all; in the field's unit."""
    parts = [
        (N_("alert"), limits_text(planned.alert)),
        (N_("action"), limits_text(planned.action)),
        (N_("expected"), speech.word(planned.expected)),
        (N_("possible"), limits_text(planned.plausible) if not limited(planned.alert, planned.action) else ""),
    ]
    return "; ".join(f"{speech.say(name)} {text}" for name, text in parts if text)


def limited(*limits: Limits) -> bool:
    return any(one.given for one in limits)


def each_word(texts: str, speech: Speech) -> str:
    """Accepted words of a criterion, and findings, of which each stands by itself (``clear, colourless``)."""
    return ", ".join(speech.word(one) for one in texts.split(", "))


def code_words(code: str, speech: Speech) -> str:
    """A code word of the records, such as ``anti_hiv``, as people read it."""
    return speech.word(code).replace("_", " ")
