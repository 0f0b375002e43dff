"""What can be done with a sample, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work
from manufacturing.domain.samples import SAMPLE
from manufacturing.queries.batches import containers_of
from manufacturing.queries.samples import batch_draw_content, collection_draw_content, get_sample, sample_content
from manufacturing.queries.steps import batch_steps
from manufacturing.schemas.samples import (
    BatchDrawSchema,
    CollectionDrawSchema,
    DiscardSchema,
    ReceiveSchema,
    RetainSchema,
    TestedSchema,
)
from manufacturing.services.samples import (
    conclude_test,
    discard_sample,
    draw_from_batch,
    draw_from_collection,
    receive_sample,
    retain_sample,
)
from manufacturing.tables.samples import SampleRow

SAMPLES = "/samples"
ONE = f"{SAMPLES}/<sample_id>"
DREW = N_("I drew this sample, as written, at the time given; its tube carries this code.")


def done(row: SampleRow, message: str) -> Done:
    return Done(f"{SAMPLES}/{row.id}", message, {"id": row.id, "code": row.code, "status": row.status})


def now_here(_session: Session, viewer: Viewer, **_ids: str) -> dict[str, Any]:
    """What the sample is made of stays open: it is answered, never assumed (PHE-2.6.27-3)."""
    return {"initial": {"drawn_at": viewer.at, "received_at": viewer.at}}


def steps_and_containers(session: Session, viewer: Viewer, batch_id: str) -> dict[str, Any]:
    """The steps to choose from; the containers are told, so that the code to scan is known."""
    steps = [
        (str(one.position), f"{one.position} · {viewer.speech.word(one.title)}")
        for one in batch_steps(session, batch_id)
    ]
    codes = ", ".join(one.code for one in containers_of(session, batch_id))
    notes = [viewer.speech.say(N_("Containers of this batch: %(codes)s."), codes=codes)] if codes else []
    return {**now_here(session, viewer), "choices": {"step": steps}, "notes": notes}


@act(
    "sample.draw_collection",
    "/collections/<collection_id>/samples/new",
    permission="sample:draw",
    title=N_("Draw a sample"),
    schema=CollectionDrawSchema,
    content=collection_draw_content,
    prepare=now_here,
    signs=1,
    meaning=DREW,
)
def draw_of_collection(work: Work, collection_id: str, **fields: Any) -> Done:
    return done(draw_from_collection(work, collection_id, **fields), N_("Drawn. Write this code on the tube now."))


@act(
    "sample.draw_batch",
    "/batches/<batch_id>/samples/new",
    permission="sample:draw",
    title=N_("Draw a sample"),
    schema=BatchDrawSchema,
    content=batch_draw_content,
    prepare=steps_and_containers,
    signs=1,
    meaning=DREW,
)
def draw_of_batch(work: Work, batch_id: str, **fields: Any) -> Done:
    return done(draw_from_batch(work, batch_id, **fields), N_("Drawn. Write this code on the tube now."))


def refused_now(action: str) -> Any:
    """What the state of the sample says against this act."""

    def prepare(session: Session, viewer: Viewer, sample_id: str) -> dict[str, Any]:
        found = SAMPLE.transition(action, get_sample(session, sample_id).status)
        refusals = [] if hasattr(found, "target") else [found]
        return {**now_here(session, viewer), "refusals": refusals}

    return prepare


@act(
    "sample.receive",
    f"{ONE}/receive",
    permission="sample:receive",
    title=N_("Receive in the laboratory"),
    schema=ReceiveSchema,
    content=sample_content,
    prepare=refused_now("receive"),
    signs=1,
    meaning=N_("The laboratory received this sample, intact, with this code on it."),
)
def receive(work: Work, sample_id: str, **fields: Any) -> Done:
    return done(receive_sample(work, sample_id, **fields), N_("The laboratory has it."))


@act(
    "sample.test",
    f"{ONE}/tested",
    permission="sample:conclude",
    title=N_("It is tested"),
    schema=TestedSchema,
    content=sample_content,
    prepare=refused_now("test"),
    signs=1,
    meaning=N_("This sample was used up for the result named here."),
)
def test(work: Work, sample_id: str, **fields: Any) -> Done:
    return done(conclude_test(work, sample_id, **fields), N_("The sample ends in its result."))


@act(
    "sample.retain",
    f"{ONE}/retain",
    permission="sample:conclude",
    title=N_("Retain it"),
    schema=RetainSchema,
    content=sample_content,
    prepare=refused_now("retain"),
    signs=1,
    meaning=N_("This sample is in the stock of retained samples."),
)
def retain(work: Work, sample_id: str, **fields: Any) -> Done:
    return done(retain_sample(work, sample_id, **fields), N_("Retained."))


@act(
    "sample.discard",
    f"{ONE}/discard",
    permission="sample:conclude",
    title=N_("Discard it"),
    schema=DiscardSchema,
    content=sample_content,
    prepare=refused_now("discard"),
    signs=2,
    second_permission="sample:conclude",
    needs_reason=True,
    meaning=N_("This sample was thrown away untested, for the reason given; the second person saw it."),
    danger=True,
)
def discard(work: Work, sample_id: str, **fields: Any) -> Done:
    return done(discard_sample(work, sample_id, **fields), N_("Discarded."))
