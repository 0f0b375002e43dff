"""Write a message with what it tells, and note what became of it. What is a new record somewhere is heard here."""

from __future__ import annotations

from kernel.canonical import canonical
from kernel.outbox.services import begin_anew, begin_attempt, note_failed, note_sent
from kernel.refusals import N_
from kernel.upkeep.domain import Worry
from kernel.upkeep.queries import worries_now
from kernel.upkeep.tables import UpkeepRunRow
from kernel.work import Work
from manufacturing.queries.batches import get_batch
from manufacturing.tables.lookbacks import LookbackNoticeRow, LookbackRow
from release.domain.decisions import DecisionKind
from release.domain.duties import Duty
from release.domain.messages import MESSAGE, SCHEDULE, MessageStatus
from release.domain.supply import Recipient
from release.ports import mail_is_sent
from release.queries.messages import message_content
from release.queries.testing import get_record
from release.tables.decisions import DecisionRow
from release.tables.messages import MessageRow
from release.tables.recalls import RecallNoticeRow, RecallRow
from release.tables.supply import NoticeRow, SupplyRow

NO_ADDRESS = N_("no e-mail address is on the list for this duty")


def tell(work: Work, duty: Duty, record: str, sentence: str, location: str, **facts: str) -> None:
    """Nothing is written where no mail server is configured: then the Work page alone tells it."""
    if not mail_is_sent():
        return
    work.add(
        MessageRow(
            duty=duty,
            record=record,
            sentence=sentence,
            facts=canonical(facts),
            location=location,
            written_at=work.at,
            next_at=work.at,
        )
    )


def tell_late_result(work: Work, row: DecisionRow) -> None:
    """Physician, QP and sponsor, in the transaction that took the product out of use (QC-LATE-OOS)."""
    if row.kind != DecisionKind.LATE_OOS:
        return
    batch = get_batch(work.session, row.batch_id)
    words = N_("A late result is out of specification. Acknowledge it: %(what)s")
    for duty in (Duty.PHYSICIAN, Duty.QP, Duty.SPONSOR):
        tell(work, duty, batch.number, words, f"/batches/{batch.id}/release", what=row.reason or "")


def tell_lookback(work: Work, row: LookbackNoticeRow) -> None:
    lookback = get_record(work.session, LookbackRow, row.lookback_id)
    words = N_("A look-back of the donor was opened. Acknowledge it.")
    tell(work, Duty(row.audience), lookback.number, words, f"/lookbacks/{lookback.id}")


def tell_recall(work: Work, row: RecallNoticeRow) -> None:
    """A drill goes to nobody's mail."""
    recall = get_record(work.session, RecallRow, row.recall_id)
    if not recall.drill:
        words = N_("A recall was opened (%(source)s). Confirm that you know.")
        tell(work, Duty(row.duty), recall.number, words, f"/recalls/{recall.id}", source=recall.record)


def tell_supply(work: Work, row: SupplyRow) -> None:
    batch = get_batch(work.session, row.batch_id)
    words = N_("The physician asks for supply out of specification of batch %(batch)s. Evaluate the risk.")
    for duty in (Duty.QA, Duty.QP):
        tell(work, duty, row.number, words, f"/supplies/{row.id}", batch=batch.number)


def tell_notice(work: Work, row: NoticeRow) -> None:
    """The sponsor at once; that an authority waits for its notice, too (11.54)."""
    supply = get_record(work.session, SupplyRow, row.supply_id)
    told = {
        Recipient.SPONSOR: N_("A product out of specification is supplied. Acknowledge it."),
        Recipient.IGJ: N_("A product out of specification is supplied: notify the inspectorate (IGJ)."),
        Recipient.CCMO: N_("A product out of specification is supplied: notify the ethics committee (CCMO)."),
    }
    tell(work, Duty.SPONSOR, supply.number, told[Recipient(row.recipient)], f"/supplies/{supply.id}")


def tell_upkeep(work: Work, row: UpkeepRunRow) -> None:
    """QA, when a run found faults, and with each run while no good backup is new enough."""
    record, place = row.kind.replace("_", " "), "/administration/integrity"
    if row.faults:
        words = N_("A check of the records or of a backup found %(count)s faults. Look at once.")
        tell(work, Duty.QA, record, words, place, count=str(row.faults))
    elif Worry.BACKUP_MISSED in worries_now(work.session, work.at):
        tell(work, Duty.QA, record, N_("No good backup is as new as the rules want it."), place)


def begin_message(work: Work, message_id: str) -> MessageRow | None:
    return begin_attempt(work, MessageRow, message_id, SCHEDULE)


def message_sent(work: Work, message_id: str, receivers: int) -> None:
    row = work.lock(MessageRow, message_id)
    note_sent(work, row, MessageStatus.SENT)
    row.receivers = receivers


def message_failed(work: Work, message_id: str, problem: str) -> None:
    """``problem``: what the server said, without any address."""
    note_failed(work, work.lock(MessageRow, message_id), problem, SCHEDULE, MessageStatus.GIVEN_UP)


def send_again(work: Work, message_id: str) -> MessageRow:
    """A message that was given up is tried anew, from the first attempt."""
    get_record(work.session, MessageRow, message_id)
    row = work.lock(MessageRow, message_id)
    work.confirm(message_content(work.session, message_id))
    work.move(row, MESSAGE, "send_again")
    begin_anew(work, row)
    return row
