"""Lots used in a step: each line judged at its time, under the locks of the lots and of the batch (ATMP-7-LOT)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kernel.errors import Refused, refuse_any
from kernel.quantities import exact, to_decimal
from kernel.refusals import MISSING_FIELD, N_, STATE_NOT_ALLOWED, Refusal
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.batches import STEP, BatchStatus, StepStatus
from manufacturing.domain.lot_uses import (
    NEW_PIECE,
    PIECE_UNKNOWN,
    LotFacts,
    UseFacts,
    balance_refusals,
    use_refusals,
)
from manufacturing.domain.material_kinds import MaterialKind
from manufacturing.domain.materials import LOT_UNKNOWN, STOPPED, quantity_refusals
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.domain.steps import EntryTimes, is_late, time_refusals
from manufacturing.queries.batch_content import step_content
from manufacturing.queries.batches import get_batch
from manufacturing.queries.lot_uses import (
    balance_of,
    get_use,
    piece_by_code,
    state_at,
    states_of,
    use_content,
)
from manufacturing.queries.materials import effective_kinds, get_lot, kind_of, lot_by_code
from manufacturing.queries.record import read_record
from manufacturing.queries.steps import get_step
from manufacturing.services.batches import in_state
from manufacturing.services.corrections import finished_record_changed
from manufacturing.services.hands import refuse_deciders
from manufacturing.services.lot_stock import opened, settle_lot
from manufacturing.services.lot_stops import hold_user
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.materials import LotPieceRow, LotRow, LotUseRow

CORRECTABLE = (BatchStatus.IN_PROCESS, BatchStatus.RETURNED_FOR_CORRECTION)


@dataclass(frozen=True, slots=True)
class Line:
    """What was typed about one lot. ``wanted``: key of the planned kind, empty for what the plan does not name.

    ``piece``: an opened piece by its code, or ``new``: opened for this use.
    """

    lot: str
    quantity: Decimal | None
    piece: str = ""
    wanted: str = ""
    prefix: str = ""


@dataclass(slots=True)
class Bench:
    """Everything the lines are judged by, under the locks; ``left``: what the lines before have not taken."""

    times: EntryTimes
    kinds: Mapping[str, MaterialKind]
    lots: dict[str, LotRow]
    states: dict[str, tuple[tuple[datetime, str], ...]]
    left: dict[str, Decimal]


def use_lots(
    work: Work,
    batch_id: str,
    position: str,
    lines: Sequence[Line],
    *,
    performed_at: datetime,
    late_reason: str | None = None,
) -> list[LotUseRow]:
    """Before the step is recorded; whoever performs it signs what it was made with."""
    work.require("lot:use")
    bench, step = _at_the_bench(work, batch_id, position, lines, performed_at, late_reason)
    if step.status != StepStatus.PENDING:
        raise Refused(STATE_NOT_ALLOWED(action="use a lot", record="step", state=step.status))
    return _entered(work, step, lines, bench)


def add_lots(
    work: Work,
    batch_id: str,
    position: str,
    lines: Sequence[Line],
    *,
    performed_at: datetime,
    late_reason: str | None = None,
) -> list[LotUseRow]:
    """What was forgotten when the step was recorded: a correction of the step, which is verified anew."""
    work.require("lot:use")
    bench, step = _at_the_bench(work, batch_id, position, lines, performed_at, late_reason, CORRECTABLE)
    if step.status == StepStatus.PENDING:
        raise Refused(STATE_NOT_ALLOWED(action="correct", record="step", state=step.status))
    rows = _entered(work, step, lines, bench)
    _corrected(work, step)
    return rows


def _at_the_bench(
    work: Work,
    batch_id: str,
    position: str,
    lines: Sequence[Line],
    performed_at: datetime,
    late_reason: str | None,
    allowed: tuple[BatchStatus, ...] = (BatchStatus.IN_PROCESS,),
) -> tuple[Bench, StepRow]:
    """Lots are locked before the batch, in the order of their ids, so that two benches never wait for each other."""
    get_batch(work.session, batch_id)
    found = {line.lot: _lot_of(work, line) for line in lines}
    lots = {row.id: row for row in found.values() if row is not None}
    locked = {lot_id: work.lock(LotRow, lot_id) for lot_id in sorted(lots)}
    batch = work.lock(BatchRow, batch_id)
    step = work.lock(StepRow, get_step(work.session, batch_id, position).id)
    work.confirm(step_content(work.session, batch_id, position))
    in_state(batch, "use a lot", *allowed)
    refuse_deciders(work, batch_id)
    since = max(performed_at, batch.started_at or performed_at)
    refuse_any(untrained(work, MANUFACTURING, work.actor, document=batch.process_document_id, at=since))
    late = read_record(work.session, batch_id).process.late_entry_minutes
    bench = Bench(
        times=EntryTimes(performed_at, work.at, batch.started_at, late, late_reason),
        kinds=effective_kinds(work.session),
        lots={text: locked[row.id] for text, row in found.items() if row is not None},
        states=states_of(work.session, list(locked)),
        left={lot_id: balance_of(work.session, row).left for lot_id, row in locked.items()},
    )
    return bench, step


def _lot_of(work: Work, line: Line) -> LotRow | None:
    """The lot, or the lot of the opened piece that was scanned in its place."""
    piece = piece_by_code(work.session, line.lot)
    return get_lot(work.session, piece.lot_id) if piece else lot_by_code(work.session, line.lot)


def _entered(work: Work, step: StepRow, lines: Sequence[Line], bench: Bench) -> list[LotUseRow]:
    refusals: list[Refusal] = list(time_refusals(bench.times, ()))
    if not lines:
        refusals.append(MISSING_FIELD(name=N_("At least one lot"), field="performed_at"))
    judged = [_judged(work, line, bench) for line in lines]
    refuse_any([*refusals, *(no for _, _, found in judged for no in found)])
    return [_use(work, step, line, piece, bench) for line, piece, _ in judged]


def _judged(work: Work, line: Line, bench: Bench) -> tuple[Line, LotPieceRow | None, list[Refusal]]:
    """One line: everything against it, and the opened piece it names."""
    row = bench.lots.get(line.lot)
    if row is None:
        return line, None, [LOT_UNKNOWN(typed=line.lot.strip()[:40], field=f"{line.prefix}lot")]
    if line.quantity is None:
        return line, None, [MISSING_FIELD(name=N_("The quantity"), field=f"{line.prefix}quantity")]
    kind = bench.kinds.get(row.material) or kind_of(work.session, row)
    piece, refusals = _piece(work, line, row)
    facts = LotFacts(
        code=row.code,
        kind=kind,
        state=state_at(bench.states[row.id], bench.times.performed_at),
        expires_at=row.expires_at,
        left=bench.left[row.id],
        piece=piece.code if piece else line.piece,
        until=piece.usable_until if piece else None,
    )
    listed = bench.kinds.get(line.wanted)
    title = listed.title if listed else None
    asked = UseFacts(facts, line.quantity, bench.times.performed_at, line.wanted, title, line.prefix)
    refusals.extend(use_refusals(asked))
    if not refusals:
        bench.left[row.id] = to_decimal(exact(bench.left[row.id]) - exact(line.quantity))
    return line, piece, refusals


def _piece(work: Work, line: Line, row: LotRow) -> tuple[LotPieceRow | None, list[Refusal]]:
    """The opened piece that was scanned, in either field; none for a piece opened now, or where none is named."""
    text = line.piece if line.piece and line.piece != NEW_PIECE else line.lot
    found = piece_by_code(work.session, text)
    if found is not None and found.lot_id == row.id:
        return found, []
    if line.piece and line.piece != NEW_PIECE:
        return None, [PIECE_UNKNOWN(typed=line.piece[:40], lot=row.code, field=f"{line.prefix}piece")]
    return None, []


def _use(work: Work, step: StepRow, line: Line, piece: LotPieceRow | None, bench: Bench) -> LotUseRow:
    row, times = bench.lots[line.lot], bench.times
    kind = bench.kinds.get(row.material) or kind_of(work.session, row)
    if piece is None and line.piece == NEW_PIECE and kind.in_use is not None:
        piece = opened(work, row, kind, times.performed_at)
    use = work.add(
        LotUseRow(
            lot_id=row.id,
            batch_id=step.batch_id,
            step_id=step.id,
            piece_id=piece.id if piece else None,
            quantity=line.quantity,
            used_at=times.performed_at,
            recorded_at=work.at,
            recorded_by=work.actor.id,
            late_reason=times.late_reason if is_late(times) else None,
        )
    )
    settle_lot(work, row)
    if row.status in STOPPED:
        hold_user(work, row, get_batch(work.session, step.batch_id))
    return use


def _corrected(work: Work, step: StepRow) -> None:
    """As any correction of a step: verified anew, and what was certified on it is no longer."""
    step.verified_by, step.verified_at = None, None
    work.move(step, STEP, "correct")
    finished_record_changed(work, get_batch(work.session, step.batch_id), step, [])


def correct_use(work: Work, use_id: str, *, quantity: Decimal) -> LotUseRow:
    """Another quantity, 0 where the lot was not used at all; the trail keeps the old one (ATMP-6.1-CORR)."""
    work.require("lot:use")
    found = get_use(work.session, use_id)
    lot = work.lock(LotRow, found.lot_id)
    batch = work.lock(BatchRow, found.batch_id)
    step = work.lock(StepRow, found.step_id)
    use = work.lock(LotUseRow, use_id)
    work.confirm(use_content(work.session, use_id))
    in_state(batch, "correct", *CORRECTABLE)
    refuse_deciders(work, batch.id)
    refuse_any(untrained(work, MANUFACTURING, work.signer(), document=batch.process_document_id))
    kind = kind_of(work.session, lot)
    left = to_decimal(exact(balance_of(work.session, lot).left) + exact(use.quantity))
    facts = LotFacts(lot.code, kind, lot.status, lot.expires_at, left)
    wrong = quantity_refusals(kind, quantity) if quantity else ()
    refuse_any([*wrong, *(() if wrong else balance_refusals(facts, quantity, field="quantity"))])
    before, use.quantity = use.quantity, quantity
    work.session.flush()
    settle_lot(work, lot)
    if lot.status in STOPPED and not before and quantity:
        hold_user(work, lot, batch)
    if step.status == StepStatus.PENDING:
        work.sign(use, "corrected")
    else:
        _corrected(work, step)
    return use
