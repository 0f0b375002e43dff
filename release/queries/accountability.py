"""The accountability log of a trial, a subject or a batch: each container line by line, and whether it adds up (DSP-ACC)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from kernel.quantities import exact, to_decimal
from kernel.refusals import N_
from kernel.tables import SignatureRow
from manufacturing.domain.collections import minute
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.samples import SampleRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.accountability import Account, Balance, Scope, balance, left_shown, open_point
from release.domain.administration import Outcome
from release.domain.reconciling import idle
from release.queries.reconciling import destructions_of, units, waits_since
from release.queries.record_steps import signatures_by_record
from release.queries.testing import get_record
from release.tables.destructions import DestructionRow
from release.tables.dispensing import AdministrationRow, DispensingRow, HandOverRow, OrderRow
from release.tables.downtime import DowntimeEntryRow, DowntimeKitRow

FILLED = N_("filled")
DRAWN = N_("sample drawn")
DISPENSED = N_("dispensed")
CANCELLED = N_("dispensing cancelled")
HANDED_OVER = N_("handed over")
GIVEN = N_("given")
NOT_GIVEN = N_("not given")
RETURNED = N_("came back")
DESTROYED = N_("destroyed")
LOST = N_("lost")
TABLES: dict[Scope, Any] = {Scope.TRIAL: TrialRow, Scope.SUBJECT: SubjectRow, Scope.BATCH: BatchRow}


@dataclass(frozen=True)
class Log:
    """``record``: code or number of what the log is kept of; ``containers``: the first filled first."""

    scope: Scope
    record_id: str
    record: str
    at: datetime
    containers: tuple[ContainerRow, ...]
    accounts: dict[str, Account]
    balance: Balance

    @property
    def waiting(self) -> list[tuple[ContainerRow, str, str]]:
        """Containers of which something is open: what, and how many mL."""
        found = [(one, open_point(self.accounts[one.id])) for one in self.containers]
        return [(one, point, left_shown(self.accounts[one.id])) for one, point in found if point is not None]


@dataclass(frozen=True)
class Left:
    """One dispensing with its order and what followed; a cancelled one too."""

    row: DispensingRow
    order: OrderRow
    handed: HandOverRow | None
    given: AdministrationRow | None


def accountability(session: Session, scope: str, record_id: str, now: datetime) -> Log:
    """Every container of the trial, subject or batch, in as many queries for one as for many."""
    if scope not in set(Scope):
        raise NotFound(f"{scope} {record_id}")
    kind = Scope(scope)
    row = get_record(session, TABLES[kind], record_id)
    containers = containers_in(session, kind, record_id)
    found = accounts_of(session, containers, now)
    record = row.number if kind is Scope.BATCH else row.code
    return Log(kind, record_id, record, now, tuple(containers), found, balance(found.values()))


def containers_in(session: Session, scope: Scope, record_id: str) -> list[ContainerRow]:
    of_trial = sa.select(SubjectRow.id).where(SubjectRow.trial_id == record_id)
    where = {
        Scope.TRIAL: ContainerRow.subject_id.in_(of_trial),
        Scope.SUBJECT: ContainerRow.subject_id == record_id,
        Scope.BATCH: ContainerRow.batch_id == record_id,
    }[scope]
    query = sa.select(ContainerRow).where(where).order_by(ContainerRow.filled_at, ContainerRow.code)
    return list(session.execute(query).scalars())


def accounts_of(session: Session, containers: Sequence[ContainerRow], now: datetime) -> dict[str, Account]:
    found = units(session, containers)
    handed = handed_over(session, [one.id for one in containers])
    return {
        one.id: Account(
            unit=found[one.id],
            handed_over=one.id in handed,
            idle=idle(found[one.id], one.expires_at, waits_since(one), now),
        )
        for one in containers
    }


def handed_over(session: Session, container_ids: Collection[str]) -> set[str]:
    query = (
        sa.select(DispensingRow.container_id)
        .join(HandOverRow, HandOverRow.dispensing_id == DispensingRow.id)
        .where(DispensingRow.container_id.in_(container_ids), DispensingRow.cancelled_at.is_(None))
    )
    return set(session.execute(query).scalars())


def account_documents(
    session: Session, log: Log, containers: Sequence[ContainerRow] | None = None
) -> list[dict[str, Any]]:
    """Line by line; ``containers``: those of one page, else all of the log."""
    containers, accounts = log.containers if containers is None else containers, log.accounts
    lines = lines_of(session, containers, accounts)
    batches = codes(session, BatchRow.id, BatchRow.number, {one.batch_id for one in containers})
    subjects = codes(session, SubjectRow.id, SubjectRow.code, {one.subject_id for one in containers})
    return [
        {
            "id": one.id,
            "batch_id": one.batch_id,
            "container": one.code,
            "batch": batches[one.batch_id],
            "subject": subjects[one.subject_id],
            "expires_at": one.expires_at,
            "disposition": accounts[one.id].unit.disposition,
            "stage": accounts[one.id].stage.value,
            "filled_ml": accounts[one.id].unit.filled,
            "sampled_ml": accounts[one.id].unit.sampled,
            "given_ml": accounts[one.id].unit.given,
            "destroyed_ml": accounts[one.id].unit.destroyed,
            "lost_ml": accounts[one.id].unit.lost,
            "left_ml": accounts[one.id].unit.left,
            "open": open_point(accounts[one.id]),
            "open_ml": left_shown(accounts[one.id]),
            "lines": lines[one.id],
        }
        for one in containers
    ]


def codes(session: Session, key: Any, code: Any, ids: Collection[str]) -> dict[str, str]:
    return dict(session.execute(sa.select(key, code).where(key.in_(ids))).all())


def lines_of(
    session: Session, containers: Sequence[ContainerRow], accounts: dict[str, Account]
) -> dict[str, list[dict[str, Any]]]:
    """What happened to each container, in time; each line with its persons and its signatures."""
    ids = [one.id for one in containers]
    left, gone = ways(session, ids), destructions_of(session, containers)
    drawn = session.execute(sa.select(SampleRow).where(SampleRow.container_id.in_(ids))).scalars().all()
    records = [*signed_records(left), *(one.id for one in gone.values()), *(one.id for one in drawn)]
    people, signed = names(session), signatures_by_record(session, records)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in containers:
        found[one.id].append(line(FILLED, one.filled_at, one.volume_ml, people, (one.filled_by, one.verified_by)))
    for sample in drawn:
        by = (sample.drawn_by,)
        found[str(sample.container_id)].append(line(DRAWN, sample.drawn_at, sample.volume_ml, people, by, sample.code))
    for way in left:
        unit = accounts[way.row.container_id].unit
        held = to_decimal(exact(unit.filled) - exact(unit.sampled))
        found[way.row.container_id].extend(way_lines(way, people, signed, held))
    for container_id, row in gone.items():
        found[container_id].extend(end_lines(row, people, signed.get(row.id, ())))
    paper = on_paper(session, [way.row.id for way in left])
    return {key: in_time(lines, paper) for key, lines in found.items()}


def in_time(lines: list[dict[str, Any]], paper: dict[str, str]) -> list[dict[str, Any]]:
    """People write minutes, so lines of one minute stay as they are. ``kit``: of the downtime a line was entered from."""
    told = ({**one, "kit": paper.get(one["record_id"] or "")} for one in lines)
    return sorted(told, key=lambda one: minute(one["at"]))


def ways(session: Session, container_ids: Collection[str]) -> list[Left]:
    query = (
        sa.select(DispensingRow, OrderRow, HandOverRow, AdministrationRow)
        .join(OrderRow, OrderRow.id == DispensingRow.order_id)
        .outerjoin(HandOverRow, HandOverRow.dispensing_id == DispensingRow.id)
        .outerjoin(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .where(DispensingRow.container_id.in_(container_ids))
        .order_by(DispensingRow.dispensed_at)
    )
    return [Left(*one) for one in session.execute(query)]


def on_paper(session: Session, dispensing_ids: Collection[str]) -> dict[str, str]:
    """By record: the downtime kit on whose sheet it happened before it was entered."""
    query = (
        sa.select(DowntimeEntryRow.record_id, DowntimeKitRow.number)
        .join(DowntimeKitRow, DowntimeKitRow.id == DowntimeEntryRow.kit_id)
        .where(DowntimeEntryRow.dispensing_id.in_(dispensing_ids))
    )
    return dict(session.execute(query).all())


def signed_records(left: Iterable[Left]) -> list[str]:
    return [one.id for way in left for one in (way.row, way.handed, way.given) if one is not None]


def line(
    what: str,
    at: datetime,
    volume: Decimal | None,
    people: dict[str, str],
    by: Iterable[str | None],
    note: str = "",
    signed: Iterable[SignatureRow] = (),
    record_id: str | None = None,
) -> dict[str, Any]:
    return {
        "what": what,
        "at": at,
        "volume_ml": volume,
        "by": [people.get(one, one) for one in by if one],
        "note": note,
        "record_id": record_id,
        "signatures": [{"meaning": one.meaning, "name": one.signer_name, "at": one.signed_at} for one in signed],
    }


def way_lines(
    way: Left, people: dict[str, str], signed: dict[str, list[SignatureRow]], held: Decimal
) -> list[dict[str, Any]]:
    """From the pharmacy to the patient, and what came back of it."""
    row, handed, given = way.row, way.handed, way.given
    own = signed.get(row.id, [])
    out = [one for one in own if one.record_version == own[0].record_version]
    undone = [one for one in own if one not in out]  # signed on the later version
    two, number = (row.dispensed_by, row.checked_by), way.order.number
    found = [line(DISPENSED, row.dispensed_at, None, people, two, number, out, row.id)]
    if row.cancelled_at is not None:
        by = (row.cancelled_by, row.cancel_checked_by)
        found.append(line(CANCELLED, row.cancelled_at, None, people, by, row.cancel_reason or "", undone))
    if handed is not None:
        by, note = (handed.handed_over_by, handed.received_by), f"{way.order.ward} · {handed.transport_box}"
        found.append(
            line(HANDED_OVER, handed.handed_over_at, None, people, by, note, signed.get(handed.id, ()), handed.id)
        )
    if given is not None:
        found.extend(given_lines(given, people, signed.get(given.id, ()), held))
    return found


def given_lines(
    given: AdministrationRow, people: dict[str, str], signed: Iterable[SignatureRow], held: Decimal
) -> list[dict[str, Any]]:
    volume = given.volume_given_ml or Decimal(0)
    by, note = (given.recorded_by,), given.reason or ""
    if given.outcome == Outcome.NOT_ADMINISTERED:
        return [line(NOT_GIVEN, given.recorded_at, held, people, by, note, signed, given.id)]
    found = [line(GIVEN, given.stopped_at or given.recorded_at, volume, people, by, note, signed, given.id)]
    rest = to_decimal(exact(held) - exact(volume))
    return [*found, line(RETURNED, given.recorded_at, rest, people, by)] if rest > 0 else found


def end_lines(row: DestructionRow, people: dict[str, str], signed: Iterable[SignatureRow]) -> list[dict[str, Any]]:
    by = (row.destroyed_by, row.witnessed_by)
    found = [line(DESTROYED, row.destroyed_at, row.volume_ml, people, by, f"{row.method} · {row.reason}", signed)]
    if row.lost_ml > 0:
        found.append(line(LOST, row.destroyed_at, row.lost_ml, people, by, row.explanation or ""))
    return found
