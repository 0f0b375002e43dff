"""Who acted on a batch, when and by which version, read from the signatures, which no later entry can change."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.tables import SignatureRow
from kernel.training.queries import Acted
from labels.domain.procedures import LABELLING
from labels.queries.labels import labels_of_batch
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.queries.steps import LINE_CLEARED, batch_steps
from manufacturing.tables.batches import BatchRow
from release.domain.decisions import DecisionKind
from release.domain.procedures import RELEASE, TESTING
from release.domain.statements import MEANINGS
from release.queries.records import decisions_of
from release.queries.testing import containers_of, required_tests

# A rejection stops; an acknowledgement and the acceptance of a physician release nothing.
NO_RELEASE = {DecisionKind.REJECT, DecisionKind.ACKNOWLEDGED, DecisionKind.OOS_SUPPLY}
# What each signature was work of; one that is not here needs no training (a void label, a rejection, a witness).
TRAINED_FOR = {
    "batch": (MANUFACTURING, LINE_CLEARED),
    "step": (MANUFACTURING, ("performed", "transcribed", "corrected", "verified")),
    "container": (MANUFACTURING, ("filled", "fill verified", "frozen", "freezing verified", "thawed", "thaw verified")),
    "label": (LABELLING, ("printed", "verified", "applied")),
    "test": (
        TESTING,
        ("inoculated", "interim read", "result entered", "final reading entered", "result corrected", "verified"),
    ),
    "decision": (
        RELEASE,
        tuple(MEANINGS[one] for one in DecisionKind if one in MEANINGS and one not in NO_RELEASE),
    ),
}


def acted_on(session: Session, batch: BatchRow) -> list[Acted]:
    """Every signature on the batch that is work of a procedure, at the time it was given; and for a step also the
    time at which it was performed."""
    steps = batch_steps(session, batch.id)
    records = [
        batch,
        *steps,
        *containers_of(session, batch.id),
        *labels_of_batch(session, batch.id),
        *required_tests(session, batch.id),
        *decisions_of(session, batch.id),
    ]
    query = sa.select(
        SignatureRow.record_entity, SignatureRow.meaning, SignatureRow.signer_id, SignatureRow.signed_at
    ).where(SignatureRow.record_id.in_([one.id for one in records]))
    frozen = {MANUFACTURING: batch.process_document_id, LABELLING: None}
    found = []
    for entity, meaning, signer, at in session.execute(query.order_by(SignatureRow.signed_at, SignatureRow.id)):
        procedure, meanings = TRAINED_FOR.get(entity, ("", ()))
        if meaning in meanings:
            version = frozen.get(procedure, batch.specification_document_id)
            found.append(Acted(signer, procedure, at, version))
    performed = [
        Acted(one.performed_by, MANUFACTURING, one.performed_at, batch.process_document_id)
        for one in steps
        if one.performed_by and one.performed_at
    ]
    return [*found, *performed]
