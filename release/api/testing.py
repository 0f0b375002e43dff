"""What is done with a required test: enter, correct, inoculate, read, conclude, verify."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

from kernel.refusals import N_, STATE_NOT_ALLOWED, Refusal
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.queries.batches import get_batch
from manufacturing.tables.samples import SampleRow
from release.domain.criteria import Criterion, Kind, Sterility
from release.domain.entries import is_from_records, units_of
from release.queries.acting import acting_refusals, checking_refusals
from release.queries.earlier import earlier_batches
from release.queries.testing import (
    content_of_test,
    criterion_of,
    get_record,
    specification_of,
)
from release.queries.verifying import unopened_refusals, verify_content
from release.schemas.testing import ConcludeSchema, InoculateSchema, ReadSchema, VerifySchema, entry_schema_of
from release.services.testing import (
    conclude_culture,
    correct_result,
    enter_result,
    inoculate,
    read_culture,
    verify_result,
)
from release.tables.testing import QcTestRow, ResultRow

TESTS = "/tests"
ENTERED = N_("I read this value from the raw data and entered it as it stands there.")


def criterion_for(session: Session, test_id: str) -> tuple[QcTestRow, Criterion]:
    test = get_record(session, QcTestRow, test_id)
    return test, criterion_of(specification_of(session, get_batch(session, test.batch_id)), test)


def entry_schema(session: Session, _viewer: Viewer, test_id: str) -> Schema:
    """The fields that this criterion asks for."""
    _, criterion = criterion_for(session, test_id)
    return entry_schema_of(criterion)


def action_refusals(session: Session, test_id: str, action: str, person_id: str) -> tuple[Refusal, ...]:
    """Why the test's state, or its kind, does not allow this now."""
    test, criterion = criterion_for(session, test_id)
    found = acting_refusals(session, test, criterion, action, person_id)
    culture = criterion.kind is Kind.STERILITY
    if is_from_records(criterion):
        return found
    if (action == "inoculate" and not culture) or (action == "enter" and culture):
        return (STATE_NOT_ALLOWED(action=action, record="test", state=criterion.kind.value),)
    return found


def verify_refusals(session: Session, test_id: str, person_id: str) -> tuple[Refusal, ...]:
    test = get_record(session, QcTestRow, test_id)
    return (
        *action_refusals(session, test_id, "verify", person_id),
        *checking_refusals(session, test, person_id),
        *unopened_refusals(session, test, person_id),
    )


def before_entering(session: Session, viewer: Viewer, test_id: str) -> dict[str, Any]:
    """Method and unit of the specification; never a value (QC-BLANK), nor a time that nobody read off."""
    _, criterion = criterion_for(session, test_id)
    units = units_of(criterion)
    initial: dict[str, Any] = {"method": criterion.method, "operator": "="}
    if units and not criterion.by_beads:
        initial["unit"] = units[0]
    return {"initial": initial, "refusals": action_refusals(session, test_id, "enter", viewer.actor.id)}


def before_correcting(session: Session, viewer: Viewer, test_id: str) -> dict[str, Any]:
    prepared = before_entering(session, viewer, test_id)
    test, _ = criterion_for(session, test_id)
    row = session.get(ResultRow, test.result_id) if test.result_id else None
    if row is not None:
        known = {"method": row.method, "measured_at": row.measured_at, "read_at": row.measured_at}
        if row.sample_id:
            known["sample"] = session.get_one(SampleRow, row.sample_id).code
        prepared["initial"] |= {**known, "raw_data_reference": row.raw_data_reference}
    return {**prepared, "refusals": action_refusals(session, test_id, "correct", viewer.actor.id)}


def before_reading(action: str) -> Any:
    def prepare(session: Session, viewer: Viewer, test_id: str) -> dict[str, Any]:
        _, criterion = criterion_for(session, test_id)
        refusals = action_refusals(session, test_id, action, viewer.actor.id)
        return {"initial": {"method": criterion.method}, "refusals": refusals}

    return prepare


def before_verifying(session: Session, viewer: Viewer, test_id: str) -> dict[str, Any]:
    test, criterion = criterion_for(session, test_id)
    return {
        "earlier": earlier_batches(session, test, criterion),
        "refusals": verify_refusals(session, test_id, viewer.actor.id),
    }


def done(row: QcTestRow, message: str) -> Done:
    body = {"id": row.id, "number": row.number, "status": row.status, "outcome": row.outcome}
    return Done(f"{TESTS}/{row.id}", message, body)


@act(
    "result.enter",
    TESTS + "/<test_id>/enter",
    permission="result:enter",
    title=N_("Enter the result"),
    schema=entry_schema,
    dynamic_schema=True,
    content=content_of_test,
    prepare=before_entering,
    signs=1,
    meaning=ENTERED,
    template="release/result_act.html",
)
def enter(work: Work, test_id: str, **entry: Any) -> Done:
    return done(enter_result(work, test_id, **entry), N_("Entered. Another person verifies it against the raw data."))


@act(
    "result.correct",
    TESTS + "/<test_id>/correct",
    permission="result:enter",
    title=N_("Correct the result"),
    schema=entry_schema,
    dynamic_schema=True,
    content=content_of_test,
    prepare=before_correcting,
    signs=1,
    needs_reason=True,
    meaning=N_("I correct this entry; the value that stood there stays readable."),
    template="release/result_act.html",
)
def correct(work: Work, test_id: str, **entry: Any) -> Done:
    return done(correct_result(work, test_id, **entry), N_("Corrected. Another person verifies it."))


@act(
    "sterility.inoculate",
    TESTS + "/<test_id>/inoculate",
    permission="result:enter",
    title=N_("Record the inoculation"),
    schema=InoculateSchema,
    content=content_of_test,
    prepare=before_reading("inoculate"),
    signs=1,
    meaning=N_("I inoculated a sample of this product, cells included, at the time given."),
    template="release/result_act.html",
)
def start_culture(work: Work, test_id: str, **entry: Any) -> Done:
    return done(inoculate(work, test_id, **entry), N_("In test."))


@act(
    "sterility.read",
    TESTS + "/<test_id>/read",
    permission="result:enter",
    title=N_("Record a reading: negative to date"),
    schema=ReadSchema,
    content=content_of_test,
    prepare=before_reading("read"),
    signs=1,
    meaning=N_("I read the culture at the time given: no growth to date."),
    template="release/result_act.html",
)
def read(work: Work, test_id: str, **entry: Any) -> Done:
    return done(read_culture(work, test_id, **entry), N_("Negative to date. This is not a final result."))


@act(
    "sterility.conclude",
    TESTS + "/<test_id>/conclude",
    permission="result:enter",
    title=N_("Enter the final reading"),
    schema=ConcludeSchema,
    content=content_of_test,
    prepare=before_reading("conclude"),
    signs=1,
    meaning=N_("I read the culture at the time given, with the result given."),
    template="release/result_act.html",
)
def conclude(work: Work, test_id: str, **entry: Any) -> Done:
    row = conclude_culture(work, test_id, **entry)
    if entry["reading"] == Sterility.POSITIVE.value:
        return done(row, N_("Positive is entered. Have it verified at once: until then it stops nothing."))
    return done(row, N_("Final negative is entered. Another person verifies it."))


@act(
    "result.verify",
    TESTS + "/<test_id>/verify",
    permission="result:verify",
    title=N_("Verify the result"),
    schema=VerifySchema,
    content=verify_content,
    prepare=before_verifying,
    signs=1,
    meaning=N_("I compared this result with its raw data and had no hand in it."),
    template="release/result_act.html",
)
def verify(work: Work, test_id: str, **answers: Any) -> Done:
    row = verify_result(work, test_id, **answers)
    failed = row.outcome == "oos"
    message = N_("Verified: out of specification. The batch is on hold.") if failed else N_("Verified.")
    return done(row, message)
