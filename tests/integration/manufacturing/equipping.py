"""Equipment in stories: a process that asks for a cabinet (cleaned before each batch) and, if wanted, a balance."""

from __future__ import annotations

from datetime import timedelta

from manufacturing.queries.batch_content import step_content
from manufacturing.queries.equipment import equipment_content
from manufacturing.services.equipment import (
    add_equipment,
    find_out_of_tolerance,
    record_event,
    register_equipment,
    return_equipment,
    use_equipment,
)
from tests.presets import bare_process

ASKED = [
    {"kind": "cabinet", "title": {"en": "Cabinet", "nl": "Kast"}, "clean": True},
    {"kind": "balance", "title": {"en": "Balance", "nl": "Balans"}, "required": False},
]


def asking(story):
    """The process in force asks for equipment in its first step."""
    body = bare_process()
    first, *rest = body["steps"]
    story.body_of = lambda _kind, given: given
    asked = {**body, "steps": [{**first, "equipment": ASKED}, *rest]}
    row = story.effective("process", asked, (story.qa2, "QA"), (story.qp, "QP"))
    del story.body_of
    return row


def registered(story, code="CAB-01", kind="cabinet", **changed):
    with story.act("equipment.register", story.qa) as work:
        return register_equipment(work, code=code, title=f"the {kind}", kind=kind, room="C1", **changed)


def noted(story, device, what, *, at=None, by=None, due_on=None):
    content = (equipment_content, device.id)
    with story.act("equipment.record", by or story.t1, content=content) as work:
        return record_event(work, device.id, what=what, at=at or story.now, evidence="log book 12", due_on=due_on)


def returned(story, device):
    with story.act("equipment.return", story.qa, content=(equipment_content, device.id), reason="works again") as work:
        return return_equipment(work, device.id)


def doubted(story, device, *, found_at=None):
    with story.act("equipment.out_of_tolerance", story.qa, content=(equipment_content, device.id)) as work:
        return find_out_of_tolerance(
            work, device.id, found_at=found_at or story.now, finding="reads 3 % too high, report 118"
        )


def used(story, batch, *codes, position=1, at=None, **changed):
    content = (step_content, batch.id, str(position))
    with story.act("step.use_equipment", story.t1, content=content) as work:
        return use_equipment(
            work, batch.id, str(position), codes="\n".join(codes), performed_at=at or story.now, **changed
        )


def added(story, batch, *codes, position=1):
    content = (step_content, batch.id, str(position))
    with story.act("step.add_equipment", story.t1, content=content, reason="forgotten at the bench") as work:
        return add_equipment(work, batch.id, str(position), codes="\n".join(codes), performed_at=story.now)


def day(story, days):
    return (story.now + timedelta(days=days)).date()
