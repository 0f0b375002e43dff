"""Equipment registered, looked after, used in steps, and doubted afterwards (ATMP-5-CAL)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa

from kernel.errors import Refused, refuse_any
from kernel.refusals import DUPLICATE_ID, MISSING_FIELD, N_, STATE_NOT_ALLOWED, Refusal
from kernel.work import Work
from manufacturing.domain.batches import STEP, BatchStatus, StepStatus
from manufacturing.domain.deviations import DeviationClass
from manufacturing.domain.equipment import (
    DOUBTED,
    EQUIPMENT,
    EQUIPMENT_TWICE,
    EQUIPMENT_UNKNOWN,
    STOPS,
    EquipmentFacts,
    Happening,
    event_refusals,
    last_good,
    register_refusals,
    return_refusals,
    use_refusals,
)
from manufacturing.domain.expiry import local_day, local_text
from manufacturing.domain.holds import HoldCause
from manufacturing.domain.steps import EntryTimes, is_late, time_refusals
from manufacturing.ports import administered_containers
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.batches import containers_of, get_batch
from manufacturing.queries.equipment import (
    clean_kinds,
    equipment_by_code,
    equipment_content,
    equipment_facts,
    equipment_in_step,
    events_of,
    get_equipment,
    happened,
)
from manufacturing.queries.record import read_record
from manufacturing.queries.steps import get_step
from manufacturing.services.batches import in_state
from manufacturing.services.corrections import finished_record_changed
from manufacturing.services.deviations import raise_deviation
from manufacturing.services.hands import refuse_deciders
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.equipment import EquipmentEventRow, EquipmentRow, EquipmentUseRow


def register_equipment(
    work: Work,
    *,
    code: str,
    title: str,
    kind: str,
    room: str,
    calibration_due: date | None = None,
    qualification_due: date | None = None,
    maintenance_due: date | None = None,
) -> EquipmentRow:
    """QA enters a device with the days until which it may be used; a day left open means that the work is not asked."""
    work.require("equipment:manage")
    work.confirm({})
    dues = {
        "calibration_due": (Happening.CALIBRATED, calibration_due),
        "qualification_due": (Happening.QUALIFIED, qualification_due),
        "maintenance_due": (Happening.MAINTAINED, maintenance_due),
    }
    code = code.strip().upper()
    refusals = list(register_refusals(code, [(name, due) for name, (_, due) in dues.items()], local_day(work.at)))
    if equipment_by_code(work.session, code) is not None:
        refusals.append(DUPLICATE_ID(name=N_("The code of the equipment"), value=code, field="code"))
    refuse_any(refusals)
    row = EquipmentRow(code=code, title=title.strip(), kind=kind, room=room.strip(), registered_by=work.signer().id)
    work.add(row)
    note(work, row, Happening.REGISTERED, work.at, N_("registered with its due days"))
    for what, due in dues.values():
        if due is not None:
            note(work, row, what, work.at, N_("as registered"), due)
    work.sign(row, "equipment registered")
    return row


def note(
    work: Work, row: EquipmentRow, what: Happening, at: datetime, evidence: str, due_on: date | None = None
) -> EquipmentEventRow:
    event = EquipmentEventRow(equipment_id=row.id, what=what.value, at=at, evidence=evidence.strip(), due_on=due_on)
    event.recorded_at, event.recorded_by = work.at, work.signer().id
    return work.add(event)


def record_event(
    work: Work, equipment_id: str, *, what: str, at: datetime, evidence: str, due_on: date | None = None
) -> EquipmentRow:
    """Calibrated, qualified, maintained, cleaned, faulty, repaired; a fault takes it out of service at once."""
    work.require("equipment:record")
    row = work.lock(EquipmentRow, equipment_id)
    work.confirm(equipment_content(work.session, equipment_id))
    refuse_any(event_refusals(what, at, due_on, work.at))
    happening = Happening(what)
    work.move(row, EQUIPMENT, "stop" if happening in STOPS else "note")
    note(work, row, happening, at, evidence, due_on)
    return row


def return_equipment(work: Work, equipment_id: str) -> EquipmentRow:
    """QA returns it to service; after a fault only when a repair or calibration followed."""
    row = work.lock(EquipmentRow, equipment_id)
    work.confirm(equipment_content(work.session, equipment_id))
    events = happened(events_of(work.session, [row.id])[row.id])
    refuse_any(return_refusals(EquipmentFacts(row.code, row.title, events), work.at))
    work.move(row, EQUIPMENT, "return")
    note(work, row, Happening.RETURNED, work.at, work.reason or "")
    return row


def retire_equipment(work: Work, equipment_id: str) -> EquipmentRow:
    row = work.lock(EquipmentRow, equipment_id)
    work.confirm(equipment_content(work.session, equipment_id))
    work.move(row, EQUIPMENT, "retire")
    note(work, row, Happening.RETIRED, work.at, work.reason or "")
    return row


def find_out_of_tolerance(work: Work, equipment_id: str, *, found_at: datetime, finding: str) -> list[str]:
    """Its measurements since the last good calibration are in doubt: a deviation for every batch that used it since,
    and a hold on those not yet given. Returns the numbers of the batches."""
    work.require("equipment:manage")
    row = work.lock(EquipmentRow, equipment_id)
    work.confirm(equipment_content(work.session, equipment_id))
    refuse_any(event_refusals(Happening.OUT_OF_TOLERANCE, found_at, None, work.at))
    work.move(row, EQUIPMENT, "stop")
    since = last_good(happened(events_of(work.session, [row.id])[row.id]), found_at)
    note(work, row, Happening.OUT_OF_TOLERANCE, found_at, finding)
    batches = batches_since(work, row.id, since)
    return [doubt(work, row, one, finding) for one in batches]


def batches_since(work: Work, equipment_id: str, since: datetime | None) -> list[BatchRow]:
    """Batches that used it from then on, in the order of their ids, in which they are locked."""
    uses = sa.select(EquipmentUseRow.batch_id).where(EquipmentUseRow.equipment_id == equipment_id)
    if since is not None:
        uses = uses.where(EquipmentUseRow.used_at >= since)
    query = sa.select(BatchRow).where(BatchRow.id.in_(uses)).order_by(BatchRow.id)
    return list(work.session.execute(query).scalars())


def is_given(work: Work, batch: BatchRow) -> bool:
    """Whether nothing of it can still be given: every container was."""
    containers = {one.id for one in containers_of(work.session, batch.id)}
    return bool(containers) and containers <= administered_containers(work.session, containers)


def doubt(work: Work, row: EquipmentRow, batch: BatchRow, finding: str) -> str:
    number = batch.number
    said = DOUBTED % {"code": row.code, "title": row.title, "batch": number, "finding": finding.strip()}
    raise_deviation(work, batch.id, classification=DeviationClass.MAJOR, description=said)
    if not is_given(work, batch) and batch.status != BatchStatus.TERMINATED:
        set_hold(work, "batch", batch.id, cause=HoldCause.EQUIPMENT, reason=said)
    return number


def use_equipment(
    work: Work, batch_id: str, position: str, *, codes: str, performed_at: datetime, late_reason: str | None = None
) -> list[EquipmentUseRow]:
    """Before the step is recorded; whoever performs it signs what it was done with."""
    work.require("equipment:use")
    step = work_at_step(work, batch_id, position)
    if step.status != StepStatus.PENDING:
        raise Refused(STATE_NOT_ALLOWED(action="use equipment", record="step", state=step.status))
    return entered(work, step, codes, performed_at, late_reason)


def add_equipment(
    work: Work, batch_id: str, position: str, *, codes: str, performed_at: datetime, late_reason: str | None = None
) -> list[EquipmentUseRow]:
    """What was forgotten when the step was recorded: a correction of the step, which is verified anew."""
    work.require("equipment:use")
    step = work_at_step(work, batch_id, position)
    if step.status == StepStatus.PENDING:
        raise Refused(STATE_NOT_ALLOWED(action="correct", record="step", state=step.status))
    rows = entered(work, step, codes, performed_at, late_reason)
    step.verified_by, step.verified_at = None, None
    work.move(step, STEP, "correct")
    finished_record_changed(work, get_batch(work.session, batch_id), step, [])
    return rows


def work_at_step(work: Work, batch_id: str, position: str) -> StepRow:
    get_batch(work.session, batch_id)
    batch = work.lock(BatchRow, batch_id)
    step = work.lock(StepRow, get_step(work.session, batch_id, position).id)
    work.confirm(step_content(work.session, batch_id, position))
    in_state(batch, "use equipment", BatchStatus.IN_PROCESS, BatchStatus.RETURNED_FOR_CORRECTION)
    refuse_deciders(work, batch_id)
    return step


def entered(work: Work, step: StepRow, codes: str, at: datetime, late_reason: str | None) -> list[EquipmentUseRow]:
    """Every code of the scan, all or none."""
    record = read_record(work.session, step.batch_id)
    times = EntryTimes(at, work.at, record.batch.started_at, record.process.late_entry_minutes, late_reason)
    rows, refusals = scanned(work, step, [line.strip() for line in codes.splitlines() if line.strip()])
    facts = equipment_facts(work.session, rows, step.batch_id, clean_kinds(record.process), [at])
    unfit = [no for one in facts.values() for no in use_refusals(one, at, local_text(at), field="codes")]
    refuse_any([*time_refusals(times, ()), *refusals, *unfit])
    return [
        work.add(
            EquipmentUseRow(
                equipment_id=row.id,
                batch_id=step.batch_id,
                step_id=step.id,
                used_at=at,
                recorded_at=work.at,
                recorded_by=work.actor.id,
                late_reason=late_reason if is_late(times) else None,
            )
        )
        for row in rows
    ]


def scanned(work: Work, step: StepRow, lines: Iterable[str]) -> tuple[list[EquipmentRow], list[Refusal]]:
    known = {one.equipment.id for one in equipment_in_step(work.session, step.id)}
    rows: list[EquipmentRow] = []
    refusals: list[Refusal] = []
    for line in lines:
        row = equipment_by_code(work.session, line)
        if row is None:
            refusals.append(EQUIPMENT_UNKNOWN(typed=line[:40], field="codes"))
        elif row.id in known:
            refusals.append(EQUIPMENT_TWICE(code=row.code, field="codes"))
        else:
            known.add(row.id)
            rows.append(get_equipment(work.session, row.id))
    if not rows and not refusals:
        refusals.append(MISSING_FIELD(name=N_("At least one code"), field="codes"))
    return rows, refusals
