"""A complete copy of records that proves itself: one ZIP with every row, its lines of the trail, signatures and papers.

``manifest.json`` names every file with its SHA-256, every record with its version and the newest line of the chain; the
server's seal is on it. ``chain.csv`` has every link of the whole chain with the digest of its text, so that the chain
holds without the texts; ``trail.jsonl`` has the texts of the lines that the copy is about (P11-10b).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.audit import GENESIS
from kernel.exports import csv_bytes

FORMAT = "nktrace-copy-1"
MANIFEST, SEAL, CHAIN, TRAIL, ABOUT = "manifest.json", "manifest.seal", "chain.csv", "trail.jsonl", "README.txt"
RECORDS, FILES, PAPERS = "records/", "files/", "papers/"
HIDDEN = "***"
READ_ME = """A complete copy of records of NKTrace.

manifest.json   every file with its SHA-256, every record with its version, the newest line of the chain
manifest.seal   the server's Ed25519 seal on the manifest
chain.csv       every link of the chain: number, hash before, SHA-256 of its text, hash
trail.jsonl     the lines of the trail this copy is about, each with the exact text that is hashed; where a text holds
                the digest of a password or link, a copy without it
records/        one file for each kind of record, as JSON lines and as CSV: every column, ids and versions included
files/          attached files, named by their SHA-256
papers/         the printed records, as they were on the day of the copy

Sessions, keys of repeated requests and indexes are no records and are not in it.
"nktrace export verify FILE" checks all of it, without the database.
"""


@dataclass(frozen=True, slots=True)
class Link:
    """One link without its text. ``inner``: SHA-256 of the text."""

    seq: int
    prev: str
    inner: str
    hash: str


def hash_of(prev: str, inner: str) -> str:
    """As ``link_hash`` makes it of the text itself."""
    return hashlib.sha256(b"\x01" + bytes.fromhex(prev) + bytes.fromhex(inner)).hexdigest()


def inner_of(payload: str) -> str:
    return hashlib.sha256(payload.encode("utf-8")).hexdigest()


def sealed_text(manifest: bytes) -> str:
    """What the server's seal is put on."""
    return f"complete copy\0{hashlib.sha256(manifest).hexdigest()}"


def table_csv(records: Sequence[Mapping[str, Any]]) -> bytes:
    """The same records for a spreadsheet; the order of columns is that of the first."""
    header = list(records[0]) if records else []
    return csv_bytes(header, ([one[name] for name in header] for one in records))


def chain_faults(links: Sequence[Link], head: tuple[int, str]) -> list[str]:
    """Whether it begins at the beginning, has no gap and ends with the head; the first bad link of each kind."""
    found: list[str] = []
    before, expected = GENESIS, 1
    for link in links:
        if (link.seq, link.prev) != (expected, before):
            found.append(f"the chain is cut before link {link.seq}: it does not follow link {expected - 1}")
        elif hash_of(link.prev, link.inner) != link.hash:
            found.append(f"link {link.seq} of the chain does not give its hash")
        before, expected = link.hash, link.seq + 1
    if (expected - 1, before) != head:
        found.append(f"the chain ends with link {expected - 1}, the manifest says {head[0]}")
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the trail. ``payload``: its exact text; None where only a copy without secrets is in it."""

    seq: int
    payload: str | None
    content: Mapping[str, Any]


def line_faults(lines: Iterable[Line], links: Mapping[int, Link], expected: Iterable[int]) -> list[str]:
    """Every line that the manifest names is there, once, with the text whose digest stands in the chain."""
    found, seen = [], set()
    for line in lines:
        if line.seq in seen:
            found.append(f"line {line.seq} of the trail is there twice")
        seen.add(line.seq)
        link = links.get(line.seq)
        if link is None:
            found.append(f"line {line.seq} of the trail is not in the chain")
        elif line.payload is not None and inner_of(line.payload) != link.inner:
            found.append(f"line {line.seq} of the trail is not the text that was hashed")
        elif line.payload is None and HIDDEN not in str(line.content):
            found.append(f"line {line.seq} of the trail is without its text, and hides nothing")
    wanted = set(expected)
    found += [f"line {seq} of the trail is missing" for seq in sorted(wanted - seen)]
    found += [f"line {seq} of the trail was added" for seq in sorted(seen - wanted)]
    return found


def replayed(lines: Iterable[Line]) -> dict[str, tuple[dict[str, Any], list[int]]]:
    """By record: its values as the lines left them, and the versions they made."""
    found: dict[str, tuple[dict[str, Any], list[int]]] = {}
    for line in lines:
        for change in line.content.get("changes", ()):
            values, versions = found.setdefault(change["id"], ({}, []))
            values.update(change["new"])
            versions.append(change["version"])
    return found


def record_faults(
    table: str,
    records: Sequence[Mapping[str, Any]],
    named: Mapping[str, int],
    trail: Mapping[str, tuple[Mapping[str, Any], Sequence[int]]],
) -> list[str]:
    """Each record the manifest names is there, in its version, as its lines of the trail left it."""
    found = []
    there = {str(one.get("id")): one for one in records}
    found += [f"{table} {one} is missing" for one in sorted(set(named) - set(there))]
    found += [f"{table} {one} was added" for one in sorted(set(there) - set(named))]
    if len(there) != len(records):
        found.append(f"{table}: a record is there twice")
    for record_id, record in there.items():
        values, versions = trail.get(record_id, ({}, ()))
        if sorted(versions) != list(range(1, int(record.get("version", 0)) + 1)):
            found.append(f"{table} {record_id}: its versions {record.get('version')} are not all on the trail")
        if record_id in named and named[record_id] != record.get("version"):
            found.append(
                f"{table} {record_id} is version {record.get('version')}, the manifest says {named[record_id]}"
            )
        different = [
            name for name in record if name not in ("id", "version") and differs(record[name], values.get(name))
        ]
        found += [f"{table} {record_id}: {name} is not what the trail says" for name in different]
    return found


def differs(stored: Any, said: Any) -> bool:
    """What is hidden on one side cannot be compared."""
    return HIDDEN not in (stored, said) and stored != said
