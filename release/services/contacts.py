"""The list of how each duty is reached: entries are added and ended, never changed."""

from __future__ import annotations

from datetime import date

from kernel.errors import refuse_any
from kernel.work import Work
from manufacturing.domain.expiry import local_day
from release.domain.duties import contact_refusals, ending_refusals
from release.queries.contacts import contact_content, contact_list_content, get_contact
from release.tables.recalls import ContactRow


def add_contact(
    work: Work, *, duty: str, channel: str, hours: str, valid_from: date, valid_until: date | None = None
) -> ContactRow:
    work.require("contact:keep")
    work.confirm(contact_list_content(work.session))
    refuse_any(contact_refusals(valid_from, valid_until))
    row = work.add(
        ContactRow(
            duty=duty,
            channel=channel.strip(),
            hours=hours.strip(),
            valid_from=valid_from,
            valid_until=valid_until,
            entered_by=work.signer().id,
            entered_at=work.at,
        )
    )
    work.sign(row, "contact entered")
    return row


def end_contact(work: Work, contact_id: str, *, valid_until: date) -> ContactRow:
    """It is shown up to and with its last day."""
    work.require("contact:keep")
    get_contact(work.session, contact_id)
    row = work.lock(ContactRow, contact_id)
    work.confirm(contact_content(work.session, contact_id))
    refuse_any((*ending_refusals(row.valid_until, local_day(work.at)), *contact_refusals(row.valid_from, valid_until)))
    row.valid_until = valid_until
    work.sign(row, "contact ended")
    return row
