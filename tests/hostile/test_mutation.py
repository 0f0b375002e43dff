"""A rule that is changed is noticed by a unit test of its package, or the change is none (hazards 3j)."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from tests.hostile.mutation import run
from tests.hostile.rules import CORE, MEASURED, WITHOUT_RULES, modules, not_measured

ROOT = Path(__file__).resolve().parents[2]
SURVIVORS = Path(__file__).with_name("survivors.csv")
DOCUMENT = ROOT / "docs/mutation.md"
LEAST = 95
HEAD = """# Mutation testing of the rules

`python3 run.py hostile` plants one small fault after the other in every module below (a boundary moved, a condition
dropped, a member of a list left out, a number one off, another state) and runs the unit tests that reach it. A fault
that no test notices is a missing test, unless it changes nothing: those stand at the end, each with the reason. This
page is written by the run ([decision {decision}](decisions/{decision})).

| module | faults | noticed | no fault at all |
| --- | ---: | ---: | ---: |
"""


def explained() -> dict[tuple[str, str], str]:
    with SURVIVORS.open(newline="") as file:
        return {(row["path"], row["mutant"]): row["why"] for row in csv.DictReader(file)}


def page(lines: list[dict], why: dict[tuple[str, str], str]) -> str:
    """The table, the survivors with their reasons, and what was not measured."""
    planted = Counter(line["path"] for line in lines)
    alive = [line for line in lines if line["verdict"] != "killed"]
    left = Counter(line["path"] for line in alive)
    decision = next((ROOT / "docs/decisions").glob("*-mutation-testing.md")).name
    told = [HEAD.replace("{decision}", decision)]
    told += [
        f"| {f'**{path}**' if path in CORE else path} | {planted[path]} | {planted[path] - left[path]} | {left[path]} |\n"
        for path in sorted(MEASURED)
    ]
    total, lost = sum(planted.values()), sum(left.values())
    told.append(f"| all | {total} | {total - lost} ({100 * (total - lost) / total:.1f} %) | {lost} |\n")
    told.append("\nBold: the safety core, where every fault is noticed.\n\n## Changes that are no faults\n\n")
    told += [
        f"- `{line['path']}` `{line['key'].replace('`', '')}`: {why.get((line['path'], line['key']), 'NOT EXPLAINED')}\n"
        for line in alive
    ]
    told += ["\n## Rules that are not measured yet\n\n", *(f"- `{path}`\n" for path in not_measured())]
    return "".join(told)


def test_what_is_named_is_there():
    assert {*MEASURED, *WITHOUT_RULES} <= {*modules(), "kernel/segregation.py"}
    assert {path for path, _ in explained()} <= set(MEASURED)
    assert all(explained().values()), "a survivor without its reason"


@pytest.mark.hostile
def test_a_fault_in_a_rule_is_noticed():
    lines, why = run(list(MEASURED)), explained()
    DOCUMENT.write_text(page(lines, why))
    alive = {(line["path"], line["key"]) for line in lines if line["verdict"] != "killed"}
    assert sorted(alive - set(why)) == [], "faults that no unit test notices"
    assert sorted(set(why) - alive) == [], "explained, but noticed or gone"
    assert 100 * (len(lines) - len(alive)) >= LEAST * len(lines)
