"""One record edited through the door, in bulk and by raw SQL at the same moment keeps one history (hazards b6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from config.demo import Stage
from kernel.audit import refuse_bulk
from kernel.work import SYSTEM, Work, unit_of_work
from manufacturing.tables.trial import SubjectRow
from tests.races.faults import last_line, trail
from tests.races.installations import Installation
from tests.races.pages import all_at_once

PEOPLE = 6
BETWEEN = 0.02
BESIDE = ("bulk", "raw SQL of the same version", "raw SQL of the next version")
GUARD = "subject_next_version"


def doors(stage: Stage, subject_id: str) -> list[Callable[[], None]]:
    """Six acts through the door; then the three ways past it, in the order of ``BESIDE``."""
    database = stage.site.database

    def by_the_door(number: int) -> Callable[[], None]:
        def edit() -> None:
            with unit_of_work(database, SYSTEM, "test.edit") as work:
                work.lock(SubjectRow, subject_id).code = f"NK-6{number}"

        return edit

    def in_bulk() -> None:
        with unit_of_work(database, SYSTEM, "test.bulk") as work:
            work.session.execute(sa.update(SubjectRow).where(SubjectRow.id == subject_id).values(code="NK-70"))

    def by_raw_sql(version: str) -> Callable[[], None]:
        def edit() -> None:
            with database.writing() as session:
                changed = f"UPDATE subject SET code = 'NK-80', version = {version} WHERE id = :id"
                session.execute(sa.text(changed), {"id": subject_id})
                session.commit()

        return edit

    return [*map(by_the_door, range(PEOPLE)), in_bulk, by_raw_sql("version"), by_raw_sql("version + 1")]


def edited_at_once(here: Installation, stage: Stage) -> list[str]:
    """Only what goes through the door is done, one after the other; each is one version and one line. What is wrong."""
    subject_id = here.facts["subject_id"]
    before, line = version_of(here, subject_id), last_line(here)
    found = all_at_once(doors(stage, subject_id))
    wrong = [f"door {place} was shut: {one}" for place, one in enumerate(found[:PEOPLE]) if not one.done]
    wrong += [f"{name} went through" for name, one in zip(BESIDE, found[PEOPLE:], strict=True) if one.done]
    if (version := version_of(here, subject_id)) != before + PEOPLE:
        wrong.append(f"version {version} after {PEOPLE} edits of version {before}")
    if (lines := trail(here, line)) != [("test.edit", "done")] * PEOPLE:
        wrong.append(f"the trail has {lines}")
    return [*wrong, *(f"verify: {fault}" for fault in here.verified().faults)]


def version_of(here: Installation, subject_id: str) -> int:
    return int(here.rows("SELECT version FROM subject WHERE id = :id", id=subject_id)[0].version)


def test_a_record_edited_through_the_door_in_bulk_and_by_raw_sql_at_once_keeps_one_history(scene):
    with scene("ready") as (here, stage):
        assert edited_at_once(here, stage) == []


@pytest.fixture
def bulk_allowed():
    """Planted: nothing looks at bulk statements."""
    event.remove(Session, "do_orm_execute", refuse_bulk)
    yield
    event.listen(Session, "do_orm_execute", refuse_bulk)


@pytest.fixture
def unguarded():
    """Planted: the table of subjects has lost its trigger, for as long as the test lasts."""
    changed: list[Installation] = []

    def unguard(here: Installation) -> None:
        changed.append(here)
        here.owner(f"DROP TRIGGER {GUARD}" if here.source is None else f"ALTER TABLE subject DISABLE TRIGGER {GUARD}")

    yield unguard
    for here in changed:
        if here.source is not None:
            here.owner(f"ALTER TABLE subject ENABLE TRIGGER {GUARD}")


@pytest.mark.usefixtures("bulk_allowed")
def test_a_bulk_edit_is_refused_by_the_database_too_and_caught_where_neither_refuses_it(scene, unguarded):
    with scene("ready") as (here, stage):
        assert edited_at_once(here, stage) == []
        unguarded(here)
        assert "bulk went through" in edited_at_once(here, stage)


def test_raw_sql_past_a_lost_trigger_is_caught(scene, unguarded):
    with scene("ready") as (here, stage):
        unguarded(here)
        assert "raw SQL of the same version went through" in edited_at_once(here, stage)


def test_an_edit_of_what_was_read_before_its_turn_is_caught(scene, monkeypatch):
    """Planted: no line of writers and no lock, and a little time between reading and writing.

    On SQLite there is one writer at a time whatever the application does; the same defect does no harm there.
    """

    def only_read(work: Work, table: Any, record_id: str) -> Any:
        row = work.session.get_one(table, record_id)
        time.sleep(BETWEEN)
        return row

    monkeypatch.setattr("kernel.database.ONE_WRITER", sa.text("SELECT 1"))
    monkeypatch.setattr(Work, "lock", only_read)
    with scene("ready") as (here, stage):
        wrong = edited_at_once(here, stage)
        assert any("was shut" in one for one in wrong) is (here.source is not None)
