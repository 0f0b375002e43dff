"""``python -m tests.bench``: what an act costs, as a ratio to a bare durable one-row commit in the same run."""

from __future__ import annotations

import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from config.app import create_app
from config.demo import Stage, make_example
from config.example import Teller
from config.keys import make_keys
from config.schema import create_schema
from config.settings import Settings
from config.tables import audited_tables
from kernel.clock import Clock, FixedClock
from kernel.db import make_engine
from kernel.tables import IdempotencyRow
from kernel.trail.verify import verify
from labels.tables.labels import LabelRow
from tests.databases import databases, postgres, sqlite_url

ROUNDS = 30


def median(act: Callable[[], object]) -> float:
    """Seconds, the median of the rounds after one warm-up."""
    act()
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def bare_commit(stage: Stage) -> None:
    """One row, durable, without trail: the floor every act stands on."""
    with stage.site.database.writing() as session:
        row = {"key": secrets.token_hex(8), "person_id": "-", "route": "-", "body_sha256": "-", "status": 200}
        session.execute(sa.insert(IdempotencyRow).values(**row, answer="{}", at=stage.clock.now()))
        session.commit()


def measure(engine: str, folder: Path) -> None:
    make_keys(folder)
    app_url = owner_url = sqlite_url(folder)
    role = None
    if engine == "postgresql":
        fresh = postgres(durable=True).new_database()
        app_url, owner_url, role = fresh.app_url, fresh.owner_url, "nktrace_app"
    owner = make_engine(owner_url, owner=True)
    create_schema(owner, role)
    owner.dispose()
    settings = Settings("test", app_url, folder, folder / "head", cheap_passwords=True)
    now = Clock().now()
    make_example(settings, lambda _words: None, now=now)
    stage = Stage(create_app(settings, FixedClock(now)), FixedClock(now))
    with stage.site.database.reading() as session:
        label = session.execute(sa.select(LabelRow).where(LabelRow.facts.contains("NK-03"))).scalars().first()
        began = time.perf_counter()
        report = verify(session, audited_tables(), stage.site.database.seal.public, None)
        rate = (report.links + report.records + report.signatures) / (time.perf_counter() - began)
    assert label is not None
    floor = median(lambda: bare_commit(stage))
    scan = {"label_code": label.payload, "subject_code": "NK-03", "place": "pharmacy"}
    scanned = median(lambda: stage.act("pharm1", "container.scan", **scan))
    teller = Teller(stage)
    print(f"{engine}: bare durable commit {1000 * floor:.2f} ms (median of {ROUNDS})")
    print(f"{engine}: scan verdict, all guards and trail  {scanned / floor:6.1f} x bare commit")
    for name, path in (
        ("work page data", "/"),
        ("batch list data", "/batches"),
        ("trial figures", "/trial/feasibility"),
    ):
        spent = median(lambda path=path: teller.read("qa1", path))
        print(f"{engine}: {name:<36}{spent / floor:6.1f} x bare commit")
    print(f"{engine}: verify {rate:,.0f} rows/s over {report.links} links, {len(report.faults)} faults")
    stage.site.database.engine.dispose()


if __name__ == "__main__":
    for one in databases():
        with tempfile.TemporaryDirectory() as place:
            measure(one, Path(place))
