"""Destroying what is left of a container, and closing a batch."""

from __future__ import annotations

from tests.web.refusals.sending import Other, Sent, refused

BAG = {"container_id": "@container:NK-05"}
GONE = {"volume_ml": "37", "method": "autoclaved at 134 degrees", "reason": "rejected for its T cells"}
UNUSED = Sent("pharm1", "container.destroy", {"container_id": "@container:NK-03"}, GONE | {"volume_ml": "40"}, "pharm2")
DESTROYED = Sent("tech1", "container.destroy", BAG, GONE, "tech2")

BASES = {
    "container.destroy": DESTROYED,
    "batch.close": Sent("qa1", "batch.close", {"batch_id": "@batch:NK-01"}),
}
ROWS = [
    *refused(
        "container.destroy",
        ("more than is left", {"volume_ml": "37.0001"}, "DESTROYED_TOO_MUCH"),
        ("less, and nothing about the rest", {"volume_ml": "36"}, "MISSING_FIELD"),
        ("no reason", {"reason": ""}, "MISSING_REASON"),
        ("alone", Other(second="tech1"), "SOD_SECOND"),
        ("with a nurse", Other(second="nurse1"), "SECOND_ROLE_NOT_ALLOWED"),
        ("a second time", Other(before=(DESTROYED,)), "NOTHING_LEFT"),
        ("all of it was infused", Other(ids={"container_id": "@container:NK-01"}), "NOTHING_LEFT"),
    ),
    *refused(
        "batch.close",
        ("a certification that is not final", Other(ids={"batch_id": "@batch:NK-03"}, before=(UNUSED,)), "NOT_FINAL"),
        ("at the bench", Other(ids={"batch_id": "@batch:NK-10"}), "STATE_NOT_ALLOWED"),
        ("by the QP", Other(who="qp1"), "ROLE_NOT_ALLOWED"),
    ),
]
