"""The rows an act on a label holds, in the one lock order: collection, batch, container, label (decision 39)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from kernel.errors import NotFound
from kernel.work import Work
from labels.queries.labels import get_label
from labels.tables.labels import LabelRow
from manufacturing.queries.batches import get_batch
from manufacturing.services.material import lock_material
from manufacturing.tables.batches import BatchRow, ContainerRow


@dataclass(frozen=True, slots=True)
class Held:
    """A container and what is above it, locked until the end of the act."""

    batch: BatchRow
    container: ContainerRow


def hold_container(work: Work, container_id: str) -> Held:
    """The collection is held too: its markers are printed. The batch: one of its labels is in hand at a time."""
    container = work.session.get(ContainerRow, container_id)
    if container is None:
        raise NotFound(f"container {container_id}")
    batch = work.session.get_one(BatchRow, container.batch_id)
    lock_material(work, batch)
    return Held(work.lock(BatchRow, batch.id), work.lock(ContainerRow, container.id))


def hold_containers(work: Work, batch_id: str) -> list[Held]:
    """Every container of the batch, locked in the order of ids and answered in the order of numbers."""
    lock_material(work, get_batch(work.session, batch_id))
    held = work.lock(BatchRow, batch_id)
    ids = work.session.execute(sa.select(ContainerRow.id).where(ContainerRow.batch_id == batch_id)).scalars()
    rows = [work.lock(ContainerRow, one) for one in sorted(ids)]
    return [Held(held, row) for row in sorted(rows, key=lambda row: row.number)]


def hold_label(work: Work, label_id: str) -> tuple[Held, LabelRow]:
    held = hold_container(work, get_label(work.session, label_id).container_id)
    return held, work.lock(LabelRow, label_id)
