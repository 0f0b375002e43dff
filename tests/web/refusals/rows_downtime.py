"""A downtime: what cannot be printed, counted or entered from paper. What happened is entered, whatever speaks against it."""

from __future__ import annotations

from datetime import timedelta

from tests.web.clients import Attached
from tests.web.refusals.rows_giving import CHECK
from tests.web.refusals.scenes import ago
from tests.web.refusals.sending import Other, Sent, refused

PRINTED = Sent("pharm1", "downtime.print", {}, {"earlier_unused": "yes"}, keep="kit")
KIT = {"kit_id": "@kept:kit"}
SCANNED = {"file": Attached("sheet.txt", b"sheet 1 of 2\n"), "looked_through": "yes"}
READ = {"label_code": "@short:NK-03", "subject_code": "NK-03"}
DISPENSED = {
    **READ,
    **SCANNED,
    "dispensed_at": ago(minutes=-10),
    "performed_by": "@person:pharm1",
    "second_person": "@person:pharm2",
}
LATER = timedelta(minutes=60)
ENTERED = Sent("pharm1", "downtime.enter_dispensing", KIT, DISPENSED, "nurse1", keep="entry")
EXAMINED = {
    **CHECK,
    **SCANNED,
    "subject_code": "NK-03",
    "checked_at": ago(minutes=-11),
    "performed_by": "@person:doctor1",
}
CHECKED = Sent("doctor1", "downtime.enter_check", KIT, EXAMINED, "nurse1", keep="entry")
COUNTED = {"checks": "0", "dispensings": "1", "hand_overs": "1", "administrations": "1"}

BASES = {
    "downtime.print": Sent("pharm1", "downtime.print", {}, {"earlier_unused": "yes"}),
    "downtime.count": Sent("qa1", "downtime.count", KIT, COUNTED, before=(PRINTED, LATER, ENTERED)),
    "downtime.enter_check": Sent(**{**vars(CHECKED), "keep": "", "before": (PRINTED, LATER)}),
    "downtime.enter_dispensing": Sent(**{**vars(ENTERED), "keep": "", "before": (PRINTED, LATER)}),
}
ROWS = [
    *refused("downtime.print", ("a nurse", Other(who="nurse1"), "ROLE_NOT_ALLOWED")),
    *refused(
        "downtime.count",
        ("fewer than were entered", {"dispensings": "0"}, "KIT_COUNT"),
        ("not a number", {"hand_overs": "one"}, "FIELD_INVALID"),
    ),
    *refused(
        "downtime.enter_check",
        ("entered before", Other(before=(PRINTED, LATER, CHECKED)), "CHECK_ENTERED"),
        ("the container was dispensed a minute before", Other(before=(PRINTED, LATER, ENTERED)), "CHECK_TOO_LATE"),
        ("a last day of what was not given", {"immunosuppression_last_on": "2026-11-01"}, "IMMUNOSUPPRESSION_DIFFERS"),
        ("neutrophils per µL", {"neutrophils": "500"}, "UNIT_IMPLAUSIBLE"),
        ("not looked through", {"looked_through": "no"}, "FILE_NOT_LOOKED_THROUGH"),
    ),
    *refused(
        "downtime.enter_dispensing",
        ("before the kit was printed", {"dispensed_at": ago(minutes=30)}, "TIME_ORDER"),
        ("later than now", {"dispensed_at": ago(minutes=-90)}, "FUTURE_TIME"),
        ("a number that is on no label", {"label_code": "NK26-0099-01-01-5"}, "PAPER_LABEL"),
        ("done by nobody", {"performed_by": "nobody"}, "PAPER_PERSON"),
        ("a subject nobody registered", {"subject_code": "NK-77"}, "SUBJECT_UNKNOWN"),
        ("one person for two", Other(second="pharm1"), "SOD_SECOND"),
        ("compared by a technician", Other(second="tech1"), "SECOND_ROLE_NOT_ALLOWED"),
        ("not looked through", {"looked_through": "no"}, "FILE_NOT_LOOKED_THROUGH"),
        ("entered before", Other(before=(PRINTED, LATER, ENTERED)), "ALREADY_DISPENSED"),
    ),
]
