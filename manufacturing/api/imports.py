"""Importing an export for a batch, confirming or rejecting it; declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.queries import list_effective
from kernel.errors import Refused
from kernel.files.domain.refusals import FILE_NOT_LOOKED_THROUGH, MEGABYTE, Upload
from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer, this_site
from kernel.work import Work
from manufacturing.domain.imports.imports import ImportStatus, confirm_refusals
from manufacturing.domain.imports.mapping import MAPPING
from manufacturing.domain.imports.refusals import IMPORT_DECIDED
from manufacturing.queries.imports import get_import, import_content, propose_content
from manufacturing.schemas.imports import ProposeSchema
from manufacturing.services.imports import confirm_import, propose_import, reject_import
from manufacturing.tables.imports import ImportRow

IMPORT = "/imports/<import_id>"


def before_proposing(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:  # noqa: ARG001
    """The instruments whose mapping is in force, and how large the file may be."""
    instruments = [(row.code, f"{row.code} v{row.number}") for row in list_effective(session, MAPPING)]
    limit = viewer.speech.say(N_("At most %(limit)s MB."), limit=this_site().largest_file // MEGABYTE)
    none = viewer.speech.say(
        N_("No instrument is mapped yet: take an export of yours and map its columns first (Mappings of instruments).")
    )
    return {"choices": {"instrument": instruments}, "help": {"file": limit}, "notes": () if instruments else (none,)}


@act(
    "import.propose",
    "/batches/<batch_id>/import",
    permission="import:propose",
    title=N_("Import from an instrument"),
    schema=ProposeSchema,
    content=propose_content,
    prepare=before_proposing,
    takes_file=True,
)
def propose(
    work: Work, batch_id: str, *, file: Upload, instrument: str, set_others_aside: bool, looked_through: bool
) -> Done:
    if not looked_through:
        raise Refused(FILE_NOT_LOOKED_THROUGH(field="looked_through"))
    row = propose_import(work, batch_id, file, instrument=instrument, set_others_aside=set_others_aside)
    return done(row, N_("Read. A second person compares the values with the file now."))


def done(row: ImportRow, message: str) -> Done:
    return Done(f"/imports/{row.id}", message, {"id": row.id, "batch_id": row.batch_id, "status": row.status})


def before_deciding(session: Session, viewer: Viewer, import_id: str) -> dict[str, Any]:
    row = get_import(session, import_id)
    if row.status != ImportStatus.PROPOSED:
        return {"refusals": [IMPORT_DECIDED(status=row.status)]}
    return {"refusals": list(confirm_refusals(viewer.actor.id, row.imported_by))}


def before_rejecting(session: Session, _viewer: Viewer, import_id: str) -> dict[str, Any]:
    row = get_import(session, import_id)
    return {"refusals": [] if row.status == ImportStatus.PROPOSED else [IMPORT_DECIDED(status=row.status)]}


@act(
    "import.confirm",
    IMPORT + "/confirm",
    permission="import:confirm",
    title=N_("Confirm the imported values"),
    content=import_content,
    prepare=before_deciding,
    signs=1,
    meaning=N_("I compared each value with the file and the instrument's print; they agree."),
)
def confirm(work: Work, import_id: str) -> Done:
    return done(confirm_import(work, import_id), N_("Confirmed. The values stand in their steps, to be signed there."))


@act(
    "import.reject",
    IMPORT + "/reject",
    permission="import:confirm",
    title=N_("Reject this import"),
    content=import_content,
    prepare=before_rejecting,
    signs=1,
    needs_reason=True,
    danger=True,
    meaning=N_("These values are not entered, for the reason given."),
)
def reject(work: Work, import_id: str) -> Done:
    return done(reject_import(work, import_id), N_("Rejected. Nothing was entered; the file stays."))
