"""Engine, column types and base classes for both databases (decisions 9 and 11, hazards 4.5 and 4.8)."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def storable(text: str) -> bool:
    """NUL and lone surrogates: PostgreSQL keeps neither, no page can show them; so nobody stores them anywhere."""
    return not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in text)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in, aware UTC out. Fixed-width text on SQLite, so that order and equality hold."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time")
        moment = value.astimezone(UTC)
        return moment.strftime(INSTANT) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if isinstance(value, str):
            if not value.endswith("Z"):
                raise ValueError("a time without its zone is in the database")
            return datetime.fromisoformat(value)
        return value.astimezone(UTC) if isinstance(value, datetime) else None


class Exact(TypeDecorator[Decimal]):
    """An exact, finite decimal: checked text on SQLite, NUMERIC on PostgreSQL."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError("an exact, finite decimal is wanted")
        text = format(value, "f")
        return text if dialect.name == "sqlite" else Decimal(text)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Day(TypeDecorator[date]):
    """A calendar day without time."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(sa.Text() if dialect.name == "sqlite" else sa.Date())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return date.fromisoformat(value) if isinstance(value, str) else value


class Flag(TypeDecorator[bool]):
    """Yes or no; unanswered is NULL, never no."""

    impl = sa.Integer
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(sa.Integer() if dialect.name == "sqlite" else sa.Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        return None if value is None else bool(value)


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012
        str: sa.Text,
        int: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        datetime: UtcDateTime,
        Decimal: Exact,
        date: Day,
        bool: Flag,
    }

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805
        return table_args(*getattr(cls, "constraints", ()))


def table_args(*constraints: Any) -> tuple[Any, ...]:
    return (*constraints, {"sqlite_strict": True})


def one_of(column: str, values: type[StrEnum]) -> sa.CheckConstraint:
    """The CHECK that keeps a column within its states; written from the same enum the rules use."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=column)


class Audited(Base):
    """A row whose every version has its line on the trail; committing one without is impossible.

    ``(id, version)`` refers to the trail by a deferred foreign key, so the database itself refuses a change
    that nobody recorded. Triggers let ``version`` only grow by one and forbid DELETE.
    """

    __abstract__ = True

    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.__dict__.get("version", cls.version)}

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805
        recorded = sa.ForeignKeyConstraint(
            ["id", "version"],
            ["trail_change.record_id", "trail_change.version"],
            deferrable=True,
            initially="DEFERRED",
            name=f"fk_{cls.__tablename__}_trail",
        )
        return table_args(recorded, *getattr(cls, "constraints", ()))


def rows_at_once(table: sa.FromClause, most: int) -> int:
    """How many rows to hold when all are read: one, where a single one may be megabytes."""
    return 1 if any(isinstance(column.type, sa.LargeBinary) for column in table.columns) else most


@event.listens_for(Audited, "attribute_instrument", propagate=True)
def keep_old_values(_class: type, _key: str, instrumented: Any) -> None:
    """Old values are loaded before they are overwritten; the trail shows them."""
    if hasattr(instrumented, "impl") and hasattr(instrumented.impl, "active_history"):
        instrumented.impl.active_history = True


DENIED = {
    sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_DROP_TRIGGER,
    sqlite3.SQLITE_DROP_INDEX,
    sqlite3.SQLITE_ALTER_TABLE,
    sqlite3.SQLITE_ATTACH,
    sqlite3.SQLITE_CREATE_TABLE,
    sqlite3.SQLITE_CREATE_TRIGGER,
}
STATEMENTS_KEPT = 4_000  # some two thousand different ones are sent; preparing one costs more than asking it
APPEND_ONLY = {"trail", "trail_change", "signature"}


def authorize(action: int, first: str | None, _second: str | None, _db: str | None, _source: str | None) -> int:
    """What the application's own connections may never do, whatever SQL reaches them."""
    if action in DENIED or (action in {sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE} and first in APPEND_ONLY):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def make_engine(url: str, *, owner: bool = False) -> Engine:
    """An engine with the durability this system promises. ``owner`` may change the schema; the server may not."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        durable = {"options": "-c synchronous_commit=on"}
        return sa.create_engine(
            url,
            pool_size=4,
            max_overflow=4,
            pool_pre_ping=True,
            isolation_level="READ COMMITTED",
            connect_args=durable,
            query_cache_size=STATEMENTS_KEPT,
        )
    settings = {"timeout": 30, "check_same_thread": False, "cached_statements": STATEMENTS_KEPT}
    engine = sa.create_engine(url, connect_args=settings, query_cache_size=STATEMENTS_KEPT)

    @event.listens_for(engine, "connect")
    def _settings(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in SQLITE_SETTINGS:
            connection.execute(f"PRAGMA {pragma}")
        if not owner:
            connection.set_authorizer(authorize)

    @event.listens_for(engine, "checkin")
    def _leave_nothing_open(connection: sqlite3.Connection | None, _record: Any) -> None:
        if connection is not None and connection.in_transaction:
            connection.rollback()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", owner)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


SQLITE_SETTINGS = (
    "journal_mode=DELETE",
    "synchronous=EXTRA",
    "foreign_keys=ON",
    "busy_timeout=30000",
    "trusted_schema=OFF",
    "mmap_size=0",
)


def sqlite_file(url: str) -> Path | None:
    parsed = sa.make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None
