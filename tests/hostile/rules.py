"""Which modules hold rules, and which of them may lose no fault at all (hazards 3j)."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

KERNEL = (
    "kernel/lifecycle.py",
    "kernel/quantities.py",
    "kernel/segregation.py",
    "kernel/signatures.py",
)
"""The rules that know no trade."""

CORE = (
    "kernel/segregation.py",
    "manufacturing/domain/expiry.py",
    "manufacturing/domain/units.py",
    "release/domain/decisions.py",
    "release/domain/dispensing.py",
)
"""Disposition, separation of duties, units, expiry and the decision at a scan."""

MEASURED = (
    *CORE,
    "kernel/lifecycle.py",
    "kernel/quantities.py",
    "kernel/signatures.py",
    "labels/domain/labels.py",
    "labels/domain/payload.py",
    "manufacturing/domain/batches.py",
    "manufacturing/domain/collections.py",
    "manufacturing/domain/donors.py",
    "manufacturing/domain/hold_times.py",
    "manufacturing/domain/holds.py",
    "manufacturing/domain/steps.py",
    "release/domain/criteria.py",
    "release/domain/dose.py",
    "release/domain/duties.py",
    "release/domain/eligibility.py",
    "release/domain/guards.py",
    "release/domain/judgement.py",
    "release/domain/limits.py",
    "release/domain/metrics.py",
    "release/domain/oos.py",
    "release/domain/patient_figures.py",
    "release/domain/review.py",
    "release/domain/safety.py",
    "release/domain/supply.py",
)

WITHOUT_RULES = (
    "labels/domain/refusals.py",
    "manufacturing/domain/imports/refusals.py",
    "release/domain/dispensing_refusals.py",
    "release/domain/refusals.py",
    "release/domain/statements.py",
    "release/domain/supply_refusals.py",
)
"""Sentences only: their codes and status are held by the tables of tests/web/refusals."""


def modules() -> tuple[str, ...]:
    found = (
        path for package in ("labels", "manufacturing", "release") for path in ROOT.glob(f"{package}/domain/**/*.py")
    )
    return tuple(sorted(str(path.relative_to(ROOT)) for path in found if path.name != "__init__.py"))


def not_measured() -> tuple[str, ...]:
    return tuple(path for path in modules() if path not in {*MEASURED, *WITHOUT_RULES})
