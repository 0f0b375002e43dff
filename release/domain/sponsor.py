"""The second step of release: the sponsor's, after the QP's (SP-RELEASE); and the QP's answer to a new weight."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kernel.refusals import Refusal
from manufacturing.domain.trial import SUBJECT_NOT_INCLUDED, SubjectStatus, trial_refusals
from release.domain.decisions import DecisionKind
from release.domain.refusals import RESULT_OOS, RESULT_UNDECIDABLE, WEIGHT_MISSING, WEIGHT_UNCHANGED
from release.domain.results import Outcome
from release.domain.review import (
    Check,
    ReleaseFacts,
    RequiredTest,
    it_outlasts_the_margin,
    nothing_is_held,
    production_is_complete,
    records_agree,
    trial_is_not_held,
)


def sponsor_refusals(
    facts: ReleaseFacts, *, subject_status: str, trial_status: str, now: datetime
) -> tuple[Refusal, ...]:
    """Why the sponsor cannot release now. Holds and expiry count again: the courier leaves before the scan."""
    refusals: list[Refusal] = []
    if subject_status != SubjectStatus.INCLUDED:
        refusals.append(SUBJECT_NOT_INCLUDED(code=facts.subject, status=subject_status))
    refusals.extend(trial_refusals(trial_status, ()))
    checks: tuple[Check, ...] = (
        production_is_complete,
        trial_is_not_held,
        nothing_is_held,
        it_outlasts_the_margin,
        records_agree,
    )
    for check in checks:
        refusals.extend(check(facts, DecisionKind.SPONSOR, now))
    return tuple(refusals)


def new_weight_refusals(facts: ReleaseFacts, *, same: bool) -> tuple[Refusal, ...]:
    """Why the doses per kg cannot be signed for anew: nothing changed, no weight, or a dose that fails."""
    if not facts.weighed:
        return (WEIGHT_MISSING(subject=facts.subject),)
    if same:
        return (WEIGHT_UNCHANGED(),)
    return tuple(refusal for test in facts.tests if test.per_kg for refusal in _failing(test))


def _failing(test: RequiredTest) -> Iterable[Refusal]:
    if test.outcome is Outcome.OOS:
        yield RESULT_OOS(test=test.name, value=test.value, limit=test.limit)
    elif test.outcome not in {Outcome.PASS, Outcome.ALERT, Outcome.REPORT}:
        yield RESULT_UNDECIDABLE(test=test.name, why=test.why)
