"""Rooms and the samples of the environment: where work begins, what is entered and read."""

from __future__ import annotations

from tests.web.refusals.scenes import FRESH, ago
from tests.web.refusals.sending import Other, Sent, refused

FILL = {"batch_id": "@batch:NK-10", "position": "10"}
TAKEN = {
    "key": "glove_print",
    "place": "right glove",
    "exposed_from": ago(minutes=10),
    "exposed_until": ago(minutes=5),
}
TAKE = Sent("tech1", "environment.take", FILL, TAKEN, keep="sample")
SAMPLE = {"sample_id": "@kept:sample"}
RESULT = {"count": "0", "read_at": ago(), "reference": "EM-118"}
READ = Sent("tech2", "environment.read", SAMPLE, RESULT)

RUNNING = {"batch_id": "@batch:NK-06"}
PAUSE = Sent("tech1", "batch.pause", RUNNING, {"sealed": "no", "reason": "the separator is down"})
SEAL = Sent("tech1", "batch.pause", RUNNING, {"sealed": "yes", "reason": "the separator is down"})
AGAIN = {"room": "Clean room 9", "subject_code": "NK-06", "cleared": "yes"}

BASES = {
    "batch.resume": Sent("tech1", "batch.resume", RUNNING, {"reason": "the separator is back"}, before=(PAUSE,)),
    "batch.clear_again": Sent("tech1", "batch.clear_again", RUNNING, AGAIN, "tech2", before=(SEAL,)),
    "environment.take": Sent("tech1", "environment.take", FILL, TAKEN),
    "environment.read": Sent("tech2", "environment.read", SAMPLE, RESULT, before=(TAKE,)),
    "environment.correct": Sent(
        "qa1", "environment.correct", SAMPLE, RESULT | {"reason": "plate of another room"}, before=(TAKE, READ)
    ),
}

ROWS = [
    *refused("batch.resume", ("it was sealed and taken out", Other(before=(SEAL,)), "LINE_CLEARANCE")),
    *refused(
        "batch.clear_again",
        ("something lies there still", {"cleared": "no"}, "LINE_CLEARANCE"),
        ("a room that is not on the list", {"room": "Kitchen"}, "ROOM_UNKNOWN"),
        ("the material of another subject", {"subject_code": "NK-05"}, "SUBJECT_MISMATCH"),
        ("the second person is not trained", Other(second=FRESH), "NOT_TRAINED"),
    ),
    *refused("batch.start", ("a room that is not on the list", {"room": "Kitchen"}, "ROOM_UNKNOWN")),
    *refused(
        "environment.take",
        ("exposed until the evening", {"exposed_until": ago(hours=-3)}, "FUTURE_TIME"),
        ("it ends before it begins", {"exposed_until": ago(minutes=11)}, "TIME_ORDER"),
        ("by QA", Other(who="qa1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "environment.read",
        ("half a colony", {"count": "0.5"}, "ID_FORMAT"),
        ("read tomorrow", {"read_at": ago(hours=-24)}, "FUTURE_TIME"),
        ("read before the exposure ended", {"read_at": ago(minutes=8)}, "TIME_ORDER"),
        ("it is read already", Other(before=(TAKE, READ)), "ENVIRONMENT_READ"),
    ),
    *refused("environment.correct", ("no reason", {"reason": None}, "MISSING_REASON")),
]
