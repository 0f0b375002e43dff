"""Lots of materials: receipt, QA's decision, the scan at a step, what is thrown away."""

from __future__ import annotations

from tests.web.clients import Attached
from tests.web.refusals.rows_bench import NEXT, SCANNED
from tests.web.refusals.scenes import ago
from tests.web.refusals.sending import Other, Sent, refused

GIVEN = {
    "material": "cd56_reagent",
    "supplier": "Cell Separation Supplies",
    "manufacturer_lot": "5200734",
    "quantity": "10",
    "expires_on": "2027-12-31",
    "storage": "as labelled",
    "certificate_reference": "CoA 5200734",
    "received_at": ago(),
}
WHY = {"reason": "the supplier reports particles"}
WAITING = {"lot_id": "@lot:buffer/quarantine"}
USED = {"lot_id": "@lot:cd56_reagent/approved"}
RECALLED = Sent("qp1", "lot.recall", USED, WHY)
KIT = Sent("tech1", "kit.assemble", fields={"lots": "@lot code:cd56_reagent/approved"})
BUFFER = {"other_lot": "@lot code:buffer/approved", "other_quantity": "1", "other_piece": "new"}

RECEIVED = Sent("tech1", "lot.receive", fields=GIVEN, keep="lot")
PAGE = Attached("certificate_page_2.txt", b"Lot 7000356 complies.")
ANOTHER_PAGE = Sent(
    "tech1",
    "file.attach",
    {"entity": "lot", "record_id": WAITING["lot_id"]},
    {"file": PAGE, "purpose": "certificate", "looked_through": "yes"},
)

BASES = {
    "lot.receive": Sent("tech1", "lot.receive", fields=GIVEN),
    "lot.approve": Sent("qa1", "lot.approve", WAITING),
    "lot.reject": Sent("qa1", "lot.reject", WAITING, WHY),
    "lot.recall": RECALLED,
    "lot.decide_anew": Sent("qa1", "lot.decide_anew", USED, WHY, before=(RECALLED,)),
    "lot.assess": Sent(
        "qa1", "lot.assess", USED, {"assessment": "no batch is affected: see report 5521"}, before=(RECALLED,)
    ),
    "lot.discard": Sent("tech1", "lot.discard", USED, WHY | {"quantity": "1"}),
    "lot.destroy": Sent("tech1", "lot.destroy", USED, WHY | {"quantity": "1"}, "tech2", before=(RECALLED,)),
    "lot.open": Sent("tech1", "lot.open", {"lot_id": "@lot:buffer/approved"}, {"opened_at": ago()}),
    "kit.assemble": KIT,
    "step.use_lots": SCANNED,
    "step.use_lots another": Sent("tech1", "step.use_lots", NEXT, BUFFER | {"performed_at": ago()}),
}

ROWS = [
    *refused(
        "lot.receive",
        ("a material nobody listed", {"material": "coffee"}, "MISSING_FIELD"),
        ("half a vial", {"quantity": "1.5"}, "LOT_QUANTITY"),
        ("a day and a time", {"expires_at": ago()}, "LOT_EXPIRY"),
        ("received tomorrow", {"received_at": ago(days=-1)}, "FUTURE_TIME"),
        ("a pharmacist", Other(who="pharm1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "lot.approve",
        ("approved before", Other(ids=USED), "STATE_NOT_ALLOWED"),
        ("the technician", Other(who="tech1"), "ROLE_NOT_ALLOWED"),
        (
            "no certificate is attached",
            Other(ids={"lot_id": "@kept:lot"}, before=(RECEIVED,)),
            "LOT_CERTIFICATE_MISSING",
        ),
        ("the certificate was never opened", Other(before=(ANOTHER_PAGE,)), "LOT_CERTIFICATE_UNSEEN"),
    ),
    *refused("lot.reject", ("without why", {"reason": None}, "MISSING_REASON")),
    *refused("lot.recall", ("recalled before", Other(before=(RECALLED,)), "STATE_NOT_ALLOWED")),
    *refused("lot.decide_anew", ("the QP", Other(who="qp1"), "ROLE_NOT_ALLOWED")),
    *refused("lot.assess", ("it is not stopped", Other(before=()), "STATE_NOT_ALLOWED")),
    *refused(
        "lot.discard",
        ("more than there is", {"quantity": "1000"}, "LOT_BALANCE"),
        ("recalled, with nobody looking", Other(before=(RECALLED,)), "LOT_WITNESS"),
    ),
    *refused(
        "container.scan",
        ("a lot in it was recalled", Other(before=(RECALLED,)), "BATCH_ON_HOLD", "LOT_NOT_APPROVED"),
        verdict=True,
    ),
    *refused("lot.destroy", ("one person for two", Other(second="tech1"), "SOD_SECOND")),
    *refused(
        "lot.open",
        ("a set has no in-use time", Other(ids={"lot_id": "@lot:depletion_set/approved"}), "NO_IN_USE_TIME"),
        ("it waits for QA", Other(ids=WAITING), "LOT_NOT_APPROVED"),
        ("opened tomorrow", {"opened_at": ago(days=-1)}, "FUTURE_TIME"),
    ),
    *refused(
        "kit.assemble",
        ("a lot that waits for QA", {"lots": "@lot code:buffer/quarantine"}, "LOT_NOT_APPROVED"),
        ("a code nobody received", {"lots": "M26-9999-0"}, "LOT_UNKNOWN"),
        ("a pharmacist", Other(who="pharm1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "step.use_lots",
        ("a code nobody received", {"cd56_reagent_lot": "M26-9999-0"}, "LOT_UNKNOWN"),
        ("a name instead of a code", {"cd56_reagent_lot": "the blue box"}, "LOT_UNKNOWN"),
        ("the other reagent", {"cd56_reagent_lot": "@lot code:cd3_reagent/approved"}, "LOT_KIND"),
        ("more than is left", {"cd56_reagent_quantity": "1000"}, "LOT_BALANCE"),
        ("a quarter of a vial", {"cd56_reagent_quantity": "0.25"}, "LOT_QUANTITY"),
        ("no quantity", {"cd56_reagent_quantity": None}, "MISSING_FIELD"),
        ("a number with a comma", {"cd56_reagent_quantity": "1,0"}, "FIELD_INVALID"),
        ("used in ten minutes", {"performed_at": ago(minutes=-10)}, "FUTURE_TIME"),
        ("twenty minutes ago without a word", {"performed_at": ago(minutes=20)}, "LATE_ENTRY_UNJUSTIFIED"),
        ("recalled meanwhile", Other(before=(RECALLED,)), "LOT_NOT_APPROVED"),
    ),
    *refused(
        "step.use_lots another",
        ("which bottle nobody says", {"other_piece": None}, "MISSING_FIELD"),
        ("a bottle nobody opened", {"other_piece": "M26-0005-P01-0"}, "PIECE_UNKNOWN"),
        ("the step is recorded", Other(ids={"position": "3"}), "STATE_NOT_ALLOWED"),
        ("the buffer that waits for QA", {"other_lot": "@lot code:buffer/quarantine"}, "LOT_NOT_APPROVED"),
    ),
]
