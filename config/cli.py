"""The command line of an installation: keys, schema, people, serve, verify, backup, demo."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config.app import VERSION, clock_of, create_app, open_database
from config.backup import restore
from config.demo import DEMO_PASSWORD, DEMO_PEOPLE, make_example
from config.first_people import make_first_people
from config.integrity import COMMAND, back_up, check_all, check_when_due
from config.keys import make_keys
from config.mail import deliver
from config.printing import print_waiting
from config.sending import send_for_ever
from config.serving import THREADS, WORKERS
from config.settings import ROOT, Settings, Unfit
from config.tables import audited_tables
from config.upgrade import upgrade
from config.webhooks import Caller, call_waiting
from config.wiring import secret_of_receiver
from kernel.copying.checking import CopyReport, check_file
from kernel.copying.writing import Maker, Scope, write_copy
from kernel.db import sqlite_file
from kernel.trail.moment import one_moment
from kernel.trail.verify import Report, verify
from kernel.web.i18n import Speech
from kernel.words import LANGUAGES
from labels.domain.label_keys import fingerprint
from labels.keys import UnfitKeys, add_label_key, make_label_keys
from manufacturing.queries.batches import batch_by_number
from release.queries.complete_copy import ALL, scope_of_batch

STARTED = time.monotonic()


def tell_user(words: str) -> None:
    print(f"[{time.monotonic() - STARTED:6.1f} s] {words}", flush=True)


def prepare(settings: Settings) -> None:
    """Folder, keys and schema; what exists stays as it is."""
    file = sqlite_file(settings.database_url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    settings.head_file.parent.mkdir(parents=True, exist_ok=True)
    made = make_keys(settings.keys) + make_label_keys(settings.keys, demo=settings.demo)
    tell_user(f"keys: {', '.join(made) if made else 'as they were'} ({settings.keys})")
    upgrade(settings)
    tell_user(f"database: {sa.make_url(settings.database_url).render_as_string(hide_password=True)}")


def demo(settings: Settings, options: argparse.Namespace) -> int:
    """Everything from nothing to a running product with its worked example."""
    if not settings.demo:
        raise Unfit("“demo” is not for a production instance.")
    if options.fresh:
        clear(settings)
    prepare(settings)
    database = open_database(settings)
    with database.reading() as session:
        empty = session.execute(sa.text("SELECT COUNT(*) FROM person")).scalar() == 0
    if empty:
        tell_user("worked example: six stories, told through the same services people use")
        make_example(settings, tell_user)
        back_up(open_database(settings, clock_of(settings)), first_backup(settings))
        tell_user("a first backup of it, restored and verified")
    else:
        tell_user("worked example: already there, kept as it is (python3 run.py fresh makes it anew)")
    database.engine.dispose()
    return serve(settings, options)


def first_backup(settings: Settings) -> Path:
    folder = settings.head_file.parent / "backups"
    folder.mkdir(exist_ok=True)
    return folder / "first.sqlite3"


def clear(settings: Settings) -> None:
    """Remove a demo instance's database; production has no such command."""
    file = sqlite_file(settings.database_url)
    if file is None:
        raise Unfit("“fresh” works on the demo's own SQLite file; give PostgreSQL a new database instead.")
    for name in (file, file.with_name(file.name + ".gate"), file.with_name(file.name + "-journal"), settings.head_file):
        name.unlink(missing_ok=True)
    (settings.head_file.parent / "clock").unlink(missing_ok=True)
    first_backup(settings).unlink(missing_ok=True)
    tell_user("the old example is gone")


def free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Unfit("No free port on the loopback address.")


def serve(settings: Settings, options: argparse.Namespace) -> int:
    """Serve on loopback: gunicorn with one worker per core where it exists, waitress elsewhere."""
    create_app(settings)
    port = free_port(options.port)
    for line in box(settings, port):
        print(line, flush=True)
    start_sending()
    workers = str(max(2, os.cpu_count() or 2))
    gunicorn = Path(sys.executable).with_name("gunicorn")
    if gunicorn.exists():
        arguments = ["-b", f"127.0.0.1:{port}", "-w", workers, "--chdir", str(ROOT), *WORKERS, "wsgi:app"]
        os.execv(gunicorn, [str(gunicorn), *arguments])  # noqa: S606
    from waitress import serve as waitress_serve  # noqa: PLC0415  (only where gunicorn does not run)

    waitress_serve(create_app(settings), listen=f"127.0.0.1:{port}", threads=THREADS)
    return 0


def start_sending() -> None:
    """The process beside the server that sends what the outboxes hold."""
    subprocess.Popen([sys.executable, "-m", "config.cli", "send"], cwd=ROOT)


def send_command(settings: Settings, _options: argparse.Namespace) -> int:
    database = open_database(settings, clock_of(settings))
    passes = [partial(print_waiting, database)]
    if settings.mail is not None:
        passes.append(partial(deliver, database, settings.mail))
    caller = Caller(database, settings.receivers_inside, partial(secret_of_receiver, settings))
    threading.Thread(target=send_for_ever, args=([partial(call_waiting, caller)],), daemon=True).start()
    threading.Thread(target=send_for_ever, args=([partial(check_when_due, database)],), daemon=True).start()
    send_for_ever(passes)
    return 0


def box(settings: Settings, port: int) -> list[str]:
    lines = [f"NKTrace is running at http://127.0.0.1:{port}"]
    if settings.demo:
        lines += ["DEMO: not for use on people", "", f"password of everybody: {DEMO_PASSWORD}", ""]
        lines += [f"{person.login:<10} {person.full_name:<22} {', '.join(person.roles)}" for person in DEMO_PEOPLE]
    width = max(len(line) for line in lines)
    return ["┌" + "─" * (width + 2) + "┐", *(f"│ {line:<{width}} │" for line in lines), "└" + "─" * (width + 2) + "┘"]


def show(report: Report) -> int:
    for fault in report.faults:
        print(f"FAULT {fault.what}: {fault.where}: {fault.detail}")
    words = f"{report.links} links, {report.records} records, {report.signatures} signatures"
    print(f"{words}: {f'{len(report.faults)} faults' if report.faults else 'all agree'}. Head {report.head}")
    return 1 if report.faults else 0


def verify_command(settings: Settings, _options: argparse.Namespace) -> int:
    database = open_database(settings)
    with database.reading() as session:
        return show(verify(session, audited_tables(), database.seal.public, database.remembered_head()))


def backup_command(settings: Settings, options: argparse.Namespace) -> int:
    database = open_database(settings, clock_of(settings))
    path = Path(options.path)
    outcome = back_up(database, path)
    failed = show(outcome.report)
    print(f"{outcome.rows} rows in {path}" + (".unproven - NOT A BACKUP" if failed else ": restored, verified, done"))
    return failed


def check_command(settings: Settings, _options: argparse.Namespace) -> int:
    """For a timer of the machine where no process beside the server runs."""
    return max(show(report) for report in check_all(open_database(settings, clock_of(settings)), COMMAND))


def restore_command(settings: Settings, options: argparse.Namespace) -> int:
    from config.upgrade import owner_engine  # noqa: PLC0415

    database = open_database(settings)
    rows, report = restore(Path(options.path), owner_engine(settings), database.seal.public, settings.app_role)
    print(f"{rows} rows restored")
    return show(report)


def export_command(settings: Settings, options: argparse.Namespace) -> int:
    """Writes a copy; “export verify FILE” checks one, and asks no database."""
    *verb, name = options.words
    path = Path(name)
    if verb == ["verify"]:
        return show_copy(check_file(path))
    if verb:
        raise Unfit("“export PATH” writes a copy, “export verify FILE” checks one.")
    database = open_database(settings, clock_of(settings))
    maker = Maker(
        by=COMMAND,
        at=database.clock.now(),
        app_version=VERSION,
        seal=database.seal,
        tables=audited_tables(),
    )
    if path.exists():
        raise Unfit(f"{path} exists; a copy never overwrites a file.")
    with one_moment(database) as session:
        scope = ALL if options.batch is None else batch_scope(session, maker, options, demo=settings.demo)
        with path.open("xb") as out:
            manifest = write_copy(session, out, scope, maker)
    print(f"{len(manifest['files'])} files in {path}. Head {manifest['head']['seq']} {manifest['head']['hash']}")
    return show_copy(check_file(path))


def batch_scope(session: Session, maker: Maker, options: argparse.Namespace, *, demo: bool) -> Scope:
    batch = batch_by_number(session, options.batch)
    if batch is None:
        raise Unfit(f"There is no batch {options.batch}.")
    speech = Speech(options.language)
    return scope_of_batch(session, maker.tables, batch.id, speech, maker.by, maker.at, demo=demo)


def show_copy(report: CopyReport) -> int:
    for fault in report.faults:
        print(f"FAULT {fault}")
    words = f"{report.files} files, {report.lines} lines, {report.records} records, {report.signatures} signatures"
    verdict = f"{len(report.faults)} faults" if report.faults else "complete, and all agree"
    print(f"{words}: {verdict}. Head {report.head}, sealed with key {report.key_id}")
    return 1 if report.faults else 0


def people_command(settings: Settings, _options: argparse.Namespace) -> int:
    for line in make_first_people(open_database(settings)):
        print(line)
    return 0


def label_key_command(settings: Settings, _options: argparse.Namespace) -> int:
    """The running server sees the new key at once; nothing is signed with it before two people put it in use."""
    try:
        keys = add_label_key(settings.keys, demo=settings.demo)
    except UnfitKeys as unfit:
        raise Unfit(str(unfit)) from None
    letter, key = list(keys.keys.items())[-1]
    print(
        f"label key {letter}, fingerprint {fingerprint(key)}: made, in the file of label keys; copy that to the backup"
    )
    print("It signs nothing yet: the administrator asks for it under “Label keys”, QA approves it.")
    return 0


def prepare_command(settings: Settings, _options: argparse.Namespace) -> int:
    prepare(settings)
    return 0


COMMANDS: dict[str, tuple[Callable[[Settings, argparse.Namespace], int], str]] = {
    "demo": (demo, "keys, database, worked example, then serve; --fresh makes the example anew"),
    "prepare": (prepare_command, "make missing keys and bring the schema up to this version"),
    "people": (people_command, "make the first administrator and QA officer, once"),
    "label-key": (label_key_command, "make a further label key; two people put it in use on the page of label keys"),
    "serve": (serve, "serve on the loopback address"),
    "send": (send_command, "send what waits in the outboxes, and check the records when it is due; serve starts it"),
    "verify": (verify_command, "check chain, signatures and records; names what does not agree"),
    "check": (check_command, "as verify, read the newest backup back too, and note the outcome on the page Integrity"),
    "backup": (backup_command, "write a copy to PATH, restore and verify it, and note it on the page Integrity"),
    "export": (export_command, "write a complete copy with a sealed manifest to PATH; “export verify FILE” checks one"),
    "restore": (restore_command, "restore a copy from PATH into an empty database"),
}


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="nktrace")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, help_text) in COMMANDS.items():
        command = commands.add_parser(name, help=help_text)
        if name in {"backup", "restore"}:
            command.add_argument("path")
        if name == "export":
            command.add_argument("words", nargs="+", metavar="PATH | verify FILE")
            command.add_argument("--batch", help="number of one batch; without it every record")
            command.add_argument("--language", choices=LANGUAGES, default="nl", help="of the printed records")
        if name in {"demo", "serve"}:
            command.add_argument("--port", type=int, default=8026)
        if name == "demo":
            command.add_argument("--fresh", action="store_true")
    options = parser.parse_args(words)
    try:
        return COMMANDS[options.command][0](Settings.from_environ(), options)
    except Unfit as unfit:
        print(f"nktrace: {unfit}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
