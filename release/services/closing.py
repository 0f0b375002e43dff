"""The end of a subject's observation and of the trial: signed by the sponsor, refused while anything is open."""

from __future__ import annotations

from datetime import date

from kernel.documents.queries import find_effective
from kernel.errors import Refused, refuse_any
from kernel.refusals import Refusal
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from manufacturing.domain.protocol import PROTOCOL
from manufacturing.domain.trial import SUBJECT, TRIAL, ConclusionReason, TrialStatus
from manufacturing.queries.trial import get_subject
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.closing import completing_refusals, end_refusals
from release.queries.closing import closing_content, observation, observation_content, trial_end


def complete_subject(work: Work, subject_id: str, *, drop_reason: str | None = None) -> SubjectRow:
    """The observation after the infusion is over; whoever does not count in F gets the one primary reason (TR-F3)."""
    work.require("subject:include")
    work.lock(TrialRow, get_subject(work.session, subject_id).trial_id)
    row = work.lock(SubjectRow, subject_id)
    work.confirm(observation_content(work.session, subject_id))
    transition = SUBJECT.transition("complete", row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    facts = observation(work.session, subject_id, work.at)
    refuse_any(completing_refusals(facts, drop_reason, local_day(work.at)))
    work.move(row, SUBJECT, "complete")
    row.concluded_at = work.at
    row.drop_reason = ConclusionReason(drop_reason).value if drop_reason and not facts.counted else None
    return row


def close_trial(work: Work, trial_id: str, *, ended_on: date) -> TrialRow:
    """The end of the trial starts the clocks of retention; nothing opens it again (requirements 14.7, RET-5, RET-25)."""
    work.require("trial:close")
    row = work.lock(TrialRow, trial_id)
    work.confirm(closing_content(work.session, trial_id))
    if row.status != TrialStatus.CLOSED:  # a hold is one of the open things, so it is named with the others
        refuse_any(end_refusals(trial_end(work.session, row, ended_on, work.at)))
    protocol = find_effective(work.session, PROTOCOL)
    work.content = {**work.content, "ended on": ended_on}
    work.move(row, TRIAL, "close")
    row.ended_on, row.closed_at, row.closed_by = ended_on, work.at, work.signer().id
    row.protocol_document_id = protocol.id if protocol else None
    return row
