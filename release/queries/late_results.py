"""Late failures with everybody who has to know, and every container of the batch wherever it is (DSP-LATE)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from manufacturing.domain.expiry import local_day
from manufacturing.queries.batches import get_batch
from manufacturing.queries.collections import codes
from manufacturing.queries.trial import find_protocol, get_subject
from manufacturing.tables.batches import BatchRow
from manufacturing.tables.trial import SubjectRow
from release.domain.decisions import LATE_FAILURES, DecisionKind
from release.domain.duties import ROLE_OF
from release.domain.late_results import clocks, waiting
from release.domain.statements import NAMES
from release.queries.contacts import channels_on
from release.queries.decisions import acknowledged, acknowledgements, basis_of, told_roles
from release.queries.recall_units import unit_document, units_in_batch
from release.queries.records import decisions_of
from release.queries.testing import get_record, specification_of
from release.queries.waiting import late_decisions
from release.tables.decisions import DecisionRow


def late_content(session: Session, decision_id: str) -> dict[str, Any]:
    """What somebody who acknowledges a late result is shown: what failed, where each container is, who knows already."""
    decision = get_record(session, DecisionRow, decision_id)
    batch = get_batch(session, decision.batch_id)
    return {
        "title": batch.number,
        "late result": decision.reason,
        "at": decision.decided_at,
        "subject": get_subject(session, batch.subject_id).code,
        "action plan": specification_of(session, batch).positive_sterility_plan or None,
        "containers": [unit_document(one) for one in units_in_batch(session, batch)],
        "acknowledged": told_roles(decision, acknowledgements(session, decision)),
    }


def alerts_of_batch(session: Session, batch_id: str, now: datetime) -> list[dict[str, Any]]:
    batch = get_batch(session, batch_id)
    late = [(row, batch) for row in decisions_of(session, batch_id) if row.kind in LATE_FAILURES]
    return alerts(session, late, now)


def open_alerts(session: Session, now: datetime) -> list[dict[str, Any]]:
    """Those that somebody has not answered yet, the newest first."""
    within = clocks(find_protocol(session))
    late = late_decisions(session, within)
    answers = acknowledged(session, [decision for decision, _ in late])

    def is_open(decision: DecisionRow) -> bool:
        return bool(waiting(decision.decided_at, told_roles(decision, answers[decision.id]), now, within))

    return alerts(session, [(decision, batch) for decision, batch in late if is_open(decision)], now)


def alerts(session: Session, late: list[tuple[DecisionRow, BatchRow]], now: datetime) -> list[dict[str, Any]]:
    """Each with who answered, and who has to by when and is reached how."""
    if not late:
        return []
    people, within = names(session), clocks(find_protocol(session))
    channels = channels_on(session, local_day(now))
    reached = {role: channels[duty] for duty, role in ROLE_OF.items()}
    answers = acknowledged(session, [decision for decision, _ in late])
    subjects = codes(session, SubjectRow, {batch.subject_id for _, batch in late})
    return [
        {
            "id": decision.id,
            "batch_id": batch.id,
            "batch": batch.number,
            "subject": subjects[batch.subject_id],
            "name": NAMES[DecisionKind(decision.kind)],
            "reason": decision.reason,
            "at": decision.decided_at,
            "told": [
                {
                    "role": str(basis_of(one).get("role")),
                    "by": people.get(one.decided_by, one.decided_by),
                    "at": one.decided_at,
                    "answer": one.reason,
                }
                for one in (decision, *answers[decision.id])
                if basis_of(one).get("role")
            ],
            "waiting": [
                {"role": one.role, "due_at": one.due_at, "overdue": one.overdue, "channels": reached[one.role]}
                for one in waiting(decision.decided_at, told_roles(decision, answers[decision.id]), now, within)
            ],
        }
        for decision, batch in late
    ]
