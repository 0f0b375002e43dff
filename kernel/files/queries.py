"""Files as pages, rules and other packages need them. The bytes are read by nobody who did not ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.db import Audited
from kernel.errors import NotFound
from kernel.files.ports import ATTACHABLE, Attachable
from kernel.files.tables import FileContentRow, FileRow
from kernel.tables import TrailRow


def kind_of(entity: str) -> Attachable:
    if entity not in ATTACHABLE:
        raise NotFound(f"files of {entity}")
    return ATTACHABLE[entity]


def get_record(session: Session, entity: str, record_id: str) -> Audited:
    row = session.get(kind_of(entity).table, record_id)
    if row is None:
        raise NotFound(f"{entity} {record_id}")
    return row


def place_of(session: Session, entity: str, record_id: str) -> tuple[str, str]:
    """What people call the record a file belongs to, and where it is shown."""
    return kind_of(entity).place(session, get_record(session, entity, record_id))


def get_file(session: Session, file_id: str) -> FileRow:
    row = session.get(FileRow, file_id)
    if row is None:
        raise NotFound(f"file {file_id}")
    return row


def body_of(session: Session, row: FileRow) -> bytes:
    """The bytes exactly as they came."""
    query = sa.select(FileContentRow.body).where(FileContentRow.sha256 == row.sha256)
    return bytes(session.execute(query).scalar_one())


def files_of(session: Session, entity: str, record_id: str) -> list[FileRow]:
    """Every version of every file of one record, withdrawn ones too, oldest first."""
    query = sa.select(FileRow).where(FileRow.entity == entity, FileRow.record_id == record_id)
    return list(session.execute(query.order_by(FileRow.at, FileRow.number, FileRow.id)).scalars())


OPENED = "file.content"


def never_opened(session: Session, person_id: str, files: Sequence[FileRow]) -> list[FileRow]:
    """The files among these whose bytes were never sent to this person; every sending is a line of the trail."""
    return [one for one in files if not was_opened(session, person_id, one.id)]


def was_opened(session: Session, person_id: str, file_id: str) -> bool:
    query = sa.select(TrailRow.seq).where(
        TrailRow.action == OPENED,
        TrailRow.outcome == "done",
        TrailRow.actor_id == person_id,
        TrailRow.payload.contains(f"/files/{file_id}/content", autoescape=True),
    )
    return session.execute(query.limit(1)).first() is not None


def files_of_digest(session: Session, beginning: str) -> list[FileRow]:
    query = sa.select(FileRow).where(FileRow.sha256.startswith(beginning, autoescape=True)).order_by(FileRow.id)
    return list(session.execute(query.limit(2)).scalars())


def file_view(row: FileRow, people: dict[str, str], *, newest: bool = True) -> dict[str, Any]:
    """What is known of a file. ``newest``: no later version of it."""
    purposes = ATTACHABLE[row.entity].purposes if row.entity in ATTACHABLE else {}
    return {
        "id": row.id,
        "version": row.version,
        "filename": row.filename,
        "number": row.number,
        "newest": newest,
        "purpose": row.purpose,
        "purpose_words": purposes.get(row.purpose, row.purpose),
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "by": people.get(row.person_id, row.person_id),
        "at": row.at,
        "withdrawn_at": row.withdrawn_at,
        "withdrawn_by": people.get(row.withdrawn_by) if row.withdrawn_by else None,
        "withdrawn_because": row.withdrawn_because,
        "location": f"/files/{row.id}",
    }


def file_views(session: Session, entity: str, record_id: str) -> list[dict[str, Any]]:
    rows = files_of(session, entity, record_id)
    people = names(session) if rows else {}
    last = {(row.purpose, row.filename): row.number for row in rows}
    return [file_view(row, people, newest=last[row.purpose, row.filename] == row.number) for row in rows]


def attach_content(session: Session, entity: str, record_id: str) -> dict[str, Any]:
    """What somebody who attaches a file sees: the record, and the files it has."""
    called, _path = place_of(session, entity, record_id)
    return {"title": called, "files": [file_words(one) for one in file_views(session, entity, record_id)]}


def file_words(view: dict[str, Any]) -> dict[str, Any]:
    """A file among others, as it is shown to whoever acts on it."""
    withdrawn = {"withdrawn": view["withdrawn_because"]} if view["withdrawn_at"] else {}
    names_of = {"file": view["filename"], "number": view["number"], "what it is": view["purpose_words"]}
    return names_of | {"sha256": view["sha256"]} | withdrawn


def withdraw_content(session: Session, file_id: str) -> dict[str, Any]:
    row = get_file(session, file_id)
    called, _path = place_of(session, row.entity, row.record_id)
    return {"title": row.filename, "record": called} | file_words(file_view(row, {}))
