"""Stopping is easy, restarting is hard: what can be done about holds, declared once for pages and API."""

from __future__ import annotations

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.work import Work
from manufacturing.domain.holds import HoldScope
from manufacturing.queries.holds import held_content, hold_content
from manufacturing.services.holds import lift_hold, lift_safety_hold, place_hold
from manufacturing.tables.trial import HoldRow

HOLDS = "/holds"


def page_of(scope: str, record_id: str) -> str:
    """Where the held record is looked at."""
    pages = {
        HoldScope.CONTAINER: "/containers",
        HoldScope.BATCH: "/batches",
        HoldScope.COLLECTION: "/collections",
        HoldScope.SUBJECT: "/subjects",
    }
    return f"{pages[HoldScope(scope)]}/{record_id}" if scope in pages else "/subjects"


def done(row: HoldRow, message: str) -> Done:
    return Done(page_of(row.scope, row.record_id), message, {"id": row.id, "scope": row.scope})


@act(
    "hold.set",
    f"{HOLDS}/<scope>/<record_id>/new",
    permission="hold:set",
    title=N_("Put on hold"),
    content=held_content,
    signs=1,
    needs_reason=True,
    meaning=N_("Nothing happens with this until the QP decides."),
    danger=True,
)
def put(work: Work, scope: str, record_id: str) -> Done:
    return done(place_hold(work, scope, record_id), N_("On hold."))


@act(
    "hold.lift",
    f"{HOLDS}/<hold_id>/lift",
    permission="hold:lift",
    title=N_("Lift the hold"),
    content=hold_content,
    signs=1,
    needs_reason=True,
    meaning=N_("The cause of this hold is settled; other holds stay."),
)
def lift(work: Work, hold_id: str) -> Done:
    return done(lift_hold(work, hold_id), N_("The hold is lifted."))


@act(
    "hold.lift_safety",
    f"{HOLDS}/<hold_id>/lift-safety",
    permission="hold:lift_safety",
    title=N_("Lift the safety hold of the trial"),
    content=hold_content,
    signs=1,
    needs_reason=True,
    meaning=N_("The sponsor decided, with the decision document named as reason, that the trial goes on."),
)
def lift_safety(work: Work, hold_id: str) -> Done:
    return done(lift_safety_hold(work, hold_id), N_("The hold is lifted."))
