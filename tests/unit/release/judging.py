"""A child, the preset, and short ways to judge one result."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from manufacturing.domain.bead_counts import CountedEvents
from release.domain.judgement import judge
from release.domain.results import Censoring, Judging, Measurement
from release.domain.specifications import parse_specification
from tests.unit.release.preset import BODY

D, F = Decimal, Fraction
SPEC = parse_specification(BODY)
EPS = D("1e-12")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CHILD = Judging(weight_kg=D("18.4"), volume_ml=D("40.5"), label_volume_ml=D("40.5"), starts_at=NOW)


def verdict(key, value=None, context=CHILD, *, operator="", text=None, count=None, **change):
    number = None if value is None else D(value)
    measurement = Measurement(number, Censoring(operator), text, count)
    return judge(replace(SPEC.criterion(key), **change), measurement, context)


def outcome(*args, **kwargs):
    return verdict(*args, **kwargs).outcome.value


def counted(events, beads=20000, dilution="1"):
    return CountedEvents(events, beads, D(49850), D(50), D(dilution))
