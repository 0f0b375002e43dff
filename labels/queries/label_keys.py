"""The label keys as they are in force now: those of the file, with what was approved about them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import asked_once
from kernel.errors import NotFound, refuse_any
from kernel.refusals import Refusal
from labels.domain.label_keys import (
    ASKED_FOR,
    ApprovedChange,
    KeyChange,
    KeyChangeStatus,
    KeyFacts,
    fingerprint,
    revoked,
    signing,
    signing_refusals,
    state_of,
)
from labels.domain.payload import KEY_PLACE, MODHEX, LabelKeys
from labels.domain.printing import LIVE
from labels.ports import label_keys
from labels.tables.label_keys import LabelKeyChangeRow
from labels.tables.labels import LabelRow
from manufacturing.tables.batches import ContainerRow

LETTER = sa.func.substr(LabelRow.payload, KEY_PLACE + 1, 1)


@asked_once
def approved_changes(session: Session) -> tuple[ApprovedChange, ...]:
    query = (
        sa.select(LabelKeyChangeRow.letter, LabelKeyChangeRow.change, LabelKeyChangeRow.fingerprint)
        .where(LabelKeyChangeRow.status == KeyChangeStatus.APPROVED)
        .order_by(LabelKeyChangeRow.place)
    )
    return tuple(ApprovedChange(letter, KeyChange(change), mark) for letter, change, mark in session.execute(query))


def keys_in_force(session: Session) -> LabelKeys:
    """By which a scan is judged."""
    return replace(label_keys(), revoked=revoked(approved_changes(session)))


def signing_keys(session: Session) -> LabelKeys:
    """With which a new label is made; refused where the key that signs is revoked or not on this server."""
    refuse_any(signing_refusals_now(session))
    approved = approved_changes(session)
    return replace(label_keys(), current=signing(label_keys().current, approved).key, revoked=revoked(approved))


def signing_refusals_now(session: Session) -> tuple[Refusal, ...]:
    """Why no label can be made now, whichever."""
    letter = signing(label_keys().current, approved_changes(session)).key
    return signing_refusals(key_facts(session, letter, KeyChange.USE))


def key_facts(session: Session, letter: str, change: KeyChange, **given: str) -> KeyFacts:
    keys = label_keys()
    here = tuple((name, fingerprint(key)) for name, key in sorted(keys.keys.items()))
    return KeyFacts(letter, change, here, keys.current, approved_changes(session), **given)


def known_letter(session: Session, letter: str) -> str:
    """Of a key on this server, or one that something was ever asked or printed with."""
    if letter not in known_letters(session):
        raise NotFound(f"label key {letter}")
    return letter


def known_letters(session: Session) -> list[str]:
    asked = set(session.execute(sa.select(LabelKeyChangeRow.letter).distinct()).scalars())
    printed = set(session.execute(sa.select(LETTER).distinct()).scalars())
    return [one for one in MODHEX if one in asked | printed | set(label_keys().keys)]


def get_change(session: Session, change_id: str) -> LabelKeyChangeRow:
    row = session.get(LabelKeyChangeRow, change_id)
    if row is None:
        raise NotFound(f"label key change {change_id}")
    return row


def open_changes(session: Session) -> list[LabelKeyChangeRow]:
    query = sa.select(LabelKeyChangeRow).where(LabelKeyChangeRow.status == KeyChangeStatus.REQUESTED)
    return list(session.execute(query.order_by(LabelKeyChangeRow.requested_at, LabelKeyChangeRow.id)).scalars())


def last_place(session: Session) -> int:
    return session.execute(sa.select(sa.func.max(LabelKeyChangeRow.place))).scalar_one() or 0


def labels_to_reprint(session: Session, now: datetime) -> list[LabelRow]:
    """Labels of revoked keys on containers that can still be used; until they are reprinted, these are refused."""
    letters = revoked(approved_changes(session))
    if not letters:
        return []
    query = (
        sa.select(LabelRow)
        .join(ContainerRow, ContainerRow.id == LabelRow.container_id)
        .where(LETTER.in_(letters), LabelRow.status.in_(LIVE), ContainerRow.expires_at > now)
        .order_by(LabelRow.short_number)
    )
    return list(session.execute(query).scalars())


def list_keys(session: Session) -> list[dict[str, Any]]:
    """Every key with its state and how many prints it made."""
    counted = session.execute(sa.select(LETTER, sa.func.count()).group_by(LETTER))
    made: dict[str, int] = defaultdict(int, ((letter, count) for letter, count in counted))
    return [key_view(key_facts(session, letter, KeyChange.USE), made[letter]) for letter in known_letters(session)]


def key_view(facts: KeyFacts, prints: int) -> dict[str, Any]:
    mark = dict(facts.fingerprints).get(facts.key, "")
    return {"letter": facts.key, "fingerprint": mark, "state": state_of(facts).value, "prints": prints}


def list_changes(session: Session) -> list[dict[str, Any]]:
    """Newest first, open ones before all."""
    query = sa.select(LabelKeyChangeRow).order_by(
        LabelKeyChangeRow.status != KeyChangeStatus.REQUESTED, LabelKeyChangeRow.requested_at.desc()
    )
    rows = list(session.execute(query).scalars())
    people = names(session)
    return [change_view(row, people) for row in rows]


def change_view(row: LabelKeyChangeRow, people: dict[str, str]) -> dict[str, Any]:
    facts = ("id", "letter", "status", "reason", "requested_at", "decided_at", "decision_reason")
    who = {"requested_by": people[row.requested_by], "decided_by": people.get(row.decided_by or "", "")}
    return {name: getattr(row, name) for name in facts} | who | {"change": ASKED_FOR[KeyChange(row.change)]}


def key_content(session: Session, letter: str) -> dict[str, Any]:
    """What is shown before something is asked about a key."""
    facts = key_facts(session, known_letter(session, letter), KeyChange.USE)
    prints = session.execute(sa.select(sa.func.count()).where(letter == LETTER)).scalar_one()
    view = key_view(facts, prints)
    return {
        "title": letter,
        "fingerprint": view["fingerprint"] or None,
        "state": view["state"],
        "signing key": signing(facts.first, facts.approved).key,
        "labels printed with it": prints,
    }


def change_content(session: Session, change_id: str) -> dict[str, Any]:
    row = get_change(session, change_id)
    asked = {
        "change": ASKED_FOR[KeyChange(row.change)],
        "status": row.status,
        "reason": row.reason,
        "version": row.version,
    }
    return key_content(session, row.letter) | asked | {"asked fingerprint": row.fingerprint or None}
