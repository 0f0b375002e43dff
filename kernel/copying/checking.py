"""Checking a complete copy with nothing but the file: manifest, seal, chain, lines, records, signatures."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import BadZipFile, ZipFile

from kernel.copying.domain import (
    CHAIN,
    FORMAT,
    MANIFEST,
    RECORDS,
    SEAL,
    TRAIL,
    Line,
    Link,
    chain_faults,
    line_faults,
    record_faults,
    replayed,
    sealed_text,
    table_csv,
)
from kernel.signatures import seal_holds, signature_faults

UNREADABLE = (
    *(BadZipFile, zlib.error, csv.Error),
    *(ValueError, KeyError, TypeError, AttributeError, EOFError, OSError, RuntimeError),
)


@dataclass
class CopyReport:
    """``faults``: each a sentence that names what and where."""

    faults: list[str] = field(default_factory=list)
    files: int = 0
    lines: int = 0
    records: int = 0
    signatures: int = 0
    hidden: int = 0
    head: str = ""
    key_id: str = ""


def check_file(path: Path) -> CopyReport:
    report = CopyReport()
    try:
        with ZipFile(path) as archive:
            check_archive(archive, report)
    except UNREADABLE as error:
        report.faults.append(f"the file cannot be read as a complete copy ({type(error).__name__})")
    return report


def check_archive(archive: ZipFile, report: CopyReport) -> None:
    body = archive.read(MANIFEST)
    manifest = json.loads(body)
    if manifest["format"] != FORMAT:
        report.faults.append(f"the format is {manifest['format']}, this tool reads {FORMAT}")
        return
    check_seal(archive, body, manifest, report)
    bodies = dict(sound_files(archive, manifest, report))
    head = manifest["head"]
    report.head, report.key_id = f"{head['seq']} {head['hash']}", str(manifest["key_id"])
    links = read_links(bodies.get(CHAIN, b""))
    report.faults += chain_faults(links, (head["seq"], head["hash"]))
    lines = list(read_lines(bodies.get(TRAIL, b"")))
    report.lines, report.hidden = len(lines), sum(line.payload is None for line in lines)
    report.faults += line_faults(lines, {link.seq: link for link in links}, manifest["lines"])
    check_records(bodies, manifest, lines, report)


def check_seal(archive: ZipFile, body: bytes, manifest: dict[str, Any], report: CopyReport) -> None:
    """By the key in the manifest: that it is the key of the installation, its id tells whoever compares it."""
    public = base64.b64decode(manifest["public_key"])
    if hashlib.sha256(public).hexdigest()[:12] != manifest["key_id"]:
        report.faults.append("the key in the manifest is not the one it names")
    seal = archive.read(SEAL).decode("ascii") if SEAL in archive.namelist() else ""
    if not seal_holds(public, sealed_text(body), seal):
        report.faults.append("the manifest is not what the server sealed")


def sound_files(archive: ZipFile, manifest: dict[str, Any], report: CopyReport) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file that is there; what is missing, changed, doubled or added is named."""
    said, there = manifest["files"], archive.namelist()
    report.faults += [f"{name} is missing" for name in sorted(set(said) - set(there))]
    report.faults += [f"{name} was added" for name in sorted(set(there) - set(said) - {MANIFEST, SEAL})]
    report.faults += [f"{name} is there twice" for name in sorted({one for one in there if there.count(one) > 1})]
    for name in sorted(set(said) & set(there)):
        try:
            body = archive.read(name)
        except UNREADABLE:
            report.faults.append(f"{name} cannot be read")
            continue
        report.files += 1
        if (hashlib.sha256(body).hexdigest(), len(body)) != (said[name]["sha256"], said[name]["bytes"]):
            report.faults.append(f"{name} is not what the manifest says")
        yield name, body


def read_links(body: bytes) -> list[Link]:
    rows = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    next(rows, None)
    return [Link(int(seq), prev, inner, own) for seq, prev, inner, own in rows]


def read_lines(body: bytes) -> Iterator[Line]:
    for text in body.decode("utf-8").splitlines():
        one = json.loads(text)
        payload = one.get("payload")
        yield Line(one["seq"], payload, json.loads(payload) if payload is not None else one["without_secrets"])


def check_records(bodies: dict[str, bytes], manifest: dict[str, Any], lines: list[Line], report: CopyReport) -> None:
    trail = replayed(lines)
    public = base64.b64decode(manifest["public_key"])
    for table, named in manifest["records"].items():
        body = bodies.get(f"{RECORDS}{table}.jsonl")
        if body is None:
            continue
        records = [json.loads(text) for text in body.decode("utf-8").splitlines()]
        report.records += len(records)
        report.faults += record_faults(table, records, named, trail)
        if bodies.get(f"{RECORDS}{table}.csv", b"") != table_csv(records):
            report.faults.append(f"{RECORDS}{table}.csv does not say what {table}.jsonl says")
        if table == "signature":
            report.signatures = len(records)
            report.faults += [
                f"signature {one['id']}: {fault} does not hold"
                for one in records
                for fault in signature_faults(SimpleNamespace(**one), public)  # type: ignore[arg-type]
            ]
