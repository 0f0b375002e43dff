"""Does a unit test fail when a rule is changed? ``python -m tests.hostile.mutation [module paths]`` (hazards 3j).

A mutant in the body of a function replaces the code of the living function in a fork of the process that has
everything imported and collected; only the tests that reach its line are run. One at the top of a module (a table, a
preset), and one that survives in code which runs at import, is imported afresh in a fork that has no module of ours.
"""

from __future__ import annotations

import ast
import ctypes  # noqa: F401  (numpy asks for it; imported once before the forks)
import enum
import functools
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import coverage
import hypothesis
import pytest
from _pytest.runner import runtestprotocol

from tests.hostile.mutants import Mutant, mutants_of
from tests.hostile.scores import keep

ROOT = Path(__file__).resolve().parents[2]
OURS = ("kernel", "manufacturing", "labels", "release", "config")
QUIET = ("-q", "-s", "--noconftest", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
QUIET += (
    "-m",
    "not hostile",
    "-W",
    "ignore::coverage.exceptions.CoverageWarning",
)  # a module that no test imports is no error
KILLED, SURVIVED, UNREACHED = "killed", "survived", "not reached"
ROOM = 2 * 1024**3
WAITING = 20
Plant = Callable[[str, ast.Module, Mutant], None]


def name_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def planted(path: str, members: dict[str, tuple[str, ...]], key: str) -> CodeType:
    """The module with that one mutant in it."""
    source = (ROOT / path).read_text()
    tree = ast.parse(source)
    next(mutant for mutant in mutants_of(tree, members) if mutant.key == key).plant()
    return compile(tree, str(ROOT / path), "exec", dont_inherit=True)


def members_of(module: ModuleType) -> dict[str, tuple[str, ...]]:
    found = {name: value for name, value in vars(module).items() if isinstance(value, enum.EnumMeta)}
    return {name: tuple(value.__members__) for name, value in found.items()}


def in_fork(work: Callable[[], bool], seconds: float) -> bool:
    """Whether ``work`` said yes in a process of its own; an error, a crash or more processor seconds are a no."""
    if (child := os.fork()) == 0:
        signal.setitimer(signal.ITIMER_PROF, seconds)  # of the processor: a busy machine kills no mutant
        signal.setitimer(signal.ITIMER_REAL, WAITING * seconds)
        try:
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 1)
            os.dup2(null, 2)
            used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))
            good = work()
        except BaseException:  # noqa: BLE001  (whatever it is, the mutant was noticed)
            good = False
        os._exit(0 if good else 1)
    return os.waitpid(child, 0)[1] == 0


class Session:
    """A run of pytest that, once everything is collected, asks the tests about one mutant after the other."""

    def __init__(self, paths: list[str], told: Path, cov: coverage.Coverage) -> None:
        self.paths, self.told, self.cov = paths, told, cov
        self.took: dict[str, float] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        for item in session.items:
            self.cov.switch_context(item.nodeid)
            began = time.monotonic()
            if not passes([item]):
                raise AssertionError(f"{item.nodeid} fails without any mutant")
            self.took[item.nodeid] = time.monotonic() - began
        self.cov.stop()
        living: dict[tuple[str, str], list[FunctionType]] = defaultdict(list)
        for one in gc.get_objects():
            if isinstance(one, FunctionType) and one.__module__ and one.__module__.startswith(OURS):
                living[one.__module__, one.__qualname__].append(one)
        self.living = living
        self.caches = [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]
        gc.freeze()
        with self.told.open("w") as out:
            for path in self.paths:
                for line in self.module(path):
                    out.write(json.dumps(line) + "\n")
                    out.flush()
        return True

    def module(self, path: str) -> Iterator[dict[str, object]]:
        members = members_of(importlib.import_module(name_of(path)))
        reached = self.cov.get_data().contexts_by_lineno(str(ROOT / path))
        ours = {name for names in reached.values() for name in names if name}
        files = sorted({name.split("::")[0] for name in ours} | set(importers(name_of(path))))
        asked = ours | {name for name in self.items if name.split("::")[0] in files}
        tree = ast.parse((ROOT / path).read_text())
        for mutant in mutants_of(tree, members):
            names = {name for line in range(mutant.lines[0], mutant.lines[1] + 1) for name in reached.get(line, ())}
            plant = self.swapped if mutant.deferred else self.rebound
            tests = sorted(names - {""} if mutant.deferred else asked, key=self.took.__getitem__)
            verdict = UNREACHED
            if tests and (mutant.deferred or statement(tree, mutant)):
                verdict = SURVIVED if self.survives(path, tree, mutant, tests, plant) else KILLED
            again = verdict != KILLED and (not mutant.deferred or "" in names)
            yield {
                "path": path,
                "key": mutant.key,
                "line": mutant.lines[0],
                "verdict": verdict,
                "members": members if again else {},
                "again": files if again else [],
            }

    def survives(self, path: str, tree: ast.Module, mutant: Mutant, tests: list[str], plant: Plant) -> bool:
        def work() -> bool:
            mutant.plant()
            plant(path, tree, mutant)
            for cache in self.caches:
                cache.cache_clear()
            return passes([self.items[name] for name in tests])

        return in_fork(work, 5 + 10 * sum(self.took[name] for name in tests))

    def swapped(self, path: str, tree: ast.Module, mutant: Mutant) -> None:
        """The living function does what the mutant says."""
        code = compile(tree, str(ROOT / path), "exec", dont_inherit=True)
        for function in self.living[name_of(path), mutant.where]:
            function.__code__ = code_of(code, mutant.where.split("."))

    def rebound(self, path: str, tree: ast.Module, mutant: Mutant) -> None:
        """The table, and what its module makes of it, is another wherever it was imported, is a default, or is asked by a test."""
        module = sys.modules[name_of(path)]
        top = statement(tree, mutant)
        space, changed = dict(vars(module)), set[str]()
        for one in tree.body[tree.body.index(top) :]:
            if one is top or (isinstance(one, ast.Assign | ast.AnnAssign) and changed & names_in(one)):
                code = compile(ast.Module([one], []), str(ROOT / path), "exec", dont_inherit=True)
                exec(code, space)  # noqa: S102  (the project's own module)
                changed |= names_in(one, ast.Store())
        old = {name: vars(module)[name] for name in changed}
        for where in list(sys.modules.values()):
            for name in changed & set(vars(where)):
                if vars(where)[name] is old[name]:
                    setattr(where, name, space[name])
        for params in (item.callspec.params for item in self.items.values() if hasattr(item, "callspec")):
            params |= {key: space[name] for key, one in params.items() for name in changed if one is old[name]}
        for function in (one for many in self.living.values() for one in many if one.__defaults__):
            function.__defaults__ = tuple(
                next((space[name] for name in changed if one is old[name]), one) for one in function.__defaults__
            )


def statement(tree: ast.Module, mutant: Mutant) -> ast.stmt | None:
    """The assignment at the top of the module in which the mutant stands."""
    line = mutant.lines[0]
    found = next(one for one in tree.body if one.lineno <= line <= (one.end_lineno or line))
    return found if isinstance(found, ast.Assign | ast.AnnAssign) else None


def names_in(node: ast.stmt, context: ast.expr_context | None = None) -> set[str]:
    names = (one for one in ast.walk(node) if isinstance(one, ast.Name))
    return {one.id for one in names if isinstance(one.ctx, type(context or ast.Load()))}


def passes(items: list[pytest.Item]) -> bool:
    for item, following in zip(items, [*items[1:], None], strict=True):
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return False
    return True


def code_of(code: CodeType, path: Iterable[str]) -> CodeType:
    for name in path:
        code = next(one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == name)
    return code


def importers(module: str) -> Iterator[str]:
    """The unit tests that import it by name."""
    for file in sorted((ROOT / "tests/unit").rglob("test_*.py")):
        if f"from {module} import" in file.read_text():
            yield str(file.relative_to(ROOT))


def afresh(line: dict[str, object]) -> bool:
    """Whether the mutant survives when its module is imported with it, and all tests of that module run."""

    class Planted(importlib.machinery.SourceFileLoader):
        def get_code(self, fullname: str) -> CodeType:
            return planted(str(line["path"]), line["members"], str(line["key"]))  # type: ignore[arg-type]

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, fullname, path=None, target=None):
            if fullname != name_of(str(line["path"])):
                return None
            return importlib.util.spec_from_file_location(
                fullname, ROOT / str(line["path"]), loader=Planted(fullname, str(ROOT / str(line["path"])))
            )

    def work() -> bool:
        sys.meta_path.insert(0, Finder())
        return pytest.main([*QUIET, "-x", *line["again"]]) == 0  # type: ignore[misc]

    return in_fork(work, 300)


def fast(paths: list[str], told: Path, tests: list[str]) -> bool:
    cov = coverage.Coverage(data_file=None, config_file=False, include=[str(ROOT / path) for path in paths])
    cov.start()
    return pytest.main([*QUIET, *tests], plugins=[Session(paths, told, cov)]) == 0


def run(paths: list[str], say: Callable[[str], object] = print, *, quick: bool = False) -> list[dict]:
    """What became of every mutant of these modules: path, key, line, verdict. A rule is proven in its own package.

    ``quick``: nothing is imported afresh; what would have to be, survives.
    """
    hypothesis.settings.register_profile(
        "mutants",
        database=None,
        deadline=None,
        derandomize=True,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutants")
    lines = []
    for package in sorted({path.split("/")[0] for path in paths}):
        mine = of_package([path for path in paths if path.startswith(f"{package}/")], f"tests/unit/{package}")
        lines += mine
        for line in mine:
            if line["again"] and not quick:
                line["verdict"] = SURVIVED if afresh(line) else KILLED
            if line["verdict"] != KILLED:
                say(f"{line['verdict']}: {line['path']}:{line['line']} {line['key']}")
    return lines


def of_package(paths: list[str], *tests: str) -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        if (child := os.fork()) == 0:
            os._exit(0 if fast(paths, told, list(tests)) else 1)
        if os.waitpid(child, 0)[1]:
            raise RuntimeError("the unit tests fail without any mutant")
        return [json.loads(line) for line in told.read_text().splitlines()]


if __name__ == "__main__":
    began = time.monotonic()
    done = run([one for one in sys.argv[1:] if one != "--quick"], quick="--quick" in sys.argv)
    if "--quick" not in sys.argv:
        keep(done)
    alive = sum(line["verdict"] != KILLED for line in done)
    print(f"{len(done)} mutants, {alive} alive, {time.monotonic() - began:.0f} s")
