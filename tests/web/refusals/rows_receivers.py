"""Receivers of the count: where nothing may be sent, and who may not approve it."""

from __future__ import annotations

from tests.web.refusals.sending import Other, Sent, refused

EDC = {"code": "EDC-01", "title": "EDC of the trial", "url": "https://edc.example.org/nktrace"}
ENTERED = Sent("admin1", "receiver.enter", fields=EDC, keep="receiver")
IT = {"receiver_id": "@kept:receiver"}
CLOSED = Sent("admin1", "receiver.close", IT)

BASES = {
    "receiver.enter": ENTERED,
    "receiver.approve": Sent("qa1", "receiver.approve", IT, before=(ENTERED,)),
    "receiver.renew_key": Sent("admin1", "receiver.renew_key", IT, {"overlap_hours": "24"}, before=(ENTERED,)),
}

ROWS = [
    *refused(
        "receiver.enter",
        ("in the network of the hospital", {"url": "https://10.1.2.3/nktrace"}, "RECEIVER_INSIDE"),
        ("without encryption", {"url": "http://edc.example.org/nktrace"}, "RECEIVER_INSIDE"),
        ("no address of the web", {"url": "ftp://edc.example.org/nktrace"}, "RECEIVER_ADDRESS"),
        ("QA enters it", Other(who="qa1"), "ROLE_NOT_ALLOWED"),
        ("its code is taken", Other(before=(ENTERED,)), "DUPLICATE_ID"),
    ),
    *refused("receiver.approve", ("who entered it", Other(who="admin1"), "SOD_RECEIVER")),
    *refused("receiver.renew_key", ("of a closed one", Other(before=(ENTERED, CLOSED)), "RECEIVER_CLOSED")),
]
