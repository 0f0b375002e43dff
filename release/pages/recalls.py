"""Recalls and drills as pages: find what a code reaches, follow one recall, and what of it waits for whom."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.canonical import digest
from kernel.errors import NotFound
from kernel.exports import csv_bytes
from kernel.refusals import N_
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, download, panel, view
from kernel.web.site import Viewer
from manufacturing.domain.expiry import local_day
from manufacturing.queries.bench import signatures_of
from release.domain.duties import ROLE_OF
from release.domain.recalls import RecallScope, RecallStatus
from release.drawing.paper import draw_paper
from release.pages.printed import PDF, asked_speech, file_name, printed_by
from release.queries.contacts import channels_on
from release.queries.recall_paper import recall_paper
from release.queries.recall_units import find_source, source_of, unit_document, units_in
from release.queries.recalls import (
    get_recall,
    list_recalls,
    notice_views,
    open_recalls,
    reach,
    recall_by_number,
    recall_line,
    recalls_from,
    recalls_of_batch,
    unaccounted,
    unit_views,
)
from release.tables.recalls import RecallRow

RECALLS = "/recalls"
NAVIGATION.append(Nav(N_("Recall"), RECALLS, "recall:read", 39, aside=True))


@view(
    "recall.list",
    RECALLS,
    permission="recall:read",
    template="release/recalls.html",
    summary="Recalls and drills; ?find= a batch, lot, donor, collection or device: everything it would reach.",
)
def show_recalls(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_recalls(session, viewer.args)
    wanted = viewer.args.get("find", "").strip()
    source = find_source(session, wanted) if wanted else None
    found = None
    if source is not None:
        found = {
            "scope": source.scope.value,
            "record_id": source.record_id,
            "record": source.record,
            "batches": [{"id": one.id, "number": one.number, "status": one.status} for one in source.batches],
            "collections": [{"id": one.id, "number": one.number} for one in source.collections],
            "units": [{"id": one.id, **unit_document(one)} for one in units_in(session, source.batches)],
        }
    statuses = [one.value for one in RecallStatus]
    return {"recalls": rows, "page": page, "statuses": statuses, "wanted": wanted, "found": found}


@view(
    "recall.show",
    "/recalls/<recall_id>",
    permission="recall:read",
    template="release/recall.html",
    summary="One recall or drill: units and where they are, whom it reached, its clocks, its report.",
)
def show_recall(session: Session, viewer: Viewer, recall_id: str) -> dict[str, Any]:
    row, people = get_recall(session, recall_id), names(session)
    units = unit_views(session, recall_id)
    return {
        "recall": recall_line(row, people),
        "units": [
            {
                "id": one["id"],
                "batch_id": one["batch_id"],
                "document": one["document"],
                "where": one["where"],
                "explanation": one["said"].explanation if one["said"] else None,
                "said_by": people.get(one["said"].accounted_by) if one["said"] else None,
                "said_at": one["said"].accounted_at if one["said"] else None,
            }
            for one in units
        ],
        "notices": notice_views(session, recall_id, viewer.at),
        "contacts": channels_on(session, local_day(viewer.at)),
        "reach": reach(session, row),
        "report": report_of(row),
        "signatures": signatures_of(session, recall_id),
    }


def report_of(row: RecallRow) -> dict[str, Any] | None:
    """The report as it was filed, and whether its hash still fits."""
    if row.report is None:
        return None
    filed = json.loads(row.report)
    return {"sha256": row.report_sha256, "intact": digest(filed) == row.report_sha256, "filed": filed}


@download(
    "recall.list_csv",
    "/recalls/<recall_id>/units.csv",
    permission="recall:read",
    summary="Every unit of a recall with its place, status and subject, as CSV.",
)
def unit_list(session: Session, _viewer: Viewer, recall_id: str) -> tuple[bytes, str, str]:
    row, units = get_recall(session, recall_id), unit_views(session, recall_id)
    header = [*(units[0]["document"] if units else {"container": None}), "accounted"]
    body = csv_bytes(header, [[*one["document"].values(), one["where"]] for one in units])
    return body, "text/csv", f"{row.number}.csv"


@download(
    "recall.report",
    "/recalls/<recall_id>/report.json",
    permission="recall:read",
    summary="The filed report of a closed recall or drill, byte for byte what its SHA-256 was taken of.",
)
def filed_report(session: Session, _viewer: Viewer, recall_id: str) -> tuple[bytes, str, str]:
    row = get_recall(session, recall_id)
    if row.report is None:
        raise NotFound(f"report of {recall_id}")
    return row.report.encode(), "application/json", f"{row.number}.json"


@download(
    "recall.list_pdf",
    "/recalls/<recall_id>/units.pdf",
    permission="recall:read",
    summary="A recall on paper: every unit, whom it has to reach and how; ?language=nl or en.",
)
def unit_paper(session: Session, viewer: Viewer, recall_id: str) -> tuple[Callable[[], bytes], str, str]:
    speech = asked_speech(viewer)
    printed = recall_paper(session, recall_id, speech, **printed_by(viewer))
    return partial(draw_paper, printed), PDF, file_name("recall", printed.code, speech.language)


def batch_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    """On the batch: the recalls that reach it, and the way to open one."""
    return recall_panel(session, viewer, RecallScope.BATCH, batch_id, recalls_of_batch(session, batch_id))


def source_panel(scope: RecallScope) -> Callable[..., dict[str, Any] | None]:
    """On any other source: the recalls that started from it, and what one would reach."""

    def show(session: Session, viewer: Viewer, **ids: str) -> dict[str, Any] | None:
        record_id = ids[f"{scope}_id"]
        return recall_panel(session, viewer, scope, record_id, recalls_from(session, record_id))

    return show


def recall_panel(
    session: Session, viewer: Viewer, scope: RecallScope, record_id: str, recalls: list[RecallRow]
) -> dict[str, Any] | None:
    if not viewer.may("recall:read"):
        return None
    people, source = names(session), source_of(session, scope, record_id)
    return {
        "template": "release/recall_panel.html",
        "recalls": [recall_line(one, people) for one in recalls],
        "scope": scope.value,
        "record_id": record_id,
        "code": source.record,
        "reaches": bool(source.batches or source.collections),
    }


def find_recall(session: Session, code: str) -> str | None:
    row = recall_by_number(session, code.strip())
    return f"{RECALLS}/{row.id}" if row else None


def recall_tasks(session: Session, viewer: Viewer) -> list[Task]:
    if not viewer.may("recall:read"):
        return []
    return [task for row in open_recalls(session) for task in tasks_of(session, row, viewer)]


def tasks_of(session: Session, row: RecallRow, viewer: Viewer) -> Iterator[Task]:
    """Whoever has not confirmed; then the containers nobody answers for; then the closing, by somebody else."""
    waiting = [one for one in notice_views(session, row.id, viewer.at) if one["confirmed_at"] is None]
    yield from (notice_task(row, one) for one in waiting)
    open_units = unaccounted(session, row.id)
    place, facts = f"{RECALLS}/{row.id}", {"record": row.record, "containers": ", ".join(open_units)}
    if open_units:
        reason = N_("of %(record)s: say where each container is (%(containers)s)")
        yield Task("recall:account", row.number, reason, f"{place}#units", N_("Account"), facts, urgent=not row.drill)
    if not waiting and not open_units and viewer.actor.id != row.opened_by:
        reason = N_("of %(record)s: everybody knows and every container is accounted for; it can be closed")
        yield Task("recall:close", row.number, reason, f"{place}/close", N_("Close"), facts)


def notice_task(row: RecallRow, notice: dict[str, Any]) -> Task:
    """In a drill, and for an authority, whoever leads the recall makes and records the contact."""
    place = f"{RECALLS}/{row.id}/notices/{notice['id']}"
    facts = {"record": row.record, "duty": notice["duty"], "subject": notice["subject"] or "", "reason": row.reason}
    signs_itself = notice["duty"] in ROLE_OF and not row.drill
    if signs_itself:
        reason = N_("recalls %(record)s (%(reason)s): you have to know, and say what you do")
        if notice["subject"]:
            reason = N_("recalls %(record)s, used for %(subject)s (%(reason)s): you have to know, and say what you do")
        permission, where, button = f"recall:confirm_{notice['duty']}", f"{place}/confirm", N_("Confirm")
    else:
        reason = N_("of %(record)s: %(duty)s is not reached yet")
        permission, where, button = "recall:open", f"{place}/call", N_("Record a contact")
    return Task(permission, row.number, reason, where, button, facts, deadline=notice["due_at"], urgent=not row.drill)


FINDERS.append(find_recall)
TASKS.append(recall_tasks)
panel("batch", batch_panel)
for other in RecallScope:
    if other is not RecallScope.BATCH:
        panel(other.value, source_panel(other))
