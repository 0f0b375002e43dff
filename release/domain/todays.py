"""Would a result be judged by another version of the specification at all, and what the whole batch would be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kernel.refusals import N_
from release.domain.criteria import Criterion, Kind, Sterility
from release.domain.entries import analyte_of, is_from_records
from release.domain.results import Outcome


class Answer(StrEnum):
    """Of the whole batch under another version; nothing is decided by it."""

    PASSES = "would_pass"
    FAILS = "would_fail"
    OPEN = "cannot_be_told"


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion of the other version: its outcome there, None where the result cannot be held against it."""

    criterion: Criterion
    outcome: Outcome | None


NOT_TESTED = N_("this batch was not tested for it")
SAME = (
    (lambda one: one.kind, N_("it is another kind of result")),
    (lambda one: one.formula, N_("it is computed in another way")),
    (analyte_of, N_("another quantity is measured")),
    (lambda one: one.by_beads, N_("it is counted in another way")),
    (lambda one: one.population, N_("other cells are counted")),
    (lambda one: one.parent, N_("the share is taken of other cells")),
    (lambda one: one.method, N_("another method is asked for")),
)
TOO_EARLY = N_("the final reading came before the end of the incubation it asks for")


def not_comparable(measured: Criterion | None, other: Criterion) -> str:
    """Why a result measured for the one says nothing about the other; empty where it does."""
    if is_from_records(other):
        return ""
    if measured is None:
        return NOT_TESTED
    return next((why for same, why in SAME if same(measured) != same(other)), "")


def read_too_early(criterion: Criterion, text: str | None, day: int | None, final_days: Decimal) -> bool:
    """“No growth” after the incubation of one version is not final under one that asks for more days."""
    negative = criterion.kind is Kind.STERILITY and text == Sterility.FINAL_NEGATIVE.value
    return negative and (day is None or day < final_days)


def answer(judged: Iterable[Judged]) -> Answer:
    """One failure is a failure; a pass needs every mandatory criterion to be met."""
    rows = [one for one in judged if not one.criterion.report_only]
    if any(one.outcome is Outcome.OOS for one in rows):
        return Answer.FAILS
    needed = [one.outcome for one in rows if one.criterion.mandatory]
    met = all(outcome in {Outcome.PASS, Outcome.ALERT, Outcome.REPORT} for outcome in needed)
    return Answer.PASSES if needed and met else Answer.OPEN
