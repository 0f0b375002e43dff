"""What stands on the Work page for QA, QP, sponsor and physician."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.rounds import for_each
from kernel.web.lines import chained, first_lines
from kernel.web.registry import TASKS, Lines, Task
from kernel.web.site import Viewer
from manufacturing.tables.batches import BatchRow
from release.queries.decisions import weight_is_settled
from release.queries.late_results import open_alerts
from release.queries.work_list import by_others, complete_batches, waiting_batches, weighed_anew

REVIEW, DECIDE, RELEASE = N_("Review"), N_("Decide"), N_("Release")


def review_tasks(session: Session, viewer: Viewer) -> list[Lines]:
    """A batch that was made, and one whose results came after its review: the QP cannot decide on that any more."""
    kinds = (
        ("review", N_("is complete and waits for the QA review")),
        ("review again", N_("has results that came after its QA review; review it again")),
    )
    about: dict[str, Any] = {
        "permission": "batch:review",
        "action": REVIEW,
        "record": BatchRow.number,
        "deadline": BatchRow.expires_at,
    }

    def of_kind(kind: tuple[str, str]) -> list[Lines]:
        waits, reason = kind
        draw = partial(by_expiry, "batch:review", REVIEW, reason, "review")
        return first_lines(session, viewer, by_others(waits, viewer.actor.id), draw, **about)

    return chained(for_each(of_kind, kinds))


def certification_tasks(session: Session, viewer: Viewer) -> Iterator[Lines]:
    reason = N_("is reviewed and waits for your certification or rejection")
    draw = partial(by_expiry, "release:certify", DECIDE, reason, "release")
    about: dict[str, Any] = {"permission": "release:certify", "action": DECIDE, "record": BatchRow.number}
    query = by_others("certification", viewer.actor.id)
    yield from first_lines(session, viewer, query, draw, **about, deadline=BatchRow.expires_at)


def given_tasks(session: Session, viewer: Viewer) -> Iterator[Lines]:
    """A patient had something of it before the record was corrected: the QP decides anew what that was."""

    def line(batch: BatchRow) -> Task:
        reason = N_("was given before its record was corrected; its certification no longer stands")
        return Task("release:certify", batch.number, reason, f"/batches/{batch.id}/release", DECIDE, urgent=True)

    about: dict[str, Any] = {"permission": "release:certify", "action": DECIDE, "record": BatchRow.number}
    yield from first_lines(session, viewer, by_others("given", viewer.actor.id), line, **about)


def final_tasks(session: Session, viewer: Viewer) -> list[Lines]:
    """When the last awaited result is verified: QA reviews what is new, then the QP certifies finally."""
    kinds = (
        ("release:certify", DECIDE, "release", N_("has all its results; the final certification is due"), True),
        ("batch:review", REVIEW, "review", N_("has its last results; review what is new"), False),
    )

    def of_kind(kind: tuple[str, str, str, str, bool]) -> list[Lines]:
        permission, action, page, reason, reviewed = kind
        query = complete_batches(session, reviewed=reviewed) if viewer.may(permission) else None
        draw = partial(undated, permission, action, reason, page)
        about: dict[str, Any] = {"permission": permission, "action": action, "record": BatchRow.number}
        return [] if query is None else first_lines(session, viewer, query, draw, **about)

    return chained(for_each(of_kind, kinds))


def sponsor_tasks(session: Session, viewer: Viewer) -> Iterator[Lines]:
    reason = N_("is certified and waits for the sponsor's release")
    draw = partial(by_expiry, "release:sponsor", RELEASE, reason, "sponsor-release")
    about: dict[str, Any] = {"permission": "release:sponsor", "action": RELEASE, "record": BatchRow.number}
    yield from first_lines(session, viewer, waiting_batches("sponsor"), draw, **about, deadline=BatchRow.expires_at)


def undated(permission: str, action: str, reason: str, page: str, batch: BatchRow) -> Task:
    return Task(permission, batch.number, reason, f"/batches/{batch.id}/{page}", action)


def by_expiry(permission: str, action: str, reason: str, page: str, batch: BatchRow) -> Task:
    return Task(permission, batch.number, reason, f"/batches/{batch.id}/{page}", action, deadline=batch.expires_at)


def weight_tasks(session: Session, viewer: Viewer) -> Iterator[Task]:
    """A certified product whose subject has another weight now."""
    if not viewer.may("weight:resign"):
        return
    for batch in weighed_anew(session):
        if any(one.code == "WEIGHT_CHANGED" for one in weight_is_settled(session, batch.id, at=viewer.at)):
            reason = N_("has a new weight; the doses per kg must be judged anew")
            where = f"/batches/{batch.id}/sign-weight"
            yield Task(
                "weight:resign", batch.number, reason, where, N_("Judge"), deadline=batch.expires_at, urgent=True
            )


def late_tasks(session: Session, viewer: Viewer) -> Iterator[Task]:
    """A late failure stays on the page of each role, with its clock, until somebody of that role has signed."""
    if not viewer.may("late_oos:acknowledge"):
        return
    for alert in open_alerts(session, viewer.at):
        mine = [one for one in alert["waiting"] if one["role"] in viewer.actor.roles]
        if mine:
            yield Task(
                "late_oos:acknowledge",
                alert["batch"],
                N_("of %(subject)s failed a test after its certification: %(reason)s"),
                f"/decisions/{alert['id']}/acknowledge",
                N_("Acknowledge"),
                facts={"reason": str(alert["reason"]), "subject": alert["subject"]},
                deadline=mine[0]["due_at"],
                urgent=True,
            )


TASKS.extend(
    [
        review_tasks,
        certification_tasks,
        given_tasks,
        final_tasks,
        sponsor_tasks,
        weight_tasks,
        late_tasks,
    ]
)
