"""The label keys with what each does, what waits for approval, and the labels that must be reprinted."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, TASKS, Nav, Task, view
from kernel.web.site import Viewer
from labels.api.label_keys import CHANGES, LABEL_KEYS
from labels.domain.label_keys import KeyChange, KeyChangeStatus, KeyState
from labels.queries.label_keys import labels_to_reprint, list_changes, list_keys, open_changes

NAVIGATION.append(Nav(N_("Label keys"), LABEL_KEYS, "label_key:read", 90, aside=True))
TONES = {
    KeyState.SIGNS.value: "ok",
    KeyState.VERIFIES.value: "plain",
    KeyState.REVOKED.value: "stop",
    KeyState.MISSING.value: "stop",
    KeyChangeStatus.REQUESTED.value: "wait",
    KeyChangeStatus.APPROVED.value: "ok",
    KeyChangeStatus.DECLINED.value: "plain",
}


@view(
    "label_key.list",
    LABEL_KEYS,
    permission="label_key:read",
    template="labels/label_keys.html",
    summary="The label keys by letter and fingerprint, what was asked and decided about them, and labels to reprint.",
)
def show_keys(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows = labels_to_reprint(session, viewer.at)
    return {
        "keys": list_keys(session),
        "changes": list_changes(session),
        "to_reprint": [{"id": row.id, "number": row.short_number, "status": row.status} for row in rows],
        "key_tones": TONES,
    }


def key_tasks(session: Session, viewer: Viewer) -> list[Task]:
    if not viewer.may("label_key:approve"):
        return []
    return [
        Task(
            "label_key:approve",
            row.letter,
            WAITS[KeyChange(row.change)],
            f"{CHANGES}/{row.id}/approve",
            N_("Check and approve"),
            deadline=row.requested_at,
            urgent=row.change == KeyChange.REVOKE,
        )
        for row in open_changes(session)
        if row.requested_by != viewer.actor.id
    ]


WAITS = {
    KeyChange.USE: N_("is a label key that waits to be put in use"),
    KeyChange.REVOKE: N_("is a label key that waits to be revoked"),
}


def reprint_tasks(session: Session, viewer: Viewer) -> list[Task]:
    if not viewer.may("label:print"):
        return []
    return [
        Task(
            "label:print",
            row.short_number,
            N_("was made with a revoked key and is refused at every scan"),
            f"/labels/{row.id}/reprint",
            N_("Reprint"),
            urgent=True,
        )
        for row in labels_to_reprint(session, viewer.at)
    ]


TASKS.extend((key_tasks, reprint_tasks))
