"""Preset bodies as tests of other things want them: a process whose steps ask for nothing to be scanned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PRESETS = Path(__file__).parents[1] / "config" / "presets"


def without_materials(body: dict[str, Any]) -> dict[str, Any]:
    """The same process for batches of which no lot and no equipment is on record."""
    steps = [
        {name: part for name, part in step.items() if name not in {"materials", "equipment", "count"}}
        for step in body["steps"]
    ]
    return {**body, "steps": steps}


def bare_process() -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PRESETS / "process.json").read_text(encoding="utf-8"))["body"]
    return without_materials(body)
