"""FCS files are read when they are kept: damaged ones, and those of another sample or with a person in them, are not."""

from __future__ import annotations

from kernel.errors import Refused, refuse_any
from kernel.files.domain.media import FCS
from kernel.files.events import FileAttached
from kernel.refusals import Refusal
from kernel.work import Work
from manufacturing.domain.imports.fcs import fcs_refusals, personal_refusals, read_fcs
from manufacturing.queries.samples import get_sample
from manufacturing.tables.imports import FcsFileRow
from manufacturing.tables.samples import SampleRow


def read_attached_fcs(work: Work, event: FileAttached) -> None:
    """Keep what the file says of itself. With a sample it must carry that sample's code."""
    if event.media_type != FCS:
        return
    found = read_fcs(event.upload.body)
    if isinstance(found, Refusal):
        raise Refused(found)
    if event.entity == SampleRow.__tablename__:
        refuse_any(fcs_refusals(found, get_sample(work.session, event.record_id).code))
    refuse_any(personal_refusals(found))
    work.add(
        FcsFileRow(
            file_id=event.file_id,
            fcs_version=found.version,
            sample_code=found.sample,
            acquired=found.acquired,
            cytometer=found.cytometer,
            serial=found.serial,
            events=found.events,
            parameters=found.parameters,
        )
    )
