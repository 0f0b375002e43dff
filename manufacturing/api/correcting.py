"""Opening a finished record for correction, and looking at what a correction would change; for pages and API."""

from __future__ import annotations

import secrets
from typing import Any

from flask import g

from kernel.canonical import digest
from kernel.refusals import N_
from kernel.web.opened import kept
from kernel.web.registry import Done, act
from kernel.work import Work
from manufacturing.api.measurements import before_choosing, before_measuring, parted
from manufacturing.api.steps import STEP, before_correcting, signing
from manufacturing.domain.entries import as_sent
from manufacturing.queries.batch_content import batch_content, step_content
from manufacturing.queries.bench import bench_view
from manufacturing.queries.corrections import effect_view
from manufacturing.schemas.batches import step_schema
from manufacturing.schemas.measurements import ChoosingSchema, measuring_schema
from manufacturing.services.corrections import digest_of, open_for_correction
from manufacturing.services.measurements import foresee_choosing, foresee_measuring
from manufacturing.services.steps import foresee_correction


@act(
    "batch.open_for_correction",
    "/batches/<batch_id>/open-for-correction",
    permission="batch:review",
    title=N_("Open the record for correction"),
    content=batch_content,
    signs=1,
    needs_reason=True,
    danger=True,
    meaning=N_(
        "I open this finished record for correction. Nothing of the batch may be dispensed until it is complete and "
        "reviewed again."
    ),
)
def open_record(work: Work, batch_id: str) -> Done:
    row = open_for_correction(work, batch_id)
    body = {"id": row.id, "number": row.number, "status": row.status}
    return Done(f"/batches/{batch_id}", N_("The record is open for correction."), body)


@act(
    "step.effect",
    f"{STEP}/correct/effect",
    permission="batch:perform",
    title=N_("Show what changes"),
    schema=step_schema,
    dynamic_schema=True,
    content=step_content,
    prepare=before_correcting,
    needs_reason=True,
    replay=False,
    template="manufacturing/bench.html",
)
def effect(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    """Every derived value before and after, and what the correction needs to be signed: nothing is changed by it."""
    found = foresee_correction(work, batch_id, position, **fields)
    return effect_page(work, "step.correct", batch_id, position, found, fields)


def effect_page(
    work: Work, name: str, batch_id: str, position: str, found: list[dict[str, Any]], fields: dict[str, Any]
) -> Done:
    """What follows, and all that is sent again to sign it. ``name``: the act that is signed there."""
    signed, content = signing(name, batch_id, position), step_content(work.session, batch_id, position)
    body = {
        "bench": bench_view(work.session, batch_id, position, work.at),
        "effect": effect_view(found),
        "effect_seen": digest_of(found),
        "seen": digest(content),
        "opened": kept(content, g.viewer.head),
        "sent": {name: as_sent(value) for name, value in fields.items()},
        "reason": work.reason,
        "key": secrets.token_urlsafe(18),
        "signing": {"path": signed["path"], "title": signed["act"].title, "meaning": signed["act"].meaning},
    }
    return Done(f"/batches/{batch_id}/steps/{position}", "", body, page="manufacturing/effect.html")


@act(
    "step.measuring_effect",
    f"{STEP}/measure-again/effect",
    permission="batch:perform",
    title=N_("Show what changes"),
    schema=measuring_schema,
    dynamic_schema=True,
    content=step_content,
    prepare=before_measuring,
    needs_reason=True,
    replay=False,
    template="manufacturing/measuring.html",
)
def measuring_effect(work: Work, batch_id: str, position: str, **fields: Any) -> Done:
    """The same of measuring again."""
    found = foresee_measuring(work, batch_id, position, **fields)
    return effect_page(work, "step.measure_again", batch_id, position, found, fields)


@act(
    "step.choosing_effect",
    f"{STEP}/choose-measurement/effect",
    permission="batch:perform",
    title=N_("Show what changes"),
    schema=ChoosingSchema,
    content=step_content,
    prepare=before_choosing,
    needs_reason=True,
    replay=False,
    template="manufacturing/measuring.html",
)
def choosing_effect(work: Work, batch_id: str, position: str, choice: str) -> Done:
    """The same of choosing another measurement."""
    field, number = parted(choice)
    found = foresee_choosing(work, batch_id, position, field=field, number=number)
    return effect_page(work, "step.choose_measurement", batch_id, position, found, {"choice": choice})
