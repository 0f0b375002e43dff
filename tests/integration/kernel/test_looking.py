"""One page asks the database the same question once, and never gets an old answer where it needs a fresh one."""

from __future__ import annotations

from contextlib import suppress

import sqlalchemy as sa

from kernel.accounts.tables import PersonRow
from kernel.database import asked_once, one_look
from kernel.work import SYSTEM, unit_of_work
from tests.races.test_work_statements import counted


def asked(said):
    return [one for one in said if one.startswith("SELECT person.")]


def named(session, person_id):
    return session.execute(sa.select(PersonRow.full_name).where(PersonRow.id == person_id)).scalar_one()


def rename(database, person_id, name):
    with unit_of_work(database, SYSTEM, "test.rename") as work:
        work.lock(PersonRow, person_id).full_name = name


def test_the_same_question_is_asked_once_another_one_again(database, person):
    one, other = person("T"), person("QA")
    with counted(database.engine) as said, database.looking() as session:
        assert [named(session, one.id) for _ in range(3)] == [one.name] * 3
        assert named(session, other.id) == other.name
    assert len(asked(said)) == 2


def test_the_next_page_sees_what_was_written_meanwhile(database, person):
    one = person("T")
    with database.looking() as session:
        assert named(session, one.id) == one.name
    rename(database, one.id, "Person Renamed")
    with database.looking() as session:
        assert named(session, one.id) == "Person Renamed"


def test_a_decision_never_gets_an_answer_from_before(database, person):
    """Whoever writes, and whoever asks for the row as it is now, asks the database each time."""
    one = person("T")
    fresh = sa.select(PersonRow).where(PersonRow.id == one.id).execution_options(populate_existing=True)
    with database.looking() as session:
        session.execute(fresh).scalar_one()
        session.commit()
        rename(database, one.id, "Person Renamed")
        assert session.execute(fresh).scalar_one().full_name == "Person Renamed"
    with database.reading() as session, counted(database.engine) as said:
        assert named(session, one.id) == named(session, one.id)
    assert len(asked(said)) == 2


@one_look
def named_often(session, person_id, between=lambda: None):
    found = [named(session, person_id), named(session, person_id)]
    between()
    return [*found, named(session, person_id)]


def test_a_large_question_asks_its_parts_once_in_each_call(database, person):
    one = person("T")
    with counted(database.engine) as said, database.reading() as session:
        assert named_often(session, one.id) == named_often(session, one.id) == [one.name] * 3
    assert len(asked(said)) == 2


def test_an_act_asks_the_same_once_until_it_changes_something(database, person):
    """Nobody else writes while it holds the lock; what it locks it reads as it is, and what it undid it asks anew."""
    one = person("T")
    with counted(database.engine) as said, unit_of_work(database, SYSTEM, "test.look") as work:
        assert named(work.session, one.id) == named(work.session, one.id) == one.name
        assert len(asked(said)) == 1
        work.lock(PersonRow, one.id).full_name = "Renamed"
        assert [named(work.session, one.id) for _ in range(4)] == ["Renamed"] * 4
        assert len(asked(said)) == 4  # the row that is locked, before it is written, after it is written
        with suppress(ZeroDivisionError), work.session.begin_nested():
            work.lock(PersonRow, one.id).full_name = "Undone"
            assert named(work.session, one.id) == "Undone"
            raise ZeroDivisionError
        assert named(work.session, one.id) == "Renamed"


def test_a_call_after_a_change_answers_with_the_change_and_so_does_the_same_call(database, person):
    """Whether the change was written to the database before the question came, or not."""
    one = person("T")
    with unit_of_work(database, SYSTEM, "test.rename") as work:
        row = work.lock(PersonRow, one.id)
        named_often(work.session, one.id)
        row.full_name = "Renamed"
        assert named_often(work.session, one.id)[0] == "Renamed"
        again = named_often(work.session, one.id, lambda: setattr(row, "full_name", "Renamed Again"))
        assert again == ["Renamed", "Renamed", "Renamed Again"]

        def written():
            row.full_name = "Written"
            work.session.flush()

        assert named_often(work.session, one.id, written)[-1] == "Written"


@asked_once
def called(session, person_id):
    return [named(session, person_id)]


def test_what_was_put_together_is_kept_as_long_as_what_the_database_said(database, person):
    one, other = person("T"), person("QA")
    with database.looking() as session:
        called(session, one.id).append("mine alone")
        assert (called(session, one.id), called(session, other.id)) == ([one.name], [other.name])
    with unit_of_work(database, SYSTEM, "test.rename") as work:
        assert called(work.session, one.id) == [one.name]
        work.lock(PersonRow, one.id).full_name = "Renamed"
        assert called(work.session, one.id) == ["Renamed"]
    with database.looking() as session:
        assert called(session, one.id) == ["Renamed"]


@one_look
def called_often(session, row, change):
    before = called(session, row.id)
    change()
    return [*before, *called(session, row.id)]


def test_what_was_put_together_is_put_together_anew_after_a_change(database, person):
    """Written to the database meanwhile, or not."""
    one = person("T")
    with unit_of_work(database, SYSTEM, "test.rename") as work:
        row = work.lock(PersonRow, one.id)
        assert called_often(work.session, row, lambda: setattr(row, "full_name", "Second"))[1] == "Second"

        def written():
            row.full_name = "Third"
            work.session.flush()

        assert called_often(work.session, row, written) == ["Second", "Third"]
