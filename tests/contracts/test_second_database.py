"""On the second database each test runs, and each case that asks it something else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.second_database import ALONE, first_cases
from tests.statements import least, shapes

BOTH = "sqlite,postgresql"


def case(name: str, engine: str, *, mark: tuple[str, ...] | None = None, file: str = "tests/unit/test_x.py", **given):
    marker = None if mark is None else SimpleNamespace(args=mark)
    return SimpleNamespace(
        nodeid=f"{file}::{name}[{engine}-{given}]",
        callspec=SimpleNamespace(params={"fresh": engine, **given}),
        get_closest_marker=lambda name: marker if name == "every_case" else None,
    )


@pytest.fixture
def both(monkeypatch):
    monkeypatch.setenv("NKTRACE_TEST_DATABASES", BOTH)


def test_sqlite_runs_every_case_and_postgresql_the_first(both):
    cases = [case("test_a", engine, number=n) for engine in BOTH.split(",") for n in (1, 2, 3)]
    kept, left = first_cases(cases)
    assert kept == cases[:4]
    assert left == cases[4:]


def test_each_test_has_a_first_case_of_its_own(both):
    cases = [case(name, "postgresql", number=1) for name in ("test_a", "test_b")]
    assert first_cases(cases) == (cases, [])


def test_a_test_may_ask_for_every_case_or_for_every_value_of_a_parameter(both):
    whole = [case("test_a", "postgresql", mark=(), row=n) for n in (1, 2)]
    rows = [case("test_b", "postgresql", mark=("row",), row=n, door=door) for n in (1, 2) for door in ("page", "api")]
    kept, left = first_cases([*whole, *rows])
    assert kept == [*whole, rows[0], rows[2]]
    assert left == [rows[1], rows[3]]


def test_a_test_about_the_engine_runs_every_case_unless_it_names_parameters(both):
    file = "tests/races/test_x.py"
    whole = [case("test_a", "postgresql", file=file, page=n) for n in (1, 2)]
    named = [case("test_b", "postgresql", file=file, mark=("fresh",), page=n) for n in (1, 2)]
    assert first_cases([*whole, *named]) == ([*whole, named[0]], [named[1]])


def test_a_test_of_pages_runs_there_only_if_it_asks_for_it(both):
    file = "tests/web/release/test_x.py"
    plain, asks = case("test_a", "postgresql", file=file), case("test_b", "postgresql", file=file, mark=())
    of_each = [case("test_c", "postgresql", file=file, mark=("row",), row=n) for n in (1, 2)]
    assert first_cases([plain, asks, *of_each]) == ([asks, *of_each], [plain])
    both_once = [case("test_d", "postgresql", file=file, row=n) for n in (1, 2)]
    for one in both_once:
        one.get_closest_marker = lambda name: "there" if name == "on_both" else None
    assert first_cases(both_once) == (both_once[:1], both_once[1:])


def test_a_test_that_only_repeats_runs_there_when_it_asks_for_it(both):
    file, name = ALONE.read_text(encoding="utf-8").split()[0].split("::")
    plain, asks = case(name, "postgresql", file=file), case(name, "postgresql", file=file, mark=())
    assert first_cases([case(name, "sqlite", file=file), plain, asks])[1] == [plain]


def test_what_is_said_to_repeat_exists():
    for file, name in (line.split("::") for line in ALONE.read_text(encoding="utf-8").split()):
        assert f"def {name}(" in (ALONE.parents[1] / file).read_text(encoding="utf-8"), f"{file}::{name} is gone"


def test_the_tests_that_are_kept_send_all_that_is_sent():
    tests = {
        "a": (1.0, {"1", "2"}),
        "b": (1.0, {"2", "3"}),
        "c": (9.0, {"1", "2", "3"}),
        "d": (1.0, {"9"}),
        "tests/web/release/e": (5.0, {"9"}),
    }
    assert sorted(least(tests)) == ["a", "b", "tests/web/release/e"]


def test_a_statement_has_one_shape_whatever_its_values_and_its_company():
    one = "SELECT a FROM lot AS lot_1 WHERE lot.id IN (%(id_1_1)s::VARCHAR, %(id_1_2)s::VARCHAR)"
    other = "SELECT a FROM lot AS lot_2 WHERE lot.id IN (%(id_3_1)s::VARCHAR)"
    assert [*shapes(one)] != [*shapes(one.replace("lot.id", "lot.code"))]
    assert [*shapes(one)] == [*shapes(other)]
    beside = f"SELECT 0 AS c0, a AS c1 {one[9:]} UNION ALL SELECT 1 AS c0, NULL AS c1 {other[9:]}"
    assert len({*shapes(beside)}) == 1


@pytest.mark.parametrize("folder", ["races", "hostile", "contracts"])
def test_what_is_about_the_engine_runs_whole(both, folder):
    cases = [case("test_a", "postgresql", file=f"tests/{folder}/test_x.py", number=n) for n in (1, 2)]
    assert first_cases(cases) == (cases, [])


def test_alone_it_runs_everything(monkeypatch):
    monkeypatch.setenv("NKTRACE_TEST_DATABASES", "postgresql")
    cases = [case("test_a", "postgresql", number=n) for n in (1, 2)]
    assert first_cases(cases) == (cases, [])


def test_a_test_without_a_database_is_left_alone(both):
    plain = SimpleNamespace(nodeid="tests/unit/test_x.py::test_a", get_closest_marker=lambda _name: None)
    assert first_cases([plain, plain]) == ([plain, plain], [])
