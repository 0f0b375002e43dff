"""The launcher tells the truth: what it installs, what it knows, and what ran."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(monkeypatch, tmp_path):
    spec = importlib.util.spec_from_file_location("launcher", ROOT / "run.py")
    launcher = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(launcher)
    monkeypatch.setattr(launcher, "ROOT", tmp_path)
    monkeypatch.setattr(launcher, "STAMP", tmp_path / "stamp")
    (tmp_path / "requirements.txt").write_text("a==1\n")
    (tmp_path / "requirements-test.txt").write_text("a==1\nb==2\n")
    return launcher


def report(run, tmp_path, *cases):
    path = tmp_path / "report.xml"
    path.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
    return run.Report(path)


def pins(name):
    return set(re.findall(r"^[a-z0-9._-]+==\S+", (ROOT / name).read_text(), flags=re.MULTILINE))


def test_the_test_requirements_contain_those_of_the_product():
    assert pins("requirements.txt")
    assert pins("requirements.txt") <= pins("requirements-test.txt")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_every_pinned_file_has_hashes_and_no_address(name):
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S)", text.strip()))


def test_an_unknown_word_lists_the_commands():
    answer = subprocess.run([sys.executable, "run.py", "tset"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "tset" in answer.stdout
    for command in ("test", "check", "fresh", "hostile", "bench", "lock", "help"):
        assert f"python3 run.py {command} " in answer.stdout


def test_a_second_start_installs_nothing_and_a_changed_file_does(run, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(run, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(run, "install_with_uv", lambda name: asked.append(name) or True)
    run.prepare("requirements-test.txt")
    run.prepare("requirements-test.txt")
    run.prepare("requirements.txt")
    assert asked == ["requirements-test.txt"]
    (tmp_path / "requirements.txt").write_text("a==2\n")
    run.prepare("requirements.txt")
    assert asked == ["requirements-test.txt", "requirements.txt"]


def test_a_failed_installation_is_not_remembered(run, monkeypatch):
    monkeypatch.setattr(run, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(run, "install_with_uv", lambda _name: False)
    monkeypatch.setattr(run, "install_with_pip", lambda _name: False)
    with pytest.raises(SystemExit, match=r"requirements\.txt could not be installed"):
        run.prepare("requirements.txt")
    assert run.installed() == {}


def test_a_lane_counts_what_ran_and_not_what_was_skipped(run, tmp_path):
    found = report(
        run,
        tmp_path,
        '<testcase classname="t" name="test_a[sqlite]"/>',
        '<testcase classname="t" name="test_a[postgresql]"><skipped/></testcase>',
        '<testcase classname="t" name="test_b[postgresql-1]"><failure/></testcase>',
        '<testcase classname="t" name="test_c"><error/></testcase>',
    )
    assert (found.on("sqlite"), found.on("postgresql")) == (1, 0)
    assert (found.failed, found.skipped) == (2, ["t::test_a[postgresql]"])


def test_pytest_without_tests_is_a_failure_of_its_lane(run, monkeypatch, tmp_path):
    monkeypatch.setattr(run.subprocess, "call", lambda *_arguments, **_options: 5)
    code, found = run.pytest_lane("tests", tmp_path)
    assert code == 5
    assert found.passed == []


def test_every_test_file_is_in_exactly_one_lane(run):
    paths = [path for lane in (*run.LANES.values(), *run.WIDE.values()) for path in lane]
    files = [file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").rglob("test_*.py")]
    lanes = {file: [path for path in paths if f"{file}/".startswith(f"{path}/")] for file in files}
    assert {file: found for file, found in lanes.items() if len(found) != 1} == {}


@pytest.mark.parametrize(("required", "lanes"), [("1", {"journeys": 1}), ("", {})])
def test_without_a_browser_the_journeys_are_named(run, monkeypatch, required, lanes, tmp_path):
    monkeypatch.setattr(run, "find_chromium", lambda: None)
    assert run.run_lane(tmp_path, "journeys") is None
    monkeypatch.setattr(run, "names_of_journeys", lambda: ["tests/journeys/test_path.py::test_path"])
    monkeypatch.setenv("NKTRACE_REQUIRE_BROWSER", required)
    found, notes = {}, []
    run.without_browser(found, notes)
    assert found == lanes
    assert "install the package chromium" in notes[0]
    assert notes[1:] == ["  tests/journeys/test_path.py::test_path"]


@pytest.mark.parametrize(("options", "wide"), [((), "0"), (("--wide",), "1")])
def test_the_tests_are_told_whether_they_are_all_wanted(run, monkeypatch, options, wide):
    begun = []
    monkeypatch.setenv("NKTRACE_TEST_WIDE", "")
    monkeypatch.setattr(run, "prepare", lambda _name: None)
    monkeypatch.setattr(run, "style", dict)
    monkeypatch.setattr(run, "find_chromium", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(
        run, "run_lane", lambda _folder, title: begun.append((title, run.os.environ["NKTRACE_TEST_WIDE"]))
    )
    run.test(*options)
    assert sorted(begun) == sorted((title, wide) for title in (*run.LANES, *(run.WIDE if options else ())))


def test_tests_without_a_browser_fail_where_one_is_required(run, monkeypatch, capsys):
    passed = SimpleNamespace(on=lambda _database: 1, skipped=[], passed=["t::test_a"], failed=0)
    for name, instead in (("prepare", lambda _name: None), ("style", dict), ("find_chromium", lambda: None)):
        monkeypatch.setattr(run, name, instead)
    monkeypatch.setattr(run, "names_of_journeys", list)
    monkeypatch.setattr(run, "run_lane", lambda _folder, title: None if title in run.BROWSER else (0, passed))
    monkeypatch.setenv("NKTRACE_TEST_WIDE", "")
    monkeypatch.setenv("NKTRACE_REQUIRE_BROWSER", "1")
    assert run.test() == 1
    assert "FAILED   journeys" in capsys.readouterr().out


def test_an_option_the_tests_do_not_know_is_refused(run):
    with pytest.raises(SystemExit, match="--wide, not --wied"):
        run.test("--wied")


def test_ci_runs_all_of_them():
    assert "run.py test --wide" in (ROOT / ".ci" / "run").read_text()


def test_a_skipped_journey_did_not_pass(run, monkeypatch, tmp_path):
    skipped = report(run, tmp_path, '<testcase classname="t" name="test_path"><skipped/></testcase>')
    monkeypatch.setattr(run, "find_chromium", lambda: "/usr/bin/chromium")
    monkeypatch.setattr(run, "pytest_lane", lambda *_arguments, **_options: (0, skipped))
    assert run.run_lane(tmp_path, "journeys") == (1, skipped)


@pytest.mark.parametrize(("code", "word"), [(0, "PASSED"), (1, "FAILED")])
def test_the_verdict_ends_with_the_count(run, capsys, tmp_path, code, word):
    found = report(run, tmp_path, '<testcase classname="t" name="test_a"/>')
    assert run.verdict({"lint": code}, [found], []) == code
    *_, judged, counted = capsys.readouterr().out.splitlines()
    assert judged.startswith(word)
    assert counted == "1 passed, 0 failed"


def test_a_machine_without_venv_is_told_the_package(run, monkeypatch, tmp_path):
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "works", lambda *_arguments: False)
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match="install the package python3-venv"):
        run.make_environment()
