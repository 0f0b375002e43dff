"""English words of the documents of an installation, looked for on pages that a Dutch reader is shown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.documents.queries import document_body
from kernel.documents.tables import DocumentRow
from kernel.words import is_words
from manufacturing.tables.equipment import EquipmentRow

# What shows both languages on purpose: a printed label, and the body of a document to whoever approves it.
BOTH = re.compile(r"^/(labels/|administration/documents)")
UNREAD = re.compile(r"<(script|style|textarea)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")


def words_in(value: Any) -> Iterator[tuple[str, str]]:
    """English and Dutch of every pair in a document."""
    if is_words(value):
        yield value.get("en", ""), value.get("nl", "")
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from words_in(one)


@dataclass(frozen=True)
class English:
    """``words``: each English text of the documents that is no Dutch one. ``typed``: names that people gave in English."""

    words: dict[str, re.Pattern[str]]
    typed: frozenset[str]

    def in_page(self, path: str, page: str) -> Iterator[str]:
        """Where a page says an English word of a document: the page, and what stands there."""
        if not BOTH.match(path):
            yield from self.in_text(path, html.unescape(TAG.sub(" | ", UNREAD.sub("", page))))

    def in_text(self, where: str, text: str) -> Iterator[str]:
        text = re.sub(r"\s+", " ", text)
        for name in self.typed:
            text = text.replace(name, "…")
        for words, pattern in self.words.items():
            if words in text and (found := pattern.search(text)):  # the first asks a hundred times faster
                yield f"{where}: {words} in “{text[max(0, found.start() - 40) : found.end() + 40]}”"


def english_of(session: Session) -> English:
    documents = session.execute(sa.select(DocumentRow)).scalars().all()
    pairs = {pair for row in documents for pair in words_in(document_body(row))}
    dutch = {one for _, one in pairs}
    words = {one: re.compile(rf"(?<![\w-]){re.escape(one)}(?![\w-])") for one, _ in pairs if one and one not in dutch}
    devices = session.execute(sa.select(EquipmentRow.title)).scalars()
    return English(words, frozenset({*devices, *(row.title for row in documents)}))
