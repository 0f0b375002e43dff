"""The acts of a supply out of specification: ask, evaluate, agree, authorise, accept, withdraw, decline, notify."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from kernel.errors import Refused
from kernel.files.domain.refusals import FILE_NOT_LOOKED_THROUGH
from kernel.refusals import N_, Refusal
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from release.domain.decisions import DecisionKind
from release.domain.statements import STATEMENTS
from release.domain.supply import (
    NOTICE,
    SUPPLY,
    Hands,
    accepting_refusals,
    agreeing_refusals,
    authorising_refusals,
    evaluating_refusals,
    requesting_refusals,
)
from release.queries.deciding import trained_refusals
from release.queries.supply import (
    blocking_refusals,
    director_needed,
    hands_on,
    notice_content,
    physicians,
    request_content,
    scope_of,
    supply_content,
)
from release.queries.testing import get_record
from release.schemas.supply import (
    AcceptSchema,
    CopyAcceptanceSchema,
    CopyRequestSchema,
    EvaluateSchema,
    NoticeSchema,
    RequestSupplySchema,
)
from release.services.supply import (
    accept_supply,
    agree_to_risk,
    authorise_supply,
    copy_acceptance,
    copy_request,
    decline_supply,
    evaluate_risk,
    report_notice,
    request_supply,
    withdraw_supply,
)
from release.tables.supply import NoticeRow, SupplyRow

SUPPLIES = "/supplies"
ONE = SUPPLIES + "/<supply_id>"
OF_BATCH = "/batches/<batch_id>/supply"
TEMPLATE = "release/supply_act.html"
ANY = "release/supply_request.html"


def told(row: SupplyRow, message: str, status: int = 200) -> Done:
    return Done(f"{SUPPLIES}/{row.id}", message, {"id": row.id, "number": row.number, "status": row.status}, status)


def refuse_unseen(looked_through: bool) -> None:  # noqa: FBT001
    if not looked_through:
        raise Refused(FILE_NOT_LOOKED_THROUGH(field="looked_through"))


def people_rules(session: Session, row: SupplyRow) -> dict[str, Callable[[Hands], tuple[Refusal, ...]]]:
    needed, authorised = director_needed(session), row.authorised_at is not None
    return {
        "evaluate": evaluating_refusals,
        "agree": agreeing_refusals,
        "authorise": authorising_refusals,
        "accept": lambda hands: accepting_refusals(hands, director_needed=needed, authorised=authorised),
    }


def supply_act_refusals(session: Session, supply_id: str, action: str, viewer: Viewer) -> tuple[Refusal, ...]:
    """Why this person could not do it now; the answers of the form apart. A form that is copied asks on sending."""
    row = get_record(session, SupplyRow, supply_id)
    transition = SUPPLY.transition(action, row.status)
    if isinstance(transition, Refusal):
        return (transition,)
    rule = people_rules(session, row).get(action)
    hands = hands_on(session, row.batch_id, viewer.actor.id)
    blocking = blocking_refusals(session, row, viewer.at) if action in {"agree", "accept", "accept_on_paper"} else ()
    trained = action in {"evaluate", "agree"}
    lacking = trained_refusals(session, row.batch_id, viewer.actor.id, viewer.at) if trained else ()
    return (*(rule(hands) if rule else ()), *lacking, *blocking)


def before(action: str, *, choosing: bool = False) -> Any:
    def prepare(session: Session, viewer: Viewer, supply_id: str) -> dict[str, Any]:
        known = physicians(session) if choosing else []
        choices = {"informed_by": known, "physician": known} if choosing else {}
        return {
            "choices": choices,
            "verbatim": list(choices),
            "refusals": supply_act_refusals(session, supply_id, action, viewer),
        }

    return prepare


def before_requesting(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
    hands = hands_on(session, batch_id, viewer.actor.id)
    return {"refusals": requesting_refusals(scope_of(session, batch_id), hands, viewer.at)}


def before_copying(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
    """Whether the route is open; the physician is known only from the form."""
    refusals = requesting_refusals(scope_of(session, batch_id), Hands(signer=""), viewer.at)
    return {"choices": {"physician": physicians(session)}, "verbatim": ["physician"], "refusals": refusals}


@act(
    "oos_supply.request",
    OF_BATCH + "/request",
    permission="oos_supply:request",
    title=N_("Request a supply out of specification"),
    schema=RequestSupplySchema,
    content=request_content,
    prepare=before_requesting,
    signs=1,
    meaning=N_("I treat this patient and ask for this product, knowing that it does not meet its specification."),
    template=ANY,
)
def request(work: Work, batch_id: str, **words: str) -> Done:
    return told(request_supply(work, batch_id, **words), N_("Requested. QA evaluates the risk now."), 201)


@act(
    "oos_supply.request_on_paper",
    OF_BATCH + "/request-on-paper",
    permission="oos_supply:copy",
    title=N_("Enter a signed request"),
    schema=CopyRequestSchema,
    content=request_content,
    prepare=before_copying,
    signs=2,
    second_permission="oos_supply:compare",
    meaning=N_("I copied the form that the physician signed; the second person compared the copy with it."),
    template=ANY,
    takes_file=True,
)
def request_on_paper(work: Work, batch_id: str, *, looked_through: bool, **given: Any) -> Done:
    refuse_unseen(looked_through)
    return told(copy_request(work, batch_id, **given), N_("Requested. QA evaluates the risk now."), 201)


@act(
    "oos_supply.evaluate",
    ONE + "/evaluate",
    permission="oos_supply:evaluate",
    title=N_("Evaluate the risk"),
    schema=EvaluateSchema,
    content=supply_content,
    prepare=before("evaluate"),
    signs=1,
    meaning=N_("I evaluated for the manufacturer what this product, as it is, risks for this patient."),
    template=TEMPLATE,
    takes_file=True,
)
def evaluate(work: Work, supply_id: str, *, looked_through: bool, **given: Any) -> Done:
    refuse_unseen(looked_through)
    return told(
        evaluate_risk(work, supply_id, **given), N_("Evaluated. The QP reads it and gives it to the physician.")
    )


@act(
    "oos_supply.agree",
    ONE + "/agree",
    permission="oos_supply:agree",
    title=N_("Agree to the evaluation and give it to the physician"),
    content=supply_content,
    prepare=before("agree"),
    signs=1,
    meaning=N_(
        "I agree to the risk evaluation and give it to the physician. I do not certify this batch: it does not meet its "
        "specification, and it is supplied at the physician's request only."
    ),
    template=TEMPLATE,
)
def agree(work: Work, supply_id: str) -> Done:
    return told(agree_to_risk(work, supply_id), N_("Given to the physician, who accepts or withdraws."))


@act(
    "oos_supply.authorise",
    ONE + "/authorise",
    permission="oos_supply:authorise",
    title=N_("Authorise as director"),
    content=supply_content,
    prepare=before("authorise"),
    signs=1,
    meaning=N_("As director of the processing facility or medical director I authorise this supply."),
    template=TEMPLATE,
)
def authorise(work: Work, supply_id: str) -> Done:
    return told(authorise_supply(work, supply_id), N_("Authorised."))


@act(
    "oos_supply.accept",
    ONE + "/accept",
    permission="oos_supply:accept",
    title=N_("Accept the product as it is"),
    schema=AcceptSchema,
    content=supply_content,
    prepare=before("accept", choosing=True),
    signs=1,
    meaning=STATEMENTS[DecisionKind.OOS_SUPPLY],
    template=TEMPLATE,
    danger=True,
)
def accept(work: Work, supply_id: str, **given: Any) -> Done:
    return told(accept_supply(work, supply_id, **given), ACCEPTED)


@act(
    "oos_supply.accept_on_paper",
    ONE + "/accept-on-paper",
    permission="oos_supply:copy",
    title=N_("Enter a signed acceptance"),
    schema=CopyAcceptanceSchema,
    content=supply_content,
    prepare=before("accept_on_paper", choosing=True),
    signs=2,
    second_permission="oos_supply:compare",
    meaning=N_("I copied the form that the physician signed; the second person compared the copy with it."),
    template=TEMPLATE,
    takes_file=True,
    danger=True,
)
def accept_on_paper(work: Work, supply_id: str, *, looked_through: bool, **given: Any) -> Done:
    refuse_unseen(looked_through)
    return told(copy_acceptance(work, supply_id, **given), ACCEPTED)


ACCEPTED = N_("Accepted. The sponsor is notified; the pharmacy may dispense it as out of specification.")


@act(
    "oos_supply.withdraw",
    ONE + "/withdraw",
    permission="oos_supply:withdraw",
    title=N_("Withdraw the request"),
    content=supply_content,
    prepare=before("withdraw"),
    signs=1,
    needs_reason=True,
    meaning=N_("I withdraw the request. What was not given is blocked."),
    template=TEMPLATE,
    danger=True,
)
def withdraw(work: Work, supply_id: str) -> Done:
    return told(withdraw_supply(work, supply_id), N_("Withdrawn. Nothing may be dispensed under it."))


@act(
    "oos_supply.decline",
    ONE + "/decline",
    permission="oos_supply:decline",
    title=N_("Decline the supply"),
    content=supply_content,
    prepare=before("decline"),
    signs=1,
    needs_reason=True,
    meaning=N_("The manufacturer does not supply this product. What was not given is blocked."),
    template=TEMPLATE,
    danger=True,
)
def decline(work: Work, supply_id: str) -> Done:
    return told(decline_supply(work, supply_id), N_("Declined. Nothing may be dispensed under it."))


def before_reporting(session: Session, _viewer: Viewer, notice_id: str) -> dict[str, Any]:
    transition = NOTICE.transition("report", get_record(session, NoticeRow, notice_id).status)
    return {"refusals": (transition,) if isinstance(transition, Refusal) else ()}


@act(
    "oos_supply.notify",
    "/supply-notices/<notice_id>/report",
    permission="oos_supply:notify",
    title=N_("Record the notification"),
    schema=NoticeSchema,
    content=notice_content,
    prepare=before_reporting,
    signs=1,
    meaning=N_("The sponsor knows of this supply; the authority named here was told of it, with the risk evaluation."),
    template=TEMPLATE,
)
def notify(work: Work, notice_id: str, *, reference: str) -> Done:
    row = report_notice(work, notice_id, reference=reference)
    body = {"id": row.id, "recipient": row.recipient, "status": row.status, "reference": row.reference}
    return Done(f"{SUPPLIES}/{row.supply_id}", N_("Recorded."), body)
