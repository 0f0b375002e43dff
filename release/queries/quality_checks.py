"""Quality checks after reactions, each item filled from what the records say now."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import NotFound
from manufacturing.domain.donors import MARKER_NAMES, Marker, MarkerResult
from manufacturing.queries.batches import get_batch
from manufacturing.queries.collections import batches_made_of, collections_of_batch, markers_of
from manufacturing.queries.trial import paged
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow
from release.domain.criteria import Formula, Kind
from release.domain.quality_checks import ITEM_NAMES, CheckStatus, Item, Shown, shown
from release.queries.administration import get_reaction, order_of, reaction_part
from release.queries.judging import JudgedTest, batch_verdicts
from release.queries.recall_units import units_in, units_in_batch
from release.tables.dispensing import AdministrationRow, DispensingRow, ReactionRow
from release.tables.quality_checks import ReactionCheckRow

NOTHING = "–"
SORTS = {"number": ReactionCheckRow.number, "status": ReactionCheckRow.status, "due": ReactionCheckRow.due_at}


def get_check(session: Session, check_id: str) -> ReactionCheckRow:
    row = session.get(ReactionCheckRow, check_id)
    if row is None:
        raise NotFound(f"quality check {check_id}")
    return row


def check_by_number(session: Session, number: str) -> ReactionCheckRow | None:
    query = sa.select(ReactionCheckRow).where(ReactionCheckRow.number == number)
    return session.execute(query).scalar_one_or_none()


def checks(session: Session, *where: sa.ColumnElement[bool]) -> list[ReactionCheckRow]:
    query = sa.select(ReactionCheckRow).where(*where)
    return list(session.execute(query.order_by(ReactionCheckRow.due_at, ReactionCheckRow.number)).scalars())


def open_checks(session: Session) -> list[ReactionCheckRow]:
    """The most urgent first."""
    return checks(session, ReactionCheckRow.status == CheckStatus.OPEN)


def container_after(session: Session, administration_id: str) -> ContainerRow:
    """What was given."""
    query = (
        sa.select(ContainerRow)
        .join(DispensingRow, DispensingRow.container_id == ContainerRow.id)
        .join(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .where(AdministrationRow.id == administration_id)
    )
    return session.execute(query).scalar_one()


def check_items(session: Session, row: ReactionCheckRow) -> dict[Item, tuple[Shown, list[str]]]:
    """Of every item what the records say, and by which lines."""
    batch = get_batch(session, row.batch_id)
    results: dict[Item, list[JudgedTest]] = {Item.STERILITY: [], Item.ENDOTOXIN: [], Item.RESULTS: []}
    for one in batch_verdicts(session, batch.id):
        results[item_of(one)].append(one)
    mates = [one for one in units_in_batch(session, batch) if one.id != row.container_id]
    return {
        **{
            item: (shown(tuple(one.verdict.outcome for one in own)), result_lines(own)) for item, own in results.items()
        },
        Item.MARKERS: marker_lines(session, batch),
        Item.BATCH_UNITS: (Shown.LISTED, unit_lines(mates)),
        Item.DONOR_UNITS: (Shown.LISTED, unit_lines(units_in(session, batches_of_material(session, batch)))),
    }


def item_of(one: JudgedTest) -> Item:
    if one.criterion.kind is Kind.STERILITY:
        return Item.STERILITY
    return Item.ENDOTOXIN if one.criterion.formula is Formula.ENDOTOXIN_PER_KG_H else Item.RESULTS


def result_lines(own: Sequence[JudgedTest]) -> list[str]:
    """A dash where there is no result yet; the limit where there is one."""
    return [f"{one.criterion.name}: {one.value or NOTHING}{f' ({one.limit})' if one.limit else ''}" for one in own]


def marker_lines(session: Session, batch: BatchRow) -> tuple[Shown, list[str]]:
    """Of every leukapheresis the batch was made from; a reactive one is of concern, and so is none at all."""
    found = [
        (one.number, marker) for one in collections_of_batch(session, batch) for marker in markers_of(session, one.id)
    ]
    lines = [
        f"{number} {MARKER_NAMES[Marker(one.marker)]}: {one.finding or one.result.replace('_', '-')}"
        for number, one in found
    ]
    reactive = any(one.result == MarkerResult.REACTIVE for _, one in found)
    return Shown.CONCERN if reactive or not found else Shown.IN_ORDER, lines


def batches_of_material(session: Session, batch: BatchRow) -> list[BatchRow]:
    """Other batches of the same donor's leukaphereses."""
    found = {
        other.id: other
        for one in collections_of_batch(session, batch)
        for other in batches_made_of(session, one.id)
        if other.id != batch.id
    }
    return sorted(found.values(), key=lambda one: one.number)


def unit_lines(units: Sequence[Any]) -> list[str]:
    return [f"{one.unit.code}: {one.way}" for one in units]


def check_content(session: Session, check_id: str) -> dict[str, Any]:
    """What whoever concludes is shown and signs: the reaction, and every item as the records have it."""
    row = get_check(session, check_id)
    reaction = get_reaction(session, row.reaction_id)
    return {
        "title": row.number,
        "version": row.version,
        "status": row.status,
        "container": session.get_one(ContainerRow, row.container_id).code,
        "batch": get_batch(session, row.batch_id).number,
        "reaction": reaction_part(reaction),
        "items": {
            ITEM_NAMES[item]: {"records": state, "lines": lines}
            for item, (state, lines) in check_items(session, row).items()
        },
    }


def check_line(session: Session, row: ReactionCheckRow, people: dict[str, str]) -> dict[str, Any]:
    reaction = get_reaction(session, row.reaction_id)
    container = session.get_one(ContainerRow, row.container_id)
    return {
        "id": row.id,
        "number": row.number,
        "status": row.status,
        "reaction_id": row.reaction_id,
        "term": reaction.term,
        "grade": reaction.grade,
        "serious": reaction.serious,
        "subject": session.get_one(SubjectRow, container.subject_id).code,
        "container_id": container.id,
        "container": container.code,
        "batch_id": row.batch_id,
        "batch": get_batch(session, row.batch_id).number,
        "opened_at": row.opened_at,
        "due_at": row.due_at,
        "outcome": row.outcome,
        "answers": json.loads(row.answers) if row.answers else {},
        "follow_up": row.follow_up,
        "follow_number": row.follow_number,
        "conclusion": row.conclusion,
        "concluded_by": people.get(row.concluded_by or ""),
        "concluded_at": row.concluded_at,
    }


def check_view(session: Session, row: ReactionCheckRow) -> dict[str, Any]:
    """One check with its checklist."""
    line = check_line(session, row, names(session))
    return {
        "check": line,
        "order_id": order_of(session, get_reaction(session, row.reaction_id).administration_id),
        "checklist": [
            {
                "item": item,
                "name": ITEM_NAMES[item],
                "records": state,
                "lines": lines,
                "answer": line["answers"].get(item),
            }
            for item, (state, lines) in check_items(session, row).items()
        ],
    }


def list_checks(session: Session, args: dict[str, str]) -> tuple[list[dict[str, Any]], dict[str, int]]:
    query = sa.select(ReactionCheckRow)
    if args.get("status") in set(CheckStatus):
        query = query.where(ReactionCheckRow.status == args["status"])
    rows, page = paged(session, query, args, SORTS, "-number")
    people = names(session)
    return [check_line(session, row, people) for row in rows], page


def checks_of_trial(session: Session, trial_id: str) -> tuple[str, ...]:
    """Numbers of the open ones."""
    query = (
        sa.select(ReactionCheckRow.number)
        .join(ContainerRow, ContainerRow.id == ReactionCheckRow.container_id)
        .join(SubjectRow, SubjectRow.id == ContainerRow.subject_id)
        .where(SubjectRow.trial_id == trial_id, ReactionCheckRow.status == CheckStatus.OPEN)
    )
    return tuple(session.execute(query.order_by(ReactionCheckRow.number)).scalars())


def checks_by_reaction(session: Session, reaction_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Number, status and id of the check of each, for the pages that list reactions."""
    columns = (ReactionCheckRow.reaction_id, ReactionCheckRow.id, ReactionCheckRow.number, ReactionCheckRow.status)
    query = sa.select(*columns).where(ReactionCheckRow.reaction_id.in_(reaction_ids))
    return {
        one.reaction_id: {"id": one.id, "number": one.number, "status": one.status} for one in session.execute(query)
    }


def reaction_of(session: Session, row: ReactionCheckRow) -> ReactionRow:
    return get_reaction(session, row.reaction_id)
