"""Pages of the trail: for QA and inspectors, read only."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.canonical import canonical
from kernel.db import Audited
from kernel.exports import csv_bytes
from kernel.refusals import N_
from kernel.tables import TrailRow
from kernel.trail.queries import filtered, link_view, list_actions, list_links
from kernel.trail.verify import verify
from kernel.web.registry import NAVIGATION, Nav, download, view
from kernel.web.site import Viewer, this_site

NAVIGATION.append(Nav(N_("Trail"), "/trail", "trail:read", 80, aside=True))


@view("trail.list", "/trail", permission="trail:read", template="kernel/trail.html", summary="The audit trail.")
def show_trail(session: Session, viewer: Viewer) -> dict[str, Any]:
    links, page = list_links(session, viewer.args, viewer.speech)
    people = sorted(names(session).items(), key=lambda one: one[1])
    kept = {name: value for name, value in viewer.args.items() if name not in {"page", "lang"}}
    query = f"?{urlencode(kept)}" if kept else ""
    return {
        "links": links,
        "page": page,
        "people": people,
        "actions": list_actions(session, viewer.speech),
        "query": query,
    }


@view("trail.check", "/trail/check", permission="trail:read", template="kernel/check.html", summary="Verification.")
def check_records(session: Session, _viewer: Viewer) -> dict[str, Any]:
    site = this_site()
    tables: dict[str, type[Audited]] = site.extras["audited_tables"]
    report = verify(session, tables, site.database.seal.public, site.database.remembered_head())
    return {
        "report": {
            "links": report.links,
            "records": report.records,
            "signatures": report.signatures,
            "head": report.head,
            "faults": [{"what": one.what, "where": one.where, "detail": one.detail} for one in report.faults],
        }
    }


@download("trail.export", "/trail/export.csv", permission="trail:read", summary="The trail as CSV, as filtered.")
def export_trail(session: Session, viewer: Viewer) -> tuple[bytes, str, str]:
    rows = session.execute(filtered(viewer.args).order_by(TrailRow.seq)).scalars().all()
    body = csv_bytes(
        ["seq", "at", "actor", "action", "outcome", "reason", "refusals", "changes", "hash"],
        (
            [
                one["seq"],
                one["at"],
                one["actor"],
                one["sentence"],
                one["outcome"],
                one["reason"],
                " ".join(refusal["code"] for refusal in one["refusals"]),
                canonical(one["changes"]),
                one["hash"],
            ]
            for one in (link_view(row, viewer.speech) for row in rows)
        ),
    )
    return body, "text/csv", "trail.csv"
