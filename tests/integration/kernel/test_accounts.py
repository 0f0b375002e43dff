"""What account services leave in the records: rows, signatures, links of the trail; and what a refusal leaves."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from kernel.accounts.credentials import check_credentials
from kernel.accounts.queries import active_roles, actor_of, find_person, list_people
from kernel.accounts.services import (
    activate,
    approve_person,
    deactivate_person,
    person_content,
    request_person,
    request_role,
    reset_password,
)
from kernel.accounts.tables import LinkRow, PersonRow, RoleGrantRow, SessionRow
from kernel.canonical import digest
from kernel.errors import NotFound, Refused
from kernel.tables import SignatureRow, TrailRow
from kernel.work import Actor, unit_of_work
from tests.conftest import PASSWORD

OWN = "vier paarse olifanten zwijgen"


@pytest.fixture
def admin(person):
    return person("Ad")


@pytest.fixture
def quality(person):
    return person("QA")


@pytest.fixture
def requested(database, admin):
    """A new account and its link's token."""
    with unit_of_work(database, admin, "person.request", seen=digest({})) as work:
        row, token = request_person(work, login="tess", full_name="Tess Bakker", roles=["T", "T"], language="nl")
    return row, token


def act(database, actor, service, person_id, *, signed=False, **fields):
    """Run a service as if its page had just been opened."""
    with database.reading() as session:
        seen = digest(person_content(session, person_id))
    signers = (actor,) if signed else ()
    with unit_of_work(database, actor, service.__name__, seen=seen, signers=signers, reason="for the test") as work:
        return service(work, person_id, **fields)


def approve(database, actor, person_id):
    return act(database, actor, approve_person, person_id, signed=True, identity_check="staff card seen")


def rows(database, table, **columns):
    with database.reading() as session:
        return session.execute(sa.select(table).filter_by(**columns)).scalars().all()


def codes_of(refused):
    return [one.code for one in refused.value.refusals]


def test_a_request_stores_digests_only_and_each_role_once(database, requested):
    row, token = requested
    [link] = rows(database, LinkRow, person_id=row.id)
    assert (link.status, link.code_sha256, token in str(vars(link))) == ("requested", None, False)
    assert [one.role for one in rows(database, RoleGrantRow, person_id=row.id)] == ["T"]
    assert (row.status, row.password_hash) == ("requested", None)


@pytest.mark.req("A11-12.3", "P11-100b")
def test_an_approval_is_signed_and_names_who_checked_how_and_when(database, requested, quality):
    row, _token = requested
    code = approve(database, quality, row.id)
    [stored] = rows(database, PersonRow, id=row.id)
    assert (stored.identity_checked_by, stored.identity_checked_at) == (quality.id, database.clock.now())
    [signature] = rows(database, SignatureRow)
    document = json.loads(signature.document)
    assert (signature.record_id, signature.meaning, signature.signer_name) == (row.id, "approved", quality.name)
    assert document["content"]["full_name"] == "Tess Bakker"
    [link] = rows(database, LinkRow, person_id=row.id)
    assert (link.status, code in str(vars(link))) == ("approved", False)


@pytest.mark.req("A11-12.3")
def test_an_approver_who_asked_leaves_everything_as_it_was(database, requested, admin):
    row, _token = requested
    both = Actor(admin.id, admin.name, frozenset({"Ad", "QA"}))
    with pytest.raises(Refused) as refused:
        approve(database, both, row.id)
    assert codes_of(refused) == ["SOD_ACCESS"]
    assert rows(database, PersonRow, id=row.id)[0].version == 1
    assert rows(database, SignatureRow) == []


def test_activation_is_done_by_the_person_himself(database, passwords, requested, quality):
    row, token = requested
    code = approve(database, quality, row.id)
    activate(database, passwords, token=token, code=code, password=OWN, accepted=True)
    [link] = rows(database, TrailRow, action="person.activate")
    assert link.actor_id == row.id
    assert OWN not in link.payload
    with database.reading() as session:
        assert actor_of(session, row.id, database.clock.now()) == Actor(row.id, "Tess Bakker", frozenset({"T"}))


def test_an_account_acts_only_while_it_is_active(database, passwords, requested, quality, admin):
    row, token = requested

    def acts():
        with database.reading() as session:
            return actor_of(session, row.id, database.clock.now()) is not None

    seen = [acts()]
    code = approve(database, quality, row.id)
    seen.append(acts())
    activate(database, passwords, token=token, code=code, password=OWN, accepted=True)
    seen.append(acts())
    act(database, admin, deactivate_person, row.id)
    seen.append(acts())
    assert seen == [False, False, True, False]


@pytest.mark.req("AC-LEAVE")
def test_deactivation_ends_grants_links_and_password_and_keeps_the_name(database, requested, quality, admin):
    row, _token = requested
    approve(database, quality, row.id)
    act(database, admin, deactivate_person, row.id)
    [stored] = rows(database, PersonRow, id=row.id)
    assert (stored.status, stored.password_hash, stored.full_name) == ("deactivated", None, "Tess Bakker")
    assert stored.deactivated_at == database.clock.now()
    assert [one.status for one in rows(database, LinkRow, person_id=row.id)] == ["void"]
    assert [(one.status, one.decided_by) for one in rows(database, RoleGrantRow, person_id=row.id)] == [
        ("revoked", admin.id)
    ]


def test_a_role_waits_for_its_approval(database, person, admin, quality):
    technician = person("T")
    act(database, admin, request_role, technician.id, role="QP")
    with database.reading() as session:
        assert active_roles(session, technician.id, database.clock.now()) == {"T"}
    assert approve(database, quality, technician.id) == ""
    with database.reading() as session:
        assert active_roles(session, technician.id, database.clock.now()) == {"T", "QP"}


def test_a_reset_leaves_no_password_and_one_open_link(database, person, admin):
    technician = person("T")
    for _ in range(2):
        act(database, admin, reset_password, technician.id)
    assert rows(database, PersonRow, id=technician.id)[0].password_hash is None
    assert sorted(one.status for one in rows(database, LinkRow, person_id=technician.id)) == ["requested", "void"]


def test_nobody_is_deactivated_who_does_not_exist(database, admin):
    with pytest.raises(NotFound):
        act(database, admin, deactivate_person, "nobody")


@pytest.mark.req("P11-10g")
def test_a_service_asks_for_the_permission_again(database, person):
    technician, other = person("T"), person("T")
    for service, fields in ((deactivate_person, {}), (reset_password, {}), (request_role, {"role": "QP"})):
        with pytest.raises(Refused) as refused:
            act(database, technician, service, other.id, **fields)
        assert codes_of(refused) == ["ROLE_NOT_ALLOWED"]


@pytest.mark.req("P11-300d", "AT-SCOPE")
def test_wrong_passwords_are_two_links_each_and_never_the_password(database, passwords, person):
    technician = person("T", login="theodora")
    for login in ("theodora", "somebody"):
        with pytest.raises(Refused) as refused:
            check_credentials(database, passwords, login, "a wrong secret", "test.sign", by=technician)
        assert codes_of(refused) == ["AUTH_BAD_SIGNATURE"]
    counted, tried = (
        rows(database, TrailRow, action="person.wrong_password"),
        rows(database, TrailRow, action="test.sign"),
    )
    assert [json.loads(one.payload)["details"]["login"] for one in counted] == ["theodora", "unknown"]
    assert [(one.actor_id, one.outcome) for one in tried] == [(technician.id, "refused")] * 2
    assert not [one for one in rows(database, TrailRow) if "a wrong secret" in one.payload or "somebody" in one.payload]
    assert rows(database, PersonRow, id=technician.id)[0].failed_count == 1


def test_the_right_password_gives_the_person_with_the_roles_of_now(database, passwords, person):
    technician = person("T", login="theodora")
    assert check_credentials(database, passwords, "theodora", PASSWORD, "test.sign") == technician


def test_people_are_listed_by_name_with_what_waits(database, requested, quality):
    with database.reading() as session:
        listed = list_people(session, database.clock.now())
        tess = find_person(session, "tess")
    assert [one["full_name"] for one in listed] == sorted(one["full_name"] for one in listed)
    [view] = [one for one in listed if one["login"] == "tess"]
    assert (view["id"], view["link"], view["roles"][0]["status"]) == (tess.id, "requested", "requested")


def test_sessions_of_others_stay(database, person, admin):
    technician, other = person("T"), person("N")
    with unit_of_work(database, admin, "test.sessions") as work:
        for number, owner in enumerate((technician, other)):
            work.session.add(
                SessionRow(
                    token_sha256=str(number),
                    person_id=owner.id,
                    created_at=work.at,
                    last_seen_at=work.at,
                    expires_at=work.at,
                )
            )
    act(database, admin, deactivate_person, technician.id)
    ended = {one.person_id: one.ended_at for one in rows(database, SessionRow)}
    assert ended == {technician.id: database.clock.now(), other.id: None}
