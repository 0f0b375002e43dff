"""One batch per test; the check of integrity answers as the installation plugs it."""

from __future__ import annotations

import pytest

from kernel.trail.verify import record_faults
from release.ports import integrity_faults
from release.queries.records import records_of_batch
from tests.integration.release.factory import Made
from tests.places import remembered


@pytest.fixture(autouse=True)
def integrity(database, monkeypatch):
    def answer(session, batch_id):
        return record_faults(session, records_of_batch(session, batch_id), database.seal.public)

    monkeypatch.setattr(integrity_faults, "answer", answer)


@pytest.fixture
def made(database):
    return remembered(database, "made", lambda: Made(database))
