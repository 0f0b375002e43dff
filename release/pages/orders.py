"""Orders as people look at them: the list, one order with its path, what waits, and panels on lower pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.queries import get_document
from kernel.refusals import N_
from kernel.rounds import for_each
from kernel.web.lines import chained, first_lines
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Lines, Nav, Task, panel, view
from kernel.web.site import Viewer, this_site
from manufacturing.domain.expiry import end_of_day, local_day
from manufacturing.tables.batches import BatchRow, ContainerRow
from release.domain.decisions import OrderStatus, Verdict
from release.queries.downtime import said_again
from release.queries.fetching import to_fetch
from release.queries.order_views import list_orders, order_view, orders_of
from release.queries.orders import find_order_number, on_the_way, orders_on, soonest, specifications_awaited
from release.queries.scanning import minutes
from release.queries.testing import parsed_specification
from release.tables.dispensing import OrderRow

ORDERS = "/orders"
CHECK, SCAN, OPEN = N_("Check"), N_("Scan"), N_("Open")
SOON = timedelta(hours=6)
NAVIGATION.append(Nav(N_("Orders"), ORDERS, "order:read", 45))
ORDER_TONES = {
    OrderStatus.ORDERED: "wait",
    OrderStatus.ELIGIBLE: "info",
    OrderStatus.DISPENSED: "wait",
    OrderStatus.HANDED_OVER: "wait",
    OrderStatus.ADMINISTERED: "ok",
    OrderStatus.NOT_ADMINISTERED: "warn",
    OrderStatus.CANCELLED: "plain",
}
VERDICT_TONES = {
    Verdict.ALLOW: "ok",
    Verdict.ALLOW_CONDITIONAL: "wait",
    Verdict.ALLOW_OOS: "except",
    Verdict.DENY: "stop",
}


def tones() -> dict[str, str]:
    return {
        **{key.value: tone for key, tone in ORDER_TONES.items()},
        **{key.value: t for key, t in VERDICT_TONES.items()},
    }


@view("order.list", ORDERS, permission="order:read", template="release/order_list.html", summary="Infusion orders.")
def show_orders(session: Session, viewer: Viewer) -> dict[str, Any]:
    return {**list_orders(session, viewer.args), "tones": tones()}


@view(
    "order.show",
    ORDERS + "/<order_id>",
    permission="order:read",
    template="release/order.html",
    summary="One order: checks, scans, dispensing, hand-over, infusion, reactions.",
)
def show_order(session: Session, viewer: Viewer, order_id: str) -> dict[str, Any]:
    order = order_view(session, order_id)
    for scan in order["scans"]:
        scan["reasons"] = [viewer.speech.refusal(one) for one in said_again(scan["reasons"])]
    fetch = to_fetch(this_site().database, session, order_id, viewer.at)
    for one in fetch["containers"] if fetch else ():
        one["reasons"] = [viewer.speech.refusal(reason) for reason in one["reasons"]]
    return {"order": order, "fetch": fetch, "tones": tones(), "today": local_day(viewer.at)}


def batch_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    """Where the containers of a batch went; not for roles that do not read orders (TC-23-14)."""
    if not viewer.may("order:read"):
        return None
    return {"template": "release/order_panel.html", "orders": orders_of(session, batch_id=batch_id), "tones": tones()}


def subject_panel(session: Session, viewer: Viewer, subject_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("order:read"):
        return None
    found = orders_of(session, subject_id=subject_id)
    return {"template": "release/order_panel.html", "orders": found, "tones": tones()}


def find_order_page(session: Session, code: str) -> str | None:
    row = find_order_number(session, code.strip())
    return f"{ORDERS}/{row.id}" if row else None


def order_tasks(session: Session, viewer: Viewer) -> list[Lines]:
    """Checks of today, and products that wait in the pharmacy; each specification has its own margin, so its own lines."""
    if not any(viewer.may(one) for one in ("eligibility:write", "container:dispense")):
        return []
    today = local_day(viewer.at)
    judging = soonest(viewer.at, BatchRow.specification_document_id)
    expires = soonest(viewer.at, ContainerRow.expires_at)

    def judged_by(document_id: str | None) -> list[Lines]:
        day = Day(viewer.at, end_of_day(today), margin_of(session, document_id))
        ready = (to_dispense, SCAN) if document_id else (to_find, OPEN)
        return [
            one
            for status, permission, draw, action in (
                (OrderStatus.ORDERED, "eligibility:write", to_check, CHECK),
                (OrderStatus.ELIGIBLE, "container:dispense", *ready),
            )
            for one in first_lines(
                session,
                viewer,
                orders_on(today, status).where(judging.is_not_distinct_from(document_id)).add_columns(expires),
                partial(draw, day),
                permission=permission,
                action=action,
                record=OrderRow.number,
                deadline=expires,
            )
        ]

    return chained(for_each(judged_by, specifications_awaited(session, today, viewer.at)))


def margin_of(session: Session, document_id: str | None) -> timedelta:
    """For transport and infusion, of a frozen specification."""
    if document_id is None:
        return timedelta(0)
    specification = parsed_specification(get_document(session, document_id).body)
    return minutes(specification.transport_infusion_margin_minutes)


@dataclass(frozen=True)
class Day:
    """The day of an infusion as the Work page counts it down."""

    now: datetime
    over: datetime
    margin: timedelta

    def deadline(self, expires_at: datetime | None) -> datetime:
        """When a scan in the pharmacy says yes for the last time: on the day itself, the margin before the expiry."""
        return self.over if expires_at is None else min(self.over, expires_at - self.margin)


def hand_over_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Products that wait on their way."""
    waiting = on_the_way(session, OrderStatus.DISPENSED) if viewer.may("container:hand_over") else []
    return [to_hand_over(row, code, container) for row, code, container, _ in waiting]


def to_check(day: Day, row: OrderRow, code: str, expires_at: datetime | None) -> Task:
    reason = N_("%(subject)s is to be infused today and the day-of-infusion check is not met yet.")
    place, deadline = f"{ORDERS}/{row.id}/eligibility", day.deadline(expires_at)
    return Task("eligibility:write", row.number, reason, place, CHECK, {"subject": code}, deadline, urgent=True)


def to_dispense(day: Day, row: OrderRow, code: str, expires_at: datetime) -> Task:
    reason, deadline = N_("%(subject)s is ready for dispensing today."), day.deadline(expires_at)
    soon = deadline - day.now < SOON
    return Task("container:dispense", row.number, reason, "/dispense", SCAN, {"subject": code}, deadline, urgent=soon)


def to_find(day: Day, row: OrderRow, code: str, expires_at: None) -> Task:
    """No container to scan; the order says why."""
    reason = N_("%(subject)s is to be infused today and no certified container is in stock.")
    place, deadline = f"{ORDERS}/{row.id}", day.deadline(expires_at)
    return Task("container:dispense", row.number, reason, place, OPEN, {"subject": code}, deadline, urgent=True)


def to_hand_over(row: OrderRow, code: str, container: str) -> Task:
    reason, action = N_("Dispensed for %(subject)s and not handed over yet."), N_("Hand over")
    place = f"{ORDERS}/{row.id}"
    return Task("container:hand_over", container, reason, place, action, {"subject": code}, urgent=True)


panel("batch", batch_panel)
panel("subject", subject_panel)
FINDERS.append(find_order_page)
TASKS.extend([order_tasks, hand_over_tasks])
