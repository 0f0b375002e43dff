"""What stands on the Work page for QA, QP, sponsor and physician."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import TASKS, Task
from kernel.web.site import Viewer
from manufacturing.tables.batches import BatchRow
from release.domain.decisions import DecisionKind
from release.queries.decisions import weight_is_settled
from release.queries.late_results import open_alerts
from release.queries.records import decisions_by_batch, involved_by_batch, newest
from release.queries.testing import pending_by_batch
from release.queries.waiting import usable_batches, waiting_batches
from release.queries.weighing import weighed_since


def decision_tasks(session: Session, viewer: Viewer) -> list[Task]:
    return [
        *review_tasks(session, viewer),
        *certification_tasks(session, viewer),
        *given_tasks(session, viewer),
        *final_tasks(session, viewer),
        *sponsor_tasks(session, viewer),
        *weight_tasks(session, viewer),
        *late_tasks(session, viewer),
    ]


def others(session: Session, viewer: Viewer, batches: list[BatchRow]) -> list[BatchRow]:
    """Whoever had a part in a batch is not asked to decide on it."""
    involved = involved_by_batch(session, [batch.id for batch in batches])
    return [batch for batch in batches if viewer.actor.id not in involved[batch.id]]


def review_tasks(session: Session, viewer: Viewer) -> Iterator[Task]:
    if not viewer.may("batch:review"):
        return
    for batch in others(session, viewer, waiting_batches(session, "review")):
        where = f"/batches/{batch.id}/review"
        reason = N_("is complete and waits for the QA review")
        yield Task("batch:review", batch.number, reason, where, N_("Review"), deadline=batch.expires_at)


def certification_tasks(session: Session, viewer: Viewer) -> Iterator[Task]:
    if not viewer.may("release:certify"):
        return
    for batch in others(session, viewer, waiting_batches(session, "certification")):
        reason = N_("is reviewed and waits for your certification or rejection")
        where = f"/batches/{batch.id}/release"
        yield Task("release:certify", batch.number, reason, where, N_("Decide"), deadline=batch.expires_at)


def given_tasks(session: Session, viewer: Viewer) -> Iterator[Task]:
    """A patient had something of it before the record was corrected: the QP decides anew what that was."""
    if not viewer.may("release:certify"):
        return
    for batch in others(session, viewer, waiting_batches(session, "given")):
        reason = N_("was given before its record was corrected; its certification no longer stands")
        where = f"/batches/{batch.id}/release"
        yield Task("release:certify", batch.number, reason, where, N_("Decide"), urgent=True)


def final_tasks(session: Session, viewer: Viewer) -> Iterator[Task]:
    """When the last awaited result is verified: QA reviews what is new, then the QP certifies finally."""
    if not (viewer.may("release:certify") or viewer.may("batch:review")):
        return
    batches = waiting_batches(session, "final")
    pending = pending_by_batch(session, batches)
    decisions = decisions_by_batch(session, [batch.id for batch in batches])
    for batch in batches:
        if any(one.mandatory for one in pending[batch.id]):
            continue
        review = newest(decisions[batch.id], DecisionKind.REVIEW)
        first = newest(decisions[batch.id], DecisionKind.STAGE1)
        reviewed = review is not None and first is not None and review.sequence > first.sequence
        where = f"/batches/{batch.id}/release"
        if viewer.may("release:certify") and reviewed:
            yield Task(
                "release:certify",
                batch.number,
                N_("has all its results; the final certification is due"),
                where,
                N_("Decide"),
            )
        if viewer.may("batch:review") and not reviewed:
            where = f"/batches/{batch.id}/review"
            yield Task(
                "batch:review", batch.number, N_("has its last results; review what is new"), where, N_("Review")
            )


def sponsor_tasks(session: Session, viewer: Viewer) -> Iterator[Task]:
    if not viewer.may("release:sponsor"):
        return
    for batch in waiting_batches(session, "sponsor"):
        reason = N_("is certified and waits for the sponsor's release")
        where = f"/batches/{batch.id}/sponsor-release"
        yield Task("release:sponsor", batch.number, reason, where, N_("Release"), deadline=batch.expires_at)


def weight_tasks(session: Session, viewer: Viewer) -> Iterator[Task]:
    """A certified product whose subject has another weight now."""
    if not viewer.may("weight:resign"):
        return
    for batch in weighed_since(session, usable_batches(session)):
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


TASKS.append(decision_tasks)
