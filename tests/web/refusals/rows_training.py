"""Training: who records it, when it counts, and what nobody does without it."""

from __future__ import annotations

from tests.web.refusals.scenes import FRESH, NOW, ago
from tests.web.refusals.sending import Other, Sent, refused

GIVEN = {
    "people": ["@person:fresh1"],
    "procedures": ["@taught:testing"],
    "trained_on": f"{NOW:%Y-%m-%d}",
    "evidence": "attendance list TR-2026-31",
}
FAILED = {"reason": "did not pass the media fill"}
WITHDRAWN = Sent("qa1", "training.withdraw", {"training_id": "@training:tech2/testing"}, FAILED)

BASES = {
    "training.record": Sent("tech1", "training.record", {}, GIVEN, "qa1"),
    "training.withdraw": WITHDRAWN,
}

ROWS = [
    *refused(
        "training.record",
        ("it would count from yesterday", {"effective_at": ago(hours=24)}, "TRAINING_BACKDATED"),
        ("it will be given tomorrow", {"trained_on": "2026-11-24"}, "TRAINING_DAY"),
        ("nobody knows the procedure", {"procedures": ["cooking:"]}, "TRAINING_UNKNOWN"),
        ("nobody knows the person", {"people": ["nobody"]}, "TRAINING_UNKNOWN"),
        ("who gives it had it", {"people": ["@person:tech1"]}, "SOD_TRAINING"),
        ("who confirms it had it", {"people": ["@person:qa1"]}, "SOD_TRAINING"),
        ("a technician confirms it", Other(second="tech2"), "SECOND_ROLE_NOT_ALLOWED"),
    ),
    *refused("training.withdraw", ("it is withdrawn already", Other(before=(WITHDRAWN,)), "TRAINING_ENDED")),
    *refused("batch.start", ("the second person is not trained", Other(second=FRESH), "NOT_TRAINED")),
    *refused("step.perform", ("the performer is not trained", Other(who=FRESH), "NOT_TRAINED")),
    *refused("step.verify", ("the verifier is not trained", Other(who=FRESH), "NOT_TRAINED")),
    *refused("container.fill", ("the verifier is not trained", Other(second=FRESH), "NOT_TRAINED")),
    *refused("label.print", ("the printer is not trained", Other(who=FRESH), "NOT_TRAINED")),
    *refused("label.apply", ("the witness is not trained", Other(second=FRESH), "NOT_TRAINED")),
    *refused("result.enter", ("the analyst is not trained", Other(who=FRESH), "NOT_TRAINED")),
    *refused("batch.review", ("the reviewer is not trained", Other(who=FRESH), "NOT_TRAINED")),
    *refused("container.dispense", ("the second checker is not trained", Other(second=FRESH), "NOT_TRAINED")),
]
