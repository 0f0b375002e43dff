"""The bench: line clearance, steps in their order, filling, labels, production complete."""

from __future__ import annotations

from config.products import BENCH
from tests.web.refusals.rows_collections import OF, held
from tests.web.refusals.rows_subjects import HOLD
from tests.web.refusals.scenes import ACCEPTED, CAUSE, IMPACT, ago
from tests.web.refusals.sending import Other, Sent, refused

OPENED = Sent("tech1", "batch.open", OF["accepted"], keep="batch")
CLEARED = {"room": "Clean room 9", "number": ACCEPTED, "subject_code": "NK-07", "cleared": "yes"}
BENCHED = {"batch_id": "@batch:NK-06", "position": "4"}
NEXT, AGAIN = BENCHED | {"position": "7"}, BENCHED | {"position": "5"}
RUN = {"program": "Depletion 2.1", "run_started": ago(minutes=28), "run_ended": ago(minutes=1)}
DEPLETED = {"performed_at": ago(minutes=1), **RUN, **BENCH.depleted.fields()}
LABELLED = {"performed_at": ago(), "vials": "1", "incubation": "30", "temperature": "20.8"}
FILLED = {"batch_number": "@number:NK-10", "subject_code": "NK-10", "container_type": "bag_50", "volume_ml": "20"}
BATCH = {"batch_id": "@batch:NK-10"}
CORRECTED = DEPLETED | {"nk_percent": "43.6", "reason": "read from the wrong line of the print"}
SEALS = {"performed_at": ago(hours=1), "appearance": "yes", "seals": "yes", "retained": "1.5"} | {
    "late_reason": "the balance was read again",
    "reason": "the balance was read again",
}
PERFORMED = Sent("tech1", "step.perform", BENCHED, DEPLETED)
SAVED = Sent("tech1", "step.save", BENCHED, {"viability": "98.0"})
BEGUN = Sent("tech1", "step.save", BENCHED, {"run_started": ago(minutes=1)})
OTHERS = {"who": "tech2", "fields": {"viability": "89.0"}}
COUNTED_AGAIN = Sent(
    "tech1",
    "step.measure_again",
    BENCHED,
    {"measured_at": ago(), "wbc": "52.1", "use_new": "yes", "reason": "the first count was of clumped cells"},
    before=(PERFORMED,),
)
VERIFIED = Sent("tech2", "step.verify", BENCHED)
OUTSIDE = Sent("tech1", "step.perform", BENCHED, DEPLETED | {"cd3_percent": "0.2"})
HIGH = {"classification": "minor", "step": "4", "description": "more T cells are left than the process allows"}
SECOND = {"batch_id": "@batch:NK-06", "condition": "second_depletion"}
LEFT_OUT = {"reason": "too few cells are left for another run; see the deviation"}
REPORTED = Sent("tech1", "deviation.report", {"batch_id": "@batch:NK-06"}, HIGH, keep="deviation")
INVESTIGATED = Sent("qa1", "deviation.investigate", {"deviation_id": "@kept:deviation"}, CAUSE)
ASSESSED = Sent("qa1", "deviation.assess", {"deviation_id": "@kept:deviation"}, {"impact": IMPACT})
REOPENED = Sent("tech1", "step.correct", BATCH | {"position": "10"}, SEALS)
OPENED_AGAIN = Sent("qa1", "batch.open_for_correction", {"batch_id": "@batch:NK-08"}, HOLD)
LEFT = Sent("tech1", "step.save", {"batch_id": "@batch:NK-08", "position": "10"}, {"retained": "1.5"})
PUT_BACK = Sent(**vars(LEFT) | {"who": "tech2", "fields": {"retained": "1.0", "retained_seen": "1"}})
PRINT = Sent("tech1", "label.print", {"container_id": "@container:NK-10"}, keep="label")
VERIFY = Sent("tech2", "label.verify", {"label_id": "@kept:label"}, {"scanned": "@printed:label"})
APPLY = Sent("tech1", "label.apply", {"label_id": "@kept:label"}, {"container_code": "@code:NK-10"}, "tech2")

REAGENT = {
    "performed_at": ago(),
    "cd56_reagent_lot": "@lot code:cd56_reagent/approved",
    "cd56_reagent_quantity": "1",
}
SCANNED = Sent("tech1", "step.use_lots", NEXT, REAGENT)
MORE_REAGENT = {
    "performed_at": ago(),
    "cd3_reagent_lot": "@lot code:cd3_reagent/approved",
    "cd3_reagent_quantity": "2",
}
SCANNED_AGAIN = Sent("tech1", "step.use_lots", AGAIN, MORE_REAGENT)
CABINET = {"performed_at": ago(), "codes": "CABI-03"}
EQUIPPED, EQUIPPED_AGAIN = (Sent("tech1", "step.use_equipment", one, CABINET) for one in (NEXT, AGAIN))

BASES = {
    "batch.start": Sent("tech1", "batch.start", {"batch_id": "@kept:batch"}, CLEARED, "tech2", before=(OPENED,)),
    "step.perform": PERFORMED,
    "step.save": SAVED,
    "step.save the end": Sent("tech1", "step.save", BENCHED, {"run_ended": ago()}, before=(BEGUN,)),
    "step.perform late": Sent(
        "tech1",
        "step.perform",
        BENCHED,
        DEPLETED
        | {"performed_at": ago(minutes=20), "run_ended": ago(minutes=21), "late_reason": "gloves were changed"},
    ),
    "step.perform the next": Sent(
        "tech1", "step.perform", NEXT, LABELLED, before=(PERFORMED, VERIFIED, SCANNED, EQUIPPED)
    ),
    "step.perform again": Sent(
        "tech1", "step.perform", AGAIN, LABELLED, before=(OUTSIDE, VERIFIED, REPORTED, SCANNED_AGAIN, EQUIPPED_AGAIN)
    ),
    "condition.leave_out": Sent(
        "tech1", "condition.leave_out", SECOND, LEFT_OUT, before=(OUTSIDE, VERIFIED, REPORTED, INVESTIGATED, ASSESSED)
    ),
    "condition.open": Sent(
        "tech1",
        "condition.open",
        SECOND,
        LEFT_OUT,
        before=(
            OUTSIDE,
            VERIFIED,
            REPORTED,
            INVESTIGATED,
            ASSESSED,
            Sent("tech1", "condition.leave_out", SECOND, LEFT_OUT),
        ),
    ),
    "step.verify": Sent("tech2", "step.verify", BENCHED, before=(PERFORMED,)),
    "step.measure_again": COUNTED_AGAIN,
    "step.choose_measurement": Sent(
        "tech1",
        "step.choose_measurement",
        BENCHED,
        {"choice": "wbc:1", "reason": "the first count was right after all"},
        before=(PERFORMED, COUNTED_AGAIN),
    ),
    "step.check": Sent("tech1", "step.check", BENCHED, {}, "tech2", before=(PERFORMED,)),
    "step.correct": Sent("tech1", "step.correct", BENCHED, CORRECTED, before=(PERFORMED,)),
    "batch.open_for_correction": OPENED_AGAIN,
    "container.fill": Sent("tech1", "container.fill", BATCH, FILLED, "tech2"),
    "label.print": Sent("tech1", "label.print", {"container_id": "@container:NK-10"}),
    "label.verify": Sent(**{**vars(VERIFY), "before": (PRINT,)}),
    "label.apply": Sent(**{**vars(APPLY), "before": (PRINT, VERIFY)}),
    "label.reprint": Sent("tech1", "label.reprint", {"label_id": "@label:NK-08"}, HOLD, "tech2"),
    "batch.complete": Sent("tech1", "batch.complete", BATCH, before=(PRINT, VERIFY, APPLY)),
    "batch.complete again": Sent(
        "tech1", "batch.complete", {"batch_id": "@batch:NK-08"}, before=(OPENED_AGAIN, LEFT, PUT_BACK)
    ),
    "batch.terminate": Sent("qa1", "batch.terminate", BATCH, HOLD),
}

ROWS = [
    *refused(
        "batch.start",
        ("another number on the bag", {"number": "A999926000022"}, "DONATION_MISMATCH"),
        ("another subject on the paper", {"subject_code": "NK-08"}, "SUBJECT_MISMATCH"),
        ("the line is not clear", {"cleared": "no"}, "LINE_CLEARANCE"),
        ("another product in the room", {"room": "clean ROOM 3"}, "LINE_CLEARANCE"),
        ("one person for two", Other(second="tech1"), "SOD_SECOND"),
        ("the batch is on hold", Other(before=(OPENED, *held("batch", "@kept:batch")["before"])), "BATCH_ON_HOLD"),
        ("started before", Other(ids={"batch_id": "@batch:NK-06"}), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "step.perform",
        ("in ten minutes", {"performed_at": ago(minutes=-10)}, "FUTURE_TIME"),
        ("the run ended before it began", {"run_ended": ago(minutes=29)}, "TIME_ORDER"),
        ("twenty minutes ago without a word", {"performed_at": ago(minutes=20)}, "LATE_ENTRY_UNJUSTIFIED"),
        ("a number with a comma for thousands", {"volume": "1,234"}, "FIELD_INVALID"),
        ("a number with its sign", {"cd3_percent": "<0.05"}, "FIELD_INVALID"),
        ("not a number", {"wbc": "NaN"}, "FIELD_INVALID"),
        ("the unit of another print", {"wbc_unit": "cells/uL"}, "UNIT_IMPLAUSIBLE"),
        ("an empty box", {"nk_percent": None}, "MISSING_FIELD"),
        ("a field left blank", {"b_percent_na": None}, "FIELD_BLANK"),
        ("N/A without a reason", {"b_percent_na": "n/a"}, "MISSING_REASON"),
        ("a value and N/A", {"b_percent": "0.4"}, "NA_WITH_VALUE"),
        ("performed before", Other(before=(PERFORMED,)), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "step.save",
        ("a colleague saved another value", Other(meanwhile=(Sent(**vars(SAVED) | OTHERS),)), "ENTRY_CHANGED"),
        ("ten times too much", {"viability": "980"}, "UNIT_IMPLAUSIBLE"),
        ("a comma for the point", {"viability": "98,0"}, "FIELD_INVALID"),
        ("read twenty minutes ago without a word", {"done_at": ago(minutes=20)}, "LATE_ENTRY_UNJUSTIFIED"),
        ("read in ten minutes", {"done_at": ago(minutes=-10)}, "FUTURE_TIME"),
        ("the step is signed", Other(before=(PERFORMED,)), "STATE_NOT_ALLOWED"),
        ("a pharmacist", Other(who="pharm1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused("step.save the end", ("before the start that is saved", {"run_ended": ago(minutes=2)}, "TIME_ORDER")),
    *refused("step.perform late", ("before the step before it", {"performed_at": ago(minutes=45)}, "TIME_ORDER")),
    *refused(
        "step.perform the next",
        ("the step before is not verified", Other(before=(PERFORMED,)), "STEP_OUT_OF_ORDER"),
    ),
    *refused(
        "step.perform again",
        ("too many T cells, and no deviation", Other(before=(OUTSIDE, VERIFIED)), "IPC_DEVIATION_MISSING"),
        ("few T cells: the second depletion is not needed", Other(before=(PERFORMED, VERIFIED)), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "condition.leave_out",
        ("no reason", {"reason": None}, "MISSING_REASON"),
        ("nobody assessed the deviation", Other(before=(OUTSIDE, VERIFIED, REPORTED)), "CONDITION_TRIGGERED"),
        ("few T cells: it is left out already", Other(before=(PERFORMED, VERIFIED)), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "condition.open",
        ("few T cells, and no choice", Other(before=(PERFORMED, VERIFIED)), "CONDITION_CLOSED"),
        ("not by QA", Other(who="qa1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "step.verify",
        ("the performer verifies", Other(who="tech1"), "SOD_STEP"),
        ("verified before", Other(before=(PERFORMED, VERIFIED)), "STATE_NOT_ALLOWED"),
        (
            "a value was corrected after the page was opened",
            Other(meanwhile=(Sent("tech1", "step.correct", BENCHED, CORRECTED),)),
            "STALE_VERSION",
        ),
    ),
    *refused(
        "step.measure_again",
        ("a reason of one word", {"reason": "typo"}, "MISSING_REASON"),
        ("no new value", {"wbc": None}, "NOTHING_MEASURED"),
        ("in ten minutes", {"measured_at": ago(minutes=-10)}, "FUTURE_TIME"),
    ),
    *refused(
        "step.choose_measurement",
        ("a measurement that was not made", {"choice": "wbc:7"}, "MEASUREMENT_UNKNOWN"),
        ("the one in use", {"choice": "wbc:2"}, "MEASUREMENT_UNKNOWN"),
    ),
    *refused("step.check", ("the performer is the second person too", Other(second="tech1"), "SOD_STEP")),
    *refused(
        "batch.open_for_correction",
        ("no reason", {"reason": None}, "MISSING_REASON"),
        ("a technician", Other(who="tech1"), "ROLE_NOT_ALLOWED"),
        ("the batch is at the bench", Other(ids={"batch_id": "@batch:NK-06"}), "STATE_NOT_ALLOWED"),
        ("opened before", Other(before=(OPENED_AGAIN,)), "STATE_NOT_ALLOWED"),
    ),
    *refused("step.correct", ("shown for other values", {"effect_seen": "0" * 64}, "EFFECT_UNSEEN")),
    *refused(
        "step.correct",
        ("a reason of one word", {"reason": "typo"}, "MISSING_REASON"),
        ("the run ended before it began", {"run_ended": ago(minutes=29)}, "TIME_ORDER"),
    ),
    *refused(
        "container.fill",
        ("another batch on the working label", {"batch_number": "@number:NK-08"}, "BATCH_MISMATCH"),
        ("another subject", {"subject_code": "NK-08"}, "SUBJECT_MISMATCH"),
        ("a container the process does not have", {"container_type": "bag_999"}, "CONTAINER_TYPE"),
        ("more than is left", {"volume_ml": "21"}, "CONTAINER_VOLUME"),
        ("one person for two", Other(second="tech1"), "SOD_SECOND"),
        ("nothing is formulated yet", Other(ids={"batch_id": "@batch:NK-06"}), "FORMULATION_UNVERIFIED"),
    ),
    *refused("label.print", ("the container has one", Other(ids={"container_id": "@container:NK-08"}), "LABEL_EXISTS")),
    *refused(
        "label.verify",
        ("who printed it verifies it", Other(who="tech1"), "SOD_LABEL"),
        ("another label was scanned", {"scanned": "@payload:NK-08"}, "LABEL_UNREAD"),
        ("an address on the internet", {"scanned": "https://example.org/NK"}, "NOT_A_LABEL"),
        ("half a label", {"scanned": "NKTLCBDEFGHIJKLNRTUV"}, "LABEL_TRUNCATED"),
    ),
    *refused(
        "label.apply",
        ("another container in hand", {"container_code": "@code:NK-08"}, "LABEL_CONTAINER"),
        ("one person for two", Other(second="tech1"), "SOD_SECOND"),
        ("nobody scanned the print", Other(before=(PRINT,)), "STATE_NOT_ALLOWED"),
    ),
    *refused("label.reprint", ("no reason", {"reason": None}, "MISSING_REASON")),
    *refused(
        "batch.complete",
        ("a container without its label", Other(before=()), "LABELS_OPEN"),
        ("a print that nobody applied", Other(before=(PRINT, VERIFY)), "LABELS_OPEN"),
        ("a step was corrected since", Other(before=(PRINT, VERIFY, APPLY, REOPENED)), "STEP_UNVERIFIED"),
    ),
    *refused(
        "batch.complete again",
        ("a value was left for a correction", Other(before=(OPENED_AGAIN, LEFT)), "ENTRY_UNSIGNED"),
    ),
    *refused(
        "batch.terminate",
        ("no reason", {"reason": None}, "MISSING_REASON"),
    ),
]
