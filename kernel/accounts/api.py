"""What can be done to accounts, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import list_locked, list_people, list_waiting
from kernel.accounts.schemas import ApprovePersonSchema, PersonSchema, RoleSchema
from kernel.accounts.services import (
    approve_person,
    deactivate_person,
    person_content,
    request_person,
    request_role,
    reset_password,
)
from kernel.permissions import ROLES
from kernel.refusals import N_
from kernel.web.registry import NAVIGATION, TASKS, Done, Nav, Task, act, view
from kernel.web.site import Viewer
from kernel.work import Work

PEOPLE = "/administration/people"
LINK_HINT = N_("Give the link to the person. It works only with the code that QA hands over at approval.")
CODE_HINT = N_("Give the code to the person yourself. It works only together with the link.")
NAVIGATION.append(Nav(N_("People"), PEOPLE, "account:read", 90, aside=True))


def role_choices(_session: Session, _viewer: Viewer, **_ids: str) -> dict[str, Any]:
    choices = [(role.code, role.label) for role in ROLES.values()]
    return {"choices": {"roles": choices, "role": choices}, "initial": {"language": "nl", "roles": []}}


@view("person.list", PEOPLE, permission="account:read", template="kernel/people.html", summary="People and roles.")
def show_people(session: Session, viewer: Viewer) -> dict[str, Any]:
    return {"people": list_people(session, viewer.at)}


@act(
    "person.request",
    PEOPLE + "/new",
    permission="account:request",
    title=N_("Request an account"),
    schema=PersonSchema,
    prepare=role_choices,
    replay=False,
)
def request(work: Work, **fields: Any) -> Done:
    row, token = request_person(work, **fields)
    return once("/activate/" + token, N_("One-time link"), LINK_HINT, {"id": row.id, "link": f"/activate/{token}"})


@act(
    "person.approve",
    PEOPLE + "/<person_id>/approve",
    permission="account:approve",
    title=N_("Approve account and roles"),
    schema=ApprovePersonSchema,
    content=person_content,
    signs=1,
    meaning=N_("I checked this person's identity and approve the account and roles shown."),
    replay=False,
)
def approve(work: Work, person_id: str, **fields: Any) -> Done:
    code = approve_person(work, person_id, **fields)
    if not code:
        return Done(PEOPLE, N_("Approved."))
    return once(code, N_("Code for the person"), CODE_HINT, {"code": code})


@act(
    "role.request",
    PEOPLE + "/<person_id>/roles/new",
    permission="account:request",
    title=N_("Request a role"),
    schema=RoleSchema,
    content=person_content,
    prepare=role_choices,
)
def ask_role(work: Work, person_id: str, **fields: Any) -> Done:
    request_role(work, person_id, **fields)
    return Done(PEOPLE, N_("Requested; QA approves it."))


@act(
    "person.reset",
    PEOPLE + "/<person_id>/reset",
    permission="account:request",
    title=N_("New one-time link"),
    content=person_content,
    needs_reason=True,
    replay=False,
)
def reset(work: Work, person_id: str) -> Done:
    token = reset_password(work, person_id)
    return once("/activate/" + token, N_("One-time link"), LINK_HINT, {"link": f"/activate/{token}"})


@act(
    "person.deactivate",
    PEOPLE + "/<person_id>/deactivate",
    permission="account:deactivate",
    title=N_("Deactivate"),
    content=person_content,
    needs_reason=True,
    danger=True,
)
def deactivate(work: Work, person_id: str) -> Done:
    deactivate_person(work, person_id)
    return Done(PEOPLE, N_("Deactivated; the sessions have ended."))


def account_tasks(session: Session, viewer: Viewer) -> list[Task]:
    """What waits for an approval, and who was locked out: QA and the administrator hear of it at once (P11-300d)."""
    tasks = []
    if viewer.may("account:approve"):
        waits, approve_it = N_("account or role waits for your approval"), N_("Check and approve")
        tasks += [
            Task("account:approve", one.login, waits, f"{PEOPLE}/{one.id}/approve", approve_it)
            for one in list_waiting(session, viewer.actor.id)
        ]
    if viewer.may("account:deactivate"):
        locked = N_("locked after five wrong passwords")
        tasks += [
            Task("account:deactivate", one.login, locked, PEOPLE, N_("Look"), deadline=one.locked_until)
            for one in list_locked(session, viewer.at)
        ]
    return tasks


TASKS.append(account_tasks)


def once(secret: str, title: str, hint: str, body: dict[str, str]) -> Done:
    """A secret that is shown once, on the answer page only."""
    shown = {"secret": secret, "title": title, "hint": hint, **body}
    return Done(PEOPLE, "", shown, page="kernel/once.html")
