"""Order, check of the day, scan, dispensing, hand-over, infusion, reaction: the last hour before the child."""

from __future__ import annotations

from datetime import timedelta

from tests.web.refusals.rows_collections import held
from tests.web.refusals.rows_results import GROWTH
from tests.web.refusals.rows_subjects import HOLD, TODAY, TOMORROW, WEIGHT
from tests.web.refusals.scenes import ago
from tests.web.refusals.sending import Other, Sent, refused

ORDER = {"subject_code": "NK-04", "infusion_on": TODAY, "volume_ml": "38", "duration_minutes": "60", "ward": "Unit 3"}
ORDERED = {"order_id": "@order:NK-03"}
CHECK = {
    "marrow_blasts": "1.5",
    "marrow_assessed_on": "2026-11-18",
    "circulating_blasts": "0",
    "circulating_assessed_on": TODAY,
    "extramedullary_progression": "no",
    "neutrophils": "1.8",
    "neutrophils_assessed_on": TODAY,
    "donor_chimerism": "yes",
    "gvhd_grade": "0",
    "steroids": "0",
    "other_condition": "no",
    "source": "laboratory report of today",
}
SCAN = {"label_code": "@payload:NK-03", "subject_code": "NK-03", "place": "pharmacy", "nonce": "a-nonce-of-the-form"}
SCANNED = Sent("pharm1", "container.scan", fields=SCAN, keep="scan")
GIVEN_OUT = Sent("pharm1", "container.dispense", {"scan_id": "@kept:scan"}, {}, "qp1", keep="dispensing")
OF_KEPT = {"dispensing_id": "@kept:dispensing"}
BOX = {
    "handed_over_at": ago(),
    "temperature_c": "20.5",
    "condition": "intact, label legible",
    "transport_box": "BOX-02",
}
HANDED = Sent("pharm1", "dispensing.hand_over", OF_KEPT, BOX, "nurse1")
AT_BED = Sent("nurse1", "container.scan", fields=SCAN | {"place": "bedside"})
INFUSED = {
    "outcome": "complete",
    "started_at": ago(),
    "stopped_at": ago(minutes=-30),
    "volume_given_ml": "40",
    "premedication": "yes",
    "identity_checked": "yes",
}
OUTSIDE = (SCANNED, GIVEN_OUT, HANDED, AT_BED, timedelta(minutes=40))
FEVER = {
    "term": "fever",
    "onset_at": ago(days=39),
    "grade": "3",
    "serious": "no",
    "relatedness": "probable",
}
SERIOUS = FEVER | {"serious": "yes", "life_threatening": "no", "known_at": ago(days=38)}
OF_NK01 = {"administration_id": "@administration:NK-01"}
GRAVE = Sent("nurse1", "reaction.record", OF_NK01, SERIOUS, keep="reaction")
OF_REACTION = {"reaction_id": "@kept:reaction"}
MADE = {"reported_at": ago(days=37), "reference": "EV-2026-17"}
TOLD = Sent("doctor1", "reaction.report_sponsor", OF_REACTION, MADE, before=(GRAVE,))
ANSWERS = ("sterility", "endotoxin", "other_results", "donor_markers", "units_of_batch", "units_of_donor")
CONCLUDED = {
    **dict.fromkeys(ANSWERS, "not_known"),
    "outcome": "cause_undetermined",
    "conclusion": "the records were read; the fever has another cause",
    "follow_up": "nothing_follows",
}
FATAL = Sent("nurse1", "reaction.record", OF_NK01, SERIOUS | {"life_threatening": "yes"}, keep="reaction")
REPORTED_FIRST = Sent("sponsor1", "reaction.report_authority", OF_REACTION, MADE)
JUDGED = {"reference": "IB v3, 6.2", "reason": "fever is expected after the infusion"}
REACTION = Sent("nurse1", "reaction.record", OF_NK01, FEVER, keep="reaction")
DECIDED = {"adjudicated": "not_qualifying", "reason": "due to the infection known before"}
HEAVIER = Sent(
    "doctor1", "weight.record", {"subject_id": "@subject:NK-03"}, WEIGHT | {"kg": "21", "kg_again": "21"}, "nurse1"
)

BASES = {
    "order.write": Sent("doctor1", "order.write", fields=ORDER),
    "order.cancel": Sent("doctor1", "order.cancel", ORDERED, HOLD),
    "order.check": Sent("doctor1", "order.check", ORDERED, CHECK),
    "container.scan": SCANNED,
    "container.scan_typed": Sent(
        "pharm1", "container.scan_typed", fields=SCAN | {"label_code": "@short:NK-03"}, second="pharm2"
    ),
    "container.dispense": Sent("pharm1", "container.dispense", {"scan_id": "@kept:scan"}, {}, "qp1", before=(SCANNED,)),
    "dispensing.cancel": Sent("pharm1", "dispensing.cancel", OF_KEPT, HOLD, "pharm2", before=(SCANNED, GIVEN_OUT)),
    "dispensing.hand_over": Sent(**{**vars(HANDED), "before": (SCANNED, GIVEN_OUT)}),
    "administration.record": Sent("nurse1", "administration.record", OF_KEPT, INFUSED, before=OUTSIDE),
    "reaction.record": Sent("nurse1", "reaction.record", OF_NK01, FEVER),
    "reaction.record serious": Sent("nurse1", "reaction.record", OF_NK01, SERIOUS),
    "reaction.report_sponsor": TOLD,
    "reaction.report_authority": Sent("sponsor1", "reaction.report_authority", OF_REACTION, MADE, before=(GRAVE,)),
    "reaction.not_susar": Sent("sponsor1", "reaction.not_susar", OF_REACTION, JUDGED, before=(GRAVE,)),
    "reaction.follow_up": Sent("sponsor1", "reaction.follow_up", OF_REACTION, MADE, before=(FATAL, REPORTED_FIRST)),
    "check.conclude": Sent("qa1", "check.conclude", {"check_id": "@check:"}, CONCLUDED, before=(GRAVE,)),
    "reaction.report_donation": Sent("qa1", "reaction.report_donation", OF_REACTION, MADE, before=(GRAVE,)),
    "reaction.not_donation": Sent("qa1", "reaction.not_donation", OF_REACTION, JUDGED, before=(GRAVE,)),
    "administration.no_reaction": Sent("nurse1", "administration.no_reaction", OF_NK01),
    "reaction.adjudicate": Sent(
        "sponsor1", "reaction.adjudicate", {"reaction_id": "@kept:reaction"}, DECIDED, before=(REACTION,)
    ),
    "weight.resign": Sent("qp1", "weight.resign", {"batch_id": "@batch:NK-03"}, before=(HEAVIER,)),
}
FOR_TOMORROW = Sent("doctor1", "order.write", fields=ORDER | {"infusion_on": TOMORROW}, keep="order")
CANCELLED = Sent("doctor1", "order.cancel", ORDERED, HOLD)
GVHD = Sent("doctor1", "order.check", ORDERED, CHECK | {"gvhd_grade": "2"})
REJECTED = Sent("qp1", "release.reject", {"batch_id": "@batch:NK-03"}, HOLD)
REPRINTED = Sent("tech1", "label.reprint", {"label_id": "@label:NK-03"}, HOLD, "tech2")
CONTAINER = held("container", "@container:NK-03")["before"]

ROWS = [
    *refused(
        "order.write",
        ("a subject nobody registered", {"subject_code": "NK-77"}, "SUBJECT_UNKNOWN"),
        ("a subject without a weight", {"subject_code": "NK-07"}, "WEIGHT_MISSING"),
        ("an order of today is open", {"subject_code": "NK-03"}, "ORDER_OPEN"),
        ("for yesterday", {"infusion_on": "2026-11-22"}, "ORDER_DAY_PAST"),
        ("no volume", {"volume_ml": "0"}, "ORDER_VALUE"),
    ),
    *refused("order.cancel", ("no reason", {"reason": None}, "MISSING_REASON")),
    *refused(
        "order.check",
        (
            "for another day",
            Other(ids={"order_id": "@kept:order"}, before=(FOR_TOMORROW,)),
            "WRONG_DAY",
        ),
        ("neutrophils of yesterday", {"neutrophils_assessed_on": "2026-11-22"}, "ELIGIBILITY_STALE"),
        ("neutrophils per µL", {"neutrophils": "500"}, "UNIT_IMPLAUSIBLE"),
        ("few neutrophils per µL", {"neutrophils": "50"}, "NEUTROPHILS_UNIT"),
        ("neutrophils twice in one unit", {"neutrophils_per_ul": "1.8"}, "NEUTROPHILS_DIFFER"),
        ("a last day of what was not given", {"immunosuppression_last_on": "2026-11-01"}, "IMMUNOSUPPRESSION_DIFFERS"),
        ("another condition without its name", {"other_condition": "yes"}, "ELIGIBILITY_MISSING"),
        ("a question left open", {"extramedullary_progression": None}, "FIELD_INVALID"),
    ),
    *refused(
        "container.scan",
        ("another subject's code", {"subject_code": "NK-04"}, "SUBJECT_MISMATCH"),
        ("no subject's code", {"subject_code": "123456782"}, "SUBJECT_NOT_READ"),
        ("something else was scanned", {"label_code": "https://example.org"}, "NOT_A_LABEL"),
        ("a number typed by one person", {"label_code": "@short:NK-03"}, "SECOND_PERSON_NEEDED"),
        ("at the bedside before the hand-over", {"place": "bedside"}, "NOT_HANDED_OVER"),
        ("the old print after a reprint", Other(before=(REPRINTED,)), "LABEL_VOID"),
        ("a container on hold", Other(before=CONTAINER), "BATCH_ON_HOLD"),
        ("no order any more", Other(before=(CANCELLED,)), "ORDER_MISSING"),
        ("GvHD grade II today", Other(before=(GVHD,)), "ELIGIBILITY_FAILED"),
        ("the child is heavier than certified", Other(before=(HEAVIER,)), "WEIGHT_CHANGED"),
        ("rejected since", Other(before=(REJECTED,)), "BATCH_REJECTED"),
        ("the culture grew, and nobody has verified it", Other(before=GROWTH[:-1]), "RESULT_FAILS_UNVERIFIED"),
        ("the culture grew", Other(before=GROWTH), "LATE_OOS", "BATCH_ON_HOLD", "VERDICT_FAILED"),
        ("dispensed before", Other(before=(SCANNED, GIVEN_OUT)), "ALREADY_DISPENSED"),
        verdict=True,
    ),
    *refused(
        "container.scan",
        ("a place that is none", {"place": "corridor"}, "FIELD_INVALID"),
        ("a head that nobody was told", {"last_head": "17"}, "HEAD_FOREIGN"),
    ),
    *refused(
        "container.scan_typed",
        ("one person for two", Other(second="pharm1"), "SOD_SECOND"),
    ),
    *refused(
        "container.dispense",
        ("one person for two", Other(second="pharm1"), "SOD_DISPENSE"),
        ("a nurse checks", Other(second="nurse1"), "SECOND_ROLE_NOT_ALLOWED"),
        ("scanned by another", Other(who="pharm2"), "DECISION_EXPIRED"),
        ("a minute too late", Other(before=(SCANNED, timedelta(seconds=61))), "DECISION_EXPIRED"),
        ("held after the scan", Other(before=(SCANNED, *CONTAINER)), "BATCH_ON_HOLD"),
        ("dispensed before", Other(before=(SCANNED, GIVEN_OUT)), "ALREADY_DISPENSED"),
    ),
    *refused(
        "dispensing.cancel",
        ("no reason", {"reason": None}, "MISSING_REASON"),
        ("on its way already", Other(before=(SCANNED, GIVEN_OUT, HANDED)), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "dispensing.hand_over",
        ("in ten minutes", {"handed_over_at": ago(minutes=-10)}, "FUTURE_TIME"),
        ("before the dispensing", {"handed_over_at": ago(minutes=10)}, "TIME_ORDER"),
        ("to a pharmacist", Other(second="pharm2"), "SECOND_ROLE_NOT_ALLOWED"),
        ("held after the dispensing", Other(before=(SCANNED, GIVEN_OUT, *CONTAINER)), "BATCH_ON_HOLD"),
    ),
    *refused(
        "administration.record",
        ("started before the hand-over", {"started_at": ago(minutes=5)}, "TIME_ORDER"),
        ("more than there was", {"volume_given_ml": "41"}, "VOLUME_GIVEN"),
        ("a question left open", {"premedication": None}, "MISSING_FIELD"),
        ("in part, without why", {"outcome": "partial", "volume_given_ml": "20"}, "MISSING_FIELD"),
        ("stopped in an hour", {"stopped_at": ago(hours=-2)}, "FUTURE_TIME"),
    ),
    *refused(
        "reaction.record",
        ("a sixth grade", {"grade": "6"}, "GRADE"),
        ("something else, without words", {"term": "other"}, "MISSING_FIELD"),
        ("before the infusion", {"onset_at": ago(days=45)}, "TIME_ORDER"),
    ),
    *refused(
        "reaction.record serious",
        ("nobody says since when it is known", {"known_at": None}, "MISSING_FIELD"),
        ("death that is not serious", {"grade": "5"}, "FATAL_IS_SERIOUS"),
    ),
    *refused(
        "reaction.report_sponsor",
        ("before it was known", {"reported_at": ago(days=39)}, "TIME_ORDER"),
        ("it was recorded before", Other(before=(GRAVE, TOLD)), "REPORT_RECORDED"),
        ("the sponsor records it", Other(who="sponsor1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "reaction.report_authority",
        ("the reaction is not serious", Other(before=(REACTION,)), "REPORT_NOT_ASKED"),
    ),
    *refused(
        "check.conclude",
        ("no cause, though nothing is known", {"outcome": "no_quality_cause"}, "CHECK_OUTCOME"),
        ("a recall that is not there", {"follow_up": "recall", "follow_number": "RC-2026-099"}, "DEFECT_FOLLOW_UP"),
    ),
    *refused("reaction.follow_up", ("nothing was reported before", Other(before=(GRAVE,)), "REPORT_NOT_ASKED")),
    *refused("reaction.report_donation", ("the sponsor records it", Other(who="sponsor1"), "ROLE_NOT_ALLOWED")),
    *refused("reaction.not_donation", ("no reason", {"reason": None}, "MISSING_REASON")),
    *refused("reaction.not_susar", ("no reason", {"reason": None}, "MISSING_REASON")),
    *refused("administration.no_reaction", ("a reaction is recorded", Other(before=(REACTION,)), "REACTIONS_RECORDED")),
    *refused(
        "reaction.adjudicate",
        (
            "decided before",
            Other(
                before=(REACTION, Sent("sponsor1", "reaction.adjudicate", {"reaction_id": "@kept:reaction"}, DECIDED))
            ),
            "ADJUDICATION_NOT_OPEN",
        ),
    ),
    *refused("weight.resign", ("the weight is the one signed for", Other(before=()), "WEIGHT_UNCHANGED")),
]
