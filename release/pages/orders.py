"""Orders as people look at them: the list, one order with its path, what waits, and panels on lower pages."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Nav, Task, panel, view
from kernel.web.site import Viewer
from manufacturing.domain.expiry import local_day
from release.domain.decisions import OrderStatus, Verdict
from release.queries.order_views import list_orders, order_view, orders_of
from release.queries.orders import find_order_number, on_the_way, waiting_for_check, waiting_for_dispensing

ORDERS = "/orders"
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
    return {"order": order_view(session, order_id), "tones": tones(), "today": local_day(viewer.at)}


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


def order_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Checks of today, products that wait in the pharmacy, products that wait on their way."""
    today = local_day(viewer.at)
    tasks = [
        Task(
            "eligibility:write",
            row.number,
            N_("%(subject)s is to be infused today and the day-of-infusion check is not met yet."),
            f"{ORDERS}/{row.id}/eligibility",
            N_("Check"),
            {"subject": code},
            urgent=True,
        )
        for row, code in waiting_for_check(session, today)
    ]
    tasks += [
        Task(
            "container:dispense",
            row.number,
            N_("%(subject)s is ready for dispensing today."),
            "/dispense",
            N_("Scan"),
            {"subject": code},
        )
        for row, code in waiting_for_dispensing(session, today)
    ]
    tasks += [
        Task(
            "container:hand_over",
            container,
            N_("Dispensed for %(subject)s and not handed over yet."),
            f"{ORDERS}/{row.id}",
            N_("Hand over"),
            {"subject": code},
            urgent=True,
        )
        for row, code, container, _ in on_the_way(session, OrderStatus.DISPENSED)
    ]
    return tasks


panel("batch", batch_panel)
panel("subject", subject_panel)
FINDERS.append(find_order_page)
TASKS.append(order_tasks)
