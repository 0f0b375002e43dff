"""Nobody works on the record of a batch about which he decided (S3, the other way round)."""

from __future__ import annotations

from kernel.errors import refuse_any
from kernel.work import Work
from manufacturing.domain.hands import hand_refusals
from manufacturing.ports import deciders


def refuse_deciders(work: Work, batch_id: str) -> None:
    """Asked by every act that leaves a hand and may come after a decision, for all who act or sign."""
    people = [work.actor.id, *(one.id for one in work.signers)]
    refuse_any(hand_refusals(people, deciders(work.session, batch_id)))
