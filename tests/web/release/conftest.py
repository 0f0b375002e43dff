"""Scenes that several pages are read on."""

from __future__ import annotations

import pytest

from labels.ports import label_keys
from release import ports
from tests.integration.release.giving_factory import KEYS, new_giving
from tests.integration.release.recalling import spread
from tests.places import remembered


@pytest.fixture
def lot(app, database, person, monkeypatch):
    """A reagent lot that went into three batches: infused, at the ward, in the pharmacy."""
    monkeypatch.setattr(label_keys, "answer", lambda: KEYS)
    monkeypatch.setattr(ports.integrity_faults, "answer", lambda _session, _batch: [])
    giving = remembered(database, "giving", lambda: new_giving(database, person))
    return remembered(database, "spread", lambda: spread(giving))
