"""Environmental monitoring in the executed record: every sample with its reading, and what stands against it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.quantities import expanded
from kernel.refusals import N_
from kernel.web.i18n import Speech
from manufacturing.queries.environment import environment_of_batch, environment_view, standing_of_batch
from manufacturing.queries.record import read_record
from manufacturing.queries.steps import batch_steps
from manufacturing.tables.batches import BatchRow
from release.domain.paper import Block, Grid, Lines, Row, Section
from release.queries.record_words import NOTHING, code_words

HEADER = (
    N_("Step"),
    N_("Sample"),
    N_("Where, grade"),
    N_("Exposed"),
    N_("Count"),
    N_("Reading"),
    N_("Taken / read by"),
)
WIDTHS = (0.06, 0.22, 0.16, 0.2, 0.1, 0.1, 0.16)
CORRECTED = N_("CHANGED")


def environment_section(session: Session, batch: BatchRow, speech: Speech) -> Section:
    """Without a document in force the monitoring is on paper, and the record says so (ATMP-4-EM)."""
    steps = {one.id: one for one in batch_steps(session, batch.id)}
    views = [environment_view(session, row, steps) for row in environment_of_batch(session, batch.id)]
    standing = standing_of_batch(session, read_record(session, batch.id))
    blocks: list[Block] = []
    if views:
        rows = tuple(sample_row(one, speech) for one in views)
        blocks.append(Grid(tuple(speech.say(one) for one in HEADER), WIDTHS, rows, speech.say(N_("Mark"))))
    elif standing is not None:
        blocks.append(Lines((speech.say(N_("None.")),)))
    if standing is None:
        blocks.append(Lines((speech.say(N_("No list of rooms was in force: the monitoring is on paper.")),)))
    elif against := [*standing.against, *(one for one, _ in standing.pending)]:
        blocks.append(Lines(tuple(str(speech.refusal(one)["sentence"]) for one in against), strong=True))
    return Section(speech.say(N_("Environmental monitoring")), tuple(blocks))


def sample_row(one: dict[str, Any], speech: Speech) -> Row:
    count = NOTHING if one["count"] is None else f"{expanded(one['count'])} {one['unit']}"
    cells = (
        str(one["position"]),
        speech.word(one["title"]),
        f"{one['place']}, {one['grade']}",
        f"{speech.moment(one['exposed from'])} – {speech.moment(one['exposed until'])}",
        count,
        code_words(one["reading"], speech),
        f"{one['taken_by']} / {one['read_by'] or NOTHING}",
    )
    limits = speech.say(N_("alert above %(alert)s, action above %(action)s"), **limits_of(one))
    notes = [f"{limits} {one['unit']}"]
    if one["read_at"]:
        notes.append(
            speech.say(N_("Read %(at)s, record %(reference)s"), at=speech.moment(one["read_at"]), reference=source(one))
        )
    why = one["corrected_because"]
    if why:
        notes.append(f"{speech.say(N_('Reason'))}: {why}")
    return Row(cells, (speech.say(CORRECTED),) if why else (), tuple(notes))


def limits_of(one: dict[str, Any]) -> dict[str, str]:
    return {"alert": expanded(one["alert"]), "action": expanded(one["action"])}


def source(one: dict[str, Any]) -> str:
    return one["reference"] or NOTHING
