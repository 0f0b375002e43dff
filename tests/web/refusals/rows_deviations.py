"""Deviations and the actions that follow from them."""

from __future__ import annotations

from tests.web.refusals.scenes import CAUSE, IMPACT
from tests.web.refusals.sending import Other, Sent, refused

BATCH = {"batch_id": "@batch:NK-10"}
TOLD = {"classification": "minor", "step": "2", "description": "the pump stopped for less than a minute"}
ABOUT = {"record_kind": "container", "record_id": "@container:NK-10"}
SAID = {"classification": "major", "description": "the bag was found on the bench outside its box"}
FIRST, SECOND = {"deviation_id": "@deviation:NK-10/1"}, {"deviation_id": "@deviation:NK-10/2"}
WHY = {"reason": "the log of the device shows a longer stop"}
JUDGED = {"judgement": "the cells stayed below twenty-five degrees; no effect"}
PLAN = {
    "kind": "preventive",
    "description": "a holder for the tubing beside the pump",
    "owner": "tech2",
    "due_on": "2027-03-01",
}
DONE = {"evidence": "holder mounted, photograph in maintenance log 17"}
CHECKED = {"effective": "yes", "outcome": "no stop in the five runs since then"}

INVESTIGATED = Sent("tech2", "deviation.investigate", FIRST, CAUSE)
REOPENED = Sent("qa1", "deviation.reopen", SECOND, WHY)
ASSESSED_AGAIN = Sent("qa1", "deviation.assess", SECOND, {"impact": IMPACT})
PLANNED = Sent("qa1", "capa.plan", FIRST, PLAN, keep="action")
ACTION = {"action_id": "@kept:action"}
REPORTED = Sent("tech1", "capa.done", ACTION, DONE)

BASES = {
    "deviation.report": Sent("tech1", "deviation.report", BATCH, TOLD, key="sent-once"),
    "deviation.report_about": Sent("pharm1", "deviation.report_about", ABOUT, SAID),
    "deviation.investigate": INVESTIGATED,
    "deviation.name_batch": Sent("qa1", "deviation.name_batch", FIRST, {"batch_number": "@number:NK-08"}),
    "deviation.reclassify": Sent("qa1", "deviation.reclassify", FIRST, WHY | {"classification": "major"}),
    "deviation.assess": Sent("qa1", "deviation.assess", FIRST, {"impact": IMPACT}, before=(INVESTIGATED,)),
    "deviation.judge": Sent("qp1", "deviation.judge", SECOND, JUDGED),
    "deviation.close": Sent("qa2", "deviation.close", SECOND),
    "deviation.reopen": REOPENED,
    "capa.plan": Sent("qa1", "capa.plan", FIRST, PLAN),
    "capa.postpone": Sent("qa1", "capa.postpone", ACTION, WHY | {"due_on": "2027-04-01"}, before=(PLANNED,)),
    "capa.done": Sent("tech2", "capa.done", ACTION, DONE, before=(PLANNED,)),
    "capa.check": Sent("qa2", "capa.check", ACTION, CHECKED, before=(PLANNED, REPORTED)),
    "capa.cancel": Sent("qa1", "capa.cancel", ACTION, WHY, before=(PLANNED,)),
}

ROWS = [
    *refused(
        "deviation.report",
        ("a name in it", {"description": "seen by T. Bakker at the bench"}, "PII_IN_FIELD"),
        ("an inspector", Other(who="inspector1"), "ROLE_NOT_ALLOWED"),
        (
            "the form was sent before with other words",
            Other(before=(Sent("tech1", "deviation.report", BATCH, TOLD | {"step": "3"}, key="sent-once"),)),
            "IDEMPOTENCY_MISMATCH",
        ),
    ),
    *refused(
        "deviation.report_about",
        ("a class that does not exist", {"classification": "small"}, "FIELD_INVALID"),
        ("the sponsor", Other(who="sponsor1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "deviation.investigate",
        ("a tick for a cause", {"root_cause": "unknown"}, "MISSING_FIELD"),
        ("it is assessed", Other(ids=SECOND), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "deviation.name_batch",
        ("no such batch", {"batch_number": "NK26-9999"}, "BATCH_UNKNOWN"),
        ("its own batch", {"batch_number": "@number:NK-10"}, "BATCH_NAMED"),
    ),
    *refused(
        "deviation.reclassify",
        ("the class it has", {"classification": "minor"}, "SAME_CLASS"),
        ("without a reason", {"reason": None}, "MISSING_REASON"),
        ("a technician", Other(who="tech1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "deviation.assess",
        ("a tick for an impact", {"impact": "none"}, "MISSING_FIELD"),
        ("nobody looked into it", Other(before=()), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "deviation.judge",
        ("a tick for a judgement", {"judgement": "none"}, "MISSING_FIELD"),
        ("QA for the QP", Other(who="qa1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "deviation.close",
        ("who assessed it closes it", Other(who="qa1"), "SOD_DEVIATION"),
        ("not assessed yet", Other(ids=FIRST), "STATE_NOT_ALLOWED"),
        ("the QP has not judged", Other(before=(REOPENED, ASSESSED_AGAIN)), "QP_JUDGEMENT_MISSING"),
    ),
    *refused("deviation.reopen", ("without a reason", {"reason": None}, "MISSING_REASON")),
    *refused(
        "capa.plan",
        ("due in the past", {"due_on": "2025-01-01"}, "DUE_DAY_PAST"),
        ("owned by nobody", {"owner": "admin1"}, "OWNER_UNKNOWN"),
        ("a technician", Other(who="tech1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused("capa.postpone", ("into the past", {"due_on": "2025-01-01"}, "DUE_DAY_PAST")),
    *refused("capa.done", ("done already", Other(before=(PLANNED, REPORTED)), "STATE_NOT_ALLOWED")),
    *refused(
        "capa.check",
        ("not done yet", Other(before=(PLANNED,)), "STATE_NOT_ALLOWED"),
        ("who reported it done", Other(before=(PLANNED, Sent("qa2", "capa.done", ACTION, DONE))), "SOD_CAPA"),
    ),
    *refused("capa.cancel", ("without a reason", {"reason": None}, "MISSING_REASON")),
]
