"""Claim an attempt, note what became of it, have a person try it anew; each in a transaction of its own."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from kernel.outbox.domain import UNSENT, Schedule
from kernel.outbox.tables import Outgoing
from kernel.work import Work

Row = TypeVar("Row", bound=Outgoing)


def begin_attempt(work: Work, table: type[Row], record_id: str, schedule: Schedule) -> Row | None:
    """Claim it for this attempt; None where another process has it or it is not due."""
    row = work.lock(table, record_id)
    if row.status != UNSENT or row.next_at > work.at:
        return None
    row.attempts += 1
    row.next_at = work.at + (schedule.wait_after(row.attempts) or schedule.longest)
    return row


def note_sent(work: Work, row: Outgoing, sent: StrEnum) -> None:
    work.system_move(row, sent)
    row.sent_at, row.problem = work.at, None


def note_failed(work: Work, row: Outgoing, problem: str, schedule: Schedule, given_up: StrEnum) -> None:
    row.problem = problem
    if schedule.wait_after(row.attempts) is None:
        work.system_move(row, given_up)


def begin_anew(work: Work, row: Outgoing) -> None:
    """From the first attempt."""
    row.attempts, row.next_at = 0, work.at
