"""What can be done about look-backs and donor events, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from kernel.errors import NotFound
from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.work import Work
from manufacturing.domain.lookbacks import Audience
from manufacturing.queries.collections import collection_content
from manufacturing.queries.donors import event_content
from manufacturing.queries.lookbacks import donor_content, lookback_content
from manufacturing.schemas.lookbacks import ConcludeSchema, EventReportSchema, EventSchema, LookbackSchema
from manufacturing.services.lookbacks import (
    acknowledge_lookback,
    conclude_lookback,
    open_lookback,
    record_donor_event,
    report_donor_event,
)
from manufacturing.tables.lookbacks import DonorEventRow, LookbackRow

LOOKBACKS = "/lookbacks"
ONE = f"{LOOKBACKS}/<lookback_id>"


def told(row: LookbackRow, message: str) -> Done:
    return Done(f"{LOOKBACKS}/{row.id}", message, {"id": row.id, "number": row.number, "status": row.status})


@act(
    "lookback.open",
    "/donors/<donor_id>/lookbacks/new",
    permission="lookback:open",
    title=N_("Open a look-back"),
    schema=LookbackSchema,
    content=donor_content,
    signs=1,
    meaning=N_("This became known of the donor after the donation; every unit of the donor is held."),
    danger=True,
)
def open_it(work: Work, donor_id: str, **fields: Any) -> Done:
    return told(open_lookback(work, donor_id, **fields), N_("The look-back is open; every unit of the donor is held."))


def acknowledge(work: Work, lookback_id: str, audience: str) -> Done:
    if audience not in set(Audience):
        raise NotFound(f"notice for {audience}")
    return told(acknowledge_lookback(work, lookback_id, audience), N_("Acknowledged."))


def noticed(_session: Any, lookback_id: str, audience: str) -> dict[str, Any]:
    if audience not in set(Audience):
        raise NotFound(f"notice for {audience}")
    return lookback_content(_session, lookback_id)


act(
    "lookback.acknowledge",
    f"{ONE}/acknowledge/<audience>",
    permission="lookback:acknowledge",
    title=N_("Acknowledge the look-back"),
    content=noticed,
    signs=1,
    meaning=N_("I know of this look-back and of the units and recipients it concerns."),
)(acknowledge)


@act(
    "lookback.conclude",
    f"{ONE}/conclude",
    permission="lookback:conclude",
    title=N_("Conclude the look-back"),
    schema=ConcludeSchema,
    content=lookback_content,
    signs=1,
    meaning=N_("The look-back is concluded; if the units are not cleared they stay on hold."),
)
def conclude(work: Work, lookback_id: str, **fields: Any) -> Done:
    return told(conclude_lookback(work, lookback_id, **fields), N_("Concluded."))


def noted(row: DonorEventRow, message: str) -> Done:
    return Done(f"/collections/{row.collection_id}#events", message, {"id": row.id, "serious": row.serious})


@act(
    "donor_event.record",
    "/collections/<collection_id>/events/new",
    permission="donor_event:record",
    title=N_("Record an event of the donor"),
    schema=EventSchema,
    content=collection_content,
    signs=1,
    meaning=N_("This happened to the donor at this apheresis."),
)
def record(work: Work, collection_id: str, **fields: Any) -> Done:
    fields["grade"] = int(fields["grade"])
    return noted(record_donor_event(work, collection_id, **fields), N_("The event is on record."))


@act(
    "donor_event.report",
    "/donor-events/<event_id>/report",
    permission="donor_event:report",
    title=N_("Report to the tissue establishment"),
    schema=EventReportSchema,
    content=event_content,
    signs=1,
    meaning=N_("The tissue establishment was told of this event, with this reference."),
)
def report(work: Work, event_id: str, **fields: Any) -> Done:
    return noted(report_donor_event(work, event_id, **fields), N_("The report is on record."))
