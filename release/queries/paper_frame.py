"""What every printed record of a batch has around its content: names, page numbers, watermark, digest, the live record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from kernel.canonical import digest
from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.domain.batches import BatchStatus
from manufacturing.queries.batch_content import frozen_version
from manufacturing.tables.batches import BatchRow
from release.domain.decisions import Disposition
from release.domain.paper import Block, Lines, Printed, Section
from release.queries.records import dispositions_of, reviewed_record

PROVISIONAL = N_("PROVISIONAL")
NOT_FOR_USE = N_("NOT FOR USE")
SUPPLIED = N_("OUT OF SPECIFICATION")
DEMO = N_("DEMO – NOT A RECORD")
SENTENCES = {
    PROVISIONAL: N_("PROVISIONAL: this batch is not finally certified; what follows may still change."),
    NOT_FOR_USE: N_("NOT FOR USE: no container of this batch may be given."),
    SUPPLIED: N_("OUT OF SPECIFICATION – supplied at the request of the treating physician"),
}


def watermark_of(session: Session, batch: BatchRow) -> str:
    """Nothing once every container is finally certified; a product that may not be used says so (A16)."""
    states = {row.status for row in dispositions_of(session, batch.id)}
    if batch.status == BatchStatus.TERMINATED or (states and states <= {Disposition.REJECTED, Disposition.LATE_OOS}):
        return NOT_FOR_USE
    if Disposition.OOS_SUPPLY in states:
        return SUPPLIED
    certified = bool(states) and states <= {Disposition.CERTIFIED_FINAL, Disposition.REJECTED}
    return "" if certified else PROVISIONAL


def framed(
    session: Session,
    batch: BatchRow,
    speech: Speech,
    *,
    title: str,
    subtitle: str,
    mark: str,
    head: Sequence[Block],
    sections: Sequence[Section],
    by: str,
    at: datetime,
    demo: bool,
) -> Printed:
    """``mark``: the watermark, said in words under the head where there are any; ``by``, ``at``: who prints it, when."""
    printed_words = speech.say(N_("Printed by %(who)s, %(at)s"), who=by, at=speech.moment(at))
    version = frozen_version(session, batch.process_document_id)["version"]
    record = digest(reviewed_record(session, batch.id))
    warning = (Lines((speech.say(SENTENCES[mark]),), strong=True),) if mark in SENTENCES else ()
    return Printed(
        title=title,
        subtitle=subtitle,
        header=f"NKTrace · {title} · {speech.word(batch.status)}",
        footer=f"{printed_words} · {version}\n{speech.say(N_('Digest of the record'))}: {record}",
        page_of=speech.say(N_("page %(page)s of %(of)s")),
        code=batch.number,
        code_caption=speech.say(N_("Scan in NKTrace: opens the live record")),
        head=(*head, *warning),
        sections=tuple(sections),
        watermark=" · ".join(speech.say(word) for word in ((DEMO,) if demo else ()) + ((mark,) if mark else ())),
        language=speech.language,
    )
