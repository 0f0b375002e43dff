"""Small faults planted in the source of a rule, one at a time: what a tired programmer would write instead.

Left alone: docstrings, annotations, sentences (``N_``, ``_``), names in strings, and refusals where they are declared
(``kind``), whose status and words the tables of ``tests/web/refusals`` hold.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

NUMBER = re.compile(r"-?\d+(\.\d+)?(e\d+)?\Z")
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
CALLS = {"any": "all", "all": "any", "min": "max", "max": "min"}
QUIET_CALLS = {"N_", "_", "kind", "ngettext", "TypeVar", "compile"}
QUIET_FIELDS = {"annotation", "returns", "decorator_list", "bases"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Mutant:
    """``where``: the function or class, empty at the top of the module; ``lines``: of the statement it is in.

    ``deferred``: in the body of a function, so that it runs when the rule is asked and not when it is imported.
    """

    where: str
    what: str
    lines: tuple[int, int]
    deferred: bool
    plant: Callable[[], None] = field(compare=False, repr=False)

    @property
    def key(self) -> str:
        return f"{self.where or 'module'}: {self.what}"


class Planter:
    """Every mutant of one tree. ``members``: the names of each enumeration, for a member in the place of another."""

    def __init__(self, tree: ast.Module, members: dict[str, tuple[str, ...]]) -> None:
        self.tree, self.members = tree, members
        self.found: list[Mutant] = []
        self.path: list[str] = []
        self.deferred = False
        self.lines = (0, 0)

    def mutants(self) -> list[Mutant]:
        self.walk(self.tree)
        seen: dict[str, int] = {}
        named = []
        for mutant in self.found:
            seen[mutant.key] = seen.get(mutant.key, 0) + 1
            again = f" #{seen[mutant.key]}" if seen[mutant.key] > 1 else ""
            named.append(Mutant(mutant.where, mutant.what + again, mutant.lines, mutant.deferred, mutant.plant))
        return named

    def walk(self, node: ast.AST) -> None:
        if not _is_quiet(node):
            for name, value in ast.iter_fields(node):
                if name not in QUIET_FIELDS:
                    self.within(node, name, value)

    def within(self, node: ast.AST, name: str, value: Any) -> None:
        before = self.deferred, self.lines
        named = name == "body" and isinstance(node, (*FUNCTIONS, ast.ClassDef))
        if named:
            self.path.append(node.name)  # type: ignore[attr-defined]
        self.deferred |= named and not isinstance(node, ast.ClassDef)
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                self.lines = _span(child) if isinstance(child, ast.stmt) else self.lines
                self.at(node, name, index if isinstance(value, list) else None, child)
                self.walk(child)
        self.deferred, self.lines = before
        if named:
            self.path.pop()

    def at(self, parent: ast.AST, name: str, index: int | None, node: ast.AST) -> None:
        """Every other node that could stand in this place; ``None`` takes it out."""
        for other in instead_of(node, self.members):
            self.plant(parent, name, index, node, other)
        if name == "elts" and isinstance(getattr(parent, "ctx", ast.Load()), ast.Load):
            self.plant(parent, name, index, node, None)
        if (isinstance(parent, (ast.If, ast.IfExp)) and name == "test") or name == "ifs":
            for value in (True, False):
                self.plant(parent, name, index, node, ast.Constant(value))

    def plant(self, parent: ast.AST, name: str, index: int | None, node: ast.AST, other: ast.AST | None) -> None:
        def done() -> None:
            if other is not None:
                ast.copy_location(other, node)
                ast.fix_missing_locations(other)
            if index is None:
                setattr(parent, name, other)
            elif other is None:
                getattr(parent, name)[:] = [one for one in getattr(parent, name) if one is not node]
            else:
                getattr(parent, name)[getattr(parent, name).index(node)] = other

        what = f"{told(node)} → {told(other)}"
        if other is None:
            what = f"without {told(node)} in {told(parent)}"
        elif isinstance(node, ast.Constant):
            what += f" in {told(parent)}"
        self.found.append(Mutant(".".join(self.path), what, self.lines, self.deferred, done))


def _is_quiet(node: ast.AST) -> bool:
    """A sentence, a declared refusal, the name of a type, or the list of what a module lends on."""
    if isinstance(node, ast.Assign):
        return isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__"
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Name) and node.value.id == "Callable"
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in QUIET_CALLS


def _span(node: ast.stmt) -> tuple[int, int]:
    """The lines of a statement, without its body."""
    body = getattr(node, "body", None)
    last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
    return node.lineno, max(node.lineno, last)


def told(node: ast.AST | None) -> str:
    text = " ".join(ast.unparse(node).split()) if node is not None else ""
    return text if len(text) <= 110 else text[:70] + " … " + text[-35:]


def instead_of(node: ast.AST, members: dict[str, tuple[str, ...]]) -> Iterator[ast.AST]:
    if isinstance(node, ast.stmt):
        yield from _stated(node)
        return
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.BoolOp():
            yield from _decided(node)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp() if type(node.op) in ARITHMETIC and not _is_text(node.left):
            yield _with(node, op=ARITHMETIC[type(node.op)]())
        case ast.Constant():
            yield from _constants(node.value)
        case ast.Attribute(value=ast.Name(id=enum), attr=attr) if attr in (names := members.get(enum, ())):
            if len(names) > 1:
                yield _with(node, attr=names[(names.index(attr) + 1) % len(names)])
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            yield _with(node, func=ast.Name(CALLS[name], ast.Load()))


def _stated(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.AugAssign() if type(node.op) in ARITHMETIC:
            yield _with(node, op=ARITHMETIC[type(node.op)]())
        case ast.Expr(value=ast.Yield() | ast.YieldFrom() | ast.Call()) | ast.Raise():
            yield ast.Pass()
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant) and told(value) != "()":
            yield ast.Return(ast.Tuple([], ast.Load()) if _is_refusing(value) else ast.Constant(None))


def _decided(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
    for value in node.values:
        rest = [one for one in node.values if one is not value]
        yield rest[0] if len(rest) == 1 else _with(node, values=rest)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_refusing(value: ast.expr) -> bool:
    return isinstance(value, ast.Tuple) or (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "tuple"
    )


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    for place, op in enumerate(node.ops):
        for other in COMPARISONS[type(op)]:
            yield _with(node, ops=[other() if at == place else one for at, one in enumerate(node.ops)])


def _constants(value: Any) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, str) and NUMBER.match(value):
        number = Decimal(value)
        step = Decimal(1).scaleb(int(number.as_tuple().exponent))
        yield ast.Constant(str(number + step))
        yield ast.Constant(str(number - step))


def _with(node: ast.AST, **changes: Any) -> ast.AST:
    other = copy.copy(node)
    for name, value in changes.items():
        setattr(other, name, value)
    return other


def mutants_of(tree: ast.Module, members: dict[str, tuple[str, ...]]) -> list[Mutant]:
    return Planter(tree, members).mutants()
