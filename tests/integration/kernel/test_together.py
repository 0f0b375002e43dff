"""Questions asked side by side: one statement for what they need next, the same answers as one by one."""

from __future__ import annotations

import sqlalchemy as sa

from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.database import ask_together
from kernel.work import SYSTEM, unit_of_work
from tests.races.test_work_statements import counted


def roles_of(session, *ids):
    query = sa.select(RoleGrantRow).where(RoleGrantRow.person_id.in_(ids)).order_by(RoleGrantRow.role.desc())
    return [(row.role, row.person_id, row.valid_until, row.version) for row in session.execute(query).scalars()]


def first_by_name(session):
    query = sa.select(PersonRow.full_name, PersonRow.failed_count).order_by(PersonRow.full_name).limit(1)
    return [tuple(row) for row in session.execute(query)]


def person_of(session, person_id):
    row = session.get(PersonRow, person_id)
    return row and (row.full_name, row.version)


def told(session, one):
    """Records in an order of their own, columns, one row of many, a key, an empty list, nothing found."""
    return [
        roles_of(session, one.id),
        roles_of(session),
        first_by_name(session),
        person_of(session, one.id),
        person_of(session, "nobody"),
        session.execute(sa.select(PersonRow.id).where(PersonRow.full_name == "nobody")).scalars().all(),
    ]


def questions(session, one):
    return [
        lambda: roles_of(session, one.id),
        lambda: roles_of(session),
        lambda: first_by_name(session),
        lambda: person_of(session, one.id),
        lambda: person_of(session, "nobody"),
        lambda: session.execute(sa.select(PersonRow.id).where(PersonRow.full_name == "nobody")).scalars().all(),
    ]


def asked(said):
    return [one for one in said if not one.startswith("BEGIN")]


def test_many_questions_take_one_statement_and_are_answered_as_one_by_one(database, person):
    one, _ = person("QA", "T"), person("Ph")  # written in another order than they are asked for
    with database.reading() as session:
        alone = told(session, one)
    assert [role for role, *_ in alone[0]] == ["T", "QA"]
    assert alone[2] == [("Person Ph", 0)]
    with counted(database.engine) as said, database.looking() as session:
        ask_together(session, "all", *questions(session, one))
        assert told(session, one) == alone
    assert len(asked(said)) == 1


def test_what_depends_on_an_answer_waits_one_round_for_it(database, person):
    """And the questions beside it do not wait twice."""
    one, other = person("T"), person("QA")

    def dependent(session):
        found = session.execute(sa.select(PersonRow.id).where(PersonRow.login == one_login)).scalars().all()
        return roles_of(session, *found)

    with database.reading() as session:
        one_login = session.get_one(PersonRow, one.id).login
    with counted(database.engine) as said, database.looking() as session:
        ask_together(session, "all", lambda: dependent(session), lambda: roles_of(session, other.id))
        assert [role for role, *_ in dependent(session)] == ["T"]
        assert [role for role, *_ in roles_of(session, other.id)] == ["QA"]
    assert len(asked(said)) == 2


def test_an_act_reads_its_parts_one_by_one_and_what_it_changed_anew(database, person):
    one = person("T")
    with counted(database.engine) as said, unit_of_work(database, SYSTEM, "test.rename") as work:
        before = len(asked(said))
        ask_together(work.session, "all", *questions(work.session, one))
        assert len(asked(said)) == before
        assert person_of(work.session, one.id)[0] != "Renamed"
        work.lock(PersonRow, one.id).full_name = "Renamed"
        work.session.flush()
        assert first_by_name(work.session)[0][0] == "Renamed"
    with database.reading() as session:
        assert person_of(session, one.id) == ("Renamed", 2)


def test_a_session_that_keeps_nothing_asks_nothing_in_advance(database, person):
    one = person("T")
    with counted(database.engine) as said, database.reading() as session:
        ask_together(session, "all", *questions(session, one))
    assert asked(said) == []
