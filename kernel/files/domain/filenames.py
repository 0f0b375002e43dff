"""Names of files: as they came, without path, hidden signs and what a file system or header could misread."""

from __future__ import annotations

import re
import unicodedata

from kernel.privacy import personal_data_refusals
from kernel.refusals import N_, Refusal

LONGEST = 100
ALLOWED = re.compile(r"[^\w .()+,=-]")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def clean(filename: str) -> str:
    """The name as it is kept and offered again. Folders go, hidden signs go, the ending stays."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", filename))[-1]
    seen = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C")
    plain = re.sub(r"\s+", " ", ALLOWED.sub("_", seen)).strip(" .") or "file"
    if RESERVED.match(plain):
        plain = f"_{plain}"
    suffix = ending(plain)
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1 - len(suffix)]}.{suffix}".strip(" .")


def ending(filename: str) -> str:
    """What stands after the last dot, small, where it looks like the ending of a name; else nothing."""
    match = re.search(r"\.([A-Za-z0-9]{1,8})\W*$", filename)
    return match.group(1).lower() if match else ""


def filename_refusals(filename: str) -> tuple[Refusal, ...]:
    """A name that looks like somebody's is refused, written with dashes or underscores too (GDPR-4.5)."""
    label = N_("Name of the file")
    spaced = re.sub(r"[_+-]+", " ", filename)
    found = [one for text in (filename, spaced) for one in personal_data_refusals("file", text, label)]
    return tuple(dict.fromkeys(found))
