"""Reading a result out of an instrument's file; and which records of release take files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.queries import list_effective
from kernel.errors import Refused
from kernel.files.api import files_panel
from kernel.files.domain.refusals import FILE_NOT_LOOKED_THROUGH, MEGABYTE, Upload
from kernel.files.ports import attachable
from kernel.refusals import N_
from kernel.web.registry import Done, act, panel, view
from kernel.web.site import Viewer, this_site
from kernel.work import Work
from manufacturing.domain.imports.mapping import MAPPING
from release.api.testing import TESTS, done
from release.queries.sources import sources_of_test
from release.queries.testing import content_of_test, get_record
from release.queries.verifying import RAW_DATA
from release.schemas.reading import ReadingSchema
from release.services.reading import read_result
from release.tables.testing import QcTestRow


def place_of_test(_session: Session, row: Any) -> tuple[str, str]:
    return row.number, f"{TESTS}/{row.id}"


attachable(
    QcTestRow,
    read="result:read",
    attach="result:enter",
    purposes={RAW_DATA: N_("raw data of the result"), "report": N_("report of the laboratory")},
    place=place_of_test,
)


def before_reading_file(session: Session, viewer: Viewer, test_id: str) -> dict[str, Any]:  # noqa: ARG001
    instruments = [(row.code, f"{row.code} v{row.number}") for row in list_effective(session, MAPPING)]
    limit = viewer.speech.say(N_("At most %(limit)s MB."), limit=this_site().largest_file // MEGABYTE)
    return {
        "choices": {"instrument": instruments},
        "help": {"file": limit},
    }


@act(
    "result.read",
    TESTS + "/<test_id>/read-file",
    permission="result:enter",
    title=N_("Read the result from a file"),
    schema=ReadingSchema,
    content=content_of_test,
    prepare=before_reading_file,
    signs=1,
    meaning=N_("This file is the raw data of this test, and the sample named was measured."),
    takes_file=True,
)
def read_file(
    work: Work,
    test_id: str,
    *,
    file: Upload,
    instrument: str,
    sample: str,
    measured_at: datetime,
    looked_through: bool,
) -> Done:
    if not looked_through:
        raise Refused(FILE_NOT_LOOKED_THROUGH(field="looked_through"))
    row = read_result(work, test_id, file, instrument=instrument, sample=sample, measured_at=measured_at)
    return done(row, N_("Entered. Another person verifies it against the raw data."))


@view(
    "result.sources",
    TESTS + "/<test_id>/sources",
    permission="result:read",
    template="release/sources.html",
    summary="For each result read out of a file: file, row, column and cell.",
)
def show_sources(session: Session, _viewer: Viewer, test_id: str) -> dict[str, Any]:
    row = get_record(session, QcTestRow, test_id)
    return {"test": {"id": row.id, "number": row.number}, "sources": sources_of_test(session, test_id)}


def sources_panel(session: Session, _viewer: Viewer, test_id: str) -> dict[str, Any]:
    return {"template": "release/sources_panel.html", "sources": sources_of_test(session, test_id)}


def files_of_test(session: Session, viewer: Viewer, test_id: str) -> dict[str, Any] | None:
    return files_panel(session, viewer, "test", test_id)


panel("result", sources_panel)
panel("result", files_of_test)
