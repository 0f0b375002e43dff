"""One story per test; what the packages above answer is settled here."""

from __future__ import annotations

import pytest

import release.domain.specification_documents  # noqa: F401  (the kind of document that batches freeze)
from manufacturing.ports import unreconciled_labels
from tests.integration.manufacturing.story import Story
from tests.places import remembered


@pytest.fixture
def story(database, person):
    return remembered(database, "story", lambda: Story(database, person))


@pytest.fixture(autouse=True)
def labels(monkeypatch):
    """How many labels are not settled, by the port as the application plugs it; 0 unless a test says otherwise."""
    answer = {"count": 0}
    monkeypatch.setattr(unreconciled_labels, "answer", lambda _session, _batch_id: answer["count"])
    return answer
