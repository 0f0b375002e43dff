"""The one door for writes: lock, permission, state, guards, signature, trail, commit - all or nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from kernel import audit
from kernel.canonical import canonical, digest
from kernel.database import Database, keep_answers
from kernel.db import Audited
from kernel.errors import NotFound, Refused
from kernel.ids import new_id
from kernel.lifecycle import Lifecycle
from kernel.permissions import allows
from kernel.refusals import N_, ROLE_NOT_ALLOWED, SECOND_ROLE_NOT_ALLOWED, STALE_VERSION, Refusal, kind
from kernel.tables import SignatureRow, TrailHeadRow, TrailRow
from kernel.wiring import REACTIONS

Row = TypeVar("Row", bound=Audited)
BACKWARDS = timedelta(seconds=2)
NEWEST = sa.select(TrailRow.at).order_by(TrailRow.seq.desc()).limit(1)

CLOCK_UNTRUSTED = kind(
    "CLOCK_UNTRUSTED",
    409,
    N_(
        "The server's clock is behind the last entry of the trail (%(behind)s s). Nothing is recorded or decided by it."
    ),
    resolver=N_("the administrator"),
    next_step=N_("Have the clock of the server set right; the records are safe."),
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person with roles as they are now, or the system itself (which signs nothing)."""

    id: str
    name: str
    roles: frozenset[str]

    def document(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "roles": sorted(self.roles)}


def second_role_refusal(permission: str, second: Actor) -> Refusal:
    return SECOND_ROLE_NOT_ALLOWED(name=second.name, permission=permission, field="second_signer")


SYSTEM = Actor("system", "NKTrace", frozenset())
NOBODY = Actor("nobody", "not signed in", frozenset())


@dataclass(frozen=True, slots=True)
class ActEnds:
    """Announced when an act has written what it writes, before it is sealed. ``changes``: as the trail will have them."""

    changes: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PendingSignature:
    row: Audited
    meaning: str
    signer: Actor
    content: dict[str, Any]


@dataclass
class Work:
    """One act on its way to the records. Services use it; only ``unit_of_work`` commits it.

    ``submitted``: every field as it was sent, a file by its digest; it stands in each signature of the act beside what
    the signer was shown (``content``).
    ``recovers``: it accounts for lost lines, so the head outside begins anew with it. ``head``: its own line, once it
    is committed.
    """

    database: Database
    session: Session
    actor: Actor
    action: str
    at: datetime
    reason: str | None = None
    submitted: dict[str, Any] = field(default_factory=dict)
    signers: tuple[Actor, ...] = ()
    seen: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    confirmed: bool = False
    content: dict[str, Any] = field(default_factory=dict)
    signatures: list[PendingSignature] = field(default_factory=list)
    recovers: bool = False
    head: tuple[int, str] | None = None

    def new_id(self) -> str:
        return new_id(self.at)

    def add(self, row: Row) -> Row:
        """Enter a new record; whoever listens for its kind hears of it in this transaction."""
        row.id = row.id or self.new_id()
        self.session.add(row)
        self.session.flush()
        self.announce(row)
        return row

    def lock(self, table: type[Row], record_id: str | None) -> Row:
        """The record as it is now, locked until the end of the act. Lock order: decisions 39."""
        row: Row | None = self.session.execute(locking(table), {"wanted": record_id}).scalar_one_or_none()
        if row is None:
            raise NotFound(f"{table.__tablename__} {record_id}")
        return row

    def confirm(self, content: dict[str, Any]) -> None:
        """Compare what the person was shown with what the records say under the lock (SIG-WYSIWYS)."""
        self.confirmed = True
        self.content = content
        if self.seen != digest(content):
            raise Refused(STALE_VERSION(changed=str(content.get("title", self.action))))

    def require(self, permission: str, actor: Actor | None = None) -> None:
        asked = actor or self.actor
        if not allows(permission, asked.roles):
            raise Refused(self.role_refusal(permission, asked))

    def role_refusal(self, permission: str, asked: Actor) -> Refusal:
        """Told of the second person where that is who lacks the role: the reader is the first."""
        if asked.id == self.actor.id:
            return ROLE_NOT_ALLOWED(permission=permission)
        return second_role_refusal(permission, asked)

    def signer(self, place: int = 0) -> Actor:
        """The first or second person whose password came with this act."""
        return self.signers[place]

    def move(self, row: Any, lifecycle: Lifecycle, action: str, facts: Any = None, *, column: str = "status") -> None:
        """Make one move of the lifecycle: state, permission, guards and signatures, in that order."""
        transition = lifecycle.transition(action, getattr(row, column))
        if isinstance(transition, Refusal):
            raise Refused(transition)
        self.require(transition.permission)
        refusals = [refusal for guard in transition.guards if (refusal := guard(facts))]
        if refusals:
            raise Refused(*refusals)
        setattr(row, column, transition.target)
        for place, meaning in enumerate(transition.meaning):
            self.sign(row, meaning, place)

    def system_move(self, row: Any, target: StrEnum, *, column: str = "status") -> None:
        """A state the system itself sets as the consequence of an act (late OOS, blocked): no signature."""
        setattr(row, column, target)

    def sign(self, row: Audited, meaning: str, place: int = 0) -> None:
        """Note a signature of the person in ``place``; it is sealed with the record's version at commit."""
        self.signatures.append(PendingSignature(row, meaning, self.signer(place), self.content))

    def announce(self, happened: Any) -> None:
        """Tell the packages above, in this transaction; what they refuse, this act refuses."""
        for reaction in REACTIONS.get(type(happened), ()):
            reaction(self, happened)

    def end(self) -> None:
        """Everything is written; whoever looks at acts as a whole hears of it in this transaction."""
        self.session.flush()
        self.announce(ActEnds(tuple(self.session.info[audit.CHANGES])))

    def seal_signatures(self) -> None:
        self.session.flush()
        if not self.signatures:
            return
        head = self.session.execute(sa.select(TrailHeadRow)).scalar_one()
        for pending in self.signatures:
            self.session.add(self._sealed(pending, head))
        self.session.flush()

    def _sealed(self, pending: PendingSignature, head: TrailHeadRow) -> SignatureRow:
        seal = self.database.seal
        facts = {
            "record_entity": pending.row.__tablename__,
            "record_id": pending.row.id,
            "record_version": pending.row.version,
            "meaning": pending.meaning,
            "signer_id": pending.signer.id,
            "signer_name": pending.signer.name,
            "content_sha256": digest(pending.content),
        }
        document = canonical(
            {
                **facts,
                "content": pending.content,
                "act": self.action,
                "submitted": self.submitted,
                "reason": self.reason,
                "roles": sorted(pending.signer.roles),
                "at": self.at,
                "app_version": self.database.app_version,
                "head_seq": head.seq,
                "head_hash": head.hash,
            }
        )
        return SignatureRow(
            id=self.new_id(),
            **facts,
            signed_at=self.at,
            document=document,
            key_id=seal.key_id,
            seal=seal.sign(document),
        )


@functools.cache
def locking(table: type[Audited]) -> sa.Select[Any]:
    """Asks for the record ``wanted`` as it is now, and keeps it from everybody else."""
    query = sa.select(table).where(table.id == sa.bindparam("wanted"))
    return query.with_for_update().execution_options(populate_existing=True)


@contextmanager
def unit_of_work(database: Database, actor: Actor, action: str, **given: Any) -> Iterator[Work]:
    """Commit everything or nothing; a refusal is itself recorded, in a transaction of its own.

    ``given``: ``reason``, ``submitted``, ``signers``, ``seen``, ``details`` of the :class:`Work`.
    """
    refused: Refused | None = None
    with database.writing() as session:
        work = Work(database, session, actor, action, database.clock.now(), **given)
        session.info[audit.CHANGES] = []
        keep_answers(session)
        try:
            distrust_clock(work)
            yield work
            work.end()
            work.seal_signatures()
            seq, new_hash, before = _append(work, "done", {"changes": session.info[audit.CHANGES]})
            session.commit()
            database.remember_head(seq, new_hash, before=before, anew=work.recovers)
            work.head = (seq, new_hash)
        except Refused as reasons:
            session.rollback()
            refused = reasons
        except StaleDataError:
            session.rollback()
            refused = Refused(STALE_VERSION(changed=action))
        finally:
            session.info.pop(audit.CHANGES, None)
    if refused is not None:
        record_refusal(database, work, refused)
        raise refused


def distrust_clock(work: Work) -> None:
    """Refuse to write with a clock that was set back (hazard 57); the refusal itself carries the last good time.

    A clock corrected by a moment is no reason to stop, and none for a trail whose time goes back: what was written
    last counts as now.
    """
    shown, last = work.at, last_written(work.session)
    work.at = max(shown, last or shown)
    if shown < work.at - BACKWARDS:
        work.details["clock"] = shown
        raise Refused(CLOCK_UNTRUSTED(behind=int((work.at - shown).total_seconds())))


def last_written(session: Session) -> datetime | None:
    """The time of the newest link of the trail."""
    return session.execute(NEWEST).scalar_one_or_none()


def record_refusal(database: Database, work: Work, refused: Refused) -> None:
    """Every refusal to a known person stays on the trail (decision 40)."""
    with database.writing() as session:
        work.session = session
        work.at = max(work.at, last_written(session) or work.at)  # others may have written since
        said = [{"code": refusal.code, "facts": dict(refusal.facts)} for refusal in refused.refusals]
        seq, new_hash, before = _append(work, "refused", {"refusals": said})
        session.commit()
        database.remember_head(seq, new_hash, before=before)


def _append(work: Work, outcome: str, content: dict[str, Any]) -> tuple[int, str, str]:
    extra: dict[str, Any] = {"details": work.details} if work.details else {}
    if work.reason:
        extra["reason"] = work.reason
    return audit.append(
        work.session,
        at=work.at,
        actor=work.actor.document(),
        action=work.action,
        outcome=outcome,
        content={**content, **extra, "app_version": work.database.app_version},
    )
