"""Look-backs on donors: opened with a hold on every unit, acknowledged, concluded by somebody else (TC-LOOKBACK)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from kernel.errors import Refused, refuse_any
from kernel.refusals import FUTURE_TIME, N_, Refusal
from kernel.work import Work
from manufacturing.domain.batches import BatchStatus
from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.expiry import local_day
from manufacturing.domain.holds import HoldCause, HoldScope
from manufacturing.domain.lookbacks import (
    LOOKBACK,
    NOTICE_ANSWERED,
    Audience,
    ConclusionFacts,
    happened_refusals,
    reporting_refusals,
)
from manufacturing.queries.collections import collection_content, get_donor
from manufacturing.queries.donors import event_content, get_donor_event
from manufacturing.queries.lookbacks import (
    batches_of_donor,
    collections_of_donor,
    donor_content,
    get_lookback,
    lookback_content,
    lookbacks_of,
    notices_of,
)
from manufacturing.services.holds import add_hold
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.collections import CollectionRow, DonorRow
from manufacturing.tables.lookbacks import DonorEventRow, LookbackNoticeRow, LookbackRow
from manufacturing.tables.trial import HoldRow, SubjectRow


def lock_donor(work: Work, donor_id: str) -> DonorRow:
    """The donor with every leukapheresis and batch, in the one order: subject, collections, batches (decision 39)."""
    donor = get_donor(work.session, donor_id)
    work.lock(SubjectRow, donor.subject_id)
    for collection in sorted(collections_of_donor(work.session, donor_id), key=lambda one: one.id):
        work.lock(CollectionRow, collection.id)
    for batch in sorted(batches_of_donor(work.session, donor_id), key=lambda one: one.id):
        work.lock(BatchRow, batch.id)
    return work.lock(DonorRow, donor_id)


def open_lookback(
    work: Work, donor_id: str, *, kind: str, informed_on: date, source: str, description: str
) -> LookbackRow:
    """Post-donation information: whatever exists of the donor is held in this transaction, and three roles are told."""
    work.require("lookback:open")
    donor = lock_donor(work, donor_id)
    work.confirm(donor_content(work.session, donor_id))
    if informed_on > local_day(work.at):
        raise Refused(FUTURE_TIME(name=N_("The day of the information"), field="informed_on"))
    row = work.add(
        LookbackRow(
            number=f"{donor.code}-L{len(lookbacks_of(work.session, donor_id)) + 1}",
            donor_id=donor_id,
            kind=kind,
            informed_on=informed_on,
            source=source.strip(),
            description=description.strip(),
            opened_by=work.signer().id,
            opened_at=work.at,
        )
    )
    work.sign(row, "look-back opened")
    for audience in Audience:
        work.add(LookbackNoticeRow(lookback_id=row.id, audience=audience))
    hold_units(work, row)
    return row


def hold_units(work: Work, row: LookbackRow) -> None:
    """Every leukapheresis that is not destroyed and every batch that is not terminated; containers are held with them."""
    reason = f"{row.number}: {row.kind}"
    held = [
        *(
            (HoldScope.COLLECTION, one.id)
            for one in collections_of_donor(work.session, row.donor_id)
            if one.status != CollectionStatus.DISPOSED
        ),
        *(
            (HoldScope.BATCH, one.id)
            for one in batches_of_donor(work.session, row.donor_id)
            if one.status != BatchStatus.TERMINATED
        ),
    ]
    for scope, record_id in held:
        add_hold(work, scope, record_id, cause=HoldCause.LOOKBACK, reason=reason, set_by="system")


def acknowledge_lookback(work: Work, lookback_id: str, audience: str) -> LookbackRow:
    """Somebody of the role says that it is known."""
    work.require(f"lookback:acknowledge_{audience}")
    row = work.lock(LookbackRow, lookback_id)
    work.confirm(lookback_content(work.session, lookback_id))
    found = next(one for one in notices_of(work.session, lookback_id) if one.audience == audience)
    notice = work.lock(LookbackNoticeRow, found.id)
    if notice.acknowledged_at is not None:
        raise Refused(NOTICE_ANSWERED())
    notice.acknowledged_by, notice.acknowledged_at = work.signer().id, work.at
    work.sign(notice, "look-back acknowledged")
    return row


def conclude_lookback(work: Work, lookback_id: str, *, cleared: bool, conclusion: str) -> LookbackRow:
    """By another person, when everybody knows. ``cleared``: the units may be used, and the holds of this look-back end;
    otherwise they stay, and the QP decides about what they hold."""
    lock_donor(work, get_lookback(work.session, lookback_id).donor_id)
    row = work.lock(LookbackRow, lookback_id)
    work.confirm(lookback_content(work.session, lookback_id))
    transition = LOOKBACK.transition("conclude", row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    waiting = tuple(one.audience for one in notices_of(work.session, lookback_id) if one.acknowledged_at is None)
    work.move(row, LOOKBACK, "conclude", ConclusionFacts(work.signer().id, row.opened_by, waiting))
    row.cleared, row.conclusion = cleared, conclusion.strip()
    row.concluded_by, row.concluded_at = work.signer().id, work.at
    if cleared:
        lift_holds(work, row)
    return row


def lift_holds(work: Work, row: LookbackRow) -> None:
    """Only those of this look-back."""
    query = sa.select(HoldRow.id).where(
        HoldRow.cause == HoldCause.LOOKBACK,
        HoldRow.lifted_at.is_(None),
        HoldRow.reason == f"{row.number}: {row.kind}",
    )
    for hold_id in work.session.execute(query.order_by(HoldRow.id)).scalars().all():
        hold = work.lock(HoldRow, hold_id)
        hold.lifted_by, hold.lifted_at, hold.lift_reason = "system", work.at, f"{row.number} concluded: units cleared"


def record_donor_event(
    work: Work, collection_id: str, *, kind: str, grade: int, serious: bool, description: str, happened_at: datetime
) -> DonorEventRow:
    """What happened to the donor at the apheresis; a serious event waits on the Work page to be reported (TR-S5)."""
    work.require("donor_event:record")
    row = work.lock(CollectionRow, collection_id)
    work.confirm(collection_content(work.session, collection_id))
    refuse_any(happened_refusals(happened_at, work.at))
    event = work.add(
        DonorEventRow(
            collection_id=row.id,
            kind=kind,
            grade=grade,
            serious=serious,
            description=description.strip(),
            happened_at=happened_at,
            recorded_by=work.signer().id,
            recorded_at=work.at,
        )
    )
    work.sign(event, "donor event recorded")
    return event


def report_donor_event(work: Work, event_id: str, *, reported_at: datetime, reference: str) -> DonorEventRow:
    """The tissue establishment knows of it, with the reference it gave."""
    work.require("donor_event:report")
    work.lock(CollectionRow, get_donor_event(work.session, event_id).collection_id)
    row = work.lock(DonorEventRow, event_id)
    work.confirm(event_content(work.session, event_id))
    refuse_any(
        reporting_refusals(
            serious=row.serious,
            reference=row.reference,
            happened_at=row.happened_at,
            reported_at=reported_at,
            now=work.at,
        )
    )
    row.reported_at, row.reference, row.reported_by = reported_at, reference.strip(), work.signer().id
    work.sign(row, "reported to the tissue establishment")
    return row
