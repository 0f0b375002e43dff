"""The complete copy as a file: of one batch with its printed records, and of every record there is."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kernel.copying.writing import Maker, Scope, write_copy
from kernel.trail.moment import one_moment
from kernel.web.registry import download, panel
from kernel.web.site import Site, Viewer, this_site
from manufacturing.queries.batches import get_batch
from release.pages.printed import asked_speech
from release.queries.complete_copy import ALL, scope_of_batch

ZIP = "application/zip"


def made(site: Site, viewer: Viewer, scope: Callable[[Session, Maker], Scope]) -> bytes:
    """Read from one moment of its own, when the database is free again."""
    database = site.database
    maker = Maker(
        by=viewer.actor.name,
        at=viewer.at,
        app_version=site.version,
        seal=database.seal,
        tables=site.extras["audited_tables"],
    )
    out = io.BytesIO()
    with one_moment(database) as session:
        write_copy(session, out, scope(session, maker), maker)
    return out.getvalue()


@download(
    "batch.copy",
    "/batches/<batch_id>/copy.zip",
    permission="copy:take",
    summary="Every record of a batch with its trail, signatures, files and printed records, and a sealed manifest.",
)
def copy_of_batch(session: Session, viewer: Viewer, batch_id: str) -> tuple[Callable[[], bytes], str, str]:
    number, speech, site = get_batch(session, batch_id).number, asked_speech(viewer), this_site()
    demo = bool(site.badge)

    def scope(moment: Session, maker: Maker) -> Scope:
        return scope_of_batch(moment, maker.tables, batch_id, speech, maker.by, maker.at, demo=demo)

    return partial(made, site, viewer, scope), ZIP, f"copy-{number}.zip"


@download(
    "trail.copy",
    "/trail/copy.zip",
    permission="copy:take",
    summary="Every record of the installation with the whole trail, signatures and files, and a sealed manifest.",
)
def copy_of_all(_session: Session, viewer: Viewer) -> tuple[Callable[[], bytes], str, str]:
    return partial(made, this_site(), viewer, lambda _moment, _maker: ALL), ZIP, "copy-of-all-records.zip"


def copy_panel(_session: Session, viewer: Viewer, batch_id: str, **_ids: str) -> dict[str, Any] | None:
    if not viewer.may("copy:take"):
        return None
    return {"template": "release/copy_panel.html", "batch_id": batch_id}


panel("batch", copy_panel)
