"""What the last measurement of each rule module found, kept beside the tests, and the page written from it."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tests.hostile.rules import CORE, MEASURED, ROOT, not_measured

HERE = Path(__file__).parent
SCORES, SURVIVORS = HERE / "scores.csv", HERE / "survivors.csv"
DOCUMENT = ROOT / "docs/mutation.md"
COLUMNS = ("path", "faults", "noticed", "measured", "sha256")
Score = Mapping[str, str]
HEAD = """# Mutation testing of the rules

`python3 run.py hostile` plants one small fault after the other in every module below (a boundary moved, a condition
dropped, a member of a list left out, a number one off, another state) and runs the unit tests that reach it. A fault
that no test notices is a missing test, unless it changes nothing: those stand at the end, each with the reason.
`python -m tests.hostile.mutation MODULE …` measures single modules and writes their lines anew
([decision {decision}](decisions/{decision})).

| module | faults | noticed | no fault at all | measured |
| --- | ---: | ---: | ---: | --- |
"""


def digest_of(path: str) -> str:
    return hashlib.sha256((ROOT / path).read_bytes()).hexdigest()[:12]


def explained() -> dict[tuple[str, str], str]:
    with SURVIVORS.open(newline="", encoding="utf-8") as file:
        return {(row["path"], row["mutant"]): row["why"] for row in csv.DictReader(file)}


def scores() -> dict[str, Score]:
    with SCORES.open(newline="", encoding="utf-8") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def keep(lines: Iterable[Mapping[str, object]]) -> None:
    """The score of every module among the verdicts takes the place of its former one; the page follows."""
    planted: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    for line in lines:
        planted[str(line["path"])] += 1
        noticed[str(line["path"])] += line["verdict"] == "killed"
    found = dict(scores())
    today = datetime.now(UTC).date().isoformat()
    for path, faults in planted.items():
        values = (path, str(faults), str(noticed[path]), today, digest_of(path))
        found[path] = dict(zip(COLUMNS, values, strict=True))
    with SCORES.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found[path] for path in sorted(found) if path in MEASURED)
    DOCUMENT.write_text(page(), encoding="utf-8")


def changed(score: Score) -> bool:
    """The module is another one than was measured."""
    return score["sha256"] != digest_of(score["path"])


def page() -> str:
    """The table, the survivors with their reasons, and what was not measured."""
    kept = scores()
    told = [HEAD.replace("{decision}", next((ROOT / "docs/decisions").glob("*-mutation-testing.md")).name)]
    told += [row_of(path, kept[path]) for path in sorted(MEASURED) if path in kept]
    total, noticed = (sum(int(one[name]) for one in kept.values()) for name in ("faults", "noticed"))
    share = f"{noticed} ({100 * noticed / total:.1f} %)" if total else "–"
    told.append(f"| all | {total} | {share} | {total - noticed} | |\n")
    told.append("\nBold: the safety core, where every fault is noticed.\n\n## Changes that are no faults\n\n")
    told += [f"- `{path}` `{key.replace('`', '')}`: {why}\n" for (path, key), why in explained().items()]
    told += ["\n## Rules that are not measured yet\n\n"]
    told += [f"- `{path}`\n" for path in (*(one for one in sorted(MEASURED) if one not in kept), *not_measured())]
    return "".join(told)


def row_of(path: str, score: Score) -> str:
    name = f"**{path}**" if path in CORE else path
    left = int(score["faults"]) - int(score["noticed"])
    measured = f"{score['measured']}, before its last change" if changed(score) else score["measured"]
    return f"| {name} | {score['faults']} | {score['noticed']} | {left} | {measured} |\n"
