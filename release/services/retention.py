"""A request to erase is recorded and answered with the ground that keeps the records; nothing is deleted (RET-GDPR)."""

from __future__ import annotations

from datetime import date

from kernel.errors import refuse_any
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from manufacturing.tables.trial import SubjectRow
from release.domain.retention import erasure_answer, request_refusals
from release.queries.retention import clocks_of_subject, erasure_content
from release.tables.retention import ErasureRequestRow


def answer_erasure(work: Work, subject_id: str, *, reference: str, received_on: date) -> ErasureRequestRow:
    """The row is the answer: class of record, ground and the day until which the records are kept."""
    work.require("erasure:answer")
    subject = work.lock(SubjectRow, subject_id)
    work.confirm(erasure_content(work.session, subject_id))
    today = local_day(work.at)
    answer = erasure_answer(clocks_of_subject(work.session, subject), today)
    refuse_any(request_refusals(answer, received_on, today))
    assert answer is not None  # noqa: S101  (its refusal was raised)
    row = work.add(
        ErasureRequestRow(
            subject_id=subject.id,
            reference=reference.strip(),
            received_on=received_on,
            ground=answer.ground.value,
            keep_until=answer.until,
            answered_by=work.signer().id,
            answered_at=work.at,
        )
    )
    work.content = {**work.content, "answered": {"reference": row.reference, "ground": row.ground}}
    work.sign(row, "request to erase answered")
    return row
