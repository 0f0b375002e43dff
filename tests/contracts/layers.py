"""The rules of the tree as functions on one source: each takes where a module stands and its text, and returns faults."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator
from itertools import chain
from pathlib import PurePosixPath

PACKAGES = ["kernel", "manufacturing", "labels", "release", "config"]
LAYERS = ["domain", "tables", "ports", "queries", "services", "schemas", "acts", "api", "pages"]
PURE_KERNEL = {"refusals", "errors", "lifecycle", "quantities", "canonical", "words"}
IMPURE = {"flask", "sqlalchemy", "marshmallow", "alembic", "werkzeug", "jinja2", "os", "random", "secrets", "time"}
NOT_FOR_DRAWING = {"flask", "sqlalchemy", "marshmallow", "alembic", "werkzeug"}
CLOCK = "kernel/clock.py"
LONGEST_FUNCTION = 50
CLOCK_CALLS = {"now", "utcnow", "today"}
TRUSTED_TEXT = {"eval", "exec"}
UNESCAPED = re.compile(r"\|\s*safe\b|autoescape\s+(false|off)|\{%-?\s*autoescape\b")


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module named by an import, also inside functions; ``from a import b`` counts as ``a`` and ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def relative_imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield f"line {node.lineno}: imports are absolute, this one is relative"


def layer_of(parts: list[str]) -> int | None:
    return next((LAYERS.index(part) for part in parts if part in LAYERS), None)


def forbidden_to(package: str, inner: list[str]) -> set[str]:
    """Top-level modules this one must not import: rules know no framework, drawing knows no database."""
    if "domain" in inner or (package == "kernel" and inner[0] in PURE_KERNEL):
        return IMPURE
    return NOT_FOR_DRAWING if "drawing" in inner else set()


def import_faults(path: str, tree: ast.AST) -> Iterator[str]:
    """``path`` is below the root, with slashes: ``release/domain/results.py``."""
    package, *inner = PurePosixPath(path).with_suffix("").parts
    layer = layer_of(inner)
    forbidden = forbidden_to(package, inner)
    for name in dict.fromkeys(imported(tree)):
        top, *rest = name.split(".")
        if top in forbidden:
            yield f"must not import {name}: rules and drawings are pure"
        if top not in PACKAGES:
            continue
        if PACKAGES.index(top) > PACKAGES.index(package):
            yield f"{package} must not import {name}: imports point down"
        below = layer_of(rest)
        if top == package and layer is not None and below is not None and below > layer:
            yield f"{LAYERS[layer]} must not import {name}: imports point left"
        if forbidden is IMPURE and below:
            yield f"a rule must not import {name}: rules import rules"


def long_functions(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"line {node.lineno}: {node.name} has {length} lines, {LONGEST_FUNCTION} are the most"


def called(tree: ast.AST, names: Container[str]) -> Iterator[tuple[ast.Call, str, str]]:
    """Calls of one of these names: the call, the name, and the dotted text before it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in names:
                yield node, node.func.id, ""
            elif isinstance(node.func, ast.Attribute) and node.func.attr in names:
                yield node, node.func.attr, ast.unparse(node.func.value)


def clock_faults(path: str, tree: ast.AST) -> Iterator[str]:
    if path == CLOCK:
        return
    for call, name, before in called(tree, CLOCK_CALLS):
        if before.split(".")[-1] in {"datetime", "date"}:
            yield f"line {call.lineno}: {before}.{name}() is read in {CLOCK} only"


def trusted_text_faults(tree: ast.AST) -> Iterator[str]:
    """No text becomes program, and none becomes HTML unescaped; ``Markup`` of a literal is our own HTML."""
    for call, name, before in called(tree, {*TRUSTED_TEXT, "Markup"}):
        program = name in TRUSTED_TEXT and before in {"", "builtins"}
        html = name == "Markup" and not (len(call.args) == 1 and isinstance(call.args[0], ast.Constant))
        if program or html:
            yield f"line {call.lineno}: {name}() trusts a text"


def template_faults(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if UNESCAPED.search(line):
            yield f"line {number}: a template escapes everything"


def module_faults(path: str, source: str) -> list[str]:
    """Every fault of one module of a package."""
    tree = ast.parse(source)
    return list(
        chain(
            relative_imports(tree),
            import_faults(path, tree),
            long_functions(tree),
            clock_faults(path, tree),
            trusted_text_faults(tree),
        )
    )
