"""The facts of a label as the records give them now, and as they were stored when it was printed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.canonical import canonical
from kernel.database import asked_once
from kernel.documents.queries import document_body
from kernel.documents.tables import DocumentRow
from kernel.errors import NotFound, Refused
from labels.domain.content import JOINED, Bilingual, LabelFacts, label_record
from labels.domain.payload import LabelKeys, changed_facts
from labels.domain.refusals import LABEL_RECORD_DRIFT
from labels.domain.slots import SlotName
from labels.domain.statements import (
    AUTOLOGOUS_ONLY,
    BIOLOGICAL_HAZARD,
    NOT_EVALUATED,
    DonorStatus,
    StatementFacts,
)
from labels.domain.template import PRINTED_AS_IS, read_template
from labels.keys import is_demo
from labels.tables.labels import LabelRow
from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.donors import MARKER_NAMES, reactive_markers
from manufacturing.queries.collections import collections_of_batch
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow, DonorRow, MarkerRow
from manufacturing.tables.trial import SubjectRow, TrialRow

Row = TypeVar("Row")
ASSESSED = {CollectionStatus.ACCEPTED, CollectionStatus.IN_USE, CollectionStatus.CONSUMED}


@dataclass(frozen=True, slots=True)
class ContainerRecord:
    """A container and the records its label is made from, each as the database has it now."""

    container: ContainerRow
    batch: BatchRow
    subject: SubjectRow
    trial: TrialRow
    donor: DonorRow
    collection: CollectionRow
    material: tuple[CollectionRow, ...]
    markers: tuple[MarkerRow, ...]


@asked_once
def container_chain(session: Session, container_id: str) -> Any:
    """The container with its batch, subject, trial, donor and first collection: one statement."""
    query = (
        sa.select(ContainerRow, BatchRow, SubjectRow, TrialRow, DonorRow, CollectionRow)
        .join(BatchRow, BatchRow.id == ContainerRow.batch_id)
        .join(SubjectRow, SubjectRow.id == ContainerRow.subject_id)
        .join(TrialRow, TrialRow.id == SubjectRow.trial_id)
        .join(DonorRow, DonorRow.id == BatchRow.donor_id)
        .join(CollectionRow, CollectionRow.id == BatchRow.collection_id)
        .where(ContainerRow.id == container_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(f"container {container_id}")
    return found


@asked_once
def container_record(session: Session, container_id: str) -> ContainerRecord:
    found = container_chain(session, container_id)
    material = tuple(collections_of_batch(session, found.BatchRow))
    markers = (
        sa.select(MarkerRow).where(MarkerRow.collection_id.in_([one.id for one in material])).order_by(MarkerRow.marker)
    )
    return ContainerRecord(*found, material, tuple(session.execute(markers).scalars()))


def donor_statements(record: ContainerRecord) -> StatementFacts:
    """Unknown until QA has accepted the donor's markers; reactive ones are named as they are printed.

    Made at risk, before the results were in, the product says so: that is the decision QA and QP signed (F-LBL-NE).
    """
    results = [
        {one.marker: one.result for one in record.markers if one.collection_id == collection.id}
        for collection in record.material
    ]
    reactive = tuple(dict.fromkeys(MARKER_NAMES[one] for some in results for one in reactive_markers(some)))
    if any(one.at_risk_at is not None and one.accepted_at is None for one in record.material):
        return StatementFacts(DonorStatus.NOT_EVALUATED, reactive)
    judged = all(one.accepted_at is not None and one.status in ASSESSED for one in record.material)
    if not judged or not all(results):
        return StatementFacts(DonorStatus.UNKNOWN, reactive)
    return StatementFacts(DonorStatus.REACTIVE if reactive else DonorStatus.NON_REACTIVE, reactive)


def label_facts(
    record: ContainerRecord, template: DocumentRow, slot: SlotName, *, issue: int, keys: LabelKeys
) -> LabelFacts:
    """What the label of this issue says. The number of containers is left open: it is not known at fill."""
    texts = read_template(document_body(template))
    check = donation_check(record.material)
    isbt = texts.isbt if check else None
    return LabelFacts(
        **{name: getattr(texts, name) for name in PRINTED_AS_IS},
        trial_code=texts.trial_code(record.trial.code, record.trial.eu_trial_number),
        viable_nk=record.container.viable_nk,
        volume_ml=record.container.volume_ml,
        batch=record.batch.number,
        container=record.container.number,
        issue=issue,
        subject_code=record.subject.code,
        expires_at=record.container.expires_at,
        donor_code=record.donor.code,
        donation_number=JOINED.join(one.number for one in record.material),
        donation_check=check,
        warnings=donor_statements(record),
        instance=keys.instance,
        template_version=template_version(template),
        demo=is_demo(keys),
        slot=slot,
        isbt_product=isbt.product(record.container.number) if isbt else "",
        chain_of_identity=isbt.chain(record.batch.number) if isbt else "",
    )


def donation_check(material: tuple[CollectionRow, ...]) -> str:
    """Beside one ISBT 128 number its check character; beside several numbers none, so that it is never misread."""
    if len(material) > 1 or not material[0].is_din:
        return ""
    return material[0].check_character or ""


def template_version(template: DocumentRow) -> str:
    return f"{template.code} v{template.number}"


def facts_now(session: Session, label: LabelRow, keys: LabelKeys) -> LabelFacts:
    """The facts of a printed label rebuilt from the records, with the template version it was printed from."""
    record = container_record(session, label.container_id)
    template = session.get_one(DocumentRow, label.template_document_id)
    return label_facts(record, template, SlotName(label.slot), issue=label.issue, keys=keys)


def stored_record(label: LabelRow) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(label.facts)
    return facts


def stored_facts(label: LabelRow) -> LabelFacts:
    """The facts as printed. Refused when this version of the system would print them otherwise."""
    record = stored_record(label)
    facts = facts_of_record(record)
    if canonical(label_record(facts)) != label.facts:
        raise Refused(LABEL_RECORD_DRIFT(changed=", ".join(changed_facts(record, label_record(facts)))))
    return facts


def facts_of_record(record: dict[str, Any]) -> LabelFacts:
    """The way back from ``label_record``."""
    values = {name: record[name] for name in LabelFacts.__slots__}
    for name in ("form", "route", "additives", "directions", "storage"):
        values[name] = Bilingual(*record[name])
    for name in ("viable_nk", "volume_ml"):
        values[name] = None if record[name] is None else Decimal(record[name])
    values["expires_at"] = None if record["expires_at"] is None else datetime.fromisoformat(record["expires_at"])
    values["warnings"] = _statement_facts(record["warnings"])
    values["slot"] = SlotName(record["slot"])
    return LabelFacts(**values)


def _statement_facts(lines: list[list[str]] | None) -> StatementFacts | None:
    if lines is None:
        return None
    printed = {dutch: detail for dutch, _english, detail in lines}
    reactive = BIOLOGICAL_HAZARD.dutch in printed
    markers = tuple(printed.get(BIOLOGICAL_HAZARD.dutch, "").split(", ")) if reactive else ()
    status = DonorStatus.REACTIVE if reactive else DonorStatus.NON_REACTIVE
    if NOT_EVALUATED.dutch in printed:
        status = DonorStatus.NOT_EVALUATED
    return StatementFacts(status, markers, donor_is_recipient=AUTOLOGOUS_ONLY.dutch in printed)
