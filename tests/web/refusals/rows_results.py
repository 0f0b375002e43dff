"""Results, review, certification, sponsor: nobody signs for his own work, nothing is certified that is not whole."""

from __future__ import annotations

from datetime import timedelta

from config.releasing import CD3
from tests.web.refusals.rows_collections import held
from tests.web.refusals.rows_subjects import HOLD, TRIAL_HELD
from tests.web.refusals.scenes import MANY, ago
from tests.web.refusals.sending import Other, Sent, refused

MEASURED = {"method": "flow cytometry", "measured_at": ago(minutes=30), "raw_data_reference": "RAW-0815"}
PURITY = {"operator": "=", "value": "92.4", "unit": "%", **MEASURED}
COUNT = {"events": "51", "bead_events": "20400", **CD3, **MEASURED}
GRAM = {"text": "no organisms", "finding": None, **MEASURED}
READING = {"read_at": ago(), "method": "automated culture", "raw_data_reference": "RAW-0816"}
SEEN = {"raw_data_seen": "yes"}


def of_test(subject: str, criterion: str) -> dict[str, str]:
    return {"test_id": f"@test:{subject}/{criterion}"}


def entered(subject: str, criterion: str, fields: dict[str, str | None]) -> Sent:
    return Sent("tech1", "result.enter", of_test(subject, criterion), fields)


def verified(subject: str, criterion: str) -> Sent:
    return Sent("tech2", "result.verify", of_test(subject, criterion), SEEN)


BATCH = {"batch_id": "@batch:NK-11"}
CULTURE = of_test("NK-11", "sterility")
INOCULATED = Sent("tech1", "sterility.inoculate", CULTURE, {"inoculated_at": ago(minutes=30)})
POSITIVE = Sent("tech1", "sterility.conclude", CULTURE, READING | {"reading": "positive"}, before=(INOCULATED,))
EXPLAINED = {"difference_answer": "the bag was mixed again before the release sample was drawn"}
JUDGED = {
    "manufacturing_authorised": "yes",
    "national_duties": "yes",
    "register_entry": "yes",
    "deviation_assessment": "the pump stopped between two runs, no cells were in the tubing",
}
READY = {"trial_authorised": "yes", "site_ready": "yes"}
STAINED = (entered("NK-11", "gram", GRAM), verified("NK-11", "gram"))
REVIEWED = Sent("qa1", "batch.review", BATCH, EXPLAINED)
WHOLE = (*STAINED, INOCULATED, REVIEWED)
BY_MANY = (*STAINED, INOCULATED, Sent(MANY, "batch.review", BATCH, EXPLAINED))
STAGE_ONE = Sent("qp1", "release.stage_one", BATCH, JUDGED)
OPEN_DEVIATION = Sent(
    "tech1",
    "deviation.report",
    BATCH,
    {"classification": "minor", "description": "the label of a sample tube came off"},
)
GROWTH = (
    Sent("tech1", "sterility.conclude", of_test("NK-03", "sterility"), READING | {"reading": "positive"}),
    Sent("tech2", "result.verify", of_test("NK-03", "sterility"), SEEN),
)
LATE_SEEN = Sent(
    "qp1",
    "late_oos.acknowledge",
    {"decision_id": "@late:NK-03"},
    {"answer": "nothing was given; it is destroyed"},
    before=GROWTH,
)

BASES = {
    "result.enter": entered("NK-08", "purity", PURITY),
    "result.enter a count": entered("NK-08", "cd3_dose", COUNT),
    "result.enter a finding": entered("NK-08", "gram", GRAM | {"text": "other", "finding": "few gram-positive rods"}),
    "result.verify": Sent(
        "tech2", "result.verify", of_test("NK-08", "purity"), SEEN, before=(entered("NK-08", "purity", PURITY),)
    ),
    "result.correct": Sent(
        "tech1",
        "result.correct",
        of_test("NK-08", "purity"),
        PURITY | {"value": "92.5", "reason": "read from the wrong line of the print"},
        before=(entered("NK-08", "purity", PURITY),),
    ),
    "sterility.inoculate": INOCULATED,
    "sterility.read": Sent("tech1", "sterility.read", CULTURE, READING, before=(INOCULATED,)),
    "sterility.conclude": POSITIVE,
    "batch.review": REVIEWED,
    "release.stage_one": Sent(**{**vars(STAGE_ONE), "before": WHOLE}),
    "release.stage_one by another": Sent(MANY, "release.stage_one", BATCH, JUDGED, before=WHOLE),
    "release.sponsor": Sent("sponsor1", "release.sponsor", BATCH, READY, before=(*WHOLE, STAGE_ONE)),
    "release.sponsor by another": Sent(MANY, "release.sponsor", BATCH, READY, before=(*WHOLE, STAGE_ONE)),
    "release.reject": Sent("qp1", "release.reject", BATCH, HOLD),
    "late_oos.acknowledge": LATE_SEEN,
}
CERTIFIED_BY_MANY = (*WHOLE, Sent(MANY, "release.stage_one", BATCH, JUDGED))
GROWN = GRAM | {"text": "other", "finding": "few gram-positive rods"}
FAILED_STAIN = (entered("NK-11", "gram", GROWN), verified("NK-11", "gram"), INOCULATED, REVIEWED)
HELD = held("batch", "@batch:NK-11")["before"]
OUT = Sent("sponsor1", "subject.conclude", {"subject_id": "@subject:NK-11"}, {"drop_reason": "withdrawal"})

ROWS = [
    *refused(
        "result.enter",
        ("not a number", {"value": "NaN"}, "FIELD_INVALID"),
        ("a comma for thousands", {"value": "1,234"}, "FIELD_INVALID"),
        ("the sign in the number", {"value": "<0.5"}, "FIELD_INVALID"),
        ("an exponent beyond everything", {"value": "1e400"}, "FIELD_INVALID"),
        ("more than 100 %", {"value": "100.000000000001"}, "UNIT_IMPLAUSIBLE"),
        ("another unit", {"unit": "g"}, "UNIT_NOT_ALLOWED"),
        ("less than, where that shows nothing", {"operator": "<"}, "RESULT_NOT_POSSIBLE"),
        ("measured tomorrow", {"measured_at": ago(hours=-20)}, "FUTURE_TIME"),
        ("measured before the leukapheresis", {"measured_at": ago(days=3)}, "TIME_ORDER"),
        ("entered and verified before", Other(ids=of_test("NK-04", "purity")), "RETEST_NOT_AUTHORISED"),
    ),
    *refused(
        "result.enter a count",
        ("no beads", {"bead_events": "0"}, "RESULT_NOT_POSSIBLE"),
        ("half an event", {"events": "51.5"}, "FIELD_INVALID"),
    ),
    *refused(
        "result.enter a finding",
        ("no words for it", {"finding": None}, "RESULT_NOT_POSSIBLE"),
        ("an accepted word written by hand", {"finding": "No Organisms"}, "RESULT_NOT_POSSIBLE"),
        ("a test that is read from the records", Other(ids=of_test("NK-08", "identity")), "RESULT_FROM_RECORDS"),
    ),
    *refused(
        "result.verify",
        ("who entered it verifies it", Other(who="tech1"), "SOD_RESULT"),
        ("the raw data were not opened", {"raw_data_seen": "no"}, "RAW_DATA_UNSEEN"),
        (
            "the value was corrected after the page was opened",
            Other(
                meanwhile=(
                    Sent(
                        "tech1",
                        "result.correct",
                        of_test("NK-08", "purity"),
                        PURITY | {"reason": "raw data number was wrong", "raw_data_reference": "RAW-0816"},
                    ),
                )
            ),
            "STALE_VERSION",
        ),
    ),
    *refused("result.correct", ("a reason of one word", {"reason": "typo"}, "MISSING_REASON")),
    *refused(
        "sterility.inoculate",
        ("before the fill", {"inoculated_at": ago(hours=9)}, "TIME_ORDER"),
        ("a test that is no culture", Other(ids=of_test("NK-08", "purity")), "WRONG_KIND_OF_TEST"),
    ),
    *refused("sterility.read", ("before the inoculation", {"read_at": ago(minutes=31)}, "TIME_ORDER")),
    *refused(
        "sterility.conclude",
        ("final after half an hour", {"reading": "final_negative"}, "FINAL_READ_TOO_EARLY"),
    ),
    *refused(
        "batch.review",
        ("a difference nobody explains", {"difference_answer": None}, "FORMULATION_DIFFERENCE"),
        ("who verified a result reviews", Other(who="qa2"), "SOD_RELEASE"),
        ("a deviation is open", Other(before=(OPEN_DEVIATION,)), "DEVIATION_OPEN"),
        ("still at the bench", Other(ids={"batch_id": "@batch:NK-06"}), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "release.stage_one",
        ("no review", Other(before=(*STAINED, INOCULATED)), "AUDIT_REVIEW_MISSING", "FORMULATION_DIFFERENCE"),
        (
            "a result verified after the review",
            Other(before=(STAINED[0], INOCULATED, REVIEWED, STAINED[1])),
            "AUDIT_REVIEW_STALE",
        ),
        ("a result missing", Other(before=(INOCULATED, REVIEWED)), "RESULT_MISSING"),
        ("a result not verified", Other(before=(STAINED[0], INOCULATED, REVIEWED)), "RESULT_UNVERIFIED"),
        ("a result out of specification", Other(before=FAILED_STAIN), "RESULT_OOS", "OOS_UNDECIDED", "BATCH_ON_HOLD"),
        ("the culture not begun", Other(before=(*STAINED, REVIEWED)), "NOT_IN_TEST"),
        (
            "certified as final while a culture runs and five plates are not read",
            Other(act="release.full"),
            "RESULT_MISSING",
            *["ENVIRONMENT_PENDING"] * 5,
        ),
        ("the batch is on hold", Other(before=(*WHOLE, *HELD)), "BATCH_ON_HOLD", "AUDIT_REVIEW_STALE"),
        (
            "the subject is on hold",
            Other(before=(*WHOLE, *held("subject", "@subject:NK-11")["before"])),
            "BATCH_ON_HOLD",
        ),
        ("the trial is on hold", Other(before=(*WHOLE, TRIAL_HELD)), "TRIAL_ON_HOLD"),
        ("less time than transport takes", Other(before=(*WHOLE, timedelta(hours=18))), "PRODUCT_EXPIRED"),
        ("no word about the deviation", {"deviation_assessment": None}, "DEVIATION_NOT_JUDGED"),
        ("a statement answered with no", {"national_duties": "no"}, "STATEMENT_OPEN"),
        ("rejected before", Other(ids={"batch_id": "@batch:NK-05"}), "STATE_NOT_ALLOWED"),
    ),
    *refused("release.stage_one by another", ("who reviewed certifies", Other(before=BY_MANY), "SOD_QA_QP")),
    *refused(
        "release.sponsor",
        ("not certified", Other(before=WHOLE), "NOT_CERTIFIED"),
        ("the site is not ready", {"site_ready": "no"}, "STATEMENT_OPEN"),
        ("released before", Other(ids={"batch_id": "@batch:NK-03"}), "STATE_NOT_ALLOWED"),
        ("the subject was concluded", Other(before=(*WHOLE, STAGE_ONE, OUT)), "SUBJECT_NOT_INCLUDED"),
        ("on hold since", Other(before=(*WHOLE, STAGE_ONE, *HELD)), "BATCH_ON_HOLD"),
    ),
    *refused("release.sponsor by another", ("who certified releases", Other(before=CERTIFIED_BY_MANY), "SOD_SPONSOR")),
    *refused(
        "release.reject",
        ("no reason", {"reason": None}, "MISSING_REASON"),
        ("rejected before", Other(ids={"batch_id": "@batch:NK-05"}), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "late_oos.acknowledge",
        ("acknowledged before", Other(before=(*GROWTH, LATE_SEEN)), "ALREADY_ACKNOWLEDGED"),
    ),
]
