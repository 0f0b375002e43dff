"""Review by exception: what deviated, was late, was corrected, failed or was stopped (AT-EXC)."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.accounts.tables import PersonRow
from kernel.paging import PAGE, before, page_of
from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.tables import TrailRow
from kernel.words import phrase
from kernel.work import NOBODY
from labels.queries.labels import labels_of_batch
from manufacturing.domain.deviations import DeviationClass, DeviationStatus
from manufacturing.domain.environment import Reading
from manufacturing.queries.batches import deviations_of
from manufacturing.queries.environment import environment_of_batch, sample_of
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.deviations import DeviationRow
from release.domain.results import Outcome
from release.queries.bench_exceptions import CORRECTED, NOT_ASKED_FOR, bench_exceptions, entry
from release.queries.judging import batch_verdicts
from release.queries.lot_exceptions import lot_exceptions
from release.queries.oos import oos_stories
from release.queries.records import all_holds, everyone_involved
from release.queries.testing import required_tests, result_document, results_by_test

LATE_RESULT = timedelta(hours=24)
BENCH_ACTS = ("collection.", "batch.", "step.", "container.", "label.", "deviation.", "result.", "sterility.")
FAILED_SIGNATURE = N_("failed signature")
OUT_OF_THE_TRAIL = {CORRECTED, FAILED_SIGNATURE}
DEVIATION, AWAITED = N_("deviation"), N_("environment pending")
QUIET = {NOT_ASKED_FOR, AWAITED}
SETTLED = (DEVIATION, DeviationClass.MINOR, DeviationStatus.CLOSED)
DECIDING_ACTS = ("batch.review", "batch.reject")


def list_exceptions(session: Session, batch: BatchRow) -> list[dict[str, Any]]:
    """One entry each: ``kind``, ``what``, ``who``, ``at``, ``why``; in the order of the kinds, then of time.

    Minor deviations that are closed come after what is graver, then what was not asked for or is awaited, last what the
    trail alone tells, of which there may be thousands.
    """
    people = names(session)
    found = [
        *failing_results(session, batch),
        *oos_entries(session, batch),
        *deviations(session, batch, people),
        *bench_exceptions(session, batch, people),
        *corrected_results(session, batch, people),
        *environment(session, batch, people),
        *late_results(session, batch, people),
        *lot_exceptions(session, batch, people),
        *voided_labels(session, batch),
        *holds(session, batch, people),
        *failed_signatures(session, batch),
    ]
    return sorted(found, key=rank)


def rank(one: Mapping[str, Any]) -> int:
    if one["kind"] in OUT_OF_THE_TRAIL:
        return 3
    if one["kind"] in QUIET:
        return 2
    return int((one["kind"], one.get("class"), one.get("status")) == SETTLED)


def exceptions_page(listed: Iterable[dict[str, Any]], args: Mapping[str, str]) -> dict[str, Any]:
    """Those of the kind and with the words that are asked for, a page at a time, each with its place among all."""
    found = list(enumerate(listed, 1))
    kind, words = args.get("kind", ""), args.get("q", "").strip().casefold()
    wanted = [(place, one) for place, one in found if kind in ("", one["kind"]) and words in told(one)]
    page = page_of(args, len(wanted))
    return {
        "exceptions": [one | {"place": place} for place, one in wanted[before(page) : before(page) + PAGE]],
        "kinds": list(Counter(one["kind"] for _, one in found).items()),
        "total": len(found),
        "page": page,
    }


def told(one: Mapping[str, Any]) -> str:
    """Everything that is said of it, in both languages, to be searched."""
    what = one["what"].values() if isinstance(one["what"], Mapping) else [one["what"]]
    return " ".join(str(said) for said in (*what, one["who"], one["why"]) if said).casefold()


def environment(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Samples of the environment that are above a limit, or not read yet; above first (ATMP-4-EM)."""
    rows = environment_of_batch(session, batch.id)
    found = [(row, sample_of(session, row)) for row in rows]
    for row, sample in sorted(found, key=lambda one: one[0].count is None):
        reading = sample.reading(row.count)
        if reading is not Reading.PASS:
            said = "–" if row.count is None else f"{expanded(row.count)} {sample.unit}"
            what = sample.title + f" ({row.place}, {sample.grade}): {said}"
            kind = AWAITED if reading is Reading.PENDING else N_("environment above its limit")
            who = people.get(row.read_by or row.taken_by)
            yield entry(kind, what, who=who, at=row.read_at or row.exposed_until, why=row.corrected_because)


def failing_results(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    words = {
        Outcome.OOS: N_("out of specification"),
        Outcome.ALERT: N_("beyond the alert limit"),
    }
    for one in batch_verdicts(session, batch.id):
        if one.verdict.outcome in words:
            limit = (f"({one.limit})",) if one.limit else ()
            what = phrase(one.criterion.name, one.value, *limit)
            yield entry(words[one.verdict.outcome], what, test=one.test.number)


def oos_entries(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    """Each record of a failed result, and each value of its retest, in order (QC-SHOWALL)."""
    for one in oos_stories(session, batch.id):
        text = f"{one['title']}: {one['found']}"
        yield entry(
            N_("out-of-specification record"),
            text,
            who=one["decided by"],
            at=one["opened at"],
            why=one["decision"],
            status=one["status"],
        )
        for test in one["retest"]["tests"] if one["retest"] else ():
            values = ", ".join(value["value"] for value in test["entries"]) or "–"
            yield entry(N_("retest"), f"{test['test']}: {values}", status=test["outcome"] or test["status"])


def deviations(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The gravest first, of these the open ones, of these the oldest."""

    def gravity(one: DeviationRow) -> tuple[int, bool]:
        return -list(DeviationClass).index(DeviationClass(one.classification)), one.status == DeviationStatus.CLOSED

    for one in sorted(deviations_of(session, batch.id), key=gravity):
        text = f"{one.number}: {one.description}"
        who = people.get(one.raised_by, one.raised_by)
        more = {"class": one.classification, "status": one.status}
        yield entry(DEVIATION, text, who=who, at=one.raised_at, why=one.impact, **more)


def corrected_results(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    results = results_by_test(session, batch.id)
    for test in required_tests(session, batch.id):
        kept = [row for row in results[test.id] if row.day is None or row.reason]
        for earlier, later in itertools.pairwise(kept):
            old, new = (result_document(row, people)["value"] for row in (earlier, later))
            who = people.get(later.entered_by, later.entered_by)
            text = f"{test.number}: {old} → {new}"
            if earlier.withdrawn_at is not None:
                text += f" ({earlier.withdrawn_because}; {earlier.evidence})"
            yield entry(N_("corrected result"), text, who=who, at=later.entered_at, why=later.reason)


def late_results(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    results = results_by_test(session, batch.id)
    for test in required_tests(session, batch.id):
        for row in results[test.id]:
            if row.entered_at - row.measured_at > LATE_RESULT:
                who = people.get(row.entered_by, row.entered_by)
                yield entry(N_("late entry"), test.number, who=who, at=row.entered_at, why=row.reason)


def voided_labels(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    for one in labels_of_batch(session, batch.id):
        if one.status in {"voided", "destroyed", "superseded"}:
            yield entry(N_("voided label"), phrase(one.short_number, one.status), at=one.ended_at, why=one.reason)


def holds(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    for one in all_holds(session, batch.id):
        who = people.get(one.set_by, one.set_by)
        yield entry(N_("hold"), one.cause, who=who, at=one.set_at, why=one.reason, lifted_at=one.lifted_at)


def failed_signatures(session: Session, batch: BatchRow) -> Iterator[dict[str, Any]]:
    """Wrong passwords under the names of people of this batch, on acts of the bench, since it was opened.

    An attempt belongs to a person and a moment, not to a batch: it may have been meant for another one.
    """
    logins = logins_of(session, batch.id)
    for payload, at, action in refused_attempts(session, batch):
        login = json.loads(payload).get("details", {}).get("login")
        if login in logins and action.startswith(BENCH_ACTS) and action not in DECIDING_ACTS:
            yield entry(FAILED_SIGNATURE, action, who=logins[login], at=at)


def logins_of(session: Session, batch_id: str) -> dict[str, str]:
    """Login and name of everybody who made or tested the batch."""
    involved = sorted(everyone_involved(session, batch_id))
    people = sa.select(PersonRow.login, PersonRow.full_name).where(PersonRow.id.in_(involved))
    return dict(session.execute(people).all())


def refused_attempts(session: Session, batch: BatchRow) -> Sequence[Any]:
    """What was refused to somebody who was not signed in, since the batch was opened."""
    refused = (
        sa.select(TrailRow.payload, TrailRow.at, TrailRow.action)
        .where(TrailRow.outcome == "refused", TrailRow.actor_id == NOBODY.id, TrailRow.at >= batch.opened_at)
        .order_by(TrailRow.seq)
    )
    return session.execute(refused).all()
