"""Downtime kits: what they list, what was entered from them, and how a sheet is judged by what the records say (DSP-DOWN)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import Database
from kernel.errors import NotFound
from kernel.refusals import Refusal
from kernel.tables import TrailHeadRow
from kernel.witness.queries import records_are_behind
from labels.domain.payload import LabelKeys
from labels.domain.refusals import LABEL_PACKAGE, LABEL_UNVERIFIED
from labels.queries.labels import applied_label, labels_of_container, package_is_labelled
from labels.queries.scanning import find_label, read_label_text, resolve_scan
from labels.tables.labels import LabelRow
from manufacturing.domain.trial import TrialStatus
from manufacturing.queries.collections import collections_of_batch
from manufacturing.queries.holds import open_holds
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow
from release.domain.decisions import Disposition
from release.domain.dispensing import decide
from release.domain.downtime import GUARDS_OF_LIST, EntryKind, foremost, still_to_enter
from release.domain.scan_facts import ContainerFacts, HoldFacts, ScanFacts
from release.queries.dispensing import disposition_of
from release.queries.orders import in_the_pharmacy
from release.queries.scanning import container_facts, known_subject, label_refusals, order_facts
from release.queries.testing import pending_tests
from release.tables.dispensing import DispensingRow, HandOverRow, OrderRow
from release.tables.downtime import DowntimeEntryRow, DowntimeKitRow

LISTED = "dispensable"
NOT_LISTED = "not to be dispensed"


def get_kit(session: Session, kit_id: str) -> DowntimeKitRow:
    row = session.get(DowntimeKitRow, kit_id)
    if row is None:
        raise NotFound(f"downtime kit {kit_id}")
    return row


def kit_by_number(session: Session, number: str) -> DowntimeKitRow | None:
    return session.execute(sa.select(DowntimeKitRow).where(DowntimeKitRow.number == number)).scalar_one_or_none()


def list_kits(session: Session) -> list[DowntimeKitRow]:
    """The newest first."""
    return list(session.execute(sa.select(DowntimeKitRow).order_by(DowntimeKitRow.printed_at.desc())).scalars())


def uncounted_kits(session: Session) -> list[DowntimeKitRow]:
    """Kits of which nobody has said what their sheets hold, the oldest first."""
    query = sa.select(DowntimeKitRow).where(DowntimeKitRow.accounted_at.is_(None))
    return list(session.execute(query.order_by(DowntimeKitRow.printed_at)).scalars())


def entries_of(session: Session, kit_ids: Collection[str]) -> list[DowntimeEntryRow]:
    query = sa.select(DowntimeEntryRow).where(DowntimeEntryRow.kit_id.in_(kit_ids))
    return list(session.execute(query.order_by(DowntimeEntryRow.entered_at, DowntimeEntryRow.id)).scalars())


def entries_of_order(session: Session, order_id: str) -> list[DowntimeEntryRow]:
    query = sa.select(DowntimeEntryRow).where(DowntimeEntryRow.order_id == order_id)
    return list(session.execute(query.order_by(DowntimeEntryRow.entered_at, DowntimeEntryRow.id)).scalars())


def counted(row: DowntimeKitRow) -> dict[EntryKind, int] | None:
    """How many of each its sheets hold; None until somebody said so."""
    if row.accounted_at is None:
        return None
    found = (row.checks, row.dispensings, row.hand_overs, row.administrations)
    return {one: number or 0 for one, number in zip(EntryKind, found, strict=True)}


def entered(rows: Collection[DowntimeEntryRow]) -> dict[EntryKind, int]:
    return {one: sum(row.kind == one for row in rows) for one in EntryKind}


def open_sheets(session: Session, row: DowntimeKitRow) -> int | None:
    """Sheets that are not entered yet; None while they are not counted."""
    return still_to_enter(counted(row), entered(entries_of(session, [row.id])))


def kit_content(database: Database, session: Session, now: datetime) -> dict[str, Any]:
    """Everything in stock: what may be dispensed with nothing but order, check of the day and weight to see to; and why
    the rest may not. The head of the trail says what the list knew."""
    head = session.execute(sa.select(TrailHeadRow)).scalar_one()
    lines = [kit_line(database, session, one, now) for one in in_stock(session)]
    return {
        "trail head": {"seq": head.seq, "hash": head.hash},
        LISTED: [line for line, reasons in lines if not reasons],
        NOT_LISTED: [line | {"reasons": reasons} for line, reasons in lines if reasons],
    }


def in_stock(session: Session, subject_id: str | None = None) -> list[ContainerRow]:
    """What neither stands dispensed nor is destroyed, of everybody or of one subject; what expires first stands first."""
    whose = () if subject_id is None else (ContainerRow.subject_id == subject_id,)
    query = (
        sa.select(ContainerRow).where(*in_the_pharmacy(), *whose).order_by(ContainerRow.expires_at, ContainerRow.code)
    )
    return list(session.execute(query).scalars())


def kit_line(
    database: Database, session: Session, container: ContainerRow, now: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the list says of a container, and why it may not be dispensed."""
    label = applied_label(session, container.id)
    facts = ScanFacts(
        label_refusals=labelling_refusals(session, container),
        container=container_facts(session, container, None, now),
        database_behind=records_are_behind(database, session),
    )
    disposition = disposition_of(session, container.id)
    line = {
        "container": container.code,
        "batch": session.get_one(BatchRow, container.batch_id).number,
        "label": label.short_number if label else None,
        "subject": session.get_one(SubjectRow, container.subject_id).code,
        "expires_at": container.expires_at,
        "disposition": disposition.status if disposition else None,
        "volume_ml": container.volume_ml,
        "pending": [one.name for one in pending_tests(session, container.batch_id)],
    }
    return line, told(foremost(decide(facts, now, GUARDS_OF_LIST).refusals))


def labelling_refusals(session: Session, container: ContainerRow) -> tuple[Refusal, ...]:
    """Whether it carries a label that a scan would go by, and its package too where that is labelled."""
    label = applied_label(session, container.id)
    if label is not None:
        return () if package_is_labelled(session, label) else (LABEL_PACKAGE(container=container.code),)
    newest = next(iter(labels_of_container(session, container.id)), None)
    return (
        LABEL_UNVERIFIED(
            number=newest.short_number if newest else "–", state=newest.status if newest else "not printed"
        ),
    )


def told(refusals: Collection[Refusal]) -> list[dict[str, Any]]:
    return [{"code": one.code, "facts": dict(one.facts)} for one in refusals]


def said_again(found: Collection[dict[str, Any]]) -> list[Refusal]:
    """Refusals as they were written down."""
    return [Refusal(one["code"], tuple(sorted(one["facts"].items()))) for one in found]


def label_on_paper(session: Session, text: str) -> LabelRow | None:
    """The print that the sheet names, in whatever state it is: what happened with it happened."""
    read = read_label_text(text)
    return None if isinstance(read, Refusal) else find_label(session, read)


def paper_facts(
    database: Database,
    session: Session,
    keys: LabelKeys,
    *,
    label_code: str,
    subject_code: str,
    container: ContainerRow,
    order: OrderRow | None,
    at: datetime,
) -> ScanFacts:
    """What the records say now, judged at the real time; with the holds that stood then and were lifted since."""
    found = resolve_scan(session, keys, label_code)
    facts = container_facts(session, container, order, at)
    return ScanFacts(
        label_refusals=(found,) if isinstance(found, Refusal) else label_refusals(session, found),
        typed=True,
        scanned_subject=known_subject(session, subject_code),
        container=with_earlier_holds(session, facts, container, at),
        order=order_facts(session, order, at=at),
        database_behind=records_are_behind(database, session),
    )


def with_earlier_holds(
    session: Session, facts: ContainerFacts, container: ContainerRow, at: datetime
) -> ContainerFacts:
    subject = session.get_one(SubjectRow, container.subject_id)
    batch = session.get_one(BatchRow, container.batch_id)
    over = {
        "trial": subject.trial_id,
        "subject": subject.id,
        "batch": batch.id,
        "container": container.id,
        "collections": [one.id for one in collections_of_batch(session, batch)],
    }
    still = {one.id for one in open_holds(session, **over)}
    lifted = [one for one in open_holds(session, **over, stood_at=at) if one.id not in still]
    known = tuple(HoldFacts(one.scope, one.reason, one.cause, one.id) for one in lifted)
    status = TrialStatus.ON_HOLD if any(one.scope == "trial" for one in lifted) else facts.trial_status
    return replace(facts, holds=(*facts.holds, *known), trial_status=status)


def was_conditional(session: Session, container: ContainerRow) -> bool:
    """Whether results were pending when it was given out; a failure found since does not undo that."""
    found = disposition_of(session, container.id)
    return found is not None and found.status in {Disposition.CERTIFIED_PENDING, Disposition.LATE_OOS}


def waiting_on_paper(session: Session) -> list[dict[str, Any]]:
    """Dispensings whose next act may have happened on paper: not handed over, or not recorded at the ward."""
    query = (
        sa.select(DispensingRow, OrderRow, ContainerRow.code, SubjectRow.code, HandOverRow.id)
        .join(OrderRow, OrderRow.id == DispensingRow.order_id)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .join(SubjectRow, SubjectRow.id == OrderRow.subject_id)
        .outerjoin(HandOverRow, HandOverRow.dispensing_id == DispensingRow.id)
        .where(DispensingRow.cancelled_at.is_(None), OrderRow.status.in_(["dispensed", "handed_over"]))
        .order_by(DispensingRow.dispensed_at)
    )
    return [
        {
            "dispensing_id": row.id,
            "order_id": order.id,
            "order": order.number,
            "container": code,
            "subject": subject,
            "dispensed_at": row.dispensed_at,
            "handed_over": handed is not None,
        }
        for row, order, code, subject, handed in session.execute(query)
    ]


def entry_views(session: Session, rows: Collection[DowntimeEntryRow]) -> list[dict[str, Any]]:
    people = names(session)
    query = (
        sa.select(DowntimeEntryRow.id, ContainerRow.code, SubjectRow.code, OrderRow.number)
        .join(OrderRow, OrderRow.id == DowntimeEntryRow.order_id)
        .join(SubjectRow, SubjectRow.id == OrderRow.subject_id)
        .outerjoin(DispensingRow, DispensingRow.id == DowntimeEntryRow.dispensing_id)
        .outerjoin(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .where(DowntimeEntryRow.id.in_([one.id for one in rows]))
    )
    about = {key: (code, subject, order) for key, code, subject, order in session.execute(query)}
    return [
        {
            "id": one.id,
            "kit_id": one.kit_id,
            "kind": one.kind,
            "container": about[one.id][0],
            "subject": about[one.id][1],
            "order": about[one.id][2],
            "order_id": one.order_id,
            "happened_at": one.happened_at,
            "performed_by": people.get(one.performed_by, one.performed_by),
            "second_person": people.get(one.second_person or ""),
            "entered_by": people.get(one.entered_by, one.entered_by),
            "compared_by": people.get(one.compared_by, one.compared_by),
            "entered_at": one.entered_at,
            "conflicts": json.loads(one.conflicts),
            "deviation_id": one.deviation_id,
        }
        for one in rows
    ]


def kit_view(session: Session, row: DowntimeKitRow, now: datetime) -> dict[str, Any]:
    people = names(session)
    return {
        "id": row.id,
        "number": row.number,
        "version": row.version,
        "printed_by": people.get(row.printed_by, row.printed_by),
        "printed_at": row.printed_at,
        "valid_until": row.valid_until,
        "valid": now <= row.valid_until,
        "accounted_at": row.accounted_at,
        "accounted_by": people.get(row.accounted_by or ""),
        "counted": counted(row),
        "entered": entered(entries_of(session, [row.id])),
        "open": open_sheets(session, row),
    }


def entering_content(session: Session, kit_id: str) -> dict[str, Any]:
    """What somebody who enters a sheet is shown: the kit, and what was entered from it already."""
    row = get_kit(session, kit_id)
    return {
        "title": row.number,
        "version": row.version,
        "printed at": row.printed_at,
        "valid until": row.valid_until,
        "entered": [
            f"{one['kind']} · {one['container'] or one['order']}"
            for one in entry_views(session, entries_of(session, [kit_id]))
        ],
    }


def listed_on(kit: DowntimeKitRow) -> frozenset[str]:
    """Codes of the containers that the kit allowed."""
    return frozenset(one["container"] for one in json.loads(kit.content)[LISTED])


def people_of(session: Session) -> dict[str, str]:
    """Everybody who ever had an account, by id: whoever signed the sheet may have left since."""
    return dict(names(session))
