"""The second half of a batch's lifeline: reviewed, certified, released, dispensed, infused, final."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import panel
from kernel.web.site import Viewer
from manufacturing.tables.batches import ContainerRow
from release.domain.decisions import DecisionKind, Disposition
from release.queries.records import dispositions_of, latest_decision
from release.tables.dispensing import AdministrationRow, DispensingRow

STOPPED = {Disposition.REJECTED, Disposition.LATE_OOS}


def given_at(session: Session, batch_id: str) -> tuple[datetime | None, datetime | None]:
    """When the first container left the pharmacy, and when the first infusion began."""
    query = (
        sa.select(sa.func.min(DispensingRow.dispensed_at), sa.func.min(AdministrationRow.started_at))
        .select_from(DispensingRow)
        .join(ContainerRow, ContainerRow.id == DispensingRow.container_id)
        .outerjoin(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .where(ContainerRow.batch_id == batch_id, DispensingRow.cancelled_at.is_(None))
    )
    dispensed, infused = session.execute(query).one()
    return dispensed, infused


def stage(name: str, at: datetime | None, *, stopped: bool = False) -> dict[str, Any]:
    """A stage with a time is done; without one it is to come, or will never come."""
    return {"name": name, "at": at, "state": "done" if at else ("stopped" if stopped else "later")}


def lifeline_panel(session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("release:read"):
        return None

    def when(*kinds: DecisionKind) -> datetime | None:
        found = latest_decision(session, batch_id, *kinds)
        return found.decided_at if found else None

    statuses = {row.status for row in dispositions_of(session, batch_id)}
    stopped = bool(statuses & STOPPED)
    dispensed, infused = given_at(session, batch_id)
    final = when(DecisionKind.FULL, DecisionKind.STAGE2)
    stages = [
        stage(N_("reviewed"), when(DecisionKind.REVIEW), stopped=stopped),
        stage(N_("certified, results pending"), when(DecisionKind.STAGE1) or final, stopped=stopped),
        stage(N_("released by the sponsor"), when(DecisionKind.SPONSOR), stopped=stopped),
        stage(N_("dispensed"), dispensed, stopped=stopped),
        stage(N_("infused"), infused, stopped=stopped),
        stage(N_("final"), final, stopped=stopped),
    ]
    if stopped:
        ended = when(DecisionKind.LATE_OOS, DecisionKind.REJECT)
        word = N_("late result out of specification") if Disposition.LATE_OOS in statuses else N_("rejected")
        stages.append({"name": word, "at": ended, "state": "stopped"})
    return {"template": "release/decision_lifeline.html", "stages": stages}


panel("batch_lifeline", lifeline_panel)
