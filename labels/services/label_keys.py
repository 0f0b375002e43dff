"""A change of the label keys: asked for by an administrator, approved or declined by QA."""

from __future__ import annotations

from kernel.errors import refuse_any
from kernel.work import Work
from labels.domain.label_keys import LABEL_KEY, KeyChange, KeyChangeStatus, request_refusals
from labels.queries.label_keys import (
    change_content,
    get_change,
    key_content,
    key_facts,
    last_place,
    open_changes,
)
from labels.tables.label_keys import LabelKeyChangeRow


def request_key_change(work: Work, letter: str, change: KeyChange) -> LabelKeyChangeRow:
    """Nothing changes before another person approved it."""
    work.require("label_key:request")
    work.confirm(key_content(work.session, letter))
    facts = key_facts(work.session, letter, change)
    waiting = any(one.letter == letter for one in open_changes(work.session))
    refuse_any(request_refusals(facts, waiting=waiting))
    row = LabelKeyChangeRow(letter=letter, change=change, reason=work.reason or "")
    row.fingerprint = dict(facts.fingerprints).get(letter, "")
    row.requested_by, row.requested_at = work.signer().id, work.at
    work.add(row)
    work.sign(row, "requested")
    return row


def approve_key_change(work: Work, change_id: str) -> LabelKeyChangeRow:
    """From this moment: the key signs, or its labels identify nothing."""
    return decided(work, change_id, "approve")


def decline_key_change(work: Work, change_id: str) -> LabelKeyChangeRow:
    return decided(work, change_id, "decline")


def decided(work: Work, change_id: str, action: str) -> LabelKeyChangeRow:
    get_change(work.session, change_id)
    row = work.lock(LabelKeyChangeRow, change_id)
    work.confirm(change_content(work.session, change_id))
    given = {"asked": row.fingerprint, "requested_by": row.requested_by, "actor": work.signer().id}
    facts = key_facts(work.session, row.letter, KeyChange(row.change), **given, reason=work.reason or "")
    row.decided_by, row.decided_at, row.decision_reason = work.signer().id, work.at, work.reason
    with work.session.no_autoflush:
        work.move(row, LABEL_KEY, action, facts)
        if row.status == KeyChangeStatus.APPROVED:
            row.place = last_place(work.session) + 1
    return row
