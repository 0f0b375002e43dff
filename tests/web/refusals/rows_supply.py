"""A supply out of specification: the Gram stain of NK-11 shows rods, and the physician asks for the product all the same."""

from __future__ import annotations

from tests.web.clients import Attached
from tests.web.refusals.rows_giving import CHECK
from tests.web.refusals.rows_oos import CAUSE
from tests.web.refusals.rows_results import BATCH, GROWN, INOCULATED, OPEN_DEVIATION, REVIEWED, entered, verified
from tests.web.refusals.rows_subjects import HOLD, TODAY
from tests.web.refusals.scenes import MANY, ago
from tests.web.refusals.sending import Other, Sent, refused

OF_OOS = {"oos_id": "@opened:NK-11"}
WORDS = "the disease progresses, no other donor can be had in time, and without the cells the child will die of it"
ASKED = {"hazard": WORDS, "alternatives": WORDS, "consequence": WORDS}
NOT_DECIDED = (entered("NK-11", "gram", GROWN), verified("NK-11", "gram"), INOCULATED)
NO_CAUSE = {**CAUSE, "equipment": "yes", "cause_found": "no"}
FAILED = (
    *NOT_DECIDED,
    Sent("qa2", "oos.laboratory", OF_OOS, NO_CAUSE),
    Sent("qa1", "oos.confirm", OF_OOS, {"decision": WORDS}),
    REVIEWED,
)
ASK = Sent("doctor1", "oos_supply.request", BATCH, ASKED, keep="supply")
OF_SUPPLY = {"supply_id": "@kept:supply"}
DOCUMENT = Attached("risk.txt", b"Rods in the Gram stain: the child is given antibiotics from the day before.\n")
EVALUATION = {"evaluation": WORDS, "file": DOCUMENT, "looked_through": "yes"}
EVALUATE = Sent("qa1", "oos_supply.evaluate", OF_SUPPLY, EVALUATION)
AGREE = Sent("qp1", "oos_supply.agree", OF_SUPPLY)
TOLD = {"informed": "parents", "informed_by": "@person:doctor1", "informed_at": ago()}
ACCEPT = Sent("doctor1", "oos_supply.accept", OF_SUPPLY, TOLD)
ON_PAPER = {**ASKED, "physician": "@person:doctor1", "file": Attached("form.txt", b"signed on paper\n")}
ON_PAPER |= {"looked_through": "yes"}
GIVEN = (*FAILED, ASK, EVALUATE, AGREE)
IN_FORCE = (*GIVEN, ACCEPT)
CONTAINER = {"container_id": "@container:NK-11"}
PRINT = Sent("pharm1", "overlay.print", CONTAINER, keep="overlay")
PUT_ON = Sent("pharm1", "overlay.apply", {"overlay_id": "@kept:overlay"}, {"label_code": "@payload:NK-11"}, "pharm2")
ORDER = {"subject_code": "NK-11", "infusion_on": TODAY, "volume_ml": "35", "duration_minutes": "60", "ward": "Unit 3"}
ORDERED = (
    Sent("doctor1", "order.write", fields=ORDER, keep="order"),
    Sent("doctor1", "order.check", {"order_id": "@kept:order"}, CHECK),
)
SCAN = {"label_code": "@payload:NK-11", "subject_code": "NK-11", "place": "pharmacy", "nonce": "a-nonce-of-the-form"}
SCANNED = Sent("pharm1", "container.scan", fields=SCAN, keep="scan")
READY = (*IN_FORCE, PRINT, PUT_ON, *ORDERED, SCANNED)
KNOWN = {"oos_acknowledged": "yes"}
GIVE_OUT = Sent("pharm1", "container.dispense", {"scan_id": "@kept:scan"}, KNOWN, "pharm2", keep="dispensing")
NOTICE = Sent("sponsor1", "oos_supply.notify", {"notice_id": "@told:NK-11"}, {"reference": "IGJ-2026-0117"})

BASES = {
    "oos_supply.request": Sent("doctor1", "oos_supply.request", BATCH, ASKED, before=FAILED),
    "oos_supply.request_on_paper": Sent("qa1", "oos_supply.request_on_paper", BATCH, ON_PAPER, "pharm1", before=FAILED),
    "oos_supply.evaluate": Sent(**{**vars(EVALUATE), "before": (*FAILED, ASK)}),
    "oos_supply.agree by another": Sent(MANY, "oos_supply.agree", OF_SUPPLY, before=(*FAILED, ASK, EVALUATE)),
    "oos_supply.accept": Sent(**{**vars(ACCEPT), "before": GIVEN}),
    "oos_supply.withdraw": Sent("doctor1", "oos_supply.withdraw", OF_SUPPLY, HOLD, before=IN_FORCE),
    "oos_supply.notify": Sent(**{**vars(NOTICE), "before": IN_FORCE}),
    "overlay.print": Sent(**{**vars(PRINT), "before": IN_FORCE}),
    "overlay.apply": Sent(**{**vars(PUT_ON), "before": (*IN_FORCE, PRINT)}),
    "container.dispense out of specification": Sent(**{**vars(GIVE_OUT), "before": READY}),
}
ROWS = [
    *refused(
        "oos_supply.request",
        ("the result is not decided", Other(before=NOT_DECIDED), "OOS_UNDECIDED"),
        ("nothing has failed", Other(before=()), "SUPPLY_NO_OOS"),
        ("rejected before", Other(ids={"batch_id": "@batch:NK-05"}), "BATCH_REJECTED"),
        ("asked before", Other(before=(*FAILED, ASK)), "SUPPLY_OPEN"),
        ("no word of the hazard", {"hazard": "yes"}, "MISSING_FIELD"),
        ("not by a physician", Other(who="qp1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "oos_supply.request_on_paper",
        ("compared by whoever copied", Other(second="qa1"), "SOD_SECOND"),
        ("signed by somebody else", {"physician": "@person:nurse1"}, "SUPPLY_PHYSICIAN"),
        ("not looked through", {"looked_through": "no"}, "FILE_NOT_LOOKED_THROUGH"),
    ),
    *refused("oos_supply.evaluate", ("by whoever verified a result", Other(who="qa2"), "SOD_SUPPLY")),
    *refused(
        "oos_supply.agree by another",
        (
            "who wrote the evaluation",
            Other(before=(*FAILED, ASK, Sent(MANY, "oos_supply.evaluate", OF_SUPPLY, EVALUATION))),
            "SOD_SUPPLY",
        ),
        (
            "a deviation since",
            Other(before=(*FAILED, ASK, EVALUATE, OPEN_DEVIATION)),
            "DEVIATION_OPEN",
            "AUDIT_REVIEW_STALE",
        ),
    ),
    *refused(
        "oos_supply.accept",
        ("informed by no physician", {"informed_by": "@person:qa1"}, "SUPPLY_PHYSICIAN"),
        ("informed tomorrow", {"informed_at": ago(hours=-20)}, "FUTURE_TIME"),
        ("nobody informed", {"informed": None}, "FIELD_INVALID"),
        (
            "withdrawn before",
            Other(before=(*GIVEN, Sent("doctor1", "oos_supply.withdraw", OF_SUPPLY, HOLD))),
            "STATE_NOT_ALLOWED",
        ),
    ),
    *refused("oos_supply.withdraw", ("without a reason", {"reason": ""}, "MISSING_REASON")),
    *refused("oos_supply.notify", ("without the reference", {"reference": ""}, "MISSING_FIELD")),
    *refused(
        "overlay.print",
        ("before the physician accepts", Other(before=GIVEN), "SUPPLY_NOT_IN_FORCE"),
        ("printed before", Other(before=(*IN_FORCE, PRINT)), "OVERLAY_OPEN"),
    ),
    *refused(
        "overlay.apply",
        ("on another container", {"label_code": "@payload:NK-03"}, "LABEL_CONTAINER"),
        ("alone", Other(second="pharm1"), "SOD_SECOND"),
    ),
    *refused(
        "container.dispense out of specification",
        ("without the word", {"oos_acknowledged": "no"}, "OOS_NOT_ACKNOWLEDGED"),
        (
            "put on hold meanwhile",
            Other(meanwhile=(Sent("qa1", "hold.set", {"scope": "batch", "record_id": "@batch:NK-11"}, HOLD),)),
            "BATCH_ON_HOLD",
        ),
    ),
]
