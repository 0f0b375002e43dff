"""Scan, dispense, cancel, hand over. Every verdict is decided afresh; the second look is taken under the lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel.canonical import canonical
from kernel.errors import Refused, refuse_any
from kernel.files.domain.refusals import Upload
from kernel.refusals import N_, Refusal
from kernel.segregation import another_person
from kernel.training.services import untrained
from kernel.work import Work
from labels.photos import label_in_photo
from labels.queries.label_keys import keys_in_force
from manufacturing.domain.expiry import local_text
from manufacturing.tables.batches import ContainerRow
from release.domain.decisions import ORDER, Verdict
from release.domain.dispensing import ALLOWING, GUARDS_OF, decide
from release.domain.dispensing_refusals import (
    ALREADY_DISPENSED,
    DECISION_EXPIRED,
    SOD_DISPENSE,
)
from release.domain.procedures import DISPENSING
from release.domain.results import Outcome
from release.domain.scan_facts import VALID_FOR, ScanDecision
from release.domain.separation import dispensing_pair_refusals
from release.domain.supply_refusals import OOS_NOT_ACKNOWLEDGED
from release.queries.dispense_contents import dispense_content, dispensing_content
from release.queries.dispensing import (
    PHARMACY,
    get_dispensing,
    get_scan,
)
from release.queries.exposure import find_dispensing
from release.queries.scanning import Scanned, scanned
from release.queries.separation import certifiers_of
from release.queries.standing import again
from release.services.locking import lock_chain
from release.tables.dispensing import DispensingRow, OrderRow, ScanRow

SCANNED = ("label_code", "subject_code")  # it may be anything
TYPED_BY = ("number typed from the label", "subject code typed from its paper")


@dataclass(frozen=True)
class ScanAnswer:
    """The stored scan with its decision, and what the page needs beside it."""

    row: ScanRow
    decision: ScanDecision
    found: Scanned

    @property
    def usable_until(self) -> datetime | None:
        """Until when it can be dispensed (pharmacy) or started (bedside)."""
        facts = self.found.facts.container
        if facts is None or facts.expires_at is None or facts.margin is None:
            return None
        return facts.expires_at - facts.margin if self.row.place == PHARMACY else facts.expires_at

    @property
    def minutes_left(self) -> int | None:
        until = self.usable_until
        return None if until is None else max(0, int((until - self.row.scanned_at).total_seconds() // 60))


def scan_container(
    work: Work,
    *,
    label_code: str,
    subject_code: str,
    nonce: str,
    place: str,
    second_person: bool = False,
    photo: Upload | None = None,
    camera: bool = False,
) -> ScanAnswer:
    """One fresh verdict, stored with all its reasons. What was scanned is not kept, only what it led to.

    ``photo``: of the label, instead of its code; ``camera``: the code was read off a live picture. Where two people typed
    what no scanner reads, both sign that they did.
    """
    work.require("container:scan")
    work.confirm({})
    work.submitted = {name: value for name, value in work.submitted.items() if name not in SCANNED}
    found = scanned(
        work.database,
        work.session,
        keys_in_force(work.session),
        label_code=label_code if photo is None else label_in_photo(photo.body),
        subject_code=subject_code,
        place=place,
        now=work.at,
        second_person=second_person,
    )
    decision = decide(found.facts, work.at, GUARDS_OF[place])
    row = work.add(
        ScanRow(
            container_id=found.container.id if found.container else None,
            order_id=found.order.id if found.order else None,
            label_id=found.label.id if found.label else None,
            place=place,
            verdict=decision.verdict,
            reasons=canonical([{"code": one.code, "facts": dict(one.facts)} for one in decision.refusals]),
            nonce=nonce,
            typed=found.facts.typed,
            camera=camera or photo is not None,
            scanned_by=work.actor.id,
            scanned_at=work.at,
            valid_until=work.at + VALID_FOR,
        )
    )
    for hand in range(len(work.signers)):
        work.sign(row, TYPED_BY[hand], hand)
    return ScanAnswer(row, decision, found)


def dispense(work: Work, scan_id: str, *, oos_acknowledged: bool = False) -> DispensingRow:
    """All guards again under the lock; the scan only tells which codes were read, by whom and when.

    Out of specification it takes the pharmacist's explicit word on it, and that the scan said so (ATMP-11.5-LABEL).
    """
    work.require("container:dispense")
    scan = get_scan(work.session, scan_id)
    if scan.container_id is None:
        raise Refused(DECISION_EXPIRED(why=scan.verdict))
    container = lock_chain(work, scan.container_id)
    refuse_any(already_dispensed(work.session, container))
    refuse_any(scan_refusals(scan, work.actor.id, work.at))
    found = again(work.database, work.session, scan, work.at)
    decision = decide(found.facts, work.at, GUARDS_OF[PHARMACY])
    refuse_any(decision.refusals)
    if decision.verdict != scan.verdict or found.order is None or found.order.id != scan.order_id:
        raise Refused(DECISION_EXPIRED(why=decision.verdict))
    order = work.lock(OrderRow, found.order.id)
    work.confirm(dispense_content(work.session, scan_id))
    unsaid = decision.verdict is Verdict.ALLOW_OOS and not oos_acknowledged
    refuse_any(
        [
            *((OOS_NOT_ACKNOWLEDGED(field="oos_acknowledged"),) if unsaid else ()),
            *second_check_refusals(work, container.batch_id),
            *untrained(work, DISPENSING, *work.signers),
        ]
    )
    row = enter(work, scan, container, pending=any_pending(found))
    order.container_id = container.id
    work.move(order, ORDER, "dispense")
    work.sign(row, "dispensed", 0)
    work.sign(row, "second check", 1)
    return row


def any_pending(found: Scanned) -> bool:
    container = found.facts.container
    return container is not None and any(one.outcome is Outcome.PENDING for one in container.verdicts)


def enter(work: Work, scan: ScanRow, container: ContainerRow, *, pending: bool) -> DispensingRow:
    """The unique index is the last line behind lock and question (hazard 27)."""
    code = container.code
    row = DispensingRow(
        container_id=container.id,
        order_id=scan.order_id,
        scan_id=scan.id,
        label_id=scan.label_id,
        dispensed_by=work.signer(0).id,
        checked_by=work.signer(1).id,
        dispensed_at=work.at,
        conditional=scan.verdict == Verdict.ALLOW_CONDITIONAL or (scan.verdict == Verdict.ALLOW_OOS and pending),
        out_of_specification=scan.verdict == Verdict.ALLOW_OOS,
    )
    try:
        return work.add(row)
    except IntegrityError:
        raise Refused(ALREADY_DISPENSED(container=code, at=local_text(work.at))) from None


def already_dispensed(session: Session, container: ContainerRow) -> tuple[Refusal, ...]:
    """A terminal state outranks everything else that could be said (decision 25)."""
    found = find_dispensing(session, container.id)
    return (ALREADY_DISPENSED(container=container.code, at=local_text(found.dispensed_at)),) if found else ()


def scan_refusals(scan: ScanRow, person_id: str, now: datetime) -> tuple[Refusal, ...]:
    """Pre-scanning is no ticket: sixty seconds, the same person, an allowing verdict of the pharmacy (hazard 3)."""
    problems = (
        (scan.place != PHARMACY, scan.place),
        (scan.verdict not in ALLOWING.values(), scan.verdict),
        (scan.scanned_by != person_id, N_("scanned by another person")),
        (not scan.scanned_at <= now <= scan.valid_until, N_("older than 60 seconds")),
    )
    return tuple(DECISION_EXPIRED(why=why) for wrong, why in problems if wrong)[:1]


def second_check_refusals(work: Work, batch_id: str) -> tuple[Refusal, ...]:
    """S7: another person, with the right to check. S12: not both of those present certified the batch."""
    first, second = work.signer(0), work.signer(1)
    work.require("container:check", second)
    certifiers = certifiers_of(work.session, batch_id)
    alone = dispensing_pair_refusals([{first.id, second.id}], certifiers)
    return (*another_person(second.id, [first.id], SOD_DISPENSE), *alone)


def cancel_dispensing(work: Work, dispensing_id: str) -> DispensingRow:
    """Before the hand-over, seen in the pharmacy by two people; the order ends, the container is free (decision 36)."""
    work.require("container:dispense")
    container = lock_chain(work, get_dispensing(work.session, dispensing_id).container_id)
    row = work.lock(DispensingRow, dispensing_id)
    order = work.lock(OrderRow, row.order_id)
    work.confirm(dispensing_content(work.session, dispensing_id))
    refuse_any(second_check_refusals(work, container.batch_id))
    work.move(order, ORDER, "cancel_dispensing")
    order.end_reason = work.reason
    row.cancelled_at, row.cancel_reason = work.at, work.reason
    row.cancelled_by, row.cancel_checked_by = work.signer(0).id, work.signer(1).id
    work.sign(row, "dispensing cancelled", 0)
    work.sign(row, "container seen in the pharmacy", 1)
    return row
