"""What the approval of a document leaves in the records, and what the database itself refuses."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from kernel.canonical import canonical, digest
from kernel.documents.domain import DOCUMENT_INVALID, KINDS, DocumentKind
from kernel.documents.queries import approval_content, effective_at, find_effective, get_effective, list_documents
from kernel.documents.services import approve_document, draft_document
from kernel.documents.tables import ApprovalRow, DocumentRow
from kernel.errors import NotFound, Refused
from kernel.tables import SignatureRow
from kernel.work import unit_of_work

BODY = {"limit": "2.5e4", "names": ["a", "b"]}


def check(body):
    return () if "limit" in body else (DOCUMENT_INVALID(problem="limit"),)


@pytest.fixture(autouse=True)
def recipe():
    """A kind of document of this test's own, approved by QA and QP."""
    KINDS["recipe"] = DocumentKind("recipe", "recipe", ("QA", "QP"), check)
    yield
    del KINDS["recipe"]


@pytest.fixture
def author(person):
    return person("Sp")


def draft(database, author, **changed):
    given = {"kind": "recipe", "code": "R", "title": "Recipe", "body": BODY} | changed
    with unit_of_work(database, author, "document.draft") as work:
        return draft_document(work, **given)


def approve(database, actor, row, role, seen=None):
    if seen is None:
        with database.reading() as session:
            seen = digest(approval_content(session, row.id))
    with unit_of_work(database, actor, "document.approve", seen=seen, signers=(actor,)) as work:
        return approve_document(work, row.id, role=role)


def effective(database):
    with database.reading() as session:
        return find_effective(session, "recipe")


def test_a_draft_is_numbered_and_hashed_and_in_force_nowhere(database, author):
    first, second, other = draft(database, author), draft(database, author), draft(database, author, code="S")
    assert [one.number for one in (first, second, other)] == [1, 2, 1]
    assert json.loads(first.body) == BODY
    assert first.body == canonical(BODY)
    assert effective(database) is None


def test_a_body_that_its_kind_does_not_accept_is_no_draft(database, author):
    with pytest.raises(Refused) as refused:
        draft(database, author, body={})
    assert [one.code for one in refused.value.refusals] == ["DOCUMENT_INVALID"]
    with database.reading() as session:
        assert list_documents(session) == []


def test_without_a_version_in_force_nothing_is_decided(database):
    with database.reading() as session, pytest.raises(Refused) as refused:
        get_effective(session, "recipe")
    [refusal] = refused.value.refusals
    assert (refusal.code, refusal.fact("kind")) == ("NO_EFFECTIVE_DOCUMENT", "recipe")


@pytest.mark.req("P11-70", "SIG-WYSIWYS")
def test_both_signatures_cover_the_whole_text(database, author, person):
    row = draft(database, author)
    for role in ("QA", "QP"):
        approve(database, person(role), row, role)
    with database.reading() as session:
        signed = session.execute(sa.select(SignatureRow)).scalars().all()
    assert sorted((one.record_entity, one.meaning) for one in signed) == [
        ("document", "approved"),
        ("document_approval", "approved"),
    ]
    for one in signed:
        content = json.loads(one.document)["content"]
        assert (content["body"], content["sha256"], digest(content)) == (BODY, row.sha256, one.content_sha256)


@pytest.mark.req("ATMP-6.2-SPEC")
def test_the_last_approval_puts_in_force_and_retires_in_one_act(database, author, person):
    people = {role: person(role) for role in ("QA", "QP")}
    versions = [draft(database, author) for _ in range(2)]
    for row in versions:
        for role in ("QP", "QA"):
            approve(database, people[role], row, role)
    with database.reading() as session:
        found = session.execute(sa.select(DocumentRow).order_by(DocumentRow.number)).scalars().all()
    assert [(one.status, one.effective_at is None, one.retired_at is None) for one in found] == [
        ("retired", False, False),
        ("effective", False, True),
    ]
    assert effective(database).id == versions[1].id


@pytest.mark.req("ATMP-6.2-SPEC", "S8")
@pytest.mark.req("DSP-ELIG-8")
def test_the_version_of_then_is_found_whatever_came_into_force_since(database, author, person):
    people = {role: person(role) for role in ("QA", "QP")}
    times = []
    for row in [draft(database, author) for _ in range(2)]:
        times.append(database.clock.now())
        for role in ("QP", "QA"):
            approve(database, people[role], row, role)
        database.clock.advance(timedelta(hours=1))
    with database.reading() as session:
        assert [effective_at(session, "recipe", at).number for at in times] == [1, 2]
        assert effective_at(session, "recipe", times[1] - timedelta(microseconds=1)).number == 1
        with pytest.raises(Refused):
            effective_at(session, "recipe", times[0] - timedelta(microseconds=1))


def test_an_author_and_a_second_hat_are_refused_and_change_nothing(database, person):
    both = person("QA", "QP")
    row = draft(database, both)
    for role in ("QA", "QP"):
        with pytest.raises(Refused) as refused:
            approve(database, both, row, role)
        assert [one.code for one in refused.value.refusals] == ["SOD_MASTER"]
    with database.reading() as session:
        assert session.execute(sa.select(ApprovalRow)).all() == []


def test_every_reason_is_told_at_once(database, author, person):
    row = draft(database, author)
    quality = person("QA")
    approve(database, quality, row, "QA")
    with pytest.raises(Refused) as refused:
        approve(database, quality, row, "QA")
    assert [one.code for one in refused.value.refusals] == ["ALREADY_APPROVED", "SOD_MASTER"]


def test_a_page_of_before_the_first_approval_is_stale(database, author, person):
    row = draft(database, author)
    with database.reading() as session:
        seen = digest(approval_content(session, row.id))
    approve(database, person("QA"), row, "QA")
    with pytest.raises(Refused) as refused:
        approve(database, person("QP"), row, "QP", seen)
    assert [one.code for one in refused.value.refusals] == ["STALE_VERSION"]


def test_a_document_that_does_not_exist_is_not_found(database, person):
    with pytest.raises(NotFound), unit_of_work(database, person("QA"), "document.approve") as work:
        approve_document(work, "none", role="QA")


def test_the_database_itself_keeps_one_version_in_force(database, author):
    with pytest.raises(DatabaseError), unit_of_work(database, author, "test.two") as work:
        for _ in range(2):
            row = draft_document(work, kind="recipe", code="R", title="Recipe", body=BODY)
            work.system_move(row, "effective")
        work.session.flush()


def test_the_database_itself_keeps_one_approval_per_person_and_role(database, author, person):
    row = draft(database, author)
    quality, other = person("QA"), person("QA")
    approve(database, quality, row, "QA")
    for role, who in (("QP", quality), ("QA", other)):
        with pytest.raises(DatabaseError), unit_of_work(database, author, "test.twice") as work:
            work.add(ApprovalRow(document_id=row.id, role=role, person_id=who.id, at=work.at))


@pytest.mark.parametrize(("by_code", "status"), [(False, "retired"), (True, "effective")])
def test_a_kind_has_one_version_in_force_or_one_of_each_code(database, author, person, by_code, status):
    KINDS["recipe"] = DocumentKind("recipe", "recipe", ("QA", "QP"), check, by_code=by_code)
    first, second = draft(database, author, code="R"), draft(database, author, code="S")
    for row in (first, second):
        approve(database, person("QA"), row, "QA")
        approve(database, person("QP"), row, "QP")
    with database.reading() as session:
        assert session.get_one(DocumentRow, first.id).status == status
        assert session.get_one(DocumentRow, second.id).status == "effective"
