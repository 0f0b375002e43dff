"""Files of records: kept once, never changed, counted in versions, hashed again by verification and backup (A11-5)."""

from __future__ import annotations

import hashlib
import json

import pytest
import sqlalchemy as sa

from config.backup import backup, restore
from config.tables import audited_tables
from kernel.accounts.tables import PersonRow
from kernel.db import make_engine
from kernel.errors import Refused
from kernel.files.domain.refusals import Upload
from kernel.files.ports import ATTACHABLE, Attachable
from kernel.files.queries import body_of, files_of
from kernel.files.services import attach_file, withdraw_file
from kernel.files.tables import FileContentRow, FileRow
from kernel.tables import TrailRow
from kernel.trail.verify import verify
from kernel.work import unit_of_work

REPORT = Upload("run 1.csv", b"sample,WBC\nS1,4.5\n")
CORRECTED = Upload("run 1.csv", b"sample,WBC\nS1,4.6\n")


@pytest.fixture
def records(database, person, monkeypatch):
    """A record of the kernel's own that takes files, and who may attach to it."""
    of_person = Attachable(
        PersonRow, "file:read", "file:attach", {"report": "report"}, lambda _s, row: (row.login, "/")
    )
    monkeypatch.setitem(ATTACHABLE, "person", of_person)
    return person("T"), person("QA")


def attach(database, actor, upload, record, purpose="report"):
    with unit_of_work(database, actor, "file.attach") as work:
        return attach_file(work, upload, entity="person", record_id=record.id, purpose=purpose)


def codes(refused):
    return [one.code for one in refused.value.refusals]


def report(database):
    with database.reading() as session:
        return verify(session, audited_tables(), database.seal.public, database.remembered_head())


@pytest.mark.req("A11-5")
def test_a_file_is_kept_with_digest_size_kind_and_person(database, records):
    technician, record = records
    row = attach(database, technician, Upload("C:\\lab\\run 1.csv", REPORT.body), record)
    assert (row.filename, row.media_type, row.size) == ("run 1.csv", "text/csv", len(REPORT.body))
    assert row.sha256 == hashlib.sha256(REPORT.body).hexdigest()
    assert (row.person_id, row.at, row.number) == (technician.id, database.clock.now(), 1)
    with database.reading() as session:
        assert body_of(session, row) == REPORT.body


@pytest.mark.req("A11-5")
def test_another_content_under_the_name_is_the_next_version_and_the_first_stays(database, records):
    technician, record = records
    first = attach(database, technician, REPORT, record)
    second = attach(database, technician, CORRECTED, record)
    with database.reading() as session:
        kept = files_of(session, "person", record.id)
        assert [(one.id, one.number) for one in kept] == [(first.id, 1), (second.id, 2)]
        assert [body_of(session, one) for one in kept] == [REPORT.body, CORRECTED.body]


@pytest.mark.req("A11-5")
def test_the_same_bytes_again_are_refused_and_point_to_the_first(database, records):
    technician, record = records
    first = attach(database, technician, REPORT, record)
    with pytest.raises(Refused) as refused:
        attach(database, technician, Upload("another.csv", REPORT.body), record)
    assert codes(refused) == ["FILE_ALREADY_HERE"]
    assert refused.value.refusals[0].fact("location") == f"/files/{first.id}"


def test_bytes_of_two_records_are_stored_once(database, records):
    technician, record = records
    attach(database, technician, REPORT, record)
    attach(database, technician, REPORT, technician)
    with database.reading() as session:
        assert session.query(FileContentRow).count() == 1
        assert session.query(FileRow).count() == 2


@pytest.mark.req("A11-5")
def test_every_fault_of_a_file_is_told_at_once_and_nothing_is_kept(database, records):
    technician, record = records
    with pytest.raises(Refused) as refused:
        attach(database, technician, Upload("J. Jansen.pdf", b"a,b\n"), record, purpose="ornament")
    assert sorted(codes(refused)) == ["FILE_NOT_AS_NAMED", "FILE_PURPOSE", "PII_IN_FIELD"]
    with database.reading() as session:
        assert session.query(FileRow).count() == session.query(FileContentRow).count() == 0


@pytest.mark.req("P11-10e-2")
def test_the_trail_holds_the_digest_and_never_the_bytes(database, records):
    technician, record = records
    attach(database, technician, REPORT, record)
    with database.reading() as session:
        payload = session.execute(sa.select(TrailRow.payload).order_by(TrailRow.seq.desc()).limit(1)).scalar_one()
    [content] = [one for one in json.loads(payload)["changes"] if one["entity"] == "file_content"]
    assert content["new"]["body"] == f"sha256:{REPORT.sha256}"
    assert "WBC" not in payload


def test_a_withdrawn_file_stays_and_is_withdrawn_once(database, records):
    technician, quality = records
    row = attach(database, technician, REPORT, quality)
    with unit_of_work(database, quality, "file.withdraw", reason="belongs to another run") as work:
        withdraw_file(work, row.id)
    with pytest.raises(Refused) as refused, unit_of_work(database, quality, "file.withdraw", reason="again") as work:
        withdraw_file(work, row.id)
    assert codes(refused) == ["FILE_WITHDRAWN"]
    with database.reading() as session:
        kept = session.get_one(FileRow, row.id)
        assert (kept.withdrawn_by, kept.withdrawn_because) == (quality.id, "belongs to another run")
        assert body_of(session, kept) == REPORT.body


@pytest.mark.req("A11-5", "A11-7.2")
def test_verification_hashes_the_bytes_again(fresh, database, records):
    technician, record = records
    row = attach(database, technician, REPORT, record)
    assert report(database).faults == []
    engine = make_engine(fresh.owner_url, owner=True)
    drop = "DROP TRIGGER file_content_next_version"
    if engine.dialect.name != "sqlite":
        drop += " ON file_content"
    with engine.begin() as connection:
        connection.execute(sa.text(drop))
        connection.execute(
            sa.text("UPDATE file_content SET body = :body WHERE sha256 = :sha256"),
            {"body": CORRECTED.body, "sha256": row.sha256},
        )
    engine.dispose()
    faults = {(one.what, one.where.split()[0]) for one in report(database).faults}
    assert faults == {("record", "file_content"), ("file", "file_content")}


@pytest.mark.req("A11-7.2")
def test_a_backup_has_the_bytes_and_a_restored_one_gives_them_back(fresh, database, records, tmp_path):
    technician, record = records
    row = attach(database, technician, REPORT, record)
    engine = make_engine(fresh.owner_url, owner=True)
    made = backup(engine, tmp_path / "copy.sqlite3", database.seal.public, database.remembered_head())
    engine.dispose()
    assert made.report.faults == []
    target = make_engine(f"sqlite:///{tmp_path / 'restored.sqlite3'}", owner=True)
    _rows, found = restore(made.path, target, database.seal.public, None)
    assert found.faults == []
    with target.connect() as connection:
        body = connection.execute(
            sa.select(FileContentRow.body).where(FileContentRow.sha256 == row.sha256)
        ).scalar_one()
    target.dispose()
    assert body == REPORT.body
