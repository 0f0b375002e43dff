"""Everything a scan is judged by, read afresh in the transaction that stores the verdict (hazards 4.7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import Database, ask_together
from kernel.documents.tables import DocumentRow
from kernel.quantities import exact
from kernel.refusals import Refusal
from kernel.rounds import for_each
from kernel.tables import TrailRow
from kernel.witness.queries import records_are_behind
from labels.domain.payload import LabelKeys
from labels.domain.refusals import LABEL_PACKAGE, LABEL_UNVERIFIED
from labels.queries.facts import container_chain, facts_now
from labels.queries.labels import applied_label, package_is_labelled
from labels.queries.scanning import ScanFound, named_label, resolve_scan
from labels.tables.labels import LabelRow
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.expiry import local_day
from manufacturing.queries.blood_groups import groups_of, issue_refusals
from manufacturing.queries.chain import read_chain
from manufacturing.queries.collections import collections_of_batch
from manufacturing.queries.lot_uses import lot_refusals
from manufacturing.queries.places import custody_of
from manufacturing.queries.trial import get_protocol, subject_by_code, trial_of
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow
from release import ports
from release.domain.decisions import Disposition, OrderStatus
from release.domain.refusals import WEIGHT_CHANGED
from release.domain.scan_facts import UNKNOWN_CODE, ContainerFacts, OrderFacts, ScanFacts
from release.queries.decisions import weight_is_settled
from release.queries.dispensing import PHARMACY, destroyed_at, disposition_of, holds_over
from release.queries.exposure import find_dispensing, prior_exposures
from release.queries.gathering import Question, of_records
from release.queries.judging import batch_verdicts, failing_unverified
from release.queries.orders import eligibility_form, eligibility_settings, latest_eligibility, open_order_on
from release.queries.reconstitution import in_use_until
from release.queries.supplies import accepted_supply, covered_holds
from release.queries.supply import supply_facts
from release.queries.testing import specification_of
from release.tables.dispensing import DispensingRow, OrderRow

REVIEWED = {BatchStatus.QA_REVIEWED, BatchStatus.CLOSED}


@dataclass(frozen=True)
class Scanned:
    """The facts for the rule, and the rows they came from."""

    facts: ScanFacts
    label: LabelRow | None = None
    container: ContainerRow | None = None
    order: OrderRow | None = None


def scanned(
    database: Database,
    session: Session,
    keys: LabelKeys,
    *,
    label_code: str | Refusal,
    subject_code: str,
    place: str,
    now: datetime,
    second_person: bool,
) -> Scanned:
    """What the two codes lead to now. What is no code of ours is neither kept nor repeated (decision 28).

    ``label_code``: or why a photo shows none.
    """
    if isinstance(label_code, Refusal):
        return Scanned(_facts(database, session, (label_code,), subject_code=subject_code))
    named = named_label(session, keys, label_code)
    if not isinstance(named, Refusal):
        gather_scan(database, session, keys, named[1], subject_code=subject_code, place=place, now=now)
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


def gather_scan(
    database: Database,
    session: Session,
    keys: LabelKeys,
    label: LabelRow,
    *,
    subject_code: str,
    place: str,
    now: datetime,
) -> None:
    """All that the verdict on this print may rest on, in few statements; whoever judges asks for it as ever
    (docs/decisions/0023)."""
    container = container_chain(session, label.container_id).ContainerRow
    read_chain(session, container.batch_id)
    parts: tuple[Question, ...] = (
        lambda: session.get_one(DocumentRow, label.template_document_id),
        lambda: facts_now(session, label, keys),
        lambda: package_is_labelled(session, label),
        lambda: known_subject(session, subject_code),
        lambda: order_facts(session, order_for(session, container, place, now)),
        lambda: get_protocol(session),
        lambda: last_recorded(session),
        lambda: records_are_behind(database, session),
    )
    ask_together(session, ("scan", label.id), *parts, *of_container(session, container), in_act=True)


def of_container(session: Session, container: ContainerRow) -> Iterator[Question]:
    """What speaks for and against one container: its own state, its batch, what it is made of and whom it is for."""
    batch, subject = session.get_one(BatchRow, container.batch_id), session.get_one(SubjectRow, container.subject_id)
    for of in (applied_label, find_dispensing, disposition_of, destroyed_at):
        yield partial(of, session, container.id)
    for about in (lot_refusals, collections_of_batch):
        yield partial(about, session, batch)
    yield lambda: issue_refusals(session, subject, donors_of(session, batch))
    yield lambda: for_each(lambda one: groups_of(session, "donor", one), donors_of(session, batch))
    yield lambda: custody_of(session, [container.id])
    yield lambda: holds_over(session, batch, container, subject)
    yield lambda: in_use_until(session, container)
    yield lambda: trial_of(session, subject)
    yield lambda: prior_exposures(session, subject.id, container.id)
    yield lambda: accepted_supply(session, batch.id)
    yield from of_records(session, batch)


def donors_of(session: Session, batch: BatchRow) -> list[str]:
    return [one.donor_id for one in collections_of_batch(session, batch)]


def last_recorded(session: Session) -> datetime | None:
    return session.execute(sa.select(TrailRow.at).order_by(TrailRow.seq.desc()).limit(1)).scalar_one_or_none()


def _facts(
    database: Database, session: Session, refusals: tuple[Refusal, ...], *, subject_code: str, **given: Any
) -> ScanFacts:
    return ScanFacts(
        label_refusals=refusals,
        scanned_subject=known_subject(session, subject_code),
        database_behind=records_are_behind(database, session),
        last_recorded_at=last_recorded(session),
        **given,
    )


def product_facts(database: Database, session: Session, dispensing: DispensingRow, now: datetime) -> ScanFacts:
    """The facts about a dispensed container where nobody scans: at the hand-over."""
    container = session.get_one(ContainerRow, dispensing.container_id)
    order = session.get_one(OrderRow, dispensing.order_id)
    given = {"container": container_facts(session, container, order, now), "order": order_facts(session, order)}
    return _facts(database, session, (), subject_code="", **given)


def label_refusals(session: Session, found: ScanFound) -> tuple[Refusal, ...]:
    """The scanned print must be the one that stands on the container, and a small one has its full one beside it."""
    current = applied_label(session, found.container_id)
    if current is None or current.id != found.label.id:
        return (LABEL_UNVERIFIED(number=found.label.short_number, state=found.label.status),)
    if not package_is_labelled(session, current):
        return (LABEL_PACKAGE(container=session.get_one(ContainerRow, found.container_id).code),)
    return ()


def known_subject(session: Session, text: str) -> str:
    """The code as it is on record, whoever typed it how; the guard compares that one."""
    code = text.strip()
    if not code:
        return ""
    found = subject_by_code(session, code) if len(code) <= 40 else None
    return found.code if found is not None else UNKNOWN_CODE


def order_for(session: Session, container: ContainerRow, place: str, now: datetime) -> OrderRow | None:
    """In the pharmacy the subject's open order of today; at the bedside the order it was dispensed for."""
    if place == PHARMACY:
        return open_order_on(session, container.subject_id, local_day(now))
    dispensing = find_dispensing(session, container.id)
    return session.get(OrderRow, dispensing.order_id) if dispensing else None


def order_facts(session: Session, order: OrderRow | None, *, at: datetime | None = None) -> OrderFacts | None:
    """``at``: with the check as it was then."""
    if order is None:
        return None
    form = latest_eligibility(session, order.id, at=at)
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
    dispensing = find_dispensing(session, container.id)
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
        blood_groups=issue_refusals(session, subject, donors_of(session, batch)),
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
        unverified=tuple(failing_unverified(session, batch.id)),
        integrity_faults=tuple(ports.integrity_faults(session, batch.id)),
    )


def minutes(number: Any) -> timedelta:
    """Rounded up to the microsecond: a margin is never shortened."""
    return timedelta(microseconds=-int(-exact(number) * 60_000_000 // 1))
