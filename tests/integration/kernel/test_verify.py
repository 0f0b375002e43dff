"""Verification names what was tampered with, whoever did it: twelve operators on trail and domain (hazards g1, g4)."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from config.tables import audited_tables
from kernel.accounts.tables import PersonRow
from kernel.audit import link_hash
from kernel.db import make_engine
from kernel.tables import SignatureRow
from kernel.trail.verify import record_faults, verify
from kernel.work import unit_of_work


@pytest.fixture
def story(database, person):
    """A dozen links: people, changes, a signature."""
    quality = person("QA")
    someone = person("T")
    for language in ("en", "nl", "en"):
        with unit_of_work(database, quality, "test.change", signers=(quality,)) as work:
            row = work.lock(PersonRow, someone.id)
            row.language = language
            work.sign(row, "approved")
    return someone


def report(database):
    with database.reading() as session:
        return verify(session, audited_tables(), database.seal.public, database.remembered_head())


@pytest.fixture
def tamper(fresh):
    """Raw SQL by somebody with all rights, with triggers and foreign keys out of the way."""

    def run(*statements, **values):
        engine = make_engine(fresh.owner_url, owner=True)
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.connection.driver_connection.rollback()
                connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
        with engine.begin() as connection:
            for statement in (*defences(connection), *statements):
                connection.execute(sa.text(statement), values if ":" in statement else {})
        engine.dispose()

    return run


def defences(connection):
    """What takes the database's own defences down."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        return [f"DROP TRIGGER {name}" for name in found]
    constraints = connection.exec_driver_sql(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
    )
    dropped = [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name in constraints]
    return [
        *dropped,
        *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in (*audited_tables(), "trail", "trail_change")),
    ]


def test_an_untouched_installation_has_no_faults(database, story):
    found = report(database)
    assert found.faults == []
    assert (found.signatures, found.records > 0, found.links > 4) == (3, True, True)


OPERATORS = {
    "a bit of a link's text": (
        "UPDATE trail SET payload = replace(payload, 'test.change', 'test.chance') WHERE seq = 5",
        "link 5",
    ),
    "a link's hash": (
        "UPDATE trail SET hash = CASE substr(hash, 1, 2) WHEN '00' THEN 'ff' ELSE '00' END || substr(hash, 3) "
        "WHERE seq = 4",
        "link 4",
    ),
    "a link's action column": ("UPDATE trail SET action = 'x' WHERE seq = 4", "link 4"),
    "a link removed in the middle": (
        "DELETE FROM trail_change WHERE seq = 4; DELETE FROM trail WHERE seq = 4",
        "link 5",
    ),
    "two links swapped": (
        "UPDATE trail SET seq = -4 WHERE seq = 4; UPDATE trail SET seq = 4 WHERE seq = 5; "
        "UPDATE trail SET seq = 5 WHERE seq = -4",
        "link 4",
    ),
    "an index row pointing elsewhere": ("UPDATE trail_change SET seq = 1 WHERE seq = 3", "signature"),
    "a value of a record": ("UPDATE person SET full_name = 'Somebody else' WHERE login LIKE 't-%'", "person"),
    "a version of a record": ("UPDATE person SET version = 1 WHERE login LIKE 't-%'", "person"),
    "a record removed": (
        "DELETE FROM role_grant WHERE role = 'T'",
        "role_grant",
    ),
    "a signature's meaning": ("UPDATE signature SET meaning = 'certified'", "signature"),
    "a signature moved to another record": (
        "UPDATE signature SET record_id = (SELECT id FROM person WHERE login LIKE 'qa-%')",
        "signature",
    ),
    "a signature's text": ("UPDATE signature SET document = replace(document, 'approved', 'rejected')", "signature"),
}


@pytest.mark.req("AT-CHAIN", "P11-70", "P11-10e-2", "A11-14")
@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.every_case
def test_verify_names_what_was_tampered_with(database, story, tamper, operator):
    statements, named = OPERATORS[operator]
    tamper(*[one.strip() for one in statements.split(";")])
    faults = report(database).faults
    assert any(named in fault.where for fault in faults), faults


@pytest.mark.req("AT-CHAIN")
def test_a_cut_tail_is_found_by_the_head_kept_outside(database, story, tamper):
    cut_tail(database, tamper)
    assert [fault.what for fault in report(database).faults] == ["outside"]


def test_a_cut_tail_is_invisible_without_a_head_kept_outside(database, story, tamper):
    """The negative control: the chain alone cannot know what came after its end (hazards finding 5)."""
    cut_tail(database, tamper)
    with database.reading() as session:
        assert verify(session, audited_tables(), database.seal.public, None).faults == []


def cut_tail(database, tamper):
    """Remove the last link and everything it wrote, as somebody with all rights and good knowledge would."""
    with database.reading() as session:
        last = session.execute(sa.text("SELECT MAX(seq) FROM trail")).scalar()
        before = session.execute(sa.text("SELECT hash FROM trail WHERE seq = :n"), {"n": last - 1}).scalar()
        text = session.execute(sa.text("SELECT payload FROM trail WHERE seq = :n"), {"n": last}).scalar()
    changes = json.loads(text)["changes"]
    signature = next(one for one in changes if one["entity"] == "signature")
    someone = next(one for one in changes if one["entity"] == "person")
    tamper(
        f"DELETE FROM signature WHERE id = '{signature['id']}'",
        f"UPDATE person SET version = version - 1, language = '{someone['old']['language']}' WHERE id = '{someone['id']}'",
        f"DELETE FROM trail_change WHERE seq = {last}",
        f"DELETE FROM trail WHERE seq = {last}",
        f"UPDATE trail_head SET seq = {last - 1}, hash = '{before}'",
    )


def test_an_edit_rehashed_to_the_end_is_found_by_the_head_kept_outside(database, story, tamper):
    with database.reading() as session:
        rows = session.execute(sa.text("SELECT seq, payload FROM trail ORDER BY seq")).all()
    before, statements = "0" * 64, []
    for seq, payload in rows:
        text = json.loads(payload)
        text["prev"], text["at"] = before, text["at"].replace("09:00:00", "08:00:00")
        new = json.dumps(text, sort_keys=True, separators=(",", ":"))
        after = link_hash(before, new)
        statements.append((seq, new, before, after))
        before = after
    for seq, new, prev, after in statements:
        tamper(
            "UPDATE trail SET payload = :new, prev_hash = :prev, hash = :after WHERE seq = :seq",
            new=new,
            prev=prev,
            after=after,
            seq=seq,
        )
    tamper("UPDATE trail_head SET hash = :after", after=before)
    assert "outside" in {fault.what for fault in report(database).faults}


@pytest.mark.req("INT-VERIFY")
def test_a_handful_of_records_is_checked_before_a_decision_rests_on_them(database, story, tamper):
    def faults():
        with database.reading() as session:
            return record_faults(session, [session.get(PersonRow, story.id)], database.seal.public)

    assert faults() == []
    tamper("UPDATE person SET full_name = 'x' WHERE login LIKE 't-%'")
    assert len(faults()) == 1


@pytest.mark.req("A11-14")
def test_a_signature_carries_what_the_regulation_asks(database, story):
    with database.reading() as session:
        row = session.execute(sa.select(SignatureRow)).scalars().first()
        document = json.loads(row.document)
    assert {"signer_name", "at", "meaning", "content_sha256", "record_version", "head_hash"} <= set(document)
