"""What files tell the packages above; what those refuse, the attaching refuses."""

from __future__ import annotations

from dataclasses import dataclass

from kernel.files.domain.refusals import Upload


@dataclass(frozen=True, slots=True)
class FileAttached:
    """A file was kept with a record, in this transaction; ``upload`` has the bytes as they came."""

    file_id: str
    entity: str
    record_id: str
    media_type: str
    upload: Upload
