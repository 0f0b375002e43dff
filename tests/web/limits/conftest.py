"""The example on each database, once a run; the same one that the table of refusals uses."""

from __future__ import annotations

import pytest

from tests.databases import databases
from tests.web.refusals.world import World, world_on


@pytest.fixture(scope="session", params=databases())
def world(request, compiled) -> World:
    found = world_on(request.param)
    found.app.jinja_env.bytecode_cache = compiled
    return found
