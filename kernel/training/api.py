"""Training recorded and withdrawn, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.training.queries import active_people, subjects, training_content
from kernel.training.schemas import TrainingSchema
from kernel.training.services import record_training, withdraw_training
from kernel.web.registry import Done, act
from kernel.web.site import Viewer
from kernel.work import Work

PAGE = "/training"


def training_choices(session: Session, viewer: Viewer) -> dict[str, Any]:
    """Everybody but the one who signs, and every procedure with its versions."""
    people = [(row.id, row.full_name) for row, _ in active_people(session, viewer.at) if row.id != viewer.actor.id]
    items = [(key, item_text(viewer, *about)) for key, *about in subjects(session)]
    return {
        "choices": {"people": people, "procedures": items},
        "initial": {"people": [], "procedures": []},
    }


def item_text(viewer: Viewer, title: str, version: str, status: str) -> str:
    said = f"{viewer.speech.say(title)} – {viewer.speech.word(version)}"
    return f"{said} ({viewer.speech.word(status)})" if status else said


@act(
    "training.record",
    f"{PAGE}/new",
    permission="training:record",
    title=N_("Record training"),
    schema=TrainingSchema,
    prepare=training_choices,
    signs=2,
    second_permission="training:confirm",
    meaning=N_("I gave this training and found each of them able to work by it; I confirm it from its evidence."),
)
def record(work: Work, **fields: Any) -> Done:
    rows = record_training(work, **fields)
    return Done(PAGE, N_("Recorded; it counts from now on."), {"recorded": [row.id for row in rows]})


@act(
    "training.withdraw",
    f"{PAGE}/records/<training_id>/withdraw",
    permission="training:confirm",
    title=N_("Withdraw the training"),
    content=training_content,
    signs=1,
    needs_reason=True,
    meaning=N_("This person may not work by this procedure any more."),
    danger=True,
)
def withdraw(work: Work, training_id: str) -> Done:
    row = withdraw_training(work, training_id)
    return Done(f"{PAGE}/{row.person_id}", N_("Withdrawn."), {"id": row.id})
