"""The leukapheresis: planned for one subject and its donor, received by two, accepted by a third."""

from __future__ import annotations

from manufacturing.domain.donation_numbers import check_character
from tests.web.refusals.rows_subjects import HOLD, TODAY, TRIAL_HELD
from tests.web.refusals.scenes import ACCEPTED, DONOR, DOUBTS, PLANNED, RECEIVED, ago
from tests.web.refusals.sending import Other, Sent, refused

DIN = "A999926000031"
OTHER_CHECK = next(one for one in "0123456789" if one != check_character(DIN))
PLAN = {
    "subject_code": "NK-07",
    "donor_code": "D-07",
    "number_kind": "facility",
    "number": "LK-2026-031",
    "planned_on": TODAY,
    "mobilised": "no",
    "consent_reference": "DC-NK-07",
    "consented_on": TODAY,
}
RECEIPT = {
    "number": PLANNED,
    "subject_code": "NK-07",
    "started_at": ago(hours=6),
    "ended_at": ago(hours=2),
    "shipped_at": ago(hours=1),
    "received_at": ago(minutes=10),
    "mobilised": "no",
    "container_intact": "yes",
    "label_matches": "yes",
    "free_of_clots": "yes",
    "logger_low_c": "17.9",
    "logger_high_c": "20.4",
    "temperature_c": "18.5",
    "volume_ml": "225",
    "wbc": "91.2",
    "viability": "98.4",
}
RECORD = DONOR | {"sampled_at": ago(hours=8), "change_reason": "corrected after a call with the laboratory"}
OF = {
    name: {"collection_id": f"@collection:{number}"}
    for name, number in (("planned", PLANNED), ("received", RECEIVED), ("accepted", ACCEPTED))
}
BASES = {
    "collection.plan": Sent("tech1", "collection.plan", fields=PLAN),
    "collection.plan a DIN": Sent(
        "tech1",
        "collection.plan",
        fields=PLAN | {"number_kind": "din", "number": DIN, "check_character": check_character(DIN)},
    ),
    "collection.receive": Sent("tech1", "collection.receive", OF["planned"], RECEIPT, "tech2"),
    "donor.record": Sent("tech2", "donor.record", OF["received"], RECORD),
    "collection.accept": Sent("qa2", "collection.accept", OF["received"]),
    "collection.reject": Sent("qa1", "collection.reject", OF["received"], HOLD),
    "batch.open": Sent("tech1", "batch.open", OF["accepted"]),
}


def doubtful(name: str) -> Other:
    """Another collection, with this one thing in the donor's record."""
    return Other(ids={"collection_id": f"@collection:{DOUBTS[name]}"})


def held(scope: str, record: str) -> Other:
    return Other(before=(Sent("qa1", "hold.set", {"scope": scope, "record_id": record}, HOLD),))


CONCLUDED = Sent("sponsor1", "subject.conclude", {"subject_id": "@subject:NK-07"}, {"drop_reason": "withdrawal"})

ROWS = [
    *refused(
        "collection.plan",
        ("a mobilised donor", {"mobilised": "yes"}, "MOBILISED"),
        ("a subject nobody registered", {"subject_code": "NK-77"}, "SUBJECT_UNKNOWN"),
        ("a subject that is not included", {"subject_code": "NK-12"}, "SUBJECT_NOT_INCLUDED", "DONOR_MISMATCH"),
        ("another subject's donor", {"donor_code": "D-08"}, "DONOR_MISMATCH"),
        ("a number of a person as donor code", {"donor_code": "12345"}, "ID_FORMAT"),
        ("a donation number that is taken", {"number": RECEIVED}, "DUPLICATE_ID"),
        ("no consent for this leukapheresis", {"consent_reference": None}, "CONSENT_MISSING"),
    ),
    *refused(
        "collection.plan a DIN",
        ("the wrong check character", {"check_character": OTHER_CHECK}, "DIN_CHECK"),
        ("a GRID with a slip", {"grid": "9991ABC012345678999"}, "GRID_CHECK"),
        ("a letter O in the number", {"number": "A99992600O031"}, "ID_FORMAT"),
    ),
    *refused(
        "collection.receive",
        ("another subject on the paper", {"subject_code": "NK-03"}, "SUBJECT_MISMATCH"),
        ("another number on the bag", {"number": RECEIVED}, "DONATION_MISMATCH"),
        ("a mobilised donor", {"mobilised": "yes"}, "MOBILISED"),
        ("an end before the start", {"ended_at": ago(hours=7)}, "TIME_ORDER"),
        ("received in five minutes", {"received_at": ago(minutes=-5)}, "FUTURE_TIME"),
        ("receiver and verifier are one", Other(second="tech1"), "SOD_RECEIPT"),
        ("a pharmacist verifies", Other(second="pharm1"), "SECOND_ROLE_NOT_ALLOWED"),
        ("white cells with a decimal comma", {"wbc": "91,2"}, "FIELD_INVALID"),
        ("white cells in the wrong unit", {"wbc_unit": "cells/uL"}, "UNIT_IMPLAUSIBLE"),
        (
            "the European code of another donation",
            {"sec": "SEC: NL001499A999926999999 A00T041600000000000"},
            "SEC_MISMATCH",
        ),
        ("a European code cut short", {"sec": "SEC: NL001499A999926999999"}, "ID_FORMAT"),
        ("a logger read upside down", {"logger_low_c": "20.9"}, "LOGGER_RANGE"),
        ("a viability above 100 %", {"viability": "984"}, "UNIT_IMPLAUSIBLE"),
        ("received before", Other(ids=OF["received"]), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "donor.record",
        ("a sample of tomorrow", {"sampled_at": ago(hours=-20)}, "FUTURE_TIME"),
        ("an answer changed without a reason", {"change_reason": None}, "MISSING_REASON"),
        ("a donor who is accepted already", Other(ids=OF["accepted"]), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "collection.accept",
        ("who verified the receipt accepts", Other(who="qa1"), "SOD_RECEIPT"),
        ("reactive for anti-HBc, not assessed", doubtful("anti-HBc"), "DONOR_RISK_ASSESSMENT"),
        ("reactive for anti-HIV", doubtful("anti-HIV"), "DONOR_NOT_ELIGIBLE"),
        ("not suitable after the interview", doubtful("interview"), "DONOR_NOT_ELIGIBLE"),
        ("HTLV risk without its marker", doubtful("HTLV"), "DONOR_TEST_MISSING"),
        ("no result for syphilis", doubtful("syphilis"), "DONOR_TEST_MISSING"),
        ("colloids before the sample, not assessed", doubtful("colloids"), "HAEMODILUTION"),
        ("a sample of the day before", doubtful("window"), "DONOR_TEST_WINDOW"),
        ("on hold", held("collection", OF["received"]["collection_id"]), "COLLECTION_ON_HOLD"),
        ("accepted before", Other(ids=OF["accepted"]), "STATE_NOT_ALLOWED"),
    ),
    *refused("collection.reject", ("no reason", {"reason": None}, "MISSING_REASON")),
    *refused(
        "batch.open",
        ("not accepted yet", Other(ids=OF["received"]), "STATE_NOT_ALLOWED"),
        ("the subject is on hold", held("subject", "@subject:NK-07"), "COLLECTION_ON_HOLD"),
        ("the trial is on hold", Other(before=(TRIAL_HELD,)), "TRIAL_ON_HOLD"),
        ("the subject was concluded", Other(before=(CONCLUDED,)), "SUBJECT_NOT_INCLUDED"),
    ),
]
