"""Access reviews, declared once for pages and API: who holds what, answered line by line, signed by QA."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from kernel.accounts.api import PEOPLE
from kernel.accounts.permissions import QA
from kernel.accounts.queries import get_person, names
from kernel.accounts.services import person_content
from kernel.clock import PEOPLE as ZONE
from kernel.permissions import ROLES, permission
from kernel.refusals import N_
from kernel.reviewing.domain import Answer, Held, ReviewStatus, is_unused, password_due
from kernel.reviewing.queries import (
    answering_content,
    get_review,
    held_now,
    held_view,
    line_views,
    lines_of,
    next_due,
    not_carried_out,
    open_review,
    overview,
    review_view,
    signing_content,
    waiting_lines,
)
from kernel.reviewing.services import answer_lines, begin_review, sign_review, take_role
from kernel.upkeep.queries import upkeep_rules
from kernel.web.registry import TASKS, Done, Task, act, view
from kernel.web.site import Viewer
from kernel.work import Work

ACCESS = "/administration/access"
permission("access:review", QA)
SOON_DAYS = 14


class TakeRoleSchema(Schema):
    role = fields.String(
        required=True, validate=validate.Length(1, 8), metadata={"label": N_("Role"), "widget": "choice"}
    )


def field_of(one: Held) -> str:
    return f"line_{one.key.replace('-', '_')}"


def answer_schema(session: Session, viewer: Viewer, review_id: str) -> Schema:
    """A choice for each line but the reviewer's own."""
    get_review(session, review_id)
    choices = [(Answer.KEEP.value, N_("Keep")), (Answer.TAKE_AWAY.value, N_("Take away"))]
    boxes: dict[str, Any] = {
        field_of(one): fields.String(
            validate=validate.OneOf([value for value, _ in choices]),
            metadata={"label": label_of(one, viewer), "help": told_of(session, one, viewer), "choices": choices},
        )
        for one in held_now(session)
        if one.person_id != viewer.actor.id
    }
    return Schema.from_dict(boxes)()


def label_of(one: Held, viewer: Viewer) -> str:
    role = viewer.speech.say(ROLES[one.role].label) if one.role else viewer.speech.say(N_("no role"))
    return f"{one.name} ({one.login}) – {role}"


def told_of(session: Session, one: Held, viewer: Viewer) -> str:
    """What the reviewer is told of a line, in one sentence."""
    rules, day = upkeep_rules(session), viewer.speech.day
    said = {
        "since": day(one.since.astimezone(ZONE).date() if one.since else None),
        "used": day(one.used_at.astimezone(ZONE).date() if one.used_at else None),
        "days": rules.unused_days,
    }
    if is_unused(one, rules, viewer.at):
        return viewer.speech.say(N_("Since %(since)s, last used %(used)s: unused for over %(days)s days."), **said)
    return viewer.speech.say(N_("Since %(since)s, last used %(used)s."), **said)


def before_answering(session: Session, _viewer: Viewer, review_id: str) -> dict[str, Any]:
    keys = {(one.person_id, one.role): field_of(one) for one in held_now(session)}
    found = {(one.person_id, one.role): one.answer for one in lines_of(session, review_id)}
    return {"initial": {keys[line]: answer for line, answer in found.items() if line in keys}}


@view(
    "access.list",
    ACCESS,
    permission="account:read",
    template="kernel/access.html",
    summary="Every role of every person, since when, when it was last used; and the reviews of it.",
)
def show_access(session: Session, viewer: Viewer) -> dict[str, Any]:
    return overview(session, viewer.at)


@view(
    "access.show",
    ACCESS + "/<review_id>",
    permission="account:read",
    template="kernel/access_review.html",
    summary="One access review: every line with its answer, and what is not answered yet.",
)
def show_review(session: Session, viewer: Viewer, review_id: str) -> dict[str, Any]:
    row, rules = get_review(session, review_id), upkeep_rules(session)
    waiting = waiting_lines(session, review_id) if row.status == ReviewStatus.OPEN else []
    return {
        "review": review_view(row, names(session)),
        "lines": line_views(session, review_id),
        "waiting": [held_view(one, rules, viewer.at) for one in waiting],
    }


@act("access.begin", ACCESS + "/new", permission="access:review", title=N_("Begin an access review"))
def begin(work: Work) -> Done:
    row = begin_review(work)
    return Done(f"{ACCESS}/{row.id}", N_("Begun; answer every line, then sign it."), {"id": row.id})


@act(
    "access.answer",
    ACCESS + "/<review_id>/answer",
    permission="access:review",
    title=N_("Answer the lines"),
    schema=answer_schema,
    dynamic_schema=True,
    content=answering_content,
    prepare=before_answering,
)
def answer(work: Work, review_id: str, **given: str) -> Done:
    keys = {field_of(one): one.key for one in held_now(work.session)}
    answer_lines(work, review_id, {keys[name]: Answer(value) for name, value in given.items() if value})
    return Done(f"{ACCESS}/{review_id}", N_("Saved."), {"id": review_id})


@act(
    "access.sign",
    ACCESS + "/<review_id>/sign",
    permission="access:review",
    title=N_("Sign the access review"),
    content=signing_content,
    signs=1,
    meaning=N_("I reviewed who holds which role here, and what is not needed any more is to be taken away."),
)
def sign(work: Work, review_id: str) -> Done:
    row = sign_review(work, review_id)
    return Done(f"{ACCESS}/{review_id}", N_("Signed."), {"id": row.id, "status": row.status})


def roles_held(session: Session, _viewer: Viewer, person_id: str) -> dict[str, Any]:
    get_person(session, person_id)
    held = [one.role for one in held_now(session) if one.person_id == person_id and one.role]
    return {"choices": {"role": [(role, ROLES[role].label) for role in held]}}


@act(
    "role.take",
    PEOPLE + "/<person_id>/roles/take",
    permission="account:deactivate",
    title=N_("Take a role away"),
    schema=TakeRoleSchema,
    content=person_content,
    prepare=roles_held,
    needs_reason=True,
    danger=True,
)
def take(work: Work, person_id: str, **given: Any) -> Done:
    take_role(work, person_id, **given)
    return Done(PEOPLE, N_("Taken away; the sessions have ended."))


def review_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """The review that is due soon or was, and the own share of one that is open."""
    if not viewer.may("access:review"):
        return []
    running, record = open_review(session), viewer.speech.say(N_("Access review"))
    if running is not None:
        waits = N_("an access review is open; answer its lines and sign it")
        return [
            Task(
                "access:review", running.number, waits, f"{ACCESS}/{running.id}", N_("Review"), deadline=running.due_at
            )
        ]
    due = next_due(session, upkeep_rules(session))
    if due is None or (due - viewer.at).days >= SOON_DAYS:
        return []
    return [Task("access:review", record, N_("who may do what is to be reviewed"), ACCESS, N_("Review"), deadline=due)]


def taking_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """What a signed review wants taken away and is still held."""
    if not viewer.may("account:deactivate"):
        return []
    asked = N_("access review %(review)s: take away the role %(role)s, or the account")
    return [
        Task(
            "account:deactivate",
            login,
            asked,
            PEOPLE,
            N_("Take away"),
            facts={"review": review.number, "role": line.role or "–"},
        )
        for review, line, login in not_carried_out(session)
    ]


def password_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """Passwords that reach the age of the rules: the administrator gives a one-time link, and no old one is taken again."""
    rules = upkeep_rules(session)
    if not rules.password_months or not viewer.may("account:request"):
        return []
    people = {one.person_id: one for one in held_now(session)}
    found = [(one, password_due(one.password_at, rules)) for one in people.values()]
    old = N_("the password reaches its age; agree on a moment and give a one-time link")
    return [
        Task(
            "account:request", one.login, old, f"{PEOPLE}/{one.person_id}/reset", N_("New one-time link"), deadline=due
        )
        for one, due in found
        if due is not None and (due - viewer.at).days < SOON_DAYS
    ]


TASKS.extend((review_tasks, taking_tasks, password_tasks))
