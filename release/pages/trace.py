"""The trace as a page and a drawing that fits one A4: donor, collection, batch, container, subject, in both directions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from kernel.errors import NotFound
from kernel.refusals import N_
from kernel.web.registry import download, panel, view
from kernel.web.site import Viewer
from manufacturing.queries.collections import get_donor
from release.drawing.paper import draw_paper
from release.pages.printed import PDF, asked_speech, file_name, printed_by
from release.queries.trace import find_traced, found_of, trace_of
from release.queries.trace_paper import trace_paper

COLUMN, ROW, BOX_WIDTH, BOX_HEIGHT = 220, 84, 196, 64
COLUMNS = ("donor", "collection", "batch", "container", "way", "subject")


@view(
    "trace.show",
    "/trace/<code>",
    permission="trace:read",
    template="release/trace.html",
    summary="The whole chain of a code: donor, collection, batch, tests, labels, dispensing, infusion, subject.",
)
def show_trace(session: Session, viewer: Viewer, code: str) -> dict[str, Any]:
    found = find_traced(session, code)
    if found is None:
        raise NotFound("no record of the chain has this code")
    trace = trace_of(session, found, clinical=viewer.may("order:read"))
    return {"code": code, "trace": trace, "drawing": drawing(trace), "chain": chain_lines(trace)}


@download(
    "trace.pdf",
    "/trace/<code>/trace.pdf",
    permission="trace:read",
    summary="The whole chain of a code on paper: the drawing on one A4, then every list of it; ?language=nl or en.",
)
def trace_pdf(session: Session, viewer: Viewer, code: str) -> tuple[Callable[[], bytes], str, str]:
    found = find_traced(session, code)
    if found is None:
        raise NotFound("no record of the chain has this code")
    speech = asked_speech(viewer)
    trace = trace_of(session, found, clinical=viewer.may("order:read"))
    printed = trace_paper(code, trace, drawing(trace), chain_lines(trace), speech, **printed_by(viewer))
    return partial(draw_paper, printed), PDF, file_name("trace", code, speech.language)


def chain_lines(trace: dict[str, Any]) -> list[dict[str, str]]:
    """The drawing as a table: a line for each container, or for what did not get that far."""
    return [
        {name: cells[name][1] if name in cells else "" for name in COLUMNS}
        for one in trace["collections"]
        for cells in lines_of(trace, one)
    ]


def donor_panel(session: Session, viewer: Viewer, donor_id: str) -> dict[str, Any] | None:
    """What became of every container of the donor, also of those that nobody got (ATMPR-15.3)."""
    if not viewer.may("trace:read"):
        return None
    trace = trace_of(
        session, found_of(session, "donor", get_donor(session, donor_id)), clinical=viewer.may("order:read")
    )
    return {
        "template": "release/donor_panel.html",
        "containers": [one for batch in trace["batches"] for one in batch["containers"]],
        "subject": trace["subject"]["code"],
        "clinical": trace["clinical"],
    }


panel("donor", donor_panel)


def drawing(trace: dict[str, Any]) -> dict[str, Any]:
    """Boxes and lines: one row for each container, or for what did not get that far."""
    lines = [line for one in trace["collections"] for line in lines_of(trace, one)]
    boxes: dict[tuple[str, str], dict[str, Any]] = {}
    links: list[tuple[tuple[str, str], tuple[str, str]]] = []
    for place, line in enumerate(lines):
        cells = [(name, *line[name]) for name in COLUMNS if name in line]
        keys = [(name, key) for name, key, *_ in cells]
        for name, key, text, below, path in cells:
            box = boxes.setdefault((name, key), new_box(name, text, below, path))
            box["rows"].append(place)
        links.extend(pair for pair in pairwise(keys) if pair not in links)
    for box in boxes.values():
        box["y"] = int(sum(box["rows"]) * ROW / len(box["rows"])) + 30
    return {
        "boxes": list(boxes.values()),
        "links": [link(boxes[one], boxes[other]) for one, other in links],
        "width": len(COLUMNS) * COLUMN,
        "height": max(1, len(lines)) * ROW + 40,
        "box_width": BOX_WIDTH,
        "box_height": BOX_HEIGHT,
    }


def lines_of(trace: dict[str, Any], collection: dict[str, Any]) -> list[dict[str, tuple[str, str, str, str]]]:
    """For each column: key, text, what stands under it, address."""
    donor = next((one for one in trace["donors"] if one["id"] == collection["donor_id"]), {"code": "–", "id": "-"})
    start = {
        "donor": (donor["id"], donor["code"], "", f"/trace/{donor['code']}"),
        "collection": (
            collection["id"],
            collection["number"],
            collection["status"],
            f"/collections/{collection['id']}",
        ),
    }
    subject = (trace["subject"]["id"], trace["subject"]["code"], "", f"/subjects/{trace['subject']['id']}")
    batches = [one for one in trace["batches"] if collection["id"] in one["collection_ids"]]
    lines = []
    for batch in batches:
        here = {**start, "batch": (batch["id"], batch["number"], batch["status"], f"/batches/{batch['id']}")}
        lines.extend({**here, **container_cells(one), "subject": subject} for one in batch["containers"])
        if not batch["containers"]:
            lines.append({**here, "subject": subject})
    return lines or [{**start, "subject": subject}]


def container_cells(container: dict[str, Any]) -> dict[str, tuple[str, str, str, str]]:
    path = f"/trace/{container['code']}"
    cells = {"container": (container["id"], container["code"], container["disposition"] or "", path)}
    standing = [one for one in container["dispensings"] if one["cancelled_at"] is None]
    if standing:
        way = standing[-1]
        state = way["outcome"] or ("handed_over" if way["handed_over_at"] else "dispensed")
        below = N_("rest destroyed") if container["destruction"] else ""
        cells["way"] = (f"{container['id']}-way", state, below, f"/orders/{way['order_id']}")
    elif container["destruction"]:
        cells["way"] = (f"{container['id']}-way", N_("destroyed"), "", path)
    return cells


def new_box(name: str, text: str, below: str, path: str) -> dict[str, Any]:
    return {
        "x": COLUMNS.index(name) * COLUMN + 10,
        "text": text,
        "below": below,
        "path": path,
        "kind": name,
        "rows": [],
    }


def link(one: dict[str, Any], other: dict[str, Any]) -> dict[str, int]:
    half = BOX_HEIGHT // 2
    return {"x1": one["x"] + BOX_WIDTH, "y1": one["y"] + half, "x2": other["x"], "y2": other["y"] + half}
