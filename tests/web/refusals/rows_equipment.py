"""Equipment: what is registered, recorded, scanned at a step, returned and doubted."""

from __future__ import annotations

from tests.web.refusals.rows_bench import PERFORMED
from tests.web.refusals.scenes import ago
from tests.web.refusals.sending import Other, Sent, refused

CENTRIFUGE = {"equipment_id": "@equipment:CENT-01"}
NEW = {"code": "CENT-02", "title": "Centrifuge", "kind": "centrifuge", "room": "Corridor"}
DONE = {"what": "maintained", "at": ago(hours=1), "due_on": "2027-11-23", "evidence": "certificate ON-2026-9"}
BENCHED = {"batch_id": "@batch:NK-06", "position": "4"}
AT = {"performed_at": ago(minutes=1)}
FINDING = {"found_at": ago(hours=1), "finding": "reads 3 % too high, report 118"}
FAULT = Sent(
    "tech1",
    "equipment.record",
    CENTRIFUGE,
    {"what": "fault", "at": ago(minutes=5), "evidence": "the lid does not lock"},
)
MENDED = Sent("tech1", "equipment.record", CENTRIFUGE, {"what": "repaired", "at": ago(), "evidence": "lid replaced"})
BACK = {"reason": "runs true again, report 119"}
GONE = Sent("qa1", "equipment.retire", CENTRIFUGE, BACK)

BASES = {
    "equipment.register": Sent("qa1", "equipment.register", {}, NEW),
    "equipment.record": Sent("tech1", "equipment.record", CENTRIFUGE, DONE),
    "equipment.return": Sent("qa1", "equipment.return", CENTRIFUGE, BACK, before=(FAULT, MENDED)),
    "equipment.out_of_tolerance": Sent("qa1", "equipment.out_of_tolerance", CENTRIFUGE, FINDING),
    "step.use_equipment": Sent("tech1", "step.use_equipment", BENCHED, AT | {"codes": "CENT-01"}),
}

ROWS = [
    *refused(
        "equipment.register",
        ("a code that is taken", {"code": "CENT-01"}, "DUPLICATE_ID"),
        ("a code no scanner reads", {"code": "cent 2"}, "ID_FORMAT"),
        ("overdue already", {"calibration_due": "2026-11-22"}, "ID_FORMAT"),
        ("a technician registers it", Other(who="tech1"), "ROLE_NOT_ALLOWED"),
    ),
    *refused(
        "equipment.record",
        ("the next day is left out", {"due_on": None}, "MISSING_FIELD"),
        ("done in an hour", {"at": ago(hours=-1)}, "FUTURE_TIME"),
        ("it is retired", Other(before=(GONE,)), "STATE_NOT_ALLOWED"),
    ),
    *refused(
        "equipment.return",
        ("nobody mended it", Other(before=(FAULT,)), "EQUIPMENT_NOT_REPAIRED"),
        ("it is in service", Other(before=()), "STATE_NOT_ALLOWED"),
    ),
    *refused("equipment.out_of_tolerance", ("a technician finds it", Other(who="tech1"), "ROLE_NOT_ALLOWED")),
    *refused(
        "step.use_equipment",
        ("nobody registered it", {"codes": "CENT-09"}, "EQUIPMENT_UNKNOWN"),
        ("it is scanned twice", {"codes": "CENT-01\nCENT-01"}, "EQUIPMENT_TWICE"),
        ("it is faulty", Other(before=(FAULT,)), "EQUIPMENT_NOT_IN_SERVICE"),
        ("used in ten minutes", {"performed_at": ago(minutes=-10)}, "FUTURE_TIME"),
        ("the step is signed", Other(before=(PERFORMED,)), "STATE_NOT_ALLOWED"),
    ),
]
