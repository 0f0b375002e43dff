"""Training as the guards and pages need it: who was trained in what, by which version, at which time."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.domain import GrantStatus, PersonStatus
from kernel.accounts.queries import get_person, names
from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.clock import PEOPLE
from kernel.documents.domain import DocumentStatus
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound
from kernel.permissions import allows
from kernel.refusals import N_, Refusal
from kernel.training.domain import (
    LAPSED,
    NOT_TRAINED,
    PROCEDURES,
    TRAINING,
    Procedure,
    TrainingFact,
    TrainingRule,
    TrainingState,
    VersionFact,
    covering,
    in_order,
    is_trained,
    parse_rules,
    state_of,
)
from kernel.training.tables import TrainingRow, TrainingSessionRow

NO_VERSION = N_("no version governs it")


@dataclass(frozen=True, slots=True)
class Acted:
    """Somebody did something by a procedure. ``document``: the version it was done by; None takes the one in force."""

    person: str
    procedure: str
    at: datetime
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    fact: VersionFact
    status: str
    effective_at: datetime | None


EVER = (
    sa.select(DocumentRow.effective_at, DocumentRow.body)
    .where(DocumentRow.kind == TRAINING, DocumentRow.effective_at.is_not(None))
    .order_by(DocumentRow.effective_at)
)
VERSIONS = sa.select(
    *(DocumentRow.kind, DocumentRow.id, DocumentRow.code, DocumentRow.number),
    *(DocumentRow.retraining, DocumentRow.status, DocumentRow.effective_at),
).order_by(DocumentRow.number)


class Trainings:
    """Everything about training of some people, read in three queries."""

    def __init__(self, session: Session, people: Collection[str]) -> None:
        self.rules = rules_over_time(session)
        self.versions = versions_by_kind(session)
        self.people = names(session)
        self.records: dict[tuple[str, str], list[TrainingFact]] = {}
        query = sa.select(TrainingRow).where(TrainingRow.person_id.in_(sorted(people)))
        for row in session.execute(query.order_by(TrainingRow.effective_at, TrainingRow.id)).scalars():
            self.records.setdefault((row.person_id, row.procedure), []).append(fact_of(row))

    def needed(self, procedure: Procedure, at: datetime) -> bool:
        """By the rules of that time; without any, everything needs training."""
        ruled = [rules for since, rules in self.rules if since <= at]
        return ruled[-1].get(procedure.key, TrainingRule()).needed if ruled else True

    def in_force(self, procedure: Procedure, at: datetime) -> str | None:
        """The version that governed a procedure at a time."""
        known = [one for one in self.versions.get(procedure.follows, ()) if one.effective_at and one.effective_at <= at]
        return known[-1].fact.id if known else None

    def good(self, procedure: Procedure, wanted: str | None) -> frozenset[str | None]:
        ever = [one.fact for one in self.versions.get(procedure.follows, ()) if one.effective_at]
        return covering(ever, wanted)

    def text_of(self, procedure: Procedure, document: str | None) -> str:
        known = {one.fact.id: one.fact.text for one in self.versions.get(procedure.follows, ())}
        return known.get(document or "", NO_VERSION)

    def refusal(self, acted: Acted) -> Refusal | None:
        """Why this person should not have acted then, or nothing."""
        about = PROCEDURES[acted.procedure]
        if not self.needed(about, acted.at):
            return None
        wanted = acted.document or self.in_force(about, acted.at)
        known = self.records.get((acted.person, about.key), ())
        if is_trained(known, self.good(about, wanted), acted.at):
            return None
        return NOT_TRAINED(
            person=self.people.get(acted.person, acted.person),
            procedure=about.title,
            version=self.text_of(about, wanted),
            at=acted.at.astimezone(PEOPLE).strftime("%Y-%m-%d %H:%M %Z"),
        )

    def state(self, person: str, procedure: Procedure, at: datetime) -> TrainingState:
        if not self.needed(procedure, at):
            return TrainingState.NOT_NEEDED
        known = self.records.get((person, procedure.key), [])
        return state_of(known, self.good(procedure, self.in_force(procedure, at)), at)

    def ends(self, person: str, procedure: Procedure, at: datetime) -> datetime | None:
        """The last end among the records that hold now; nothing where one has no end."""
        good = self.good(procedure, self.in_force(procedure, at))
        held = [one for one in self.records.get((person, procedure.key), []) if one.document in good and one.holds(at)]
        ends = [one.expires_at for one in held if one.expires_at is not None]
        return max(ends) if held and len(ends) == len(held) else None


def fact_of(row: TrainingRow) -> TrainingFact:
    return TrainingFact(row.document_id, row.effective_at, row.expires_at, row.withdrawn_at)


def rules_over_time(session: Session) -> list[tuple[datetime, dict[str, TrainingRule]]]:
    """Every version of the rules that was ever in force, and since when."""
    found: list[tuple[datetime, dict[str, TrainingRule]]] = []
    for since, body in session.execute(EVER):
        parsed = parse_rules(json.loads(body))
        if since is not None:
            found.append((since, {} if isinstance(parsed, tuple) else parsed))
    return found


def rules_now(session: Session) -> dict[str, TrainingRule]:
    """The rules in force; a retired document rules until the next one."""
    ruled = rules_over_time(session)
    return ruled[-1][1] if ruled else {}


def versions_by_kind(session: Session) -> dict[str, list[Version]]:
    """Every version of the documents that procedures follow: those ever in force first, in their order; then drafts."""
    kinds = {one.follows for one in in_order()}
    found: dict[str, list[Version]] = {}
    for row in session.execute(VERSIONS.where(DocumentRow.kind.in_(kinds))):
        fact = VersionFact(row.id, f"{row.code} v{row.number}", row.retraining)
        found.setdefault(row.kind, []).append(Version(fact, row.status, row.effective_at))
    for versions in found.values():
        versions.sort(key=lambda one: (one.effective_at is None, one.effective_at))
    return found


def training_refusals(session: Session, acted: Iterable[Acted]) -> list[Refusal]:
    """One refusal for each person and procedure without valid training at the time (NOT_TRAINED)."""
    every = list(acted)
    trainings = Trainings(session, {one.person for one in every})
    found: dict[tuple[str, str], Refusal] = {}
    for one in every:
        refusal = trainings.refusal(one)
        if refusal is not None:
            found.setdefault((one.person, one.procedure), refusal)
    return list(found.values())


def active_people(session: Session, at: datetime) -> list[tuple[PersonRow, frozenset[str]]]:
    """Everybody with an active account and the roles of now, by name."""
    held: dict[str, set[str]] = {}
    query = sa.select(RoleGrantRow.person_id, RoleGrantRow.role).where(
        RoleGrantRow.status == GrantStatus.ACTIVE,
        sa.or_(RoleGrantRow.valid_until.is_(None), RoleGrantRow.valid_until > at),
    )
    for person_id, role in session.execute(query):
        held.setdefault(person_id, set()).add(role)
    people = sa.select(PersonRow).where(PersonRow.status == PersonStatus.ACTIVE).order_by(PersonRow.full_name)
    return [(row, frozenset(held.get(row.id, ()))) for row in session.execute(people).scalars()]


def expected_of(procedure: Procedure, roles: frozenset[str]) -> bool:
    return any(allows(name, roles) for name in procedure.permissions)


def matrix(session: Session, at: datetime) -> list[dict[str, Any]]:
    """Active people with work that needs training, and how each stands in every procedure."""
    everybody = active_people(session, at)
    trainings = Trainings(session, [row.id for row, _ in everybody])
    lines = []
    for row, roles in everybody:
        cells = [cell(trainings, row.id, one, roles, at) for one in in_order()]
        if any(one["expected"] or one["state"] != TrainingState.NONE for one in cells):
            lines.append({"id": row.id, "person": row.full_name, "roles": sorted(roles), "cells": cells})
    return lines


def cell(
    trainings: Trainings, person: str, procedure: Procedure, roles: frozenset[str], at: datetime
) -> dict[str, Any]:
    return {
        "procedure": procedure.key,
        "title": procedure.title,
        "expected": expected_of(procedure, roles),
        "state": trainings.state(person, procedure, at).value,
        "version": trainings.text_of(procedure, trainings.in_force(procedure, at)),
        "until": trainings.ends(person, procedure, at),
    }


def lapsing(session: Session, at: datetime) -> list[dict[str, Any]]:
    """Training that somebody had and still needs, which ended or ends within thirty days."""
    return [
        {"id": line["id"], "person": line["person"], **one}
        for line in matrix(session, at)
        for one in line["cells"]
        if one["expected"] and one["state"] in LAPSED
    ]


def person_page(session: Session, person_id: str, at: datetime) -> dict[str, Any]:
    """One person: how he stands, and every record ever made."""
    row = get_person(session, person_id)
    roles = {one.id: held for one, held in active_people(session, at)}.get(person_id, frozenset())
    trainings = Trainings(session, [person_id])
    return {
        "person": {"id": row.id, "person": row.full_name, "status": row.status, "roles": sorted(roles)},
        "cells": [cell(trainings, person_id, one, roles, at) for one in in_order()],
        "records": records_of(session, trainings, person_id),
    }


def records_of(session: Session, trainings: Trainings, person_id: str) -> list[dict[str, Any]]:
    query = (
        sa.select(TrainingRow, TrainingSessionRow)
        .join(TrainingSessionRow, TrainingSessionRow.id == TrainingRow.session_id)
        .where(TrainingRow.person_id == person_id)
        .order_by(TrainingRow.effective_at.desc(), TrainingRow.id)
    )
    return [record_view(row, given, trainings) for row, given in session.execute(query)]


def record_view(row: TrainingRow, given: TrainingSessionRow, trainings: Trainings) -> dict[str, Any]:
    about = PROCEDURES[row.procedure]
    return {
        "id": row.id,
        "procedure": about.title,
        "version": trainings.text_of(about, row.document_id),
        "trained_on": given.trained_on,
        "effective_at": row.effective_at,
        "expires_at": row.expires_at,
        "trained_by": trainings.people.get(given.trained_by, given.trained_by),
        "confirmed_by": trainings.people.get(given.confirmed_by, given.confirmed_by),
        "evidence": given.evidence,
        "withdrawn_at": row.withdrawn_at,
        "withdrawn_reason": row.withdrawn_reason,
    }


def get_training(session: Session, training_id: str) -> TrainingRow:
    row = session.get(TrainingRow, training_id)
    if row is None:
        raise NotFound(f"training {training_id}")
    return row


def training_content(session: Session, training_id: str) -> dict[str, Any]:
    """What somebody who withdraws a training is shown and signs."""
    row = get_training(session, training_id)
    trainings = Trainings(session, [row.person_id])
    shown = record_view(row, session.get_one(TrainingSessionRow, row.session_id), trainings)
    return {"title": trainings.people[row.person_id], **shown, "id": row.id, "version of the record": row.version}


def subjects(session: Session) -> list[tuple[str, str, str, str]]:
    """What training can be recorded for now: key, title of the procedure, version and its state.

    Drafts are among them, so that people can be trained before a version comes into force.
    """
    versions = versions_by_kind(session)
    found: list[tuple[str, str, str, str]] = []
    for one in in_order():
        usable = [each for each in versions.get(one.follows, ()) if each.status != DocumentStatus.RETIRED]
        found += [(f"{one.key}:{each.fact.id}", one.title, each.fact.text, each.status) for each in usable]
        if not any(each.effective_at for each in versions.get(one.follows, ())):
            found.append((f"{one.key}:", one.title, NO_VERSION, ""))
    return found
