"""What a request sent: envelope and fields apart, and refused where no field could make sense of it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Request
from marshmallow import Schema, ValidationError

from kernel.db import storable
from kernel.errors import Refused, refuse_any
from kernel.files.domain.refusals import FILE_TOO_LARGE, LARGEST_FILE, MEGABYTE, Upload
from kernel.privacy import personal_data_refusals
from kernel.refusals import MISSING_REASON, N_, Refusal, kind
from kernel.web.fields import without_blanks
from kernel.words import Fact, phrase

CREDENTIALS = ("signer", "password", "second_signer", "second_password")
ENVELOPE = (*CREDENTIALS, "seen", "opened", "idempotency_key", "csrf_token", "reason", "carry", "last_head")
KEY = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
SHORTEST_REASON, LONGEST_REASON = 5, 1000
LONGEST_NAME = 64
MOST_FIELDS = 500
WHOLE = "_schema"
UNWANTED = N_("Contains a character that cannot be seen or that turns the direction of reading.")

FIELD_INVALID = kind(
    "FIELD_INVALID",
    422,
    N_("%(name)s: %(problem)s"),
    resolver=N_("you"),
    next_step=N_("Correct the field and send the form again; nothing typed is lost."),
)


class Rounded:
    """A JSON number with a point, an exponent or no value: no field takes it, it may have been rounded already."""

    def __init__(self, _text: str) -> None: ...


@dataclass
class Submission:
    """What was sent: envelope and fields apart."""

    envelope: dict[str, str]
    fields: dict[str, Any]

    @classmethod
    def of(cls, request: Request, *, largest_file: int = LARGEST_FILE) -> Submission:
        raw = json_body(request) if request.is_json else form_body(request) | file_parts(request, largest_file)
        if key := request.headers.get("Idempotency-Key"):
            raw.setdefault("idempotency_key", key)
        if len(raw) > MOST_FIELDS:
            raise ValidationError({WHOLE: [N_("Too many fields.")]})
        if not all(storable(text) for text in texts(raw)):
            raise ValidationError({WHOLE: [UNWANTED]})
        envelope = {name: str(raw.pop(name)) for name in ENVELOPE if name in raw}
        if not KEY.fullmatch(envelope.get("idempotency_key", "-")):
            raise ValidationError({"idempotency_key": [N_("Use 1 to 200 visible ASCII characters.")]})
        return cls(envelope, raw)


def json_body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(
            request.get_data(cache=True) or b"{}",
            parse_float=Rounded,
            parse_constant=Rounded,
            object_pairs_hook=no_twins,
        )
    except (ValueError, RecursionError):
        raise ValidationError({WHOLE: [N_("The body is not valid JSON.")]}) from None
    if not isinstance(body, dict):
        raise ValidationError({WHOLE: [N_("The body must be a JSON object.")]})
    return body


def no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def form_body(request: Request) -> dict[str, Any]:
    return {name: values if len(values) > 1 else values[0] for name, values in request.form.lists()}


def file_parts(request: Request, largest: int) -> dict[str, Upload]:
    """Each file that was chosen; one box takes one file. A box left empty is not sent as a file."""
    found = {}
    for name, parts in request.files.lists():
        chosen = [part for part in parts if part.filename]
        if len(chosen) > 1:
            raise ValidationError({name: [N_("Choose one file at a time.")]})
        for part in chosen:
            found[name] = Upload(str(part.filename), part.stream.read(largest + 1))
            part.close()
            if found[name].size > largest:
                raise Refused(FILE_TOO_LARGE(field=name[:LONGEST_NAME], limit=largest // MEGABYTE))
    return found


def texts(value: Any) -> Iterator[str]:
    """Every text in what was sent, names of fields included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Upload):
        yield value.filename
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts(name)
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def unseen(text: str, *, scanned: bool = False) -> bool:
    """Control and format characters, overrides of the reading direction among them. Scanners send separators."""
    unwanted = {"Cf"} if scanned else {"Cc", "Cf"}
    return any(unicodedata.category(sign) in unwanted and sign not in "\t\n\r" for sign in text)


def load_fields(schema: Schema, submitted: dict[str, Any]) -> dict[str, Any]:
    """Shape first, then nothing hidden and nothing personal in any text (GDPR-FREE).

    Fields about ``staff``, numbers printed on an ``article`` and the limits of a controlled ``document``, which two
    people approve, are not looked through for what only looks personal.
    """
    loaded: dict[str, Any] = schema.load(without_blanks(submitted, schema))
    refuse_any([refusal for name, value in loaded.items() for refusal in field_text_refusals(schema, name, value)])
    return loaded


def field_text_refusals(schema: Schema, name: str, value: Any) -> list[Refusal]:
    about = schema.fields[name].metadata if name in schema.fields else {}
    label = label_of(schema, name)
    refusals = []
    for text in () if isinstance(value, Upload) else texts(value):
        if unseen(text, scanned=about.get("widget") == "scan"):
            refusals.append(FIELD_INVALID(field=name, name=label, problem=UNWANTED))
        if not any(about.get(one) for one in ("staff", "article", "document")):
            refusals.extend(personal_data_refusals(name, text, label))
    return list(dict.fromkeys(refusals))


def reason_refusals(reason: str | None, *, needed: bool) -> tuple[Refusal, ...]:
    """A reason that is asked for says something; one that is given anyhow is a text like any other."""
    text = (reason or "").strip()
    bare = text.casefold().strip(" .!-")
    if needed and (len(text) < SHORTEST_REASON or bare in {"typo", "error", "fout", "typefout", "reden", "reason"}):
        return (MISSING_REASON(field="reason"),)
    if len(text) > LONGEST_REASON:
        return (FIELD_INVALID(field="reason", name=N_("Reason"), problem=N_("Give at most 1000 characters.")),)
    if unseen(text):
        return (FIELD_INVALID(field="reason", name=N_("Reason"), problem=UNWANTED),)
    return personal_data_refusals("reason", text, N_("Reason"))


def field_refusals(error: ValidationError, schema: Schema | None = None) -> tuple[Refusal, ...]:
    """marshmallow's messages as refusals, so that pages, API and trail speak one language; in the order of the form."""
    messages = error.messages if isinstance(error.messages, dict) else {WHOLE: error.messages}
    places = {name: place for place, name in enumerate(schema.fields if schema is not None else ())}
    told = sorted((places.get(str(name), len(places)), str(name), problems) for name, problems in messages.items())
    return tuple(
        FIELD_INVALID(field=name[:LONGEST_NAME], name=label_of(schema, name), problem=flat(problems))
        for _, name, problems in told
    )


def label_of(schema: Schema | None, name: str) -> Fact:
    """What the page calls the field; one that stands under a question (``of``) is told with it."""
    if name == WHOLE:
        return N_("Form")
    field = schema.fields.get(name) if schema is not None else None
    if field is None:
        return name[:LONGEST_NAME]
    label = str(field.metadata.get("label", name))
    return phrase(field.metadata["of"], "–", label) if "of" in field.metadata else label


def flat(problems: Any) -> str:
    if isinstance(problems, dict):
        return " ".join(flat(one) for one in problems.values())
    return " ".join(str(one) for one in problems) if isinstance(problems, list) else str(problems)
