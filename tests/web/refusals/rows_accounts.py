"""Accounts, documents, and what stands in every envelope: credentials, version, idempotency key, reason."""

from __future__ import annotations

from tests.web.refusals.scenes import MANY
from tests.web.refusals.sending import WRONG, Other, Sent, refused

ASKED = {"login": "new2", "full_name": "Nadia Vos", "roles": ["T"], "language": "nl"}
CHECKED = {"identity_check": "staff card seen at the desk"}
QUALITY = {"document_id": "@document:process/2"}
QUALIFIED = {"document_id": "@document:specification/2"}
LEAVING = {"reason": "left the department in October"}

BASES = {
    "person.request": Sent("admin1", "person.request", fields=ASKED),
    "person.approve": Sent("qa1", "person.approve", {"person_id": "@person:new1"}, CHECKED),
    "role.request": Sent("admin1", "role.request", {"person_id": "@person:tech2"}, {"role": "QA"}),
    "role.approve": Sent("qa2", "person.approve", {"person_id": "@person:qa1"}, CHECKED),
    "person.reset": Sent("admin1", "person.reset", {"person_id": "@person:nurse1"}, LEAVING),
    "person.deactivate": Sent("qa1", "person.deactivate", {"person_id": "@person:nurse1"}, LEAVING),
    "access.begin": Sent("qa1", "access.begin"),
    "role.take": Sent("admin1", "role.take", {"person_id": "@person:tech2"}, {"role": "T", **LEAVING}),
    "document.draft": Sent("qp1", "document.draft", fields={"preset": "label_template"}),
    "document.approve as QA": Sent(MANY, "document.approve", QUALITY, {"role": "QA"}),
    "document.approve as QP": Sent("qp1", "document.approve", QUALIFIED, {"role": "QP"}),
}
BY_QA1 = (Sent("qa1", "document.approve", QUALITY, {"role": "QA"}),)
BY_MANY = (Sent(MANY, "document.approve", QUALITY, {"role": "QA"}),)

ROWS = [
    *refused(
        "person.request",
        ("an administrator with another role", {"roles": ["Ad", "T"]}, "SOD_ADMIN"),
        ("an inspector who would also sign", {"roles": ["In", "QA"]}, "SOD_ADMIN"),
        ("a role nobody knows", {"roles": ["XX"]}, "UNKNOWN_ROLE"),
        ("a login that is taken", {"login": "tech1"}, "DUPLICATE_ID"),
        ("QA asks for the account itself", Other(who="qa1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "person.approve",
        ("nothing waits for approval", Other(ids={"person_id": "@person:tech1"}), "STATE_NOT_ALLOWED"),
        ("a birth date in the check", {"identity_check": "card of 12-03-1980 seen"}, "PII_IN_FIELD"),
        ("the administrator approves", Other(who="admin1"), "ROLE_NOT_ALLOWED"),
        ("the wrong password", {"password": WRONG}, "AUTH_BAD_SIGNATURE"),
        ("another person's id and password", {"signer": "qa2"}, "AUTH_OTHER_PERSON"),
        (
            "a role more was asked for after the page was opened",
            Other(meanwhile=(Sent("admin1", "role.request", {"person_id": "@person:new1"}, {"role": "QA"}),)),
            "STALE_VERSION",
        ),
    ),
    *refused(
        "role.request",
        ("a role nobody knows", {"role": "XX"}, "UNKNOWN_ROLE"),
        (
            "a role beside the administrator's, for himself",
            Other(ids={"person_id": "@person:admin1"}),
            "SOD_ADMIN",
            "SOD_ACCESS",
        ),
    ),
    *refused(
        "role.approve",
        ("who gets the role approves it", Other(who="qa1"), "SOD_ACCESS"),
    ),
    *refused("person.reset", ("no reason", {"reason": None}, "MISSING_REASON")),
    *refused(
        "person.deactivate",
        ("a reason of one word", {"reason": "typo"}, "MISSING_REASON"),
        ("a name in the reason", {"reason": "asked by J. de Vries"}, "PII_IN_FIELD"),
    ),
    *refused(
        "access.begin",
        ("one is open already", Other(before=(Sent("qa2", "access.begin"),)), "ACCESS_REVIEW_OPEN"),
        ("the administrator begins it", Other(who="admin1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "role.take",
        ("a role that is not held", {"role": "QP"}, "ROLE_NOT_HELD"),
        ("no reason", {"reason": None}, "MISSING_REASON"),
    ),
    *refused(
        "document.draft",
        ("no idempotency key", Other(key=""), "IDEMPOTENCY_MISSING"),
    ),
    *refused(
        "document.approve as QA",
        ("somebody approved as QA before", Other(before=BY_QA1), "ALREADY_APPROVED"),
        ("already in force", Other(ids={"document_id": "@document:process/1"}), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "document.approve as QP",
        ("the author approves", Other(who=MANY), "SOD_MASTER"),
    ),
]
