"""The lock order of a decision on a whole batch: trial (shared), subject, collection, batch, containers, dispositions."""

from __future__ import annotations

import sqlalchemy as sa

from kernel.tables import TrailHeadRow
from kernel.work import Work
from manufacturing.queries.batches import get_batch
from manufacturing.queries.trial import get_subject
from manufacturing.services.material import lock_material
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.queries.records import dispositions_of
from release.queries.testing import containers_of
from release.services.locking import share
from release.tables.decisions import DispositionRow


def lock_batch(work: Work, batch_id: str) -> BatchRow:
    """The batch with everything that can change its verdicts: nobody weighs, holds or fills until the act ends."""
    batch = get_batch(work.session, batch_id)
    share(work, TrialRow, get_subject(work.session, batch.subject_id).trial_id)
    work.lock(SubjectRow, batch.subject_id)
    lock_material(work, batch)
    return work.lock(BatchRow, batch_id)


def lock_dispositions(work: Work, batch_id: str) -> list[DispositionRow]:
    """The containers of the batch by id, then their dispositions; called after ``lock_batch``."""
    for container in containers_of(work.session, batch_id):
        work.lock(ContainerRow, container.id)
    return [work.lock(DispositionRow, row.id) for row in dispositions_of(work.session, batch_id)]


def lock_register(work: Work) -> None:
    """The head of the trail, which every act takes last: whoever holds it knows the last register number."""
    query = sa.select(TrailHeadRow).where(TrailHeadRow.id == 1).with_for_update()
    work.session.execute(query.execution_options(populate_existing=True)).scalar_one()
