"""The Work page reads in as many statements for many batches as for a few."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from config.demo import Stage
from kernel.web.registry import TASKS
from labels.keys import load_label_keys
from manufacturing.tables.batches import BatchRow
from tests.bench.copies import Copier, story_of
from tests.databases import databases
from tests.races.installations import borrowed, story

PEOPLE = ("tech2", "qa1", "qp1", "sponsor1", "pharm1", "doctor1")


@contextmanager
def counted(engine: sa.Engine) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def statements(stage: Stage) -> dict[str, int]:
    """How many each source of tasks needs, by person and source."""
    found = {}
    for login in PEOPLE:
        viewer = stage.viewer(login)
        for place, source in enumerate(TASKS):
            with (
                stage.app.test_request_context("/"),
                stage.site.database.reading() as session,
                counted(stage.site.database.engine) as said,
            ):
                source(session, viewer)
            found[f"{login} {place} {source.__name__}"] = len(said)
    return found


@pytest.mark.wide("postgresql")
@pytest.mark.parametrize("engine", databases())
@pytest.mark.parametrize("point", ["tested", "reviewed", "certified", "ready"])
def test_more_batches_that_wait_take_no_more_statements(engine: str, point: str, tmp_path: Path) -> None:
    with borrowed(story(engine)[point], tmp_path / "copy") as here:
        stage = here.stage()
        base = stage.site.database
        with base.reading() as session:
            subject = session.execute(sa.select(BatchRow.subject_id)).scalar_one()
            copier = Copier(base, load_label_keys(here.folder, demo=True), [story_of(session, subject)], register=10)
        copier.copy(1)
        few = statements(stage)
        copier.copy(4)
        assert statements(stage) == few
        base.engine.dispose()
