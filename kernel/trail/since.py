"""What changed behind a page while it was open: which field of which record, from what to what, by whom and when.

Two answers that belong together: the acts of the trail since then on the records that the page rests on, field by field;
and what the page itself says otherwise now, such as a verdict that follows from another weight.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.canonical import plain
from kernel.db import Audited
from kernel.documents.differences import Difference, differences
from kernel.ids import ID
from kernel.refusals import N_
from kernel.tables import TrailChangeRow, TrailRow
from kernel.trail.queries import sentence, without_secrets
from kernel.web.i18n import Speech
from kernel.web.opened import Opened
from kernel.words import is_words

MOST_ACTS = 40
NOTHING = "–"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
# What people call a record by, the first that it has; and what an entry of a list on a page is told from others by.
NAMES = ("number", "short_number", "code", "position", "criterion", "title", "marker", "field", "full_name", "kind")
ENTRIES = ("number", "test", "container", "label", "step", "code", "field", "criterion", "key", "title", "name")
# Counted or computed from what is told anyhow, and names of other records.
COUNTED = ("version", "id", "records", "record sha256")
MACHINE = ("_id", "sha256", "_file_id", "document", "payload", "seal", "facts", "basis", "idempotency_key")


@dataclass(frozen=True)
class Changed:
    """``acts``: newest last. ``lines``: of the page. ``earlier``: how many acts more there were than are told.
    ``moved_on``: what was asked for is no longer possible, so that there is nothing to sign after reading.
    """

    acts: tuple[dict[str, Any], ...]
    lines: tuple[dict[str, Any], ...]
    earlier: int = 0
    moved_on: bool = False

    def document(self) -> dict[str, Any]:
        return {"acts": list(self.acts), "lines": list(self.lines), "earlier": self.earlier}


Rows = dict[str, Audited]


def changed_since(
    session: Session, opened: Opened, content: Callable[[Session], dict[str, Any]], speech: Speech
) -> Changed:
    """``content``: asks for what the page shows now. Call it before this session has asked anything else."""
    rows: Rows = {}

    def met(_session: Session, row: Any) -> None:
        if isinstance(row, Audited):
            rows[row.id] = row

    event.listen(session, "loaded_as_persistent", met)
    try:
        now = plain(content(session))
    finally:
        event.remove(session, "loaded_as_persistent", met)
    teller = Teller(rows, names(session), speech)
    behind = {*rows, *ids_in(opened.content)}
    acts = [told for link in links_since(session, opened.head, behind) if (told := teller.act(link, behind))]
    lines = tuple(teller.line(one) for one in shown_differences(opened.content, now))
    return Changed(tuple(acts[-MOST_ACTS:]), lines, max(0, len(acts) - MOST_ACTS))


def links_since(session: Session, head: int, ids: set[str]) -> Iterator[TrailRow]:
    """Every act since then that changed one of these records, oldest first."""
    touched = sa.select(TrailChangeRow.seq, TrailChangeRow.record_id).where(TrailChangeRow.seq > head)
    found = {seq for seq, record_id in session.execute(touched) if record_id in ids}
    for seq in sorted(found):
        yield session.get_one(TrailRow, seq)


def ids_in(value: Any) -> Iterator[str]:
    """Records that a page named, also those which it names no more."""
    if isinstance(value, str):
        if ID.fullmatch(value):
            yield value.rpartition(":")[2]
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from ids_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from ids_in(item)


def shown_differences(old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    """What the page says otherwise, apart from what is only counted; a changed order too."""
    found = differences(by_name(old), by_name(new))
    told = [one for one in found if not {str(step) for step in one.path} & set(COUNTED)]
    return told if found else list(differences(old, new))


def by_name(value: Any) -> Any:
    """Lists as mappings by what their entries are called, so that an entry is compared with itself."""
    if isinstance(value, Mapping) and not is_words(value):
        return {key: by_name(item) for key, item in value.items()}
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        return value
    called = [entry_name(one) for one in value]
    unique = len(set(called)) == len(called) and all(called)
    keys = called if unique else [str(place) for place in range(1, len(value) + 1)]
    return dict(zip(keys, map(by_name, value), strict=True))


def entry_name(entry: Any) -> str:
    if not isinstance(entry, Mapping):
        return ""
    found = next((entry[name] for name in ENTRIES if entry.get(name)), "")
    return json.dumps(found) if is_words(found) else found if isinstance(found, str) else ""


@dataclass(frozen=True)
class Teller:
    """Tells in the reader's language. ``rows``: the records behind the page, by id."""

    rows: Rows
    people: dict[str, str]
    speech: Speech

    def act(self, link: TrailRow, behind: set[str]) -> dict[str, Any] | None:
        payload = json.loads(link.payload)
        records = [self.record(without_secrets(one)) for one in payload.get("changes", ()) if one["id"] in behind]
        if link.outcome != "done" or not records:
            return None
        return {
            "seq": link.seq,
            "at": link.at,
            "by": payload["actor"]["name"],
            "act": sentence(link.action, self.speech),
            "reason": payload.get("reason", ""),
            "records": records,
        }

    def record(self, change: dict[str, Any]) -> dict[str, Any]:
        created = change["op"] == "create"
        return {
            "entity": change["entity"],
            "id": change["id"],
            "record": " ".join(filter(None, (self.speech.key(change["entity"]), self.name(change["id"])))),
            "new": created,
            "fields": [
                self.field(name, change["old"].get(name), value)
                for name, value in change["new"].items()
                if not (created and (self.value(name, value) == NOTHING or name.endswith(MACHINE)))
            ],
        }

    def field(self, name: str, old: Any, new: Any) -> dict[str, str]:
        """Two values that read the same, such as two times within a minute, are told as they are kept."""
        before, after = self.value(name, old), self.value(name, new)
        if before == after:
            before, after = str(old), str(new)
        return {"name": name, "field": self.called(name), "from": before, "to": after}

    def called(self, name: str) -> str:
        """A reference is called by what it refers to."""
        return self.speech.key(name.removesuffix("_id"))

    def name(self, record_id: str, *, further: bool = True) -> str:
        """What people call it by; else by what it belongs to."""
        row = self.rows.get(record_id)
        if row is None:
            return ""
        for name in NAMES:
            value = getattr(row, name, None)
            if value and isinstance(value, str | int):
                return self.text(plain(value))
        return self.owner(row) if further else ""

    def owner(self, row: Audited) -> str:
        columns = sa.inspect(type(row)).local_table.columns
        above = [one.key for one in columns if one.foreign_keys and one.key not in {"id", "batch_id"}]
        return next((said for key in above if (said := self.name(getattr(row, key) or "", further=False))), "")

    def value(self, name: str, value: Any) -> str:
        if isinstance(value, str) and (name.endswith("_by") or name in {"person_id", "analyst_id"}):
            return self.people.get(value, value)
        if isinstance(value, str) and name.endswith("_id"):
            return self.name(value) or value
        return self.text(value)

    def text(self, value: Any) -> str:
        """A value as it is read: times and days as they are written here, codes of states in words."""
        if value is None or value == "":
            return NOTHING
        if value == []:
            return self.speech.say(N_("none"))
        if isinstance(value, bool):
            return self.speech.say(N_("Yes") if value else N_("No"))
        if isinstance(value, str) and INSTANT.fullmatch(value):
            return self.speech.moment(datetime.fromisoformat(value))
        if isinstance(value, str) and value[:1] in "[{":
            return self.unpacked(value)
        if is_words(value) or isinstance(value, str):
            return self.speech.word(value)
        if isinstance(value, Mapping):
            said = (
                f"{self.speech.key(str(key))}: {self.text(item)}" for key, item in value.items() if key not in COUNTED
            )
            return "; ".join(said)
        return ", ".join(map(self.text, value)) if isinstance(value, list) else str(value)

    def unpacked(self, value: str) -> str:
        """What a record keeps as JSON, in words."""
        try:
            return self.text(json.loads(value) or "")
        except ValueError:
            return value

    def line(self, found: Difference) -> dict[str, Any]:
        where = [
            self.called(str(step)) if str(step)[:1] not in "[{" else self.unpacked(str(step)) for step in found.path
        ]
        return {"where": where, "kind": found.kind.value, "from": self.text(found.old), "to": self.text(found.new)}
