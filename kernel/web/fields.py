"""Form and JSON fields: they check shape and keep what was typed; meaning is for the rules."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields

from kernel.clock import PEOPLE, instants_of
from kernel.files.domain.refusals import Upload
from kernel.quantities import parse_number
from kernel.refusals import N_, Refusal

MOMENT = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)((?P<offset>Z|[+-]\d\d:\d\d)| (?P<season>CES?T))?",
    re.ASCII,
)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
YEARS = range(1900, 2200)
TIME_TEXT = N_("Write the time as 2026-11-23 16:30.")
DAY_TEXT = N_("Write the day as 2026-11-23.")
TIME_UNKNOWN = N_("This time does not exist on the night the clock goes forward.")
TIME_SEASON = N_("On this day the clock showed the other one of CET and CEST.")
TIME_TWICE = N_("This hour happens twice on the night the clock goes back; add +02:00 (first) or +01:00 (second).")


class Number(fields.Field[Decimal]):
    """An exact decimal, as text. A JSON number is refused: it may already have been rounded."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:  # noqa: ARG002
        if not isinstance(value, str):
            raise ValidationError(N_("Give the number as text, for example “1.2e6”."))
        number = parse_number(value)
        if isinstance(number, Refusal):
            raise ValidationError(str(number))
        return number

    def _serialize(self, value: Decimal | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return None if value is None else format(value, "f")


class Moment(fields.Field[datetime]):
    """A time as people write it (Amsterdam, or with an offset); inside, an aware UTC instant.

    ``2026-10-25 02:30 CET``, as labels print it, is read too.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:  # noqa: ARG002
        match = MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise ValidationError(TIME_TEXT)
        try:
            moment = datetime.fromisoformat(match["time"] + (match["offset"] or ""))
        except ValueError:
            raise ValidationError(TIME_TEXT) from None
        if moment.year not in YEARS:
            raise ValidationError(TIME_TEXT)
        return moment.astimezone(UTC) if moment.tzinfo else local_instant(moment, match["season"])

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return None if value is None else value.isoformat()


def local_instant(wall: datetime, season: str | None) -> datetime:
    """The instant of a wall-clock time in Amsterdam; without CET or CEST, the two unclear hours a year are refused."""
    possible = instants_of(wall)
    if not possible:
        raise ValidationError(TIME_UNKNOWN)
    meant = [one for one in possible if season in {None, one.astimezone(PEOPLE).tzname()}]
    if len(meant) == 1:
        return meant[0]
    raise ValidationError(TIME_TWICE if meant else TIME_SEASON)


class CalendarDay(fields.Field[date]):
    """A calendar day as 2026-11-23."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:  # noqa: ARG002
        if not isinstance(value, str) or not DAY.fullmatch(value.strip()):
            raise ValidationError(DAY_TEXT)
        try:
            day = date.fromisoformat(value.strip())
        except ValueError:
            raise ValidationError(DAY_TEXT) from None
        if day.year not in YEARS:
            raise ValidationError(DAY_TEXT)
        return day

    def _serialize(self, value: date | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return None if value is None else value.isoformat()


class YesNo(fields.Field[bool]):
    """An answered question: yes or no; leaving it open is not an answer."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:  # noqa: ARG002
        answers = {"yes": True, "no": False}
        if isinstance(value, bool):
            return value
        if not isinstance(value, str) or value not in answers:
            raise ValidationError(N_("Answer yes or no."))
        return answers[value]

    def _serialize(self, value: bool | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002, FBT001
        return value


class Attachment(fields.Field[Upload]):
    """A file, as a part of ``multipart/form-data``; what is in it is for the rules."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Upload:  # noqa: ARG002
        if not isinstance(value, Upload):
            raise ValidationError(N_("Choose one file; it is sent as multipart/form-data."))
        return value

    def _serialize(self, value: Upload | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return None if value is None else value.told()


def without_blanks(submitted: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """An empty box is a box left out, or nothing where the field may say so; lists stay lists."""
    cleaned: dict[str, Any] = {}
    for name, value in submitted.items():
        if isinstance(schema.fields.get(name), fields.List) and not isinstance(value, list):
            cleaned[name] = [value]
        elif value != "":
            cleaned[name] = value
        elif name in schema.fields and schema.fields[name].allow_none:
            cleaned[name] = None
    return cleaned
