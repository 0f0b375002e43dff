"""The one door for writes: everything or nothing, on the trail, refused changes on record."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from kernel.accounts.tables import PersonRow
from kernel.clock import FixedClock
from kernel.errors import Refused
from kernel.refusals import STALE_VERSION
from kernel.tables import TrailRow
from kernel.work import SYSTEM, unit_of_work


def links(database):
    with database.reading() as session:
        return session.execute(sa.select(TrailRow).order_by(TrailRow.seq)).scalars().all()


@pytest.mark.req("P11-10e-1", "AT-ATOMIC")
def test_a_change_leaves_old_and_new_value_on_the_trail(database, person):
    someone = person("T")
    with unit_of_work(database, SYSTEM, "test.change", reason="for the test") as work:
        work.lock(PersonRow, someone.id).language = "en"
    payload = json.loads(links(database)[-1].payload)
    assert payload["changes"] == [
        {
            "entity": "person",
            "id": someone.id,
            "version": 2,
            "op": "change",
            "old": {"language": "nl"},
            "new": {"language": "en"},
        }
    ]
    assert payload["reason"] == "for the test"


@pytest.mark.req("AT-SCOPE")
def test_a_refusal_changes_nothing_and_stays_on_the_trail(database, person):
    someone = person("T")
    with pytest.raises(Refused), unit_of_work(database, SYSTEM, "test.refused") as work:
        work.lock(PersonRow, someone.id).language = "en"
        raise Refused(STALE_VERSION(changed="x"))
    with database.reading() as session:
        assert session.get(PersonRow, someone.id).language == "nl"
    last = links(database)[-1]
    assert (last.outcome, json.loads(last.payload)["refusals"][0]["code"]) == ("refused", "STALE_VERSION")


def clock_moved(database, **by):
    database.clock = FixedClock(database.clock.now() + timedelta(**by))


@pytest.mark.req("SIG-TIME")
def test_a_clock_that_was_set_back_records_nothing_but_the_refusal_at_the_last_good_time(database, person):
    someone = person("T")
    last = links(database)[-1].at
    clock_moved(database, seconds=-3)
    with pytest.raises(Refused) as caught, unit_of_work(database, SYSTEM, "test.late") as work:
        work.lock(PersonRow, someone.id).language = "en"
    assert [one.code for one in caught.value.refusals] == ["CLOCK_UNTRUSTED"]
    found = links(database)[-1]
    assert (found.outcome, found.at) == ("refused", last)
    with database.reading() as session:
        assert session.get(PersonRow, someone.id).language == "nl"


@pytest.mark.req("SIG-TIME")
def test_a_clock_corrected_by_a_moment_stops_nobody_and_takes_no_time_of_the_trail_back(database, person):
    someone = person("T")
    last = links(database)[-1].at
    clock_moved(database, seconds=-2)
    with unit_of_work(database, SYSTEM, "test.moment") as work:
        work.lock(PersonRow, someone.id).language = "en"
        assert work.at == last
    assert links(database)[-1].at == last


@pytest.mark.req("SIG-TIME")
def test_a_refusal_written_after_somebody_elses_act_does_not_take_the_time_of_the_trail_back(database, person):
    person("T")
    with pytest.raises(Refused), unit_of_work(database, SYSTEM, "test.refused") as work:
        work.at -= timedelta(seconds=1)  # as if the act had begun before the last one of the others
        raise Refused(STALE_VERSION(changed="x"))
    times = [one.at for one in links(database)]
    assert times == sorted(times)


@pytest.mark.req("AT-CHAIN")
def test_links_are_consecutive_and_each_carries_the_hash_before(database, person):
    person("T")
    person("QA")
    found = links(database)
    assert [one.seq for one in found] == list(range(1, len(found) + 1))
    assert all(later.prev_hash == earlier.hash for earlier, later in itertools.pairwise(found))


@pytest.mark.req("P11-10e-2")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail SET action = 'x' WHERE seq = 1",
        "DELETE FROM trail WHERE seq = 1",
        "UPDATE trail_change SET entity = 'x'",
        "DELETE FROM person",
        "UPDATE person SET language = 'en'",
        "UPDATE person SET language = 'en', version = version + 1",
        "DROP TABLE trail",
    ],
)
@pytest.mark.every_case
def test_raw_sql_through_the_applications_own_connection_is_refused(database, person, statement):
    person("T")
    with pytest.raises(DatabaseError), database.writing() as session:
        session.execute(sa.text(statement))
        session.commit()


def test_writing_outside_a_unit_of_work_is_impossible(database, person):
    someone = person("T")
    with database.writing() as session:
        session.get(PersonRow, someone.id).language = "en"
        with pytest.raises(RuntimeError, match="inside a unit of work"):
            session.flush()


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "delete"), ("synchronous", 3), ("foreign_keys", 1)])
def test_every_sqlite_connection_is_durable(database, pragma, value):
    if database.engine.dialect.name == "sqlite":
        with database.reading() as session:
            assert session.execute(sa.text(f"PRAGMA {pragma}")).scalar() == value
    else:
        with database.reading() as session:
            assert session.execute(sa.text("SHOW synchronous_commit")).scalar() == "on"
