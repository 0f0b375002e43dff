"""The downtime kit on paper: the list as it was signed, then sheets with the very fields of the screen (DSP-DOWN)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.refusals import N_
from kernel.web.fields import YesNo
from kernel.web.i18n import Speech
from manufacturing.domain.expiry import local_text
from release.domain.paper import Block, Facts, Lines, Printed, Row, Section, WriteOn
from release.queries.downtime import LISTED, NOT_LISTED, said_again
from release.queries.orders import not_asked_on_paper
from release.queries.paper_frame import DEMO
from release.queries.record_parts import grid, none_line
from release.queries.record_steps import signature_facts, signatures_by_record
from release.queries.record_words import NOTHING
from release.schemas.downtime import AdministrationSheet, CheckSheet, DispensingSheet, HandOverSheet
from release.tables.downtime import DowntimeKitRow

TITLE = N_("Downtime kit")
RULES = (
    N_("Use it only while NKTrace cannot be reached, and only until the time above. Afterwards it may not be used."),
    N_(
        "Dispense only what stands on the first list. Whatever changed since it was printed is not on it: ask QA or the QP."
    ),
    N_(
        "Two people check label, subject, order, check of the day and weight, as on the screen; each signs on the sheet."
    ),
    N_(
        "When NKTrace is back, every sheet is entered with its scan, and the sheets are counted. Codes only, never a name."
    ),
)
MAY = (N_("Container"), N_("Label"), N_("Subject"), N_("Batch"), N_("Expiry"), N_("Disposition"), N_("Results pending"))
MAY_SHARES = (0.15, 0.18, 0.11, 0.11, 0.14, 0.14, 0.17)
MAY_NOT = (N_("Container"), N_("Label"), N_("Subject"), N_("Disposition"), N_("Why not"))
MAY_NOT_SHARES = (0.15, 0.18, 0.11, 0.13, 0.43)
NO_HOLD = N_("No hold is open on any container of this list.")
CHECK = N_("Day-of-infusion check")
SHEETS: tuple[tuple[str, type[Schema]], ...] = (
    (N_("Dispensing"), DispensingSheet),
    (N_("Hand-over"), HandOverSheet),
    (N_("Infusion"), AdministrationSheet),
)
SIGN = N_("Signature, date and time: %(who)s")
YES_NO = (("yes", N_("Yes")), ("no", N_("No")))
SPARE = 1
FEWEST = 2


def kit_paper(
    session: Session, row: DowntimeKitRow, speech: Speech, *, by: str, at: datetime, demo: bool = False
) -> Printed:
    """Always what was signed, however often it is printed."""
    content = json.loads(row.content)
    until = local_text(row.valid_until)
    name = speech.say(TITLE)
    said = speech.say(N_("valid until %(until)s"), until=until)
    printed = speech.say(N_("Printed by %(who)s, %(at)s"), who=by, at=speech.moment(at))
    listed = content[LISTED]
    return Printed(
        title=f"{name} {row.number}",
        subtitle=said,
        header=f"NKTrace · {name} {row.number} · {said}",
        footer=f"{printed}\n{speech.say(N_('Digest of the record'))}: {row.content_sha256}",
        page_of=speech.say(N_("page %(page)s of %(of)s")),
        code=row.number,
        code_caption=speech.say(N_("Scan in NKTrace: opens the live record")),
        head=(
            about(session, row, content, speech),
            Lines(tuple(speech.say(one) for one in RULES), strong=True),
        ),
        sections=(
            Section(speech.say(N_("May be dispensed")), may_blocks(listed, speech)),
            Section(speech.say(N_("May not be dispensed")), (may_not_block(content[NOT_LISTED], speech),)),
            *sheets(row, max(FEWEST, len(listed) + SPARE), speech, not_asked_on_paper(session, row.printed_at)),
        ),
        watermark=speech.say(DEMO) if demo else "",
        language=speech.language,
    )


def about(session: Session, row: DowntimeKitRow, content: Mapping[str, Any], speech: Speech) -> Facts:
    head = content["trail head"]
    signed = [
        pair for rows in signatures_by_record(session, [row.id]).values() for pair in signature_facts(rows[:1], speech)
    ]
    people = names(session)
    return Facts(
        (
            (
                speech.say(N_("List made at")),
                f"{local_text(row.printed_at)} · {people.get(row.printed_by, row.printed_by)}",
            ),
            (speech.say(N_("Valid until")), local_text(row.valid_until)),
            (speech.say(N_("Head of the trail")), f"{head['seq']} · {head['hash']}"),
            *signed,
        )
    )


def may_blocks(listed: list[dict[str, Any]], speech: Speech) -> tuple[Block, ...]:
    rows = [
        Row(
            (
                one["container"],
                one["label"] or NOTHING,
                one["subject"],
                one["batch"],
                local_text(datetime.fromisoformat(one["expires_at"])),
                speech.word(one["disposition"]),
                "; ".join(speech.word(test) for test in one["pending"]) or speech.say(N_("none")),
            )
        )
        for one in listed
    ]
    if not rows:
        return (none_line(speech),)
    return (grid(speech, MAY, MAY_SHARES, rows), Lines((speech.say(NO_HOLD),)))


def may_not_block(others: list[dict[str, Any]], speech: Speech) -> Block:
    rows = [
        Row(
            (
                one["container"],
                one["label"] or NOTHING,
                one["subject"],
                speech.word(one["disposition"]) if one["disposition"] else NOTHING,
                " ".join(speech.refusal(reason)["sentence"] for reason in said_again(one["reasons"])),
            )
        )
        for one in others
    ]
    return grid(speech, MAY_NOT, MAY_NOT_SHARES, rows) if rows else none_line(speech)


def sheets(row: DowntimeKitRow, count: int, speech: Speech, not_asked: frozenset[str]) -> list[Section]:
    """For each container, and one to spare: the physician's check, and a sheet that carries the container from the
    pharmacy to the bedside."""
    found = []
    for number in range(1, count + 1):
        named = {"sheet": number, "of": count, "kit": row.number}
        check = speech.say(N_("Check of the day %(sheet)s of %(of)s, kit %(kit)s"), **named)
        carried = speech.say(N_("Sheet %(sheet)s of %(of)s, kit %(kit)s"), **named)
        blocks = tuple(block for title, schema in SHEETS for block in sheet_blocks(title, schema, speech))
        found.append(Section(check, sheet_blocks(CHECK, CheckSheet, speech, not_asked), new_page=True))
        found.append(Section(carried, blocks, new_page=True))
    return found


def sheet_blocks(
    title: str, schema: type[Schema], speech: Speech, not_asked: frozenset[str] = frozenset()
) -> tuple[Block, ...]:
    return Lines((speech.say(title),), strong=True), WriteOn(tuple(prompts(schema, speech, not_asked)))


def prompts(schema: type[Schema], speech: Speech, not_asked: frozenset[str]) -> list[str]:
    """The fields of the form, each with its unit and what can be answered; a signature for every person."""
    found = []
    for name, field in schema().fields.items():
        if name in not_asked:
            continue
        about_it = field.metadata
        words = speech.word(about_it["label"])
        answers = [speech.word(word) for _, word in about_it.get("choices", YES_NO if isinstance(field, YesNo) else ())]
        if about_it.get("widget") == "choice" and not answers:
            words = speech.say(SIGN, who=words)
        unit = f" ({about_it['unit']})" if about_it.get("unit") else ""
        found.append(f"{words}{unit}{': ' + ' / '.join(answers) if answers else ''}")
    return found
