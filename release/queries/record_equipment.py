"""Equipment in the executed record: every device of every step, and what is missing or was unfit (ATMP-6.3-CONTENT)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.queries.equipment import equipment_in_batch, equipment_of_batch
from manufacturing.queries.record import read_record
from manufacturing.queries.steps import batch_steps
from manufacturing.tables.batches import BatchRow
from release.domain.paper import Block, Grid, Lines, Row, Section
from release.queries.record_steps import LATE

HEADER = (N_("Step"), N_("Code"), N_("What it is"), N_("Where it stands"), N_("Used"))
WIDTHS = (0.08, 0.18, 0.32, 0.2, 0.22)


def equipment_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    positions = {step.id: step.position for step in batch_steps(session, batch.id)}
    used = equipment_in_batch(session, batch.id)
    rows = []
    for one in sorted(used, key=lambda each: (positions[each.use.step_id], each.equipment.code)):
        device, late = one.equipment, one.use.late_reason
        cells = (
            str(positions[one.use.step_id]),
            device.code,
            device.title,
            device.room,
            speech.moment(one.use.used_at),
        )
        notes = (speech.say(N_("Entered late: %(why)s"), why=late),) if late else ()
        rows.append(Row(cells, (speech.say(LATE),) if late else (), notes))
    header = tuple(speech.say(word) for word in HEADER)
    blocks: list[Block] = [
        Grid(header, WIDTHS, tuple(rows), speech.say(N_("Mark"))) if rows else Lines((speech.say(N_("None.")),))
    ]
    if against := equipment_of_batch(session, read_record(session, batch.id)):
        blocks.append(Lines(tuple(str(speech.refusal(one)["sentence"]) for one in against), strong=True))
    return Section(speech.say(N_("Equipment")), tuple(blocks))
