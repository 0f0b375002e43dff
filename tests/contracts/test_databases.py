"""The databases tests run on are what production has: the application's role owns nothing and cannot become more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.databases import databases, postgres, sqlite_url

ROOT = Path(__file__).resolve().parents[2]
DENIED = (psycopg.errors.InsufficientPrivilege,)

pytestmark = pytest.mark.skipif("postgresql" not in databases(), reason="this run is on SQLite only")


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


@pytest.fixture(scope="module")
def database():
    made = postgres().new_database()
    with connect(made.owner_url) as owner:
        owner.execute("CREATE TABLE trail (number integer PRIMARY KEY)")
        owner.execute("GRANT SELECT, INSERT ON trail TO nktrace_app")
        owner.execute("INSERT INTO trail VALUES (1)")
    return made


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (number integer)",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "ALTER TABLE trail ADD COLUMN extra integer",
        "ALTER TABLE trail DISABLE TRIGGER ALL",
        "ALTER TABLE trail OWNER TO nktrace_app",
        "DROP TABLE trail",
        "TRUNCATE trail",
        "UPDATE trail SET number = 2",
        "DELETE FROM trail",
        "GRANT nktrace_owner TO nktrace_app",
        "SET ROLE nktrace_owner",
        "SET session_replication_role = replica",
        "ALTER SYSTEM SET fsync = off",
    ],
)
@pytest.mark.req("P11-10e-2")
def test_the_application_role_is_denied_on_postgresql(database, statement):
    with connect(database.app_url) as app, pytest.raises(DENIED):
        app.execute(statement)


def test_the_application_role_may_do_what_the_owner_granted(database):
    with connect(database.app_url) as app:
        app.execute("INSERT INTO trail VALUES (7)")
        assert (7,) in app.execute("SELECT number FROM trail").fetchall()


def test_each_request_gives_a_database_of_its_own():
    first, second = postgres().new_database(), postgres().new_database()
    with connect(first.owner_url) as owner:
        owner.execute("CREATE TABLE here (number integer)")
    with connect(second.owner_url) as owner, pytest.raises(psycopg.errors.UndefinedTable):
        owner.execute("SELECT * FROM here")


def test_a_copy_of_a_prepared_database_has_its_tables_and_its_grants(database):
    copy = postgres().new_database(template=database)
    with connect(copy.app_url) as app:
        assert (1,) in app.execute("SELECT number FROM trail").fetchall()
        with pytest.raises(DENIED):
            app.execute("DELETE FROM trail")


def test_two_requests_for_an_sqlite_file_do_not_meet(tmp_path_factory):
    assert sqlite_url(tmp_path_factory.mktemp("one")) != sqlite_url(tmp_path_factory.mktemp("two"))


def test_an_unknown_database_is_refused(monkeypatch):
    monkeypatch.setenv("NKTRACE_TEST_DATABASES", "sqlite,oracle")
    with pytest.raises(ValueError, match="oracle"):
        databases()


def test_a_killed_run_leaves_neither_server_nor_files():
    program = "from tests.databases import postgres; print(postgres().directory, flush=True); input()"
    run = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    directory = Path(run.stdout.readline().strip())
    server = int((directory / "data" / "postmaster.pid").read_text().splitlines()[0])
    run.send_signal(signal.SIGKILL)
    run.communicate()
    deadline = time.monotonic() + 10
    while (directory.exists() or is_running(server)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not directory.exists()
    assert not is_running(server)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")  # where process 1 reaps nobody, the dead stay in the list as Z
    return not (status.exists() and status.read_text().split()[2] == "Z")
