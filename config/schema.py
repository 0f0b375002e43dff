"""A fresh schema with its triggers and its first rows."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from config.tables import METADATA, audited_tables
from kernel.audit import GENESIS
from kernel.triggers import postgres_triggers, sqlite_triggers


def create_schema(engine: Engine, app_role: str | None = None) -> None:
    """Tables, triggers, the empty head of the trail, and on PostgreSQL the rights of the application's role."""
    with engine.begin() as connection:
        METADATA.create_all(connection)
        names = list(audited_tables())
        sqlite = engine.dialect.name == "sqlite"
        for statement in sqlite_triggers(names) if sqlite else postgres_triggers(names):
            connection.execute(sa.text(statement))
        connection.execute(sa.text("INSERT INTO trail_head (id, seq, hash) VALUES (1, 0, :hash)"), {"hash": GENESIS})
        if app_role is not None and not sqlite:
            grant_rights(connection, app_role)


def missing_in(engine: Engine) -> list[str]:
    """Tables and columns of this version that the database has not: ``table`` or ``table.column``, sorted."""
    with engine.connect() as connection:
        found = {
            name: {column["name"] for column in columns}
            for (_, name), columns in sa.inspect(connection).get_multi_columns().items()
        }
    wanted = {table.name: {column.name for column in table.columns} for table in METADATA.sorted_tables}
    tables = [name for name in wanted if name not in found]
    columns = [f"{name}.{one}" for name, all_of in wanted.items() for one in all_of - found.get(name, all_of)]
    return sorted(tables + columns)


def grant_rights(connection: sa.Connection, app_role: str) -> None:
    """The application reads and adds; it owns nothing and cannot rewrite evidence (decision 9)."""
    role = connection.dialect.identifier_preparer.quote(app_role)
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {role}")
    connection.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {role}")
    connection.exec_driver_sql(f"REVOKE UPDATE ON trail, trail_change, signature FROM {role}")
