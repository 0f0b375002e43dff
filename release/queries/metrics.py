"""The trial's figures from the records, in a fixed number of statements however many patients there are (TR-PROV)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.documents.tables import DocumentRow
from kernel.quantities import to_decimal
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.protocol import Protocol
from manufacturing.domain.trial import ENDED, age_refusals, donor_type_refusals
from manufacturing.domain.yields import dose_given_per_kg
from manufacturing.queries.trial import get_protocol
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.corrections import StepCorrectionRow
from manufacturing.tables.trial import SubjectRow, TrialRow, WeightRow
from release.domain.administration import Outcome, against_verdict, counted_reaction
from release.domain.criteria import Formula
from release.domain.decisions import CERTIFICATES, LATE_FAILURES, DecisionKind, Disposition, QcTestStatus
from release.domain.histories import (
    BatchHistory,
    DropReason,
    Given,
    InfusionHistory,
    PatientHistory,
    Reaction,
    Relatedness,
)
from release.domain.metrics import TrialRules
from release.domain.safety import SafetyRules
from release.queries.testing import concentration_of
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.dispensing import AdministrationRow, DispensingRow, ReactionRow
from release.tables.downtime import DowntimeEntryRow
from release.tables.testing import QcTestRow, ResultRow

Grouped = dict[str, list[Any]]
FIGURE_TABLES = (
    TrialRow,
    SubjectRow,
    WeightRow,
    CollectionRow,
    BatchRow,
    ContainerRow,
    DispositionRow,
    DecisionRow,
    DispensingRow,
    AdministrationRow,
    DowntimeEntryRow,
    ReactionRow,
    StepCorrectionRow,
    DocumentRow,
    QcTestRow,
    ResultRow,
)
"""What the histories are read from: an act that wrote none of these changes no figure."""


@dataclass
class Records:
    """Rows by the id of what they belong to."""

    collections: Grouped
    batches: Grouped
    containers: Grouped
    dispositions: Grouped
    decisions: Grouped
    administrations: Grouped
    supplied: set[str]
    refused_on_paper: set[str]
    reactions: Grouped
    corrections: Grouped
    concentrations: dict[str, Fraction] = field(default_factory=dict)
    weights: dict[str, Decimal] = field(default_factory=dict)


def safety_rules(protocol: Protocol) -> SafetyRules:
    return SafetyRules(
        grade_at_least=protocol.safety_grade_at_least,
        related=frozenset(Relatedness(one) for one in protocol.safety_related),
        at_most_patients=protocol.safety_at_most_patients,
    )


def trial_rules(protocol: Protocol) -> TrialRules:
    return TrialRules(
        target=protocol.target,
        inclusion_percent=protocol.inclusion_percent,
        infusion_percent=protocol.infusion_percent,
        safety=safety_rules(protocol),
    )


Histories = tuple[PatientHistory, ...]


def patient_histories(session: Session, trial: TrialRow, now: datetime) -> Histories:
    """Every registered patient of the trial as the records have it at ``now``; a closed trial keeps its protocol."""
    (found,) = histories_under(session, trial, now, get_protocol(session, trial.protocol_document_id))
    return found


def histories_under(session: Session, trial: TrialRow, now: datetime, *protocols: Protocol) -> tuple[Histories, ...]:
    """The same records as each of these versions reads them."""
    records = load_records(session)
    query = sa.select(SubjectRow).where(SubjectRow.trial_id == trial.id).order_by(SubjectRow.code)
    subjects = session.execute(query).scalars().all()
    return tuple(tuple(patient_history(row, records, one, now) for row in subjects) for one in protocols)


def load_records(session: Session) -> Records:
    given = session.execute(
        sa.select(DispensingRow.container_id, DispensingRow.out_of_specification, refused_on_paper(), AdministrationRow)
        .join(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .order_by(AdministrationRow.started_at)
    ).all()
    administrations: Grouped = defaultdict(list)
    for container_id, _, _, row in given:
        administrations[container_id].append(row)
    return Records(
        collections=grouped(session, CollectionRow, "subject_id"),
        batches=grouped(session, BatchRow, "subject_id", BatchRow.number),
        containers=grouped(session, ContainerRow, "batch_id", ContainerRow.number),
        dispositions=grouped(session, DispositionRow, "batch_id"),
        decisions=grouped(session, DecisionRow, "batch_id"),
        administrations=administrations,
        supplied={row.id for _, out_of_specification, _, row in given if out_of_specification},
        refused_on_paper={row.id for _, _, refused, row in given if refused},
        reactions=grouped(session, ReactionRow, "administration_id"),
        corrections=grouped(session, StepCorrectionRow, "batch_id"),
        concentrations=nk_concentrations(session),
        weights=dict(session.execute(sa.select(WeightRow.id, WeightRow.kg)).all()),
    )


def refused_on_paper() -> Any:
    """A condition on dispensings: something of it was done on paper during a downtime that NKTrace refuses; never in F."""
    return sa.exists().where(
        DowntimeEntryRow.dispensing_id == DispensingRow.id, DowntimeEntryRow.deviation_id.is_not(None)
    )


def grouped(session: Session, table: type[Any], key: str, *order: Any) -> Grouped:
    found: Grouped = defaultdict(list)
    for row in session.execute(sa.select(table).order_by(*order, table.id)).scalars():
        found[getattr(row, key)].append(row)
    return found


def nk_concentrations(session: Session) -> dict[str, Fraction]:
    """Viable NK cells per mL by batch: the verified release result of the frozen specification's dose criterion."""
    bodies = session.execute(sa.select(DocumentRow.id, DocumentRow.body).where(DocumentRow.kind == "specification"))
    keys = {document_id: dose_keys(json.loads(body)) for document_id, body in bodies}
    query = (
        sa.select(BatchRow.id, BatchRow.specification_document_id, QcTestRow.criterion, ResultRow)
        .join(QcTestRow, QcTestRow.batch_id == BatchRow.id)
        .join(ResultRow, ResultRow.id == QcTestRow.result_id)
        .where(QcTestRow.status == QcTestStatus.VERIFIED, ResultRow.operator != "<")
    )
    found: dict[str, Fraction] = {}
    for batch_id, document_id, criterion, row in session.execute(query):
        per_ml = concentration_of(row) if criterion in keys.get(document_id, ()) else None
        if per_ml is not None:
            found[batch_id] = min(per_ml, found.get(batch_id, per_ml))  # of the values of a retest, the lowest
    return found


def dose_keys(body: dict[str, Any]) -> tuple[str, ...]:
    """Criteria with a lower limit per kg: the dose of the infusion."""
    return tuple(
        one["key"]
        for one in body.get("criteria", ())
        if one.get("formula") == Formula.DOSE_PER_KG and one.get("comparison") in {"at_least", "more_than", "between"}
    )


def patient_history(row: SubjectRow, records: Records, protocol: Protocol, now: datetime) -> PatientHistory:
    collections = records.collections[row.id]
    batches = tuple(batch_history(one, row, records, protocol, now) for one in records.batches[row.id])
    given = list(infused_of(row, records))
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


def meets_registration(row: SubjectRow, protocol: Protocol) -> bool:
    """The stricter denominator (requirements 15, row 8): of the accepted age and donor type."""
    months = 12 * row.age_years + row.age_months
    refusals = (
        *age_refusals(months, eighteenth_birthday=row.eighteenth_birthday, protocol=protocol),
        *donor_type_refusals(row.donor_type, protocol.donor_types),
    )
    return not refusals


def inclusion_day(row: SubjectRow) -> date | None:
    """The later of transplantation and consent, once included (decision 34)."""
    if row.included_at is None:
        return None
    return max(row.transplanted_on, row.consented_on or row.transplanted_on)


def infused_of(row: SubjectRow, records: Records) -> Iterable[AdministrationRow]:
    for batch in records.batches[row.id]:
        for container in records.containers[batch.id]:
            yield from (one for one in records.administrations[container.id] if one.outcome != Outcome.NOT_ADMINISTERED)


def reactions_after(row: AdministrationRow, records: Records) -> tuple[Reaction, ...]:
    return tuple(
        replace(counted_reaction(one.grade, one.relatedness, one.adjudicated, one.recorded_at), serious=one.serious)
        for one in records.reactions[row.id]
    )


def batch_history(
    batch: BatchRow, subject: SubjectRow, records: Records, protocol: Protocol, now: datetime
) -> BatchHistory:
    """What was certified stays certified, also after a late failure and the rejection that follows it."""
    kinds = {one.kind for one in records.decisions[batch.id]}
    states = {one.status for one in records.dispositions[batch.id]}
    late = Disposition.LATE_OOS in states or bool(set(LATE_FAILURES) & kinds)
    infusions = tuple(
        infusion_history(one, container, batch, records, protocol)
        for container in records.containers[batch.id]
        for one in records.administrations[container.id]
        if one.outcome != Outcome.NOT_ADMINISTERED
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


def certified_finally(decisions: Sequence[DecisionRow], corrections: Sequence[StepCorrectionRow]) -> bool:
    """With every result, and not on a record that was corrected since: until it is certified anew it is provisional."""
    certificates = sorted((one for one in decisions if one.kind in CERTIFICATES), key=lambda one: one.sequence)
    if not any(is_final(one) for one in certificates):
        return False
    return not any(one.corrected_at > certificates[-1].decided_at for one in corrections)


def is_final(certificate: DecisionRow) -> bool:
    if certificate.kind == DecisionKind.GIVEN:
        return not any(one["mandatory"] for one in json.loads(certificate.pending))
    return certificate.kind in {DecisionKind.FULL, DecisionKind.STAGE2}


def why_not_infused(
    batch: BatchRow, containers: Sequence[ContainerRow], subject: SubjectRow, now: datetime, *, late: bool
) -> DropReason | None:
    """A container that was frozen outlives the batch it comes from; the last one to expire decides."""
    if subject.drop_reason:
        return DropReason(subject.drop_reason)
    if late:
        return DropReason.OUT_OF_SPECIFICATION
    ends = [one.expires_at for one in containers] or [batch.expires_at]
    return DropReason.EXPIRED if all(end is not None and end <= now for end in ends) else None


def infusion_history(
    row: AdministrationRow, container: ContainerRow, batch: BatchRow, records: Records, protocol: Protocol
) -> InfusionHistory:
    """The dose really given: release result x volume given / weight at the infusion."""
    concentration, kg = records.concentrations.get(batch.id), records.weights.get(row.weight_id or "")
    dose = None
    if concentration is not None and kg and row.volume_given_ml is not None:
        dose = to_decimal(dose_given_per_kg(row.volume_given_ml, 0, concentration, kg))
    return InfusionHistory(
        given=Given.FULL if row.outcome == Outcome.COMPLETE else Given.PARTIAL,
        nk_per_kg=dose,
        minimum_nk_per_kg=protocol.infusion_minimum_nk_per_kg,
        against_verdict=row.id in records.refused_on_paper
        or against_verdict(row.bedside_verdict, row.started_at, container.expires_at),
        out_of_specification=row.id in records.supplied,
    )
