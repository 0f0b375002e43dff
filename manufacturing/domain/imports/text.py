"""Bytes of an export as text: the encoding is recognised by what proves it, or refused; nothing hidden passes."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from kernel.files.domain.media import BEGINNINGS
from kernel.refusals import N_, Refusal
from manufacturing.domain.imports.refusals import IMPORT_ENCODING, IMPORT_HIDDEN, IMPORT_NOT_A_TABLE

MARKS = ((codecs.BOM_UTF8, "UTF-8"), (codecs.BOM_UTF16_LE, "UTF-16-LE"), (codecs.BOM_UTF16_BE, "UTF-16-BE"))
ARCHIVES = (
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    (b"\x1f\x8b", "gzip"),
)
UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
LINE_SIGNS = "\t\r\n"
LINE_END = re.compile(r"\r\n|\r|\n")
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Text:
    """``encoding`` as people call it; a mark of byte order is no part of ``text``."""

    text: str
    encoding: str


def read_text(body: bytes) -> Text | Refusal:
    """UTF-8 with or without mark, UTF-16 with its mark, else Western European; every byte must mean something."""
    for beginning, media_type in (*BEGINNINGS, *ARCHIVES):
        if body.startswith(beginning):
            return IMPORT_NOT_A_TABLE(field="file", media_type=media_type)
    if body.startswith(UTF_32):
        return IMPORT_ENCODING(field="file", why="UTF-32")
    for mark, encoding in MARKS:
        if body.startswith(mark):
            return decoded(body[len(mark) :], encoding)
    if b"\0" in body:
        return IMPORT_ENCODING(field="file", why=N_("bytes of value 0 and no mark of byte order"))
    found = decoded(body, "UTF-8")
    return decoded(body, "Windows-1252") if isinstance(found, Refusal) and found.code == "IMPORT_ENCODING" else found


def decoded(body: bytes, encoding: str) -> Text | Refusal:
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        return IMPORT_ENCODING(field="file", why=f"{encoding}?")
    return hidden_refusal(text) or Text(text, encoding)


def hidden_refusal(text: str) -> Refusal | None:
    """The first sign that nobody sees: control, format, private, or half of a pair."""
    unseen = [one for one in set(text) if one not in LINE_SIGNS and unicodedata.category(one) in UNSEEN]
    if not unseen:
        return None
    place, sign = min((text.index(one), one) for one in unseen)
    row = 1 + len(LINE_END.findall(text, 0, place))
    return IMPORT_HIDDEN(field="file", row=row, code=f"U+{ord(sign):04X}")
