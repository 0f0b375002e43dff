"""What the FHIR feed of a trial is made of, in as many statements for one container as for many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.quantities import exact, to_decimal
from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.material import remaining
from manufacturing.domain.trial import TrialStatus
from manufacturing.queries.holds import OpenHold, list_open_holds
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow, CollectionUseRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.accountability import Account, Scope
from release.domain.decisions import Disposition, QcTestStatus
from release.domain.fhir import (
    Dispensed,
    Element,
    Kind,
    Leukapheresis,
    Product,
    coded_person,
    dispense_resource,
    material_resource,
    product_resource,
)
from release.domain.fhir_measure import measure, measure_report
from release.domain.reconciling import Unit
from release.domain.supply import SupplyStatus
from release.queries.accountability import Left, accounts_of, containers_in, ways
from release.queries.judging import failing_unverified
from release.queries.supplies import covered_holds, supplies_in
from release.queries.trial_figures import trial_figures
from release.tables.decisions import DispositionRow
from release.tables.supply import SupplyRow
from release.tables.testing import QcTestRow


@dataclass(frozen=True)
class Held:
    """Open holds by what they are on, and by batch the supply in force with the holds it covers."""

    by_record: Mapping[str, list[OpenHold]]
    supplies: Mapping[str, SupplyRow]

    def causes(self, records: Iterable[str], batch_id: str | None = None) -> frozenset[str]:
        covered = covered_holds(self.supplies.get(batch_id or ""))
        return frozenset(one.cause for record in records for one in self.by_record[record] if one.id not in covered)


@dataclass(frozen=True)
class Stock:
    """What was collected for a trial, filled, and dispensed; cancelled dispensings too."""

    trial: TrialRow
    held: Held
    material: Mapping[str, Leukapheresis]
    containers: Sequence[ContainerRow]
    accounts: Mapping[str, Account]
    out: Sequence[Left]


def trial_resources(session: Session, trial: TrialRow, now: datetime) -> list[Element]:
    """Everything the bundle holds; whatever one of them refers to is among them."""
    figures = trial_figures(session, trial, now)
    first_day = sa.select(sa.func.min(SubjectRow.transplanted_on)).where(SubjectRow.trial_id == trial.id)
    stock = stock_of(session, trial, now)
    dispensed = [dispensed_facts(one, stock.accounts[one.row.container_id].unit) for one in stock.out]
    return [
        measure(figures),
        measure_report(figures, session.execute(first_day).scalar()),
        *people_in(session, dispensed),
        *(material_resource(one) for one in stock.material.values()),
        *(product_resource(one, now) for one in products(session, stock)),
        *(dispense_resource(one) for one in dispensed),
    ]


def stock_of(session: Session, trial: TrialRow, now: datetime) -> Stock:
    held, containers = held_now(session), containers_in(session, Scope.TRIAL, trial.id)
    material, accounts = material_of_trial(session, trial, held), accounts_of(session, containers, now)
    return Stock(trial, held, material, containers, accounts, ways(session, [one.id for one in containers]))


def held_now(session: Session) -> Held:
    by_record: dict[str, list[OpenHold]] = defaultdict(list)
    for one in list_open_holds(session):
        by_record[one.record_id].append(one)
    return Held(by_record, {row.batch_id: row for row in supplies_in(session, SupplyStatus.IN_FORCE)})


def material_of_trial(session: Session, trial: TrialRow, held: Held) -> dict[str, Leukapheresis]:
    """By id, in the order of their numbers: every leukapheresis that took place."""
    of_trial = sa.select(SubjectRow.id).where(SubjectRow.trial_id == trial.id)
    query = sa.select(CollectionRow).where(
        CollectionRow.subject_id.in_(of_trial), CollectionRow.received_at.is_not(None)
    )
    rows = session.execute(query.order_by(CollectionRow.number)).scalars().all()
    used: dict[str, list[Any]] = defaultdict(list)
    uses = sa.select(CollectionUseRow.collection_id, CollectionUseRow.volume_ml)
    for collection_id, volume in session.execute(
        uses.where(CollectionUseRow.collection_id.in_([one.id for one in rows]))
    ):
        used[collection_id].append(volume)
    return {
        row.id: Leukapheresis(
            id=row.id,
            number=row.number,
            status=CollectionStatus(row.status),
            accepted=row.accepted_at is not None,
            trial_open=trial.status == TrialStatus.OPEN,
            holds=held.causes((trial.id, row.subject_id, row.id)),
            started_at=row.started_at,
            ended_at=row.ended_at,
            volume_ml=row.volume_ml,
            left_ml=remaining(row.volume_ml, used[row.id]),
        )
        for row in rows
    }


def products(session: Session, stock: Stock) -> list[Product]:
    """In the order they were filled."""
    ids, batch_ids = [one.id for one in stock.containers], {one.batch_id for one in stock.containers}
    batches = {row.id: row for row in rows_of(session, BatchRow, BatchRow.id.in_(batch_ids))}
    subjects = {row.id: row.code for row in rows_of(session, SubjectRow, SubjectRow.trial_id == stock.trial.id)}
    states = rows_of(session, DispositionRow, DispositionRow.container_id.in_(ids))
    released = {row.container_id for row in states if row.sponsor_released}
    supplied = {one.row.container_id for one in stock.out if one.row.out_of_specification}
    joined, failing = made_of(session, batches), failing_batches(session, batch_ids)
    return [
        Product(
            id=one.id,
            code=one.code,
            number=one.number,
            batch=batches[one.batch_id].number,
            subject=subjects[one.subject_id],
            made_of=tuple(stock.material[each] for each in joined[one.batch_id]),
            expires_at=one.expires_at,
            volume_ml=one.volume_ml,
            viable_nk=one.viable_nk,
            stage=stock.accounts[one.id].stage,
            disposition=(state := stock.accounts[one.id].unit.disposition),
            sponsor_released=one.id in released,
            supplied=one.batch_id in stock.held.supplies,
            out_of_specification=one.id in supplied or state is Disposition.OOS_SUPPLY,
            fails_unverified=one.batch_id in failing,
            trial_open=stock.trial.status == TrialStatus.OPEN,
            holds=stock.held.causes(
                (stock.trial.id, one.subject_id, *joined[one.batch_id], one.batch_id, one.id), one.batch_id
            ),
        )
        for one in stock.containers
    ]


def failing_batches(session: Session, batch_ids: Iterable[str]) -> set[str]:
    """Those of which a value was entered that fails and that nobody has verified yet."""
    entered = sa.select(QcTestRow.batch_id).where(QcTestRow.status == QcTestStatus.ENTERED).distinct()
    waiting = session.execute(entered.where(QcTestRow.batch_id.in_(batch_ids))).scalars().all()
    return {one for one in waiting if failing_unverified(session, one)}


def made_of(session: Session, batches: Mapping[str, BatchRow]) -> dict[str, list[str]]:
    """By batch the leukapheresis it was opened with, then those that joined it (ATMP-9-MIX)."""
    found = {row.id: [row.collection_id] for row in batches.values()}
    query = sa.select(CollectionUseRow.batch_id, CollectionUseRow.collection_id)
    query = query.where(CollectionUseRow.batch_id.in_(batches)).order_by(CollectionUseRow.done_at, CollectionUseRow.id)
    for batch_id, collection_id in session.execute(query):
        if collection_id not in found[batch_id]:
            found[batch_id].append(collection_id)
    return found


def rows_of(session: Session, table: type[Any], where: Any) -> list[Any]:
    return list(session.execute(sa.select(table).where(where)).scalars())


def dispensed_facts(one: Left, unit: Unit) -> Dispensed:
    """``unit``: what the container held is what left the pharmacy."""
    row, handed = one.row, one.handed
    did = [("dispensed", row.dispensed_by), ("checked", row.checked_by)]
    if handed is not None:
        did += [("handed-over", handed.handed_over_by), ("received", handed.received_by)]
    return Dispensed(
        id=row.id,
        order=one.order.number,
        product_id=row.container_id,
        subject_id=one.order.subject_id,
        volume_ml=to_decimal(exact(unit.filled) - exact(unit.sampled)),
        dispensed_at=row.dispensed_at,
        performers=tuple(did),
        handed_over_at=handed.handed_over_at if handed is not None else None,
        cancelled=row.cancelled_at is not None,
        outcome=one.given.outcome if one.given is not None else None,
        conditional=row.conditional,
        out_of_specification=row.out_of_specification,
    )


def people_in(session: Session, dispensed: Sequence[Dispensed]) -> list[Element]:
    """Whom the dispensings are for, by subject code, and who acted, by the id of the account."""
    subjects = rows_of(session, SubjectRow, SubjectRow.id.in_({one.subject_id for one in dispensed}))
    hands = {who for one in dispensed for _, who in one.performers}
    return [
        *(coded_person(Kind.PATIENT, one.id, one.code) for one in sorted(subjects, key=lambda one: one.code)),
        *(coded_person(Kind.PRACTITIONER, who, who) for who in sorted(hands)),
    ]
