"""Why somebody may not act on a test now: its state, its kind, and for a retest what was authorised."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.refusals import Refusal
from kernel.segregation import another_person
from manufacturing.domain.hands import hand_refusals
from release.domain.criteria import Criterion
from release.domain.decisions import QC_TEST
from release.domain.entries import is_from_records
from release.domain.oos import RETEST_ANALYST, RETEST_NOT_AUTHORISED, SOD_OOS
from release.domain.refusals import RESULT_FROM_RECORDS, SOD_RESULT
from release.queries.oos import deciders_before, earlier_analysts
from release.queries.separation import deciders
from release.queries.testing import RESOLVED, get_record, people_of_test, results_of
from release.tables.oos import RetestRow
from release.tables.testing import QcTestRow

MEASURING = frozenset({"enter", "inoculate", "read", "conclude", "correct"})


def acting_refusals(
    session: Session, test: QcTestRow, criterion: Criterion, action: str, person_id: str
) -> tuple[Refusal, ...]:
    """A verified or invalid result takes no second one; a retest is measured by the analyst it was authorised for;
    and nobody works on a test of a batch he decided about (S3)."""
    if is_from_records(criterion):
        return (RESULT_FROM_RECORDS(test=criterion.name),)
    if action == "enter" and test.status in RESOLVED:
        return (RETEST_NOT_AUTHORISED(test=test.number),)
    transition = QC_TEST.transition(action, test.status)
    if isinstance(transition, Refusal):
        return (transition,)
    decided = hand_refusals([person_id], deciders(session, test.batch_id))
    if test.retest_id is None or action not in MEASURING:
        return decided
    analyst = get_record(session, RetestRow, test.retest_id).analyst_id
    other = () if person_id == analyst else (RETEST_ANALYST(analyst=names(session).get(analyst, analyst)),)
    return (*decided, *other)


def checking_refusals(session: Session, test: QcTestRow, person_id: str) -> tuple[Refusal, ...]:
    """S2 over the whole history: nobody verifies what he measured, now or in a result this one replaces; and nobody
    who declared that one invalid or authorised this retest."""
    measured = people_of_test(test, results_of(session, test.id)) | earlier_analysts(session, test)
    return (
        *another_person(person_id, measured, SOD_RESULT),
        *another_person(person_id, deciders_before(session, test), SOD_OOS),
    )
