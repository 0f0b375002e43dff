"""Every sentence the product can say, out of code and templates; what a catalogue lacks. Also a tool:

``python -m tests.contracts.messages [package]`` prints what has no Dutch yet, as PO entries.
"""

from __future__ import annotations

import inspect
import sys
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kernel", "manufacturing", "labels", "release", "config")
KEYWORDS = {"N_": None, "say": None, "_": None}
SPOKEN_ENUMS = (
    "kernel.accounts.domain",
    "kernel.documents.domain",
    "manufacturing.domain.trial",
    "manufacturing.domain.collections",
    "manufacturing.domain.batches",
    "manufacturing.domain.capa",
    "manufacturing.domain.deviations",
    "manufacturing.domain.lookbacks",
    "manufacturing.domain.imports.imports",
    "labels.domain.labels",
    "release.domain.decisions",
    "release.domain.defects",
    "release.domain.duties",
    "release.domain.oos",
    "release.domain.recalls",
    "release.domain.retention",
    "release.domain.overlays",
    "release.domain.supply",
)


def in_python(path: Path) -> set[str]:
    found = extract_from_file("python", str(path), keywords=KEYWORDS)
    return {text for _line, message, _comments, _context in found if (text := first(message))}


def first(message: object) -> str | None:
    """The message id; a call with arguments gives it with blanks beside it."""
    text = message[0] if isinstance(message, tuple) and message else message
    return text if isinstance(text, str) else None


def in_template(path: Path) -> set[str]:
    with path.open("rb") as file:
        found = babel_extract(file, ["_"], [], {"trimmed": "true", "silent": "false"})
        return {text for _line, _function, message, _comments in found if (text := first(message))}


def in_enums(package: str) -> set[str]:
    words: set[str] = set()
    for name in SPOKEN_ENUMS:
        if not name.startswith(package + "."):
            continue
        for _, member in inspect.getmembers(import_module(name), inspect.isclass):
            if issubclass(member, StrEnum) and member.__module__ == name:
                words |= {one.value for one in member}
    return words


def messages(package: str) -> set[str]:
    """All message ids of a package; the empty one is the catalogue's own header."""
    found: set[str] = in_enums(package)
    for path in sorted((ROOT / package).rglob("*.py")):
        found |= in_python(path)
    for path in sorted((ROOT / package).rglob("*.html")):
        found |= in_template(path)
    return found - {""}


def catalogue(language: str = "nl") -> dict[str, str]:
    merged: dict[str, str] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).glob(f"locale/{language}*.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale=language):
                    if isinstance(message.id, str) and message.id and message.string and not message.fuzzy:
                        merged[message.id] = str(message.string)
    return merged


def untranslated(package: str) -> list[str]:
    return sorted(messages(package) - set(catalogue()))


if __name__ == "__main__":
    for wanted in sys.argv[1:] or PACKAGES:
        for message in untranslated(wanted):
            text = message.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            print(f'msgid "{text}"\nmsgstr ""\n')
