"""Recording a reconstitution; the container, its batch and their certified record stay as they are (ATMP-16-RECON)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from kernel.errors import refuse_any
from kernel.work import Work
from manufacturing.domain.containers import CONTAINER_MISMATCH
from manufacturing.ports import labelled_container
from manufacturing.queries.batches import get_container
from manufacturing.tables.batches import BatchRow, ContainerRow
from release.domain.decisions import Disposition
from release.domain.reconstitution import ReconFacts, recon_refusals
from release.queries.dispensing import disposition_of
from release.queries.reconstitution import in_use_until, planned_recon, recon_content, recon_steps
from release.tables.reconstitution import ReconstitutionStepRow


def reconstitute(
    work: Work, container_id: str, *, code: str, done_at: datetime, volume_ml: Decimal, remark: str | None = None
) -> ReconstitutionStepRow:
    """The next step of the instruction. ``code``: read off the container; ``volume_ml``: in it after the step."""
    work.require("container:reconstitute")
    work.require("container:reconstitute", work.signer(1))
    work.lock(BatchRow, get_container(work.session, container_id).batch_id)
    container = work.lock(ContainerRow, container_id)
    work.confirm(recon_content(work.session, container_id))
    planned, done = planned_recon(work.session, container), recon_steps(work.session, container_id)
    disposition = disposition_of(work.session, container_id)
    facts = ReconFacts(
        container=container.code,
        planned=planned,
        done=len(done),
        disposition=Disposition(disposition.status) if disposition else None,
        usable_until=in_use_until(work.session, container),
        last_at=done[-1].done_at if done else container.filled_at,
        done_at=done_at,
        now=work.at,
        volume_ml=volume_ml,
    )
    typed = code.strip()
    same = typed == container.code or labelled_container(work.session, typed) == container.id
    refuse_any([*([] if same else [CONTAINER_MISMATCH(typed=typed, field="code")]), *recon_refusals(facts)])
    row = work.add(
        ReconstitutionStepRow(
            container_id=container.id,
            position=len(done) + 1,
            key=planned.steps[len(done)].key if planned else "",
            done_at=done_at,
            volume_ml=volume_ml,
            remark=(remark or "").strip() or None,
            recorded_at=work.at,
            done_by=work.signer(0).id,
            checked_by=work.signer(1).id,
        )
    )
    work.sign(row, "reconstitution step done", 0)
    work.sign(row, "reconstitution step checked", 1)
    return row
