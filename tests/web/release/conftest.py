"""Scenes that several pages are read on."""

from __future__ import annotations

import pytest

from labels.ports import label_keys
from release import ports
from tests.integration.release.giving_factory import KEYS, checked_order, new_giving, new_patient, new_product
from tests.integration.release.recalling import spread
from tests.places import along, remembered


@pytest.fixture
def giving(app, database, person, monkeypatch):
    """After the application has plugged in its own keys."""
    monkeypatch.setattr(label_keys, "answer", lambda: KEYS)
    monkeypatch.setattr(ports.integrity_faults, "answer", lambda _session, _batch: [])
    return remembered(database, "giving", lambda: new_giving(database, person))


@pytest.fixture
def product(giving):
    return along(giving, "pending", lambda: new_product(giving, new_patient(giving), state="certified_pending"))


@pytest.fixture
def ready(giving, product):
    """An order of today, its check met."""
    return along(giving, "checked", lambda: checked_order(giving))


@pytest.fixture
def lot(giving):
    """A reagent lot that went into three batches: infused, at the ward, in the pharmacy."""
    return remembered(giving.database, "spread", lambda: spread(giving))
