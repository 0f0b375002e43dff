"""What an FCS file says about itself: header and TEXT segment of FCS 2.0, 3.0 and 3.1. No event is ever judged.

The reader is exact: offsets must lie in the file and in order, the delimiter must be one, keywords come in pairs and once. The
layout is that of the Data File Standard for Flow Cytometry (ISAC).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernel.refusals import N_, Refusal, kind
from manufacturing.domain.imports.refusals import EXPORT_AGAIN, YOU

HEADER_BYTES = 58
VERSIONS = ("FCS2.0", "FCS3.0", "FCS3.1")
MOST_TEXT = 1024 * 1024
LONGEST_VALUE = 200
OFFSET = re.compile(rb" *[0-9]{1,8}|-1| {8}", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,12}", re.ASCII)
SAMPLE_KEYS = ("$SMNO", "SAMPLE ID", "$FIL", "TUBE NAME", "SAMPLE", "$SAMPLE")
PERSONAL_KEYS = ("$SRC", "PATIENT ID", "PATIENT NAME", "PATIENT", "$PATIENT", "NAME", "MRN", "DOB")

FCS_BROKEN = kind(
    "FCS_BROKEN",
    422,
    N_("The FCS file is damaged or not exact: %(problem)s."),
    resolver=YOU,
    next_step=EXPORT_AGAIN,
)
FCS_SAMPLE = kind(
    "FCS_SAMPLE",
    422,
    N_("The FCS file does not carry the code of sample %(sample)s; it says “%(found)s”."),
    resolver=YOU,
    next_step=N_("Attach the file of this sample. A tube measured under another name is explained in a deviation."),
)
FCS_PERSONAL = kind(
    "FCS_PERSONAL",
    422,
    N_("The FCS file has something in %(keyword)s, a place for persons."),
    resolver=YOU,
    next_step=N_("Export it again without data about the person; the code of the sample is enough."),
)


@dataclass(frozen=True, slots=True)
class FcsFile:
    """``sample``: what stands in the first of ``SAMPLE_KEYS`` that is filled; ``names``: all that stands in them.

    ``acquired``: day and times exactly as written (their spelling is the instrument's own).
    """

    version: str
    sample: str
    names: tuple[str, ...]
    acquired: str
    cytometer: str
    serial: str
    events: int
    parameters: int
    personal: tuple[str, ...]


def read_fcs(body: bytes) -> FcsFile | Refusal:
    """The facts of the file, or why it is not exact."""
    spans = read_header(body)
    if isinstance(spans, str):
        return FCS_BROKEN(field="file", problem=spans)
    keywords = read_keywords(body[spans[0][0] : spans[0][1] + 1])
    if isinstance(keywords, str):
        return FCS_BROKEN(field="file", problem=keywords)
    if problem := data_problem(body, spans[1], keywords):
        return FCS_BROKEN(field="file", problem=problem)
    names = tuple(dict.fromkeys(keywords[key] for key in SAMPLE_KEYS if keywords.get(key)))
    times = (keywords.get(key, "") for key in ("$DATE", "$BTIM", "$ETIM"))
    return FcsFile(
        version=body[:6].decode("ascii"),
        sample=names[0] if names else "",
        names=names,
        acquired=" ".join(one for one in times if one),
        cytometer=keywords.get("$CYT", ""),
        serial=keywords.get("$CYTSN", "") or keywords.get("CYTNUM", ""),
        events=int(keywords["$TOT"]) if "$TOT" in keywords else 0,
        parameters=int(keywords["$PAR"]),
        personal=tuple(key for key in PERSONAL_KEYS if keywords.get(key)),
    )


def read_header(body: bytes) -> list[tuple[int, int]] | str:
    """The spans of TEXT, DATA and ANALYSIS, both ends included; 0 to 0 where a segment is absent or said elsewhere."""
    if len(body) < HEADER_BYTES:
        return N_("it ends within the header")
    if body[:6].decode("latin-1") not in VERSIONS or body[6:10] != b"    ":
        return N_("its version is not 2.0, 3.0 or 3.1")
    fields = [body[place : place + 8] for place in range(10, HEADER_BYTES, 8)]
    if not all(OFFSET.fullmatch(one) or OFFSET.fullmatch(one.strip()) for one in fields):
        return N_("an offset of the header is no number")
    numbers = [max(int(one.strip() or b"0"), 0) for one in fields]
    spans = list(zip(numbers[::2], numbers[1::2], strict=True))
    begin, end = spans[0]
    if not HEADER_BYTES <= begin < end:
        return N_("the offsets of its text are out of order")
    if end >= len(body):
        return N_("it ends within its text")
    return N_("its text is too long") if end - begin > MOST_TEXT else spans


def read_keywords(segment: bytes) -> dict[str, str] | str:
    """Pairs of keyword and value between single delimiters; a doubled delimiter is one of the value itself."""
    delimiter = segment[:1]
    if not 1 <= segment[0] <= 126:
        return N_("its text has no delimiter")
    if segment[-1:] != delimiter:
        return N_("its text does not end with its delimiter")
    hidden = b"\0\0"
    parts = segment[1:-1].replace(delimiter * 2, hidden).split(delimiter)
    if len(parts) % 2:
        return N_("a keyword of its text has no value")
    keywords: dict[str, str] = {}
    for name, value in zip(parts[::2], parts[1::2], strict=True):
        key = readable(name.replace(hidden, delimiter)).upper()
        if not key or key in keywords:
            return N_("a keyword of its text is empty or comes twice")
        keywords[key] = readable(value.replace(hidden, delimiter))
    return keywords


def readable(raw: bytes) -> str:
    """UTF-8 as FCS 3.1 says, else Latin-1; what cannot be seen is shown as a question mark, and nothing is very long."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return "".join(sign if sign.isprintable() else "?" for sign in text).strip()[:LONGEST_VALUE]


def data_problem(body: bytes, data: tuple[int, int], keywords: dict[str, str]) -> str | None:
    """Whether the events that the text promises are in the file at all; their values are not read."""
    if not WHOLE.fullmatch(keywords.get("$PAR", "")):
        return N_("it does not say how many parameters it has")
    if "$TOT" in keywords and not WHOLE.fullmatch(keywords["$TOT"]):
        return N_("the number of its events is no number")
    if "$TOT" not in keywords and not body.startswith(b"FCS2.0"):
        return N_("it does not say how many events it has")
    begin, end = data
    if (begin, end) == (0, 0):
        told = [keywords.get(key, "") for key in ("$BEGINDATA", "$ENDDATA")]
        if not all(WHOLE.fullmatch(one) for one in told):
            return N_("it does not say where its events are")
        begin, end = (int(one) for one in told)
    if end < begin or begin < HEADER_BYTES:
        return N_("the offsets of its events are out of order")
    return N_("it ends within its events") if end >= len(body) else size_problem(end - begin + 1, keywords)


def size_problem(size: int, keywords: dict[str, str]) -> str | None:
    """Where the width of every parameter is written, the events fill their segment exactly."""
    widths = [keywords.get(f"$P{number}B", "") for number in range(1, int(keywords["$PAR"]) + 1)[:1000]]
    if "$TOT" not in keywords or not widths or not all(WHOLE.fullmatch(one) for one in widths):
        return None
    bits = sum(int(one) for one in widths) * int(keywords["$TOT"])
    wanted = {-(-bits // 8), -(-bits // 8) + 1}
    return None if size in wanted or bits == 0 else N_("its events do not fill the place they should")


def personal_refusals(found: FcsFile) -> tuple[Refusal, ...]:
    """Something stands where the format has a place for a person."""
    return tuple(FCS_PERSONAL(field="file", keyword=key) for key in found.personal)


def fcs_refusals(found: FcsFile, sample: str) -> tuple[Refusal, ...]:
    """Why this file does not belong to the sample with this code."""
    refusals = list(personal_refusals(found))
    if not any(names_sample(one, sample) for one in found.names):
        refusals.append(FCS_SAMPLE(field="file", sample=sample, found=found.sample[:40] or "–"))
    return tuple(refusals)


def names_sample(text: str, sample: str) -> bool:
    """The whole code, standing alone or before what the instrument adds to it (``code_001.fcs``)."""
    return re.search(rf"(?<![A-Za-z0-9-]){re.escape(sample)}(?![A-Za-z0-9*-])", text) is not None
