"""A part is taken off a leukapheresis by two people, and ends in one batch or in the waste (ATMP-ID-SPLIT)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kernel.documents.queries import get_effective
from kernel.errors import refuse_any
from kernel.refusals import Refusal
from kernel.work import Work
from manufacturing.domain.collections import (
    COLLECTION,
    CollectionStatus,
    donation_match_refusals,
    hold_refusals,
)
from manufacturing.domain.material import UseKind, taking_refusals
from manufacturing.domain.parts import (
    PART_GONE,
    PART_WHOLE,
    SplitFacts,
    part_code,
    split_refusals,
    use_by_refusals,
)
from manufacturing.domain.process import PROCESS
from manufacturing.domain.trial import subject_match_refusals
from manufacturing.queries.collections import collection_content, get_collection, holds_over, parts_of, volume_left
from manufacturing.queries.parts import get_part, use_by, use_of_part
from manufacturing.queries.steps import process_version
from manufacturing.queries.trial import get_subject
from manufacturing.services.collections import ready
from manufacturing.tables.collections import CollectionPartRow, CollectionRow, CollectionUseRow
from manufacturing.tables.trial import SubjectRow

SPLITTABLE = (CollectionStatus.ACCEPTED, CollectionStatus.ACCEPTED_AT_RISK, CollectionStatus.IN_USE)


@dataclass(frozen=True)
class Taking:
    """What goes into a batch: a part as a whole, or millilitres from the bag itself; and what speaks against it."""

    volume_ml: Decimal
    part_id: str | None
    refusals: tuple[Refusal, ...]


def taking(work: Work, row: CollectionRow, part_id: str | None, volume_ml: Decimal | None) -> Taking:
    """``volume_ml``: what of the bag is taken; all that is left unless it is said."""
    late = use_by_refusals(row.number, use_by(work.session, row), work.at)
    if part_id is None:
        left = volume_left(work.session, row)
        return Taking(volume_ml or left or Decimal(0), None, (*late, *taking_refusals(left, volume_ml)))
    part = get_part(work.session, part_id)
    return Taking(part.volume_ml, part.id, (*late, *whole_refusals(work, part, volume_ml)))


def whole_refusals(work: Work, part: CollectionPartRow, volume_ml: Decimal | None) -> list[Refusal]:
    refusals = [PART_GONE(code=part.code)] if use_of_part(work.session, part.id) else []
    if volume_ml not in {None, part.volume_ml}:
        refusals.append(PART_WHOLE(code=part.code, volume=part.volume_ml, field="volume_ml"))
    return refusals


def split_collection(
    work: Work,
    collection_id: str,
    *,
    number: str,
    subject_code: str,
    volume_ml: Decimal,
    remainder_ml: Decimal,
    lost_ml: Decimal = Decimal(0),
    lost_reason: str | None = None,
) -> CollectionPartRow:
    """One part into a bag of its own; what is left in the first one was measured as well, and the two must agree."""
    work.require("collection:split")
    work.require("collection:verify", work.signer(1))
    work.lock(SubjectRow, get_collection(work.session, collection_id).subject_id)
    row = work.lock(CollectionRow, collection_id)
    work.confirm(collection_content(work.session, collection_id))
    ready(row, "split", *SPLITTABLE)
    process = process_version(work.session, get_effective(work.session, PROCESS).id)
    before = parts_of(work.session, row.id)
    left = volume_left(work.session, row) or Decimal(0)
    facts = SplitFacts(process.splitting, len(before), left, volume_ml, remainder_ml, lost_ml, lost_reason)
    refuse_any(
        [
            *subject_match_refusals(subject_code, get_subject(work.session, row.subject_id).code),
            *donation_match_refusals(number, row.number),
            *hold_refusals((hold.scope, hold.reason) for hold in holds_over(work.session, row)),
            *split_refusals(facts),
            *use_by_refusals(row.number, use_by(work.session, row), work.at),
        ]
    )
    work.move(row, COLLECTION, "split")
    return _entered(work, row, len(before) + 1, facts)


def _entered(work: Work, row: CollectionRow, number: int, facts: SplitFacts) -> CollectionPartRow:
    """The part with the next number of its leukapheresis, and what was lost on the way."""
    part = work.add(
        CollectionPartRow(
            collection_id=row.id,
            number=number,
            code=part_code(row.number, number),
            volume_ml=facts.volume_ml,
            remainder_ml=facts.remainder_ml,
            split_at=work.at,
            split_by=work.signer(0).id,
            verified_by=work.signer(1).id,
        )
    )
    work.sign(part, "split", 0)
    work.sign(part, "split verified", 1)
    if facts.lost_ml:
        words = (facts.lost_reason or "").strip()
        ended(work, row, UseKind.LOST, facts.lost_ml, words)
    return part


def ended(
    work: Work, row: CollectionRow, kind: UseKind, volume_ml: Decimal, words: str, part_id: str | None = None
) -> None:
    """What will not go into a batch: destroyed or lost, seen by two."""
    work.add(
        CollectionUseRow(
            collection_id=row.id,
            part_id=part_id,
            kind=kind,
            volume_ml=volume_ml,
            words=words,
            done_by=work.signer(0).id,
            witnessed_by=work.signer(1).id,
            done_at=work.at,
        )
    )
