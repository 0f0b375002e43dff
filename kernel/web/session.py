"""Server-side sessions: a digest in the database, a cookie that scripts cannot read, an end that is an end."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Request, Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from kernel.accounts.domain import IDLE, LONGEST, PersonStatus
from kernel.accounts.passwords import new_token, token_digest
from kernel.accounts.queries import GRANTED
from kernel.accounts.tables import PersonRow, RoleGrantRow, SessionRow
from kernel.stations.queries import station_of_key
from kernel.tables import TrailHeadRow, TrailRow
from kernel.web.i18n import Speech
from kernel.web.site import Site, Viewer
from kernel.witness.domain import ToldHead, parse_head
from kernel.witness.queries import RECOVERIES, is_accounted_for, is_genuine, tell_head
from kernel.words import LANGUAGES
from kernel.work import NOBODY, Actor, unit_of_work

STATION_SECONDS = 400 * 24 * 3600
TOUCH = timedelta(seconds=60)


BEHIND = (
    sa.select(SessionRow, PersonRow, RoleGrantRow.role, TrailHeadRow, TrailRow.hash, RECOVERIES)
    .join(PersonRow, PersonRow.id == SessionRow.person_id)
    .outerjoin(RoleGrantRow, sa.and_(RoleGrantRow.person_id == PersonRow.id, GRANTED))
    .outerjoin(TrailHeadRow, sa.true())
    .outerjoin(TrailRow, TrailRow.seq == sa.bindparam("line"))
    .where(SessionRow.token_sha256 == sa.bindparam("token"))
)


@dataclass(frozen=True)
class Presented:
    """What a request carries as proof: a browser's cookie or a client's bearer token."""

    token: str
    client: bool


def cookie_name(site: Site) -> str:
    return "__Host-sid" if site.secure else "nktrace-demo-sid"


def presented(site: Site, request: Request) -> Presented | None:
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return Presented(header.removeprefix("Bearer ").strip(), client=True)
    cookie = request.cookies.get(cookie_name(site))
    return Presented(cookie, client=False) if cookie else None


def csrf_token(site: Site, token: str) -> str:
    return hmac.new(site.secret, b"csrf\0" + token.encode(), hashlib.sha256).hexdigest()


def wanted_language(request: Request, chosen: str | None) -> str:
    asked = request.args.get("lang") or request.cookies.get("nktrace-lang") or chosen
    return asked if asked in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "nl")


def viewer_of(site: Site, request: Request) -> Viewer:
    """The person behind the request with the roles of this very moment, or nobody."""
    shown = presented(site, request)
    now = site.database.clock.now()
    args = request.args.to_dict()
    if shown is not None:
        witness = None if shown.client else parse_head(request.cookies.get(witness_cookie(site), ""))
        with site.database.reading() as session:
            found = signed_in(session, shown, now, witness)
            missed = found is not None and witness is not None and is_gone(site, session, witness, found)
            station = station_behind(site, session, request) if found is not None else ""
        if found is not None:
            if now - found.session.last_seen_at > TOUCH:
                touch(site, found.session.token_sha256)
            return Viewer(
                found.actor,
                now,
                Speech(wanted_language(request, found.session.language or found.person.language)),
                login=found.person.login,
                has_signed=found.session.has_signed,
                csrf="" if shown.client else csrf_token(site, shown.token),
                args=args,
                client=shown.client,
                head=found.head,
                station=station,
                recoveries=found.recoveries,
                witness=witness,
                missed=missed,
            )
    return Viewer(NOBODY, now, Speech(wanted_language(request, None)), args=args)


def station_cookie(site: Site) -> str:
    return "__Host-station" if site.secure else "nktrace-demo-station"


def station_behind(site: Site, session: Session, request: Request) -> str:
    """The code of the station whose key the browser keeps or the client sends as ``X-Station``."""
    key = request.headers.get("X-Station") or request.cookies.get(station_cookie(site))
    row = station_of_key(session, key) if key else None
    return row.code if row else ""


def set_station(site: Site, response: BaseResponse, key: str) -> None:
    """Kept for as long as browsers keep anything; the list ends it before."""
    response.set_cookie(
        station_cookie(site),
        key,
        max_age=STATION_SECONDS,
        httponly=True,
        secure=site.secure,
        samesite="Strict",
        path="/",
    )


def witness_cookie(site: Site) -> str:
    return "__Host-head" if site.secure else "nktrace-demo-head"


def is_gone(site: Site, session: Session, witness: ToldHead, found: SignedIn) -> bool:
    """Told under our seal, not on the trail, and no recovery accounts for it; what we did not seal says nothing."""
    if found.line == witness.hash or not is_genuine(site.database.seal, witness):
        return False
    return not is_accounted_for(session, witness)


def tell_browser(site: Site, response: BaseResponse, viewer: Viewer, head: tuple[int, str]) -> None:
    """Make this browser a witness of the newest line; one that knows of a lost line keeps it (hazards 4.1)."""
    known = viewer.witness
    if viewer.missed or (known is not None and (known.seq, known.hash, known.recoveries) == (*head, viewer.recoveries)):
        return
    response.set_cookie(
        witness_cookie(site),
        str(tell_head(site.database.seal, head, viewer.recoveries)),
        max_age=STATION_SECONDS,
        httponly=True,
        secure=site.secure,
        samesite="Strict",
        path="/",
    )


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``head``: number and hash of the newest line of the trail. ``line``: hash of the line that the browser knows."""

    session: SessionRow
    person: PersonRow
    actor: Actor
    head: tuple[int, str] | None
    line: str | None
    recoveries: int


def signed_in(session: Session, shown: Presented, now: datetime, witness: ToldHead | None) -> SignedIn | None:
    """Session, person, roles and the head that every page shows, in one statement: every request asks it."""
    line = witness.seq if witness is not None else None
    rows = session.execute(BEHIND, {"token": token_digest(shown.token), "at": now, "line": line}).all()
    if not rows:
        return None
    row, person, _role, head, found, recoveries = rows[0]
    if person.status != PersonStatus.ACTIVE or not alive(row, shown, now):
        return None
    actor = Actor(person.id, person.full_name, frozenset(one.role for one in rows if one.role))
    return SignedIn(row, person, actor, (head.seq, head.hash) if head else None, found, recoveries)


def alive(row: SessionRow, shown: Presented, now: datetime) -> bool:
    """Not ended, not run out, not idle too long, and presented the way it was opened."""
    if row.ended_at is not None or bool(row.client) != shown.client:
        return False
    return row.expires_at > now and (shown.client or row.last_seen_at + IDLE > now)


def touch(site: Site, token_sha256: str) -> None:
    with site.database.writing() as session:
        now = site.database.clock.now()
        session.execute(sa.update(SessionRow).where(SessionRow.token_sha256 == token_sha256).values(last_seen_at=now))
        session.commit()


def open_session(site: Site, actor: Actor, *, client: str | None = None, language: str | None = None) -> str:
    """A new session; a person's other browser session ends (one account, one place: PI 041 9.5)."""
    token = new_token()
    with unit_of_work(site.database, actor, "session.open", details={"client": client or "browser"}) as work:
        if client is None:
            others = sa.select(SessionRow).where(
                SessionRow.person_id == actor.id, SessionRow.client.is_(None), SessionRow.ended_at.is_(None)
            )
            for other in work.session.execute(others).scalars():
                other.ended_at = work.at
                work.details["ended_other"] = True
        life = LONGEST if client is None else timedelta(days=30)
        work.session.add(
            SessionRow(
                token_sha256=token_digest(token),
                person_id=actor.id,
                client=client,
                created_at=work.at,
                last_seen_at=work.at,
                expires_at=work.at + life,
                has_signed=False,
                language=language,
            )
        )
    return token


def close_session(site: Site, actor: Actor, token: str) -> None:
    with unit_of_work(site.database, actor, "session.close") as work:
        row = work.session.get(SessionRow, token_digest(token))
        if row is not None:
            row.ended_at = work.at


def note_signed(session: Session, token: str) -> None:
    """After the first signature of a session the id may be left out (11.200(a)(1)(i))."""
    row = session.get(SessionRow, token_digest(token))
    if row is not None and not row.has_signed:
        row.has_signed = True


def set_cookie(site: Site, response: Response, token: str) -> None:
    response.set_cookie(
        cookie_name(site),
        token,
        httponly=True,
        secure=site.secure,
        samesite="Strict",
        path="/",
        max_age=int(LONGEST.total_seconds()),
    )
