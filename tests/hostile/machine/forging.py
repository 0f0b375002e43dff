"""Somebody with the database in his hands changes one signed value, below the triggers; the trail is left as it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from tests.hostile.machine.run import Run
from tests.places import PostgresPlace

# What each does to a row of a record that the release rests on: table, column, new value.
FORGERIES = {
    "a result": ("result", "raw_data_reference", "'RAW-9'"),
    "an outcome": ("test", "number", "number || 'X'"),
    "an expiry": ("container", "expires_at", "'2027-01-01T00:00:00.000000Z'"),
    "a weight": ("weight", "verified_by", "entered_by"),
    "a disposition": ("disposition", "version", "version + 1"),
    "a signature": ("signature", "signer_name", "'Somebody'"),
}
BLIND = "'BEGIN RETURN NEW; END'"
GUARDS_OF = (
    "SELECT DISTINCT p.proname, pg_get_functiondef(p.oid) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal"
)


def forge(run: Run, name: str) -> None:
    """One row of it, wherever there is one; from then on nothing of this batch may be given."""
    table, column, value = FORGERIES[name]
    ours = {"signature": " WHERE record_entity = 'step'", "weight": f" WHERE subject_id = '{run.facts['subject']}'"}
    chosen = f"(SELECT max(id) FROM {table}{ours.get(table, '')})"
    with below_the_triggers(run.world.place, table) as execute:
        execute(f"UPDATE {table} SET {column} = {value} WHERE id = {chosen}")
    run.model.tampered = bool(run.world.rows(f"SELECT id FROM {table}"))
    run.ledger.counts = run.ledger.count()


@contextmanager
def below_the_triggers(place: Any, table: str) -> Iterator[Any]:
    if isinstance(place, PostgresPlace):
        with place.keeper.transaction(), place.keeper.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            guards = cursor.execute(GUARDS_OF, (table,)).fetchall()
            for name, _ in guards:
                cursor.execute(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS {BLIND}")
            yield cursor.execute
            for _, whole in guards:
                cursor.execute(whole)
        return
    place.engine.dispose()
    with closing(sqlite3.connect(place.app_url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        guards = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
        )
        kept = guards.fetchall()
        connection.execute("BEGIN IMMEDIATE")
        for name, _ in kept:
            connection.execute(f'DROP TRIGGER "{name}"')
        yield connection.execute
        for _, sql in kept:
            connection.execute(sql)
        connection.execute("COMMIT")
