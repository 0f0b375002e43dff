"""Receivers are entered by one person and approved by another; a message to one is sent once, or tried again."""

from __future__ import annotations

from datetime import timedelta

from kernel.errors import Refused, refuse_any
from kernel.outbox.services import begin_anew, begin_attempt, note_failed, note_sent
from kernel.refusals import DUPLICATE_ID, N_
from kernel.work import Work
from release.domain.receivers import (
    RECEIVER,
    RECEIVER_CLOSED,
    SCHEDULE,
    WEBHOOK,
    ApprovalFacts,
    ReceiverStatus,
    WebhookStatus,
    receiver_refusals,
    secret_text,
)
from release.ports import hosts_inside, receiver_secret
from release.queries.receivers import keys_in_force, receiver_by_code, receiver_content, webhook_content
from release.queries.testing import get_record
from release.services.counting import tell_standing
from release.tables.receivers import ReceiverKeyRow, ReceiverRow, WebhookRow


def enter_receiver(work: Work, *, code: str, title: str, url: str) -> tuple[ReceiverRow, ReceiverKeyRow, str]:
    """With its first key, whose secret is the last of the answer. Nothing is sent before it is approved."""
    work.require("receiver:manage")
    work.confirm({})
    url = url.strip()
    refusals = list(receiver_refusals(code=code, url=url, inside=hosts_inside()))
    if receiver_by_code(work.session, code) is not None:
        refusals.append(DUPLICATE_ID(name=N_("Code of the receiver"), value=code, field="code"))
    refuse_any(refusals)
    row = ReceiverRow(code=code, title=title.strip(), url=url, requested_by=work.signer().id, requested_at=work.at)
    work.add(row)
    work.sign(row, "receiver entered")
    return row, *_new_key(work, row)


def _new_key(work: Work, receiver: ReceiverRow) -> tuple[ReceiverKeyRow, str]:
    key = work.add(ReceiverKeyRow(receiver_id=receiver.id, made_by=work.signer().id, made_at=work.at))
    return key, secret_text(receiver_secret(key.id))


def approve_receiver(work: Work, receiver_id: str) -> ReceiverRow:
    """From now on it is told; the first message says how the count stands."""
    row = _open_row(work, receiver_id)
    refuse_any(receiver_refusals(code=row.code, url=row.url, inside=hosts_inside()))
    work.move(row, RECEIVER, "approve", ApprovalFacts(row.requested_by, work.signer().id))
    row.approved_by, row.approved_at = work.signer().id, work.at
    tell_standing(work, row)
    return row


def renew_key(work: Work, receiver_id: str, *, overlap_hours: int) -> tuple[ReceiverRow, ReceiverKeyRow, str]:
    """Messages are signed with the older keys too for so many hours; with 0 they count no more at once."""
    work.require("receiver:manage")
    row = _open_row(work, receiver_id)
    for older in keys_in_force(work.session, receiver_id, work.at):
        ends = work.at + timedelta(hours=overlap_hours)
        locked = work.lock(ReceiverKeyRow, older.id)
        locked.ends_at = ends if locked.ends_at is None else min(locked.ends_at, ends)
    work.sign(row, "key of the receiver renewed")
    return row, *_new_key(work, row)


def close_receiver(work: Work, receiver_id: str) -> ReceiverRow:
    """For good; what waits for it is not sent any more."""
    row = _open_row(work, receiver_id)
    work.move(row, RECEIVER, "close")
    row.closed_at = work.at
    return row


def _open_row(work: Work, receiver_id: str) -> ReceiverRow:
    get_record(work.session, ReceiverRow, receiver_id)
    row = work.lock(ReceiverRow, receiver_id)
    work.confirm(receiver_content(work.session, receiver_id))
    if row.status == ReceiverStatus.CLOSED:
        raise Refused(RECEIVER_CLOSED(receiver=row.code))
    return row


def begin_webhook(work: Work, webhook_id: str) -> WebhookRow | None:
    """Claim it; what waits for a closed receiver is cancelled."""
    receiver = work.lock(ReceiverRow, get_record(work.session, WebhookRow, webhook_id).receiver_id)
    row = begin_attempt(work, WebhookRow, webhook_id, SCHEDULE)
    if row is not None and receiver.status == ReceiverStatus.CLOSED:
        work.system_move(row, WebhookStatus.CANCELLED)
        return None
    return row


def webhook_sent(work: Work, webhook_id: str) -> None:
    note_sent(work, work.lock(WebhookRow, webhook_id), WebhookStatus.SENT)


def webhook_failed(work: Work, webhook_id: str, problem: str) -> None:
    note_failed(work, work.lock(WebhookRow, webhook_id), problem, SCHEDULE, WebhookStatus.GIVEN_UP)


def send_webhook_again(work: Work, webhook_id: str) -> WebhookRow:
    """With the same id, so that a receiver which has it already does nothing twice."""
    receiver = work.lock(ReceiverRow, get_record(work.session, WebhookRow, webhook_id).receiver_id)
    row = work.lock(WebhookRow, webhook_id)
    work.confirm(webhook_content(work.session, webhook_id))
    if receiver.status == ReceiverStatus.CLOSED:
        raise Refused(RECEIVER_CLOSED(receiver=receiver.code))
    work.move(row, WEBHOOK, "send_again")
    begin_anew(work, row)
    return row
