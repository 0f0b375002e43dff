"""A bench with two filled containers, and label keys of its own."""

from __future__ import annotations

import pytest

from labels.ports import label_keys
from tests.integration.labels.factory import KEYS, new_bench
from tests.places import remembered


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setattr(label_keys, "answer", lambda: KEYS)
    return KEYS


@pytest.fixture
def bench(database, person):
    return remembered(database, "bench", lambda: new_bench(database, person))
