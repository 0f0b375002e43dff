"""The head outside the database is what shows a cut tail: a kill while it is written must not leave nothing of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from kernel.signatures import make_seal

ROOT = Path(__file__).resolve().parents[2]
KILLS = 100


def test_the_head_outside_survives_kill_9_and_is_never_read_as_missing(tmp_path):
    make_seal(tmp_path / "seal.pem")
    command = [sys.executable, "-m", "tests.hostile.heads", str(tmp_path), str(KILLS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["last"] > KILLS, "nothing was written"
    assert (told["lost"], told["unread"], told["backwards"]) == (0, 0, 0)
