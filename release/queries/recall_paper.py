"""A recall on paper, for whoever walks along shelves and calls people with it (ATMP-14-RECALL)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.canonical import digest
from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.domain.expiry import local_day
from release.domain.paper import Block, Facts, Lines, Printed, Row, Section
from release.queries.contact_paper import UNREACHED
from release.queries.contacts import channels_on
from release.queries.paper_frame import DEMO
from release.queries.recalls import get_recall, notice_views, recall_content, unit_views
from release.queries.record_parts import grid, none_line
from release.queries.record_words import NOTHING, said
from release.tables.recalls import RecallRow

DRILL = N_("DRILL")
IN_DRILL = N_("This is a drill. Nothing is held, and nobody is called; the answers are simulated.")
LIST = (
    N_("Container"),
    N_("Subject"),
    N_("Status"),
    N_("How far it came"),
    N_("Place"),
    N_("Left"),
    N_("Accounted for"),
)
SHARES = (0.19, 0.1, 0.19, 0.15, 0.13, 0.1, 0.14)
TOLD = (N_("Duty"), N_("Subject"), N_("Reached by"), N_("Due"), N_("Confirmed"))


def recall_paper(
    session: Session, recall_id: str, speech: Speech, *, by: str, at: datetime, demo: bool = False
) -> Printed:
    """As it stands when it is printed."""
    row, content = get_recall(session, recall_id), recall_content(session, recall_id)
    name = speech.say(N_("Drill %(number)s") if row.drill else N_("Recall %(number)s"), number=row.number)
    printed = speech.say(N_("Printed by %(who)s, %(at)s"), who=by, at=speech.moment(at))
    marks = ((DEMO,) if demo else ()) + ((DRILL,) if row.drill else ())
    return Printed(
        title=name,
        subtitle=f"{speech.word(row.scope)} {row.record} · {row.reason}",
        header=f"NKTrace · {name} · {speech.word(row.status)}",
        footer=f"{printed}\n{speech.say(N_('Digest of the record'))}: {digest(content)}",
        page_of=speech.say(N_("page %(page)s of %(of)s")),
        code=row.number,
        code_caption=speech.say(N_("Scan in NKTrace: opens the live record")),
        head=(about(row, content, speech), *((Lines((speech.say(IN_DRILL),), strong=True),) if row.drill else ())),
        sections=(
            Section(speech.say(N_("Where each container is")), (units_block(session, recall_id, speech),)),
            Section(speech.say(N_("Who has to know")), (told_block(session, recall_id, at, speech),)),
        ),
        watermark=" · ".join(speech.say(one) for one in marks),
        language=speech.language,
    )


def about(row: RecallRow, content: Mapping[str, Any], speech: Speech) -> Facts:
    reach = speech.say(N_("%(confirmed)s of %(of)s"), **content["effectiveness"])
    pairs: list[tuple[str, Any]] = [
        (N_("Class"), speech.word(row.recall_class)),
        (N_("Opened"), f"{speech.moment(row.opened_at)} · {content['opened by']}"),
        (N_("Batches"), ", ".join(one["batch"] for one in content["batches"])),
        (N_("Confirmed"), reach),
        (N_("Closed"), row.closed_at),
        (N_("Conclusion"), row.conclusion),
    ]
    return Facts(tuple((speech.say(name), said(value, speech)) for name, value in pairs))


def units_block(session: Session, recall_id: str, speech: Speech) -> Block:
    rows = [unit_row(one, speech) for one in unit_views(session, recall_id)]
    return grid(speech, LIST, SHARES, rows) if rows else none_line(speech)


def unit_row(one: Mapping[str, Any], speech: Speech) -> Row:
    unit, explanation = one["document"], one["said"].explanation if one["said"] else None
    cells = (
        unit["container"],
        unit["subject"],
        speech.word(unit["disposition"]),
        speech.word(unit["way"]),
        unit["place"] or NOTHING,
        f"{said(unit['left (mL)'], speech)} mL",
        speech.word(one["where"]) if one["where"] else NOTHING,
    )
    return Row(cells, (), (explanation,) if explanation else ())


def told_block(session: Session, recall_id: str, at: datetime, speech: Speech) -> Block:
    channels = channels_on(session, local_day(at))
    rows = [
        Row(
            (
                speech.word(one["duty"]),
                one["subject"] or NOTHING,
                "; ".join(channels[one["duty"]]) or speech.say(UNREACHED),
                speech.moment(one["due_at"]),
                f"{speech.moment(one['confirmed_at'])} · {one['confirmed_by']}" if one["confirmed_at"] else NOTHING,
            ),
            (),
            (one["answer"],) if one["answer"] else (),
        )
        for one in notice_views(session, recall_id, at)
    ]
    return grid(speech, TOLD, (0.16, 0.1, 0.32, 0.18, 0.24), rows) if rows else none_line(speech)
