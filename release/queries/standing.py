"""A scan looked at again: what its two codes lead to now, and whether its verdict still stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.database import Database
from labels.queries.label_keys import keys_in_force
from labels.tables.labels import LabelRow
from release.domain.decisions import Verdict
from release.domain.dispensing import ALLOWING, GUARDS_OF, decide
from release.queries.scanning import Scanned, scanned
from release.tables.dispensing import ScanRow


def again(database: Database, session: Session, scan: ScanRow, now: datetime) -> Scanned:
    """The same codes resolved anew: the scan was an allowing one, so its subject was the container's."""
    label = session.get_one(LabelRow, scan.label_id)
    found = scanned(
        database,
        session,
        keys_in_force(session),
        label_code=label.short_number if scan.typed else label.payload,
        subject_code="",
        place=scan.place,
        now=now,
        second_person=scan.typed,
    )
    container = found.facts.container
    subject = (
        container.subject_code if container and found.container and found.container.id == scan.container_id else ""
    )
    return replace(found, facts=replace(found.facts, scanned_subject=subject))


def stands(database: Database, session: Session, scan: ScanRow, now: datetime) -> bool:
    """Every guard again, without dispensing: a screen that shows the verdict asks this until its minute is over."""
    if scan.verdict not in ALLOWING.values() or scan.place not in GUARDS_OF or not now <= scan.valid_until:
        return False
    verdict = decide(again(database, session, scan, now).facts, now, GUARDS_OF[scan.place]).verdict
    return verdict is Verdict(scan.verdict)
