"""The migrations give exactly the schema the code expects, on both engines, with its triggers (architecture 3.12)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from config.schema import create_schema
from config.tables import METADATA, audited_tables
from config.upgrade import alembic_config
from kernel.db import make_engine
from tests.databases import databases, postgres, sqlite_url


@pytest.fixture(params=databases())
def engines(request, tmp_path):
    """Two empty databases: one to migrate, one to create from the tables."""
    if request.param == "sqlite":
        (tmp_path / "b").mkdir()
        urls = [sqlite_url(tmp_path), sqlite_url(tmp_path / "b")]
    else:
        urls = [postgres().new_database().owner_url for _ in range(2)]
    made = [make_engine(url, owner=True) for url in urls]
    yield made
    for engine in made:
        engine.dispose()


def migrate(engine):
    command.upgrade(alembic_config(engine, None), "head")
    return engine


def checks(engine):
    found = sa.inspect(engine)
    return {
        (table, one["name"]): " ".join(one["sqltext"].split())
        for table in METADATA.tables
        for one in found.get_check_constraints(table)
    }


def triggers(engine):
    statement = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
    )
    with engine.connect() as connection:
        return set(connection.exec_driver_sql(statement).scalars())


@pytest.mark.req("P11-10c")
def test_migrating_from_empty_gives_the_tables_of_the_code(engines):
    migrated = migrate(engines[0])
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_checks_are_those_of_the_states(engines):
    migrated, created = migrate(engines[0]), engines[1]
    create_schema(created)
    assert checks(migrated) == checks(created)


@pytest.mark.req("P11-10e-2")
def test_every_record_is_protected_by_triggers(engines):
    migrated, created = migrate(engines[0]), engines[1]
    create_schema(created)
    assert triggers(migrated) == triggers(created)
    for table in audited_tables():
        assert f"{table}_no_delete" in triggers(migrated)
        if table != "signature":
            assert f"{table}_next_version" in triggers(migrated)


def test_migrating_twice_changes_nothing(engines):
    migrate(engines[0])
    before = triggers(engines[0])
    migrate(engines[0])
    assert triggers(engines[0]) == before
