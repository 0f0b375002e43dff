"""The trial's figures from the records, in a fixed number of statements however many patients there are (TR-PROV)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import to_decimal
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.protocol import Protocol
from manufacturing.domain.trial import ENDED, age_refusals, donor_type_refusals
from manufacturing.domain.yields import dose_given_per_kg
from manufacturing.queries.trial import get_protocol
from manufacturing.tables.trial import TrialRow
from release.domain.administration import Outcome, against_verdict, counted_reaction
from release.domain.decisions import CERTIFICATES, LATE_FAILURES, DecisionKind, Disposition
from release.domain.histories import (
    BatchHistory,
    DropReason,
    Given,
    InfusionHistory,
    PatientHistory,
    Reaction,
    Relatedness,
)
from release.domain.metrics import Denominator, InfusionReading, TrialRules
from release.domain.safety import SafetyCount, SafetyRules
from release.queries.patient_records import Records, load_records


def safety_rules(protocol: Protocol) -> SafetyRules:
    return SafetyRules(
        grade_at_least=protocol.safety_grade_at_least,
        related=frozenset(Relatedness(one) for one in protocol.safety_related),
        at_most_patients=protocol.safety_at_most_patients,
        counted=SafetyCount(protocol.safety_counted),
    )


def trial_rules(protocol: Protocol) -> TrialRules:
    return TrialRules(
        target=protocol.target,
        inclusion_percent=protocol.inclusion_percent,
        infusion_percent=protocol.infusion_percent,
        safety=safety_rules(protocol),
        denominator=Denominator(protocol.inclusion_denominator),
        reading=InfusionReading(protocol.infusion_reading),
    )


Histories = tuple[PatientHistory, ...]


def patient_histories(session: Session, trial: TrialRow, now: datetime) -> Histories:
    """Every registered patient of the trial as the records have it at ``now``; a closed trial keeps its protocol."""
    (found,) = histories_under(session, trial, now, get_protocol(session, trial.protocol_document_id))
    return found


def histories_under(session: Session, trial: TrialRow, now: datetime, *protocols: Protocol) -> tuple[Histories, ...]:
    """The same records as each of these versions reads them; patients by code."""
    records = load_records(session, trial)
    subjects = sorted(records.subjects, key=lambda row: row.code)
    return tuple(tuple(patient_history(row, records, one, now) for row in subjects) for one in protocols)


def patient_history(row: Any, records: Records, protocol: Protocol, now: datetime) -> PatientHistory:
    """``row``: of ``records.subjects``."""
    collections = records.collections[row.id]
    batches = tuple(batch_history(one, row, records, protocol, now) for one in in_order(records.batches[row.id]))
    given = infused_of(row, records)
    return PatientHistory(
        code=row.code,
        transplanted=True,
        eligible=meets_registration(row, protocol),
        included_at=inclusion_day(row),
        donor_cleared=any(one.accepted_at is not None for one in collections),
        collections=sum(one.received_at is not None for one in collections),
        batches=batches,
        concluded=row.status in ENDED,
        drop_reason=DropReason(row.drop_reason) if row.drop_reason else None,
        reactions=tuple(reaction for one in given for reaction in reactions_after(one, records)),
        reactions_recorded=all(one.no_reaction_confirmed or records.reactions[one.id] for one in given),
    )


def meets_registration(row: Any, protocol: Protocol) -> bool:
    """The stricter denominator (requirements 15, row 8): of the accepted age and donor type."""
    months = 12 * row.age_years + row.age_months
    refusals = (
        *age_refusals(months, eighteenth_birthday=row.eighteenth_birthday, protocol=protocol),
        *donor_type_refusals(row.donor_type, protocol.donor_types),
    )
    return not refusals


def inclusion_day(row: Any) -> date | None:
    """The later of transplantation and consent, once included (decision 34)."""
    if row.included_at is None:
        return None
    return max(row.transplanted_on, row.consented_on or row.transplanted_on)


def infused_of(row: Any, records: Records) -> list[Any]:
    """What went into the subject, of every container of every batch."""
    return [one for batch in in_order(records.batches[row.id]) for _, one in infused_from(batch, records)]


def infused_from(batch: Any, records: Records) -> list[tuple[Any, Any]]:
    """Of one batch: container and administration, the first container first."""
    return [
        (container, one)
        for container in in_order(records.containers[batch.id])
        for one in records.administrations[container.id]
        if one.outcome != Outcome.NOT_ADMINISTERED
    ]


def in_order(rows: Sequence[Any]) -> list[Any]:
    """Batches or containers by number."""
    return sorted(rows, key=lambda row: row.number)


def reactions_after(row: Any, records: Records) -> tuple[Reaction, ...]:
    return tuple(
        replace(counted_reaction(one.grade, one.relatedness, one.adjudicated, one.recorded_at), serious=one.serious)
        for one in records.reactions[row.id]
    )


def batch_history(batch: Any, subject: Any, records: Records, protocol: Protocol, now: datetime) -> BatchHistory:
    """What was certified stays certified, also after a late failure and the rejection that follows it."""
    kinds = {one.kind for one in records.decisions[batch.id]}
    states = {one.status for one in records.dispositions[batch.id]}
    late = Disposition.LATE_OOS in states or bool(set(LATE_FAILURES) & kinds)
    infusions = tuple(
        infusion_history(one, container, batch, records, protocol) for container, one in infused_from(batch, records)
    )
    return BatchHistory(
        code=batch.number,
        manufactured=bool(records.containers[batch.id]),
        certified_provisional=bool(set(CERTIFICATES) & kinds),
        certified_final=certified_finally(records.decisions[batch.id], records.corrections[batch.id]),
        late_oos=late,
        oos_supplied=Disposition.OOS_SUPPLY in states or any(one.out_of_specification for one in infusions),
        rejected=Disposition.REJECTED in states and not late,
        terminated=batch.status == BatchStatus.TERMINATED,
        infusions=infusions,
        not_infused_reason=None
        if infusions
        else why_not_infused(batch, records.containers[batch.id], subject, now, late=late),
    )


def certified_finally(decisions: Sequence[Any], corrections: Sequence[Any]) -> bool:
    """With every result, and not on a record that was corrected since: until it is certified anew it is provisional."""
    certificates = sorted((one for one in decisions if one.kind in CERTIFICATES), key=lambda one: one.sequence)
    if not any(is_final(one) for one in certificates):
        return False
    return not any(one.corrected_at > certificates[-1].decided_at for one in corrections)


def is_final(certificate: Any) -> bool:
    if certificate.kind == DecisionKind.GIVEN:
        return not any(one["mandatory"] for one in json.loads(certificate.pending))
    return certificate.kind in {DecisionKind.FULL, DecisionKind.STAGE2}


def why_not_infused(
    batch: Any, containers: Sequence[Any], subject: Any, now: datetime, *, late: bool
) -> DropReason | None:
    """A container that was frozen outlives the batch it comes from; the last one to expire decides."""
    if subject.drop_reason:
        return DropReason(subject.drop_reason)
    if late:
        return DropReason.OUT_OF_SPECIFICATION
    ends = [one.expires_at for one in containers] or [batch.expires_at]
    return DropReason.EXPIRED if all(end is not None and end <= now for end in ends) else None


def infusion_history(row: Any, container: Any, batch: Any, records: Records, protocol: Protocol) -> InfusionHistory:
    """The dose really given: release result x volume given / weight at the infusion."""
    concentration, kg = records.concentrations.get(batch.id), row.kg
    dose = None
    if concentration is not None and kg and row.volume_given_ml is not None:
        dose = to_decimal(dose_given_per_kg(row.volume_given_ml, 0, concentration, kg))
    return InfusionHistory(
        given=Given.FULL if row.outcome == Outcome.COMPLETE else Given.PARTIAL,
        nk_per_kg=dose,
        minimum_nk_per_kg=protocol.infusion_minimum_nk_per_kg,
        against_verdict=row.refused_on_paper
        or against_verdict(row.bedside_verdict, row.started_at, container.expires_at),
        out_of_specification=row.out_of_specification,
    )
