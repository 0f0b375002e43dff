"""The drawing of the funnel: a bar for every stage, and under it who went no further from there, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from kernel.refusals import N_

NAMES = {
    "T": N_("Transplanted"),
    "I": N_("Included"),
    "D": N_("Donor cleared"),
    "L": N_("Leukapheresis done"),
    "M": N_("Product manufactured"),
    "R": N_("Certified"),
    "R_final": N_("Certified, final"),
    "F": N_("Infused (provisional)"),
    "F_final": N_("Infused (final)"),
}
BESIDE = frozenset({"D", "R_final", "F_final"})
"""Nobody passes through these on the way to the next: drawn hollow, so that they are told apart without colour."""
WIDTH = 560
BAR, LINE = 40, 20
IN_A_LINE = 3
Loss = dict[str, Any]


def drawing(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Rows with their place and width in whole units, rounded down; the first stage is the whole width."""
    counts = {one["key"]: one["count"] for one in figures["stages"]}
    whole = max(counts["T"], 1)
    lost = losses(figures["drops"])
    rows: list[dict[str, Any]] = []
    top = 0
    for key, name in NAMES.items():
        found = lost.get(key, [])
        lines = [found[place : place + IN_A_LINE] for place in range(0, len(found), IN_A_LINE)]
        rows.append(
            {
                "key": key,
                "name": name,
                "count": counts[key],
                "width": WIDTH * counts[key] // whole,
                "top": top,
                "beside": key in BESIDE,
                "lost": lines,
            }
        )
        top += BAR + LINE * len(lines) + (4 if lines else 0)
    return {"height": top, "rows": rows}


def losses(drops: Iterable[Mapping[str, Any]]) -> dict[str, list[Loss]]:
    """By the last stage that was reached: how many for each reason, the commonest first, those still open at the end."""
    counted: dict[str, Counter[tuple[bool, str]]] = {}
    for one in drops:
        counted.setdefault(one["after"], Counter())[not one["concluded"], one["reason"] or ""] += 1
    return {
        key: [
            {"open": still_open, "reason": reason or None, "count": count}
            for (still_open, reason), count in sorted(
                found.items(), key=lambda each: (each[0][0], -each[1], each[0][1])
            )
        ]
        for key, found in counted.items()
    }
