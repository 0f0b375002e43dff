"""Which records of manufacturing take files, what a file is to them, and where the files are shown."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.files.api import files_panel
from kernel.files.ports import attachable
from kernel.refusals import N_
from kernel.web.registry import panel
from kernel.web.site import Viewer
from manufacturing.queries.batches import get_batch
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.deviations import CapaRow, DeviationRow
from manufacturing.tables.equipment import EquipmentRow
from manufacturing.tables.materials import LotRow
from manufacturing.tables.samples import SampleRow

RUN_REPORT = {"run_report": N_("report of an instrument's run"), "photograph": N_("photograph")}
LETTER = {"letter": N_("letter or message")}
EXPORT = {"instrument_export": N_("export of an instrument")}


def batch_place(_session: Session, row: Any) -> tuple[str, str]:
    return row.number, f"/batches/{row.id}"


def step_place(session: Session, row: Any) -> tuple[str, str]:
    return (
        f"{get_batch(session, row.batch_id).number} · {row.position}",
        f"/batches/{row.batch_id}/steps/{row.position}",
    )


def deviation_place(_session: Session, row: Any) -> tuple[str, str]:
    return row.number, f"/deviations/{row.id}"


def action_place(_session: Session, row: Any) -> tuple[str, str]:
    return row.number, f"/actions/{row.id}"


def collection_place(_session: Session, row: Any) -> tuple[str, str]:
    return row.number or row.id, f"/collections/{row.id}"


def equipment_place(_session: Session, row: Any) -> tuple[str, str]:
    return row.code, f"/equipment/{row.id}"


def lot_place(_session: Session, row: Any) -> tuple[str, str]:
    return row.code, f"/lots/{row.id}"


def sample_place(_session: Session, row: Any) -> tuple[str, str]:
    return row.code, f"/samples/{row.id}"


attachable(BatchRow, read="batch:read", attach="batch:verify", purposes=RUN_REPORT | EXPORT | LETTER, place=batch_place)
attachable(StepRow, read="batch:read", attach="batch:verify", purposes=RUN_REPORT | EXPORT, place=step_place)
attachable(
    DeviationRow, read="deviation:read", attach="deviation:raise", purposes=RUN_REPORT | LETTER, place=deviation_place
)
attachable(CapaRow, read="deviation:read", attach="capa:do", purposes=RUN_REPORT | LETTER, place=action_place)
attachable(
    CollectionRow,
    read="collection:read",
    attach="collection:verify",
    purposes=RUN_REPORT | LETTER | {"donor_document": N_("document of the collection centre")},
    place=collection_place,
)
attachable(
    LotRow,
    read="lot:read",
    attach="lot:receive",
    purposes={"certificate": N_("certificate of analysis")} | LETTER,
    place=lot_place,
)
attachable(
    EquipmentRow,
    read="equipment:read",
    attach="equipment:record",
    purposes={"certificate_of_calibration": N_("certificate of calibration or qualification")} | RUN_REPORT,
    place=equipment_place,
)
attachable(SampleRow, read="sample:read", attach="sample:receive", purposes=RUN_REPORT | EXPORT, place=sample_place)


def files_of_batch(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    return files_panel(session, viewer, "batch", batch_id)


def files_of_collection(session: Session, viewer: Viewer, collection_id: str, **_ids: str) -> dict[str, Any] | None:
    return files_panel(session, viewer, "collection", collection_id)


def files_of_sample(session: Session, viewer: Viewer, sample_id: str, **_ids: str) -> dict[str, Any] | None:
    return files_panel(session, viewer, "sample", sample_id)


def files_of_lot(session: Session, viewer: Viewer, lot_id: str, **_ids: str) -> dict[str, Any] | None:
    return files_panel(session, viewer, "lot", lot_id)


panel("batch", files_of_batch)
panel("collection", files_of_collection)
panel("lot", files_of_lot)
panel("sample", files_of_sample)
