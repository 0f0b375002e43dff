"""Imports as pages and documents: one import, those of a batch, the mappings of the instruments, what waits."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.documents.queries import document_view, list_of_kind
from kernel.files.ports import attachable
from kernel.files.queries import get_file
from kernel.refusals import N_
from kernel.web.registry import TASKS, Task, panel, view
from kernel.web.site import Viewer
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.imports.mapping import MAPPING
from manufacturing.queries.batches import get_batch
from manufacturing.queries.imports import fcs_of, get_import, import_view, imports_of, value_views, waiting_imports
from manufacturing.queries.record import read_record
from manufacturing.services.imports import EXPORT
from manufacturing.tables.imports import ImportExampleRow


def example_place(_session: Session, row: Any) -> tuple[str, str]:
    return row.instrument, f"/imports/examples/{row.id}/map"


attachable(
    ImportExampleRow,
    read="batch:read",
    attach="import:map",
    purposes={EXPORT: N_("export of an instrument")},
    place=example_place,
)


@view(
    "import.show",
    "/imports/<import_id>",
    permission="batch:read",
    template="manufacturing/import.html",
    summary="One import: each value with its cell, the rows set aside, who decided.",
)
def show_import(session: Session, _viewer: Viewer, import_id: str) -> dict[str, Any]:
    row = get_import(session, import_id)
    record = read_record(session, row.batch_id)
    return {
        "found": import_view(session, row, names(session)),
        "batch": {"id": record.batch.id, "number": record.batch.number},
        "lines": value_views(session, record, row),
    }


@view(
    "mapping.list",
    "/imports/mappings",
    permission="document:read",
    template="manufacturing/mappings.html",
    summary="The mappings of the instruments, in all their versions.",
)
def show_mappings(session: Session, _viewer: Viewer) -> dict[str, Any]:
    found = [document_view(session, row) for row in list_of_kind(session, MAPPING)]
    return {"mappings": found}


def imports_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    """The imports of a batch, on its page."""
    if not viewer.may("batch:read"):
        return None
    people = names(session)
    return {
        "template": "manufacturing/imports_panel.html",
        "imports": [import_view(session, row, people) for row in imports_of(session, batch_id)],
        "may_import": get_batch(session, batch_id).status == BatchStatus.IN_PROCESS,
    }


def waiting_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Proposed values wait for a second person, who is not the importer."""
    return [
        Task(
            "import:confirm",
            get_batch(session, row.batch_id).number,
            N_("has values read from “%(file)s” that wait for a second person"),
            f"/imports/{row.id}",
            N_("Compare and confirm"),
            {"file": get_file(session, row.file_id).filename},
        )
        for row in waiting_imports(session)
        if row.imported_by != viewer.actor.id
    ]


def fcs_panel(session: Session, _viewer: Viewer, file_id: str) -> dict[str, Any] | None:
    """What an FCS file says of itself, on the page of the file."""
    row = fcs_of(session, file_id)
    if row is None:
        return None
    kept = ("fcs_version", "sample_code", "acquired", "cytometer", "serial", "events", "parameters")
    return {"template": "manufacturing/fcs_panel.html", "fcs": {name: getattr(row, name) for name in kept}}


panel("file", fcs_panel)
panel("batch", imports_panel)
TASKS.append(waiting_tasks)
