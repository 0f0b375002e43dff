"""Id and password: asked at sign-in and at every signature, counted on the account, locked after five (P11-300d)."""

from __future__ import annotations

from kernel.accounts.domain import ATTEMPTS, AUTH_BAD_SIGNATURE, LOCK_TIME, lock_refusals
from kernel.accounts.passwords import Passwords
from kernel.accounts.queries import actor_of, find_person
from kernel.accounts.tables import PersonRow
from kernel.database import Database
from kernel.db import storable
from kernel.errors import Refused
from kernel.refusals import Refusal
from kernel.work import NOBODY, SYSTEM, Actor, unit_of_work


def check_credentials(
    database: Database, passwords: Passwords, login: str, password: str, purpose: str, *, by: Actor = NOBODY
) -> Actor:
    """The person whose id and password these are, or a recorded refusal. Runs before any write lock is taken.

    ``purpose``: the action they were given for; ``by``: the person in whose session they were typed.
    """
    with database.reading() as session:
        row = find_person(session, login) if storable(login) else None
        now = database.clock.now()
        locked = lock_refusals(row.locked_until, now) if row else ()
        right = passwords.matches(row.password_hash if row else None, password)
        actor = actor_of(session, row.id, now) if row else None
    said = row.login if row else "unknown"
    if locked:
        refuse_login(database, by, said, purpose, *locked)
    if row is None or not right or actor is None:
        count_failure(database, row.id if row else None, said, purpose)
        refuse_login(database, by, said, purpose, AUTH_BAD_SIGNATURE())
    if row is not None and row.failed_count:
        clear_failures(database, row.id)
    assert actor is not None  # noqa: S101
    return actor


def refuse_login(database: Database, by: Actor, login: str, purpose: str, *refusals: Refusal) -> None:
    """An id that is nobody's is not kept: people type their password there."""
    with unit_of_work(database, by, purpose, details={"login": login}):
        raise Refused(*refusals)


def count_failure(database: Database, person_id: str | None, login: str, purpose: str) -> None:
    """Count a wrong password on the account (never on a cookie) and lock it after five.

    An unknown login writes as much as a known one, so that the time of the answer tells nobody which it was.
    """
    details = {"login": login, "purpose": purpose}
    with unit_of_work(database, SYSTEM, "person.wrong_password", details=details) as work:
        if person_id is not None:
            row = work.lock(PersonRow, person_id)
            row.failed_count += 1
            if row.failed_count >= ATTEMPTS:
                row.failed_count, row.locked_until = 0, work.at + LOCK_TIME


def clear_failures(database: Database, person_id: str) -> None:
    with unit_of_work(database, SYSTEM, "person.password_accepted") as work:
        work.lock(PersonRow, person_id).failed_count = 0
