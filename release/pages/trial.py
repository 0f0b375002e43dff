"""The trial page: funnel, criteria, safety, each number opening its patients; the same as JSON for the sponsor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from kernel.errors import NotFound, Refused
from kernel.paging import PAGE, before, page_of
from kernel.refusals import FUTURE_TIME, N_
from kernel.trail.replaying import records_as_of
from kernel.web.fields import Moment
from kernel.web.i18n import REASONS
from kernel.web.registry import NAVIGATION, Nav, panel, view
from kernel.web.site import Viewer
from kernel.web.submissions import FIELD_INVALID
from manufacturing.domain.expiry import local_day
from manufacturing.queries.trial import find_protocol
from manufacturing.tables.trial import SubjectRow
from release.domain.figure_words import LISTS, STAGES, SUPPLIED
from release.domain.funnel import drawing
from release.domain.handing_over import READ_AT
from release.domain.results import FAILED
from release.domain.safety import TOO_MANY
from release.queries.closing import follow_up
from release.queries.kept_figures import all_shown, figures_shown
from release.queries.retention import erasure_requests
from release.queries.trial_figures import figures_at, shown_trial

TRIAL = "/trial"
NAVIGATION.append(Nav(N_("Trial"), TRIAL, "trial:figures", 60))
REASONS.extend((*TOO_MANY.values(), FAILED, READ_AT))
LINES = {
    "drops": N_("Who went no further"),
    "follow-up": N_("Follow-up"),
    "retention": N_("Traceability data, batch by batch"),
}


@view(
    "trial.figures",
    TRIAL,
    permission="trial:figures",
    template="release/trial.html",
    summary="The trial: funnel, feasibility criteria, safety.",
)
def show_trial(session: Session, viewer: Viewer) -> dict[str, Any]:
    figures = all_shown(session, shown_trial(session, viewer.args.get("trial")), viewer.at)
    today = local_day(viewer.at)
    return {
        "figures": figures,
        "names": STAGES,
        "lists": LISTS,
        "funnel": drawing(figures),
        "few": PAGE,
        "today": today,
    }


@view(
    "trial.feasibility",
    TRIAL + "/feasibility",
    permission="trial:figures",
    template="release/trial_feasibility.html",
    summary="The feasibility figures with the subject codes of every stage; ?as_of= as the records stood at a time.",
)
def show_feasibility(session: Session, viewer: Viewer) -> dict[str, Any]:
    try:
        with records_shown(session, viewer) as (then, at):
            trial = shown_trial(then, viewer.args.get("trial"))
            figures = (figures_at if asked_moment(viewer) else figures_shown)(then, trial, at)
    except Refused as refused:
        if not asked_moment(viewer):
            raise
        trial = shown_trial(session, viewer.args.get("trial"))
        return {"refused": refused.refusals, "as_of": None, "trial": {"code": trial.code}}
    return {**figures, "as_of": at if asked_moment(viewer) else None, "names": STAGES, "few": PAGE}


@view(
    "trial.lines",
    TRIAL + "/lines/<what>",
    permission="trial:figures",
    template="release/trial_lines.html",
    summary="A table of the trial's page by itself, page by page: drops, follow-up or retention.",
)
def show_lines(session: Session, viewer: Viewer, what: str) -> dict[str, Any]:
    if what not in LINES:
        raise NotFound(f"lines {what}")
    figures = all_shown(session, shown_trial(session, viewer.args.get("trial")), viewer.at)
    every = {
        "drops": figures["drops"],
        "follow-up": figures["follow_up"],
        "retention": figures["retention"]["batches"],
    }[what]
    rows, page = one_page(every, viewer)
    about = {"what": what, "title": LINES[what], "data_cut_off": viewer.at, "today": local_day(viewer.at)}
    return {**about, "names": STAGES, "rows": rows, "page": page}


def one_page(every: list[Any], viewer: Viewer) -> tuple[list[Any], dict[str, int]]:
    page = page_of(viewer.args, len(every))
    return every[before(page) : before(page) + PAGE], page


@contextmanager
def records_shown(session: Session, viewer: Viewer) -> Iterator[tuple[Session, datetime]]:
    """The records and their moment; ``?as_of=``: by the lines of the trail up to then, that instant included, and by the
    settings in force then."""
    if not (wanted := asked_moment(viewer)):
        yield session, viewer.at
        return
    at = past_moment(wanted, viewer.at)
    with records_as_of(session, at) as then:
        yield then, at


def asked_moment(viewer: Viewer) -> str:
    return viewer.args.get("as_of", "").strip()


@view(
    "trial.patients",
    TRIAL + "/stages/<key>",
    permission="trial:figures",
    template="release/trial_list.html",
    summary="The subjects behind one figure.",
)
def show_patients(session: Session, viewer: Viewer, key: str) -> dict[str, Any]:
    """A key of a stage, of a list of the safety figure, or “supplied”: infused out of specification (TR-OOSFLAG)."""
    figures = figures_of(session, viewer)
    by_stage = {one["key"]: one["subjects"] for one in figures["stages"]}
    by_list = {**{name: figures["safety"][name] for name in LISTS}, "supplied": figures["supplied"]}
    codes = by_stage.get(key, by_list.get(key))
    if codes is None:
        raise NotFound(f"stage {key}")
    codes, page = one_page(codes, viewer)
    wanted = sa.select(SubjectRow.code, SubjectRow.id).where(SubjectRow.code.in_(codes))
    ids = {one.code: one.id for one in session.execute(wanted)}
    drops = {one["subject"]: one for one in figures["drops"]}
    return {
        "key": key,
        "title": {**STAGES, **LISTS, "supplied": SUPPLIED}[key],
        "data_cut_off": viewer.at,
        "page": page,
        "subjects": [
            {
                "code": code,
                "id": ids[code],
                "drop": drops.get(code),
                "out_of_specification": code in figures["supplied"],
            }
            for code in codes
        ],
    }


def past_moment(wanted: str, now: datetime) -> datetime:
    """The time asked for, in the grammar of every form; one that has not come yet is refused."""
    name = N_("As of")
    try:
        at: datetime = Moment().deserialize(wanted)
    except ValidationError as wrong:
        problem = str(wrong.messages[0])
        raise Refused(FIELD_INVALID(field="as_of", name=name, problem=problem)) from None
    if at > now:
        raise Refused(FUTURE_TIME(field="as_of", name=name))
    return at


def figures_of(session: Session, viewer: Viewer) -> dict[str, Any]:
    """Of the trial in the address (``?trial=``), else of the one that runs or was closed last."""
    return figures_shown(session, shown_trial(session, viewer.args.get("trial")), viewer.at)


def observation_panel(session: Session, viewer: Viewer, subject_id: str, **_ids: str) -> dict[str, Any] | None:
    """Where somebody may see it and something was given."""
    if not viewer.may("trial:figures"):
        return None
    protocol = find_protocol(session)
    found = follow_up(session, SubjectRow.id == subject_id, protocol) if protocol else []
    return (
        {"template": "release/observation_panel.html", "one": found[0], "today": local_day(viewer.at)}
        if found
        else None
    )


def erasure_panel(session: Session, viewer: Viewer, subject_id: str, **_ids: str) -> dict[str, Any] | None:
    """Requests to erase with their answers; the button for whoever answers them."""
    requests = erasure_requests(session, subject_id) if viewer.may("trial:figures") else []
    if not requests and not viewer.may("erasure:answer"):
        return None
    return {"template": "release/erasure_panel.html", "requests": requests, "subject_id": subject_id}


panel("subject", observation_panel)
panel("subject", erasure_panel)
