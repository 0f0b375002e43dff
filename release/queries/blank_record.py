"""The blank batch record: every field of the process version under the number it has on the screen, with room to write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.queries import get_document
from kernel.errors import NotFound
from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.domain.numbering import field_numbers
from manufacturing.domain.plan import FieldKind, PlannedField, PlannedStep, Process
from manufacturing.queries.batch_content import identity
from manufacturing.queries.batches import get_batch
from manufacturing.queries.steps import process_version
from manufacturing.tables.batches import BatchRow
from release.domain.paper import Facts, Grid, Lines, Printed, Row, Section, WriteOn
from release.queries.paper_frame import DEMO
from release.queries.record_lots import blank_materials
from release.queries.record_plan import part_lines
from release.queries.record_words import limit_words

PROCESS = "process"


def blank_of_batch(session: Session, batch_id: str, speech: Speech, **given: Any) -> Printed:
    """For one batch, its numbers printed on every page; ``given``: ``by``, ``at``, ``demo``."""
    batch = get_batch(session, batch_id)
    return blank(session, batch.process_document_id, batch, speech, **given)


def blank_of_document(session: Session, document_id: str, speech: Speech, **given: Any) -> Printed:
    """For no batch yet: its numbers are written by hand."""
    if get_document(session, document_id).kind != PROCESS:
        raise NotFound(f"process version {document_id}")
    return blank(session, document_id, None, speech, **given)


def blank(
    session: Session,
    document_id: str,
    batch: BatchRow | None,
    speech: Speech,
    *,
    by: str,
    at: datetime,
    demo: bool = False,
) -> Printed:
    document = get_document(session, document_id)
    version = f"{document.code} v{document.number}"
    name = batch.number if batch else version
    process = process_version(session, document_id)
    words = speech.say(N_("Printed by %(who)s, %(at)s"), who=by, at=speech.moment(at))
    return Printed(
        title=speech.say(N_("Blank batch record %(name)s"), name=name),
        subtitle=speech.say(N_("To write on when the system cannot be used; copied into it afterwards")),
        header=f"NKTrace · {speech.say(N_('Blank batch record %(name)s'), name=name)}",
        footer=f"{words} · {version}\nsha256 {document.sha256}",
        page_of=speech.say(N_("page %(page)s of %(of)s")),
        code=name,
        code_caption=speech.say(N_("Scan in NKTrace: opens the live record")) if batch else version,
        head=(chain_facts(session, batch, version, speech), rules(process, speech)),
        sections=tuple(
            section
            for place, step in enumerate(process.steps, start=1)
            for section in step_sheet(session, place, step, process, speech)
        ),
        watermark=speech.say(DEMO) if demo else "",
        language=speech.language,
    )


def chain_facts(session: Session, batch: BatchRow | None, version: str, speech: Speech) -> Facts:
    chain = identity(session, batch) if batch else {}
    empty = "……………………………………"
    pairs = (
        (N_("Batch"), batch.number if batch else empty),
        (N_("Subject"), chain.get("subject", empty)),
        (N_("Donor"), chain.get("donor", empty)),
        (N_("Collection"), chain.get("collection", empty)),
        (N_("Process version"), version),
    )
    return Facts(tuple((speech.say(name), value) for name, value in pairs))


def rules(process: Process, speech: Speech) -> Lines:
    """How to write on it: as in any batch record on paper."""
    text = speech.say(
        N_(
            "Write with a pen that cannot be erased, in the units printed. Strike through once what is wrong, so that it stays readable, with initials, date and reason. No field stays blank: where a field marked * does not apply, write N/A with the reason and initials. Copy the sheet into NKTrace as soon as it can be used; later than %(minutes)s minutes counts as a late entry."
        ),
        minutes=process.late_entry_minutes,
    )
    return Lines((text,))


def step_sheet(session: Session, position: int, step: PlannedStep, process: Process, speech: Speech) -> list[Section]:
    part = process.condition(step.condition)
    numbers = field_numbers(position, step)
    header = tuple(
        speech.say(word) for word in (N_("No."), N_("Field"), N_("Value"), N_("Unit"), N_("Limits"), N_("Initials"))
    )
    rows = tuple(
        Row(
            (
                numbers[one.key],
                f"{speech.word(one.label)}{'' if one.required else ' *'}",
                room_for(one, speech),
                one.unit,
                limit_words(one, speech),
                "",
            )
        )
        for one in step.fields
    )
    blocks = (
        *((part_lines(process, part, speech),) if part else ()),
        *((Lines((speech.word(step.instruction),)),) if step.instruction else ()),
        Grid(header, (0.07, 0.31, 0.23, 0.1, 0.19, 0.1), rows, tall=True),
        *(
            (Lines((speech.say(N_("* N/A with its reason and initials, where it does not apply")),)),)
            if not all(one.required for one in step.fields)
            else ()
        ),
        *blank_materials(session, step, speech),
        WriteOn(
            (
                speech.say(N_("Performed by (name, signature, date and time)")),
                speech.say(N_("Verified by another person (name, signature, date and time)")),
                speech.say(N_("Deviations, remarks")),
                speech.say(N_("Copied into NKTrace by (initials, date and time)")),
            )
        ),
    )
    return [Section(f"{position} · {speech.word(step.title)}", blocks, level=2)]


def room_for(planned: PlannedField, speech: Speech) -> str:
    """Boxes to tick for yes and no, the form of a time, no room for what is computed; otherwise nothing but room."""
    if planned.computed is not None:
        return speech.say(N_("computed by NKTrace, leave open"))
    if planned.kind is FieldKind.YES_NO:
        return f"O {speech.say(N_('Yes'))}   O {speech.say(N_('No'))}"
    return speech.say(N_("date and time:")) if planned.kind is FieldKind.MOMENT else ""
