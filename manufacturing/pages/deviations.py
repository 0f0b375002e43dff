"""Deviations and their actions as pages and documents, on the pages of what they are about, and as work that waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.clock import PEOPLE
from kernel.exports import csv_bytes
from kernel.refusals import N_
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, download, panel, view
from kernel.web.site import Viewer
from manufacturing.domain.capa import CapaStatus, overdue
from manufacturing.domain.deviations import DeviationClass, DeviationStatus
from manufacturing.domain.expiry import local_day
from manufacturing.queries.batches import deviation_by_number
from manufacturing.queries.bench import signatures_of
from manufacturing.queries.capa import (
    action_by_number,
    get_action,
    list_actions,
    people_of_action,
    unfinished_actions,
    views,
)
from manufacturing.queries.deviation_page import deviation_page
from manufacturing.queries.deviations import (
    all_deviations,
    deviations_about,
    involved_people,
    lines,
    list_deviations,
    numbers_to_certify,
    open_deviations,
)
from manufacturing.queries.reportable import REPORTABLE
from manufacturing.tables.deviations import CapaRow, DeviationRow

NAVIGATION.append(Nav(N_("Deviations"), "/deviations", "deviation:read", 36))
COLUMNS = (
    *("number", "record_kind", "record", "batches", "classification", "status", "description"),
    *("root_cause", "action", "impact", "judgement", "raised_at", "raised_by", "assessed_by", "judged_by", "closed_by"),
)


@view(
    "deviation.list",
    "/deviations",
    permission="deviation:read",
    template="manufacturing/deviations.html",
    summary="Deviations; ?status= (or not_closed), class=, kind=, code=.",
)
def show_deviations(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_deviations(session, viewer.args)
    return {
        "deviations": rows,
        "page": page,
        "statuses": [one.value for one in DeviationStatus],
        "classes": [one.value for one in DeviationClass],
        "kinds": sorted(REPORTABLE),
    }


@download("deviation.csv", "/deviations.csv", permission="deviation:read", summary="Exactly what is filtered, as CSV.")
def deviations_csv(session: Session, viewer: Viewer) -> tuple[bytes, str, str]:
    word = viewer.speech.word
    rows = (
        {**one, "record": word(one["record"]), "batches": " ".join(one["batches"])}
        for one in all_deviations(session, viewer.args)
    )
    return csv_bytes(list(COLUMNS), ([row[name] for name in COLUMNS] for row in rows)), "text/csv", "deviations.csv"


@view(
    "deviation.show",
    "/deviations/<deviation_id>",
    permission="deviation:read",
    template="manufacturing/deviation.html",
    summary="One deviation: what it is about, what it affects, its history and its actions.",
)
def show_deviation(session: Session, viewer: Viewer, deviation_id: str) -> dict[str, Any]:
    return deviation_page(session, deviation_id, local_day(viewer.at))


@view(
    "capa.list",
    "/actions",
    permission="deviation:read",
    template="manufacturing/actions.html",
    summary="Corrective and preventive actions; ?status= (or overdue), code=.",
)
def show_actions(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_actions(session, viewer.args, local_day(viewer.at))
    return {"actions": rows, "page": page, "statuses": [one.value for one in CapaStatus]}


@view(
    "capa.show",
    "/actions/<action_id>",
    permission="deviation:read",
    template="manufacturing/action.html",
    summary="One corrective or preventive action.",
)
def show_action(session: Session, viewer: Viewer, action_id: str) -> dict[str, Any]:
    (found,) = views(session, [get_action(session, action_id)], local_day(viewer.at))
    return {"action": found, "signatures": signatures_of(session, action_id)}


def deviation_panel(kind: str) -> Callable[..., dict[str, Any] | None]:
    """What is known of a record of this kind, with the button to report more."""

    def load(session: Session, viewer: Viewer, **ids: str) -> dict[str, Any] | None:
        if not viewer.may("deviation:read"):
            return None
        record_id = ids[f"{kind}_id"]
        found = lines(session, deviations_about(session, kind, record_id))
        about = {"record_kind": kind, "record_id": record_id}
        return {"template": "manufacturing/deviation_panel.html", "deviations": found, "about": about}

    return load


def find_deviation(session: Session, code: str) -> str | None:
    typed = code.strip()
    if deviation := deviation_by_number(session, typed):
        return f"/deviations/{deviation.id}"
    action = action_by_number(session, typed)
    return f"/actions/{action.id}" if action else None


def deviation_tasks(session: Session, viewer: Viewer) -> list[Task]:
    if not viewer.may("deviation:investigate"):
        return []
    return [task_of(session, row, viewer) for row in open_deviations(session)]


def task_of(session: Session, row: DeviationRow, viewer: Viewer) -> Task:
    place, facts = f"/deviations/{row.id}", {"record": row.record}
    urgent = row.classification == DeviationClass.CRITICAL
    if row.status == DeviationStatus.OPEN:
        reason, action = N_("about %(record)s waits for its investigation"), N_("Investigate")
        return Task("deviation:investigate", row.number, reason, f"{place}/investigate", action, facts, urgent=urgent)
    if row.status == DeviationStatus.UNDER_INVESTIGATION:
        reason = N_("about %(record)s waits for its assessment")
        return Task("deviation:assess", row.number, reason, f"{place}/assess", N_("Assess"), facts, urgent=urgent)
    if row.judged_by is None and numbers_to_certify(session, row):
        reason = N_("about %(record)s affects a batch to be certified and waits for the QP")
        return Task("deviation:judge", row.number, reason, f"{place}/judge", N_("Assess"), facts, urgent=urgent)
    own = viewer.actor.id in involved_people(session, row)
    reason = N_("about %(record)s is assessed and can be closed")
    return Task("nobody" if own else "deviation:close", row.number, reason, f"{place}/close", N_("Close"), facts)


def action_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """What a person has to do, what is overdue for QA, and what waits for its check."""
    if not viewer.may("capa:do"):
        return []
    today = local_day(viewer.at)
    found = (
        action_task(session, row, viewer, late=overdue(row.status, row.due_on, today))
        for row in unfinished_actions(session)
    )
    return [task for task in found if task is not None]


def action_task(session: Session, row: CapaRow, viewer: Viewer, *, late: bool) -> Task | None:
    place = f"/actions/{row.id}"
    facts = {"what": row.description, "owner": names(session).get(row.owner_id, row.owner_id)}
    due = datetime.combine(row.due_on, time(23, 59), PEOPLE)
    if row.status == CapaStatus.DONE:
        own = viewer.actor.id in people_of_action(session, row)
        reason = N_("is done; somebody else checks whether it helped: %(what)s")
        return None if own else Task("capa:check", row.number, reason, f"{place}/check", N_("Check"), facts)
    if row.owner_id == viewer.actor.id:
        reason = N_("is overdue, and yours: %(what)s") if late else N_("is yours to do: %(what)s")
        return Task("capa:do", row.number, reason, f"{place}/done", N_("Report it done"), facts, due, urgent=late)
    if not late:
        return None
    reason = N_("is overdue with %(owner)s: %(what)s")
    return Task("capa:plan", row.number, reason, place, N_("Look"), facts, due, urgent=True)


FINDERS.append(find_deviation)
TASKS.extend([deviation_tasks, action_tasks])
for record_kind in ("collection", "container", "sample"):
    panel(record_kind, deviation_panel(record_kind))
