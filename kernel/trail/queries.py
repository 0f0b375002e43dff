"""Reading the trail: filters, plain sentences, export."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.refusals import CATALOGUE, N_, Refusal
from kernel.tables import TrailChangeRow, TrailRow
from kernel.web.i18n import Speech
from kernel.web.registry import ACTS

PAGE = 25
SENTENCES = {
    "session.open": N_("signed in"),
    "session.close": N_("signed out"),
    "person.wrong_password": N_("counted a wrong password"),
    "person.password_accepted": N_("accepted a password after wrong ones"),
    "person.activate": N_("activated an account"),
    "trail.export": N_("exported the trail"),
    "document.draft": N_("drafted a document"),
}


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
        query = query.where(sa.or_(TrailRow.seq.in_(of_record), TrailRow.payload.contains(wanted, autoescape=True)))
    return query


def sentence(action: str, speech: Speech) -> str:
    """An action in words: the title of its act, or the system's own."""
    if action in ACTS:
        return speech.say(ACTS[action].title)
    if action.startswith("route."):
        return speech.say(N_("tried to open %(route)s"), route=action.removeprefix("route."))
    return speech.say(SENTENCES.get(action, action))


def link_view(row: TrailRow, speech: Speech) -> dict[str, Any]:
    content = json.loads(row.payload)
    return {
        "seq": row.seq,
        "at": row.at,
        "actor": content["actor"]["name"],
        "action": row.action,
        "sentence": sentence(row.action, speech),
        "outcome": row.outcome,
        "reason": content.get("reason"),
        "details": content.get("details", {}),
        "changes": content.get("changes", []),
        "refusals": [refusal_view(one, speech) for one in content.get("refusals", ())],
        "hash": row.hash,
    }


def refusal_view(said: dict[str, Any], speech: Speech) -> dict[str, Any]:
    """A refusal of long ago in today's words; codes never change, sentences may."""
    if said["code"] not in CATALOGUE:
        return {"code": said["code"], "sentence": ""}
    try:
        spoken = speech.refusal(Refusal(said["code"], tuple(sorted(said["facts"].items()))))
    except KeyError:
        return {"code": said["code"], "sentence": ""}
    return {"code": said["code"], "sentence": spoken["sentence"]}


def list_links(
    session: Session, filters: dict[str, str], speech: Speech
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    query = filtered(filters)
    total = session.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one()
    pages = max(1, -(-total // PAGE))
    asked = filters.get("page", "1")
    number = min(max(int(asked) if asked.isascii() and asked.isdigit() else 1, 1), pages)
    rows = session.execute(query.order_by(TrailRow.seq.desc()).limit(PAGE).offset((number - 1) * PAGE)).scalars()
    return [link_view(row, speech) for row in rows], {"number": number, "pages": pages, "total": total}


def list_actions(session: Session) -> list[str]:
    return list(session.execute(sa.select(TrailRow.action).distinct().order_by(TrailRow.action)).scalars())
