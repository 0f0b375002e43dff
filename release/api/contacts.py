"""What can be done about the list of contacts, declared once for pages and API."""

from __future__ import annotations

from typing import Any

from kernel.refusals import N_
from kernel.web.registry import Done, act
from kernel.work import Work
from release.queries.contacts import contact_content, contact_list_content
from release.schemas.recalls import ContactSchema, EndContactSchema
from release.services.contacts import add_contact, end_contact
from release.tables.recalls import ContactRow

CONTACTS = "/contacts"


def done(row: ContactRow, message: str) -> Done:
    return Done(CONTACTS, message, {"id": row.id, "duty": row.duty})


@act(
    "contact.add",
    f"{CONTACTS}/new",
    permission="contact:keep",
    title=N_("Add a contact"),
    schema=ContactSchema,
    content=contact_list_content,
    signs=1,
    meaning=N_("This duty is reached this way; I tried it."),
)
def add(work: Work, **fields: Any) -> Done:
    return done(add_contact(work, **fields), N_("The contact is on the list."))


@act(
    "contact.end",
    f"{CONTACTS}/<contact_id>/end",
    permission="contact:keep",
    title=N_("End the contact"),
    schema=EndContactSchema,
    content=contact_content,
    signs=1,
    meaning=N_("This duty is not reached this way any more after that day."),
)
def end(work: Work, contact_id: str, **fields: Any) -> Done:
    return done(end_contact(work, contact_id, **fields), N_("The contact ends."))
