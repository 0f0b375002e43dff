"""Blood groups as rules and pages need them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.database import asked_once
from kernel.errors import NotFound
from kernel.refusals import Refusal
from manufacturing.domain.blood_groups import (
    Abo,
    Determination,
    Group,
    RhD,
    compatibility,
    group_refusals,
    settled,
)
from manufacturing.queries.collections import donors_of_subject, get_donor
from manufacturing.queries.trial import get_protocol, get_subject
from manufacturing.tables.blood_groups import BloodGroupRow
from manufacturing.tables.collections import DonorRow
from manufacturing.tables.trial import SubjectRow

OWNERS = {"donor": BloodGroupRow.donor_id, "subject": BloodGroupRow.subject_id}


def get_blood_group(session: Session, blood_group_id: str) -> BloodGroupRow:
    row = session.get(BloodGroupRow, blood_group_id)
    if row is None:
        raise NotFound(f"blood group {blood_group_id}")
    return row


@asked_once
def groups_of(session: Session, owner: str, record_id: str) -> list[BloodGroupRow]:
    """Every result, the oldest first; those that were set aside too."""
    query = sa.select(BloodGroupRow).where(OWNERS[owner] == record_id)
    return list(session.execute(query.order_by(BloodGroupRow.entered_at, BloodGroupRow.id)).scalars())


def standing(session: Session, owner: str, record_id: str) -> list[Determination]:
    return [
        Determination(Group(Abo(one.abo), RhD(one.rhd)), one.sample, one.sampled_at, one.entered_by)
        for one in groups_of(session, owner, record_id)
        if one.set_aside_at is None
    ]


def code_of(session: Session, owner: str, record_id: str) -> str:
    row: DonorRow | SubjectRow = get_donor(session, record_id) if owner == "donor" else get_subject(session, record_id)
    return row.code


def issue_refusals(session: Session, subject: SubjectRow, donor_ids: Iterable[str]) -> tuple[Refusal, ...] | None:
    """Why nothing of these donors is given to this subject by their blood groups; None where the protocol does not ask."""
    if not get_protocol(session, subject.protocol_document_id).blood_groups_needed:
        return None
    owners = [("subject", subject.id), *(("donor", one) for one in sorted(set(donor_ids)))]
    return tuple(
        refusal
        for owner, record_id in owners
        for refusal in group_refusals(code_of(session, owner, record_id), standing(session, owner, record_id))
    )


def group_content(session: Session, owner: str, record_id: str) -> dict[str, Any]:
    """What is shown and signed when a result is entered: whose it is, without the results that stand.

    Whoever enters the second sample does not see the first one.
    """
    known = groups_of(session, owner, record_id)
    return {"title": code_of(session, owner, record_id), "of": owner, "samples on record": len(known)}


def one_content(session: Session, blood_group_id: str) -> dict[str, Any]:
    row = get_blood_group(session, blood_group_id)
    owner = "donor" if row.donor_id else "subject"
    return {
        "title": code_of(session, owner, str(row.donor_id or row.subject_id)),
        "version": row.version,
        "blood group": Group(Abo(row.abo), RhD(row.rhd)).text(),
        "sample": row.sample,
        "sampled at": row.sampled_at,
        "report": row.report_reference,
    }


def groups_view(session: Session, owner: str, record_id: str) -> dict[str, Any]:
    """Every result with its sample, what is wrong with them, and how donor and recipient fit."""
    people = names(session)
    known = standing(session, owner, record_id)
    return {
        "owner": owner,
        "record_id": record_id,
        "rows": [row_view(one, people) for one in groups_of(session, owner, record_id)],
        "faults": list(group_refusals(code_of(session, owner, record_id), known)),
        "fits": fits_view(session, owner, record_id),
    }


def row_view(row: BloodGroupRow, people: dict[str, str]) -> dict[str, Any]:
    facts = ("id", "abo", "rhd", "sample", "sampled_at", "laboratory", "report_reference", "entered_at")
    return {
        **{name: getattr(row, name) for name in facts},
        "group": Group(Abo(row.abo), RhD(row.rhd)).text(),
        "entered_by": people.get(row.entered_by, row.entered_by),
        "set_aside_because": row.set_aside_because,
        "set_aside_by": people.get(row.set_aside_by or ""),
    }


def fits_view(session: Session, owner: str, record_id: str) -> list[dict[str, Any]]:
    """Each donor of the subject beside the recipient."""
    subject_id = record_id if owner == "subject" else get_donor(session, record_id).subject_id
    donors = donors_of_subject(session, subject_id) if owner == "subject" else [get_donor(session, record_id)]
    recipient = settled(standing(session, "subject", subject_id))
    found = []
    for one in donors:
        group = settled(standing(session, "donor", one.id))
        found.append(
            {
                "donor": one.code,
                "subject": get_subject(session, subject_id).code,
                "donor_group": group.text() if group else None,
                "subject_group": recipient.text() if recipient else None,
                "fit": compatibility(group, recipient),
            }
        )
    return found
