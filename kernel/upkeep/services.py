"""Note what came of a check, a backup or a read-back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.canonical import canonical
from kernel.trail.verify import Fault, Report
from kernel.upkeep.domain import RunKind, RunStatus
from kernel.upkeep.queries import last_good_backup
from kernel.upkeep.tables import UpkeepRunRow
from kernel.work import Work

MOST_NOTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run did. ``milliseconds``: by a clock that nobody moves."""

    kind: RunKind
    by: str
    started_at: datetime
    milliseconds: int
    report: Report
    path: str | None = None
    file_sha256: str | None = None
    head: tuple[int, str] | None = None


def record_run(work: Work, ran: Ran) -> UpkeepRunRow:
    """It is heard of in this transaction by whoever writes to people."""
    saved = last_good_backup(work.session)
    report = ran.report
    return work.add(
        UpkeepRunRow(
            kind=ran.kind,
            status=RunStatus.FAULTY if report.faults else RunStatus.SOUND,
            started_at=ran.started_at,
            ended_at=work.at,
            milliseconds=ran.milliseconds,
            links=report.links,
            records=report.records,
            signatures=report.signatures,
            faults=len(report.faults),
            found=canonical(noted(report.faults)),
            path=ran.path,
            file_sha256=ran.file_sha256,
            head_seq=ran.head[0] if ran.head else None,
            head_hash=ran.head[1] if ran.head else None,
            backup_at=saved.ended_at if saved is not None else None,
            ran_by=ran.by,
        )
    )


def noted(faults: Sequence[Fault]) -> list[dict[str, str]]:
    return [{"what": one.what, "where": one.where, "detail": one.detail} for one in faults[:MOST_NOTED]]
