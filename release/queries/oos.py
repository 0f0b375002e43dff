"""Out-of-specification records as rules, pages, certificates and the batch record read them."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.domain import GrantStatus, PersonStatus
from kernel.accounts.queries import names
from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.database import asked_once
from kernel.files.queries import file_views, file_words, files_of
from manufacturing.permissions import T
from manufacturing.queries.batches import get_batch
from manufacturing.queries.samples import get_sample, samples_of_batch
from manufacturing.tables.samples import SampleRow
from release.domain.criteria import Criterion, Kind
from release.domain.decisions import QcTestStatus
from release.domain.oos import CHECKLIST, OosFacts, OosState, OosStatus, RetestValue
from release.domain.results import Outcome
from release.queries.testing import (
    criterion_of,
    get_record,
    people_of_test,
    required_tests,
    result_document,
    results_of,
    specification_of,
)
from release.tables.oos import LaboratoryPhaseRow, OosRow, RetestRow
from release.tables.testing import QcTestRow, ResultRow

ENTITY = OosRow.__tablename__


@asked_once
def oos_of_batch(session: Session, batch_id: str) -> list[OosRow]:
    """Oldest first."""
    order = (OosRow.opened_at, sa.func.length(OosRow.number), OosRow.number)
    query = sa.select(OosRow).where(OosRow.batch_id == batch_id).order_by(*order)
    return list(session.execute(query).scalars())


def oos_of_test(session: Session, test: QcTestRow) -> list[OosRow]:
    """Records of this test, and of the results it replaces or that replace it: the whole story of its criterion."""
    same = {one.id for one in required_tests(session, test.batch_id) if one.criterion == test.criterion}
    return [row for row in oos_of_batch(session, test.batch_id) if row.test_id in same]


def phases_of(session: Session, oos_id: str) -> list[LaboratoryPhaseRow]:
    query = sa.select(LaboratoryPhaseRow).where(LaboratoryPhaseRow.oos_id == oos_id)
    return list(session.execute(query.order_by(LaboratoryPhaseRow.sequence)).scalars())


def retest_of(session: Session, oos_id: str) -> RetestRow | None:
    return session.execute(sa.select(RetestRow).where(RetestRow.oos_id == oos_id)).scalar_one_or_none()


def retest_tests(session: Session, retest_id: str) -> list[QcTestRow]:
    """The tests that were made for an authorised retest, in order."""
    query = sa.select(QcTestRow).where(QcTestRow.retest_id == retest_id).order_by(QcTestRow.attempt)
    return list(session.execute(query).scalars())


def criterion_of_oos(session: Session, row: OosRow) -> Criterion:
    specification = specification_of(session, get_batch(session, row.batch_id))
    return criterion_of(specification, get_record(session, QcTestRow, row.test_id))


def is_culture(session: Session, oos_id: str) -> bool:
    return criterion_of_oos(session, get_record(session, OosRow, oos_id)).kind is Kind.STERILITY


def oos_facts(session: Session, row: OosRow, signer: str) -> OosFacts:
    """The record with everybody who had a hand in its test and in the results this one replaces."""
    analysts: set[str] = set()
    verifiers: set[str] = set()
    test: QcTestRow | None = get_record(session, QcTestRow, row.test_id)
    while test is not None:
        results = results_of(session, test.id)
        analysts |= people_of_test(test, results)
        verifiers |= {one.verified_by for one in results if one.verified_by}
        test = session.get(QcTestRow, test.retest_of) if test.retest_of else None
    phases, retest = phases_of(session, row.id), retest_of(session, row.id)
    return OosFacts(
        number=row.number,
        signer=signer,
        analysts=frozenset(analysts),
        verifiers=frozenset(verifiers),
        investigators=frozenset(one.concluded_by for one in phases),
        invalidator=row.decided_by if row.status == OosStatus.INVALIDATED else None,
        cause_found=phases[-1].cause_found if phases else None,
        evidence=sum(one.withdrawn_at is None for one in files_of(session, ENTITY, row.id)),
        replicates=retest.replicates if retest else 0,
    )


def deciders_before(session: Session, test: QcTestRow) -> set[str]:
    """Who declared an earlier result invalid or authorised this retest: they do not verify what came of it."""
    found: set[str] = set()
    one: QcTestRow | None = test
    while one is not None and one.retest_id is not None:
        retest = get_record(session, RetestRow, one.retest_id)
        found |= {retest.authorised_by, get_record(session, OosRow, retest.oos_id).decided_by or ""}
        one = session.get(QcTestRow, one.retest_of)
    return found


def earlier_analysts(session: Session, test: QcTestRow) -> set[str]:
    """Who measured what this test replaces (S2 over the whole history)."""
    found: set[str] = set()
    one = session.get(QcTestRow, test.retest_of) if test.retest_of else None
    while one is not None:
        found |= people_of_test(one, results_of(session, one.id))
        one = session.get(QcTestRow, one.retest_of) if one.retest_of else None
    return found


def oos_states(session: Session, batch_id: str) -> dict[str, OosState]:
    """Every record of a batch by id, with the values of its retest."""
    rows = oos_of_batch(session, batch_id)
    of_test = {row.test_id: row.id for row in rows}
    values: dict[str, list[RetestValue]] = defaultdict(list)
    for test in required_tests(session, batch_id):
        if test.retest_id is not None:
            outcome = Outcome(test.outcome) if test.outcome else None
            values[test.retest_id].append(RetestValue(QcTestStatus(test.status), outcome, of_test.get(test.id)))
    found = {}
    for row in rows:
        retest = retest_of(session, row.id)
        found[row.id] = OosState(OosStatus(row.status), tuple(values[retest.id]) if retest else ())
    return found


def analysts_of(session: Session) -> list[tuple[str, str]]:
    """Id and name of everybody who does tests now."""
    query = (
        sa.select(PersonRow.id, PersonRow.full_name)
        .join(RoleGrantRow, RoleGrantRow.person_id == PersonRow.id)
        .where(PersonRow.status == PersonStatus.ACTIVE)
        .where(RoleGrantRow.role == T, RoleGrantRow.status == GrantStatus.ACTIVE)
        .order_by(PersonRow.full_name, PersonRow.id)
    )
    return [(person, name) for person, name in session.execute(query)]


def sample_of_batch(session: Session, batch_id: str, code: str) -> SampleRow | None:
    return next((one for one in samples_of_batch(session, batch_id) if one.code == code), None)


def phase_document(row: LaboratoryPhaseRow, people: dict[str, str]) -> dict[str, Any]:
    answers = json.loads(row.answers)
    return {
        "checklist": [
            {"point": question, "answer": answers[key][0], "words": answers[key][1]}
            for key, question in CHECKLIST.items()
        ],
        "cause found": row.cause_found,
        "conclusion": row.conclusion,
        "concluded by": people.get(row.concluded_by, row.concluded_by),
        "concluded at": row.concluded_at,
    }


def retest_document(session: Session, row: RetestRow, people: dict[str, str]) -> dict[str, Any]:
    """The plan as it was authorised, and every value measured under it (QC-SHOWALL)."""
    return {
        "sample": get_sample(session, row.sample_id).code,
        "sample choice": row.sample_choice,
        "analyst": people.get(row.analyst_id, row.analyst_id),
        "replicates": row.replicates,
        "acceptance": row.acceptance,
        "rationale": row.rationale,
        "authorised by": people.get(row.authorised_by, row.authorised_by),
        "authorised at": row.authorised_at,
        "tests": [
            {
                "id": test.id,
                "test": test.number,
                "status": test.status,
                "outcome": test.outcome,
                "entries": [result_document(one, people) for one in results_of(session, test.id)],
            }
            for test in retest_tests(session, row.id)
        ],
    }


def oos_document(session: Session, row: OosRow) -> dict[str, Any]:
    """The whole story of one record, in the order in which it happened; also what its deciders sign."""
    people = names(session)
    test = get_record(session, QcTestRow, row.test_id)
    retest = retest_of(session, row.id)
    return {
        "title": row.number,
        "version": row.version,
        "batch": get_batch(session, row.batch_id).number,
        "test": test.number,
        "criterion": criterion_of_oos(session, row).name,
        "found": row.found,
        "result": result_document(get_record(session, ResultRow, row.result_id), people),
        "opened at": row.opened_at,
        "status": row.status,
        "laboratory": [phase_document(one, people) for one in phases_of(session, row.id)],
        "evidence": [file_words(one) for one in file_views(session, ENTITY, row.id)],
        "ground": row.ground,
        "decision": row.decision,
        "decided by": people.get(row.decided_by, row.decided_by) if row.decided_by else None,
        "decided at": row.decided_at,
        "retest": retest_document(session, retest, people) if retest else None,
    }


def oos_content(session: Session, oos_id: str) -> dict[str, Any]:
    return oos_document(session, get_record(session, OosRow, oos_id))


def oos_stories(session: Session, batch_id: str) -> list[dict[str, Any]]:
    return [{"id": row.id, **oos_document(session, row)} for row in oos_of_batch(session, batch_id)]


def oos_records(session: Session, batch_id: str) -> list[Any]:
    """Every row of these stories, for the check of trail and signatures (INT-VERIFY)."""
    rows = oos_of_batch(session, batch_id)
    retests = [one for row in rows if (one := retest_of(session, row.id)) is not None]
    return [*rows, *(one for row in rows for one in phases_of(session, row.id)), *retests]


def oos_line(session: Session, row: OosRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "batch_id": row.batch_id,
        "batch": get_batch(session, row.batch_id).number,
        "test_id": row.test_id,
        "test": get_record(session, QcTestRow, row.test_id).number,
        "found": row.found,
        "status": row.status,
        "opened_at": row.opened_at,
        "decided_by": people.get(row.decided_by, row.decided_by) if row.decided_by else None,
        "decided_at": row.decided_at,
    }


def invalid_without_retest() -> sa.Select[tuple[OosRow]]:
    authorised = sa.exists().where(RetestRow.oos_id == OosRow.id)
    return sa.select(OosRow).where(OosRow.status == OosStatus.INVALIDATED, ~authorised)


def undecided_oos(*, investigated: bool) -> sa.Select[tuple[OosRow]]:
    """Asks for records that wait for the laboratory, or once that has concluded for QA."""
    concluded = sa.exists().where(LaboratoryPhaseRow.oos_id == OosRow.id)
    return sa.select(OosRow).where(OosRow.status == OosStatus.OPEN, concluded if investigated else ~concluded)
