"""Files of records: attach, look, download, withdraw."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import Refused
from kernel.files.domain.refusals import FILE_NOT_LOOKED_THROUGH, MEGABYTE, Upload
from kernel.files.ports import ATTACHABLE
from kernel.files.queries import (
    OPENED,
    attach_content,
    body_of,
    file_view,
    file_views,
    files_of_digest,
    get_file,
    kind_of,
    place_of,
    withdraw_content,
)
from kernel.files.schemas import AttachSchema
from kernel.files.services import attach_file, withdraw_file
from kernel.files.tables import FileRow
from kernel.refusals import N_, ROLE_NOT_ALLOWED
from kernel.web.registry import FINDERS, Done, act, download, panel, view
from kernel.web.site import Viewer, this_site
from kernel.work import Work

OF_RECORD = "/files/of/<entity>/<record_id>"
DIGEST = re.compile(r"[0-9a-f]{12,64}", re.ASCII)


def may_read(viewer: Viewer, entity: str) -> None:
    """Files are read by whoever may read the record they belong to."""
    if not viewer.may(kind_of(entity).read):
        raise Refused(ROLE_NOT_ALLOWED(permission=kind_of(entity).read))


def readable_file(session: Session, viewer: Viewer, file_id: str) -> FileRow:
    row = get_file(session, file_id)
    may_read(viewer, row.entity)
    return row


def attach_choices(_session: Session, viewer: Viewer, entity: str, record_id: str) -> dict[str, Any]:  # noqa: ARG001
    limit = viewer.speech.say(N_("At most %(limit)s MB."), limit=this_site().largest_file // MEGABYTE)
    return {"choices": {"purpose": list(kind_of(entity).purposes.items())}, "help": {"file": limit}}


@act(
    "file.attach",
    OF_RECORD + "/attach",
    permission="file:attach",
    title=N_("Attach a file"),
    schema=AttachSchema,
    content=attach_content,
    prepare=attach_choices,
    takes_file=True,
)
def attach(work: Work, entity: str, record_id: str, *, file: Upload, purpose: str, looked_through: bool) -> Done:
    work.confirm(attach_content(work.session, entity, record_id))
    if not looked_through:
        raise Refused(FILE_NOT_LOOKED_THROUGH(field="looked_through"))
    row = attach_file(work, file, entity=entity, record_id=record_id, purpose=purpose)
    _called, path = place_of(work.session, entity, record_id)
    body = {"id": row.id, "number": row.number, "sha256": row.sha256, "media_type": row.media_type}
    return Done(path, N_("The file is kept with the record."), body)


@act(
    "file.withdraw",
    "/files/<file_id>/withdraw",
    permission="file:withdraw",
    title=N_("Withdraw this file"),
    content=withdraw_content,
    needs_reason=True,
    danger=True,
)
def withdraw(work: Work, file_id: str) -> Done:
    row = work.lock(FileRow, file_id)
    work.confirm(withdraw_content(work.session, file_id))
    withdraw_file(work, row.id)
    return Done(f"/files/{file_id}", N_("Withdrawn; it stays readable, struck through."), {"id": file_id})


@view("file.list", OF_RECORD, permission="file:read", template="kernel/files.html", summary="The files of a record.")
def show_files(session: Session, viewer: Viewer, entity: str, record_id: str) -> dict[str, Any]:
    may_read(viewer, entity)
    called, path = place_of(session, entity, record_id)
    ids = {"entity": entity, "record_id": record_id}
    return {"called": called, "path": path, "files": file_views(session, entity, record_id), **ids}


@view("file.show", "/files/<file_id>", permission="file:read", template="kernel/file.html", summary="One file.")
def show_file(session: Session, viewer: Viewer, file_id: str) -> dict[str, Any]:
    row = readable_file(session, viewer, file_id)
    called, path = place_of(session, row.entity, row.record_id)
    views = file_views(session, row.entity, row.record_id)
    same = [one for one in views if (one["purpose"], one["filename"]) == (row.purpose, row.filename)]
    newest = row.number == same[-1]["number"]
    about = file_view(row, names(session), newest=newest)
    return {"file": about, "versions": same, "called": called, "path": path}


@download(
    OPENED,
    "/files/<file_id>/content",
    permission="file:read",
    summary="The bytes as they came.",
    inline=False,
)
def send(session: Session, viewer: Viewer, file_id: str) -> tuple[bytes, str, str]:
    row = readable_file(session, viewer, file_id)
    return body_of(session, row), row.media_type, row.filename


def files_panel(session: Session, viewer: Viewer, entity: str, record_id: str) -> dict[str, Any] | None:
    """Files on the page of their record."""
    if entity not in ATTACHABLE or not viewer.may("file:read") or not viewer.may(kind_of(entity).read):
        return None
    may_attach = viewer.may("file:attach") and viewer.may(kind_of(entity).attach)
    return {
        "template": "kernel/files_panel.html",
        "files": file_views(session, entity, record_id),
        "may_attach": may_attach,
        "entity": entity,
        "record_id": record_id,
    }


def find_file(session: Session, code: str) -> str | None:
    """The digest printed on a certificate or in a batch record opens the file, with or without the word before it."""
    digest = code.lower().removeprefix("sha-256 ")
    found = files_of_digest(session, digest) if DIGEST.fullmatch(digest) else []
    return f"/files/{found[0].id}" if found else None


panel("files", files_panel)
FINDERS.append(find_file)
