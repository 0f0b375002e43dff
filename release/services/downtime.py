"""The kit for a downtime: printed as an act, drawn from what was signed, counted when it comes back (DSP-DOWN)."""

from __future__ import annotations

import json
from datetime import timedelta

import sqlalchemy as sa

from kernel.canonical import canonical, digest
from kernel.errors import refuse_any
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from manufacturing.queries.trial import get_protocol
from release.domain.downtime import EntryKind, count_refusals
from release.queries.downtime import entered, entering_content, entries_of, kit_content, uncounted_kits
from release.tables.downtime import DowntimeKitRow


def print_kit(work: Work, *, earlier_unused: bool) -> DowntimeKitRow:
    """``earlier_unused``: kits that nobody counted and nothing was entered from were not used, and are destroyed."""
    work.require("downtime:print")
    work.confirm({})
    if earlier_unused:
        put_away(work)
    content = json.loads(canonical(kit_content(work.database, work.session, work.at)))
    row = work.add(
        DowntimeKitRow(
            number=next_number(work),
            printed_by=work.signer().id,
            printed_at=work.at,
            valid_until=work.at + timedelta(hours=get_protocol(work.session).downtime_kit_hours),
            content=canonical(content),
            content_sha256=digest(content),
        )
    )
    work.content = {"title": row.number, "valid until": row.valid_until, **content}
    work.sign(row, "downtime kit printed")
    return row


def put_away(work: Work) -> None:
    for kit in uncounted_kits(work.session):
        if not entries_of(work.session, [kit.id]):
            row = work.lock(DowntimeKitRow, kit.id)
            count(work, row, dict.fromkeys(EntryKind, 0))


def next_number(work: Work) -> str:
    """``DT-2026-001``: unique, so two kits at once cannot share one."""
    stem = f"DT-{local_day(work.at).year}-"
    query = sa.select(sa.func.max(DowntimeKitRow.number)).where(DowntimeKitRow.number.startswith(stem))
    newest = work.session.execute(query).scalar()
    return f"{stem}{int(newest.removeprefix(stem)) + 1 if newest else 1:03}"


def account_for_kit(
    work: Work, kit_id: str, *, checks: int, dispensings: int, hand_overs: int, administrations: int
) -> DowntimeKitRow:
    """How many acts its sheets hold, so that what is not entered yet is known; counted again as often as needed."""
    work.require("downtime:account")
    row = work.lock(DowntimeKitRow, kit_id)
    work.confirm(entering_content(work.session, kit_id))
    found = dict(zip(EntryKind, (checks, dispensings, hand_overs, administrations), strict=True))
    refuse_any(count_refusals(found, entered(entries_of(work.session, [kit_id]))))
    count(work, row, found)
    work.sign(row, "downtime kit counted")
    return row


def count(work: Work, row: DowntimeKitRow, found: dict[EntryKind, int]) -> None:
    row.checks = found[EntryKind.CHECK]
    row.dispensings = found[EntryKind.DISPENSING]
    row.hand_overs = found[EntryKind.HAND_OVER]
    row.administrations = found[EntryKind.ADMINISTRATION]
    row.accounted_by, row.accounted_at = work.signer().id, work.at
