"""The environment of the worked example: plates beside every open step, read days later; particles counted at once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from config.playing import Player, text
from config.settings import ROOT
from kernel.words import Words

PRESETS = ROOT / "config" / "presets"
SAMPLES = json.loads((PRESETS / "environment.json").read_text(encoding="utf-8"))["body"]["samples"]
KEYS = [one["key"] for one in json.loads((PRESETS / "process.json").read_text(encoding="utf-8"))["body"]["steps"]]
COUNTED = "particles"


def expose(player: Player, batch: str, position: int, now: datetime) -> None:
    """What the list of rooms asks for in this step; the particle counter tells its number at once."""
    for sample in SAMPLES:
        if KEYS[position - 1] in sample["steps"]:
            player.act(
                "tech1",
                "environment.take",
                batch_id=batch,
                position=str(position),
                key=sample["key"],
                place="cabinet, left of the bag",
                exposed_from=text(now - timedelta(minutes=40)),
                exposed_until=text(now),
            )
    if KEYS[position - 1] == "fill":
        read(player, batch, now, counted=True)


def read(player: Player, batch: str, now: datetime, *, counted: bool = False) -> None:
    """Everything of the batch that is not read yet; nothing grew."""
    titles = {Words(one["title"]): one["key"] for one in SAMPLES}
    for one in player.read("tech2", f"/batches/{batch}/environment")["environment"]["samples"]:
        is_counted = titles[one["sample"]] == COUNTED
        if one["count"] is None and (is_counted or not counted):
            player.act(
                "tech2",
                "environment.read",
                sample_id=one["id"],
                count="1210" if is_counted else "0",
                read_at=text(now),
                reference="EM-2026-0417",
            )
