"""Filling: strength and expiry come from the verified formulation, never from the keyboard (decision 46)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kernel.errors import Refused, refuse_any
from kernel.quantities import exact, to_decimal
from kernel.refusals import Refusal
from kernel.training.services import untrained
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.containers import (
    CONTAINER_COUNT,
    FORMULATION_UNVERIFIED,
    MOST_CONTAINERS,
    batch_match_refusals,
    fill_refusals,
    viable_nk,
)
from manufacturing.domain.procedures import MANUFACTURING
from manufacturing.domain.trial import subject_match_refusals
from manufacturing.domain.units import converted
from manufacturing.events import ContainerFilled
from manufacturing.queries.batch_content import batch_content
from manufacturing.queries.batches import containers_of
from manufacturing.queries.steps import process_of
from manufacturing.queries.trial import get_subject
from manufacturing.queries.yields import final_counts
from manufacturing.services.batches import in_state
from manufacturing.tables.batches import BatchRow, ContainerRow


def fill_container(
    work: Work, batch_id: str, *, batch_number: str, subject_code: str, container_type: str, volume_ml: Decimal
) -> ContainerRow:
    """One container, filled by one person and verified by another, both identifiers read from it."""
    work.require("container:fill")
    work.require("batch:verify", work.signer(1))
    batch = work.lock(BatchRow, batch_id)
    work.confirm(batch_content(work.session, batch_id))
    in_state(batch, "fill", BatchStatus.IN_PROCESS)
    counts = final_counts(work.session, batch)
    if counts is None or batch.expires_at is None:
        raise Refused(FORMULATION_UNVERIFIED())
    filled = containers_of(work.session, batch_id)
    found = process_of(work.session, batch).container_type(container_type)
    sum_ml = to_decimal(sum((exact(one.volume_ml) for one in filled), Fraction(0)))
    subject = get_subject(work.session, batch.subject_id)
    refuse_any(
        [
            *batch_match_refusals(batch_number, batch.number),
            *subject_match_refusals(subject_code, subject.code),
            *possible(volume_ml),
            *fill_refusals(volume_ml, found, typed=container_type, formulated_ml=counts.volume_ml, filled_ml=sum_ml),
            *untrained(work, MANUFACTURING, *work.signers, document=batch.process_document_id),
            *([CONTAINER_COUNT(most=MOST_CONTAINERS)] if len(filled) >= MOST_CONTAINERS else []),
        ]
    )
    number = len(filled) + 1
    container = work.add(
        ContainerRow(
            batch_id=batch.id,
            subject_id=subject.id,
            number=number,
            code=f"{batch.number}-{number:02}",
            container_type=container_type,
            volume_ml=volume_ml,
            viable_nk=viable_nk(counts, volume_ml),
            filled_at=work.at,
            expires_at=batch.expires_at,
            filled_by=work.signer(0).id,
            verified_by=work.signer(1).id,
        )
    )
    work.sign(container, "filled", 0)
    work.sign(container, "fill verified", 1)
    work.announce(ContainerFilled(container.id))
    return container


def possible(volume_ml: Decimal) -> list[Refusal]:
    result = converted("volume", volume_ml, "mL")
    return [result.kind(**{**dict(result.facts), "field": "volume_ml"})] if isinstance(result, Refusal) else []
