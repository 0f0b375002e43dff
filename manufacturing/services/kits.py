"""Putting a kit together, and scanning it for a batch: its lots then stand in the form of each step."""

from __future__ import annotations

import sqlalchemy as sa

from kernel.errors import Refused, refuse_any
from kernel.refusals import Refusal
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.expiry import local_day
from manufacturing.domain.kits import KIT_TAKEN, KIT_UNKNOWN, kit_code, kit_refusals
from manufacturing.domain.lot_uses import LotFacts
from manufacturing.domain.materials import LOT_UNKNOWN
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.queries.batch_content import batch_content
from manufacturing.queries.batches import get_batch
from manufacturing.queries.kits import kit_by_code
from manufacturing.queries.lot_uses import balance_of
from manufacturing.queries.materials import kind_of, lot_by_code
from manufacturing.services.batches import in_state
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.materials import KitLotRow, KitRow, LotRow


def assemble_kit(work: Work, *, lots: str) -> KitRow:
    """``lots``: their codes, one on each line, as a scanner types them."""
    work.require("lot:use")
    work.confirm({})
    typed = list(dict.fromkeys(line.strip() for line in lots.splitlines() if line.strip()))
    rows = [lot_by_code(work.session, one) for one in typed]
    unknown = [LOT_UNKNOWN(typed=one[:40], field="lots") for one, row in zip(typed, rows, strict=True) if row is None]
    known = [row for row in rows if row is not None]
    judged = kit_refusals([facts_of(work, row) for row in known], work.at) if known or not unknown else ()
    refuse_any([*unknown, *judged])
    kit = work.add(KitRow(code=next_kit_code(work), assembled_at=work.at, assembled_by=work.signer().id))
    for row in known:
        work.add(KitLotRow(kit_id=kit.id, lot_id=row.id, material=row.material))
    work.sign(kit, "kit assembled")
    return kit


def facts_of(work: Work, row: LotRow) -> LotFacts:
    kind = kind_of(work.session, row)
    return LotFacts(row.code, kind, row.status, row.expires_at, balance_of(work.session, row).left)


def next_kit_code(work: Work) -> str:
    year = local_day(work.at).year
    query = sa.select(sa.func.max(KitRow.code)).where(KitRow.code.startswith(f"K{year % 100:02}-"))
    newest = work.session.execute(query).scalar()
    return kit_code(year, int(newest[4:8]) + 1 if newest else 1)


def take_kit(work: Work, batch_id: str, *, kit: str) -> KitRow:
    """For one batch and no other; nothing counts as used before it is entered at a step."""
    work.require("lot:use")
    found = kit_by_code(work.session, kit)
    batch = work.lock(BatchRow, batch_id)
    work.confirm(batch_content(work.session, batch_id))
    in_state(batch, "take a kit", BatchStatus.PLANNED, BatchStatus.IN_PROCESS)
    refusals: list[Refusal] = untrained(work, MANUFACTURING, work.actor, document=batch.process_document_id)
    if found is None:
        raise Refused(*refusals, KIT_UNKNOWN(typed=kit.strip()[:40], field="kit"))
    row = work.lock(KitRow, found.id)
    if row.batch_id is not None:
        refusals.append(KIT_TAKEN(kit=row.code, batch=get_batch(work.session, row.batch_id).number, field="kit"))
    refuse_any(refusals)
    row.batch_id, row.taken_at, row.taken_by = batch.id, work.at, work.actor.id
    return row
