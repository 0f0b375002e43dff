"""Everybody who had a hand in a batch, read from signatures and entries, which nobody can change (S1, S3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.tables import SignatureRow
from manufacturing.domain.steps import PERFORMING
from manufacturing.tables.batches import BatchRow, ConditionRow, ContainerRow, StepRow
from manufacturing.tables.counts import CellCountRow
from manufacturing.tables.entries import StepEntryRow
from manufacturing.tables.environment import EnvironmentSampleRow
from manufacturing.tables.equipment import EquipmentUseRow
from manufacturing.tables.imports import ImportRow
from manufacturing.tables.materials import LotUseRow
from manufacturing.tables.samples import SampleRow

# What is signed on the batch itself at the bench; its review, its return and its end are not.
AT_THE_BENCH = (
    *("line clearance performed", "line clearance verified"),
    *("leukapheresis added", "identity verified", "production complete"),
)
SIGNED = (StepRow, ContainerRow, ConditionRow, ImportRow, EnvironmentSampleRow, LotUseRow)
NO_HAND = ("import rejected",)  # of its file nothing is in the record
RECORDED = (LotUseRow, EquipmentUseRow)


@dataclass(frozen=True, slots=True)
class Hand:
    """``kind``: the table in which the hand is seen."""

    batch_id: str
    person: str
    kind: str


def hands_on_batches(session: Session, batch_ids: Collection[str]) -> set[Hand]:
    """Who cleared the line, joined material, left a value in a step, confirmed one out of a file, performed, corrected
    or verified a step, scanned a lot or a device for it, drew or counted a sample, took or read one of the environment,
    decided about a part, filled, froze or thawed, or declared the production complete (S3)."""
    return {Hand(*row) for row in session.execute(sa.union(*_signed(batch_ids), *_recorded(batch_ids)))}


def worked_on(person_id: str) -> sa.ColumnElement[bool]:
    """A condition on batches: this person had a hand in it. Sought from the batch, which holds tens of records, and never
    from the person, who has signed more every year."""
    here = [BatchRow.id]

    def own(hands: sa.Select[Any]) -> sa.Exists:
        batch, person, _ = hands.selected_columns
        mine = hands.where(person.concat("") == person_id)  # no index on the person
        return mine.with_only_columns(batch, maintain_column_froms=True).correlate(BatchRow).exists()

    return sa.or_(*(own(hands) for hands in (*_recorded(here), *_signed(here))))


def people_of_batches(session: Session, batch_ids: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {batch_id: set() for batch_id in batch_ids}
    for one in hands_on_batches(session, batch_ids):
        found[one.batch_id].add(one.person)
    return found


def people_of_batch(session: Session, batch_id: str) -> frozenset[str]:
    return frozenset(people_of_batches(session, [batch_id])[batch_id])


def _signed(batch_ids: Any) -> Iterator[sa.Select[Any]]:
    signer, entity, record = SignatureRow.signer_id, SignatureRow.record_entity, SignatureRow.record_id
    meaning = SignatureRow.meaning
    for table in SIGNED:
        query = sa.select(table.batch_id, signer, entity).join(SignatureRow, record == table.id)
        yield query.where(entity == table.__tablename__, table.batch_id.in_(batch_ids), meaning.not_in(NO_HAND))
    yield sa.select(record, signer, entity).where(entity == "batch", record.in_(batch_ids), meaning.in_(AT_THE_BENCH))


def _recorded(batch_ids: Any) -> Iterator[sa.Select[Any]]:
    for table in RECORDED:
        yield _of(table.batch_id, table.recorded_by, table).where(table.batch_id.in_(batch_ids))
    yield _of(SampleRow.batch_id, SampleRow.drawn_by, SampleRow).where(SampleRow.batch_id.in_(batch_ids))
    counted = _of(SampleRow.batch_id, CellCountRow.counted_by, CellCountRow)
    yield counted.join(CellCountRow, CellCountRow.sample_id == SampleRow.id).where(SampleRow.batch_id.in_(batch_ids))
    entered = _of(StepRow.batch_id, StepEntryRow.entered_by, StepEntryRow)
    yield entered.join(StepEntryRow, StepEntryRow.step_id == StepRow.id).where(StepRow.batch_id.in_(batch_ids))


def _of(batch: Any, person: Any, table: Any) -> sa.Select[Any]:
    return sa.select(batch, person, sa.literal_column(f"'{table.__tablename__}'", sa.String))


def performers_of(session: Session, step_id: str) -> frozenset[str]:
    """Everybody who ever performed or corrected the step, or left a value, a count, a lot or a device in it, over its
    whole history (S1)."""
    signed = sa.select(SignatureRow.signer_id).where(
        SignatureRow.record_entity == "step", SignatureRow.record_id == step_id, SignatureRow.meaning.in_(PERFORMING)
    )
    corrected = (
        sa.select(SignatureRow.signer_id)
        .join(LotUseRow, LotUseRow.id == SignatureRow.record_id)
        .where(SignatureRow.record_entity == "lot_use", LotUseRow.step_id == step_id)
    )
    recorded = [sa.select(table.recorded_by).where(table.step_id == step_id) for table in RECORDED]
    entered = sa.select(StepEntryRow.entered_by).where(StepEntryRow.step_id == step_id)
    counted = sa.select(CellCountRow.counted_by).join(SampleRow, SampleRow.id == CellCountRow.sample_id)
    whole = sa.union(signed, corrected, *recorded, entered, counted.where(SampleRow.step_id == step_id))
    return frozenset(session.execute(whole).scalars())
