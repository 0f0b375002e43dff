"""What people decide about the label keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from labels.domain.label_keys import KeyChange, request_refusals
from labels.queries.label_keys import change_content, key_content, key_facts, known_letter, open_changes
from labels.services.label_keys import approve_key_change, decline_key_change, request_key_change
from labels.tables.label_keys import LabelKeyChangeRow

LABEL_KEYS = "/administration/label-keys"
CHANGES = "/administration/label-key-changes"


def answer(row: LabelKeyChangeRow, said: str) -> Done:
    return Done(LABEL_KEYS, said, {"id": row.id, "status": row.status, "letter": row.letter})


def would_use(session: Session, _viewer: Viewer, letter: str) -> dict[str, Any]:
    return refusals_of(session, letter, KeyChange.USE)


def would_revoke(session: Session, _viewer: Viewer, letter: str) -> dict[str, Any]:
    return refusals_of(session, letter, KeyChange.REVOKE)


def refusals_of(session: Session, letter: str, change: KeyChange) -> dict[str, Any]:
    """Why this cannot be asked now."""
    facts = key_facts(session, known_letter(session, letter), change)
    return {"refusals": request_refusals(facts, waiting=any(one.letter == letter for one in open_changes(session)))}


@act(
    "label_key.use",
    f"{LABEL_KEYS}/<letter>/use",
    permission="label_key:request",
    title=N_("Ask to put this label key in use"),
    content=key_content,
    prepare=would_use,
    signs=1,
    needs_reason=True,
    meaning=N_("I ask that every new label is signed with this key; labels of the earlier keys stay valid."),
)
def use_it(work: Work, letter: str) -> Done:
    return answer(request_key_change(work, letter, KeyChange.USE), N_("Requested; QA approves it."))


@act(
    "label_key.revoke",
    f"{LABEL_KEYS}/<letter>/revoke",
    permission="label_key:request",
    title=N_("Ask to revoke this label key"),
    content=key_content,
    prepare=would_revoke,
    signs=1,
    needs_reason=True,
    meaning=N_("I ask that this key is revoked, for good: each label made with it is refused until it is reprinted."),
    danger=True,
)
def revoke_it(work: Work, letter: str) -> Done:
    return answer(request_key_change(work, letter, KeyChange.REVOKE), N_("Requested; QA approves it."))


@act(
    "label_key.approve",
    f"{CHANGES}/<change_id>/approve",
    permission="label_key:approve",
    title=N_("Approve the change of a label key"),
    content=change_content,
    signs=1,
    meaning=N_(
        "I know why this is asked and what it does to the labels in use; I did not ask for it, and I approve it."
    ),
    danger=True,
)
def approve_it(work: Work, change_id: str) -> Done:
    return answer(approve_key_change(work, change_id), N_("Approved. It holds from now on."))


@act(
    "label_key.decline",
    f"{CHANGES}/<change_id>/decline",
    permission="label_key:approve",
    title=N_("Decline the change of a label key"),
    content=change_content,
    signs=1,
    needs_reason=True,
    meaning=N_("This is not done; the keys stay as they are."),
)
def decline_it(work: Work, change_id: str) -> Done:
    return answer(decline_key_change(work, change_id), N_("Declined. Nothing changed."))
