"""A reconstitution follows its instruction, and its in-use time is never longer than the expiry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from manufacturing.domain.plan import Reconstitution, ReconstitutionStep
from manufacturing.domain.process import parse_process
from release.domain.decisions import Disposition
from release.domain.reconstitution import ReconFacts, recon_refusals, usable_until
from tests.unit.manufacturing.test_process import body, problems

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
WORDS = {"en": "Thaw", "nl": "Ontdooien"}
PLAN = Reconstitution(Decimal(4), (ReconstitutionStep("thaw", WORDS, WORDS), ReconstitutionStep("wash", WORDS, WORDS)))
FACTS = ReconFacts(
    "NK26-0001-01",
    PLAN,
    1,
    Disposition.CERTIFIED_FINAL,
    NOW + timedelta(hours=3),
    NOW - timedelta(hours=1),
    NOW,
    NOW,
    Decimal(50),
)


@pytest.mark.req("ATMP-16-RECON")
@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"planned": None, "disposition": None}, ["RECON_NOT_PLANNED"]),
        ({"done": 2}, ["RECON_COMPLETE"]),
        ({"disposition": Disposition.QUARANTINE}, ["NOT_CERTIFIED"]),
        ({"disposition": Disposition.CERTIFIED_PENDING}, []),
        ({"usable_until": NOW}, ["RECON_EXPIRED"]),
        ({"done_at": NOW + timedelta(seconds=1)}, ["FUTURE_TIME"]),
        ({"done_at": NOW - timedelta(hours=2)}, ["TIME_ORDER"]),
        ({"volume_ml": Decimal(0)}, ["RECON_VOLUME"]),
    ],
)
def test_each_reason_against_a_step_is_named(change, codes):
    assert [one.code for one in recon_refusals(replace(FACTS, **change))] == codes


@pytest.mark.req("ATMP-16-RECON")
def test_the_in_use_time_begins_with_the_first_step_and_never_lengthens_the_expiry():
    late = NOW + timedelta(hours=9)
    assert usable_until(late, NOW, PLAN) == NOW + timedelta(hours=4)
    assert usable_until(NOW + timedelta(hours=2), NOW, PLAN) == NOW + timedelta(hours=2)
    assert usable_until(late, None, PLAN) == usable_until(late, NOW, None) == late


def test_a_process_gives_the_instruction_or_none():
    assert parse_process(body()).reconstitution is None
    steps = [
        {"key": "thaw", "title": WORDS, "instruction": WORDS},
        {"key": "wash", "title": WORDS, "instruction": WORDS},
    ]
    assert parse_process(body() | {"reconstitution": {"in_use_hours": "4", "steps": steps}}).reconstitution == PLAN
    for wrong in ({}, {"in_use_hours": "0", "steps": steps}, {"in_use_hours": "4", "steps": []}):
        assert any("reconstitution" in one for one in problems(body() | {"reconstitution": wrong}))
