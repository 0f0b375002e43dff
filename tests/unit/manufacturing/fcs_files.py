"""FCS files as cytometers write them, byte by byte, and the ways in which they come damaged."""

from __future__ import annotations

SAMPLE = "NK26-0001-S03-3"
EVENTS = b"\0" * 80  # ten events of two parameters of 32 bits
KEYWORDS = {
    "$BEGINANALYSIS": "0",
    "$ENDANALYSIS": "0",
    "$BYTEORD": "1,2,3,4",
    "$DATATYPE": "F",
    "$MODE": "L",
    "$NEXTDATA": "0",
    "$PAR": "2",
    "$TOT": "10",
    "$P1B": "32",
    "$P1N": "FSC-A",
    "$P2B": "32",
    "$P2N": "CD56 APC-A",
    "$CYT": "FACSLyric",
    "$CYTSN": "R659180000123",
    "$DATE": "28-NOV-2026",
    "$BTIM": "09:41:07",
    "$ETIM": "09:43:12",
    "$SMNO": SAMPLE,
    "$FIL": f"{SAMPLE}_001.fcs",
}


def fcs(
    version: str = "FCS3.1",
    changes: dict[str, str | None] | None = None,
    *,
    delimiter: str = "/",
    events: bytes = EVENTS,
    text_begin: int = 256,
    data: tuple[int, int] | None = None,
    ending: str | None = None,
) -> bytes:
    """A whole file; ``changes``: keywords set otherwise or (None) left out."""
    keywords = {name: value for name, value in (KEYWORDS | (changes or {})).items() if value is not None}
    said = "".join(
        f"{delimiter}{name}{delimiter}{value.replace(delimiter, delimiter * 2)}" for name, value in keywords.items()
    )
    text = (said + (delimiter if ending is None else ending)).encode("utf-8")
    begin = text_begin + len(text)
    spans = (text_begin, begin - 1, *(data or (begin, begin + len(events) - 1)), 0, 0)
    header = f"{version}    ".encode() + b"".join(f"{number:>8}".encode() for number in spans)
    return header.ljust(text_begin, b" ") + text + events
