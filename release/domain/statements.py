"""What is vouched for by each decision, in one sentence; it is shown before signing, stored and printed."""

from __future__ import annotations

from kernel.refusals import N_
from release.domain.decisions import DecisionKind

REVIEWED = N_(
    "I reviewed the batch record and its audit trail, exceptions first; the record is complete, the deviations are "
    "assessed, and I had no part in making or testing this batch."
)
CERTIFIED_PENDING = N_(
    "I certify that this batch was made and checked according to GMP for advanced therapies, the clinical trial "
    "application and the frozen specification; the results named as pending are not known yet."
)
CERTIFIED = N_(
    "I certify that this batch was made and checked according to GMP for advanced therapies, the clinical trial "
    "application and the frozen specification; all results are final and within it."
)
CERTIFIED_AFTER_ALL = N_(
    "I certify, after the results that were pending have come in, that this batch meets its specification."
)
CERTIFIED_WHAT_WAS_GIVEN = N_(
    "I certify, after its record was corrected and reviewed again, that what was given of this batch was made and "
    "checked according to GMP for advanced therapies, the clinical trial application and the frozen specification; "
    "results named as pending are not known yet. This certification takes the place of the earlier one."
)
GIVEN_FAILED = N_(
    "I find, after its record was corrected, that what was given of this batch does not meet the release criteria; "
    "its certification no longer stands."
)
SPONSOR_RELEASED = N_(
    "I release this certified batch for use in the trial: the trial is authorised and open, and the subject is included."
)
REJECTED = N_("I reject this batch. Its containers that were not dispensed may never be used.")
WEIGHT_JUDGED = N_("I judged the doses per kg anew with the weight shown; the batch stays certified for this subject.")
LATE_FAILED = N_("A result that came after the certification is out of specification; the batch is not usable.")
OOS_ACCEPTED = N_(
    "I have read the risk evaluation of the manufacturer. I accept this product as it is; it is supplied out of "
    "specification at my request, because I see no better way to avoid an immediate significant hazard to this patient."
)
LATE_ACKNOWLEDGED = N_("I know of the late result that is out of specification, and I act on it.")

NAMES = {
    DecisionKind.REVIEW: N_("QA review"),
    DecisionKind.STAGE1: N_("certification, results pending"),
    DecisionKind.FULL: N_("certification, all results final"),
    DecisionKind.STAGE2: N_("final certification"),
    DecisionKind.GIVEN: N_("certification of what was given"),
    DecisionKind.GIVEN_FAILED: N_("what was given does not meet the criteria"),
    DecisionKind.SPONSOR: N_("sponsor release"),
    DecisionKind.REJECT: N_("rejection"),
    DecisionKind.LATE_OOS: N_("late result out of specification"),
    DecisionKind.ACKNOWLEDGED: N_("late result acknowledged"),
    DecisionKind.WEIGHT: N_("doses judged with a new weight"),
    DecisionKind.OOS_SUPPLY: N_("supply out of specification"),
}
STATEMENTS = {
    DecisionKind.REVIEW: REVIEWED,
    DecisionKind.STAGE1: CERTIFIED_PENDING,
    DecisionKind.FULL: CERTIFIED,
    DecisionKind.STAGE2: CERTIFIED_AFTER_ALL,
    DecisionKind.GIVEN: CERTIFIED_WHAT_WAS_GIVEN,
    DecisionKind.GIVEN_FAILED: GIVEN_FAILED,
    DecisionKind.SPONSOR: SPONSOR_RELEASED,
    DecisionKind.REJECT: REJECTED,
    DecisionKind.WEIGHT: WEIGHT_JUDGED,
    DecisionKind.LATE_OOS: LATE_FAILED,
    DecisionKind.ACKNOWLEDGED: LATE_ACKNOWLEDGED,
    DecisionKind.OOS_SUPPLY: OOS_ACCEPTED,
}
MEANINGS = {
    DecisionKind.REVIEW: "batch record and audit trail reviewed",
    DecisionKind.STAGE1: "certified, results pending",
    DecisionKind.FULL: "certified",
    DecisionKind.STAGE2: "final certification after all results",
    DecisionKind.GIVEN: "certified anew what was given",
    DecisionKind.GIVEN_FAILED: "what was given does not meet the criteria",
    DecisionKind.SPONSOR: "released for use in trial",
    DecisionKind.REJECT: "rejected",
    DecisionKind.WEIGHT: "doses per kg judged with the new weight",
    DecisionKind.ACKNOWLEDGED: "late OOS acknowledged",
    DecisionKind.OOS_SUPPLY: "risk accepted: supplied out of specification at my request",
}
