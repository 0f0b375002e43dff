"""Verification: the chain, the signatures, and a replay of the trail against the tables (hazards 4.1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.audit import GENESIS, link_hash
from kernel.canonical import plain
from kernel.db import Audited, rows_at_once
from kernel.files.tables import FileContentRow
from kernel.signatures import signature_faults
from kernel.tables import SignatureRow, TrailChangeRow, TrailHeadRow, TrailRow


@dataclass(frozen=True, slots=True)
class Fault:
    """``what``: chain, link, head, outside, index, record, signature, document or file; ``where`` names the first bad row."""

    what: str
    where: str
    detail: str


@dataclass
class Report:
    links: int = 0
    records: int = 0
    signatures: int = 0
    head: str = ""
    faults: list[Fault] = field(default_factory=list)

    def add(self, what: str, where: str, detail: str) -> None:
        self.faults.append(Fault(what, where, detail))


Replayed = dict[str, dict[str, Any]]


def verify(
    session: Session, tables: dict[str, type[Audited]], public_key: bytes, known_head: tuple[int, str] | None
) -> Report:
    """Everything there is to check; ``known_head`` is what somebody outside the database remembers."""
    report = Report()
    replayed = check_chain(session, report)
    check_head(session, report, known_head)
    check_index(session, report, replayed)
    for name, table in tables.items():
        check_table(session, report, name, table, replayed)
    for record_id, state in replayed.items():
        if not state.get("found"):
            report.add("record", f"{state['entity']} {record_id}", "is on the trail but not in its table")
    check_signatures(session, report, public_key)
    check_files(session, report)
    return report


def check_chain(session: Session, report: Report) -> Replayed:
    """Walk the links in order; fold their changes into what every record must be now."""
    replayed: Replayed = {}
    before, expected = GENESIS, 1
    rows = session.execute(
        sa.select(TrailRow.seq, TrailRow.payload, TrailRow.prev_hash, TrailRow.hash, TrailRow.action, TrailRow.outcome)
        .order_by(TrailRow.seq)
        .execution_options(yield_per=2000)
    )
    for seq, payload, prev_hash, stored, action, outcome in rows:
        if seq != expected or prev_hash != before:
            report.add("chain", f"link {seq}", f"does not follow link {expected - 1}")
        if link_hash(prev_hash, payload) != stored:
            report.add("link", f"link {seq}", "its text does not give its hash")
        content = read_payload(payload)
        if content.get("seq") != seq or content.get("action") != action or content.get("outcome") != outcome:
            report.add("link", f"link {seq}", "its columns differ from its text")
        for change in content.get("changes", ()):
            fold(replayed, change, seq)
        before, expected = stored, seq + 1
        report.links += 1
    report.head = f"{expected - 1} {before}"
    return replayed


def read_payload(payload: str) -> dict[str, Any]:
    try:
        content = json.loads(payload)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def fold(replayed: Replayed, change: dict[str, Any], seq: int) -> None:
    state = replayed.setdefault(change["id"], {"entity": change["entity"], "values": {}, "version": 0, "seqs": []})
    state["values"].update(change["new"])
    state["version"] = change["version"]
    state["seqs"].append((change["version"], seq))


def check_head(session: Session, report: Report, known: tuple[int, str] | None) -> None:
    head = session.execute(sa.select(TrailHeadRow)).scalar_one_or_none()
    if head is None or f"{head.seq} {head.hash}" != report.head:
        report.add("head", "trail_head", "is not the last link")
    if known is not None:
        found = session.execute(sa.select(TrailRow.hash).where(TrailRow.seq == known[0])).scalar_one_or_none()
        if found != known[1]:
            report.add("outside", f"link {known[0]}", "a head remembered outside the database is missing or different")


def check_index(session: Session, report: Report, replayed: Replayed) -> None:
    indexed = {
        (record_id, version): (seq, entity)
        for record_id, version, seq, entity in session.execute(
            sa.select(TrailChangeRow.record_id, TrailChangeRow.version, TrailChangeRow.seq, TrailChangeRow.entity)
        )
    }
    for record_id, state in replayed.items():
        for version, seq in state["seqs"]:
            if indexed.pop((record_id, version), None) != (seq, state["entity"]):
                report.add("index", f"{state['entity']} {record_id} v{version}", "the index does not match the trail")
    for (record_id, version), (seq, entity) in indexed.items():
        report.add("index", f"{entity} {record_id} v{version}", f"points to link {seq}, which does not mention it")


def check_table(session: Session, report: Report, name: str, table: type[Audited], replayed: Replayed) -> None:
    few = rows_at_once(sa.inspect(table).local_table, 2000)
    for row in session.execute(sa.select(table).execution_options(yield_per=few)).scalars():
        report.records += 1
        state = replayed.get(row.id)
        if state is None or state["entity"] != name:
            report.add("record", f"{name} {row.id}", "is not on the trail")
            continue
        state["found"] = True
        for fault in differences(row, state):
            report.add("record", f"{name} {row.id}", fault)


def differences(row: Audited, state: dict[str, Any]) -> Iterator[str]:
    """Every column whose stored value is not what the trail says it became."""
    if row.version != state["version"]:
        yield f"version is {row.version}, the trail says {state['version']}"
    for column in sa.inspect(type(row)).column_attrs:
        if column.key in {"id", "version"}:
            continue
        stored, said = plain(getattr(row, column.key)), state["values"].get(column.key)
        if stored != said:
            yield f"{column.key} is {stored!r}, the trail says {said!r}"


def check_signatures(session: Session, report: Report, public_key: bytes) -> None:
    for row in session.execute(sa.select(SignatureRow).execution_options(yield_per=2000)).scalars():
        report.signatures += 1
        for fault in signature_faults(row, public_key):
            report.add("signature", f"signature {row.id} on {row.record_entity} {row.record_id}", fault)
    for kind, code, number, body, stored in session.execute(
        sa.text("SELECT kind, code, number, body, sha256 FROM document")
    ):
        if hashlib.sha256(body.encode()).hexdigest() != stored:
            report.add("document", f"{kind} {code} v{number}", "its digest is not that of its text")


def check_files(session: Session, report: Report) -> None:
    """The digest people compare is that of the bytes, whatever the trail says both became."""
    bodies = sa.select(FileContentRow.id, FileContentRow.sha256, FileContentRow.size, FileContentRow.body)
    for content_id, sha256, size, body in session.execute(bodies.execution_options(yield_per=1)):
        if hashlib.sha256(body).hexdigest() != sha256 or len(body) != size:
            report.add("file", f"file_content {content_id}", "its digest is not that of its bytes")


def record_faults(session: Session, rows: Iterable[Audited], public_key: bytes) -> list[str]:
    """The same replay and seal check for a handful of records, before anything is decided on them (INT-VERIFY)."""
    faults: list[str] = []
    by_id = {row.id: row for row in rows}
    touched = session.execute(
        sa.select(TrailRow.seq, TrailRow.payload, TrailRow.prev_hash, TrailRow.hash)
        .where(TrailRow.seq.in_(sa.select(TrailChangeRow.seq).where(TrailChangeRow.record_id.in_(list(by_id)))))
        .order_by(TrailRow.seq)
    )
    replayed: Replayed = {}
    for seq, payload, prev_hash, stored in touched:
        if link_hash(prev_hash, payload) != stored:
            faults.append(f"link {seq}")
        for change in read_payload(payload).get("changes", ()):
            if change["id"] in by_id:
                fold(replayed, change, seq)
    for row in by_id.values():
        state = replayed.get(row.id)
        if state is None:
            faults.append(f"{row.__tablename__} {row.id} is not on the trail")
        else:
            faults.extend(f"{row.__tablename__}: {one}" for one in differences(row, state))
    signed = session.execute(sa.select(SignatureRow).where(SignatureRow.record_id.in_(list(by_id)))).scalars()
    for row in signed:
        faults.extend(f"signature {row.meaning}: {one}" for one in signature_faults(row, public_key))
    return faults
