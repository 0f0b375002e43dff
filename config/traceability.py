"""Requirement to test and back: ``python -m config.traceability`` writes ``docs/traceability.md`` (Annex 11 §4).

The rows stand in ``docs/requirements.csv``; the evidence is read from the ``req`` marks of the tests, by parsing, so
that a mark nobody can read without running the test is an error and not a gap.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "docs" / "requirements.csv"
MATRIX = ROOT / "docs" / "traceability.md"
TESTS = ROOT / "tests"
AREAS = ("path", "bench", "release", "labels", "trial", "evidence")
SEVERITIES = ("must", "should")
NOT_EVIDENCE = {"skip", "xfail"}
CELL_LENGTH = 110


class TraceabilityError(Exception):
    """Marks or rows that cannot be trusted; every fault is in the message."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of ``docs/requirements.csv``; ``note`` argues a row that has no test yet."""

    id: str
    section: str
    clause: str
    sentence: str
    severity: str
    built_in: str
    note: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One requirement id named by one test (``tests/unit/x/test_y.py::test_z``, or the file for a whole module)."""

    requirement: str
    test: str


def read_requirements(path: Path = REQUIREMENTS) -> list[Requirement]:
    wanted = Requirement.__slots__
    with path.open(encoding="utf-8", newline="") as lines:
        return [Requirement(**{name: row[name] for name in wanted}) for row in csv.DictReader(lines)]


def read_marks(folder: Path = TESTS) -> list[Mark]:
    """Every ``req`` mark below ``folder``, in the order of files and lines."""
    marks = []
    for path in sorted(folder.rglob("test_*.py")):
        marks.extend(marks_of(path.read_text(encoding="utf-8"), path.relative_to(folder.parent).as_posix()))
    return marks


def marks_of(source: str, place: str) -> list[Mark]:
    """The marks of one test module: on the module, its classes and functions, and on parameters by ``pytest.param``."""
    body = ast.parse(source).body
    tables = dict(assignments(body))
    whole = [Mark(name, place) for name in ids_in(tables.get("pytestmark"), place)]
    return whole + [mark for node in body for mark in marks_of_node(node, place, tables)]


def assignments(body: Sequence[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for node in body:
        if isinstance(node, ast.Assign):
            yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def marks_of_node(node: ast.stmt, place: str, tables: dict[str, ast.expr]) -> Iterator[Mark]:
    if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
        inside = f"{place}::{node.name}"
        for expression in (*node.decorator_list, dict(assignments(node.body)).get("pytestmark")):
            yield from (Mark(name, inside) for name in ids_in(expression, inside))
        for inner in node.body:
            yield from marks_of_node(inner, inside, tables)
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
        if any(marker_name(decorator) in NOT_EVIDENCE for decorator in node.decorator_list):
            return
        test = f"{place}::{node.name}"
        for decorator in node.decorator_list:
            yield from (Mark(name, test) for name in ids_in(decorator, test))
            for used in ast.walk(decorator):
                if isinstance(used, ast.Name) and used.id in tables and used.id != "pytestmark":
                    yield from (Mark(name, test) for name in ids_in(tables[used.id], test))


def ids_in(expression: ast.expr | None, test: str) -> Iterator[str]:
    """The ids of every ``pytest.mark.req(...)`` in an expression; each must be written out."""
    for node in ast.walk(expression) if expression else ():
        if isinstance(node, ast.Call) and marker_name(node) == "req":
            for argument in node.args:
                if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                    raise TraceabilityError(f"{test}, line {node.lineno}: a requirement id must be written out")
                yield argument.value


def marker_name(node: ast.expr) -> str | None:
    """``x`` of ``pytest.mark.x`` or ``pytest.mark.x(...)``."""
    node = node.func if isinstance(node, ast.Call) else node
    if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {"pytest.mark", "mark"}:
        return node.attr
    return None


def evidence_by_requirement(requirements: list[Requirement], marks: list[Mark]) -> dict[str, list[str]]:
    """Row id to tests. Unknown ids, double rows and unknown areas are refused, all at once."""
    known = [row.id for row in requirements]
    faults = [f"{mark.test} names {mark.requirement!r}, which is no requirement" for mark in marks]
    faults = [fault for fault, mark in zip(faults, marks, strict=True) if mark.requirement not in set(known)]
    faults += [f"{name} stands twice in the requirements" for name in sorted({x for x in known if known.count(x) > 1})]
    for row in requirements:
        if row.severity not in SEVERITIES or row.built_in not in AREAS:
            faults.append(f"{row.id}: severity {row.severity!r} or area {row.built_in!r} is unknown")
    if faults:
        raise TraceabilityError("\n".join(faults))
    found = defaultdict(list)
    for mark in dict.fromkeys(marks):
        found[mark.requirement].append(mark.test)
    return dict(found)


def open_rows(requirements: list[Requirement], tests: dict[str, list[str]]) -> list[Requirement]:
    return [row for row in requirements if not tests.get(row.id)]


def render(requirements: list[Requirement], tests: dict[str, list[str]]) -> str:
    """The whole document."""
    still_open = open_rows(requirements, tests)
    lines = [
        "# Requirements and their tests",
        "",
        "Written by `python -m config.traceability` from `docs/requirements.csv` and the `req` marks of the tests;",
        "do not edit. A row is *open* until a test names it.",
        "",
        *summary(requirements, still_open),
        "",
        *table(requirements, tests),
        "",
        "## Still open",
    ]
    for severity in SEVERITIES:
        for area in AREAS:
            rows = [row for row in still_open if (row.severity, row.built_in) == (severity, area)]
            if rows:
                lines += ["", f"### {severity}, {area} ({len(rows)})", "", *(open_line(row) for row in rows)]
    return "\n".join(lines) + "\n"


def summary(requirements: list[Requirement], still_open: list[Requirement]) -> Iterator[str]:
    yield "| Severity | Rows | With tests | Open | Open and argued |"
    yield "|---|---|---|---|---|"
    for severity in SEVERITIES:
        rows = [row for row in requirements if row.severity == severity]
        left = [row for row in still_open if row.severity == severity]
        argued = sum(1 for row in left if row.note)
        yield f"| {severity} | {len(rows)} | {len(rows) - len(left)} | {len(left)} | {argued} |"


def table(requirements: list[Requirement], tests: dict[str, list[str]]) -> Iterator[str]:
    section = None
    for row in requirements:
        if row.section != section:
            section = row.section
            yield from ("", f"## {section}", "", "| Id | Clause | Requirement | Sev | Tests |", "|---|---|---|---|---|")
        evidence = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in tests.get(row.id, [])) or "open"
        cells = (row.id, row.clause, shorten(row.sentence), row.severity)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} | {evidence} |"


def shorten(sentence: str) -> str:
    if len(sentence) <= CELL_LENGTH:
        return sentence
    return sentence[:CELL_LENGTH].rsplit(" ", 1)[0].replace("`", "") + " …"


def open_line(row: Requirement) -> str:
    return f"- **{row.id}** ({row.clause}): {row.sentence}" + (f" *{row.note}*" if row.note else "")


def document() -> str:
    """What ``docs/traceability.md`` has to hold now."""
    requirements = read_requirements()
    return render(requirements, evidence_by_requirement(requirements, read_marks()))


def main() -> int:
    try:
        MATRIX.write_text(document(), encoding="utf-8")
    except TraceabilityError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{MATRIX.relative_to(ROOT)} is written\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
