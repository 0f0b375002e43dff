"""Corrective and preventive actions: planned with a deviation, done with evidence, checked by somebody else."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from kernel.errors import Refused, refuse_any
from kernel.refusals import STATE_NOT_ALLOWED
from kernel.work import Work
from manufacturing.domain.capa import CAPA, CheckFacts, due_refusals, owner_refusals
from manufacturing.domain.deviations import DeviationStatus
from manufacturing.domain.expiry import local_day
from manufacturing.queries.capa import action_content, find_owner, people_of_action
from manufacturing.queries.deviations import deviation_content
from manufacturing.tables.deviations import CapaRow, DeviationRow


def plan_action(work: Work, deviation_id: str, *, kind: str, description: str, owner: str, due_on: date) -> CapaRow:
    """``owner``: login of the person who sees to it. The action stays due after the deviation is closed."""
    work.require("capa:plan")
    deviation = work.lock(DeviationRow, deviation_id)
    work.confirm(deviation_content(work.session, deviation_id))
    if deviation.status == DeviationStatus.CLOSED:
        raise Refused(STATE_NOT_ALLOWED(action="plan an action", record="deviation", state=deviation.status))
    owner_id = find_owner(work.session, owner, work.at)
    refuse_any([*owner_refusals(known=owner_id is not None), *due_refusals(due_on, local_day(work.at))])
    row = work.add(
        CapaRow(
            number=f"{deviation.number}-A{count_actions(work, deviation_id) + 1}",
            deviation_id=deviation_id,
            kind=kind,
            description=description.strip(),
            owner_id=owner_id,
            due_on=due_on,
            planned_by=work.signer().id,
            planned_at=work.at,
        )
    )
    work.sign(row, "action planned")
    return row


def count_actions(work: Work, deviation_id: str) -> int:
    counted = sa.select(sa.func.count()).where(CapaRow.deviation_id == deviation_id)
    return work.session.execute(counted).scalar_one()


def locked_action(work: Work, action_id: str) -> CapaRow:
    row = work.lock(CapaRow, action_id)
    work.confirm(action_content(work.session, action_id))
    return row


def postpone_action(work: Work, action_id: str, *, due_on: date) -> CapaRow:
    """Another day, with its reason; the day it was due before stays on the trail."""
    row = locked_action(work, action_id)
    work.move(row, CAPA, "postpone")
    refuse_any(due_refusals(due_on, local_day(work.at)))
    row.due_on = due_on
    return row


def report_done(work: Work, action_id: str, *, evidence: str) -> CapaRow:
    """``evidence``: what shows that it was done, in words with its references."""
    row = locked_action(work, action_id)
    work.move(row, CAPA, "report_done")
    row.evidence, row.done_by, row.done_at = evidence.strip(), work.signer().id, work.at
    return row


def check_action(work: Work, action_id: str, *, effective: bool, outcome: str, due_on: date | None = None) -> CapaRow:
    """Whether it helped. Not effective, it is open again, with a new day where one is given."""
    row = locked_action(work, action_id)
    facts = CheckFacts(work.signer().id, people_of_action(work.session, row))
    work.move(row, CAPA, "confirm" if effective else "send_back", facts)
    if due_on is not None and not effective:
        refuse_any(due_refusals(due_on, local_day(work.at)))
        row.due_on = due_on
    row.outcome, row.checked_by, row.checked_at = outcome.strip(), work.signer().id, work.at
    return row


def cancel_action(work: Work, action_id: str) -> CapaRow:
    """It will not be done, with the reason why."""
    row = locked_action(work, action_id)
    work.move(row, CAPA, "cancel")
    row.end_reason = (work.reason or "").strip()
    return row
