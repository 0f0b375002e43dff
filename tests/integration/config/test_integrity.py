"""The check that runs by itself: what it finds is a record, a letter and a banner; what did not run is seen too."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

import config.wiring  # noqa: F401  (who hears of a run)
from config.integrity import back_up, check_all, check_when_due
from kernel.accounts.tables import PersonRow
from kernel.upkeep.queries import integrity_view, worries_now
from kernel.upkeep.tables import UpkeepRunRow
from kernel.work import SYSTEM, unit_of_work
from release.ports import mail_is_sent
from release.tables.messages import MessageRow
from tests.integration.kernel.test_verify import tamper  # noqa: F401  (raw SQL by somebody with all rights)

HOURS = timedelta(hours=1)


def runs(database):
    with database.reading() as session:
        rows = session.execute(sa.select(UpkeepRunRow).order_by(UpkeepRunRow.id)).scalars().all()
    return [(row.kind, row.status, row.faults) for row in rows]


def seen(database):
    with database.reading() as session:
        return worries_now(session, database.clock.now())


@pytest.fixture
def letters(database, monkeypatch):
    monkeypatch.setattr(mail_is_sent, "answer", lambda: True)

    def written():
        with database.reading() as session:
            return [row.duty for row in session.execute(sa.select(MessageRow)).scalars()]

    return written


@pytest.mark.req("A11-7.1")
def test_a_check_runs_when_it_is_due_and_is_kept_with_what_it_looked_at(database, person, letters):
    person("T")
    assert check_when_due(database) == 0
    database.clock.advance(24 * HOURS)
    assert check_when_due(database) == 1
    assert check_when_due(database) == 0
    assert runs(database) == [("integrity_check", "run_sound", 0)]
    with database.reading() as session:
        row = session.execute(sa.select(UpkeepRunRow)).scalar_one()
    assert (row.ran_by, row.links > 0, row.records > 0, row.backup_at) == ("server", True, True, None)
    assert letters() == []


@pytest.mark.req("A11-7.1")
def test_a_tampered_row_makes_the_check_fail_and_everybody_who_must_hears_of_it(database, person, letters, tamper):  # noqa: F811
    someone = person("T")
    tamper("UPDATE person SET full_name = 'Somebody else' WHERE id = :id", id=someone.id)
    database.clock.advance(24 * HOURS)
    check_when_due(database)
    assert runs(database) == [("integrity_check", "run_faulty", 1)]
    assert seen(database) == ("check_faulty",)
    assert letters() == ["quality_assurance"]
    with database.reading() as session:
        (run,) = integrity_view(session, database.clock.now())["runs"]
    assert [(one["what"], someone.id in one["where"]) for one in run["found"]] == [("record", True)]


@pytest.mark.req("A11-7.1", "BK-RPO")
def test_a_check_that_did_not_run_and_a_backup_that_was_not_made_are_seen(database, person):
    person("T")
    database.clock.advance(24 * HOURS)
    assert seen(database) == ()
    database.clock.advance(timedelta(seconds=1))
    assert seen(database) == ("backup_missed",)
    database.clock.advance(12 * HOURS)
    assert seen(database) == ("check_missed", "backup_missed")


@pytest.mark.req("BK-RPO", "A11-7.2")
def test_the_newest_backup_is_read_back_and_a_changed_or_missing_one_is_a_fault(database, person, tmp_path):
    someone, path = person("T"), tmp_path / "copy.sqlite3"
    saved = back_up(database, path)
    assert (saved.rows > 5, saved.report.faults) == (True, [])
    with unit_of_work(database, SYSTEM, "test.change") as work:
        work.lock(PersonRow, someone.id).language = "en"
    found, body = [], path.read_bytes()
    for write in (lambda: None, lambda: path.write_bytes(body[:-1] + bytes([body[-1] ^ 1])), path.unlink):
        write()
        database.clock.advance(HOURS)
        found.append([[fault.detail for fault in one.faults] for one in check_all(database, "command line")])
        found.append(seen(database))
    assert found == [
        *([[], []], ()),
        *([[], ["its bytes are not those that were written"]], ("backup_faulty",)),
        *([[], ["is not where it was written"]], ("backup_faulty",)),
    ]
    assert sorted(runs(database)) == [
        ("backup", "run_sound", 0),
        *[("integrity_check", "run_sound", 0)] * 3,
        *[("read_back", "run_faulty", 1)] * 2,
        ("read_back", "run_sound", 0),
    ]


@pytest.mark.req("A11-7.1")
def test_a_check_that_breaks_off_is_a_fault_and_not_a_run_that_never_was(database, person, monkeypatch):
    person("T")

    def broken(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr("config.integrity.verify", broken)
    check_all(database, "command line")
    assert runs(database) == [("integrity_check", "run_faulty", 1)]


@pytest.mark.req("BK-RPO", "A11-7.2")
def test_a_backup_that_could_not_be_written_is_a_fault_until_one_is_whatever_an_older_one_reads_like(
    database, person, tmp_path
):
    person("T")
    back_up(database, tmp_path / "first.sqlite3")
    found = []
    for path in (tmp_path / "no-such-folder" / "second.sqlite3", tmp_path / "third.sqlite3"):
        for run in (lambda where=path: back_up(database, where), lambda: check_all(database, "command line")):
            database.clock.advance(HOURS)
            run()
            found.append(seen(database))
    assert found == [("backup_faulty",), ("backup_faulty",), (), ()]
    assert ("backup", "run_faulty", 1) in runs(database)
