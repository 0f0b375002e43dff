"""Many batches out of the worked example: each copy is one of its stories under new ids, codes and seals.

A copy enters the trail as one link that holds all its records as they are now, written by the kernel's own ``append``;
so it is verified like everything else. Times stay those of the example, so that today's orders are today's.

Copied is every table that refers to a subject, or to something that does, by a foreign key or as ``record_id``: donor,
collections and their markers, batch, steps with entries, values, measurements, corrections and transcriptions, samples,
containers, custody, labels, tests, readings of files, OOS, deviations, monitoring of the room, kits and uses of lots and
equipment, decisions, orders, dispensing, administration, destruction; files, holds and signatures of these records.
``SHARED`` is what one site has once: all copies were made by the same people, out of the same lots, on the same devices.
A table that is neither stops the copier.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config.tables import METADATA, audited_tables
from kernel.audit import append
from kernel.canonical import canonical, digest
from kernel.database import Database
from kernel.ids import new_id
from kernel.tables import TrailHeadRow
from kernel.work import SYSTEM
from labels.domain.payload import ID_BYTES, LabelKeys, build_payload, modhex
from labels.domain.short_numbers import short_number
from manufacturing.domain.donation_numbers import check_character
from manufacturing.domain.kits import kit_code

BLOCK = 100  # copies in one transaction
FIRST = 1000  # what numbers of copies begin after
SHARED = {
    *("person", "role_grant", "password_link", "training_session", "training"),
    *("document", "document_approval", "trial", "storage_place", "station", "printer", "scanner_test"),
    "label_key_change",
    *("missed_head", "recovery"),
    *("access_review", "access_line", "password", "upkeep_run"),
    *("lot", "lot_decision", "lot_discard", "lot_piece"),
    *("equipment", "equipment_event", "contact", "message", "downtime_kit"),
    "figure_snapshot",  # of the whole trial
    *("receiver", "receiver_key", "webhook"),  # of the installation; each message is of the whole trial
    *("import_example", "file_content"),  # the bytes are kept once, whoever refers to them
}
TABLES = [METADATA.tables[name] for name in audited_tables() if name not in SHARED]
ORDER = [table for table in METADATA.sorted_tables if table in TABLES]  # parents first
IN_TRAIL = {"id", "version"}
Values = dict[str, Any]
CODES: dict[tuple[str, str], Callable[[str, int], str]] = {
    ("subject", "code"): lambda _old, number: f"NK-{number:04}",
    ("donor", "code"): lambda _old, number: f"D-{number:04}",
    ("collection", "number"): lambda old, number: f"{old[:7]}{number:06}",
    ("batch", "number"): lambda old, number: f"{old.partition('-')[0]}-{number:04}",
    ("infusion_order", "number"): lambda _old, number: f"ORD-{number:04}",
    ("kit", "code"): lambda old, number: kit_code(2000 + int(old[1:3]), number),
}


@dataclass(frozen=True)
class Story:
    """All rows of one subject with its batch, parents first, each with the columns that hold ids or codes of its own.

    ``pattern`` finds every code of the story, and whatever is spelled like an id.
    """

    rows: list[tuple[sa.Table, Values, tuple[str, ...]]]
    ids: list[str]
    codes: dict[str, Callable[[str, int], str]]
    pattern: re.Pattern[str]
    began: datetime

    def renamed(self, number: int) -> dict[str, str]:
        """New ids in the order of the old ones, new codes from the number of the copy."""
        start = self.began + timedelta(seconds=number)
        names = {old: new_id(start + timedelta(milliseconds=place)) for place, old in enumerate(self.ids)}
        return names | {old: make(old, number) for old, make in self.codes.items()}


def owners(table: sa.Table) -> list[sa.Column[Any]]:
    """Columns that say to which records a row belongs; what the trail says of the row itself is none."""
    return [one for one in table.c if one.name == "record_id" or (one.foreign_keys and one.name not in IN_TRAIL)]


def forgotten() -> set[str]:
    """Tables that are on the wrong side: of no subject although not shared, or of one although shared."""
    of_subject = {"subject"} | {name for name in audited_tables() if "record_id" in METADATA.tables[name].c}
    while more := {
        name
        for name in set(audited_tables()) - of_subject
        if any(key.column.table.name in of_subject for one in owners(METADATA.tables[name]) for key in one.foreign_keys)
    }:
        of_subject |= more
    return of_subject.symmetric_difference(table.name for table in ORDER)


def rows_of(session: Session, subject_id: str) -> list[tuple[sa.Table, Values]]:
    """The subject and whatever refers to it, or to something that does."""
    rows = [
        (table, dict(row))
        for table in ORDER
        for row in session.execute(sa.select(table).order_by(table.c.id)).mappings()
    ]
    known = {subject_id}
    while more := {
        values["id"]
        for table, values in rows
        if values["id"] not in known and any(values[one.name] in known for one in owners(table))
    }:
        known |= more
    return [(table, values) for table, values in rows if values["id"] in known]


def slim(values: Values) -> Values:
    """A signature on the first version of its record, on nothing but its title."""
    document = json.loads(values["document"])
    document |= {"record_version": 1, "content": {"title": str(document["content"].get("title", ""))}}
    return {**values, "record_version": 1, "document": canonical(document)}


def story_of(session: Session, subject_id: str) -> Story:
    if wrong := forgotten():
        raise ValueError(f"to be copied with a subject, or to be shared by all: {', '.join(sorted(wrong))}")
    found = [(table, {**values, "version": 1}) for table, values in rows_of(session, subject_id)]
    found = [(table, slim(values) if table.name == "signature" else values) for table, values in found]
    codes = {
        values[name]: make
        for table, values in found
        for (entity, name), make in CODES.items()
        if table.name == entity and values[name]
    }
    ids = sorted(values["id"] for _, values in found)
    spelled = "|".join(re.escape(one) for one in sorted(codes, key=len, reverse=True))
    pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{spelled}|[0-9a-z]{{16}})(?![A-Za-z0-9])")
    ours = {*ids, *codes}
    rows = [
        (table, values, tuple(name for name, one in values.items() if ours & set(pattern.findall(str(one)))))
        for table, values in found
    ]
    began = next(values["opened_at"] for table, values in found if table.name == "batch")
    return Story(rows, ids, codes, pattern, began)


@dataclass
class Copier:
    """Writes copies until it is told to stop; ``stories`` are told in turn."""

    database: Database
    keys: LabelKeys
    stories: list[Story]
    register: int
    made: int = 0

    def copy(self, count: int) -> None:
        """That many more batches."""
        last = self.made + count
        while self.made < last:
            self.write(min(BLOCK, last - self.made))

    def write(self, count: int) -> None:
        waiting: dict[sa.Table, list[Values]] = defaultdict(list)
        with self.database.writing() as session:
            head = session.execute(sa.select(TrailHeadRow.seq, TrailHeadRow.hash)).one()
            seq, newest = head.seq, head.hash
            for _ in range(count):
                rows = self.one(seq, newest)
                seq, newest = self.enter(session, rows)
                for table, values in rows:
                    waiting[table].append(values)
            connection = session.connection()
            for table in ORDER:
                if waiting[table]:
                    connection.execute(sa.insert(table), waiting[table])
            session.commit()
        self.database.remember_head(seq, newest)

    def enter(self, session: Session, rows: list[tuple[sa.Table, Values]]) -> tuple[int, str]:
        """One link for all records of a copy."""
        changes = [
            {
                "entity": table.name,
                "id": values["id"],
                "version": 1,
                "op": "create",
                "old": {},
                "new": {name: one for name, one in values.items() if name not in IN_TRAIL},
            }
            for table, values in rows
        ]
        content = {"changes": changes, "app_version": self.database.app_version}
        at = self.database.clock.now()
        seq, newest, *_ = append(
            session, at=at, actor=SYSTEM.document(), action="batch.copy", outcome="done", content=content
        )
        return seq, newest

    def one(self, seq: int, newest: str) -> list[tuple[sa.Table, Values]]:
        """The rows of the next copy, signed under this head."""
        story = self.stories[self.made % len(self.stories)]
        self.made += 1
        names = story.renamed(FIRST + self.made)

        def renamed(text: str) -> str:
            return names.get(text) or story.pattern.sub(lambda found: names.get(found[0], found[0]), text)

        rows = []
        for table, values, varying in story.rows:
            fresh = {**values, **{name: renamed(values[name]) for name in varying}}
            rows.append((table, self.finished(table.name, fresh, seq, newest)))
        return rows

    def finished(self, entity: str, values: Values, seq: int, newest: str) -> Values:
        """What follows from the new names: check characters, register numbers, codes of labels, seals."""
        if entity == "collection" and values["is_din"]:
            values["check_character"] = check_character(values["number"])
        elif entity == "decision" and values["register_number"]:
            self.register += 1
            values["register_number"] = self.register
        elif entity == "label":
            values |= self.label(values)
        elif entity == "signature":
            values |= self.sealed(values, seq, newest)
        return values

    def label(self, values: Values) -> Values:
        facts = json.loads(values["facts"])
        facts["donation_check"] = check_character(facts["donation_number"])
        number = short_number(facts["batch"], int(facts["container"]), values["issue"])
        chance = secrets.token_bytes(ID_BYTES)
        payload = build_payload(self.keys, chance, facts)
        return {"label_id": modhex(chance), "payload": payload, "short_number": number, "facts": canonical(facts)}

    def sealed(self, values: Values, seq: int, newest: str) -> Values:
        document = json.loads(values["document"])
        content = digest(document["content"])
        text = canonical({**document, "content_sha256": content, "head_seq": seq, "head_hash": newest})
        return {"document": text, "content_sha256": content, "seal": self.database.seal.sign(text)}
