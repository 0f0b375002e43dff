"""Several questions asked of the database at once: what they need next travels in one statement (docs/decisions/0023)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.interfaces import BindTyping
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, make_transient_to_detached
from sqlalchemy.sql.type_api import TypeEngine

from kernel.db import Day, Exact, Flag, UtcDateTime

WAITING = "waiting"
MOST_KEPT = 2_000
KINDS: tuple[tuple[type[TypeEngine[Any]], TypeEngine[Any]], ...] = (
    (UtcDateTime, UtcDateTime()),
    (Exact, Exact()),
    (Day, Day()),
    (Flag, Flag()),
    (sa.Boolean, sa.Boolean()),
    (sa.Integer, sa.BigInteger()),
    (sa.String, sa.Text()),
)
LISTED = re.compile(r"\(__\[POSTCOMPILE_(\w+)\]\)")  # how SQLAlchemy marks the place of a list of values
Kept = TypeVar("Kept")
Key = TypeVar("Key", bound=Hashable)
Thing = TypeVar("Thing")
PARTS: dict[Hashable, tuple[Part, ...]] = {}
ALONE: dict[Hashable, Alone] = {}
STATEMENTS: dict[Hashable, Together] = {}
OWN = "\0"  # in a text: the place for what tells the values of one question from those of another
NOTHING: dict[str, list[str]] = {}  # by database: what stands where a question has no value of a kind


class Later(BaseException):
    """A question stops here until what it asks was answered together with what others ask; nobody else catches this."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one element of a SELECT answers with: a record of ``mapper``, or a single value. ``kinds``: of each column."""

    name: str
    columns: tuple[Any, ...]
    kinds: tuple[int, ...]
    mapper: Mapper[Any] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One SELECT that waits, and under what its answer is kept. ``shape``: equal for equal text, whatever the values."""

    kept_under: Hashable
    statement: sa.Select[Any]
    parts: tuple[Part, ...]
    shape: Hashable
    binds: tuple[sa.BindParameter[Any], ...]


@dataclass(frozen=True, slots=True)
class Alone:
    """One SELECT as text: its turn in its own order and its columns as a0, a1, …, the names of its values after ``OWN``.

    ``names``: of the values of ``Asked.binds``, in their order.
    """

    text: str
    names: tuple[str, ...]
    binds: tuple[sa.BindParameter[Any], ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Statements of these shapes as one. ``names``: of their values; ``places``: of each column of each of them in a row."""

    statement: sa.TextualSelect
    names: tuple[str, ...]
    places: tuple[tuple[int, ...], ...]


def kind_of(column: Any) -> int | None:
    """Which of the KINDS a column is of; None for what is not asked together with others, such as bytes of files."""
    return next((place for place, (of, _) in enumerate(KINDS) if isinstance(column.type, of)), None)


def part_of(described: Any) -> Part | None:
    entity = described["expr"]
    mapper: Mapper[Any] | None = sa.inspect(entity) if isinstance(entity, type) else None
    columns = tuple(getattr(entity, one.key) for one in mapper.column_attrs) if mapper else (entity,)
    kinds = [kind_of(column) for column in columns] if not described["aliased"] else [None]
    if any(kind is None for kind in kinds):
        return None
    return Part(described["name"], columns, tuple(kind for kind in kinds if kind is not None), mapper)


def parts_of(statement: Any) -> tuple[Part, ...]:
    """What a statement answers with; nothing where it has to be asked by itself."""
    if not isinstance(statement, sa.Select) or statement._for_update_arg is not None or statement._distinct:  # noqa: SLF001
        return ()
    found = [part_of(one) for one in statement.column_descriptions]
    return tuple(one for one in found if one) if all(found) else ()


def as_asked(kept_under: Hashable, state: ORMExecuteState) -> Asked | None:
    """What can be asked beside other questions; None where it has to be asked by itself."""
    statement: Any = by_key(state) if state.parameters else state.statement
    key = None if statement is None else statement._generate_cache_key()  # noqa: SLF001
    if key is None:
        return None
    parts = remember(PARTS, key.key, lambda: parts_of(statement))
    return Asked(kept_under, statement, parts, key.key, tuple(key.bindparams)) if parts else None


def remember(kept: dict[Key, Kept], key: Key, make: Callable[[], Kept]) -> Kept:
    """What is worked out once for each text of a statement."""
    found = kept.get(key)
    if found is None:  # another thread may find it at the same time, and empty what is kept
        if len(kept) >= MOST_KEPT:
            kept.clear()
        found = kept[key] = make()
    return found


def by_key(state: ORMExecuteState) -> sa.Select[Any] | None:
    """``session.get`` sends its key beside the statement; here it stands within."""
    mapper, given = state.bind_mapper, state.parameters
    if mapper is None or not isinstance(given, dict) or list(given) != ["pk_1"] or len(mapper.primary_key) != 1:
        return None
    return sa.select(mapper.class_).where(mapper.primary_key[0] == given["pk_1"])


def together(asked: Sequence[Asked], dialect: sa.Dialect) -> Together:
    """One UNION ALL: number of the question, its place in its own order, then a column for each kind of value."""
    used = [Counter(kind for part in one.parts for kind in part.kinds) for one in asked]
    kinds = [kind for kind in range(len(KINDS)) for _ in range(max(count[kind] for count in used))]
    empty = remember(NOTHING, dialect.name, lambda: nothing_in(dialect))
    branches: list[str] = []
    names: list[str] = []
    binds: list[sa.BindParameter[Any]] = []
    places = []
    for number, one in enumerate(asked):
        alone = remember(ALONE, (dialect.name, one.shape), lambda one=one: written(one, dialect))  # type: ignore[misc]
        of = f"q{number}_"
        taken = places_of(one, kinds)
        sent = dict(zip(taken, (f"a{place}" for place in range(1, len(taken) + 1)), strict=True))
        columns = [sent.get(place, empty[kind]) for place, kind in enumerate(kinds, start=2)]
        listed = ", ".join(f"{column} AS c{place}" for place, column in enumerate([str(number), "a0", *columns]))
        branches.append(f"SELECT {listed} FROM ({alone.text.replace(OWN, of)}) AS q{number}")  # noqa: S608  (no value)
        names += [of + name for name in alone.names]
        binds += [sa.bindparam(of + one.key, one.value, one.type, expanding=one.expanding) for one in alone.binds]
        places.append(taken)
    of_kinds = [sa.BigInteger(), sa.BigInteger(), *(KINDS[kind][1] for kind in kinds)]
    answers = [sa.column(f"c{place}", of_kind) for place, of_kind in enumerate(of_kinds)]
    text = sa.text(" UNION ALL ".join(branches)).bindparams(*binds)
    return Together(text.columns(*answers), tuple(names), tuple(places))


def nothing_in(dialect: sa.Dialect) -> list[str]:
    return [str(sa.cast(sa.null(), kind).compile(dialect=dialect)) for _, kind in KINDS]


def places_of(one: Asked, kinds: Sequence[int]) -> tuple[int, ...]:
    """Where each column of a question stands in a row, behind its number and its turn."""
    free = [kinds.index(kind) + 2 if kind in kinds else 0 for kind in range(len(KINDS))]
    taken = []
    for kind in (kind for part in one.parts for kind in part.kinds):
        taken.append(free[kind])
        free[kind] += 1
    return tuple(taken)


def written(one: Asked, dialect: sa.Dialect) -> Alone:
    """A question as text, so that it is worked out once, whatever it travels with."""
    same: Any = type(dialect)
    plain = same(paramstyle="named")
    plain.bind_typing = BindTyping.NONE  # their types are named when the text is sent
    order = one.statement._order_by_clauses  # noqa: SLF001
    turn = sa.func.row_number().over(order_by=order) if order else sa.cast(sa.null(), sa.BigInteger())
    columns = [turn, *(column for part in one.parts for column in part.columns)]
    named = [column.label(f"a{place}") for place, column in enumerate(columns)]
    select = one.statement.with_only_columns(*named, maintain_column_froms=True)
    if select._limit_clause is None and select._offset_clause is None:  # noqa: SLF001
        select = select.order_by(None)
    compiled: Any = select.compile(dialect=plain)
    text = LISTED.sub(r":\1", str(compiled))
    names = {bind.key: name for bind, name in compiled.bind_names.items()}
    if names:
        text = re.sub(rf":({'|'.join(names.values())})\b", rf":{OWN}\1", text)
    binds = [  # the value only of what never changes
        sa.bindparam(name, bind.value, bind.type, expanding=bind.expanding)
        for bind, name in compiled.bind_names.items()
    ]
    return Alone(text, tuple(names[bind.key] for bind in one.binds), tuple(binds))


def answered(session: Session, asked: Sequence[Asked]) -> Iterator[tuple[Asked, Any]]:
    """Ask all of these in one statement; each with its answer, as if it had been asked alone."""
    connection = session.connection()
    key = (connection.dialect.name, tuple(one.shape for one in asked))
    one_statement = remember(STATEMENTS, key, lambda: together(asked, connection.dialect))
    values = (bind.effective_value for one in asked for bind in one.binds)
    given = dict(zip(one_statement.names, values, strict=True))
    rows: list[list[Any]] = [[] for _ in asked]
    for row in connection.execute(one_statement.statement, given):
        rows[row[0]].append(row)
    for number, one in enumerate(asked):
        own = rows[number]
        if own and own[0][1] is not None:
            own.sort(key=lambda row: row[1])
        places = one_statement.places[number]
        found = [read(session, one.parts, [row[place] for place in places]) for row in own]
        yield one, IteratorResult(SimpleResultMetaData([part.name for part in one.parts]), iter(found)).freeze()


def read(session: Session, parts: tuple[Part, ...], values: list[Any]) -> tuple[Any, ...]:
    """One row of a question: records as the session knows them, and single values."""
    found, place = [], 0
    for part in parts:
        own = values[place : place + len(part.columns)]
        place += len(part.columns)
        found.append(own[0] if part.mapper is None else record(session, part.mapper, own))
    return tuple(found)


def record(session: Session, mapper: Mapper[Any], values: list[Any]) -> Any:
    """The record of a row: the one the session holds already, else a fresh one; None where an outer join found none."""
    state = dict(zip((one.key for one in mapper.column_attrs), values, strict=True))
    primary = tuple(state[mapper.get_property_by_column(column).key] for column in mapper.primary_key)
    if all(one is None for one in primary):
        return None
    known = session.identity_map.get(mapper.identity_key_from_primary_key(primary))
    if known is not None:
        return known
    row = mapper.class_manager.new_instance()
    sa.inspect(row).dict.update(state)
    make_transient_to_detached(row)
    session.add(row)
    return row


def for_each(question: Callable[[Thing], Kept], things: Iterable[Thing]) -> list[Kept]:
    """The answer for each of these things; where questions are asked in rounds, all of them wait in the same one."""
    found: list[Kept] = []
    stopped: Later | None = None
    for thing in things:
        try:
            found.append(question(thing))
        except Later as waits:
            stopped = waits
    if stopped is not None:
        raise stopped
    return found


@contextmanager
def listening(session: Session) -> Iterator[list[Asked]]:
    waiting: list[Asked] = []
    session.info[WAITING] = waiting
    try:
        yield waiting
    finally:
        del session.info[WAITING]


def side_by_side(session: Session, asked: dict[Any, Any], *questions: Callable[[], object]) -> None:
    """Let these questions ask what they ask in rounds: what each of them needs next goes in one statement.

    Afterwards each is answered from what is known. They only read, and may depend on their own earlier answers.
    """
    open_ones = list(questions)
    while open_ones:
        unanswered = []
        with listening(session) as waiting:
            for question in open_ones:
                try:
                    question()
                except Later:
                    unanswered.append(question)
        unique = list({one.kept_under: one for one in waiting}.values())
        for one, answer in answered(session, unique) if unique else ():
            asked[one.kept_under] = answer
        open_ones = unanswered
