"""A verified result that was a slip of the pen, and a test that nothing depends on (requirements 14.3)."""

from __future__ import annotations

from kernel.errors import refuse_any
from kernel.refusals import N_
from kernel.work import Work
from release.domain.decisions import QC_TEST
from release.queries.reopening import cancelling_refusals, reopening_refusals
from release.queries.testing import content_of_test, criterion_of, get_record, specification_of
from release.services.batch_locks import lock_batch
from release.services.corrections import quarantine_certified
from release.tables.testing import QcTestRow, ResultRow

WHY = N_("a verified result was opened again for its correction")


def reopen_result(work: Work, test_id: str, *, evidence: str) -> QcTestRow:
    """QA lets a verified result be corrected. The value stays with who took it back and why; until another one is
    entered and verified nothing is passed by it, and every certification that rests on it no longer stands."""
    work.require("result:reopen", work.signer())
    batch = lock_batch(work, get_record(work.session, QcTestRow, test_id).batch_id)
    test = work.lock(QcTestRow, test_id)
    refuse_any(reopening_refusals(work.session, test, work.signer().id))
    work.confirm(content_of_test(work.session, test_id))
    row = work.lock(ResultRow, test.result_id)
    row.withdrawn_by, row.withdrawn_at, row.withdrawn_because = work.signer().id, work.at, work.reason
    row.evidence, test.outcome = evidence.strip(), None
    work.content = {**work.content, "taken back": {"entry": row.sequence, "why": work.reason, "evidence": row.evidence}}
    work.move(test, QC_TEST, "reopen")
    quarantine_certified(work, batch.id, WHY)
    return test


def cancel_test(work: Work, test_id: str) -> QcTestRow:
    """A test that the specification does not require, and that has no value, is taken back with the reason."""
    work.require("result:reopen", work.signer())
    batch = lock_batch(work, get_record(work.session, QcTestRow, test_id).batch_id)
    test = work.lock(QcTestRow, test_id)
    criterion = criterion_of(specification_of(work.session, batch), test)
    refuse_any(cancelling_refusals(test, criterion))
    work.confirm(content_of_test(work.session, test_id))
    test.cancelled_because = work.reason
    work.move(test, QC_TEST, "cancel")
    return test
