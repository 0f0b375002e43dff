"""Orders and the day-of-infusion check, declared once for pages and API."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from manufacturing.queries.trial import get_protocol, protocol_settings
from release.domain.eligibility import questions
from release.queries.orders import eligibility_settings, get_order, order_content
from release.schemas.orders import EligibilitySchema, OrderSchema
from release.services.orders import cancel_order, check_eligibility, check_refusals, write_order
from release.tables.dispensing import EligibilityRow

ORDERS = "/orders"


def new_order(_session: Session, viewer: Viewer) -> dict[str, Any]:
    return {"initial": {"infusion_on": local_day(viewer.at)}}


@act(
    "order.write",
    ORDERS + "/new",
    permission="order:write",
    title=N_("Write an infusion order"),
    schema=OrderSchema,
    prepare=new_order,
    signs=1,
    meaning=N_("I prescribe this infusion of NK cells."),
)
def write(work: Work, **fields: Any) -> Done:
    row = write_order(work, **fields)
    return Done(
        f"{ORDERS}/{row.id}", N_("Order written."), {"id": row.id, "number": row.number, "status": row.status}, 201
    )


@act(
    "order.cancel",
    ORDERS + "/<order_id>/cancel",
    permission="order:cancel",
    title=N_("Cancel the order"),
    content=order_content,
    signs=1,
    needs_reason=True,
    meaning=N_("I cancel this order."),
    danger=True,
)
def cancel(work: Work, order_id: str) -> Done:
    row = cancel_order(work, order_id)
    return Done(f"{ORDERS}/{row.id}", N_("Order cancelled."), {"id": row.id, "status": row.status})


def new_check(session: Session, viewer: Viewer, order_id: str) -> dict[str, Any]:
    """Nothing is answered in advance; only the days of today's counts are offered, and the limits in force."""
    today = local_day(viewer.at)
    document, _ = protocol_settings(session)
    settings = eligibility_settings(get_protocol(session))
    needed, left_out = questions(settings)
    return {
        "limits": asdict(settings),
        "needed": needed,
        "left_out": left_out,
        "protocol": f"{document.code} v{document.number}",
        "initial": {"circulating_assessed_on": today, "neutrophils_assessed_on": today},
        "refusals": check_refusals(get_order(session, order_id), today),
    }


@act(
    "order.check",
    ORDERS + "/<order_id>/eligibility",
    permission="eligibility:write",
    title=N_("Day-of-infusion check"),
    schema=EligibilitySchema,
    content=order_content,
    prepare=new_check,
    signs=1,
    meaning=N_("I examined the subject today and vouch for these answers."),
    template="release/eligibility.html",
)
def check(work: Work, order_id: str, gvhd_grade: str, **answers: Any) -> Done:
    row = check_eligibility(work, order_id, gvhd_grade=int(gvhd_grade), **answers)
    return Done(
        f"{ORDERS}/{order_id}", said(row), {"id": row.id, "failed": json.loads(row.failed), "order_id": order_id}
    )


def said(row: EligibilityRow) -> str:
    if row.failed == "[]":
        return N_("Check stored: the criteria are met today.")
    return N_("Check stored: the subject may not be infused today.")
