"""A result out of specification: the culture of NK-02 turned positive after the certification."""

from __future__ import annotations

from release.domain.oos import CHECKLIST
from tests.web.clients import Attached
from tests.web.refusals.sending import Other, Sent, refused

ONE = {"oos_id": "@oos:NK-02"}
WORDS = "the incubator of the laboratory stood open during the night of the second"
POINTS = dict.fromkeys(CHECKLIST, "yes") | {f"{key}_words": "compared, agrees" for key in CHECKLIST}
CAUSE = {**POINTS, "equipment": "no", "cause_found": "yes", "conclusion": WORDS}
LOG = Attached("log.csv", b"time,door\r\n02:00,open\r\n")
LABORATORY = Sent("tech2", "oos.laboratory", ONE, CAUSE)
NO_CAUSE = Sent("tech2", "oos.laboratory", ONE, {**CAUSE, "equipment": "yes", "cause_found": "no"})
EVIDENCE = Sent(
    "tech2",
    "file.attach",
    {"entity": "oos", "record_id": "@oos:NK-02"},
    {"file": LOG, "purpose": "evidence", "looked_through": "yes"},
)
GROUND = {"cause": WORDS, "ground": "fault_of_the_test_facility"}
SHOWN = (LABORATORY, EVIDENCE)
BASES = {
    "oos.laboratory": LABORATORY,
    "oos.confirm": Sent("qa1", "oos.confirm", ONE, {"decision": WORDS}, before=(NO_CAUSE,)),
    "oos.invalidate": Sent("qa1", "oos.invalidate", ONE, GROUND, before=SHOWN),
}
ROWS = [
    *refused(
        "oos.laboratory",
        ("a cause, and everything in order", {"equipment": "yes"}, "CAUSE_NOT_SHOWN"),
        ("a point without words", {"reagents_words": "-"}, "MISSING_FIELD"),
        ("the analyst himself", Other(who="tech1"), "SOD_OOS"),
    ),
    *refused(
        "oos.confirm",
        ("nobody investigated", Other(before=()), "LAB_PHASE_MISSING"),
        ("a technician", Other(who="tech2"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "oos.invalidate",
        ("no cause was found", Other(before=(NO_CAUSE, EVIDENCE)), "ASSIGNABLE_CAUSE_MISSING"),
        ("no evidence", Other(before=(LABORATORY,)), "EVIDENCE_MISSING"),
        ("growth on no ground of the method", {"ground": "it was probably the assay"}, "FIELD_INVALID"),
        (
            "confirmed since",
            Other(before=(*SHOWN, Sent("qa2", "oos.confirm", ONE, {"decision": WORDS}))),
            "STATE_NOT_ALLOWED",
        ),
    ),
]
