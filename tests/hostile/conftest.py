"""What is killed: a server of its own on each database, out of one nursery."""

from __future__ import annotations

import pytest

from tests.databases import databases
from tests.nursery import Nursery


@pytest.fixture(params=databases())
def engine(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def nursery():
    with Nursery() as found:
        yield found
