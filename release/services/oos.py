"""From a failed result to its end: investigated, confirmed, or declared invalid and measured again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kernel.canonical import canonical
from kernel.errors import Refused, refuse_any
from kernel.refusals import N_, Refusal
from kernel.work import Work
from manufacturing.domain.samples import SampleStatus
from manufacturing.services.holds import lift_system_hold
from manufacturing.tables.batches import BatchRow
from release.domain.decisions import QC_TEST
from release.domain.oos import (
    OOS,
    Acceptance,
    Answer,
    OosFacts,
    OosStatus,
    RetestPlan,
    RetestSample,
    authorising_refusals,
    deciding_refusals,
    invalidating_refusals,
    laboratory_refusals,
    plan_refusals,
    settled,
    words_missing,
)
from release.queries.oos import (
    analysts_of,
    oos_content,
    oos_facts,
    oos_of_batch,
    oos_states,
    phases_of,
    sample_of_batch,
)
from release.queries.testing import get_record, required_tests
from release.services.batch_locks import lock_batch
from release.tables.oos import LaboratoryPhaseRow, OosRow, RetestRow
from release.tables.testing import QcTestRow


def open_oos(work: Work, batch: BatchRow, test: QcTestRow, *, hold_id: str, found: str) -> OosRow:
    """The record of a failed result, in the transaction of its verification (QC-OOS-1). The batch is locked."""
    count = len(oos_of_batch(work.session, batch.id)) + 1
    return work.add(
        OosRow(
            number=f"{batch.number}-O{count}",
            batch_id=batch.id,
            test_id=test.id,
            result_id=test.result_id,
            hold_id=hold_id,
            found=found,
            opened_at=work.at,
        )
    )


def locked_oos(work: Work, oos_id: str, action: str) -> tuple[OosRow, OosFacts]:
    """As it was shown, under the lock of its batch; the state comes before every other reason."""
    lock_batch(work, get_record(work.session, OosRow, oos_id).batch_id)
    row = work.lock(OosRow, oos_id)
    work.confirm(oos_content(work.session, oos_id))
    transition = OOS.transition(action, row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    return row, oos_facts(work.session, row, work.signer().id)


def conclude_laboratory_phase(
    work: Work, oos_id: str, *, answers: Mapping[str, tuple[Answer, str]], cause_found: bool, conclusion: str
) -> OosRow:
    """Phase 1: the checklist in words and whether a cause was found; said again, the newest counts (QC-OOS-2)."""
    row, facts = locked_oos(work, oos_id, "conclude_laboratory_phase")
    refuse_any(laboratory_refusals(facts, answers, cause_found=cause_found, conclusion=conclusion))
    said = {key: [answer.value, text.strip()] for key, (answer, text) in answers.items()}
    phase = work.add(
        LaboratoryPhaseRow(
            oos_id=row.id,
            sequence=len(phases_of(work.session, row.id)) + 1,
            answers=canonical(said),
            cause_found=cause_found,
            conclusion=conclusion.strip(),
            concluded_by=work.signer().id,
            concluded_at=work.at,
        )
    )
    work.content = {**work.content, "entered": {**said, "cause found": cause_found, "conclusion": phase.conclusion}}
    work.move(row, OOS, "conclude_laboratory_phase")
    return row


def decide(work: Work, row: OosRow, words: str, **more: str) -> None:
    row.decision, row.decided_by, row.decided_at = words.strip(), work.signer().id, work.at
    work.content = {**work.content, "entered": {"decision": row.decision, **more}}


def confirm_oos(work: Work, oos_id: str, *, decision: str) -> OosRow:
    """The first result stands; the batch is not certified any more."""
    row, facts = locked_oos(work, oos_id, "confirm")
    wanted = words_missing(decision, N_("What was looked at beyond the laboratory, in words"), "decision")
    refuse_any((*deciding_refusals(facts), *wanted))
    decide(work, row, decision)
    work.move(row, OOS, "confirm")
    return row


def invalidate_result(work: Work, oos_id: str, *, cause: str, ground: str | None = None) -> OosRow:
    """An assignable cause with its evidence: the value stays, everywhere, marked (QC-INVALID, QC-SHOWALL)."""
    row, facts = locked_oos(work, oos_id, "invalidate")
    wanted = words_missing(cause, N_("The assignable cause, in words"), "cause")
    refuse_any((*invalidating_refusals(facts), *wanted))
    row.ground = ground
    decide(work, row, cause, **({"ground": ground} if ground else {}))
    work.move(row, OOS, "invalidate")
    work.move(work.lock(QcTestRow, row.test_id), QC_TEST, "invalidate")
    return row


def authorise_retest(
    work: Work, oos_id: str, *, sample_choice: str, sample: str, analyst: str, replicates: int, rationale: str
) -> OosRow:
    """Sample, analyst, number of values and rule, before anybody measures; each value is a blank test (QC-RETEST)."""
    row, facts = locked_oos(work, oos_id, "authorise_retest")
    found = sample_of_batch(work.session, row.batch_id, sample)
    plan = RetestPlan(
        sample=sample,
        sample_status=SampleStatus(found.status) if found else None,
        analyst_may_test=analyst in dict(analysts_of(work.session)),
        analyst_id=analyst,
        rationale=rationale,
    )
    refuse_any((*authorising_refusals(facts), *plan_refusals(facts, plan)))
    assert found is not None  # noqa: S101  (an unknown one was refused)
    retest = work.add(
        RetestRow(
            oos_id=row.id,
            sample_choice=RetestSample(sample_choice),
            sample_id=found.id,
            analyst_id=analyst,
            replicates=replicates,
            acceptance=Acceptance.EVERY_VALUE,
            rationale=rationale.strip(),
            authorised_by=work.signer().id,
            authorised_at=work.at,
        )
    )
    add_blank_tests(work, get_record(work.session, QcTestRow, row.test_id), retest)
    plan_signed = {"sample": sample, "choice": sample_choice, "analyst": analyst, "values": replicates}
    work.content = {**work.content, "entered": {**plan_signed, "rule": retest.acceptance, "why": retest.rationale}}
    work.move(row, OOS, "authorise_retest")
    return row


def add_blank_tests(work: Work, replaced: QcTestRow, retest: RetestRow) -> None:
    """Nothing of the invalid result goes into them: the same criterion, a number, the link (QC-BLANK)."""
    stem = re.sub(r"-R[0-9]+$", "", replaced.number)
    same = [one for one in required_tests(work.session, replaced.batch_id) if one.criterion == replaced.criterion]
    first = max(one.attempt for one in same) + 1
    for attempt in range(first, first + retest.replicates):
        work.add(
            QcTestRow(
                batch_id=replaced.batch_id,
                criterion=replaced.criterion,
                number=f"{stem}-R{attempt}",
                attempt=attempt,
                retest_of=replaced.id,
                retest_id=retest.id,
            )
        )


def lift_settled_holds(work: Work, test: QcTestRow) -> None:
    """After a value of a retest is verified: end the hold of each record that is settled by it, and no other hold."""
    if test.retest_id is None:
        return
    states = oos_states(work.session, test.batch_id)
    for row in oos_of_batch(work.session, test.batch_id):
        if row.status == OosStatus.INVALIDATED and settled(row.id, states):
            lift_system_hold(work, row.hold_id, f"{row.number}: {test.number}")
