"""Tests of a batch as people look at them: the grid with limits, one test with everything ever entered."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.quantities import exact
from kernel.refusals import N_, Refusal
from kernel.rounds import for_each
from kernel.web.lines import chained, first_lines
from kernel.web.registry import FINDERS, TASKS, Lines, Task, panel, view
from kernel.web.site import Viewer
from manufacturing.domain.expiry import hours
from manufacturing.queries.batch_content import frozen_version, identity
from manufacturing.queries.batches import get_batch
from manufacturing.tables.batches import BatchRow
from release.api.testing import TESTS, action_refusals, verify_refusals
from release.domain.criteria import Comparison, Criterion, Kind
from release.domain.decisions import QcTestStatus
from release.domain.entries import analyte_of, final_due, is_from_records
from release.domain.results import Outcome
from release.queries.earlier import earlier_batches
from release.queries.judging import JudgedTest, batch_verdicts
from release.queries.oos import oos_line, oos_of_test
from release.queries.reopening import cancelling_refusals, reopening_refusals
from release.queries.review import outcome_shown
from release.queries.testing import (
    content_of_test,
    criterion_of,
    entry_document,
    expected_at,
    get_record,
    required_tests,
    results_of,
    specification_of,
)
from release.queries.verifying import conversion_text
from release.queries.work_list import cultures, incubations, measured_by_others, tests_in, untested_batches
from release.tables.testing import QcTestRow, ResultRow

WORDS = {
    Outcome.PASS: (N_("within specification"), "ok"),
    Outcome.ALERT: (N_("within, beyond the alert limit"), "warn"),
    Outcome.OOS: (N_("out of specification"), "stop"),
    Outcome.REPORT: (N_("reported"), "plain"),
    Outcome.UNDECIDABLE: (N_("cannot be judged"), "stop"),
    Outcome.PENDING: (N_("no result yet"), "wait"),
}
STATES = {
    QcTestStatus.REQUESTED: (N_("no result yet"), "wait"),
    QcTestStatus.IN_TEST: (N_("in test"), "wait"),
    QcTestStatus.INTERIM: (N_("negative to date, not final"), "wait"),
    QcTestStatus.ENTERED: (N_("entered, not verified"), "wait"),
    QcTestStatus.INVALIDATED: (N_("declared invalid, not used"), "plain"),
    QcTestStatus.REOPENED: (N_("opened again for a correction"), "stop"),
    QcTestStatus.CANCELLED: (N_("cancelled"), "plain"),
}


VERIFY, READ, FINAL_READING, OPEN_TESTS = N_("Verify"), N_("Read"), N_("Final reading"), N_("Open tests")


def state_of(one: JudgedTest) -> tuple[str, str]:
    """Word and tone: an outcome only where there is one (PHE-2.6.27-1)."""
    status = QcTestStatus(one.test.status)
    if is_from_records(one.criterion) or status is QcTestStatus.VERIFIED:
        return WORDS[one.verdict.outcome]
    return STATES[status]


def limit_bar(criterion: Criterion, value: Fraction | None) -> dict[str, int] | None:
    """Limits and value on a scale of 0 to 1000; what is good lies between ``low`` and ``high``."""
    if criterion.comparison is Comparison.ONE_OF or (criterion.limit is None and criterion.alert is None):
        return None
    first = criterion.limit if criterion.limit is not None else criterion.alert
    known = [exact(one) for one in (first, criterion.upper) if one is not None]
    top = max([*known, *([value] if value is not None else [])]) * Fraction(6, 5)
    if criterion.unit == "%":
        top = Fraction(100)
    if top == 0:
        return None
    low = exact(first) if criterion.has_lower and first is not None else Fraction(0)
    ends = criterion.upper_limit if criterion.limit is not None else criterion.alert
    high = exact(ends) if criterion.has_upper and ends is not None else top
    bar = {"low": per_mille(low, top), "high": per_mille(high, top)}
    if value is not None:
        bar["value"] = per_mille(value, top)
    return bar


def per_mille(value: Fraction, top: Fraction) -> int:
    return min(1000, int(1000 * value / top))


def row_of(one: JudgedTest) -> dict[str, Any]:
    word, tone = state_of(one)
    culture = one.criterion.kind is Kind.STERILITY
    return {
        "id": one.test.id,
        "number": one.test.number,
        "key": one.test.criterion,
        "criterion": one.criterion.name,
        "population": one.criterion.population,
        "method": one.criterion.method,
        "stage": one.criterion.stage.value,
        "mandatory": one.criterion.mandatory,
        "may_wait": one.may_wait and one.criterion.mandatory,
        "from_records": is_from_records(one.criterion),
        "culture": culture,
        "status": one.test.status,
        "state": word,
        "tone": tone,
        "outcome": outcome_shown(one),
        "retest_of": one.test.retest_of,
        "value": one.value,
        "reason": one.verdict.reason,
        "limit": one.limit,
        "day": one.test.last_read_day if culture else None,
        "bar": limit_bar(one.criterion, one.verdict.compared),
        "basis": [list(pair) for pair in one.basis],
    }


def batch_about(session: Session, batch_id: str) -> dict[str, Any]:
    batch = get_batch(session, batch_id)
    return {
        "id": batch.id,
        "number": batch.number,
        "status": batch.status,
        "subject_id": batch.subject_id,
        "collection_id": batch.collection_id,
        "expires_at": batch.expires_at,
        **identity(session, batch),
    }


@view(
    "test.list",
    "/batches/<batch_id>/tests",
    permission="result:read",
    template="release/tests.html",
    summary="Every required test of a batch with its value, limit and verdict.",
)
def show_tests(session: Session, _viewer: Viewer, batch_id: str) -> dict[str, Any]:
    batch = get_batch(session, batch_id)
    return {
        "batch": batch_about(session, batch_id),
        "specification": frozen_version(session, batch.specification_document_id),
        "tests": [row_of(one) for one in batch_verdicts(session, batch_id, everything=True)],
    }


@view(
    "test.show",
    TESTS + "/<test_id>",
    permission="result:read",
    template="release/result.html",
    summary="One test: limit, verdict with its formula, every value ever entered, what can be done.",
)
def show_test(session: Session, viewer: Viewer, test_id: str) -> dict[str, Any]:
    test = get_record(session, QcTestRow, test_id)
    batch = get_batch(session, test.batch_id)
    judged = next(one for one in batch_verdicts(session, batch.id, everything=True) if one.test.id == test.id)
    specification = specification_of(session, batch)
    people = names(session)
    return {
        "batch": batch_about(session, batch.id),
        "test": row_of(judged),
        "content": content_of_test(session, test_id),
        "entries": [entry_view(session, judged.criterion, row, people, test) for row in results_of(session, test_id)],
        "inoculated_at": test.inoculated_at,
        "expected_at": expected_at(specification, judged.criterion, test, batch) if judged.may_wait else None,
        "earlier": earlier_batches(session, test, judged.criterion),
        "oos": [oos_line(session, row, people) for row in oos_of_test(session, test)],
        "actions": test_actions(session, viewer, test, judged.criterion),
    }


def entry_view(
    session: Session, criterion: Criterion, row: ResultRow, people: dict[str, str], test: QcTestRow
) -> dict[str, Any]:
    """One entry with its conversion; the one that counts is marked, the others stay."""
    shown = conversion_text(criterion, row) if analyte_of(criterion) else None
    return {**entry_document(session, row, people), "conversion": shown, "counts": row.id == test.result_id}


ACTIONS = {
    QcTestStatus.REQUESTED: (
        ("result.enter", "enter"),
        ("sterility.inoculate", "inoculate"),
        ("test.cancel", "cancel"),
    ),
    QcTestStatus.IN_TEST: (("sterility.read", "read"), ("sterility.conclude", "conclude"), ("test.cancel", "cancel")),
    QcTestStatus.INTERIM: (("sterility.read", "read"), ("sterility.conclude", "conclude"), ("test.cancel", "cancel")),
    QcTestStatus.ENTERED: (("result.verify", "verify"), ("result.correct", "correct")),
    QcTestStatus.VERIFIED: (("result.reopen", "reopen"),),
    QcTestStatus.INVALIDATED: (),
    QcTestStatus.REOPENED: (("result.correct", "correct"),),
    QcTestStatus.CANCELLED: (),
}


def test_actions(session: Session, viewer: Viewer, test: QcTestRow, criterion: Criterion) -> list[dict[str, Any]]:
    """What the state offers, each with why this person could not do it now; what the kind does not know is left out."""
    if is_from_records(criterion):
        return []
    culture = criterion.kind is Kind.STERILITY
    found = []
    for name, action in ACTIONS[QcTestStatus(test.status)]:
        if (action == "enter" and culture) or (action == "inoculate" and not culture):
            continue
        if action == "cancel" and (criterion.mandatory or test.retest_id):
            continue
        refusals = refusals_against(session, viewer, test, criterion, action)
        found.append({"name": name, "why": [viewer.speech.refusal(one)["sentence"] for one in refusals]})
    return found


def refusals_against(
    session: Session, viewer: Viewer, test: QcTestRow, criterion: Criterion, action: str
) -> tuple[Refusal, ...]:
    """Why this person could not do it now."""
    if action == "verify":
        return verify_refusals(session, test.id, viewer.actor.id)
    if action == "reopen":
        return reopening_refusals(session, test, viewer.actor.id)
    if action == "cancel":
        return cancelling_refusals(test, criterion)
    return action_refusals(session, test.id, action, viewer.actor.id)


def tests_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("result:read") or not required_tests(session, batch_id):
        return None
    rows = [row_of(one) for one in batch_verdicts(session, batch_id, everything=True)]
    return {"template": "release/tests_panel.html", "tests": rows, "batch_id": batch_id}


def find_test(session: Session, code: str) -> str | None:
    test_id = session.execute(sa.select(QcTestRow.id).where(QcTestRow.number == code.strip())).scalar_one_or_none()
    return f"{TESTS}/{test_id}" if test_id else None


def result_tasks(session: Session, viewer: Viewer) -> list[Lines]:
    """Results that wait for a second person; never one's own entry."""
    entered = tests_in(QcTestStatus.ENTERED).where(measured_by_others(viewer.actor.id))
    about: dict[str, Any] = {"permission": "result:verify", "action": VERIFY, "record": QcTestRow.number}
    return first_lines(session, viewer, entered, partial(verify_task, session), **about, deadline=BatchRow.expires_at)


def empty_tasks(session: Session, viewer: Viewer) -> list[Lines]:
    """Batches with tests that nobody has entered anything of."""
    about: dict[str, Any] = {"permission": "result:enter", "action": OPEN_TESTS, "record": BatchRow.number}
    return first_lines(session, viewer, untested_batches(), untested_task, **about, deadline=BatchRow.expires_at)


def verify_task(session: Session, test: QcTestRow, batch: BatchRow) -> Task:
    name = criterion_of(specification_of(session, batch), test).name
    reason, place = N_("%(test)s is entered and waits to be verified"), f"{TESTS}/{test.id}/verify"
    return Task("result:verify", test.number, reason, place, VERIFY, {"test": name}, deadline=batch.expires_at)


def untested_task(batch_id: str, number: str, expires_at: datetime | None, count: int) -> Task:
    reason, place = N_("has %(count)s tests without a result"), f"/batches/{batch_id}/tests"
    return Task("result:enter", number, reason, place, OPEN_TESTS, {"count": str(count)}, deadline=expires_at)


def culture_tasks(session: Session, viewer: Viewer) -> list[Lines]:
    """Cultures with their next reading; each kind by itself, because each has its own days of incubation."""
    kinds = incubations(session) if viewer.may("result:enter") else []
    readings = [(kind, final) for kind in kinds for final in (True, False)]

    def of_kind(reading: tuple[tuple[str, str, Decimal], bool]) -> list[Lines]:
        (document_id, key, days), final = reading
        over = QcTestRow.inoculated_at <= viewer.at - hours(days * 24)
        action = FINAL_READING if final else READ
        query, draw = (
            cultures(document_id, key).where(over if final else ~over),
            partial(culture_task, session, days, action),
        )
        about: dict[str, Any] = {"permission": "result:enter", "action": action, "record": QcTestRow.number}
        return first_lines(session, viewer, query, draw, **about, deadline=QcTestRow.inoculated_at)

    return chained(for_each(of_kind, readings))


def culture_task(session: Session, days: Decimal, action: str, test: QcTestRow, batch: BatchRow) -> Task:
    final = action == FINAL_READING
    reason = N_("%(test)s: the incubation is over, enter the final reading") if final else N_("%(test)s is in test")
    facts = {"test": criterion_of(specification_of(session, batch), test).name}
    due = final_due(test.inoculated_at, days) if test.inoculated_at else None
    place = f"{TESTS}/{test.id}/{'conclude' if final else 'read'}"
    return Task("result:enter", test.number, reason, place, action, facts, deadline=due, urgent=final)


panel("batch", tests_panel)
FINDERS.append(find_test)
TASKS.extend([result_tasks, culture_tasks, empty_tasks])
