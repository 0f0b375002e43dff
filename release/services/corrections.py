"""What a correction of the record does to a certification that rests on it (A11D-13)."""

from __future__ import annotations

from kernel.refusals import N_
from kernel.work import Work
from manufacturing.events import StepCorrected
from release.domain.decisions import Disposition
from release.queries.exposure import was_given
from release.queries.records import CERTIFIED
from release.services.batch_locks import lock_dispositions
from release.services.outdating import outdate_supply

WHY = N_("the batch record was corrected")


def void_certification(work: Work, happened: StepCorrected) -> None:
    quarantine_certified(work, happened.batch_id, WHY)


def quarantine_certified(work: Work, batch_id: str, why: str) -> None:
    """Certified containers are in quarantine again, the sponsor's release is gone; reviewed and certified anew they
    come back. What was given to a patient stays as it was given; a supply out of specification is asked for again."""
    for row in lock_dispositions(work, batch_id):
        if row.status in CERTIFIED and not was_given(work.session, row.container_id):
            work.system_move(row, Disposition.QUARANTINE)
            row.sponsor_released = False
    outdate_supply(work, batch_id, why)
