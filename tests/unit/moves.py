"""The moves of a state machine as lines of a table beside the tests, so that a changed move is changed twice."""

from __future__ import annotations

import csv
from pathlib import Path

from kernel.lifecycle import Lifecycle

COLUMNS = ("record", "action", "sources", "target", "permission", "signed", "guards")
Moves = dict[str, list[tuple[str, ...]]]


def moves_of(*lifecycles: Lifecycle) -> Moves:
    return {
        lifecycle.record: [
            (
                move.action,
                " ".join(sorted(move.sources)),
                move.target,
                move.permission,
                ", ".join(move.meaning),
                " ".join(guard.__name__ for guard in move.guards),
            )
            for move in lifecycle.transitions
        ]
        for lifecycle in lifecycles
    }


def written_in(file: Path) -> Moves:
    found: Moves = {}
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(row["record"], []).append(tuple(row[name] for name in COLUMNS[1:]))
    return found
