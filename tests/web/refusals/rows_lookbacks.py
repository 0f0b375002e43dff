"""Look-backs on donors, and what happened to donors at the apheresis."""

from __future__ import annotations

from tests.web.refusals.rows_collections import OF
from tests.web.refusals.scenes import ago
from tests.web.refusals.sending import Other, Sent, refused

DONOR = {"donor_id": "@donor:NK-10"}
KNOWN = {
    "kind": "seroconversion",
    "informed_on": ago(days=1)[:10],
    "source": "TE-2027-14",
    "description": "anti-HCV reactive in a later donation",
}
CLEARED = {"cleared": "yes", "conclusion": "the sample of the donation itself is NAT negative"}
HURT = {
    "kind": "hypotension",
    "grade": "3",
    "serious": "yes",
    "happened_at": ago(hours=5),
    "description": "the pressure fell to 70 mmHg, infusion given",
}
TOLD = {"reported_at": ago(hours=1), "reference": "TE-77"}

OPENED = Sent("qa1", "lookback.open", DONOR, KNOWN, keep="lookback")
LOOKBACK = {"lookback_id": "@kept:lookback"}
KNOWING = tuple(
    Sent(who, "lookback.acknowledge", LOOKBACK | {"audience": audience})
    for audience, who in (("physician", "doctor1"), ("qp", "qp1"), ("sponsor", "sponsor1"))
)
HAPPENED = Sent("tech1", "donor_event.record", OF["received"], HURT, keep="event")
EVENT = {"event_id": "@kept:event"}

BASES = {
    "lookback.open": Sent("qa1", "lookback.open", DONOR, KNOWN),
    "lookback.acknowledge": Sent(**{**vars(KNOWING[0]), "before": (OPENED,)}),
    "lookback.conclude": Sent("qa2", "lookback.conclude", LOOKBACK, CLEARED, before=(OPENED, *KNOWING)),
    "donor_event.record": Sent("tech1", "donor_event.record", OF["received"], HURT),
    "donor_event.report": Sent("qa1", "donor_event.report", EVENT, TOLD, before=(HAPPENED,)),
}
MILD = Sent(**{**vars(HAPPENED), "fields": HURT | {"serious": "no"}})

ROWS = [
    *refused(
        "lookback.open",
        ("information of tomorrow", {"informed_on": ago(days=-1)[:10]}, "FUTURE_TIME"),
        ("a technician", Other(who="tech1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "lookback.acknowledge",
        ("for another role", Other(who="sponsor1"), "ROLE_NOT_ALLOWED"),
        ("twice", Other(before=(OPENED, KNOWING[0])), "NOTICE_ANSWERED"),
    ),
    *refused(
        "lookback.conclude",
        ("by who opened it", Other(who="qa1"), "SOD_LOOKBACK"),
        ("the sponsor does not know", Other(before=(OPENED, *KNOWING[:2])), "NOTICE_OPEN"),
    ),
    *refused("donor_event.record", ("of tomorrow", {"happened_at": ago(hours=-20)}, "FUTURE_TIME")),
    *refused(
        "donor_event.report",
        ("before it happened", {"reported_at": ago(hours=6)}, "TIME_ORDER"),
        ("of an event that is not serious", Other(before=(MILD,)), "EVENT_NOT_SERIOUS"),
    ),
]
