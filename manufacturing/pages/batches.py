"""Batches and steps as pages and documents."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, Nav, view
from kernel.web.site import Viewer
from manufacturing.domain.batches import BatchStatus
from manufacturing.queries.batch_page import batch_view, container_page
from manufacturing.queries.batches import list_batches
from manufacturing.queries.bench import bench_view, yields_of_step

NAVIGATION.append(Nav(N_("Batches"), "/batches", "batch:read", 30))


@view(
    "batch.list",
    "/batches",
    permission="batch:read",
    template="manufacturing/batches.html",
    summary="Batches with subject, donor, state and expiry.",
)
def show_batches(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_batches(session, viewer.args)
    return {"batches": rows, "page": page, "statuses": [one.value for one in BatchStatus]}


@view(
    "batch.show",
    "/batches/<batch_id>",
    permission="batch:read",
    template="manufacturing/batch.html",
    summary="One batch: chain, lifeline, record, yields, containers, deviations, holds.",
)
def show_batch(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
    return batch_view(session, batch_id, viewer.at)


@view(
    "container.show",
    "/containers/<container_id>",
    permission="batch:read",
    template="manufacturing/container.html",
    summary="One filled container: chain, contents, expiry, holds, labels.",
)
def show_container(session: Session, _viewer: Viewer, container_id: str) -> dict[str, Any]:
    return container_page(session, container_id)


@view(
    "step.show",
    "/batches/<batch_id>/steps/<position>",
    permission="batch:read",
    template="manufacturing/step.html",
    summary="One step with its values, limits and signatures.",
)
def show_step(session: Session, viewer: Viewer, batch_id: str, position: str) -> dict[str, Any]:
    bench = bench_view(session, batch_id, position, viewer.at)
    return {"bench": bench, "yields": yields_of_step(session, batch_id, position)}
