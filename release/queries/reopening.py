"""Why a verified result is not opened again, or a test not cancelled."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kernel.refusals import Refusal
from kernel.segregation import another_person
from release.domain.criteria import Criterion
from release.domain.decisions import QC_TEST
from release.domain.entries import is_from_records
from release.domain.refusals import REOPEN_OOS, RESULT_FROM_RECORDS, SOD_REOPEN, TEST_REQUIRED
from release.queries.oos import oos_of_test
from release.queries.testing import people_of_test, results_of
from release.tables.testing import QcTestRow


def reopening_refusals(session: Session, test: QcTestRow, person_id: str) -> tuple[Refusal, ...]:
    """Only what is verified, by somebody of QA without a hand in it; a failure is investigated, never edited back."""
    transition = QC_TEST.transition("reopen", test.status)
    if isinstance(transition, Refusal):
        return (transition,)
    rows = results_of(session, test.id)
    people = people_of_test(test, rows) | {row.verified_by for row in rows if row.verified_by}
    failures = [one for one in oos_of_test(session, test) if one.test_id == test.id]
    return (
        *another_person(person_id, people, SOD_REOPEN),
        *(REOPEN_OOS(test=test.number, number=one.number) for one in failures),
    )


def cancelling_refusals(test: QcTestRow, criterion: Criterion) -> tuple[Refusal, ...]:
    """Nothing required, no retest, nothing measured, nothing that the records answer."""
    if is_from_records(criterion):
        return (RESULT_FROM_RECORDS(test=criterion.name),)
    transition = QC_TEST.transition("cancel", test.status)
    if isinstance(transition, Refusal):
        return (transition,)
    required = criterion.mandatory or test.retest_id is not None
    return (TEST_REQUIRED(test=criterion.name),) if required else ()
