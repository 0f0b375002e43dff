"""Mapping the columns of an instrument: an example is kept, its columns are named, QA approves the document."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.errors import Refused
from kernel.files.domain.refusals import FILE_NOT_LOOKED_THROUGH, Upload
from kernel.refusals import N_, Refusal
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.imports.mapping import FIELDS, WORDS
from manufacturing.domain.units import ANALYTES
from manufacturing.queries.mappings import example_content, example_view, known_mapping, read_example
from manufacturing.schemas.imports import ExampleSchema, MappingSchema
from manufacturing.services.imports import draft_mapping, keep_example

MAPPINGS = "/imports/mappings"
EXAMPLE = "/imports/examples/<example_id>"
OF_FILE = ("delimiter", "decimal_mark", "sample", "population", "value")


@act(
    "mapping.example",
    MAPPINGS + "/new",
    permission="import:map",
    title=N_("Map an instrument"),
    schema=ExampleSchema,
    takes_file=True,
)
def example(work: Work, *, instrument: str, file: Upload, looked_through: bool) -> Done:
    work.confirm({})
    if not looked_through:
        raise Refused(FILE_NOT_LOOKED_THROUGH(field="looked_through"))
    row = keep_example(work, file, instrument=instrument)
    return Done(f"/imports/examples/{row.id}/map", N_("The example is kept. Name its columns now."), {"id": row.id})


def before_mapping(session: Session, viewer: Viewer, example_id: str) -> dict[str, Any]:
    """The example as it is read, its titles to choose from, and what the mapping in force says."""
    read = read_example(session, example_id, viewer.args)
    titles = [(one, one) for one in read.titles]
    values = [(one, one) for one in read.populations] or titles
    view = example_view(session, read)
    boxes = dict.fromkeys((f"{key}_title" for key in WORDS), values) | dict.fromkeys(OF_FILE[2:], titles)
    usual = {f"{key}_unit": ANALYTES[FIELDS[key]].unit for key in WORDS if len(ANALYTES[FIELDS[key]].factors) == 1}
    initial = {"delimiter": view["delimiter"], **usual, **known_mapping(session, read.row.instrument)}
    if population := viewer.args.get("population"):
        initial["population"] = population
    return {
        "choices": boxes,
        "verbatim": tuple(boxes),
        "initial": initial,
        "refusals": [read.table] if isinstance(read.table, Refusal) else [],
        "example": view,
        "args": viewer.args,
    }


@act(
    "mapping.draft",
    EXAMPLE + "/map",
    permission="import:map",
    title=N_("Draft the mapping"),
    schema=MappingSchema,
    content=example_content,
    prepare=before_mapping,
    template="manufacturing/mapping.html",
)
def draft(work: Work, example_id: str, **boxes: str) -> Done:
    work.confirm(example_content(work.session, example_id))
    columns = [
        {"title": boxes[f"{key}_title"], "field": key, "unit": boxes[f"{key}_unit"]}
        for key in WORDS
        if boxes[f"{key}_title"]
    ]
    body = {name: boxes[name] for name in OF_FILE if boxes[name]} | {"columns": columns}
    row = draft_mapping(work, example_id, body)
    said = N_("Drafted. Files are read by it when QA has approved it.")
    return Done(f"/administration/documents/{row.id}", said, {"id": row.id, "number": row.number})
