"""Criteria that the batch's own records answer: nobody types them (F-COI-1, TC-17-II.1.1, CTR-VI-k)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from manufacturing.domain.donors import reactive_markers
from manufacturing.domain.expiry import expiry_of
from manufacturing.queries.collections import collections_of_batch, markers_of
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionRow, DonorRow
from release.domain.criteria import Specification
from release.queries.testing import containers_of, get_record

MATCH = "match"
NO_MATCH = "no match"
WITHIN = "within shelf life"
BEYOND = "beyond shelf life"


MARKER_WORDS = ("non-reactive", "risk assessed", "reactive")


def word_of_records(session: Session, batch: BatchRow, specification: Specification, key: str) -> str | None:
    """What the records say about one of these criteria; None when they do not speak yet."""
    if key == "identity":
        return identity_word(session, batch)
    if key == "donor_markers":
        return marker_word(session, batch)
    return expiry_word(session, batch, specification) if key == "expiry" else None


def identity_word(session: Session, batch: BatchRow) -> str | None:
    """Subject and donor agree from the leukapheresis to every container, and two people checked the receipt."""
    material = collections_of_batch(session, batch)
    donor = get_record(session, DonorRow, batch.donor_id)
    if any(one.received_by is None or one.verified_by is None for one in material):
        return None
    subjects = {batch.subject_id, donor.subject_id, *(one.subject_id for one in material)}
    subjects |= {container.subject_id for container in containers_of(session, batch.id)}
    two_people = all(one.received_by != one.verified_by for one in material)
    same = len(subjects) == 1 and {one.donor_id for one in material} == {batch.donor_id}
    return MATCH if same and two_people else NO_MATCH


def marker_word(session: Session, batch: BatchRow) -> str | None:
    """The assessment QA signed with the acceptance; without acceptance the records say nothing."""
    words = [word_of_markers(session, one) for one in collections_of_batch(session, batch)]
    return None if None in words else max(words, key=MARKER_WORDS.index)


def word_of_markers(session: Session, collection: CollectionRow) -> str | None:
    results = {one.marker: one.result for one in markers_of(session, collection.id)}
    if collection.accepted_at is None or not results:
        return None
    if not reactive_markers(results):
        return "non-reactive"
    return "risk assessed" if collection.assessment else "reactive"


def expiry_word(session: Session, batch: BatchRow, specification: Specification) -> str | None:
    """Every container ends no later than the clocks of the specification allow (process.md 3.14)."""
    ends = tuple(one.ended_at for one in collections_of_batch(session, batch) if one.ended_at is not None)
    containers = containers_of(session, batch.id)
    if not containers or batch.formulated_at is None or not ends:
        return None
    latest = expiry_of(
        ends,
        batch.formulated_at,
        hours_after_apheresis=specification.hours_after_apheresis,
        hours_after_formulation=specification.hours_after_formulation,
    )
    return WITHIN if all(container.expires_at <= latest.expires_at for container in containers) else BEYOND
