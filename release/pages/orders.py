"""Orders as people look at them: the list, one order with its path, what waits, and panels on lower pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.rounds import for_each
from kernel.web.lines import chained, first_lines
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Lines, Nav, Task, panel, view
from kernel.web.site import Viewer, this_site
from manufacturing.domain.expiry import local_day
from release.domain.decisions import OrderStatus, Verdict
from release.queries.downtime import said_again
from release.queries.fetching import to_fetch
from release.queries.order_views import list_orders, order_view, orders_of
from release.queries.orders import find_order_number, on_the_way, orders_on
from release.tables.dispensing import OrderRow

ORDERS = "/orders"
CHECK, SCAN = N_("Check"), N_("Scan")
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
    """Checks of today, and products that wait in the pharmacy."""
    today = local_day(viewer.at)
    kinds = (
        (OrderStatus.ORDERED, to_check, "eligibility:write", CHECK),
        (OrderStatus.ELIGIBLE, to_dispense, "container:dispense", SCAN),
    )

    def of_kind(kind: tuple[OrderStatus, Callable[..., Task], str, str]) -> list[Lines]:
        status, draw, permission, action = kind
        about: dict[str, Any] = {"permission": permission, "action": action, "record": OrderRow.number}
        return first_lines(session, viewer, orders_on(today, status), draw, **about)

    return chained(for_each(of_kind, kinds))


def hand_over_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Products that wait on their way."""
    waiting = on_the_way(session, OrderStatus.DISPENSED) if viewer.may("container:hand_over") else []
    return [to_hand_over(row, code, container) for row, code, container, _ in waiting]


def to_check(row: OrderRow, code: str) -> Task:
    reason = N_("%(subject)s is to be infused today and the day-of-infusion check is not met yet.")
    place = f"{ORDERS}/{row.id}/eligibility"
    return Task("eligibility:write", row.number, reason, place, CHECK, {"subject": code}, urgent=True)


def to_dispense(row: OrderRow, code: str) -> Task:
    reason = N_("%(subject)s is ready for dispensing today.")
    return Task("container:dispense", row.number, reason, "/dispense", SCAN, {"subject": code})


def to_hand_over(row: OrderRow, code: str, container: str) -> Task:
    reason, action = N_("Dispensed for %(subject)s and not handed over yet."), N_("Hand over")
    place = f"{ORDERS}/{row.id}"
    return Task("container:hand_over", container, reason, place, action, {"subject": code}, urgent=True)


panel("batch", batch_panel)
panel("subject", subject_panel)
FINDERS.append(find_order_page)
TASKS.extend([order_tasks, hand_over_tasks])
