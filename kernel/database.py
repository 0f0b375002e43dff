"""The database as the application holds it: engine, fair writing gate, clock, seal and the head kept outside."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from kernel.clock import Clock
from kernel.db import sqlite_file
from kernel.rounds import WAITING, Later, as_asked, side_by_side
from kernel.signatures import Seal
from kernel.tables import TrailRow

try:
    import fcntl
except ImportError:  # pragma: no cover  (Windows: one process, a thread lock is enough)
    fcntl = None  # type: ignore[assignment]

Given = ParamSpec("Given")
Answer = TypeVar("Answer")
ASKED = "asked"
LOOKING = "looking"
FRESH = frozenset({"populate_existing", "yield_per", "stream_results"})
ONE_WRITER = sa.text("SELECT pg_advisory_xact_lock(20261124)")  # a number of our own, in this database only


@contextmanager
def locked_file(path: Path) -> Iterator[IO[str]]:
    """Wait in line for a file lock: writers are served in order instead of polling the database."""
    with path.open("a+", encoding="ascii") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def asks_once(session: Session) -> bool:
    """Whether this session belongs to a page, so that what it asked before costs nothing."""
    return LOOKING in session.info


@event.listens_for(Session, "do_orm_execute")
def ask_once(state: ORMExecuteState) -> Any:
    """Answer a question of this page again from what it was answered before; never where the answer must be fresh."""
    asked = state.session.info.get(ASKED)
    if asked is None:
        return None
    if unwritten(state.session) or not state.is_select:
        asked.clear()
        return None
    if not FRESH.isdisjoint(state.execution_options):
        return None
    statement: Any = state.statement
    key = statement._generate_cache_key()  # noqa: SLF001  (as the caching recipe of SQLAlchemy does)
    if key is None or state.is_column_load or state.is_relationship_load:
        return None
    given = (key.key, tuple(repr(one.effective_value) for one in key.bindparams), repr(state.parameters))
    if given not in asked:
        waiting = state.session.info.get(WAITING)
        if waiting is not None and (one := as_asked(given, state)) is not None:
            waiting.append(one)
            raise Later
        asked[given] = state.invoke_statement().freeze()
    return asked[given]()


def asks_ahead(session: Session, *, in_act: bool = False) -> bool:
    """Whether a large question of a page may first ask for its parts side by side; not while it is a part of one itself.

    Within an act only one that says so: elsewhere putting the rounds together costs more than the statements they save.
    """
    return (in_act or asks_once(session)) and WAITING not in session.info and not unwritten(session)


def ask_together(session: Session, name: object, *questions: Callable[[], object], in_act: bool = False) -> None:
    """Within a page: what these questions read, in as few statements as they need one after another.

    They are asked again afterwards by whoever needs them, and answered from here. ``name`` stands for all of them: the
    second time nothing is asked, until something changed. What changed and is not written yet lets nothing be kept.
    ``in_act``: also under the one-writer lock, where nobody else can make an answer an old one.
    """
    asked = session.info.get(ASKED)
    if asked is None or not asks_ahead(session, in_act=in_act) or name in asked:
        return
    side_by_side(session, asked, *questions)
    asked[name] = None


def unwritten(session: Session) -> bool:
    """Whether a record was changed here that the database does not know of yet."""
    return bool(session.new or session.dirty or session.deleted)


@event.listens_for(Session, "after_soft_rollback")
@event.listens_for(Session, "after_flush")
def ask_anew(session: Session, _context: Any) -> None:
    """What was written, or taken back, makes every answer from before an old one."""
    session.info.get(ASKED, {}).clear()


def keep_answers(session: Session) -> None:
    """For the one writer: nobody else changes anything until it ends, so what it asked stays true while it writes nothing."""
    session.info[ASKED] = {}


def one_look(
    question: Callable[Concatenate[Session, Given], Answer],
) -> Callable[Concatenate[Session, Given], Answer]:
    """For a question put together from parts that read the same rows: within one call of it each is asked once.

    Every call begins anew, so a decision is never judged by an answer from before (docs/decisions/0014).
    """

    @functools.wraps(question)
    def asking(session: Session, /, *given: Given.args, **named: Given.kwargs) -> Answer:
        if ASKED in session.info:
            return question(session, *given, **named)
        session.info[ASKED] = {}
        try:
            return question(session, *given, **named)
        finally:
            del session.info[ASKED]

    return asking


def asked_once(
    question: Callable[Concatenate[Session, Given], Answer],
) -> Callable[Concatenate[Session, Given], Answer]:
    """For a question that many parts of a page ask: within one look its whole answer is kept, not only what the
    database said. The rules are those of ``ask_once``; a list that is answered belongs to whoever asked.
    """

    @functools.wraps(question)
    def asking(session: Session, /, *given: Given.args, **named: Given.kwargs) -> Answer:
        asked = session.info.get(ASKED)
        if asked is None or unwritten(session):
            return question(session, *given, **named)
        key = (question, given, tuple(named.items()))
        if key not in asked:
            asked[key] = question(session, *given, **named)
        answer: Answer = asked[key]
        return copy(answer) if isinstance(answer, list) else answer

    return asking


@dataclass
class Database:
    """What a unit of work needs of its installation. ``head_file`` lies outside the database."""

    engine: Engine
    clock: Clock
    seal: Seal
    head_file: Path
    app_version: str
    gate: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)
        file = sqlite_file(str(self.engine.url.render_as_string(hide_password=False)))
        self.lock_file = file.with_name(file.name + ".gate") if file else None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session of the one writer, from its first statement until it ends; it commits only when told.

        What it reads is what the last writer left, so a rule that looks before it writes is never overtaken
        (docs/decisions/0009).
        """
        turn = locked_file(self.lock_file) if self.lock_file else nullcontext()
        with self.gate if self.lock_file else nullcontext(), turn, self.sessions() as session:
            connection = session.connection(execution_options={"writes": True})
            if self.lock_file is None:
                connection.execute(ONE_WRITER)
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for one consistent look at the records."""
        with self.sessions() as session:
            yield session

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """A session for one page: the parts of a page ask much of the same, and the database is asked it once."""
        with self.sessions(info={ASKED: {}, LOOKING: True}) as session:
            yield session

    def remember_head(self, seq: int, new_hash: str, *, before: str = "", anew: bool = False) -> None:
        """Put the newest head into the file outside the database, whole or not at all; it never goes back.

        ``before``: hash of the line before. A head that these records have not got is never written over by a longer
        trail: it stays the proof that something was lost, until a recovery says to begin ``anew``.
        """
        with locked_file(self.head_file.with_name(self.head_file.name + ".lock")):
            known = self.remembered_head()
            follows = known is None or known == (seq - 1, before) or (known[0] < seq and self.holds(known))
            if anew or (follows and not self.head_is_unreadable()):
                fresh = self.head_file.with_name(self.head_file.name + ".new")
                fresh.write_text(f"{seq} {new_hash}\n", encoding="ascii")
                fresh.replace(self.head_file)

    def remembered_head(self) -> tuple[int, str] | None:
        """The newest head anybody was told of; None for a new installation, and where the file cannot be read."""
        if not self.head_file.exists():
            return None
        words = self.head_file.read_text(encoding="ascii", errors="replace").split()
        return (int(words[0]), words[1]) if len(words) == 2 and words[0].isdecimal() else None

    def head_is_unreadable(self) -> bool:
        """Whether something was remembered, and nobody can read what."""
        return self.remembered_head() is None and self.head_file.exists()

    def holds(self, known: tuple[int, str]) -> bool:
        """Whether this head is a line of these records."""
        with self.engine.connect() as connection:
            found = connection.execute(sa.text("SELECT hash FROM trail WHERE seq = :seq"), {"seq": known[0]}).scalar()
        return bool(found == known[1])

    def head_is_behind(self, session: Session) -> bool:
        """Whether this database is older than, or another than, what was remembered outside (hazard 62)."""
        known = self.remembered_head()
        if known is None:
            return self.head_is_unreadable()
        found = session.execute(sa.select(TrailRow.hash).where(TrailRow.seq == known[0])).scalar()
        return found != known[1]
