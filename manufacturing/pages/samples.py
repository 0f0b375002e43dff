"""Samples as pages: the register, one sample, and what was drawn on the pages of collection, batch and container."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.refusals import N_
from kernel.web.lines import first_lines
from kernel.web.registry import FINDERS, NAVIGATION, TASKS, Lines, Nav, Task, panel, view
from kernel.web.site import Viewer
from manufacturing.domain.samples import SampleKind, SampleStatus, read_sample_code
from manufacturing.queries.balance import balance_view
from manufacturing.queries.batches import get_batch, get_container
from manufacturing.queries.bench import signatures_of
from manufacturing.queries.samples import (
    list_samples,
    retained_samples,
    sample_by_code,
    sample_line,
    sample_view,
    samples_of_batch,
    samples_of_collection,
    waiting_samples,
)
from manufacturing.tables.samples import SampleRow

NAVIGATION.append(Nav(N_("Samples"), "/samples", "sample:read", 32))


@view(
    "sample.list",
    "/samples",
    permission="sample:read",
    template="manufacturing/samples.html",
    summary="Samples with their source, state and end.",
)
def show_samples(session: Session, viewer: Viewer) -> dict[str, Any]:
    rows, page = list_samples(session, viewer.args)
    words = {"statuses": [one.value for one in SampleStatus], "kinds": [one.value for one in SampleKind]}
    return {"samples": rows, "page": page, **words}


@view(
    "sample.retained",
    "/samples/retained",
    permission="sample:read",
    template="manufacturing/retained.html",
    summary="The register of retained samples: place and earliest day of disposal.",
)
def show_retained(session: Session, _viewer: Viewer) -> dict[str, Any]:
    return {"samples": retained_samples(session)}


@view(
    "sample.show",
    "/samples/<sample_id>",
    permission="sample:read",
    template="manufacturing/sample.html",
    summary="One sample: where it comes from, who has it, how it ended.",
)
def show_sample(session: Session, _viewer: Viewer, sample_id: str) -> dict[str, Any]:
    return {"sample": sample_view(session, sample_id), "signatures": signatures_of(session, sample_id)}


def lines(session: Session, rows: list[SampleRow]) -> list[dict[str, Any]]:
    people = names(session)
    return [sample_line(one, people) for one in rows]


def drawn_panel(
    samples: list[dict[str, Any]], draw: str | None = None, balance: dict[str, Any] | None = None
) -> dict[str, Any]:
    """``draw``: the act behind the button; ``balance``: of a batch."""
    return {"template": "manufacturing/samples_panel.html", "samples": samples, "draw": draw, "balance": balance}


def collection_panel(session: Session, viewer: Viewer, collection_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("sample:read"):
        return None
    found = lines(session, samples_of_collection(session, collection_id))
    return drawn_panel(found, "sample.draw_collection")


def batch_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("sample:read"):
        return None
    batch = get_batch(session, batch_id)
    draw = "sample.draw_batch" if batch.status not in {"planned", "terminated", "closed"} else None
    return drawn_panel(lines(session, samples_of_batch(session, batch_id)), draw, balance_view(session, batch))


def container_panel(session: Session, viewer: Viewer, container_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("sample:read"):
        return None
    batch_id = get_container(session, container_id).batch_id
    rows = [one for one in samples_of_batch(session, batch_id) if one.container_id == container_id]
    return drawn_panel(lines(session, rows))


def find_sample(session: Session, code: str) -> str | None:
    """Only a code whose check character fits; a slip of one character opens nothing."""
    read = read_sample_code(code)
    row = sample_by_code(session, read) if read else None
    return f"/samples/{row.id}" if row else None


def sample_tasks(session: Session, viewer: Viewer) -> list[Lines]:
    """What was drawn and has not reached the laboratory."""
    reason, action = N_("was drawn and is with nobody yet"), N_("Receive")
    kind: dict[str, Any] = {"permission": "sample:receive", "action": action, "record": SampleRow.code}

    def line(row: SampleRow) -> Task:
        return Task("sample:receive", row.code, reason, f"/samples/{row.id}", action)

    return first_lines(session, viewer, waiting_samples(), line, **kind)


FINDERS.append(find_sample)
TASKS.append(sample_tasks)
panel("collection", collection_panel)
panel("batch", batch_panel)
panel("container", container_panel)
