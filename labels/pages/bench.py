"""Labels of the bench as print files, and where they are offered: the pages of lots and of parts."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.web.registry import download, panel
from kernel.web.site import Viewer
from labels.drawing.bench_label import BenchLabel, bench_job, draw_bench_label
from labels.drawing.zpl import ZPL
from labels.keys import is_demo
from labels.pages.labels import resolution_of
from labels.ports import label_keys
from labels.queries.bench_labels import lot_label, part_label, piece_label
from manufacturing.queries.lot_uses import pieces_of
from manufacturing.queries.materials import get_lot
from manufacturing.queries.parts import get_part

Printed = tuple[bytes, str, str]


def print_file(label: BenchLabel, viewer: Viewer) -> Printed:
    """``?dpi=300`` or 203, as the printer of the bench has it."""
    return draw_bench_label(label, resolution=resolution_of(viewer)), "application/pdf", file_name(label, "pdf")


def print_job(label: BenchLabel, viewer: Viewer) -> Printed:
    """The same for a thermal printer."""
    return bench_job(label, resolution=resolution_of(viewer)), ZPL, file_name(label, "zpl")


def file_name(label: BenchLabel, ending: str) -> str:
    return f"{label.code.replace('*', '_')}.{ending}"


def of_lot(session: Session, viewer: Viewer, lot_id: str) -> BenchLabel:
    return lot_label(session, lot_id, viewer.speech, demo=is_demo(label_keys()))


def of_piece(session: Session, viewer: Viewer, piece_id: str) -> BenchLabel:
    return piece_label(session, piece_id, viewer.speech, demo=is_demo(label_keys()))


def of_part(session: Session, viewer: Viewer, part_id: str) -> BenchLabel:
    return part_label(session, part_id, viewer.speech, demo=is_demo(label_keys()))


@download("lot.label", "/lots/<lot_id>/label.pdf", permission="lot:read", summary="The label of a lot.", station=True)
def print_lot(session: Session, viewer: Viewer, lot_id: str) -> Printed:
    return print_file(of_lot(session, viewer, lot_id), viewer)


@download(
    "lot.job",
    "/lots/<lot_id>/label.zpl",
    permission="lot:read",
    summary="The same label of a lot as a job for a thermal printer (ZPL).",
    station=True,
    inline=False,
)
def print_lot_job(session: Session, viewer: Viewer, lot_id: str) -> Printed:
    return print_job(of_lot(session, viewer, lot_id), viewer)


@download(
    "piece.label",
    "/pieces/<piece_id>/label.pdf",
    permission="lot:read",
    summary="The label of an opened bottle or vial with its own expiry (PDF).",
    station=True,
)
def print_piece(session: Session, viewer: Viewer, piece_id: str) -> Printed:
    return print_file(of_piece(session, viewer, piece_id), viewer)


@download(
    "piece.job",
    "/pieces/<piece_id>/label.zpl",
    permission="lot:read",
    summary="The same label of an opened bottle or vial as a job for a thermal printer (ZPL).",
    station=True,
    inline=False,
)
def print_piece_job(session: Session, viewer: Viewer, piece_id: str) -> Printed:
    return print_job(of_piece(session, viewer, piece_id), viewer)


@download(
    "part.label",
    "/parts/<part_id>/label.pdf",
    permission="collection:read",
    summary="The label of a part of a leukapheresis (PDF).",
    station=True,
)
def print_part(session: Session, viewer: Viewer, part_id: str) -> Printed:
    return print_file(of_part(session, viewer, part_id), viewer)


@download(
    "part.job",
    "/parts/<part_id>/label.zpl",
    permission="collection:read",
    summary="The same label of a part of a leukapheresis as a job for a thermal printer (ZPL).",
    station=True,
    inline=False,
)
def print_part_job(session: Session, viewer: Viewer, part_id: str) -> Printed:
    return print_job(of_part(session, viewer, part_id), viewer)


def lot_panel(session: Session, _viewer: Viewer, lot_id: str, **_ids: str) -> dict[str, Any]:
    """The label of the lot and of each piece that was opened."""
    row = get_lot(session, lot_id)
    files = [(row.code, f"/lots/{row.id}/label")]
    files += [(one.code, f"/pieces/{one.id}/label") for one in pieces_of(session, lot_id)]
    return {"template": "labels/bench_panel.html", "files": files}


def part_panel(session: Session, _viewer: Viewer, part_id: str, **_ids: str) -> dict[str, Any]:
    row = get_part(session, part_id)
    return {"template": "labels/bench_panel.html", "files": [(row.code, f"/parts/{row.id}/label")]}


panel("lot", lot_panel)
panel("part", part_panel)
