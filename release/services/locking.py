"""One lock order for everything that decides about a container: trial (shared), subject, collection, batch, container."""

from __future__ import annotations

import sqlalchemy as sa

from kernel.work import Work
from manufacturing.services.material import lock_material
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow, TrialRow


def lock_chain(work: Work, container_id: str) -> ContainerRow:
    """Nothing above the container can be held, decided or weighed anew until the act has ended (decision 39)."""
    known = work.session.execute(
        sa.select(SubjectRow.trial_id, ContainerRow.subject_id, ContainerRow.batch_id)
        .join(SubjectRow, SubjectRow.id == ContainerRow.subject_id)
        .where(ContainerRow.id == container_id)
    ).one()
    share(work, TrialRow, known.trial_id)
    work.lock(SubjectRow, known.subject_id)
    lock_material(work, work.session.get_one(BatchRow, known.batch_id))
    work.lock(BatchRow, known.batch_id)
    return work.lock(ContainerRow, container_id)


def share(work: Work, table: type[TrialRow], record_id: str) -> None:
    """Many may dispense at once; who sets a hold on the trial waits for them, and they for it."""
    query = sa.select(table).where(table.id == record_id).with_for_update(read=True)
    work.session.execute(query.execution_options(populate_existing=True)).scalar_one()
