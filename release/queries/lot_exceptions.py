"""What was not normal about the lots in a batch: stopped since, entered late, corrected (AT-EXC)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.words import Fact, phrase
from manufacturing.domain.materials import STOPPED
from manufacturing.queries.history import corrections_of, links_of
from manufacturing.queries.lot_uses import Used, used_in_batch
from manufacturing.queries.materials import decisions_of_lot
from manufacturing.tables.batches import BatchRow


def lot_exceptions(session: Session, batch: BatchRow, people: dict[str, str]) -> Iterator[dict[str, Any]]:
    used = used_in_batch(session, batch.id)
    yield from stopped_lots(session, used, people)
    changes = corrections_of(links_of(session, [one.use.id for one in used])) if used else {}
    for one in used:
        what = f"{one.lot.code} " + one.kind.title
        if one.use.late_reason:
            who = people.get(one.use.recorded_by, one.use.recorded_by)
            yield line(N_("late entry"), what, who, one.use.recorded_at, one.use.late_reason)
        for change in changes.get(one.use.id, ()):
            text = what + f": {change.old} → {change.new} {one.lot.unit}"
            yield line(N_("corrected value"), text, change.who, change.at, change.why)


def stopped_lots(session: Session, used: list[Used], people: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Each stopped lot once, with the decision that stopped it."""
    for one in {one.lot.id: one for one in used if one.decided in STOPPED}.values():
        newest = decisions_of_lot(session, one.lot.id)[-1]
        who = people.get(newest.decided_by, newest.decided_by)
        what = phrase(f"{one.lot.code} " + one.kind.title, newest.status)
        yield line(N_("stopped lot"), what, who, newest.decided_at, newest.reason)


def line(kind: str, what: Fact, who: str | None, at: Any, why: str | None) -> dict[str, Any]:
    return {"kind": kind, "what": what, "who": who, "at": at, "why": why}
