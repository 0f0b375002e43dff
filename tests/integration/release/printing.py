"""A batch with everything that must be marked, its record as PDF, and a reader of that PDF."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pypdfium2
import sqlalchemy as sa

from kernel.web.i18n import Speech
from kernel.work import unit_of_work
from release.drawing.paper import draw_paper
from release.queries.batch_record import executed_record
from release.tables.decisions import DispositionRow
from tests.integration.manufacturing.story import PRESETS


def pages_of(body: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(body)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


def printed(story, batch, language="en"):
    with story.database.reading() as session:
        return draw_paper(executed_record(session, batch.id, Speech(language), by="Person QA", at=story.now))


def flat(body: bytes) -> str:
    return " ".join(pages_of(body))


def troubled(story):
    """One late entry, one correction, an alert, an action value with its deviation, fields that are N/A, two containers."""
    batch = story.started()
    story.perform(batch, 1, "inspect", wbc=Decimal("89.6"))
    story.correct(batch, 1, "inspect", reason="digits turned round")
    story.verify(batch, 1)
    story.later(hours=1)
    done = story.now - timedelta(minutes=40)
    late = {"performed_at": done, "spin_started": done, "late_reason": "gloves on, hood running"}
    story.perform(batch, 2, "wash", viability=Decimal(85), **late)
    story.verify(batch, 2)
    story.later(minutes=10)
    story.perform(batch, 3, "label_cd3", temperature=Decimal(31))
    story.verify(batch, 3)
    story.assess(story.deviate(batch, step="3"))
    for position, key in ((4, "deplete_cd3"), (7, "label_cd56"), (8, "enrich_cd56"), (9, "formulate")):
        story.perform(batch, position, key)
        story.verify(batch, position)
        story.later(minutes=20)
    story.fill(batch)
    story.correct(batch, 9, "formulate", wbc=Decimal("28.0"), reason="second count was the right one")
    story.verify(batch, 9)
    return batch


def dispose(story, batch, state):
    """Every container in this disposition, as a decision would leave it."""
    with unit_of_work(story.database, story.qp, "test.dispose") as work:
        found = sa.select(DispositionRow.id).where(DispositionRow.batch_id == batch.id)
        for one in work.session.execute(found).scalars().all():
            work.lock(DispositionRow, one).status = state


def long_process(steps: int) -> dict:
    """The preset with as many steps, each added one with five numbers."""
    body = json.loads((PRESETS / "process.json").read_text())["body"]
    words = {"en": "Count {}", "nl": "Telling {}"}
    added = [
        {
            "key": f"count_{place}",
            "title": {name: text.format(place) for name, text in words.items()},
            "fields": [
                {
                    "key": f"value_{field}",
                    "kind": "number",
                    "unit": "mL",
                    "label": {"en": f"Volume {field}", "nl": f"Volume {field}"},
                    "alert": {"low": "10"},
                    "action": {"low": "5"},
                }
                for field in range(5)
            ],
        }
        for place in range(steps - len(body["steps"]))
    ]
    return {**body, "steps": [*added, *body["steps"]]}
