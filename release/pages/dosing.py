"""The dose page of a container and of an order, and the estimate before a leukapheresis."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import parse_number
from kernel.refusals import N_, Refusal
from kernel.web.registry import panel, view
from kernel.web.site import Viewer
from release.domain.dose import target_refusals
from release.queries.dose import containers_for, dose_view
from release.queries.estimates import ESTIMATE_INPUT, estimate_view
from release.queries.orders import get_order

# What may be typed beside the target: name, smallest and largest value.
BESIDE = {"minutes": (Decimal(1), Decimal(1440)), "sensitivity": (Decimal("0.0001"), Decimal(10))}
NAMES = {"minutes": N_("The duration of the infusion"), "sensitivity": N_("The sensitivity of the test")}


def typed_beside(viewer: Viewer) -> tuple[dict[str, Decimal], list[Refusal]]:
    """``?minutes=120&sensitivity=0.05``: what is not possible is said, and the page computes without it."""
    found: dict[str, Decimal] = {}
    refusals: list[Refusal] = []
    for name, (low, high) in BESIDE.items():
        text = viewer.args.get(name, "").strip()
        number = parse_number(text) if text else None
        if isinstance(number, Refusal):
            refusals.append(number)
        elif number is not None and not low <= number <= high:
            refusals.append(ESTIMATE_INPUT(name=NAMES[name], low=low, high=high, field=name))
        elif number is not None:
            found[name] = number
    return found, refusals


def typed_target(viewer: Viewer) -> tuple[Decimal | None, list[Refusal]]:
    """``?target=1e7``; what is no number is said, and the page computes without it."""
    text = viewer.args.get("target", "").strip()
    if not text:
        return None, []
    number = parse_number(text)
    if isinstance(number, Refusal):
        return None, [number]
    refusals = list(target_refusals(number))
    return (None, refusals) if refusals else (number, [])


def spoken(viewer: Viewer, refusals: list[Refusal]) -> list[dict[str, Any]]:
    return [viewer.speech.refusal(one) for one in refusals]


def dose_page(
    session: Session, viewer: Viewer, container_ids: list[str], ordered_minutes: int | None = None
) -> dict[str, Any]:
    target, refusals = typed_target(viewer)
    beside, wrong = typed_beside(viewer)
    minutes = beside.get("minutes", None if ordered_minutes is None else Decimal(ordered_minutes))
    doses = [dose_view(session, one, target, minutes, beside.get("sensitivity")) for one in container_ids]
    for one in doses:
        one["refusals"] = spoken(viewer, one["refusals"])
    return {
        "doses": doses,
        "typed": viewer.args.get("target", "")[:40],
        "typed_beside": {name: viewer.args.get(name, "")[:40] for name in BESIDE},
        "minutes": minutes,
        "wrong": spoken(viewer, [*refusals, *wrong]),
    }


@view(
    "dose.show",
    "/containers/<container_id>/dose",
    permission="dose:read",
    template="release/dose.html",
    summary="The volume to infuse of one container, what binds it, endotoxin limit, inputs and formula; ?target=, minutes=, sensitivity=.",
)
def show_dose(session: Session, viewer: Viewer, container_id: str) -> dict[str, Any]:
    return {"order": None, **dose_page(session, viewer, [container_id])}


@view(
    "order.dose",
    "/orders/<order_id>/dose",
    permission="dose:read",
    template="release/dose.html",
    summary="The volume to infuse of each container that is ready for the subject of an order.",
)
def show_order_dose(session: Session, viewer: Viewer, order_id: str) -> dict[str, Any]:
    order = get_order(session, order_id)
    chosen = (
        [order.container_id] if order.container_id else [one.id for one in containers_for(session, order.subject_id)]
    )
    about = {"id": order.id, "number": order.number, "volume_ml": order.volume_ml, "minutes": order.duration_minutes}
    return {"order": about, **dose_page(session, viewer, chosen, order.duration_minutes)}


@view(
    "collection.estimate",
    "/collections/<collection_id>/estimate",
    permission="collection:read",
    template="release/estimate.html",
    summary="Will this donor be enough? ?nk_per_ul=, volume_ml=, efficiency=, recovery_low=, recovery_high=.",
)
def show_estimate(session: Session, viewer: Viewer, collection_id: str) -> dict[str, Any]:
    found = estimate_view(session, collection_id, viewer.args)
    return {**found, "refusals": spoken(viewer, found["refusals"])}


def container_panel(_session: Session, viewer: Viewer, container_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("dose:read"):
        return None
    return {"template": "release/dose_panel.html", "container_id": container_id}


def collection_panel(_session: Session, viewer: Viewer, collection_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("collection:read"):
        return None
    return {"template": "release/estimate_panel.html", "collection_id": collection_id}


panel("container", container_panel)
panel("collection", collection_panel)
