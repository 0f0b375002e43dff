"""The accountability log as page, CSV and PDF: of the trial, of a subject, of a batch (DSP-ACC)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kernel.exports import csv_bytes
from kernel.paging import PAGE, before, page_of
from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, Nav, download, panel, view
from kernel.web.site import Viewer
from release.domain.accountability import Scope
from release.drawing.paper import draw_paper
from release.pages.printed import PDF, asked_speech, file_name, printed_by
from release.queries.accountability import Log, account_documents, accountability
from release.queries.accountability_paper import accountability_paper, open_words
from release.queries.trial_figures import shown_trial

LOG = "/accountability"
ONE = f"{LOG}/<scope>/<record_id>"
SUMMARY = "received, dispensed, handed over, given, come back, destroyed, and what is open."
HEADER = [
    "container",
    "batch",
    "subject",
    "what",
    "at",
    "volume_ml",
    "by",
    "second_person",
    "note",
    "downtime_kit",
    "signatures",
    "stage_now",
    "left_ml_now",
    "open_now",
]
NAVIGATION.append(Nav(N_("Accountability"), LOG, "accountability:read", 47, aside=True))


@view(
    "accountability.trial",
    LOG,
    permission="accountability:read",
    template="release/accountability.html",
    summary=f"The accountability log of the trial, every container: {SUMMARY}",
)
def show_trial_log(session: Session, viewer: Viewer) -> dict[str, Any]:
    """Of the trial in the address (``?trial=``), else of the one that runs or was closed last."""
    trial = shown_trial(session, viewer.args.get("trial"))
    return shown(session, accountability(session, Scope.TRIAL, trial.id, viewer.at), viewer)


@view(
    "accountability.one",
    ONE,
    permission="accountability:read",
    template="release/accountability.html",
    summary=f"The accountability log of a trial, a subject or a batch: {SUMMARY}",
)
def show_log(session: Session, viewer: Viewer, scope: str, record_id: str) -> dict[str, Any]:
    return shown(session, accountability(session, scope, record_id, viewer.at), viewer)


def shown(session: Session, log: Log, viewer: Viewer) -> dict[str, Any]:
    """One page of containers; the balance and what is open are of all of them."""
    page = page_of(viewer.args, len(log.containers))
    first = before(page)
    sums = asdict(log.balance)
    stages = [{"stage": stage.value, "count": count} for stage, count in sums.pop("stages")]
    return {
        "scope": log.scope.value,
        "record_id": log.record_id,
        "record": log.record,
        "at": log.at,
        "balance": {**sums, "stages": stages},
        "open": [
            {"id": one.id, "container": one.code, "sentence": viewer.speech.say(point, left=left)}
            for one, point, left in log.waiting
        ],
        "accounts": account_documents(session, log, log.containers[first : first + PAGE]),
        "page": page,
    }


@download(
    "accountability.csv",
    f"{ONE}/log.csv",
    permission="accountability:read",
    summary="The whole accountability log of a trial, a subject or a batch as CSV, a line for each event.",
)
def log_csv(session: Session, viewer: Viewer, scope: str, record_id: str) -> tuple[bytes, str, str]:
    log = accountability(session, scope, record_id, viewer.at)
    rows = [csv_row(one, line, viewer) for one in account_documents(session, log) for line in one["lines"]]
    return csv_bytes(HEADER, rows), "text/csv", file_name("accountability", log.record).removesuffix(".pdf") + ".csv"


def csv_row(one: dict[str, Any], line: dict[str, Any], viewer: Viewer) -> list[Any]:
    first, second = [*line["by"], "", ""][:2]
    signed = "; ".join(f"{one['meaning']}: {one['name']}" for one in line["signatures"])
    return [
        *(one[name] for name in ("container", "batch", "subject")),
        *(line[name] for name in ("what", "at", "volume_ml")),
        first,
        second,
        line["note"],
        line["kit"],
        signed,
        one["stage"],
        one["left_ml"],
        open_words(one, viewer.speech),
    ]


@download(
    "accountability.pdf",
    f"{ONE}/log.pdf",
    permission="accountability:read",
    summary="The whole accountability log of a trial, a subject or a batch on paper; ?language=nl or en.",
)
def log_pdf(session: Session, viewer: Viewer, scope: str, record_id: str) -> tuple[Callable[[], bytes], str, str]:
    speech = asked_speech(viewer)
    log = accountability(session, scope, record_id, viewer.at)
    printed = accountability_paper(log, account_documents(session, log), speech, **printed_by(viewer))
    return partial(draw_paper, printed), PDF, file_name("accountability", log.record, speech.language)


def log_panel(scope: Scope) -> Callable[..., dict[str, Any] | None]:
    def show(_session: Session, viewer: Viewer, **ids: str) -> dict[str, Any] | None:
        if not viewer.may("accountability:read"):
            return None
        path = f"{LOG}/{scope}/{ids[f'{scope}_id']}"
        return {"template": "release/accountability_panel.html", "path": path}

    return show


panel("batch", log_panel(Scope.BATCH))
panel("subject", log_panel(Scope.SUBJECT))
