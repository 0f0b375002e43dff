"""Freezing the trial's figures, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.work import Work
from release.queries.snapshots import freeze_content
from release.schemas.snapshots import SnapshotSchema
from release.services.snapshots import freeze_figures

SNAPSHOTS = "/trial/snapshots"


@act(
    "trial.freeze",
    "/trials/<trial_id>/freeze",
    permission="trial:freeze",
    title=N_("Freeze the figures"),
    schema=SnapshotSchema,
    content=freeze_content,
    signs=1,
    meaning=N_("These are the figures of the trial as the records stand at this moment."),
)
def freeze(work: Work, trial_id: str, **fields: Any) -> Done:
    row = freeze_figures(work, trial_id, **fields)
    body = {"id": row.id, "code": row.code, "data_cut_off": row.frozen_at, "sha256": row.document_sha256}
    return Done(f"{SNAPSHOTS}/{row.id}", N_("The figures are frozen."), body, 201)
