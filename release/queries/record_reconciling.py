"""What became of every container in the executed record: to the last mL, with each destruction as it was signed."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.tables.batches import BatchRow
from release.domain.paper import Block, Facts, Grid, Lines, Row, Section
from release.queries.reconciling import destructions_of, unit_documents
from release.queries.record_steps import signature_facts, signatures_by_record
from release.queries.testing import containers_of

HEADER = (
    N_("Container"),
    N_("Filled (mL)"),
    N_("Samples (mL)"),
    N_("Given (mL)"),
    N_("Destroyed (mL)"),
    N_("Lost (mL)"),
    N_("Left (mL)"),
)
VOLUMES = ("filled (mL)", "samples (mL)", "given (mL)", "destroyed (mL)", "lost (mL)", "left (mL)")
WIDTHS = (0.22, 0.13, 0.13, 0.13, 0.13, 0.13, 0.13)


def reconciliation_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    """Filled = samples + given + destroyed + lost + left, exact (ATMP-RECON, DSP-REM)."""
    title = speech.say(N_("What became of every container"))
    documents = unit_documents(session, batch.id)
    if not documents:
        return Section(title, (Lines((speech.say(N_("None.")),)),))
    rows = tuple(unit_row(one, speech) for one in documents)
    blocks: list[Block] = [Grid(tuple(speech.say(one) for one in HEADER), WIDTHS, rows, speech.say(N_("Mark")))]
    destroyed = [row.id for row in destructions_of(session, containers_of(session, batch.id)).values()]
    signed = signatures_by_record(session, destroyed).values()
    return Section(title, (*blocks, *(Facts(tuple(signature_facts(one, speech))) for one in signed)))


def unit_row(one: dict[str, Any], speech: Speech) -> Row:
    cells = (one["container"], *(expanded(one[name]) for name in VOLUMES))
    gone = one["destruction"]
    notes = (destruction_words(gone, speech),) if gone else ()
    if one["with the ward"]:
        notes = (*notes, speech.say(N_("With the ward: what was given is not on record yet.")))
    return Row(cells, (), notes)


def destruction_words(one: dict[str, Any], speech: Speech) -> str:
    said = speech.say(
        N_("Destroyed %(at)s by %(by)s, witnessed by %(other)s: %(method)s. Reason: %(reason)s"),
        at=speech.moment(one["at"]),
        by=one["by"],
        other=one["witnessed by"],
        method=one["method"],
        reason=one["reason"],
    )
    return f"{said}. {speech.say(N_('What was lost'))}: {one['explanation']}" if one["explanation"] else str(said)
