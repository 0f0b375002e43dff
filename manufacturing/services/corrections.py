"""Opening a finished record for correction, and what follows from a correction before anybody signs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernel.canonical import canonical, digest, plain
from kernel.refusals import Refusal
from kernel.work import Work
from manufacturing.domain.batches import BATCH, BatchStatus
from manufacturing.domain.effects import EFFECT_UNSEEN, differences, effect_of
from manufacturing.events import StepCorrected
from manufacturing.queries.batch_content import batch_content
from manufacturing.queries.derived import derived_values
from manufacturing.queries.record import read_record
from manufacturing.tables.batches import BatchRow, StepRow
from manufacturing.tables.corrections import StepCorrectionRow


def open_for_correction(work: Work, batch_id: str) -> BatchRow:
    """QA opens a finished record, with a reason: steps can be corrected, and nothing is dispensed meanwhile."""
    batch = work.lock(BatchRow, batch_id)
    work.confirm(batch_content(work.session, batch_id))
    work.move(batch, BATCH, "open_for_correction")
    return batch


def foresee(work: Work, batch_id: str, change: Callable[[], None]) -> list[dict[str, Any]]:
    """The derived values that ``change`` would change, as if it were verified already; nothing of it is kept.

    ``change`` only sets attributes of records of this session: nothing is sent to the database before all of it is
    taken back.
    """
    session = work.session
    session.flush()
    before = derived_values(session, read_record(session, batch_id), work.at)
    with session.no_autoflush:
        try:
            change()
            after = derived_values(session, read_record(session, batch_id), work.at)
        finally:
            for row in list(session.dirty):
                session.refresh(row)
    effect: list[dict[str, Any]] = plain(effect_of(differences(before, after)))
    return effect


def keep_correction(work: Work, row: StepRow, effect: list[dict[str, Any]]) -> StepCorrectionRow:
    """The correction with its reason and with what was shown to follow from it."""
    return work.add(
        StepCorrectionRow(
            step_id=row.id,
            batch_id=row.batch_id,
            reason=(work.reason or row.late_reason or "").strip(),
            effect=canonical(effect),
            corrected_by=work.signer().id,
            corrected_at=work.at,
        )
    )


def unseen_refusals(batch: BatchRow, effect: list[dict[str, Any]], seen: str | None) -> tuple[Refusal, ...]:
    """Of a finished record nothing is changed before what follows from it was shown; elsewhere what was shown holds."""
    must_see = batch.status == BatchStatus.RETURNED_FOR_CORRECTION
    return (EFFECT_UNSEEN(count=len(effect)),) if (must_see or seen) and seen != digest_of(effect) else ()


def finished_record_changed(work: Work, batch: BatchRow, row: StepRow, effect: list[dict[str, Any]]) -> None:
    """Whatever is done to a step of a record that was finished is a correction of that record (A11D-13)."""
    if batch.status == BatchStatus.RETURNED_FOR_CORRECTION:
        keep_correction(work, row, effect)
        work.announce(StepCorrected(row.batch_id, row.id))


def digest_of(effect: list[dict[str, Any]]) -> str:
    return digest(effect)
