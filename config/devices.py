"""The equipment of the worked example: registered by QA, cleaned by a technician, scanned at every bench."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from config.playing import Player, text
from config.settings import ROOT
from kernel.clock import PEOPLE

CABINET = "cabinet"
DEVICES = (  # kind, what it is, days until calibration, qualification and maintenance are due
    (CABINET, "Safety cabinet", None, 730, 730),
    ("centrifuge", "Centrifuge", 730, None, 730),
    ("analyser", "Haematology analyser", 730, None, None),
    ("cytometer", "Flow cytometer", 730, None, 730),
    ("separator", "Magnetic cell separator", None, 730, 730),
    ("sealer", "Tube sealer", None, 730, None),
    ("balance", "Balance", 730, None, None),
)
ROOMS = tuple(f"Clean room {one}" for one in range(1, 10))
STEPS = json.loads((ROOT / "config" / "presets" / "process.json").read_text(encoding="utf-8"))["body"]["steps"]


def called(kind: str, room: str) -> str:
    """What a device goes by beside the lots of a story: its kind, a cabinet its room."""
    return f"equipment {room if kind == CABINET else kind}"


def install(player: Player, now: datetime) -> dict[str, str]:
    """One of each kind, and a safety cabinet in every room; the code of each by what it is called."""
    today = now.astimezone(PEOPLE).date()
    found: dict[str, str] = {}
    for kind, title, *days in DEVICES:
        dues = zip(("calibration_due", "qualification_due", "maintenance_due"), days, strict=True)
        given = {name: (today + timedelta(days=one)).isoformat() for name, one in dues if one}
        for place, room in enumerate(ROOMS if kind == CABINET else ("Corridor",), start=1):
            code = f"{kind[:4].upper()}-{place:02}"
            player.act("qa2", "equipment.register", code=code, title=title, kind=kind, room=room, **given)
            found[called(kind, room)] = code
    return found


def scanned(codes: dict[str, str], position: int, room: str) -> str:
    """What the technician scans at a step: the codes, one on each line."""
    kinds = [one["kind"] for one in STEPS[position - 1].get("equipment", ())]
    found = [codes.get(called(kind, room), "") for kind in kinds]
    return "\n".join(code for code in found if code)


def clean(player: Player, codes: dict[str, str], room: str, at: datetime) -> None:
    """The cabinet of the room, before the batch begins."""
    code = codes.get(called(CABINET, room))
    if code is None:
        return
    listed = player.read("tech1", "/equipment")["equipment"]
    player.act(
        "tech1",
        "equipment.record",
        equipment_id=next(one["id"] for one in listed if one["code"] == code),
        what="cleaned",
        at=text(at),
        evidence="cleaning list of the room",
    )
