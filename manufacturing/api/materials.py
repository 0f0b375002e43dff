"""What can be done with lots of materials, declared once for pages and API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from kernel.documents.domain import KINDS, NO_EFFECTIVE_DOCUMENT
from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.material_kinds import MATERIALS
from manufacturing.domain.materials import LOT
from manufacturing.queries.lot_uses import stop_content
from manufacturing.queries.materials import approval_facts, get_lot, known_kinds, lot_content, receipt_content
from manufacturing.schemas.materials import AssessLotSchema, ReceiveLotSchema
from manufacturing.services.lot_stops import assess_lot
from manufacturing.services.materials import approve_lot, decide_lot_anew, recall_lot, receive_lot, reject_lot
from manufacturing.tables.materials import LotRow

LOTS = "/lots"
ONE = f"{LOTS}/<lot_id>"


def done(row: LotRow, message: str) -> Done:
    return Done(f"{LOTS}/{row.id}", message, {"id": row.id, "code": row.code, "status": row.status})


def kinds_to_choose(session: Session, viewer: Viewer) -> dict[str, Any]:
    kinds = known_kinds(session)
    choices = [(one.key, f"{viewer.speech.word(one.title)} ({one.unit})") for one in kinds.values()]
    missing = [] if kinds else [NO_EFFECTIVE_DOCUMENT(kind=KINDS[MATERIALS].title)]
    return {"initial": {"received_at": viewer.at}, "choices": {"material": sorted(choices)}, "refusals": missing}


@act(
    "lot.receive",
    f"{LOTS}/new",
    permission="lot:receive",
    title=N_("Receive a lot"),
    schema=ReceiveLotSchema,
    content=receipt_content,
    prepare=kinds_to_choose,
    signs=1,
    meaning=N_("I received this lot as written; package and label are intact."),
)
def receive(work: Work, **fields: Any) -> Done:
    return done(receive_lot(work, **fields), N_("Received into quarantine. Print its label and put it on now."))


def refused_now(action: str) -> Callable[..., dict[str, Any]]:
    """What the state of the lot, its expiry and the person say against this act."""

    def prepare(session: Session, viewer: Viewer, lot_id: str) -> dict[str, Any]:
        row = get_lot(session, lot_id)
        found = LOT.transition(action, row.status)
        if not hasattr(found, "guards"):
            return {"refusals": [found]}
        facts = approval_facts(session, row, viewer.actor.id, viewer.at)
        return {"refusals": [no for guard in found.guards if (no := guard(facts))]}

    return prepare


@act(
    "lot.approve",
    f"{ONE}/approve",
    permission="lot:approve",
    title=N_("Approve the lot"),
    content=lot_content,
    prepare=refused_now("approve"),
    signs=1,
    meaning=N_(
        "I compared this lot with its certificate, which I opened, and with the list of materials; it may be used."
    ),
)
def approve(work: Work, lot_id: str) -> Done:
    return done(approve_lot(work, lot_id), N_("Approved for use."))


@act(
    "lot.reject",
    f"{ONE}/reject",
    permission="lot:approve",
    title=N_("Reject the lot"),
    content=stop_content,
    prepare=refused_now("reject"),
    signs=1,
    needs_reason=True,
    meaning=N_("This lot may not be used, for the reason given."),
    danger=True,
)
def reject(work: Work, lot_id: str) -> Done:
    return done(reject_lot(work, lot_id), N_("Rejected. Every batch that used it and was not given is on hold."))


@act(
    "lot.recall",
    f"{ONE}/recall",
    permission="lot:recall",
    title=N_("Recall the lot"),
    content=stop_content,
    prepare=refused_now("recall"),
    signs=1,
    needs_reason=True,
    meaning=N_("This lot is called back, for the reason given."),
    danger=True,
)
def recall(work: Work, lot_id: str) -> Done:
    return done(recall_lot(work, lot_id), N_("Recalled. Every batch that used it and was not given is on hold."))


@act(
    "lot.decide_anew",
    f"{ONE}/decide-anew",
    permission="lot:approve",
    title=N_("Decide anew"),
    content=stop_content,
    prepare=refused_now("decide anew"),
    signs=1,
    needs_reason=True,
    meaning=N_("This lot may be used after all, for the reason given; the earlier decision stays on record."),
)
def decide_anew(work: Work, lot_id: str) -> Done:
    return done(decide_lot_anew(work, lot_id), N_("Approved by a new decision."))


@act(
    "lot.assess",
    f"{ONE}/assess",
    permission="lot:recall",
    title=N_("Assess the consequences"),
    schema=AssessLotSchema,
    content=stop_content,
    signs=1,
    meaning=N_("I assessed what this lot means for every batch that used it."),
)
def assess(work: Work, lot_id: str, **fields: Any) -> Done:
    return done(assess_lot(work, lot_id, **fields), N_("Assessed. Each hold is decided about by itself."))
