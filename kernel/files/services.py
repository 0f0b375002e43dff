"""Attach and withdraw. A file is never changed and never removed; another content is another version."""

from __future__ import annotations

import sqlalchemy as sa

from kernel.errors import refuse_any
from kernel.files.domain.filenames import clean, filename_refusals
from kernel.files.domain.media import judged, media_refusals
from kernel.files.domain.refusals import FILE_ALREADY_HERE, FILE_PURPOSE, FILE_WITHDRAWN, Upload
from kernel.files.events import FileAttached
from kernel.files.queries import files_of, get_record, kind_of
from kernel.files.tables import FileContentRow, FileRow
from kernel.refusals import Refusal
from kernel.work import Work


def upload_refusals(upload: Upload) -> list[Refusal]:
    """Why these bytes under this name are not kept with any record."""
    return [*media_refusals(upload), *filename_refusals(upload.filename)]


def attach_file(work: Work, upload: Upload, *, entity: str, record_id: str, purpose: str) -> FileRow:
    """Keep a file with a record. Under a name and purpose that are there it is the next version (A11-5).

    Refuses what cannot be kept (``FILE_...``, ``PII_IN_FIELD``) and the very bytes that are there already.
    """
    kind = kind_of(entity)
    work.require(kind.attach)
    get_record(work.session, entity, record_id)
    earlier = [one for one in files_of(work.session, entity, record_id) if one.purpose == purpose]
    refusals = upload_refusals(upload)
    if purpose not in kind.purposes:
        refusals.append(FILE_PURPOSE(field="purpose"))
    refusals += [same_file(one) for one in earlier if one.sha256 == upload.sha256 and one.withdrawn_at is None]
    refuse_any(refusals)
    keep_content(work, upload)
    filename = clean(upload.filename)
    row = work.add(
        FileRow(
            entity=entity,
            record_id=record_id,
            purpose=purpose,
            filename=filename,
            number=1 + sum(one.filename == filename for one in earlier),
            media_type=judged(upload.body),
            size=upload.size,
            sha256=upload.sha256,
            person_id=work.actor.id,
            at=work.at,
        )
    )
    work.announce(FileAttached(row.id, entity, record_id, row.media_type, upload))
    return row


def same_file(there: FileRow) -> Refusal:
    return FILE_ALREADY_HERE(
        field="file", sha256=there.sha256[:12], filename=there.filename, location=f"/files/{there.id}"
    )


def keep_content(work: Work, upload: Upload) -> None:
    """The bytes, if nobody kept these before."""
    known = sa.select(FileContentRow.id).where(FileContentRow.sha256 == upload.sha256)
    if work.session.execute(known).scalar_one_or_none() is None:
        work.add(FileContentRow(sha256=upload.sha256, size=upload.size, body=upload.body))


def withdraw_file(work: Work, file_id: str) -> FileRow:
    """Say that a file does not belong where it is, and why; it stays readable, struck through."""
    row = work.lock(FileRow, file_id)
    work.require(kind_of(row.entity).read)
    if row.withdrawn_at is not None:
        refuse_any((FILE_WITHDRAWN(),))
    row.withdrawn_at = work.at
    row.withdrawn_by = work.actor.id
    row.withdrawn_because = work.reason
    return row
