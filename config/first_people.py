"""The first administrator and QA officer of a new installation (decision 49): made by the command line, once."""

from __future__ import annotations

import sqlalchemy as sa

from config.settings import Unfit
from kernel.accounts.domain import LINK_LIFE, GrantStatus, LinkStatus, PersonStatus
from kernel.accounts.passwords import new_code, new_token, token_digest
from kernel.accounts.tables import LinkRow, PersonRow, RoleGrantRow
from kernel.database import Database
from kernel.work import SYSTEM, Work, unit_of_work

FIRST = (("administrator", "First administrator", "Ad"), ("quality", "First QA officer", "QA"))


def make_first_people(database: Database) -> list[str]:
    """Two accounts, their links and codes, printed once; the code of each is for the other to hand over."""
    with database.reading() as session:
        if session.execute(sa.select(sa.func.count()).select_from(PersonRow)).scalar_one():
            raise Unfit("There are people already; accounts are requested and approved in the pages.")
    lines = []
    with unit_of_work(database, SYSTEM, "person.first") as work:
        for login, full_name, role in FIRST:
            token, code = first_person(work, login, full_name, role)
            lines.append(f"{login} ({role}): link /activate/{token}  code {code} (given by the other of the two)")
    return lines


def first_person(work: Work, login: str, full_name: str, role: str) -> tuple[str, str]:
    token, code = new_token(), new_code()
    row = work.add(
        PersonRow(
            login=login,
            full_name=full_name,
            status=PersonStatus.IDENTITY_VERIFIED,
            requested_by="command line",
            identity_check="at installation",
            identity_checked_at=work.at,
        )
    )
    work.add(
        RoleGrantRow(
            person_id=row.id, role=role, status=GrantStatus.ACTIVE, decided_at=work.at, requested_by="command line"
        )
    )
    work.add(
        LinkRow(
            person_id=row.id,
            token_sha256=token_digest(token),
            code_sha256=token_digest(code),
            status=LinkStatus.APPROVED,
            requested_by="command line",
            expires_at=work.at + LINK_LIFE,
        )
    )
    return token, code
