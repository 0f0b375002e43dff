"""Freezing and thawing a container; its expiry follows, and a label that says another one is dead by itself."""

from __future__ import annotations

from datetime import datetime

from kernel.errors import refuse_any
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.containers import CONTAINER_MISMATCH
from manufacturing.domain.cryo import CryoFacts, cryo_expiry, freeze_refusals, thaw_refusals
from manufacturing.domain.plan import Cryopreservation
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.events import ContainerClockChanged
from manufacturing.queries.batches import get_container
from manufacturing.queries.cryo import cryo_content
from manufacturing.queries.steps import process_of
from manufacturing.services.batches import in_state
from manufacturing.services.hands import refuse_deciders
from manufacturing.tables.batches import BatchRow, ContainerRow

FILLED = (BatchStatus.IN_PROCESS, BatchStatus.PRODUCTION_COMPLETE, BatchStatus.QA_REVIEWED)


def freeze_container(work: Work, container_id: str, *, code: str, at: datetime) -> ContainerRow:
    """``at``: when it went into the freezer. The container is scanned, so that no neighbour is frozen in its place."""
    row, plan = _in_hand(work, container_id, code, "freeze")
    refuse_any(freeze_refusals(_facts(work, row, at), plan))
    row.frozen_at = at
    return _clocks(work, row, plan, "frozen", "freezing verified")


def thaw_container(work: Work, container_id: str, *, code: str, at: datetime) -> ContainerRow:
    """``at``: when the thaw began; the post-thaw hours of the process run from then."""
    row, plan = _in_hand(work, container_id, code, "thaw")
    refuse_any(thaw_refusals(_facts(work, row, at)))
    row.thawed_at = at
    return _clocks(work, row, plan, "thawed", "thaw verified")


def _in_hand(work: Work, container_id: str, code: str, action: str) -> tuple[ContainerRow, Cryopreservation | None]:
    work.require("container:fill")
    work.require("batch:verify", work.signer(1))
    batch = work.lock(BatchRow, get_container(work.session, container_id).batch_id)
    row = work.lock(ContainerRow, container_id)
    work.confirm(cryo_content(work.session, container_id))
    in_state(batch, action, *FILLED)
    refuse_deciders(work, batch.id)
    wrong = [] if code.strip() == row.code else [CONTAINER_MISMATCH(typed=code.strip(), field="code")]
    refuse_any([*wrong, *untrained(work, MANUFACTURING, *work.signers, document=batch.process_document_id)])
    return row, process_of(work.session, batch).cryopreservation


def _facts(work: Work, row: ContainerRow, at: datetime) -> CryoFacts:
    return CryoFacts(row.code, row.filled_at, row.frozen_at, row.thawed_at, row.expires_at, at, work.at)


def _clocks(work: Work, row: ContainerRow, plan: Cryopreservation | None, done: str, verified: str) -> ContainerRow:
    found = cryo_expiry(plan, row.frozen_at, row.thawed_at)
    row.expires_at = found.expires_at if found else row.expires_at
    work.sign(row, done, 0)
    work.sign(row, verified, 1)
    work.announce(ContainerClockChanged(row.id))
    return row
