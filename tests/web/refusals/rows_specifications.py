"""Writing a specification, opening results again, cancelling tests, retaining samples: who may, and when it is too late."""

from __future__ import annotations

from tests.web.clients import Attached
from tests.web.refusals.rows_files import BAG, DRAWN
from tests.web.refusals.rows_results import GRAM, GROWN, PURITY, SEEN, entered, of_test, verified
from tests.web.refusals.sending import Other, Sent, refused

TITLED = {"code": "SPC-NEW", "title": "Another specification", "made_of": "@document:specification/1"}
BEGUN = Sent("qa1", "specification.begin", {}, TITLED | {"retraining": "no"}, keep="draft")
DRAFT = {"document_id": "@kept:draft"}
BOXES = {
    "title": "Residual feeder cells",
    "key": "feeder",
    "kind": "numeric",
    "unit": "%",
    "method": "flow cytometry",
    "population": "K562 of viable cells",
    "parent": "viable CD45+",
    "comparison": "less_than",
    "limit": "0.1",
    "rounding": "none",
    "stage": "pre",
    "mandatory": "yes",
    "report_only": "no",
    "may_wait": "no",
}
SLIP = {"reason": "two digits were exchanged when it was typed", "evidence": "print FACS-17, line 4 shows 91.5"}
NOT_DONE = {"reason": "no K562 cells are in stock this month"}
POTENCY = PURITY | {"value": "62"}
STAINED = (entered("NK-11", "gram", GRAM), verified("NK-11", "gram"))
FAILED = (entered("NK-11", "gram", GROWN), verified("NK-11", "gram"))
PRINT = Attached("run17.csv", b"gate,share\nNK,92.4\n")
FILED = Sent(
    "tech1",
    "file.attach",
    {"entity": "test", "record_id": "@test:NK-08/purity"},
    {"file": PRINT, "purpose": "raw_data", "looked_through": "yes"},
)
TYPED = entered("NK-08", "purity", PURITY)
SAMPLE = {"sample_id": "@kept:sample"}
KEPT = {"kept_in": "freezer 2", "kept_until": "2029-01-01"}
RETAINED = Sent("qa1", "sample.retain", SAMPLE, KEPT)
GONE = {"reason": "the freezer was out of order for a night", "exemption": "the cells of it are spoiled"}

BASES = {
    "specification.add_criterion": Sent("qa1", "specification.add_criterion", DRAFT, BOXES, before=(BEGUN,)),
    "specification.settings": Sent(
        "qa1",
        "specification.settings",
        DRAFT,
        {
            "hours_after_formulation": "20",
            "hours_after_apheresis": "72",
            "transport_infusion_margin_minutes": "60",
            "weight_tolerance_percent": "10",
            "weight_max_age_days": "7",
            "formulation_difference_percent": "10",
            "sterility_final_days": "7",
        },
        before=(BEGUN,),
    ),
    "result.reopen": Sent("qa1", "result.reopen", of_test("NK-11", "purity"), SLIP),
    "result.reopen a stain": Sent("qa1", "result.reopen", of_test("NK-11", "gram"), SLIP, before=STAINED),
    "test.cancel": Sent("qa1", "test.cancel", of_test("NK-08", "potency"), NOT_DONE),
    "result.verify with the print": Sent("tech2", "result.verify", of_test("NK-08", "purity"), SEEN, before=(TYPED,)),
    "result.enter without tubes": TYPED,
    "sample.retain": Sent("qa1", "sample.retain", SAMPLE, KEPT, before=(DRAWN,)),
    "sample.discard": Sent("qa1", "sample.discard", SAMPLE, GONE, "tech2", before=(DRAWN, RETAINED)),
}
ROWS = [
    *refused(
        "specification.add_criterion",
        ("the draft of somebody else", Other(who="qa2"), "DRAFT_OF_ANOTHER"),
        ("a key that is there", {"key": "purity"}, "CRITERION_EXISTS"),
        ("an alert beyond the limit", {"alert": "0.2"}, "SPEC_INVALID"),
        ("a key in capitals", {"key": "FEEDER"}, "FIELD_INVALID"),
        ("a version in force", Other(ids={"document_id": "@document:specification/1"}), "STATE_NOT_ALLOWED"),
    ),
    *refused("specification.settings", ("no shelf life", {"hours_after_formulation": "0"}, "SPEC_INVALID")),
    *refused(
        "result.reopen",
        ("who verified it", Other(who="qa2"), "SOD_REOPEN"),
        ("a technician", Other(who="tech1"), "ROLE_NOT_ALLOWED"),
        ("nothing is verified", Other(ids=of_test("NK-08", "purity")), "STATE_NOT_ALLOWED"),
        ("no evidence to speak of", {"evidence": "a slip"}, "FIELD_INVALID"),
    ),
    *refused("result.reopen a stain", ("a failure is investigated", Other(before=FAILED), "REOPEN_OOS")),
    *refused(
        "test.cancel",
        ("a required test", Other(ids=of_test("NK-08", "gram")), "TEST_REQUIRED"),
        ("it has a value", Other(before=(entered("NK-08", "potency", POTENCY),)), "STATE_NOT_ALLOWED"),
        ("a reason of one word", {"reason": "typo"}, "MISSING_REASON"),
    ),
    *refused(
        "result.verify with the print",
        ("the file is there and was not opened", Other(before=(TYPED, FILED)), "RAW_DATA_NOT_OPENED"),
    ),
    *refused(
        "result.enter without tubes",
        ("a tube was drawn and not scanned", Other(before=(BAG,)), "SAMPLE_NOT_SCANNED"),
        ("a tube of nowhere", {"sample": "NK26-9999-S01-0"}, "RESULT_SAMPLE"),
    ),
    *refused("sample.retain", ("less than two years", {"kept_until": "2028-11-22"}, "RETENTION_TOO_SHORT")),
    *refused("sample.discard", ("the trial runs", {"exemption": None}, "RETENTION_TRIAL")),
]
