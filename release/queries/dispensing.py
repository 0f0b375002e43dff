"""Everything a scan is judged by, read afresh in the transaction that stores the verdict (hazards 4.7)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import Database
from kernel.errors import NotFound
from kernel.quantities import exact
from kernel.refusals import Refusal
from kernel.tables import TrailRow
from kernel.witness.queries import records_are_behind
from labels.domain.payload import LabelKeys
from labels.domain.refusals import LABEL_UNVERIFIED
from labels.queries.labels import applied_label
from labels.queries.scanning import ScanFound, resolve_scan
from labels.tables.labels import LabelRow
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.expiry import local_day
from manufacturing.queries.blood_groups import issue_refusals
from manufacturing.queries.collections import collections_of_batch
from manufacturing.queries.holds import open_holds
from manufacturing.queries.lot_uses import lot_refusals
from manufacturing.queries.places import custody_of
from manufacturing.queries.trial import get_protocol, subject_by_code, trial_of
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow
from release import ports
from release.domain.decisions import CERTIFICATES, Disposition, OrderStatus
from release.domain.refusals import WEIGHT_CHANGED
from release.domain.scan_facts import UNKNOWN_CODE, ContainerFacts, HoldFacts, OrderFacts, ScanFacts
from release.queries.decisions import weight_is_settled
from release.queries.judging import batch_verdicts
from release.queries.orders import eligibility_form, eligibility_settings, latest_eligibility, open_order_on
from release.queries.reconstitution import in_use_until
from release.queries.supplies import accepted_supply, agreed_supplies, covered_holds
from release.queries.supply import supply_facts
from release.queries.testing import specification_of
from release.tables.decisions import DecisionRow, DispositionRow
from release.tables.destructions import DestructionRow
from release.tables.dispensing import DispensingRow, HandOverRow, OrderRow, ScanRow

REVIEWED = {BatchStatus.QA_REVIEWED, BatchStatus.CLOSED}
PHARMACY = "pharmacy"
BEDSIDE = "bedside"


@dataclass(frozen=True)
class Scanned:
    """The facts for the rule, and the rows they came from."""

    facts: ScanFacts
    label: LabelRow | None = None
    container: ContainerRow | None = None
    order: OrderRow | None = None


def get_scan(session: Session, scan_id: str) -> ScanRow:
    row = session.get(ScanRow, scan_id)
    if row is None:
        raise NotFound(f"scan {scan_id}")
    return row


def get_dispensing(session: Session, dispensing_id: str) -> DispensingRow:
    row = session.get(DispensingRow, dispensing_id)
    if row is None:
        raise NotFound(f"dispensing {dispensing_id}")
    return row


def active_dispensing(session: Session, container_id: str) -> DispensingRow | None:
    """The dispensing that stands; a cancelled one is history."""
    query = sa.select(DispensingRow).where(
        DispensingRow.container_id == container_id, DispensingRow.cancelled_at.is_(None)
    )
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def disposition_of(session: Session, container_id: str) -> DispositionRow | None:
    query = sa.select(DispositionRow).where(DispositionRow.container_id == container_id)
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def certified_for(session: Session, subject_ids: Collection[str]) -> list[BatchRow]:
    """Batches of these subjects with a certified container that was neither dispensed nor destroyed."""
    left = sa.select(DispensingRow.id).where(
        DispensingRow.container_id == ContainerRow.id, DispensingRow.cancelled_at.is_(None)
    )
    certified = (
        sa.select(ContainerRow.batch_id)
        .join(DispositionRow, DispositionRow.container_id == ContainerRow.id)
        .where(
            ContainerRow.subject_id.in_(subject_ids),
            DispositionRow.status.in_([Disposition.CERTIFIED_PENDING, Disposition.CERTIFIED_FINAL]),
            ~left.exists(),
            ~sa.select(DestructionRow.id).where(DestructionRow.container_id == ContainerRow.id).exists(),
        )
    )
    return list(session.execute(sa.select(BatchRow).where(BatchRow.id.in_(certified))).scalars())


def certifiers_of(session: Session, batch_id: str) -> set[str]:
    """Everyone who ever signed a certification of the batch, or agreed to its supply out of specification (S12)."""
    query = sa.select(DecisionRow.decided_by).where(
        DecisionRow.batch_id == batch_id, DecisionRow.kind.in_(CERTIFICATES)
    )
    return set(session.execute(query).scalars()) | agreed_supplies(session, batch_id)


def find_hand_over(session: Session, dispensing_id: str) -> HandOverRow | None:
    query = sa.select(HandOverRow).where(HandOverRow.dispensing_id == dispensing_id)
    return session.execute(query).scalar_one_or_none()


def scanned(
    database: Database,
    session: Session,
    keys: LabelKeys,
    *,
    label_code: str,
    subject_code: str,
    place: str,
    now: datetime,
    second_person: bool,
) -> Scanned:
    """What the two codes lead to now. What is no code of ours is neither kept nor repeated (decision 28)."""
    found = resolve_scan(session, keys, label_code)
    if isinstance(found, Refusal):
        return Scanned(_facts(database, session, (found,), subject_code=subject_code))
    refusals = label_refusals(session, found)
    container = session.get_one(ContainerRow, found.container_id)
    order = order_for(session, container, place, now)
    facts = _facts(
        database,
        session,
        refusals,
        subject_code=subject_code,
        typed=found.typed,
        second_person=second_person,
        container=container_facts(session, container, order, now),
        order=order_facts(session, order),
    )
    return Scanned(facts, found.label, container, order)


def _facts(
    database: Database, session: Session, refusals: tuple[Refusal, ...], *, subject_code: str, **given: Any
) -> ScanFacts:
    last = session.execute(sa.select(TrailRow.at).order_by(TrailRow.seq.desc()).limit(1)).scalar_one_or_none()
    return ScanFacts(
        label_refusals=refusals,
        scanned_subject=known_subject(session, subject_code),
        database_behind=records_are_behind(database, session),
        last_recorded_at=last,
        **given,
    )


def product_facts(database: Database, session: Session, dispensing: DispensingRow, now: datetime) -> ScanFacts:
    """The facts about a dispensed container where nobody scans: at the hand-over."""
    container = session.get_one(ContainerRow, dispensing.container_id)
    order = session.get_one(OrderRow, dispensing.order_id)
    given = {"container": container_facts(session, container, order, now), "order": order_facts(session, order)}
    return _facts(database, session, (), subject_code="", **given)


def label_refusals(session: Session, found: ScanFound) -> tuple[Refusal, ...]:
    """The scanned print must be the one that stands on the container."""
    current = applied_label(session, found.container_id)
    if current is not None and current.id == found.label.id:
        return ()
    return (LABEL_UNVERIFIED(number=found.label.short_number, state=found.label.status),)


def known_subject(session: Session, text: str) -> str:
    code = text.strip()
    if not code:
        return ""
    return code if len(code) <= 40 and subject_by_code(session, code) is not None else UNKNOWN_CODE


def order_for(session: Session, container: ContainerRow, place: str, now: datetime) -> OrderRow | None:
    """In the pharmacy the subject's open order of today; at the bedside the order it was dispensed for."""
    if place == PHARMACY:
        return open_order_on(session, container.subject_id, local_day(now))
    dispensing = active_dispensing(session, container.id)
    return session.get(OrderRow, dispensing.order_id) if dispensing else None


def order_facts(session: Session, order: OrderRow | None) -> OrderFacts | None:
    if order is None:
        return None
    form = latest_eligibility(session, order.id)
    return OrderFacts(
        number=order.number,
        subject_code=session.get_one(SubjectRow, order.subject_id).code,
        infusion_on=order.infusion_on,
        status=OrderStatus(order.status),
        form=eligibility_form(form),
        settings=eligibility_settings(get_protocol(session)),
    )


def container_facts(session: Session, container: ContainerRow, order: OrderRow | None, now: datetime) -> ContainerFacts:
    batch = session.get_one(BatchRow, container.batch_id)
    subject = session.get_one(SubjectRow, container.subject_id)
    specification = specification_of(session, batch)
    disposition = disposition_of(session, container.id)
    dispensing = active_dispensing(session, container.id)
    judged = batch_verdicts(session, batch.id, order=order, container=container, starts_at=now)
    weights = weight_is_settled(session, batch.id, at=now)
    accepted = (
        accepted_supply(session, batch.id) if disposition and disposition.status == Disposition.OOS_SUPPLY else None
    )
    covered = covered_holds(accepted)
    custody, temperature = custody_of(session, [container.id]) or (None, None)
    return ContainerFacts(
        custody=custody,
        lots=lot_refusals(session, batch),
        blood_groups=issue_refusals(session, subject, [one.donor_id for one in collections_of_batch(session, batch)]),
        temperature=temperature,
        code=container.code,
        subject_code=subject.code,
        disposition=Disposition(disposition.status) if disposition else None,
        record_reviewed=batch.status in REVIEWED,
        sponsor_released=bool(disposition and disposition.sponsor_released),
        trial_status=trial_of(session, subject).status,
        holds=tuple(hold for hold in holds_over(session, batch, container, subject) if hold.id not in covered),
        supply=supply_facts(session, accepted, weights, container.id),
        expires_at=in_use_until(session, container),
        margin=minutes(specification.transport_infusion_margin_minutes),
        dispensed_at=dispensing.dispensed_at if dispensing else None,
        destroyed_at=destroyed_at(session, container.id),
        weight_refusals=tuple(one for one in weights if accepted is None or one.code != WEIGHT_CHANGED.code),
        verdicts=tuple(replace(one.verdict, key=one.criterion.name) for one in judged),
        integrity_faults=tuple(ports.integrity_faults(session, batch.id)),
    )


def destroyed_at(session: Session, container_id: str) -> datetime | None:
    query = sa.select(DestructionRow.destroyed_at).where(DestructionRow.container_id == container_id)
    return session.execute(query).scalar_one_or_none()


def holds_over(
    session: Session, batch: BatchRow, container: ContainerRow, subject: SubjectRow
) -> tuple[HoldFacts, ...]:
    """Every open hold on the container or on anything above it (decision 26)."""
    found = open_holds(
        session,
        trial=subject.trial_id,
        subject=subject.id,
        collections=[one.id for one in collections_of_batch(session, batch)],
        batch=batch.id,
        container=container.id,
    )
    return tuple(HoldFacts(hold.scope, hold.reason, hold.cause, hold.id) for hold in found)


def minutes(number: Any) -> timedelta:
    """Rounded up to the microsecond: a margin is never shortened."""
    return timedelta(microseconds=-int(-exact(number) * 60_000_000 // 1))
