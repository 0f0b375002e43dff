"""A complete copy holds a batch with all that belongs to it, and names whatever was done to it afterwards (P11-10b)."""

from __future__ import annotations

import hashlib
import json
from zipfile import ZipFile

import pytest

from config.tables import audited_tables
from kernel.copying.checking import check_file
from kernel.copying.domain import MANIFEST, SEAL, sealed_text
from kernel.copying.writing import Maker, write_copy
from kernel.trail.moment import one_moment
from kernel.web.i18n import Speech
from release.queries.complete_copy import ALL, scope_of_batch
from tests.integration.release.factory import tested_and_reviewed as ready


def copied(database, path, scope=lambda _session, _maker: ALL):
    maker = Maker(
        by="Inspector", at=database.clock.now(), app_version="test", seal=database.seal, tables=audited_tables()
    )
    with one_moment(database) as session, path.open("wb") as out:
        write_copy(session, out, scope(session, maker), maker)
    return path


@pytest.fixture
def batch(made, person, tmp_path):
    person("T")  # a line of the trail that is not about the batch
    ready(made)
    made.stage_one()

    def scope(session, maker):
        return scope_of_batch(session, maker.tables, made.batch_id, Speech("en"), maker.by, maker.at, demo=False)

    return copied(made.database, tmp_path / "copy.zip", scope)


def contents(path):
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path, files):
    with ZipFile(path, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return path


def redone(files, seal=None):
    """As somebody would who makes the manifest fit; with the server's own key, where he has it."""
    manifest = json.loads(files[MANIFEST])
    for name, body in files.items():
        if name not in (MANIFEST, SEAL):
            manifest["files"][name] = {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}
    body = json.dumps(manifest).encode()
    return files | {MANIFEST: body} | ({SEAL: seal.sign(sealed_text(body)).encode()} if seal else {})


def without_line(body, place):
    lines = body.splitlines(keepends=True)
    return b"".join(lines[:place] + lines[place + 1 :])


STEPS, CHAIN, TRAIL = "records/step.jsonl", "chain.csv", "trail.jsonl"
RECORD = "papers/record.pdf"


@pytest.mark.req("P11-10b")
def test_the_copy_of_a_batch_has_its_records_lines_signatures_and_papers_and_proves_it(batch, made):
    report, files = check_file(batch), contents(batch)
    assert report.faults == []
    assert {"batch", "collection", "subject", "step", "container", "test", "result", "decision", "label"} <= {
        name.removeprefix("records/").removesuffix(".jsonl") for name in files
    }
    assert {RECORD, "papers/analysis.pdf"} <= set(files)
    assert len([name for name in files if name.startswith("papers/decision-")]) == len(made.decisions())
    assert (report.records > 30, report.key_id) == (True, made.database.seal.key_id)
    signed = {json.loads(one)["record_id"] for one in files["records/signature.jsonl"].splitlines()}
    assert {row.id for row in made.decisions()} <= signed
    assert report.signatures >= len(signed)
    assert json.loads(files[MANIFEST])["head"]["seq"] == len(files[CHAIN].splitlines()) - 1 > report.lines


@pytest.mark.req("P11-10b")
def test_whatever_is_done_to_a_copy_is_named(batch, made, tmp_path):
    files, seal = contents(batch), made.database.seal
    step = json.loads(files[STEPS].splitlines()[-1])["id"]
    middle = len(files[CHAIN].splitlines()) // 2
    first = json.loads(files[TRAIL].splitlines()[0])["seq"]
    shorter = {STEPS: without_line(files[STEPS], -2)}
    lied = {STEPS: files[STEPS].replace(b'"performed_by": "', b'"performed_by": "x', 1)}
    flipped = files[RECORD][:-1] + bytes([files[RECORD][-1] ^ 1])
    planted = [
        (files | {STEPS: without_line(files[STEPS], len(files[STEPS].splitlines()) - 1)}, f"step {step} is missing"),
        (files | {RECORD: flipped}, f"{RECORD} is not what the manifest says"),
        ({name: body for name, body in files.items() if name != RECORD}, f"{RECORD} is missing"),
        (files | {"records/extra.jsonl": b"{}"}, "records/extra.jsonl was added"),
        (files | {CHAIN: without_line(files[CHAIN], middle)}, f"the chain is cut before link {middle + 1}"),
        (files | {CHAIN: b"".join(files[CHAIN].splitlines(keepends=True)[:-1])}, "the chain ends with link"),
        (files | {TRAIL: without_line(files[TRAIL], 0)}, f"line {first} of the trail is missing"),
        (redone(files | shorter), "the manifest is not what the server sealed"),
        (redone(files | lied, seal), "performed_by is not what the trail says"),
        (redone(files | {CHAIN: without_line(files[CHAIN], middle)}, seal), "the chain is cut before link"),
    ]
    for changed, said in planted:
        found = check_file(rewritten(tmp_path / "changed.zip", changed)).faults
        assert any(said in one for one in found), (said, found)
    body = bytearray(batch.read_bytes())
    body[len(body) // 3] ^= 1
    (tmp_path / "bytes.zip").write_bytes(body)
    assert check_file(tmp_path / "bytes.zip").faults != []
    assert check_file(tmp_path / "nothing.zip").faults == [
        "the file cannot be read as a complete copy (FileNotFoundError)"
    ]


@pytest.mark.req("P11-10b")
def test_the_copy_of_everything_has_every_line_and_no_secret(made, person, tmp_path):
    person("T")
    path = copied(made.database, tmp_path / "all.zip")
    report, files = check_file(path), contents(path)
    assert report.faults == []
    assert report.lines == len(files[CHAIN].splitlines()) - 1
    assert report.hidden > 0
    assert b"$argon2" not in b"".join(files.values())
    assert "records/person.csv" in files
    assert files["records/person.jsonl"].count(b'"password_hash": "***"') == report.hidden
