"""Reading exports of instruments, as people do it, beside a story."""

from __future__ import annotations

from kernel.documents.queries import approval_content
from kernel.documents.services import approve_document
from kernel.files.domain.refusals import Upload
from manufacturing.queries.imports import import_content, propose_content
from manufacturing.queries.mappings import example_content
from manufacturing.services.imports import confirm_import, draft_mapping, keep_example, propose_import, reject_import

HEADER = "Sample ID,WBC(10^3/uL),Viability(%)"
COUNTER = {
    "delimiter": "comma",
    "decimal_mark": "point",
    "sample": "Sample ID",
    "columns": [
        {"title": "WBC(10^3/uL)", "field": "wbc", "unit": "10^3/uL"},
        {"title": "Viability(%)", "field": "viability", "unit": "%"},
    ],
}


def export(*rows, name="counter.csv", header=HEADER):
    return Upload(name, "\n".join([header, *rows, ""]).encode())


def drafted(story, body=COUNTER, example=None, instrument="COUNTER-1"):
    with story.act("mapping.example", story.t1) as work:
        kept = keep_example(work, example or export("S1,1,1", name="example.csv"), instrument=instrument)
    with story.act("mapping.draft", story.t1, content=(example_content, kept.id)) as work:
        return draft_mapping(work, kept.id, body)


def mapped(story, body=COUNTER, **given):
    document = drafted(story, body, **given)
    with story.act("document.approve", story.qa, content=(approval_content, document.id)) as work:
        return approve_document(work, document.id, role="QA")


def proposed(story, batch, upload, *, by=None, aside=False, instrument="COUNTER-1"):
    with story.act("import.propose", by or story.t1, content=(propose_content, batch.id)) as work:
        return propose_import(work, batch.id, upload, instrument=instrument, set_others_aside=aside)


def confirmed(story, row, *, by=None):
    with story.act("import.confirm", by or story.t2, content=(import_content, row.id)) as work:
        return confirm_import(work, row.id)


def rejected(story, row, *, by=None, reason="the control of this run failed"):
    with story.act("import.reject", by or story.t2, content=(import_content, row.id), reason=reason) as work:
        return reject_import(work, row.id)
