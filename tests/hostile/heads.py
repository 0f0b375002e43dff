"""Writers of the head outside the database, killed at random: ``python -m tests.hostile.heads FOLDER KILLS``.

Prints how often nothing was left of the head after a kill, and how often a reader met nothing while it was written.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from kernel.clock import FixedClock
from kernel.database import Database
from kernel.signatures import load_seal

SEED = 20261124


def writing(database: Database, first: int) -> None:
    for number in range(first, first + 1_000_000):
        database.remember_head(number, f"{number:064x}", before=f"{number - 1:064x}")


def main(folder: Path, kills: int) -> None:
    clock = FixedClock(datetime(2026, 11, 24, 10, 0, tzinfo=UTC))
    engine = sa.create_engine("sqlite://")
    database = Database(engine, clock, load_seal(folder / "seal.pem"), folder / "head", "test")
    seed = random.Random(SEED)  # noqa: S311
    database.remember_head(1, f"{1:064x}")
    lost = unread = backwards = known = 0
    for _ in range(kills):
        child = os.fork()
        if child == 0:
            writing(database, 1 + (known or 1))
        until = time.monotonic() + seed.uniform(0.002, 0.02)
        while time.monotonic() < until:
            unread += database.remembered_head() is None
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found = database.remembered_head()
        lost += found is None
        backwards += found is not None and found[0] < known
        known = found[0] if found else known
    json.dump({"lost": lost, "unread": unread, "backwards": backwards, "last": known}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
