"""Reading the trail: filters, plain sentences, export."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.canonical import canonical
from kernel.paging import PAGE, before, page_of
from kernel.refusals import CATALOGUE, N_
from kernel.tables import TrailChangeRow, TrailRow
from kernel.web.i18n import Speech
from kernel.web.registry import ACTS, DOWNLOADS, VIEWS
from kernel.work import NOBODY

SENTENCES = {
    "session.open": N_("signed in"),
    "session.close": N_("signed out"),
    "person.wrong_password": N_("counted a wrong password"),
    "person.password_accepted": N_("accepted a password after wrong ones"),
    "person.activate": N_("activated an account"),
    "person.first": N_("made the first accounts"),
    "trail.export": N_("exported the trail"),
    "document.draft": N_("drafted a document"),
    "head.missed": N_("noticed that lines of the trail are missing"),
    "clock.move": N_("moved the demo clock"),
    "upkeep.run": N_("checked the records, or wrote or read a backup"),
}
ATTEMPTS = {
    "session.open": N_("sign in"),
    "person.activate": N_("activate an account"),
    "trail.export": N_("export the trail"),
    "document.draft": N_("draft a document"),
}
SECRETS = {"password_hash", "token_sha256", "code_sha256"}


def filtered(filters: dict[str, str]) -> sa.Select[Any]:
    """The links that fit; ``record`` matches a record id exactly or any text of the link."""
    query = sa.select(TrailRow)
    if filters.get("person"):
        query = query.where(TrailRow.actor_id == filters["person"])
    if filters.get("action"):
        query = query.where(TrailRow.action == filters["action"])
    if filters.get("outcome") in {"done", "refused"}:
        query = query.where(TrailRow.outcome == filters["outcome"])
    if wanted := filters.get("record", "").strip():
        of_record = sa.select(TrailChangeRow.seq).where(TrailChangeRow.record_id == wanted)
        written = canonical(wanted)[1:-1]
        query = query.where(sa.or_(TrailRow.seq.in_(of_record), TrailRow.payload.icontains(written, autoescape=True)))
    return query


def sentence(action: str, speech: Speech, outcome: str = "done") -> str:
    """What was done, or tried and refused, in words: the title of its act, or the system's own."""
    if outcome == "refused":
        return speech.say(N_("tried, and was refused: %(what)s"), what=attempt(action, speech))
    if action in ACTS:
        return speech.say(ACTS[action].title)
    if action in DOWNLOADS and action not in SENTENCES:
        return speech.say(N_("took a file: %(path)s"), path=DOWNLOADS[action].path)
    return speech.say(SENTENCES.get(action, action))


def attempt(action: str, speech: Speech) -> str:
    if action in ACTS:
        return speech.say(ACTS[action].title)
    if action in VIEWS:
        return speech.say(N_("open %(path)s"), path=VIEWS[action].path)
    if action in DOWNLOADS and action not in ATTEMPTS:
        return speech.say(N_("take a file: %(path)s"), path=DOWNLOADS[action].path)
    return speech.say(ATTEMPTS.get(action, SENTENCES.get(action, action)))


def link_view(row: TrailRow, speech: Speech) -> dict[str, Any]:
    content = json.loads(row.payload)
    return {
        "seq": row.seq,
        "at": row.at,
        "actor": content["actor"]["name"] if row.actor_id != NOBODY.id else speech.say(N_("not signed in")),
        "action": row.action,
        "sentence": sentence(row.action, speech, row.outcome),
        "outcome": row.outcome,
        "reason": content.get("reason"),
        "details": content.get("details", {}),
        "changes": [without_secrets(one) for one in content.get("changes", ())],
        "refusals": [refusal_view(one, speech) for one in content.get("refusals", ())],
        "hash": row.hash,
    }


def without_secrets(change: dict[str, Any]) -> dict[str, Any]:
    """That a password or link changed is for every reader of the trail; its digest is for nobody."""

    def hide(values: dict[str, Any]) -> dict[str, Any]:
        return {name: "***" if name in SECRETS and value else value for name, value in values.items()}

    return {**change, "old": hide(change["old"]), "new": hide(change["new"])}


def refusal_view(said: dict[str, Any], speech: Speech) -> dict[str, Any]:
    """A refusal of long ago in today's words; codes never change, sentences may."""
    if said["code"] not in CATALOGUE:
        return {"code": said["code"], "sentence": ""}
    try:
        spoken = speech.refusal(CATALOGUE[said["code"]](**said["facts"]))
    except KeyError:
        return {"code": said["code"], "sentence": ""}
    return {"code": said["code"], "sentence": spoken["sentence"]}


def list_links(
    session: Session, filters: dict[str, str], speech: Speech
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    query = filtered(filters)
    total = session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    page = page_of(filters, total)
    rows = session.execute(query.order_by(TrailRow.seq.desc()).limit(PAGE).offset(before(page))).scalars()
    return [link_view(row, speech) for row in rows], page


def list_actions(session: Session, speech: Speech) -> list[tuple[str, str]]:
    """Every action on the trail with its words, for the filter."""
    found = session.execute(sa.select(TrailRow.action).distinct()).scalars()
    return sorted(((action, attempt(action, speech)) for action in found), key=lambda one: one[1].casefold())
