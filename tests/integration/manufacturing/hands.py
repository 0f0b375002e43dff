"""Acts of a story done by somebody else, and what the record says of who had a hand in it."""

from __future__ import annotations

from contextlib import contextmanager

from kernel.errors import Refused
from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.hands import hands_on_batches, performers_of
from manufacturing.queries.steps import get_step
from release.domain.decisions import DecisionKind
from release.tables.decisions import DecisionRow


@contextmanager
def done_by(story, first, second=None):
    """Whatever the first (and second) technician of the story does meanwhile is done by these people."""
    there = story.t1, story.t2
    story.t1, story.t2 = first, second or story.t2
    try:
        yield first
    finally:
        story.t1, story.t2 = there


def hands(story, batch):
    """Who had which kind of hand in the batch: ``{(person id, table)}``."""
    return {(one.person, one.kind) for one in story.read(hands_on_batches, [batch.id])}


def performers(story, batch, position=1):
    return story.read(lambda session: performers_of(session, get_step(session, batch.id, position).id))


def sod(act, *args, **given):
    try:
        act(*args, **given)
    except Refused as said:
        return [one.code for one in said.refusals]
    return []


def decided(story, batch, who, kind=DecisionKind.REVIEW):
    """A decision about the batch by this person is on record; how it comes there is told elsewhere."""
    with unit_of_work(story.database, SYSTEM, "test.decision") as work:
        work.add(
            DecisionRow(
                batch_id=batch.id,
                kind=kind,
                decided_by=who.id,
                decided_at=work.at,
                statement="",
                pending="[]",
                basis="{}",
                content_sha256="0" * 64,
            )
        )
