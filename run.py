#!/usr/bin/env python3
"""NKTrace: one launcher for everything. ``python3 run.py help`` lists what it can do. Standard library only."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "nktrace-installed"
RUNTIME = "requirements.txt"
TESTS = "requirements-test.txt"
EVERYTHING_BUT_HOSTILE = "not hostile and not journey"
JOURNEYS = "journey and not hostile"
MEMORY_NEEDED = 3 * 1024**3
BOTH = "sqlite,postgresql"
NO_TESTS = 5  # what pytest answers when it ran nothing
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
CHROMIUM_PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
STARTED = time.monotonic()


def say(text: str) -> None:
    print(f"[{time.monotonic() - STARTED:6.1f} s] {text}", flush=True)


def stop(text: str) -> NoReturn:
    raise SystemExit(f"run.py: {text}")


# -- the environment ---------------------------------------------------------------------------------------------


def digest(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    """What stands in the environment: requirements file -> digest it had when it was installed."""
    if not (PYTHON.exists() and STAMP.exists()):
        return {}
    return dict(line.split() for line in STAMP.read_text(encoding="utf-8").splitlines())


def prepare(name: str) -> None:
    """Make the environment hold exactly what ``name`` pins; at once when it already does."""
    if installed().get(name) == digest(name):
        return
    began = time.monotonic()
    if not PYTHON.exists():
        make_environment()
    say(f"installing {name}, every file checked against its hash …")
    if not (install_with_uv(name) or install_with_pip(name)):
        stop(f"{name} could not be installed; the lines above say why")
    remember(name)
    say(f"environment ready ({time.monotonic() - began:.1f} s)")


def remember(name: str) -> None:
    current = {other: known for other, known in installed().items() if known == digest(other)}
    current[name] = digest(name)
    if name == TESTS:
        current[RUNTIME] = digest(RUNTIME)  # the test requirements contain those of the product
    STAMP.write_text("".join(f"{file} {known}\n" for file, known in current.items()), encoding="utf-8")


def make_environment() -> None:
    say("making the Python environment in .venv …")
    if VENV.exists():
        shutil.rmtree(str(VENV))
    if works("uv", "venv", "--quiet", "--python", sys.executable, str(VENV)):
        return
    try:
        import ensurepip  # noqa: F401, PLC0415 - only asked whether it is there
        import venv  # noqa: PLC0415 - some systems ship Python without it
    except ImportError:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        stop(f"Python's venv is missing: install the package python3-venv (or python{version}-venv) and start again.")
    venv.create(str(VENV), with_pip=True, symlinks=os.name != "nt")


def works(tool: str, *arguments: str) -> bool:
    """Whether an optional tool is on the PATH and did what was asked; there is another way if not."""
    path = shutil.which(tool)
    return path is not None and subprocess.call([path, *arguments], cwd=str(ROOT)) == 0


def install_with_uv(name: str) -> bool:
    return works("uv", "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes", "-r", name)


def install_with_pip(name: str) -> bool:
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.call([*pip, "--require-hashes", "-r", name], cwd=str(ROOT)) == 0


# -- running what was installed -----------------------------------------------------------------------------------


def become(*arguments: str) -> NoReturn:
    """Go on as the product itself, so that signals and the exit code are its own."""
    command = [str(PYTHON), *arguments]
    if os.name == "nt":
        raise SystemExit(subprocess.call(command, cwd=str(ROOT)))
    os.chdir(str(ROOT))
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def lane(title: str, *arguments: str, **environment: str) -> int:
    """Run one lane and answer its exit code, 0 being good."""
    say(f"{title} …")
    began = time.monotonic()
    code = subprocess.call([str(PYTHON), "-m", *arguments], cwd=str(ROOT), env={**os.environ, **environment})
    say(f"{title}: {'passed' if code == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    return code


def find_chromium() -> str | None:
    """NKTRACE_CHROMIUM where it is set, else a browser of the Chromium family found on this machine."""
    named = os.environ.get("NKTRACE_CHROMIUM")
    if named:
        return shutil.which(named)
    found = (shutil.which(name) for name in (*CHROMIUM, *CHROMIUM_PLACES))
    return next((path for path in found if path), None)


def names_of_journeys() -> list[str]:
    collect = [str(PYTHON), "-m", "pytest", "--collect-only", "-q", "-m", JOURNEYS, "tests"]
    done = subprocess.run(collect, cwd=str(ROOT), stdout=subprocess.PIPE, text=True, check=False)
    return [line for line in done.stdout.splitlines() if "::" in line]


class Report:
    """What pytest said it did, read from the file it wrote: a lane counts only what really ran."""

    def __init__(self, path: Path) -> None:
        cases = list(ET.parse(path).iter("testcase")) if path.exists() else []  # noqa: S314 - our own file
        self.failed = sum(1 for case in cases if broken(case))
        self.skipped = [label(case) for case in cases if case.find("skipped") is not None and not broken(case)]
        self.passed = [label(case) for case in cases if not broken(case) and case.find("skipped") is None]

    def on(self, database: str) -> int:
        return sum(1 for name in self.passed if re.search(rf"\[[^\]]*\b{database}\b", name))


def broken(case: ET.Element) -> bool:
    return case.find("failure") is not None or case.find("error") is not None


def label(case: ET.Element) -> str:
    return f"{case.get('classname')}::{case.get('name')}"


def memory() -> str | None:
    """A folder in memory, where there is one with room: thousands of test databases sync faster there."""
    place = Path("/dev/shm")  # noqa: S108 - a fresh private folder is made in it
    if place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > MEMORY_NEEDED:
        return str(place)
    return None


def pytest_lane(title: str, folder: str, *arguments: str, **environment: str) -> tuple[int, Report]:
    """Run pytest as a lane; answers its exit code and its report. Lanes may run side by side, so each prints at its end."""
    report = Path(folder) / f"{re.sub('[^a-z]', '-', title)}.xml"
    say(f"{title} …")
    began = time.monotonic()
    command = [str(PYTHON), "-m", "pytest", "-q", *arguments, f"--junitxml={report}"]
    done = subprocess.run(
        command,
        cwd=str(ROOT),
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    code = done.returncode
    with PRINTING:
        print(done.stdout.decode(errors="replace"), flush=True)
        say(f"{title}: {'passed' if code == 0 else 'FAILED'} ({time.monotonic() - began:.1f} s)")
    if code == NO_TESTS:
        say(f"{title}: no test was found, which is a failure")
    return code, Report(report)


# The longest first; every test file belongs to exactly one lane (tests/contracts/test_launcher.py).
LANES = {
    "races and kills": ("tests/races", "tests/hostile"),
    "pages": ("tests/web/kernel", "tests/web/labels", "tests/web/manufacturing", "tests/web/release"),
    "journeys": (
        "tests/journeys/test_bench.py",
        "tests/journeys/test_bench_keys.py",
        "tests/journeys/test_whole_path.py",
    ),
    "records of releasing": ("tests/integration/release",),
    "refusals and contracts": ("tests/web/refusals", "tests/web/limits", "tests/contracts"),
    "rules and the rest": ("tests/unit", "tests/integration/config", "tests/integration/kernel"),
    "records of making": ("tests/integration/manufacturing", "tests/integration/labels"),
}
# With --wide, as .ci/run does, and with it the tests of the lanes above that are marked so (docs/decisions/0050).
WIDE = {
    "wide journeys": (
        "tests/journeys/test_culture.py",
        "tests/journeys/test_release_walks.py",
        "tests/journeys/test_scan_screen.py",
    ),
}
# Three side by side on two cores: journeys and races mostly wait; a fourth made nothing faster and pages slower to answer.
AT_ONCE = 3
BROWSER = ("journeys", *WIDE)
PRINTING = threading.Lock()


# -- the commands -------------------------------------------------------------------------------------------------


def serve(*options: str) -> NoReturn:
    """start the product with its worked example (this is also what no command does)"""
    prepare(RUNTIME)
    become("-m", "config.cli", "demo", *options)


def fresh(*options: str) -> NoReturn:
    """make the worked example anew, then start"""
    serve("--fresh", *options)


def style() -> dict[str, int]:
    """Format, lint and types: lane -> exit code."""
    return {
        "format": lane("format", "ruff", "format", "--check", "--quiet", "."),
        "lint": lane("lint", "ruff", "check", "--quiet", "."),
        "types": lane("types", "mypy", "--no-error-summary"),
    }


def check() -> int:
    """while working: format, lint, types, layers and the fast tests on SQLite (under a minute)"""
    prepare(TESTS)
    lanes = style()
    paths = ["tests/contracts/test_layers.py", "tests/unit", "tests/integration"]
    with tempfile.TemporaryDirectory() as folder:
        lanes["fast tests"], report = pytest_lane(
            "fast tests", folder, "-m", EVERYTHING_BUT_HOSTILE, *paths, NKTRACE_TEST_DATABASES="sqlite"
        )
    return verdict(lanes, [report], [])


def test(*options: str) -> int:
    """format, lint, types, tests on SQLite and PostgreSQL, browser journeys; ends with a verdict (--wide: all of them)"""
    if options not in ((), ("--wide",)):
        stop(f"the tests know --wide, not {' '.join(options)}")
    prepare(TESTS)
    os.environ["NKTRACE_TEST_WIDE"] = "1" if options else "0"
    notes: list[str] = []
    reports: dict[str, Report] = {}
    with tempfile.TemporaryDirectory(dir=memory()) as folder, ThreadPoolExecutor(max_workers=AT_ONCE) as cores:
        Path(folder).chmod(0o711)
        titles = [*(WIDE if options else ()), *LANES]  # what waits for a browser first
        begun = [(title, cores.submit(run_lane, folder, title)) for title in titles]
        lanes = style()  # beside the first of them
        for title, done in begun:
            if found := done.result():
                lanes[title], reports[title] = found
    for database in ("sqlite", "postgresql"):
        count = sum(report.on(database) for report in reports.values())
        lanes[f"on {database} ({count} tests)"] = 0 if count else 1
    if not find_chromium():
        without_browser(lanes, notes)
    return verdict(lanes, list(reports.values()), notes)


def run_lane(folder: str, title: str) -> tuple[int, Report] | None:
    """One lane, in a folder that all lanes of the run share; None for the journeys where there is no browser."""
    environment = {"TMPDIR": str(folder), "NKTRACE_TEST_TOLD": str(Path(folder) / "told")}
    environment["NKTRACE_TEST_DATABASES"] = os.environ.get("NKTRACE_TEST_DATABASES", BOTH)
    if title in BROWSER:
        chromium = find_chromium()
        return walk(folder, title, NKTRACE_CHROMIUM=chromium, **environment) if chromium else None
    return pytest_lane(title, folder, "-m", EVERYTHING_BUT_HOSTILE, *LANES[title], **environment)


def walk(folder: str, title: str, **environment: str) -> tuple[int, Report]:
    """Journeys; one that was skipped did not pass."""
    code, report = pytest_lane(title, folder, "-m", JOURNEYS, *{**LANES, **WIDE}[title], **environment)
    return code or (1 if report.skipped else 0), report


def without_browser(lanes: dict[str, int], notes: list[str]) -> None:
    """Name the journeys that did not run, which is a failure where a browser is required."""
    if os.environ.get("NKTRACE_REQUIRE_BROWSER", "") not in ("", "0"):
        lanes["journeys"] = 1
    notes.append("No Chromium was found: install the package chromium (or set NKTRACE_CHROMIUM). Journeys not run:")
    notes.extend(f"  {name}" for name in names_of_journeys() or ["(none could be collected)"])


def verdict(lanes: dict[str, int], reports: list[Report], notes: list[str]) -> int:
    """The last lines: lanes, what did not run, and the count; answers the exit code."""
    print("\n" + "=" * 80)
    for title, code in lanes.items():
        print(f"  {'passed' if code == 0 else 'FAILED':8} {title}")
    skipped = [name for report in reports for name in report.skipped]
    if skipped:
        print(f"Skipped ({len(skipped)}):")
        print("\n".join(f"  {name}" for name in skipped))
    print("\n".join(notes), end="\n" if notes else "")
    good = not any(lanes.values())
    print(f"{'PASSED' if good else 'FAILED'} in {time.monotonic() - STARTED:.1f} s")
    passed, failed = sum(len(report.passed) for report in reports), sum(report.failed for report in reports)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 0 if good else 1


def hostile(*options: str) -> int:
    """the long, destructive or root-needing tests"""
    prepare(TESTS)
    codes = [lane("hostile tests", "pytest", "-m", "hostile", "tests", *options)]
    if not options:  # the test command runs the later cases of a test on SQLite only (tests/second_database.py)
        second = {"NKTRACE_TEST_DATABASES": "postgresql"}
        codes.append(lane("every case on PostgreSQL", "pytest", "-q", "-m", EVERYTHING_BUT_HOSTILE, "tests", **second))
    return max(codes)


def bench(*options: str) -> NoReturn:
    """measure, as ratios within one run, on both databases"""
    prepare(TESTS)
    become("-m", "tests.bench", *options)


def lock() -> int:
    """write requirements.txt and requirements-test.txt anew from pyproject.toml"""
    prepare(TESTS)
    uv = shutil.which("uv") or shutil.which("uv", path=str(PYTHON.parent))
    if not uv:
        say("installing uv into .venv …")
        if subprocess.call([str(PYTHON), "-m", "pip", "install", "--quiet", "uv"]) != 0:
            return 1
        uv = shutil.which("uv", path=str(PYTHON.parent))
    for name, extra in ((RUNTIME, []), (TESTS, ["--extra", "test"])):
        say(f"locking {name} …")
        options = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet", "-o", name]
        if subprocess.call([uv, "pip", "compile", "pyproject.toml", *extra, *options], cwd=str(ROOT)) != 0:
            return 1
    say("both are written; run.py test installs and tests them")
    return 0


def help() -> int:  # noqa: A001 - the word people type
    """this list"""
    print("python3 run.py            start the product with its worked example")
    for name, command in COMMANDS.items():
        print(f"python3 run.py {name:10} {command.__doc__}")
    return 0


COMMANDS = {command.__name__: command for command in (serve, fresh, test, check, hostile, bench, lock, help)}
TAKES_OPTIONS = (serve, fresh, test, hostile, bench)


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - said to whoever starts it with an older one
        stop(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    word, options = (arguments[0], arguments[1:]) if arguments else ("serve", [])
    command = help if word in ("-h", "--help") else COMMANDS.get(word)
    if command is None or (options and command not in TAKES_OPTIONS):
        print(f"run.py does not know “{' '.join(arguments)}”. It knows:\n")
        help()
        return 2
    return command(*options)


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
