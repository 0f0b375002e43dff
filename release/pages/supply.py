"""Supplies out of specification as pages: the list, one supply with what blocks it, and the work that waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.files.ports import attachable
from kernel.refusals import N_
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, panel, view
from kernel.web.site import Viewer
from manufacturing.queries.trial import paged
from release.api.supply import ONE, SUPPLIES, supply_act_refusals
from release.domain.guards import GuardState
from release.domain.supply import LIVE, SUPPLY, Recipient, SupplyStatus, supply_lines
from release.pages.decisions import line_view, tones
from release.pages.testing import batch_about
from release.queries.decisions import container_documents
from release.queries.exposure import find_dispensing
from release.queries.overlays import overlay_views, overlays_to_destroy
from release.queries.review import release_facts
from release.queries.supplies import named_of, notices_of, open_notices, supplies_in, supplies_of
from release.queries.supply import candidates, director_needed, hands_on, scope_of, supply_content, supply_line
from release.queries.testing import get_record
from release.tables.supply import NoticeRow, SupplyRow

NAVIGATION.append(Nav(N_("OOS supply"), SUPPLIES, "oos_supply:read", 53, aside=True))
SORTS = {"number": SupplyRow.number, "requested": SupplyRow.requested_at, "status": SupplyRow.status}
WAYS = ("evaluate", "agree", "authorise", "accept", "accept_on_paper", "withdraw", "decline")

attachable(
    SupplyRow,
    read="oos_supply:read",
    attach="oos_supply:copy",
    purposes={
        "risk_evaluation": N_("risk evaluation"),
        "signed_request": N_("signed request"),
        "signed_acceptance": N_("signed acceptance"),
        "notification": N_("notification to an authority"),
    },
    place=lambda _session, row: (row.number, f"{SUPPLIES}/{row.id}"),
)


@view(
    "oos_supply.list",
    SUPPLIES,
    permission="oos_supply:read",
    template="release/supply_list.html",
    summary="Supplies out of specification at the request of a physician, and the batches one could be requested for.",
)
def show_supplies(session: Session, viewer: Viewer) -> dict[str, Any]:
    query = sa.select(SupplyRow)
    if viewer.args.get("status") in set(SupplyStatus):
        query = query.where(SupplyRow.status == viewer.args["status"])
    rows, page = paged(session, query, viewer.args, SORTS, "-requested")
    return {
        "supplies": [supply_line(session, row) for row in rows],
        "page": page,
        "statuses": [one.value for one in SupplyStatus],
        "candidates": candidates(session, viewer.at),
    }


@view(
    "oos_supply.show",
    ONE,
    permission="oos_supply:read",
    template="release/supply.html",
    summary="One supply out of specification: request, risk evaluation, acceptance, what blocks it, who was told.",
)
def show_supply(session: Session, viewer: Viewer, supply_id: str) -> dict[str, Any]:
    row = get_record(session, SupplyRow, supply_id)
    return {
        "id": row.id,
        "batch": batch_about(session, row.batch_id),
        "supply": supply_content(session, supply_id),
        "containers": container_documents(session, row.batch_id),
        "tones": tones(),
        "director_needed": director_needed(session),
        "decision_id": row.decision_id,
        "overlays": overlay_views(session, row) if row.accepted_at else [],
        "lines": lines(session, viewer, row),
        "actions": actions(session, viewer, row),
        "notices": [notice_view(one) for one in notices_of(session, row.id)],
    }


def notice_view(row: NoticeRow) -> dict[str, Any]:
    """``since``: how long it waits, or waited, is told from the moment it was due, which is the acceptance."""
    return {
        "id": row.id,
        "recipient": row.recipient,
        "open": row.done_at is None,
        "since": row.opened_at,
        "done_at": row.done_at,
        "reference": row.reference,
    }


def lines(session: Session, viewer: Viewer, row: SupplyRow) -> dict[str, list[dict[str, Any]]]:
    """What blocks the supply, by state, as long as it is under way or in force."""
    if row.status not in LIVE:
        return {}
    facts = release_facts(session, row.batch_id, viewer.at)
    about = batch_about(session, row.batch_id)
    found = supply_lines(facts, scope_of(session, row.batch_id), named_of(row), viewer.at)
    views = [line_view(viewer, line, about) for line in found]
    return {state.value: [one for one in views if one["state"] == state.value] for state in GuardState}


def actions(session: Session, viewer: Viewer, row: SupplyRow) -> list[dict[str, Any]]:
    """What the state offers, each with why this person could not do it now."""
    found = []
    for action in WAYS:
        if action not in {one.action for one in SUPPLY.transitions if row.status in one.sources}:
            continue
        if action == "authorise" and (row.authorised_at or not director_needed(session)):
            continue
        refusals = supply_act_refusals(session, row.id, action, viewer)
        why = [viewer.speech.refusal(one)["sentence"] for one in refusals]
        found.append({"name": f"oos_supply.{action}", "why": why})
    return found


def supply_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    """On the page of the batch; nothing where nobody ever asked."""
    rows = supplies_of(session, batch_id) if viewer.may("oos_supply:read") else []
    found = [supply_line(session, row) for row in rows]
    return {"template": "release/supply_panel.html", "supplies": found} if found else None


def find_supply(session: Session, code: str) -> str | None:
    found = session.execute(sa.select(SupplyRow.id).where(SupplyRow.number == code.strip())).scalar_one_or_none()
    return f"{SUPPLIES}/{found}" if found else None


NEXT = {
    SupplyStatus.REQUESTED: ("oos_supply:evaluate", N_("waits for the risk evaluation: %(found)s")),
    SupplyStatus.EVALUATED: ("oos_supply:agree", N_("waits for the QP, who reads the risk evaluation: %(found)s")),
    SupplyStatus.GIVEN: ("oos_supply:accept", N_("waits for the physician's acceptance: %(found)s")),
}
TOLD = {
    Recipient.SPONSOR: N_("A product is supplied out of specification: %(found)s. The sponsor has to know at once."),
    Recipient.IGJ: N_("IGJ has to be told of a supply out of specification: %(found)s."),
    Recipient.CCMO: N_("CCMO has to be told of a supply out of specification: %(found)s."),
}


def supply_tasks(session: Session, viewer: Viewer) -> list[Task]:
    return [*next_tasks(session, viewer), *notice_tasks(session, viewer), *overlay_tasks(session, viewer)]


def next_tasks(session: Session, viewer: Viewer) -> Iterator[Task]:
    """Each for whoever has to act next; never for a person who may not."""
    for row in supplies_in(session, *NEXT):
        permission, reason = NEXT[SupplyStatus(row.status)]
        if row.status == SupplyStatus.GIVEN and director_needed(session) and row.authorised_at is None:
            permission = "oos_supply:authorise"
            reason = N_("waits for the authorisation of the director: %(found)s")
        hands = hands_on(session, row.batch_id, viewer.actor.id)
        if viewer.may(permission) and viewer.actor.id not in hands.made:
            facts = {"found": "; ".join(one.found for one in named_of(row))}
            place = f"{SUPPLIES}/{row.id}"
            yield Task(permission, row.number, reason, place, N_("Open"), facts, urgent=True)


def notice_tasks(session: Session, viewer: Viewer) -> Iterator[Task]:
    """Due from the moment they exist: the law says “immediately” and names no hours."""
    if not viewer.may("oos_supply:notify"):
        return
    for notice, row in open_notices(session):
        facts = {"found": "; ".join(one.found for one in named_of(row))}
        place = f"/supply-notices/{notice.id}/report"
        reason = TOLD[Recipient(notice.recipient)]
        yield Task(
            "oos_supply:notify",
            row.number,
            reason,
            place,
            N_("Record it"),
            facts,
            deadline=notice.opened_at,
            urgent=True,
        )


def overlay_tasks(session: Session, viewer: Viewer) -> Iterator[Task]:
    """Containers in force that do not carry their overlay yet, and overlays that outlived their supply."""
    if not viewer.may("oos_supply:overlay"):
        return
    for row in supplies_in(session, SupplyStatus.IN_FORCE):
        for one in overlay_views(session, row):
            if one["applied_at"] is None and find_dispensing(session, one["container_id"]) is None:
                reason = N_("needs the overlay “out of specification” before it can be dispensed")
                yield Task("oos_supply:overlay", one["container"], reason, f"{SUPPLIES}/{row.id}#overlays", N_("Open"))
    for overlay in overlays_to_destroy(session):
        reason = N_("belongs to a supply that has ended; take it off and destroy it with a second person")
        place = f"/overlays/{overlay.id}/destroy"
        yield Task("oos_supply:overlay", overlay.number, reason, place, N_("Destroy the overlay"), urgent=True)


panel("batch", supply_panel)
FINDERS.append(find_supply)
TASKS.append(supply_tasks)
