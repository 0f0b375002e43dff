"""A parent process that has loaded the application once and starts servers by fork, in a fraction of a second.

What runs is the same gunicorn master with the same workers as ``tests/server.py`` starts by command, or the command line
of the installation; only the two seconds of imports are saved, which matters where a server is killed and started dozens
of times.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
GONE_SECONDS = 10.0
PR_SET_CHILD_SUBREAPER = 36


def alive(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


@dataclass
class Child:
    """A started server: the leader of its own process group, like one that was started by command."""

    pid: int

    def wait(self, timeout: float = GONE_SECONDS) -> int:
        """Until no process of the group is left; the nursery collects the dead."""
        deadline = time.monotonic() + timeout
        while alive(self.pid):
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("gunicorn", timeout)
            time.sleep(0.002)
        return 0


@dataclass
class Nursery:
    """``start`` orders one server, or ``["nktrace", …]``; everything ends with the ``with`` block, or with the test process."""

    parent: subprocess.Popen[str] | None = None
    children: list[Child] = field(default_factory=list)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.nursery"]
        pipe = subprocess.PIPE
        self.parent = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
        return self

    def start(self, command: list[str], environment: dict[str, str], log: Path) -> Child:
        if self.parent is None or self.parent.stdin is None or self.parent.stdout is None:
            raise RuntimeError("the nursery is closed")
        order = {"command": command, "environment": environment, "log": str(log)}
        self.parent.stdin.write(json.dumps(order) + "\n")
        self.parent.stdin.flush()
        child = Child(int(self.parent.stdout.readline()))
        self.children.append(child)
        return child

    def __exit__(self, *_: object) -> None:
        for child in self.children:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
        if self.parent is not None and self.parent.stdin is not None and self.parent.stdout is not None:
            self.parent.stdin.close()
            self.parent.wait(GONE_SECONDS)
            self.parent.stdout.close()


def become(order: dict[str, Any]) -> None:
    """In the child: its own group, its own environment and log, then gunicorn (or ``nktrace``) as if by command."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for wanted, number in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(wanted, number)
    program, *words = order["command"]
    if program == "nktrace":
        from config.cli import main as nktrace  # noqa: PLC0415

        nktrace(words)
        return
    from gunicorn.app.wsgiapp import run  # noqa: PLC0415

    sys.argv = order["command"]
    run()


def collect_orphans() -> None:
    """Workers whose master was killed come to us and are collected at once (Linux; elsewhere init does it)."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main() -> None:
    collect_orphans()
    import gunicorn.app.wsgiapp  # noqa: F401, PLC0415

    import config.app  # noqa: F401, PLC0415

    gc.freeze()
    born: list[int] = []
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                become(json.loads(line))
            except BaseException:  # noqa: BLE001  (whatever it was belongs into the log, and the child must end)
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(1)
        born.append(pid)
        print(pid, flush=True)
    for pid in born:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
