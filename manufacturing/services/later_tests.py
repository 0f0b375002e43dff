"""Entering a later test of a donor; a reactive one holds everything made of the leukapheresis (TC-17-II.2.8)."""

from __future__ import annotations

from datetime import date
from typing import Any

from kernel.errors import refuse_any
from kernel.refusals import N_
from kernel.work import Work
from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.expiry import local_day
from manufacturing.domain.holds import HoldCause
from manufacturing.domain.later_tests import entry_refusals, is_reactive
from manufacturing.queries.later_tests import later_content
from manufacturing.services.collections import ready
from manufacturing.services.holds import set_hold
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.later_tests import LaterTestRow

RECEIVED = frozenset(CollectionStatus) - {CollectionStatus.PLANNED}


def enter_later_test(work: Work, collection_id: str, *, test: str, sampled_on: date, **found: Any) -> LaterTestRow:
    """``found``: results for HIV, HBV and HCV, and where they come from."""
    work.require("donor:record")
    row = work.lock(CollectionRow, collection_id)
    work.confirm(later_content(work.session, collection_id))
    ready(row, "enter a later test of the donor of", *RECEIVED)
    donated_on = None if row.started_at is None else local_day(row.started_at)
    refuse_any(entry_refusals(test, sampled_on, donated_on, local_day(work.at)))
    entered = work.add(
        LaterTestRow(
            collection_id=row.id,
            test=test,
            sampled_on=sampled_on,
            entered_at=work.at,
            entered_by=work.signer().id,
            **found,
        )
    )
    work.sign(entered, "later donor test entered")
    if is_reactive(found["hiv"], found["hbv"], found["hcv"]):
        reason = N_("A later test of the donor is reactive.")
        set_hold(work, "collection", row.id, cause=HoldCause.DONOR, reason=reason)
    return entered
