"""Freezing the trial's figures: computed, stored and signed in one act (TR-PROV)."""

from __future__ import annotations

from kernel.canonical import canonical, digest
from kernel.work import Work
from manufacturing.tables.trial import TrialRow
from release.queries.snapshots import figures_document, freeze_content, next_number, snapshot_code
from release.tables.snapshots import SnapshotRow


def freeze_figures(work: Work, trial_id: str, *, occasion: str) -> SnapshotRow:
    """Of a closed trial too. Under the lock of the trial, so that its numbers have no gap."""
    work.require("trial:freeze")
    trial = work.lock(TrialRow, trial_id)
    work.confirm(freeze_content(work.session, trial_id))
    document, number = figures_document(work.session, trial, work.at), next_number(work.session, trial_id)
    row = work.add(
        SnapshotRow(
            trial_id=trial.id,
            number=number,
            code=snapshot_code(trial.code, number),
            occasion=occasion.strip(),
            frozen_by=work.signer().id,
            frozen_at=work.at,
            head_seq=document["trail"]["seq"],
            head_hash=document["trail"]["hash"],
            document=canonical(document),
            document_sha256=digest(document),
        )
    )
    work.content = {**work.content, "occasion": row.occasion, "data cut-off": work.at, "sha256": row.document_sha256}
    work.sign(row, "figures frozen")
    return row
