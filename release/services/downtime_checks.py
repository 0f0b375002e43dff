"""The check of the day that a physician signed on paper becomes a check of its order (DSP-DOWN, DSP-ELIG-1).

It is judged by the protocol version of its own time. With nothing against it, it allows what was dispensed after it, on
paper and on the screen; with something against it, it is on record and allows nothing. A criterion that was not met counts
either way.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from kernel.accounts.queries import active_roles
from kernel.documents.queries import effective_at
from kernel.errors import refuse_any
from kernel.files.domain.refusals import Upload
from kernel.permissions import allows
from kernel.refusals import N_, Refusal
from kernel.work import Work
from manufacturing.domain.expiry import local_day, local_text
from manufacturing.domain.protocol import PROTOCOL
from manufacturing.queries.trial import get_protocol
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.decisions import ORDER, OrderStatus
from release.domain.downtime import (
    CHECK_ENTERED,
    EntryKind,
    PaperFacts,
    distinct,
    late_check_refusals,
    paper_conflicts,
)
from release.domain.eligibility import ELIGIBILITY_FAILED, contradicting_refusals, implausible_refusals
from release.queries.dispensing import dispensing_of_order
from release.queries.downtime import listed_on
from release.queries.orders import (
    OPEN,
    checks_of,
    checks_on_paper,
    dispensed_order_on,
    eligibility_settings,
    latest_eligibility,
    open_order_on,
)
from release.services.downtime_entries import NEEDED, order_on_paper
from release.services.downtime_sheets import Sheet, begun, entered_sheet, named_subject, sheet_refusals
from release.services.orders import judged_check
from release.tables.dispensing import EligibilityRow, OrderRow
from release.tables.downtime import DowntimeEntryRow, DowntimeKitRow

WRITES = "eligibility:write"


def enter_check(
    work: Work, kit_id: str, *, subject_code: str, checked_at: datetime, performed_by: str, file: Upload, **given: Any
) -> DowntimeEntryRow:
    """``given``: the answers; and the order as it stands on paper, wanted where NKTrace has none of that day."""
    work.require(WRITES)
    subject = named_subject(work, subject_code)
    work.lock(TrialRow, subject.trial_id)  # the number of a new order
    work.lock(SubjectRow, subject.id)
    kit = begun(work, kit_id)
    sheet = Sheet(kind=EntryKind.CHECK, at=checked_at, subject_code=subject.code, performed_by=performed_by, file=file)
    ordered = {name: given.pop(name, None) for name in NEEDED}
    refuse_any(sheet_refusals(work, kit, sheet, "checked_at", N_("Examined at")))
    document = effective_at(work.session, PROTOCOL, checked_at)
    settings = eligibility_settings(get_protocol(work.session, document.id))
    refuse_any((*implausible_refusals(given, settings), *contradicting_refusals(given)))
    order = order_of_day(work, subject, sheet, ordered)
    dispensing = dispensing_of_order(work.session, order.id)
    refuse_any(entered_before(work, order, checked_at))
    refuse_any(late_check_refusals(order.number, checked_at, dispensing.dispensed_at if dispensing else None))
    row, found = judged_check(work, order, given, document, by=performed_by, at=checked_at)
    against = tuple(one for one in found if dispensing or one.code != ELIGIBILITY_FAILED.code)
    work.add(row)
    work.content = {**work.content, "order": order.number, "answers": given, "failed": json.loads(row.failed)}
    conflicts = distinct([*against, *paper_conflicts(paper_facts(work, kit, sheet))])
    entry = entered_sheet(work, kit, sheet, row, order, conflicts, dispensing)
    settle(work, order, row)
    return entry


def entered_before(work: Work, order: OrderRow, at: datetime) -> tuple[Refusal, ...]:
    paper = checks_on_paper(work.session, order.id)
    same = any(one.id in paper and one.checked_at == at for one in checks_of(work.session, order.id))
    return (CHECK_ENTERED(field="checked_at", at=local_text(at), order=order.number),) if same else ()


def order_of_day(work: Work, subject: SubjectRow, sheet: Sheet, ordered: dict[str, Any]) -> OrderRow:
    """The order that the check was for: still open, or dispensed by it; else the one on paper."""
    day = local_day(sheet.at)
    known = open_order_on(work.session, subject.id, day) or dispensed_order_on(work.session, subject.id, day)
    return work.lock(OrderRow, known.id) if known else order_on_paper(work, subject, sheet, ordered)


def paper_facts(work: Work, kit: DowntimeKitRow, sheet: Sheet) -> PaperFacts:
    """Of a check: it names no container, and one physician signed it, who had to be one at that time."""
    return PaperFacts(
        kit=kit.number,
        valid_until=kit.valid_until,
        listed=listed_on(kit),
        container=None,
        happened_at=sheet.at,
        performed_by=sheet.performed_by,
        second_person=None,
        signers=frozenset(one.id for one in work.signers),
        permitted=allows(WRITES, active_roles(work.session, sheet.performed_by, sheet.at)),
    )


def settle(work: Work, order: OrderRow, row: EligibilityRow) -> None:
    """An open order follows its newest check that counts, on paper or on the screen."""
    newest = latest_eligibility(work.session, order.id)
    if order.status not in OPEN or newest is None or newest.id != row.id:
        return
    if not json.loads(row.failed):
        work.move(order, ORDER, "confirm_on_paper")
    elif order.status == OrderStatus.ELIGIBLE:
        work.system_move(order, OrderStatus.ORDERED)
