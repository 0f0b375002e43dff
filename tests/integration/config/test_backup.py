"""A backup is what was restored and verified; a copy that lost something is not given its name."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from config.backup import backup, restore
from kernel.accounts.tables import PersonRow
from kernel.db import make_engine
from kernel.work import SYSTEM, unit_of_work
from tests.databases import postgres


def save(database, path):
    return backup(database.engine, path, database.seal.public, database.remembered_head())


@pytest.mark.req("A11-7.2", "RET-BANKRUPT")
def test_a_backup_holds_every_row_and_verifies(database, person, tmp_path):
    person("T")
    result = save(database, tmp_path / "copy.sqlite3")
    assert (result.report.faults, result.path.exists(), result.rows > 5) == ([], True, True)


@pytest.mark.req("A11-7.2")
def test_a_restored_copy_works_on_and_keeps_its_chain(database, person, tmp_path):
    someone = person("T")
    save(database, tmp_path / "copy.sqlite3")
    target = make_engine(f"sqlite:///{tmp_path / 'restored.sqlite3'}", owner=True)
    rows, report = restore(tmp_path / "copy.sqlite3", target, database.seal.public, None)
    with target.connect() as connection:
        name = connection.execute(sa.text("SELECT full_name FROM person WHERE id = :id"), {"id": someone.id}).scalar()
    target.dispose()
    assert (report.faults, rows > 5, name) == ([], True, someone.name)


@pytest.mark.req("A11-17")
def test_a_copy_of_sqlite_restores_into_postgresql(database, person, tmp_path):
    person("QA")
    save(database, tmp_path / "copy.sqlite3")
    fresh = postgres().new_database()
    target = make_engine(fresh.owner_url, owner=True)
    _, report = restore(tmp_path / "copy.sqlite3", target, database.seal.public, "nktrace_app")
    target.dispose()
    assert report.faults == []


def test_a_copy_older_than_what_was_remembered_is_not_a_backup(database, person, tmp_path):
    person("T")
    seq, _ = database.remembered_head()
    result = backup(database.engine, tmp_path / "copy.sqlite3", database.seal.public, (seq + 1, "0" * 64))
    assert ([fault.what for fault in result.report.faults], (tmp_path / "copy.sqlite3").exists()) == (
        ["outside"],
        False,
    )


def test_a_backup_never_overwrites_one(database, tmp_path):
    save(database, tmp_path / "copy.sqlite3")
    with pytest.raises(FileExistsError):
        save(database, tmp_path / "copy.sqlite3")


def test_changes_after_the_backup_are_not_in_it(database, person, tmp_path):
    someone = person("T")
    save(database, tmp_path / "copy.sqlite3")
    with unit_of_work(database, SYSTEM, "test.change") as work:
        work.lock(PersonRow, someone.id).language = "en"
    copy = make_engine(f"sqlite:///{tmp_path / 'copy.sqlite3'}", owner=True)
    with copy.connect() as connection:
        assert connection.execute(sa.text("SELECT language FROM person")).scalar() == "nl"
    copy.dispose()
