"""Training for the people of tests, given through the service as in life, so that stories begin with people who may work.

Two officers of their own train everybody; a test that wants an untrained person asks for one: ``trained=False``.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import sqlalchemy as sa

from kernel.accounts.domain import GrantStatus, PersonStatus
from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.canonical import digest
from kernel.database import Database
from kernel.training.domain import PROCEDURES
from kernel.training.queries import active_people, expected_of, subjects
from kernel.training.services import record_training
from kernel.training.tables import TrainingRow, TrainingSessionRow
from kernel.work import SYSTEM, Actor, unit_of_work

OFFICERS = ("training-officer-1", "training-officer-2")


def train_everybody(database: Database) -> None:
    """Whoever has work that needs training gets it now, in every version that is not retired and that he lacks."""
    for procedures, people in missing(database).items():
        train(database, people, procedures)


def missing(database: Database) -> dict[tuple[str, ...], list[str]]:
    """People by the procedures they lack, with their versions."""
    with database.reading() as session:
        return lacking_in(session, database.clock.now())


def lacking_in(session, at) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    versions = [key for key, *_ in subjects(session) if not key.endswith(":")]
    if not versions:
        return {}
    columns = sa.select(TrainingRow.person_id, TrainingRow.procedure, TrainingRow.document_id)
    held = {(person, f"{procedure}:{document}") for person, procedure, document in session.execute(columns)}
    for row, roles in active_people(session, at):
        doing = {one.key for one in PROCEDURES.values() if expected_of(one, roles)}
        lacking = tuple(one for one in versions if one.split(":")[0] in doing and (row.id, one) not in held)
        if lacking and row.login not in OFFICERS:
            found[lacking].append(row.id)
    return found


def enter_trained(work, first, second) -> None:
    """The same for records entered straight through the unit of work, which tell of earlier hours: since a day ago."""
    since = work.at - timedelta(days=1)
    for procedures, people in lacking_in(work.session, work.at).items():
        given = work.add(
            TrainingSessionRow(
                trained_on=since.date(),
                evidence="attendance list TR-1",
                entered_at=since,
                effective_at=since,
                trained_by=first.id,
                confirmed_by=second.id,
            )
        )
        for one in procedures:
            key, _, document = one.partition(":")
            for person in people:
                row = TrainingRow(session_id=given.id, person_id=person, procedure=key, effective_at=since)
                row.document_id = document
                work.add(row)


def train(database: Database, people, procedures, **given) -> None:
    """These people (ids) in these procedures (keys with the id of the version), by the two officers."""
    first, second = officers(database)
    fields = {"trained_on": database.clock.now().date(), "evidence": "attendance list TR-1, test passed", **given}
    with unit_of_work(database, first, "training.record", signers=(first, second), seen=digest({})) as work:
        record_training(work, people=list(people), procedures=list(procedures), **fields)


def officers(database: Database) -> list[Actor]:
    with database.reading() as session:
        query = sa.select(PersonRow).where(PersonRow.login.in_(OFFICERS)).order_by(PersonRow.login)
        known = [Actor(row.id, row.full_name, frozenset({"QA"})) for row in session.execute(query).scalars()]
    return known or [employ(database, login) for login in OFFICERS]


def employ(database: Database, login: str) -> Actor:
    with unit_of_work(database, SYSTEM, "test.person") as work:
        row = work.add(
            PersonRow(login=login, full_name="Training officer", status=PersonStatus.ACTIVE, requested_by="test")
        )
        work.add(RoleGrantRow(person_id=row.id, role="QA", status=GrantStatus.ACTIVE, requested_by="test"))
    return Actor(row.id, row.full_name, frozenset({"QA"}))
