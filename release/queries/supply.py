"""Supplies out of specification as rules, pages and the pharmacy read them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.domain import GrantStatus, PersonStatus
from kernel.accounts.queries import names
from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.files.queries import file_view, get_file
from kernel.refusals import N_, Refusal
from manufacturing.permissions import DR
from manufacturing.queries.batches import get_batch
from manufacturing.queries.trial import find_protocol, get_subject
from manufacturing.tables.batches import BatchRow, ContainerRow
from release.domain.decisions import Disposition
from release.domain.entries import is_from_records
from release.domain.oos import OosStatus, settled
from release.domain.refusals import WEIGHT_CHANGED
from release.domain.results import Outcome
from release.domain.review import OosLine
from release.domain.scan_facts import SupplyFacts
from release.domain.supply import (
    Hands,
    NamedResult,
    Scope,
    SupplyStatus,
    document_refusals,
    scope_refusals,
    supply_refusals,
)
from release.queries.exposure import find_dispensing
from release.queries.judging import batch_verdicts
from release.queries.oos import criterion_of_oos, oos_of_batch, oos_states, phases_of
from release.queries.overlays import is_overlaid
from release.queries.records import disposition_of, dispositions_of, everyone_involved
from release.queries.review import release_facts
from release.queries.separation import reviewers
from release.queries.supplies import accepted_supply, live_supply, named_of, notices_of, supplies_of
from release.queries.testing import containers_of, get_record
from release.tables.decisions import DispositionRow
from release.tables.oos import OosRow
from release.tables.supply import NoticeRow, SupplyRow

STATEMENT = N_("OUT OF SPECIFICATION – supplied at the request of the treating physician")
CHANGED = {WEIGHT_CHANGED.code}


def unsettled(session: Session, batch_id: str) -> list[OosRow]:
    """Failed results that no retest has replaced."""
    states = oos_states(session, batch_id)
    return [row for row in oos_of_batch(session, batch_id) if not settled(row.id, states)]


def supply_facts(
    session: Session, row: SupplyRow | None, weights: Collection[Refusal], container_id: str
) -> SupplyFacts | None:
    """What the pharmacy is told of the supply of a container: is it in force, and has anything changed since."""
    if row is None:
        return None
    named = named_of(row)
    known = {one.oos_id for one in named}
    further = [one.number for one in unsettled(session, row.batch_id) if one.id not in known]
    further += [f"{dict(one.facts)['old']} → {dict(one.facts)['new']} kg" for one in weights if one.code in CHANGED]
    return SupplyFacts(
        number=row.number,
        status=row.status,
        in_force=row.status == SupplyStatus.IN_FORCE,
        criteria=frozenset(one.criterion for one in named),
        further=tuple(further),
        overlaid=is_overlaid(session, container_id, row),
    )


def scope_of(session: Session, batch_id: str) -> Scope:
    """Whether the route is open for this batch now."""
    rows = unsettled(session, batch_id)
    judged = batch_verdicts(session, batch_id)
    live = live_supply(session, batch_id)
    return Scope(
        named=tuple(named_result(session, row) for row in rows if row.status == OosStatus.CONFIRMED),
        undecided=tuple(
            OosLine(row.number, criterion_of_oos(session, row).name, OosStatus(row.status))
            for row in rows
            if row.status == OosStatus.OPEN
        ),
        from_records=tuple(
            one.criterion.name
            for one in judged
            if is_from_records(one.criterion) and one.verdict.outcome in {Outcome.OOS, Outcome.UNDECIDABLE}
        ),
        dispositions=frozenset(row.status for row in dispositions_of(session, batch_id)),
        expires_at=min((one.expires_at for one in containers_of(session, batch_id)), default=None),
        live=live.number if live else None,
    )


def named_result(session: Session, row: OosRow) -> NamedResult:
    return NamedResult(row.id, row.number, criterion_of_oos(session, row).name, row.found, row.hold_id)


def hands_on(session: Session, batch_id: str, signer: str) -> Hands:
    """Everybody who had a hand in the batch or in any supply of it, ended ones too."""
    supplies = supplies_of(session, batch_id)
    investigators = {
        phase.concluded_by for row in oos_of_batch(session, batch_id) for phase in phases_of(session, row.id)
    }

    def people(*columns: str) -> frozenset[str]:
        return frozenset(found for row in supplies for name in columns if (found := getattr(row, name)))

    return Hands(
        signer=signer,
        made=frozenset(everyone_involved(session, batch_id) | investigators),
        reviewers=frozenset(reviewers(session, batch_id)),
        physicians=people("requested_by", "accepted_by"),
        evaluators=people("evaluated_by"),
        agreed=people("agreed_by"),
    )


def director_needed(session: Session) -> bool:
    protocol = find_protocol(session)
    return protocol is not None and protocol.oos_supply_director_authorises


def physicians(session: Session) -> list[tuple[str, str]]:
    """Id and name of everybody who is a treating physician now."""
    query = (
        sa.select(PersonRow.id, PersonRow.full_name)
        .join(RoleGrantRow, RoleGrantRow.person_id == PersonRow.id)
        .where(PersonRow.status == PersonStatus.ACTIVE)
        .where(RoleGrantRow.role == DR, RoleGrantRow.status == GrantStatus.ACTIVE)
        .order_by(PersonRow.full_name, PersonRow.id)
    )
    return [(person, name) for person, name in session.execute(query)]


def request_content(session: Session, batch_id: str) -> dict[str, Any]:
    """What a physician who asks is shown: the failed results as they were judged, and the product."""
    batch = get_batch(session, batch_id)
    scope = scope_of(session, batch_id)
    return {
        "title": batch.number,
        "batch": batch.number,
        "version": batch.version,
        "subject": get_subject(session, batch.subject_id).code,
        "failed results": [{"record": one.number, "found": one.found} for one in scope.named],
        "under investigation": [one.number for one in scope.undecided],
        "containers": [
            {"container": one.code, "volume (mL)": one.volume_ml, "expires at": one.expires_at}
            for one in containers_of(session, batch_id)
        ],
        "live request": scope.live,
    }


def supply_content(session: Session, supply_id: str) -> dict[str, Any]:
    return supply_document(session, get_record(session, SupplyRow, supply_id))


def supply_document(session: Session, row: SupplyRow) -> dict[str, Any]:
    """The whole record in the order in which it came about; also what everybody who signs is shown."""
    people = names(session)
    batch = get_batch(session, row.batch_id)

    def step(by: str | None, at: Any, **more: Any) -> dict[str, Any] | None:
        return {**more, "by": people.get(by, by), "at": at} if by else None

    return {
        "title": row.number,
        "version": row.version,
        "status": row.status,
        "batch": batch.number,
        "subject": get_subject(session, batch.subject_id).code,
        "failed results": [{"record": one.number, "found": one.found} for one in named_of(row)],
        "request": step(
            row.requested_by,
            row.requested_at,
            hazard=row.hazard,
            alternatives=row.alternatives,
            consequence=row.consequence,
            form=file_part(session, row.request_file_id, people),
        ),
        "risk evaluation": step(
            row.evaluated_by,
            row.evaluated_at,
            words=row.evaluation,
            document=file_part(session, row.evaluation_file_id, people),
        ),
        "agreed and given to the physician": step(row.agreed_by, row.agreed_at),
        "authorised as director": step(row.authorised_by, row.authorised_at),
        "informed": step(row.informed_by, row.informed_at, whom=row.informed),
        "acceptance": step(row.accepted_by, row.accepted_at, form=file_part(session, row.acceptance_file_id, people)),
        "sponsor notified at": row.sponsor_notified_at,
        "notifications": [notice_document(one, people) for one in notices_of(session, row.id)],
        "ended": {"by": people.get(row.ended_by or "", "NKTrace"), "at": row.ended_at, "reason": row.end_reason}
        if row.ended_at
        else None,
    }


def file_part(session: Session, file_id: str | None, people: dict[str, str]) -> dict[str, Any] | None:
    if file_id is None:
        return None
    view = file_view(get_file(session, file_id), people)
    return {"file": view["filename"], "sha256": view["sha256"], "id": file_id, "withdrawn at": view["withdrawn_at"]}


def notice_document(row: NoticeRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "recipient": row.recipient,
        "status": row.status,
        "opened at": row.opened_at,
        "reference": row.reference,
        "by": people.get(row.done_by or ""),
        "at": row.done_at,
    }


def notice_content(session: Session, notice_id: str) -> dict[str, Any]:
    """What the sponsor signs: the notification with the supply it is about."""
    row = get_record(session, NoticeRow, notice_id)
    about = supply_content(session, row.supply_id)
    return {**about, "notification": notice_document(row, names(session)), "notice version": row.version}


def supply_line(session: Session, row: SupplyRow) -> dict[str, Any]:
    batch = get_batch(session, row.batch_id)
    return {
        "id": row.id,
        "number": row.number,
        "batch_id": row.batch_id,
        "batch": batch.number,
        "subject": get_subject(session, batch.subject_id).code,
        "status": row.status,
        "named": [one.found for one in named_of(row)],
        "requested_at": row.requested_at,
        "open_notices": sum(one.done_at is None for one in notices_of(session, row.id)),
        "expires_at": batch.expires_at,
    }


def blocking_refusals(session: Session, row: SupplyRow, at: datetime) -> tuple[Refusal, ...]:
    """What blocks the supply now, whoever signs; and whether the evaluation is still there."""
    file = get_file(session, row.evaluation_file_id) if row.evaluation_file_id else None
    return (
        *document_refusals(withdrawn=file is not None and file.withdrawn_at is not None),
        *supply_refusals(release_facts(session, row.batch_id, at), scope_of(session, row.batch_id), named_of(row), at),
    )


def candidates(session: Session, at: datetime) -> list[dict[str, Any]]:
    """Batches with a confirmed failed result for which a physician could ask now."""
    confirmed = sa.exists().where(OosRow.batch_id == BatchRow.id, OosRow.status == OosStatus.CONFIRMED)
    quarantined = sa.exists().where(
        DispositionRow.batch_id == BatchRow.id,
        DispositionRow.status.in_([Disposition.QUARANTINE, Disposition.LATE_OOS]),
    )
    query = sa.select(BatchRow).where(confirmed, quarantined, BatchRow.expires_at > at)
    found = []
    for batch in session.execute(query.order_by(BatchRow.expires_at).limit(25)).scalars():
        scope = scope_of(session, batch.id)
        if scope.live is None and not scope_refusals(scope, at):
            about = {"id": batch.id, "number": batch.number, "expires_at": batch.expires_at}
            subject = get_subject(session, batch.subject_id).code
            found.append({**about, "subject": subject, "found": [one.found for one in scope.named]})
    return found


def statement_of(session: Session, container: ContainerRow) -> dict[str, Any] | None:
    """What has to stand on every screen and paper that goes with such a container; None for any other (ATMP-11.5-LABEL).

    The failing parameter and four signatures: request, evaluation of QA and of the QP, acceptance.
    """
    state = disposition_of(session, container.id)
    dispensed = find_dispensing(session, container.id)
    supplied = state.status == Disposition.OOS_SUPPLY or (dispensed is not None and dispensed.out_of_specification)
    row = accepted_supply(session, container.batch_id) if supplied else None
    if row is None:
        return None
    people = names(session)
    signed = (
        (N_("request of the physician"), row.requested_by, row.requested_at),
        (N_("risk evaluation, QA"), row.evaluated_by, row.evaluated_at),
        (N_("risk evaluation, QP"), row.agreed_by, row.agreed_at),
        (N_("acceptance of the physician"), row.accepted_by, row.accepted_at),
    )
    return {
        "supply_id": row.id,
        "supply": row.number,
        "status": row.status,
        "statement": STATEMENT,
        "failed": [one.found for one in named_of(row)],
        "signatures": [{"what": what, "by": people.get(by or "", by), "at": at} for what, by, at in signed],
    }
