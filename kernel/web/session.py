"""Server-side sessions: a digest in the database, a cookie that scripts cannot read, an end that is an end."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Request, Response
from sqlalchemy.orm import Session

from kernel.accounts.domain import IDLE, LONGEST
from kernel.accounts.passwords import new_token, token_digest
from kernel.accounts.queries import actor_of
from kernel.accounts.tables import PersonRow, SessionRow
from kernel.web.i18n import LANGUAGES, Speech
from kernel.web.site import Site, Viewer
from kernel.work import NOBODY, Actor, unit_of_work

TOUCH = timedelta(seconds=60)


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
        with site.database.reading() as session:
            row = live_session(session, shown, now)
            person = session.get(PersonRow, row.person_id) if row else None
            actor = actor_of(session, row.person_id, now) if row else None
        if row is not None and actor is not None and person is not None:
            if now - row.last_seen_at > TOUCH:
                touch(site, row.token_sha256)
            return Viewer(
                actor,
                now,
                Speech(wanted_language(request, row.language or person.language)),
                login=person.login,
                has_signed=row.has_signed,
                csrf="" if shown.client else csrf_token(site, shown.token),
                args=args,
                client=shown.client,
            )
    return Viewer(NOBODY, now, Speech(wanted_language(request, None)), args=args)


def live_session(session: Session, shown: Presented, now: datetime) -> SessionRow | None:
    row = session.get(SessionRow, token_digest(shown.token))
    if row is None or row.ended_at is not None or bool(row.client) != shown.client:
        return None
    if row.expires_at <= now or (not shown.client and row.last_seen_at + IDLE <= now):
        return None
    return row


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
