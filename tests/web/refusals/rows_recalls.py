"""Recalls, drills, contacts and defects: what cannot be opened, answered, said or closed."""

from __future__ import annotations

from tests.web.refusals.rows_giving import SCAN
from tests.web.refusals.scenes import ago
from tests.web.refusals.sending import Other, Sent, refused

WHY = {"recall_class": "class_1", "why": "the supplier found particles in this lot"}
BATCH = {"scope": "batch", "record_id": "@batch:NK-03"}
OPENED = Sent("qa1", "recall.open", BATCH, WHY, keep="recall")
DRILLED = Sent("qa1", "recall.drill", BATCH, WHY, keep="recall")
RECALL = {"recall_id": "@kept:recall"}
DUTIES = {"physician": "doctor1", "pharmacy": "pharm1", "qp": "qp1", "sponsor": "sponsor1"}
ANSWER = {"answer": "set apart in the pharmacy"}


def notice(duty: str) -> dict[str, str]:
    return RECALL | {"notice_id": f"@notice:recall/{duty}"}


CALL = {"channel": "telephone 5512", "called_at": ago(), "reached": "yes", "said": "reference 2026-77"}
CONFIRMED = tuple(Sent(who, "recall.confirm", notice(duty), ANSWER) for duty, who in DUTIES.items())
CALLED = Sent("qa1", "recall.call", notice("authority"), CALL)
CONTAINER = RECALL | {"container_id": "@container:NK-03"}
STORED = {"whereabouts": "in_stock", "explanation": "fridge 2, shelf 1"}
FOUND = Sent("pharm1", "recall.account", CONTAINER, STORED)
CLOSED = {"cleared": "no", "conclusion": "particles of the cap; the lot is destroyed"}
TOLD = (OPENED, *CONFIRMED, CALLED)

REACHED = {"duty": "pharmacy", "channel": "pager 5512", "hours": "day and night", "valid_from": "2026-11-01"}
ADDED = Sent("qa1", "contact.add", {}, REACHED, keep="contact")
CONTACT = {"contact_id": "@kept:contact"}
ENDED = Sent("qa1", "contact.end", CONTACT, {"valid_until": "2026-11-20"})

SEEN = {
    "kind": "appearance_defect",
    "description": "white flakes after the bag was turned",
    "seen_at": ago(),
    "stop": "no",
}
REPORTED = Sent("pharm1", "defect.report", {"container_id": "@container:NK-03"}, SEEN, keep="defect")
DEFECT = {"defect_id": "@kept:defect"}
JUDGED = {
    "classification": "major",
    "assessment": "flakes are platelets of the donor",
    "follow_up": "nothing_follows",
}
ASSESSED = Sent("qa1", "defect.assess", DEFECT, JUDGED)

BASES = {
    "recall.open": Sent("qa1", "recall.open", BATCH, WHY),
    "recall.drill": Sent("qa1", "recall.drill", BATCH, WHY),
    "recall.confirm": Sent("pharm1", "recall.confirm", notice("pharmacy"), ANSWER, before=(OPENED,)),
    "recall.call": Sent("qa1", "recall.call", notice("authority"), CALL, before=(OPENED,)),
    "recall.account": Sent("pharm1", "recall.account", CONTAINER, STORED, before=(OPENED,)),
    "recall.close": Sent("qa2", "recall.close", RECALL, CLOSED, before=(*TOLD, FOUND)),
    "contact.add": Sent("qa1", "contact.add", {}, REACHED),
    "contact.end": Sent("qa1", "contact.end", CONTACT, {"valid_until": "2026-12-31"}, before=(ADDED,)),
    "defect.report": Sent("pharm1", "defect.report", {"container_id": "@container:NK-03"}, SEEN),
    "defect.assess": Sent("qa1", "defect.assess", DEFECT, JUDGED, before=(REPORTED,)),
    "defect.close": Sent(
        "qa2", "defect.close", DEFECT, {"conclusion": "the pharmacy was told"}, before=(REPORTED, ASSESSED)
    ),
    "container.scan recalled": Sent("pharm1", "container.scan", fields=SCAN),
}

ROWS = [
    *refused(
        "recall.open",
        ("a pharmacist", Other(who="pharm1"), "ROLE_NOT_ALLOWED"),
        ("open already", Other(before=(OPENED,)), "RECALL_OPEN"),
        (
            "of a lot that nobody used",
            Other(ids={"scope": "lot", "record_id": "@lot:buffer/quarantine"}),
            "RECALL_EMPTY",
        ),
        ("no class", {"recall_class": None}, "FIELD_INVALID"),
    ),
    *refused("recall.drill", ("the sponsor", Other(who="sponsor1"), "ROLE_NOT_ALLOWED")),
    *refused(
        "recall.confirm",
        ("for another duty", Other(who="doctor1"), "ROLE_NOT_ALLOWED"),
        ("confirmed before", Other(before=(OPENED, CONFIRMED[1])), "RECALL_ANSWERED"),
        ("in a drill", Other(before=(DRILLED,)), "RECALL_SIMULATED"),
    ),
    *refused("recall.call", ("in an hour", {"called_at": ago(hours=-1)}, "FUTURE_TIME")),
    *refused(
        "recall.account",
        ("returned, but never dispensed", {"whereabouts": "returned"}, "RECALL_CONTRADICTED"),
        ("lost, without how", {"whereabouts": "lost", "explanation": None}, "MISSING_FIELD"),
    ),
    *refused(
        "recall.close",
        ("by who opened it", Other(who="qa1"), "SOD_RECALL"),
        ("the authority does not know", Other(before=(OPENED, *CONFIRMED, FOUND)), "RECALL_UNTOLD"),
        ("nobody looked for the bag", Other(before=TOLD), "RECALL_UNITS_OPEN"),
    ),
    *refused("contact.add", ("ends before it begins", {"valid_until": "2026-10-31"}, "TIME_ORDER")),
    *refused("contact.end", ("ended before", Other(before=(ADDED, ENDED)), "CONTACT_ENDED")),
    *refused("defect.report", ("of the next hour", {"seen_at": ago(hours=-1)}, "FUTURE_TIME")),
    *refused(
        "defect.assess",
        ("a recall that is not there", {"follow_up": "recall", "follow_number": "RC-2026-099"}, "DEFECT_FOLLOW_UP"),
        ("a deviation without its number", {"follow_up": "deviation"}, "MISSING_FIELD"),
    ),
    *refused("defect.close", ("by who assessed it", Other(who="qa1"), "SOD_DEFECT")),
    *refused(
        "container.scan recalled",
        ("recalled before", Other(before=(OPENED,)), "BATCH_RECALLED"),
        verdict=True,
    ),
]
