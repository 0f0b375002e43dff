"""After the first decision: a result declared invalid and its retest, a record corrected after its certification."""

from __future__ import annotations

import json
from pathlib import Path

from tests.web.refusals.rows_oos import CAUSE, LOG
from tests.web.refusals.rows_results import (
    BATCH,
    GRAM,
    GROWN,
    INOCULATED,
    JUDGED,
    REVIEWED,
    WHOLE,
    entered,
    verified,
)
from tests.web.refusals.rows_subjects import HOLD
from tests.web.refusals.rows_supply import FAILED
from tests.web.refusals.scenes import ago
from tests.web.refusals.sending import Other, Sent, refused

OF_OOS = {"oos_id": "@opened:NK-11"}
TUBE = {"kind": "flow_cytometry", "container": "@code:NK-11", "volume_ml": "0.5", "drawn_at": ago()}
DRAWN = Sent("tech1", "sample.draw_batch", BATCH, TUBE | {"supernatant_only": "no"})
FILED = {"file": LOG, "purpose": "evidence", "looked_through": "yes"}
INVALID = (
    entered("NK-11", "gram", GROWN),
    verified("NK-11", "gram"),
    INOCULATED,
    Sent("tech2", "oos.laboratory", OF_OOS, CAUSE),
    Sent("tech2", "file.attach", {"entity": "oos", "record_id": "@opened:NK-11"}, FILED),
    Sent("qa1", "oos.invalidate", OF_OOS, {"cause": "the slide was prepared beside the incubator that stood open"}),
)
AGAIN = {
    "sample_choice": "same_sample",
    "sample": "@sample:NK-11/1",
    "analyst": "@person:tech1",
    "replicates": "1",
    "rationale": "the retained half of the same sample",
}
RETEST = Sent("qa2", "oos.authorise_retest", OF_OOS, AGAIN)
AUTHORISED = (*INVALID, DRAWN, RETEST)
OF_RETEST = {"test_id": "@retest:NK-11"}

DOSSIER = json.loads(Path("config/presets/dossier.json").read_text(encoding="utf-8"))["body"]
OTHERS = {"authorised": [one | {"number": "2" if one["kind"] == "process" else "1"} for one in DOSSIER["authorised"]]}
CHANGED = {"text": json.dumps(DOSSIER | OTHERS), "title": "Product dossier", "reason": "process version 2 only"}
AMENDED = (
    Sent("qa2", "document.revise", {"document_id": "@document:dossier/1"}, CHANGED | {"retraining": "no"}, keep="new"),
    Sent("qp1", "document.approve", {"document_id": "@kept:new"}, {"role": "QP"}),
    Sent("sponsor1", "document.approve", {"document_id": "@kept:new"}, {"role": "Sp"}),
)

GIVEN = {"batch_id": "@batch:NK-01"}
WEIGHED = {"performed_at": ago(days=40, hours=5, minutes=15), "appearance": "yes", "seals": "yes", "retained": "1.5"}
WEIGHED |= {"reason": "the balance was read again"}
STEP = GIVEN | {"position": "10"}
CORRECTED = (
    Sent("qa1", "batch.open_for_correction", GIVEN, HOLD),
    Sent("tech1", "step.effect", STEP, WEIGHED, keep="effect"),
    Sent("tech1", "step.correct", STEP, WEIGHED | {"effect_seen": "@kept:effect"}),
    Sent("tech2", "step.verify", STEP),
    Sent("tech1", "batch.complete", GIVEN),
    Sent("qa1", "batch.review", GIVEN),
)
EXPLAINED = {
    **JUDGED,
    "deviation_assessment": None,
    "superseding_reason": "one weight was corrected; nothing else moved",
}
OPENED = Sent("qa1", "batch.open_for_correction", {"batch_id": "@batch:NK-03"}, HOLD)

BASES = {
    "oos.authorise_retest": Sent(**{**vars(RETEST), "before": (*INVALID, DRAWN)}),
    "result.enter a retest": Sent(
        "tech1", "result.enter", OF_RETEST, GRAM | {"sample": "@sample:NK-11/1"}, before=AUTHORISED
    ),
    "release.given": Sent("qp1", "release.given", GIVEN, EXPLAINED, before=CORRECTED),
}
ROWS = [
    *refused(
        "oos.authorise_retest",
        ("a sample that is not there", {"sample": "@sample:NK-11/9"}, "RETEST_SAMPLE"),
        ("an analyst who does no tests", {"analyst": "@person:qp1"}, "RETEST_PERSON"),
        ("by who declared it invalid", Other(who="qa1"), "SOD_RETEST"),
        ("a second time", Other(before=AUTHORISED), "RETEST_LIMIT"),
    ),
    *refused(
        "result.enter a retest",
        ("by another analyst", Other(who="tech2"), "RETEST_ANALYST"),
        ("the sample not scanned", {"sample": None}, "SAMPLE_NOT_SCANNED"),
    ),
    *refused(
        "release.stage_one",
        (
            "declared invalid, and nothing instead",
            Other(before=(*INVALID, REVIEWED)),
            "RETEST_MISSING",
            "BATCH_ON_HOLD",
        ),
        ("a failure that is confirmed", Other(before=FAILED), "OOS_CONFIRMED", "RESULT_OOS", "BATCH_ON_HOLD"),
        ("made by a version that the dossier lost", Other(before=(*WHOLE, *AMENDED)), "VERSION_NOT_AUTHORISED"),
    ),
    *refused(
        "release.given",
        ("its record was not corrected", Other(before=()), "CERTIFICATION_STANDS"),
        ("no word why another one takes its place", {"superseding_reason": None}, "SUPERSEDING_UNEXPLAINED"),
    ),
    *refused("batch.close", ("its certification no longer stands", Other(before=CORRECTED), "CERTIFICATION_VOID")),
    *refused(
        "container.scan recalled",
        ("its record is open for correction", Other(before=(OPENED,)), "RECORD_UNDER_CORRECTION"),
        verdict=True,
    ),
]
