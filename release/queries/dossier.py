"""The dossier of a batch in one file: certificates, analysis, executed record, and every attached file (ATMP-HIST)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.files.queries import body_of, file_view
from kernel.files.tables import FileRow
from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.queries.batches import get_batch
from release.domain.paper import Attached, Block, Lines, Printed, Row, Section
from release.queries.analysis_certificate import analysis_sections, identity_facts
from release.queries.batch_record import sections as record_sections
from release.queries.decision_certificate import certificate_sections, spoken_name
from release.queries.decisions import decision_views
from release.queries.paper_frame import framed, watermark_of
from release.queries.record_parts import grid, none_line
from release.queries.records import decisions_of, records_of_batch

FRAGMENT = 500  # parameters of one IN list; SQLite allows 32,766, PostgreSQL's planner likes fewer
READING = N_("Attached files are inside this PDF: open them from the list of attachments of the reader.")


@dataclass(frozen=True)
class Attachment:
    """A file with the name it has inside the dossier: its place in the list first, so that no two are alike."""

    row: FileRow
    name: str


def dossier(session: Session, batch_id: str, speech: Speech, *, by: str, at: datetime, demo: bool = False) -> Printed:
    """Every part begins on a page of its own."""
    batch = get_batch(session, batch_id)
    attachments = attachments_of(session, batch_id)
    certificates = decision_views(session, decisions_of(session, batch_id))
    parts = [
        part(speech.say(N_("Certificate of analysis")), analysis_sections(session, batch, speech)),
        *(part(heading(one, speech), certificate_sections(one, speech)) for one in certificates),
        part(speech.say(N_("Batch record")), record_sections(session, batch, speech)),
        [attachment_section(session, attachments, speech)],
    ]
    printed = framed(
        session,
        batch,
        speech,
        title=speech.say(N_("Dossier of batch %(number)s"), number=batch.number),
        subtitle=speech.say(N_("Certificates, analysis, executed record with its trail, attached files")),
        mark=watermark_of(session, batch),
        head=(identity_facts(session, batch, speech), contents([one[0].title for one in parts], speech)),
        sections=[section for one in parts for section in one],
        by=by,
        at=at,
        demo=demo,
    )
    return replace(printed, attached=tuple(attached(session, one, speech) for one in attachments))


def part(title: str, found: Sequence[Section]) -> list[Section]:
    """A title page of its own, its sections one level below."""
    below = [replace(one, level=2, new_page=False) for one in found]
    return [Section(title, (), new_page=True), *below]


def heading(view: dict[str, Any], speech: Speech) -> str:
    name = spoken_name(view, speech)
    number = f" {view['register_number']}" if view["register_number"] else ""
    return f"{name}{number} · {speech.moment(view['at'])}"


def contents(titles: Sequence[str], speech: Speech) -> Block:
    return Lines((f"{speech.say(N_('Contents'))}:", *(f"{place}. {title}" for place, title in enumerate(titles, 1))))


def attachments_of(session: Session, batch_id: str) -> list[Attachment]:
    """Every version of every file of any record of the batch, withdrawn ones too, in the order in which they came."""
    ids = [row.id for row in records_of_batch(session, batch_id)]
    rows: list[FileRow] = []
    for start in range(0, len(ids), FRAGMENT):
        query = sa.select(FileRow).where(FileRow.record_id.in_(ids[start : start + FRAGMENT]))
        rows.extend(session.execute(query).scalars())
    ordered = sorted(rows, key=lambda one: (one.at, one.id))
    return [Attachment(row, f"{place:03d} {row.filename}") for place, row in enumerate(ordered, 1)]


def attached(session: Session, one: Attachment, speech: Speech) -> Attached:
    said = f"{speech.word(one.row.purpose.replace('_', ' '))} · sha256 {one.row.sha256}"
    return Attached(one.name, one.row.media_type, said, body_of(session, one.row))


def attachment_section(session: Session, found: Sequence[Attachment], speech: Speech) -> Section:
    people = names(session)
    rows = []
    for one in found:
        view = file_view(one.row, people)
        withdrawn = view["withdrawn_because"]
        rows.append(
            Row(
                (
                    one.name,
                    speech.word(view["purpose_words"]),
                    f"{view['size']}",
                    f"{view['by']} · {speech.moment(view['at'])}",
                ),
                (speech.say(N_("WITHDRAWN")),) if withdrawn else (),
                (f"sha256 {view['sha256']}", *((withdrawn,) if withdrawn else ())),
            )
        )
    header = (N_("File"), N_("What it is"), N_("Bytes"), N_("Attached"))
    table = grid(speech, header, (0.4, 0.22, 0.1, 0.28), rows) if rows else none_line(speech)
    blocks = (Lines((speech.say(READING),)), table) if rows else (table,)
    return Section(speech.say(N_("Attached files (%(count)s)"), count=len(rows)), blocks, new_page=True)
