"""The pharmacy's and the ward's own lists: what was dispensed with results pending, what is missing, what waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, TASKS, Nav, Task, view
from kernel.web.site import Viewer, this_site
from manufacturing.domain.expiry import local_day
from release.domain.decisions import OrderStatus, Verdict
from release.pages.orders import ORDERS
from release.queries.administration import (
    OVERDUE,
    dispensed_conditionally,
    overdue,
    unconfirmed,
    waiting_reactions,
)
from release.queries.dispensing import certified_for, get_scan
from release.queries.late_results import open_alerts
from release.queries.orders import on_the_way, waiting_for_check, waiting_for_dispensing
from release.queries.standing import stands
from release.queries.weighing import without_fresh_weight

NAVIGATION.append(Nav(N_("Dispense"), "/dispense", "container:scan", 50))


@view(
    "dispensing.pending",
    "/dispensings/results-pending",
    permission="order:read",
    template="release/dispense_pending.html",
    summary="Products dispensed while results were pending, and what became of the results.",
)
def show_pending(session: Session, viewer: Viewer) -> dict[str, Any]:
    return {"dispensings": dispensed_conditionally(session), "late": open_alerts(session, viewer.at)}


@view(
    "scan.standing",
    "/dispense/scans/<scan_id>/standing",
    permission="order:read",
    template="release/standing.html",
    summary="Whether the verdict of a scan still stands, asked afresh; for the screen that shows it.",
)
def show_standing(session: Session, viewer: Viewer, scan_id: str) -> dict[str, Any]:
    """Bound to the nonce of the scan: an answer about another one counts for nothing."""
    scan = get_scan(session, scan_id)
    stand = stands(this_site().database, session, scan, viewer.at)
    answer = {"scan_id": scan.id, "nonce": scan.nonce, "place": scan.place, "server_time": viewer.at}
    return {"standing": stand, "verdict": scan.verdict if stand else Verdict.DENY, **answer}


def ward_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Infusions to record, late ones urgent; observations to confirm; reactions to decide on."""
    late = {row.id for row, _, _ in overdue(session, viewer.at)}
    tasks = [
        Task(
            "container:administer",
            container,
            N_("Handed over for %(subject)s; the infusion is not recorded yet."),
            f"{ORDERS}/{row.id}",
            N_("Record it"),
            {"subject": code},
            deadline=at + OVERDUE,
            urgent=row.id in late,
        )
        for row, code, container, at in on_the_way(session, OrderStatus.HANDED_OVER)
    ]
    tasks += [
        Task(
            "reaction:record",
            code,
            N_("Infused, and nobody recorded yet whether there was a reaction."),
            f"{ORDERS}/{order_id}",
            N_("Record it"),
        )
        for _, code, order_id in unconfirmed(session)
    ]
    tasks += [
        Task(
            "reaction:adjudicate",
            code,
            N_("A reaction (%(term)s, grade %(grade)s) after batch %(batch)s waits for the sponsor's decision."),
            f"/reactions/{row.id}/adjudicate",
            N_("Decide"),
            {"term": row.term, "grade": str(row.grade), "batch": number},
            urgent=True,
        )
        for row, code, number in waiting_reactions(session)
    ]
    return tasks


def weight_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Subjects of today's and tomorrow's orders whose weight would stop the dispensing."""
    if not viewer.may("weight:record"):
        return []
    today = local_day(viewer.at)
    waiting = [
        pair
        for day in (today, today + timedelta(days=1))
        for pair in (*waiting_for_check(session, day), *waiting_for_dispensing(session, day))
    ]
    certified = certified_for(session, {row.subject_id for row, _ in waiting})
    to_weigh = without_fresh_weight(session, certified, viewer.at)
    return [
        Task(
            "weight:record",
            code,
            N_("The weight is too old for the infusion of order %(number)s."),
            f"/subjects/{row.subject_id}",
            N_("Weigh"),
            {"number": row.number},
            urgent=True,
        )
        for row, code in waiting
        if row.subject_id in to_weigh
    ]


TASKS.append(ward_tasks)
TASKS.append(weight_tasks)
