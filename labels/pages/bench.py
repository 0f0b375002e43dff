"""Labels of the bench as print files, and where they are offered: the pages of lots and of parts."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.web.registry import download, panel
from kernel.web.site import Viewer
from labels.drawing.bench_label import BenchLabel, draw_bench_label
from labels.keys import is_demo
from labels.pages.labels import resolution_of
from labels.ports import label_keys
from labels.queries.bench_labels import lot_label, part_label, piece_label
from manufacturing.queries.lot_uses import pieces_of
from manufacturing.queries.materials import get_lot
from manufacturing.queries.parts import get_part

Printed = tuple[bytes, str, str]


def printed(label: BenchLabel, viewer: Viewer) -> Printed:
    """``?dpi=300`` or 203, as the printer of the bench has it."""
    return (
        draw_bench_label(label, resolution=resolution_of(viewer)),
        "application/pdf",
        f"{label.code.replace('*', '_')}.pdf",
    )


@download(
    "lot.label",
    "/lots/<lot_id>/label.pdf",
    permission="lot:read",
    summary="The label of a lot (PDF).",
    station=True,
)
def print_lot(session: Session, viewer: Viewer, lot_id: str) -> Printed:
    return printed(lot_label(session, lot_id, viewer.speech, demo=is_demo(label_keys())), viewer)


@download(
    "piece.label",
    "/pieces/<piece_id>/label.pdf",
    permission="lot:read",
    summary="The label of an opened bottle or vial with its own expiry (PDF).",
    station=True,
)
def print_piece(session: Session, viewer: Viewer, piece_id: str) -> Printed:
    return printed(piece_label(session, piece_id, viewer.speech, demo=is_demo(label_keys())), viewer)


@download(
    "part.label",
    "/parts/<part_id>/label.pdf",
    permission="collection:read",
    summary="The label of a part of a leukapheresis (PDF).",
    station=True,
)
def print_part(session: Session, viewer: Viewer, part_id: str) -> Printed:
    return printed(part_label(session, part_id, viewer.speech, demo=is_demo(label_keys())), viewer)


def lot_panel(session: Session, _viewer: Viewer, lot_id: str, **_ids: str) -> dict[str, Any]:
    """The label of the lot and of each piece that was opened."""
    row = get_lot(session, lot_id)
    files = [(row.code, f"/lots/{row.id}/label.pdf")]
    files += [(one.code, f"/pieces/{one.id}/label.pdf") for one in pieces_of(session, lot_id)]
    return {"template": "labels/bench_panel.html", "files": files}


def part_panel(session: Session, _viewer: Viewer, part_id: str, **_ids: str) -> dict[str, Any]:
    row = get_part(session, part_id)
    return {"template": "labels/bench_panel.html", "files": [(row.code, f"/parts/{row.id}/label.pdf")]}


panel("lot", lot_panel)
panel("part", part_panel)
