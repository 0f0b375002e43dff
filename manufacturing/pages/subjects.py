"""Subjects as pages and documents."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, Nav, view
from kernel.web.site import Viewer
from manufacturing.domain.trial import SubjectStatus
from manufacturing.queries.subject_page import subject_view, subjects_view

NAVIGATION.append(Nav(N_("Subjects"), "/subjects", "subject:read", 10))


@view(
    "subject.list",
    "/subjects",
    permission="subject:read",
    template="manufacturing/subjects.html",
    summary="Every transplanted subject of the indication, by code.",
)
def show_subjects(session: Session, viewer: Viewer) -> dict[str, Any]:
    return {
        **subjects_view(session, viewer.args, outcomes=viewer.may("outcome:read")),
        "statuses": [one.value for one in SubjectStatus],
    }


@view(
    "subject.show",
    "/subjects/<subject_id>",
    permission="subject:read",
    template="manufacturing/subject.html",
    summary="One subject with donor, collections, batches, weights and holds.",
)
def show_subject(session: Session, viewer: Viewer, subject_id: str) -> dict[str, Any]:
    return subject_view(session, subject_id, outcomes=viewer.may("outcome:read"))
