"""The trial and its subjects: registered by code, included with every reason against it, weighed by two."""

from __future__ import annotations

from datetime import timedelta

from tests.web.refusals.scenes import NOW, ago
from tests.web.refusals.sending import WRONG, Other, Sent, refused

TODAY, TOMORROW = NOW.date().isoformat(), f"{NOW.date():%Y-%m}-{NOW.day + 1}"
NEW = {
    "code": "NK-20",
    "diagnosis": "ALL",
    "donor_type": "mismatched_family",
    "age_years": "6",
    "age_months": "3",
    "transplanted_on": TODAY,
    "eighteenth_birthday": "no",
}
CONSENT = {"consent_reference": "IC-NK-12", "consented_on": TODAY}
WEIGHT = {"kg": "18.9", "kg_again": "18.9", "measured_at": ago(minutes=20)}
OF_TRIAL = {"scope": "trial", "record_id": "@trial:NL-OMON26066"}
HOLD = {"reason": "temperature log of the freezer is missing"}
TRIAL_HELD = Sent("qa1", "hold.set", OF_TRIAL, HOLD, keep="hold")
OF_SUBJECT = {"scope": "subject", "record_id": "@subject:NK-03"}
SUBJECT_HELD = Sent("qa1", "hold.set", OF_SUBJECT, HOLD, keep="hold")
THE_TRIAL, KEPT_HOLD = {"trial_id": "@trial:NL-OMON26066"}, {"hold_id": "@kept:hold"}
DECISION = {"document": "DSMB 2026-3 v1", **HOLD}
ERASURE = {"reference": "letter 2026-17", "received_on": TODAY}
A_YEAR = timedelta(days=366)
OBSERVED = {"subject_id": "@subject:NK-01"}

BASES = {
    "subject.register": Sent("sponsor1", "subject.register", fields=NEW),
    "subject.include": Sent("sponsor1", "subject.include", {"subject_id": "@subject:NK-12"}, CONSENT),
    "subject.conclude": Sent(
        "sponsor1", "subject.conclude", {"subject_id": "@subject:NK-17"}, {"drop_reason": "no_consent"}
    ),
    "weight.record": Sent("doctor1", "weight.record", {"subject_id": "@subject:NK-03"}, WEIGHT, "nurse1"),
    "hold.set": Sent("qa1", "hold.set", OF_TRIAL, HOLD),
    "hold.lift": Sent("qp1", "hold.lift", KEPT_HOLD, HOLD, before=(SUBJECT_HELD,)),
    "trial.hold": Sent("sponsor1", "trial.hold", THE_TRIAL, HOLD),
    "trial.lift": Sent("sponsor1", "trial.lift", KEPT_HOLD, DECISION, before=(TRIAL_HELD,)),
    "subject.complete": Sent("sponsor1", "subject.complete", OBSERVED, before=(A_YEAR,)),
    "erasure.answer": Sent("qa1", "erasure.answer", {"subject_id": "@subject:NK-03"}, ERASURE),
}
THE_TWELFTH = (Sent("sponsor1", "subject.include", {"subject_id": "@subject:NK-13"}, CONSENT),)
LIFTED = Sent("qp1", "hold.lift", KEPT_HOLD, HOLD)
TRIAL_LIFTED = Sent("sponsor1", "trial.lift", KEPT_HOLD, DECISION)

ROWS = [
    *refused(
        "subject.register",
        ("a code of another form", {"code": "NK-020"}, "ID_FORMAT"),
        ("a code that is taken", {"code": "NK-03"}, "DUPLICATE_ID"),
        ("a name for a code", {"code": "Anna de Vries"}, "PII_IN_FIELD"),
        ("a transplantation to come", {"transplanted_on": TOMORROW}, "FUTURE_TIME"),
        ("a day as people say it", {"transplanted_on": "23-11-2026"}, "FIELD_INVALID"),
        ("no diagnosis", {"diagnosis": None}, "FIELD_INVALID"),
        ("the physician registers", Other(who="doctor1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "subject.include",
        ("younger than one year", Other(ids={"subject_id": "@subject:NK-16"}), "INCLUSION_AGE"),
        ("cord blood", Other(ids={"subject_id": "@subject:NK-14"}), "CORD_BLOOD"),
        ("a matched sibling as donor", Other(ids={"subject_id": "@subject:NK-15"}), "DONOR_TYPE"),
        ("no consent", {"consent_reference": None}, "CONSENT_MISSING"),
        ("a consent of tomorrow", {"consented_on": TOMORROW}, "FUTURE_TIME"),
        ("the thirteenth subject", Other(before=THE_TWELFTH), "TARGET_REACHED"),
        ("included before", Other(ids={"subject_id": "@subject:NK-03"}), "STATE_NOT_ALLOWED"),
        ("the trial is on hold", Other(before=(TRIAL_HELD,)), "TRIAL_ON_HOLD"),
    ),
    *refused(
        "subject.conclude",
        ("a reason that is not in the list", {"drop_reason": "moved"}, "FIELD_INVALID"),
    ),
    *refused(
        "weight.record",
        ("the second person reads another weight", {"kg_again": "18.4"}, "WEIGHT_SECOND_ENTRY"),
        ("pounds or a decimal point gone", {"kg": "189", "kg_again": "189"}, "WEIGHT_IMPLAUSIBLE"),
        ("a decimal comma", {"kg": "18,9"}, "FIELD_INVALID"),
        ("weighed in an hour", {"measured_at": ago(hours=-1)}, "FUTURE_TIME"),
        ("one person for two", Other(second="doctor1"), "SOD_SECOND"),
        ("a second person without the role", Other(second="tech1"), "SECOND_ROLE_NOT_ALLOWED"),
        ("the second person's wrong password", {"second_password": WRONG}, "AUTH_BAD_SIGNATURE"),
        (
            "another weight was recorded after the page was opened",
            Other(meanwhile=(Sent("doctor1", "weight.record", {"subject_id": "@subject:NK-03"}, WEIGHT, "nurse1"),)),
            "STALE_VERSION",
        ),
    ),
    *refused(
        "hold.set",
        ("no reason", {"reason": None}, "MISSING_REASON"),
    ),
    *refused(
        "hold.lift",
        ("QA lifts", Other(who="qa1"), "ROLE_NOT_ALLOWED"),
        ("lifted before", Other(before=(SUBJECT_HELD, LIFTED)), "HOLD_LIFTED"),
        ("the hold of the trial", Other(before=(TRIAL_HELD,)), "HOLD_CAUSE_STANDS"),
        ("a failed result is behind it", Other(ids={"hold_id": "@hold:NK-05"}), "HOLD_CAUSE_STANDS"),
        ("a reason of one word", {"reason": "fout"}, "MISSING_REASON"),
    ),
    *refused(
        "trial.hold",
        ("the physician holds", Other(who="doctor1"), "ROLE_NOT_ALLOWED"),
        ("no reason", {"reason": None}, "MISSING_REASON"),
    ),
    *refused(
        "trial.lift",
        ("the QP lifts", Other(who="qp1"), "ROLE_NOT_ALLOWED"),
        ("no decision document", {"document": None}, "FIELD_INVALID"),
        ("lifted before", Other(before=(TRIAL_HELD, TRIAL_LIFTED)), "HOLD_LIFTED"),
        ("a hold that is not of the trial", Other(before=(SUBJECT_HELD,)), "HOLD_CAUSE_STANDS"),
    ),
    *refused(
        "subject.complete",
        ("before the last day of the follow-up", Other(before=()), "OBSERVATION_RUNS"),
        ("nothing was given", Other(before=(), ids={"subject_id": "@subject:NK-05"}), "NOT_INFUSED"),
        ("not included", Other(before=(), ids={"subject_id": "@subject:NK-17"}), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "erasure.answer",
        ("received tomorrow", {"received_on": TOMORROW}, "FUTURE_TIME"),
        ("the sponsor answers", Other(who="sponsor1"), "ROLE_NOT_ALLOWED"),
        ("no reference", {"reference": None}, "FIELD_INVALID"),
    ),
]
