"""Results out of specification as pages: the list, one record as a story, and the work that waits."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.files.ports import attachable
from kernel.refusals import N_
from kernel.rounds import for_each
from kernel.web.lines import chained, first_lines
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Lines, Nav, Task, panel, view
from kernel.web.site import Viewer
from manufacturing.queries.trial import paged
from release.api.oos import ONE, OOS_PAGES, oos_refusals
from release.domain.oos import OosStatus
from release.domain.results import failed_parts
from release.pages.testing import batch_about
from release.queries.oos import (
    invalid_without_retest,
    oos_content,
    oos_line,
    oos_stories,
    retest_of,
    undecided_oos,
)
from release.queries.testing import get_record
from release.tables.oos import OosRow

NAVIGATION.append(Nav(N_("OOS"), OOS_PAGES, "oos:read", 52))
SORTS = {"number": OosRow.number, "opened": OosRow.opened_at, "status": OosRow.status}
ACTIONS = {
    OosStatus.OPEN: (
        ("oos.laboratory", "conclude_laboratory_phase"),
        ("oos.invalidate", "invalidate"),
        ("oos.confirm", "confirm"),
    ),
    OosStatus.INVALIDATED: (("oos.authorise_retest", "authorise_retest"),),
    OosStatus.CONFIRMED: (),
}

attachable(
    OosRow,
    read="oos:read",
    attach="oos:investigate",
    purposes={"evidence": N_("evidence of the cause"), "raw_data": N_("raw data")},
    place=lambda _session, row: (row.number, f"{OOS_PAGES}/{row.id}"),
)


@view(
    "oos.list",
    OOS_PAGES,
    permission="oos:read",
    template="release/oos_list.html",
    summary="Results out of specification; ?status=.",
)
def show_oos_list(session: Session, viewer: Viewer) -> dict[str, Any]:
    query = sa.select(OosRow)
    if viewer.args.get("status") in set(OosStatus):
        query = query.where(OosRow.status == viewer.args["status"])
    rows, page = paged(session, query, viewer.args, SORTS, "-opened")
    people = names(session)
    found = [oos_line(session, row, people) for row in rows]
    return {"records": found, "page": page, "statuses": [one.value for one in OosStatus]}


@view(
    "oos.show",
    ONE,
    permission="oos:read",
    template="release/oos.html",
    summary="One result out of specification, from its verification to its end, in order.",
)
def show_oos(session: Session, viewer: Viewer, oos_id: str) -> dict[str, Any]:
    row = get_record(session, OosRow, oos_id)
    return {
        "id": row.id,
        "test_id": row.test_id,
        "batch": batch_about(session, row.batch_id),
        "story": oos_content(session, oos_id),
        "actions": actions(session, viewer, row),
    }


def actions(session: Session, viewer: Viewer, row: OosRow) -> list[dict[str, Any]]:
    """What the state offers, each with why this person could not do it now; an authorised retest leaves nothing."""
    if retest_of(session, row.id) is not None:
        return []
    found = []
    for name, action in ACTIONS[OosStatus(row.status)]:
        refusals = oos_refusals(session, row.id, action, viewer.actor.id)
        found.append({"name": name, "why": [viewer.speech.refusal(one)["sentence"] for one in refusals]})
    return found


def oos_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    """On the page of the batch, in order; nothing where nothing failed."""
    stories = oos_stories(session, batch_id) if viewer.may("oos:read") else []
    return {"template": "release/oos_panel.html", "stories": stories} if stories else None


def find_oos(session: Session, code: str) -> str | None:
    found = session.execute(sa.select(OosRow.id).where(OosRow.number == code.strip())).scalar_one_or_none()
    return f"{OOS_PAGES}/{found}" if found else None


def oos_tasks(session: Session, viewer: Viewer) -> list[Lines]:
    """For the laboratory, then for QA; an invalid result for whoever authorises its retest."""
    waiting = (
        (
            invalid_without_retest(),
            "oos:decide",
            N_("Open"),
            N_("is invalid and has no authorised retest: %(criterion)s: %(shown)s"),
        ),
        (
            undecided_oos(investigated=True),
            "oos:decide",
            N_("Decide"),
            N_("waits for the decision of QA: %(criterion)s: %(shown)s"),
        ),
        (
            undecided_oos(investigated=False),
            "oos:investigate",
            N_("Investigate"),
            N_("waits for the investigation of the laboratory: %(criterion)s: %(shown)s"),
        ),
    )

    def of_kind(kind: tuple[Any, str, str, str]) -> list[Lines]:
        query, permission, action, reason = kind
        draw = partial(oos_task, permission, action, reason)
        return first_lines(session, viewer, query, draw, permission=permission, action=action, record=OosRow.number)

    return chained(for_each(of_kind, waiting))


def oos_task(permission: str, action: str, reason: str, row: OosRow) -> Task:
    laboratory, undecided = permission == "oos:investigate", row.status == OosStatus.OPEN
    place = f"{OOS_PAGES}/{row.id}/laboratory" if laboratory else f"{OOS_PAGES}/{row.id}"
    return Task(permission, row.number, reason, place, action, failed_parts(row.found), urgent=undecided)


panel("batch", oos_panel)
FINDERS.append(find_oos)
TASKS.append(oos_tasks)
