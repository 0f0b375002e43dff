"""Materials in printed records: every lot with its quantity on the executed one, room to write on the blank one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.domain.corrections import Correction
from manufacturing.domain.materials import STOPPED
from manufacturing.domain.plan import PlannedStep
from manufacturing.queries.lot_uses import Used, missing_in_batch, used_in_batch
from manufacturing.queries.materials import known_kinds
from manufacturing.queries.record import read_record
from manufacturing.queries.steps import batch_steps
from manufacturing.tables.batches import BatchRow
from release.domain.paper import Block, Grid, Lines, Row, Section
from release.queries.record_steps import CHANGED, LATE, correction_words

HEADER = (
    N_("Step"),
    N_("Material"),
    N_("Lot"),
    N_("Lot of the manufacturer"),
    N_("Expiry"),
    N_("Quantity"),
    N_("Used"),
)
WIDTHS = (0.06, 0.19, 0.13, 0.16, 0.16, 0.12, 0.18)


def lot_section(
    session: Session, batch: BatchRow, corrections: Mapping[str, Sequence[Correction]], speech: Speech
) -> Section:
    """Every lot of every step with its quantity; what was corrected, late or stopped since is marked (ATMP-6.3-CONTENT)."""
    positions = {step.id: step.position for step in batch_steps(session, batch.id)}
    used = sorted(used_in_batch(session, batch.id), key=lambda one: (positions[one.use.step_id], one.lot.code))
    rows = [row_of(one, positions[one.use.step_id], corrections.get(one.use.id, ()), speech) for one in used]
    blocks: list[Block] = []
    if rows:
        header = tuple(speech.say(word) for word in HEADER)
        blocks.append(Grid(header, WIDTHS, tuple(rows), speech.say(N_("Mark"))))
    else:
        blocks.append(Lines((speech.say(N_("None.")),)))
    if missing := missing_in_batch(session, read_record(session, batch.id)):
        blocks.append(Lines(tuple(str(speech.refusal(one)["sentence"]) for one in missing), strong=True))
    return Section(speech.say(N_("Materials")), tuple(blocks))


def row_of(one: Used, position: int, changes: Sequence[Correction], speech: Speech) -> Row:
    marks = [CHANGED] if changes else []
    if one.use.late_reason:
        marks.append(LATE)
    if one.decided in STOPPED:
        marks.append(one.decided.upper())
    notes = [correction_words(change, speech) for change in changes]
    if one.use.late_reason:
        notes.append(speech.say(N_("Entered late: %(why)s"), why=one.use.late_reason))
    if one.piece:
        until = speech.moment(one.piece.usable_until)
        notes.append(
            speech.say(N_("Opened piece %(piece)s, usable until %(until)s"), piece=one.piece.code, until=until)
        )
    expiry = speech.day(one.lot.expires_on) if one.lot.expires_on else speech.moment(one.lot.expires_at)
    cells = (
        str(position),
        speech.word(one.kind.title),
        one.lot.code,
        one.lot.manufacturer_lot,
        expiry,
        f"{expanded(one.use.quantity)} {speech.word(one.lot.unit)}",
        speech.moment(one.use.used_at),
    )
    return Row(cells, tuple(speech.say(mark) for mark in marks), tuple(notes))


def blank_materials(session: Session, step: PlannedStep, speech: Speech) -> tuple[Block, ...]:
    """A line for each planned material, with room for lot, expiry and quantity."""
    if not step.materials:
        return ()
    kinds = known_kinds(session)
    header = tuple(
        speech.say(word)
        for word in (N_("Material"), N_("Planned"), N_("Lot"), N_("Expiry"), N_("Quantity used"), N_("Initials"))
    )
    rows = tuple(
        Row(
            (
                f"{speech.word(kinds[one.kind].title) if one.kind in kinds else one.kind}{'' if one.required else ' *'}",
                f"{expanded(one.quantity)} {speech.word(one.unit)}",
                "",
                "",
                "",
                "",
            )
        )
        for one in step.materials
    )
    return (Grid(header, (0.24, 0.14, 0.22, 0.16, 0.14, 0.1), rows, tall=True),)
