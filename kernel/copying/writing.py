"""Writing a complete copy: which rows, which lines, which files, then the manifest over all of it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.canonical import canonical, plain
from kernel.copying.domain import (
    ABOUT,
    CHAIN,
    FILES,
    FORMAT,
    HIDDEN,
    MANIFEST,
    PAPERS,
    READ_ME,
    RECORDS,
    SEAL,
    TRAIL,
    inner_of,
    sealed_text,
    table_csv,
)
from kernel.db import Audited
from kernel.exports import csv_bytes
from kernel.files.tables import FileContentRow
from kernel.signatures import Seal
from kernel.tables import SignatureRow, TrailChangeRow, TrailRow
from kernel.trail.queries import SECRETS, without_secrets

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a copy is about. ``rows``: None for every record there is. ``papers``: name and bytes."""

    about: Mapping[str, str]
    rows: Sequence[Audited] | None
    texts: tuple[str, ...] = ()
    papers: Iterable[tuple[str, bytes]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Who makes it, when, with which server. ``tables``: every kind of record by its name."""

    by: str
    at: datetime
    app_version: str
    seal: Seal
    tables: Mapping[str, type[Audited]]


def write_copy(session: Session, out: IO[bytes], scope: Scope, maker: Maker) -> dict[str, Any]:
    """Answers the manifest. The session sees one moment."""
    told: dict[str, Any] = {"records": {}, "lines": [], "hidden": []}
    files: dict[str, dict[str, Any]] = {}
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, body in parts(session, scope, maker, told):
            archive.writestr(name, body)
            files[name] = {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}
        manifest = {
            "format": FORMAT,
            "app_version": maker.app_version,
            "made_at": plain(maker.at),
            "made_by": maker.by,
            "about": dict(scope.about),
            "public_key": base64.b64encode(maker.seal.public).decode("ascii"),
            "key_id": maker.seal.key_id,
            **told,
            "files": files,
        }
        body = json.dumps(manifest, indent=1, sort_keys=True).encode("utf-8")
        archive.writestr(MANIFEST, body)
        archive.writestr(SEAL, maker.seal.sign(sealed_text(body)))
    return manifest


def parts(session: Session, scope: Scope, maker: Maker, told: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    yield ABOUT, READ_ME.encode("utf-8")
    yield CHAIN, chain_csv(session, told)
    ids = None if scope.rows is None else ids_with_signatures(session, scope.rows)
    yield TRAIL, trail_lines(lines_about(session, ids, scope.texts), told)
    yield "people.json", json.dumps(names(session), indent=1, sort_keys=True).encode("utf-8")
    for table, kind in maker.tables.items():
        records = [record_of(row) for row in rows_of(session, kind, ids)]
        if records:
            told["records"][table] = {one["id"]: one["version"] for one in records}
            yield f"{RECORDS}{table}.jsonl", "".join(f"{json.dumps(one)}\n" for one in records).encode("utf-8")
            yield f"{RECORDS}{table}.csv", table_csv(records)
    for row in rows_of(session, FileContentRow, ids):
        yield f"{FILES}{row.sha256}", row.body
    for name, body in scope.papers:
        yield f"{PAPERS}{name}", body


def ids_with_signatures(session: Session, rows: Sequence[Audited]) -> list[str]:
    """The records themselves, and every signature under one of them."""
    ids = sorted({row.id for row in rows})
    signed = []
    for start in range(0, len(ids), AT_ONCE):
        query = sa.select(SignatureRow.id).where(SignatureRow.record_id.in_(ids[start : start + AT_ONCE]))
        signed += list(session.execute(query).scalars())
    return sorted({*ids, *signed})


def rows_of(session: Session, kind: type[Audited], ids: list[str] | None) -> list[Any]:
    if ids is None:
        return list(session.execute(sa.select(kind).order_by(kind.id)).scalars())
    found: list[Any] = []
    for start in range(0, len(ids), AT_ONCE):
        query = sa.select(kind).where(kind.id.in_(ids[start : start + AT_ONCE]))
        found += session.execute(query.order_by(kind.id)).scalars()
    return found


def record_of(row: Audited) -> dict[str, Any]:
    """Every column as the trail writes it, without what opens an account."""
    columns = [column.key for column in sa.inspect(row).mapper.column_attrs]
    values = {name: plain(getattr(row, name)) for name in columns}
    first = {"id": row.id, "version": row.version}
    return first | {name: HIDDEN if name in SECRETS and value else value for name, value in values.items()}


def chain_csv(session: Session, told: dict[str, Any]) -> bytes:
    query = sa.select(TrailRow.seq, TrailRow.prev_hash, TrailRow.payload, TrailRow.hash).order_by(TrailRow.seq)
    rows = [
        (seq, prev, inner_of(payload), own)
        for seq, prev, payload, own in session.execute(query.execution_options(yield_per=2000))
    ]
    told["head"] = {"seq": rows[-1][0], "hash": rows[-1][3]} if rows else {"seq": 0, "hash": ""}
    return csv_bytes(["seq", "prev", "inner", "hash"], rows)


def lines_about(session: Session, ids: list[str] | None, texts: tuple[str, ...]) -> list[tuple[int, str]]:
    """Number and text of every line that made a version of one of these records, or names one of ``texts``."""
    query = sa.select(TrailRow.seq, TrailRow.payload).order_by(TrailRow.seq)
    if ids is None:
        return [(seq, payload) for seq, payload in session.execute(query)]
    found: dict[int, str] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = sa.select(TrailChangeRow.seq).where(TrailChangeRow.record_id.in_(ids[start : start + AT_ONCE]))
        found.update((seq, payload) for seq, payload in session.execute(query.where(TrailRow.seq.in_(some))))
    for text in texts:
        said = TrailRow.payload.contains(canonical(text)[1:-1], autoescape=True)
        found.update((seq, payload) for seq, payload in session.execute(query.where(said)))
    return sorted(found.items())


def trail_lines(lines: list[tuple[int, str]], told: dict[str, Any]) -> bytes:
    written = []
    for seq, payload in lines:
        content = json.loads(payload)
        open_content = {**content, "changes": [without_secrets(one) for one in content.get("changes", ())]}
        told["lines"].append(seq)
        if content.get("changes") and open_content != content:
            told["hidden"].append(seq)
            written.append(canonical({"seq": seq, "without_secrets": open_content}))
        else:
            written.append(canonical({"seq": seq, "payload": payload}))
    return "".join(f"{one}\n" for one in written).encode("ascii")
