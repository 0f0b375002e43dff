"""The executed batch record as one printed document: everything the system knows of a batch (ATMP-HIST, A11-8.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.db import Audited
from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.domain.numbering import field_numbers
from manufacturing.queries.batch_content import frozen_version, identity
from manufacturing.queries.batch_page import expiry_view
from manufacturing.queries.batches import get_batch
from manufacturing.queries.corrections import step_corrections
from manufacturing.queries.history import corrections_of, links_of
from manufacturing.queries.steps import batch_steps, process_of, values_of_batch
from manufacturing.tables.batches import BatchRow
from release.domain.paper import Block, Facts, Lines, Printed, Section
from release.domain.retention import YEARS, Clock, RecordClass
from release.queries.paper_frame import framed, watermark_of
from release.queries.record_environment import environment_section
from release.queries.record_equipment import equipment_section
from release.queries.record_lots import lot_section
from release.queries.record_parts import (
    container_section,
    decision_section,
    deviation_section,
    exception_section,
    hold_section,
    label_section,
    material_section,
    test_section,
    trail_section,
    yield_section,
)
from release.queries.record_reconciling import reconciliation_section
from release.queries.record_steps import signature_facts, signatures_by_record, step_sections
from release.queries.record_words import said
from release.queries.records import records_of_batch
from release.queries.retention import clocks_of_batch


def executed_record(
    session: Session, batch_id: str, speech: Speech, *, by: str, at: datetime, demo: bool = False
) -> Printed:
    """``by``, ``at``: who prints it, and when."""
    batch = get_batch(session, batch_id)
    return framed(
        session,
        batch,
        speech,
        title=speech.say(N_("Batch record %(number)s"), number=batch.number),
        subtitle=speech.say(N_("Executed record with its changes, signatures and trail")),
        mark=watermark_of(session, batch),
        head=head(session, batch, speech),
        sections=sections(session, batch, speech),
        by=by,
        at=at,
        demo=demo,
    )


def head(session: Session, batch: BatchRow, speech: Speech) -> tuple[Block, ...]:
    chain = identity(session, batch)
    pairs: list[tuple[str, Any]] = [
        (N_("Batch"), batch.number),
        (N_("Subject"), chain["subject"]),
        (N_("Donor"), chain["donor"]),
        (N_("Collection"), chain["collection"]),
        (N_("Status"), speech.word(batch.status)),
    ]
    return (Facts(tuple((speech.say(name), said(value, speech)) for name, value in pairs)),)


KEPT = {
    RecordClass.TRACEABILITY: N_("Traceability data kept until"),
    RecordClass.BATCH: N_("Batch documentation kept until"),
    RecordClass.TRIAL: N_("Trial master file kept until"),
}
CLOCKS = {"apheresis": N_("Clock of the leukapheresis"), "formulation": N_("Clock of the formulation")}


def sections(session: Session, batch: BatchRow, speech: Speech) -> list[Section]:
    rows = {row.id: row for row in records_of_batch(session, batch.id)}
    links = links_of(session, list(rows))
    corrections = corrections_of(links)
    steps = step_sections(session, batch, corrections, speech)
    return [
        version_section(session, batch, speech),
        exception_section(session, batch, speech),
        material_section(session, batch, corrections, speech),
        Section(speech.say(N_("Steps")), (Lines((speech.say(N_("Fields carry the numbers of the screen.")),)),)),
        *steps,
        lot_section(session, batch, corrections, speech),
        equipment_section(session, batch, speech),
        environment_section(session, batch, speech),
        yield_section(session, batch, speech),
        deviation_section(session, batch, corrections, speech),
        container_section(session, batch, corrections, speech),
        label_section(session, batch, speech),
        test_section(session, batch, speech),
        hold_section(session, batch, speech),
        decision_section(session, batch, speech),
        reconciliation_section(session, batch, speech),
        trail_section(links, rows, record_names(session, batch, list(rows.values()), speech), speech),
    ]


def version_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    """What the batch was made and judged by, its clocks, and who cleared the line and finished it."""
    people = names(session)
    process = frozen_version(session, batch.process_document_id)
    specification = frozen_version(session, batch.specification_document_id)
    expiry = expiry_view(session, batch)
    pairs: list[tuple[str, Any]] = [
        (N_("Process version"), f"{process['version']} · sha256 {process['sha256']}"),
        (N_("Specification version"), f"{specification['version']} · sha256 {specification['sha256']}"),
        (N_("Room"), batch.room),
        (N_("Opened"), f"{speech.moment(batch.opened_at)} · {people.get(batch.opened_by, batch.opened_by)}"),
        (N_("Started"), batch.started_at),
        (N_("Formulated"), batch.formulated_at),
        (N_("Expiry"), batch.expires_at),
        *((CLOCKS.get(one["name"], one["name"]), one["ends_at"]) for one in (expiry["clocks"] if expiry else ())),
        (N_("Production complete"), batch.completed_at),
        (N_("End reason"), batch.end_reason),
        *((KEPT[one.record_class], kept(one, speech)) for one in clocks_of_batch(session, batch)),
    ]
    signed = signatures_by_record(session, [batch.id]).get(batch.id, [])
    facts = Facts(tuple((speech.say(name), said(value, speech)) for name, value in pairs))
    vouched = Facts(tuple(signature_facts(signed, speech, step_corrections(session, batch.id))))
    return Section(speech.say(N_("Versions, clocks and signatures")), (facts, vouched))


def kept(clock: Clock, speech: Speech) -> str:
    """The last day, or what it waits for (RET-30, RET-5, RET-25)."""
    if clock.until is not None:
        return speech.day(clock.until)
    years = YEARS[clock.record_class]
    if clock.record_class is RecordClass.TRACEABILITY:
        return speech.say(N_("%(years)s years after the expiry, which is not set yet"), years=years)
    return speech.say(N_("%(years)s years after the end of the trial, which has not ended"), years=years)


def record_names(session: Session, batch: BatchRow, rows: Sequence[Audited], speech: Speech) -> dict[str, str]:
    """What people call each record: ``4.2 WBC``, a container's code, otherwise the kind of record."""
    process = process_of(session, batch)
    found = {**names(session), **{row.id: name_of(row, speech) for row in rows}}
    values = values_of_batch(session, batch.id)
    for step in batch_steps(session, batch.id):
        plan = process.step(step.position)
        numbers = field_numbers(step.position, plan)
        found[step.id] = f"{step.position} {speech.word(plan.title)}"
        for value in values.get(step.id, ()):
            planned = plan.field(value.field)
            name = speech.word(planned.label) if planned else value.field
            found[value.id] = f"{numbers.get(value.field, step.position)} {name}"
    return found


def name_of(row: Audited, speech: Speech) -> str:
    kind = speech.word(row.__tablename__.replace("_", " "))
    code = next((getattr(row, name) for name in ("number", "code", "short_number") if hasattr(row, name)), None)
    return f"{kind} {code}" if isinstance(code, str) else kind
