"""Scan, dispense, cancel, hand over: the verdict is always an answer of its own and never replayed (decision 25)."""

from __future__ import annotations

import secrets
from typing import Any

from flask import g
from marshmallow import Schema
from sqlalchemy.orm import Session

from kernel.canonical import digest
from kernel.refusals import N_, Refusal
from kernel.web.acting import needs_login
from kernel.web.opened import kept
from kernel.web.registry import Done, Empty, act
from kernel.web.site import Viewer
from kernel.work import Work
from labels.domain.scanners import scanner_warnings
from labels.queries.scanners import scanner_facts
from release.domain.decisions import Verdict
from release.domain.dispensing_refusals import SOD_DISPENSE
from release.queries.dispense_contents import dispense_content, dispensing_content, gather_product
from release.queries.dispensing import get_dispensing, get_scan
from release.queries.supply import statement_of
from release.queries.testing import pending_tests
from release.schemas.dispensing import DispenseOosSchema, HandOverSchema, ScanSchema, TypedScanSchema
from release.services.dispensing import ScanAnswer, cancel_dispensing, dispense, scan_container
from release.services.hand_over import hand_over

DISPENSE = "/dispense"
VERDICT_PAGE, NOT_VERIFIED = "release/verdict.html", "release/not_verified.html"


def new_scan(_session: Session, viewer: Viewer) -> dict[str, Any]:
    """The pharmacy scans before dispensing, the ward at the bedside; a nonce ties the answer to this form."""
    place = viewer.args.get("place") or ("pharmacy" if viewer.may("container:dispense") else "bedside")
    return {"initial": {"place": place}, "nonce": secrets.token_urlsafe(18)}


@act(
    "container.scan",
    DISPENSE,
    station=True,
    permission="container:scan",
    title=N_("Scan label and subject"),
    schema=ScanSchema,
    prepare=new_scan,
    replay=False,
    takes_file=True,
    template="release/scan.html",
    broken=NOT_VERIFIED,
)
def scan(work: Work, **fields: Any) -> Done:
    return verdict(work, scan_container(work, **with_nonce(fields)))


@act(
    "container.scan_typed",
    DISPENSE + "/typed",
    station=True,
    permission="container:scan",
    title=N_("Label cannot be read: type the number with a second person"),
    schema=TypedScanSchema,
    prepare=new_scan,
    signs=2,
    second_permission="container:scan",
    meaning=N_(
        "I typed the number from the label in my hand; the second person typed the subject code from its paper."
    ),
    replay=False,
    template="release/scan.html",
    broken=NOT_VERIFIED,
)
def scan_typed(work: Work, **fields: Any) -> Done:
    return verdict(work, scan_container(work, **with_nonce(fields), second_person=len(set(work.signers)) == 2))


def with_nonce(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "nonce": fields.get("nonce") or secrets.token_urlsafe(18)}


def verdict(work: Work, answer: ScanAnswer) -> Done:
    """Always 200: the answer is complete, fresh, and bound to the nonce that asked (decision 37)."""
    row, found = answer.row, answer.found
    container, order = found.container, found.order
    if container is not None:
        gather_product(work.session, container, row.order_id)
    facts = found.facts.container
    tests = [one.document() for one in pending_tests(work.session, container.batch_id)] if container else []
    body = {
        "verdict": row.verdict,
        "reasons": [g.viewer.speech.refusal(one) for one in answer.decision.refusals],
        "guards": [{"guard": name, "passed": passed} for name, passed in answer.decision.guards],
        "not_checked": list(answer.decision.not_checked),
        "camera": row.camera,
        "warnings": []
        if row.typed or row.camera
        else [g.viewer.speech.refusal(one) for one in scanner_is_tested(work)],
        "container": {"id": container.id, "code": container.code, "batch_id": container.batch_id}
        if container
        else None,
        "subject": facts.subject_code if facts else None,
        "order": {"id": order.id, "number": order.number} if order else None,
        "expires_at": facts.expires_at if facts else None,
        "usable_until": answer.usable_until,
        "minutes_left": answer.minutes_left,
        "results_pending": tests,
        "out_of_specification": statement_of(work.session, container) if container else None,
        "place": row.place,
        "server_time": work.at,
        "valid_until": row.valid_until,
        "nonce": row.nonce,
        "scan_id": row.id,
    }
    return Done(DISPENSE, body=body | sign_part(work, answer), page=VERDICT_PAGE)


def scanner_is_tested(work: Work) -> tuple[Refusal, ...]:
    """What speaks against the scanner of this station; nothing where the terminal is none."""
    return scanner_warnings(scanner_facts(work.session, g.viewer.station), work.at)


def sign_part(work: Work, answer: ScanAnswer) -> dict[str, Any]:
    """What the dispense form below an allowing verdict needs; nothing of it below a refusal."""
    if answer.row.verdict == Verdict.DENY or answer.row.place != "pharmacy":
        return {"seen": None, "opened": None, "dispense_key": None, "needs_login": False, "content": None}
    content = dispense_content(work.session, answer.row.id)
    return {
        "seen": digest(content),
        "opened": kept(content, g.viewer.head),
        "dispense_key": secrets.token_urlsafe(18),
        "needs_login": needs_login(g.viewer),
        "content": content,
    }


def dispense_schema(session: Session, _viewer: Viewer, scan_id: str) -> Schema:
    """Out of specification it takes an answer of its own; any other product asks nothing."""
    return DispenseOosSchema() if get_scan(session, scan_id).verdict == Verdict.ALLOW_OOS else Empty()


@act(
    "container.dispense",
    DISPENSE + "/scans/<scan_id>",
    station=True,
    permission="container:dispense",
    title=N_("Dispense"),
    schema=dispense_schema,
    dynamic_schema=True,
    content=dispense_content,
    signs=2,
    second_permission="container:check",
    same_person=SOD_DISPENSE,
    meaning=N_("I dispense this container for this subject; the second person checked label, subject and order."),
    template="release/dispense.html",
    broken=NOT_VERIFIED,
)
def give_out(work: Work, scan_id: str, **answered: bool) -> Done:
    row = dispense(work, scan_id, **answered)
    body = {
        "id": row.id,
        "order_id": row.order_id,
        "container_id": row.container_id,
        "conditional": row.conditional,
        "out_of_specification": row.out_of_specification,
    }
    return Done(f"/orders/{row.order_id}", N_("Dispensed. Hand the container over to the ward."), body, 201)


@act(
    "dispensing.cancel",
    "/dispensings/<dispensing_id>/cancel",
    permission="container:dispense",
    title=N_("Cancel the dispensing"),
    content=dispensing_content,
    signs=2,
    second_permission="container:check",
    same_person=SOD_DISPENSE,
    needs_reason=True,
    meaning=N_("The container never left the pharmacy; we both see it here. I cancel its dispensing."),
    danger=True,
)
def cancel(work: Work, dispensing_id: str) -> Done:
    row = cancel_dispensing(work, dispensing_id)
    said = N_("Dispensing cancelled. A new order is needed before the container can be dispensed again.")
    return Done(f"/orders/{row.order_id}", said, {"id": row.id, "order_id": row.order_id})


def new_hand_over(_session: Session, viewer: Viewer, dispensing_id: str) -> dict[str, Any]:  # noqa: ARG001
    return {"initial": {"handed_over_at": viewer.at}}


@act(
    "dispensing.hand_over",
    "/dispensings/<dispensing_id>/hand-over",
    permission="container:hand_over",
    title=N_("Hand over to the ward"),
    schema=HandOverSchema,
    content=dispensing_content,
    prepare=new_hand_over,
    signs=2,
    second_permission="container:administer",
    meaning=N_("I hand this container over; the second person receives it for the ward."),
    template="release/handover.html",
)
def give_to_ward(work: Work, dispensing_id: str, **fields: Any) -> Done:
    row = hand_over(work, dispensing_id, **fields)
    order = f"/orders/{get_dispensing(work.session, dispensing_id).order_id}"
    if row is None:
        held = N_("Not handed over: out of the storage temperature. The container is on hold and has its deviation.")
        return Done(order, held, {"id": None, "dispensing_id": dispensing_id})
    return Done(order, N_("Handed over."), {"id": row.id, "dispensing_id": dispensing_id})
