"""What the races share: the installations of the story on each engine, and a parent that starts servers quickly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import databases
from tests.nursery import Nursery
from tests.races.installations import Installation, story


@pytest.fixture(params=databases())
def points(request: pytest.FixtureRequest) -> dict[str, Installation]:
    """The installation at each point of the story, to be copied; SQLite, then PostgreSQL."""
    return story(request.param)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    with Nursery() as found:
        yield found
