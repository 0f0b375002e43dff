"""Defects: reported with their container, stopped where the reporter says so, assessed by QA, closed by another."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from kernel.errors import Refused, refuse_any
from kernel.refusals import Refusal
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from manufacturing.domain.holds import HoldCause, HoldScope
from manufacturing.services.holds import add_hold
from manufacturing.tables.batches import ContainerRow
from release.domain.defects import DEFECT, ClosingDefect, FollowUp, follow_up_refusals, reporting_refusals
from release.queries.defects import defect_content, follow_ups, get_defect, report_content
from release.queries.reconciling import get_container
from release.tables.defects import DefectRow


def report_defect(
    work: Work, container_id: str, *, kind: str, description: str, seen_at: datetime, stop: bool
) -> DefectRow:
    """By whoever holds the container. ``stop``: nobody gives it until the QP has lifted the hold."""
    work.require("defect:report")
    container = work.lock(ContainerRow, get_container(work.session, container_id).id)
    work.confirm(report_content(work.session, container_id))
    refuse_any(reporting_refusals(seen_at, work.at))
    number = next_number(work)
    reason = f"{number}: {description.strip()}"
    hold = None
    if stop:
        hold = add_hold(work, HoldScope.CONTAINER, container.id, cause=HoldCause.DEFECT, reason=reason, set_by="system")
    row = work.add(
        DefectRow(
            number=number,
            container_id=container.id,
            batch_id=container.batch_id,
            kind=kind,
            description=description.strip(),
            seen_at=seen_at,
            hold_id=hold.id if hold else None,
            reported_by=work.signer().id,
            reported_at=work.at,
        )
    )
    said = {"kind of defect": kind, "description": row.description, "seen at": seen_at, "nobody gives it": stop}
    work.content = {**work.content, "entered": said}
    work.sign(row, "defect reported")
    return row


def next_number(work: Work) -> str:
    """``DF-2026-001``: unique, so two reports at once cannot share one."""
    stem = f"DF-{local_day(work.at).year}-"
    query = sa.select(sa.func.max(DefectRow.number)).where(DefectRow.number.startswith(stem))
    newest = work.session.execute(query).scalar()
    return f"{stem}{int(newest.removeprefix(stem)) + 1 if newest else 1:03}"


def locked(work: Work, defect_id: str, action: str) -> DefectRow:
    """The state comes before every other reason."""
    get_defect(work.session, defect_id)
    row = work.lock(DefectRow, defect_id)
    work.confirm(defect_content(work.session, defect_id))
    transition = DEFECT.transition(action, row.status)
    if isinstance(transition, Refusal):
        raise Refused(transition)
    return row


def assess_defect(
    work: Work,
    defect_id: str,
    *,
    classification: str,
    assessment: str,
    follow_up: str,
    follow_number: str | None = None,
) -> DefectRow:
    """How serious it is, and which record follows; said again, the newest counts."""
    row, number = locked(work, defect_id, "assess"), (follow_number or "").strip()
    follows = FollowUp(follow_up)
    refuse_any(follow_up_refusals(follows, number, follow_ups(work.session, row.batch_id, follows)))
    row.classification, row.assessment = classification, assessment.strip()
    row.follow_up, row.follow_number = follows, number if follows is not FollowUp.NOTHING else None
    row.assessed_by, row.assessed_at = work.signer().id, work.at
    said = {"class": classification, "assessment": row.assessment, "follow up": follows, "number": row.follow_number}
    work.content = {**work.content, "entered": {name: value for name, value in said.items() if value}}
    work.move(row, DEFECT, "assess")
    return row


def close_defect(work: Work, defect_id: str, *, conclusion: str) -> DefectRow:
    """By somebody who neither reported nor assessed it. A hold stays until the QP lifts it."""
    row = locked(work, defect_id, "close")
    work.content = {**work.content, "entered": {"conclusion": conclusion.strip()}}
    work.move(row, DEFECT, "close", ClosingDefect(work.signer().id, row.reported_by, row.assessed_by or ""))
    row.conclusion, row.closed_by, row.closed_at = conclusion.strip(), work.signer().id, work.at
    return row
