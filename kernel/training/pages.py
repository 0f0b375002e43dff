"""Who is trained in what: the matrix, one person, and what lapses."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.training.domain import in_order
from kernel.training.queries import lapsing, matrix, person_page, subjects
from kernel.web.registry import NAVIGATION, TASKS, Nav, Task, view
from kernel.web.site import Viewer

NAVIGATION.append(Nav(N_("Training"), "/training", "training:read", 88, aside=True))


@view(
    "training.list",
    "/training",
    permission="training:read",
    template="kernel/training.html",
    summary="Active people and how each is trained in every procedure, with expiries; and what can be recorded now.",
)
def show_training(session: Session, viewer: Viewer) -> dict[str, Any]:
    return {
        "people": matrix(session, viewer.at),
        "procedures": [one.title for one in in_order()],
        "subjects": [
            {"key": key, "procedure": key.split(":")[0], "version": version, "status": status}
            for key, _title, version, status in subjects(session)
        ],
    }


@view(
    "training.show",
    "/training/<person_id>",
    permission="training:read",
    template="kernel/training_person.html",
    summary="One person: training as it stands and every record ever made.",
)
def show_person(session: Session, viewer: Viewer, person_id: str) -> dict[str, Any]:
    return person_page(session, person_id, viewer.at)


def training_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """What lapses: told to those who confirm training, and to the person."""
    reason, action = N_("training for “%(procedure)s” has lapsed or lapses soon (%(state)s)"), N_("Look")
    return [
        Task(
            "training:read",
            one["person"],
            reason,
            f"/training/{one['id']}",
            action,
            facts={"procedure": one["title"], "state": one["state"]},
            deadline=one["until"],
        )
        for one in (lapsing(session, viewer.at) if viewer.may("training:read") else [])
        if viewer.may("training:confirm") or one["id"] == viewer.actor.id
    ]


TASKS.append(training_tasks)
