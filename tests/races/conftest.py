"""What the races share: the installations of the story on each engine, and a parent that starts servers quickly."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import pytest

from kernel.clock import FixedClock
from kernel.db import make_engine
from tests.databases import databases
from tests.races.installations import Installation, copied, dropped, story
from tests.races.rewinding import made_rewindable, rewound


@pytest.fixture(params=databases(), scope="module")
def scene(request, tmp_path_factory):
    """``scene(point)``: the installation as it was at that point, and its people in process, for a ``with`` block."""
    points = story(request.param)
    here = copied(points["ready"], tmp_path_factory.mktemp("scene"))
    made_rewindable(here)
    here = replace(here, engine=make_engine(here.app_url))
    stage = here.stage()
    stage.site.database.engine.dispose()

    @contextmanager
    def at(point: str):
        now = rewound(here, points[point])
        stage.clock = FixedClock(now.now)
        stage.site.database = replace(stage.site.database, engine=here.engine, clock=stage.clock)
        now.facts["trial"] = next((row.id for row in now.rows("SELECT id FROM trial")), "")
        yield now, stage

    yield at
    here.engine.dispose()
    dropped(here)


@pytest.fixture(params=databases())
def points(request: pytest.FixtureRequest) -> dict[str, Installation]:
    """The installation at each point of the story, to be copied; SQLite, then PostgreSQL."""
    return story(request.param)
