"""What the file outside remembers outlives a restored database, until QA signs what was lost (hazard 62)."""

from __future__ import annotations

import pytest

from kernel.canonical import digest
from kernel.errors import Refused
from kernel.witness.domain import ToldHead
from kernel.witness.queries import is_accounted_for, is_missed, records_are_behind, recovery_content, tell_head
from kernel.witness.services import note_missed, sign_recovery
from kernel.work import SYSTEM, unit_of_work

WORDS = {"copy": "copy of 08:00, put back at 14:00", "accounted": "nothing was dispensed meanwhile"}


def acts(database, count, action="test.afterwards"):
    for _ in range(count):
        with unit_of_work(database, SYSTEM, action):
            pass
    return database.remembered_head()


@pytest.fixture
def morning(fresh, database, person):
    """``morning(3)``: three acts after the copy, then the copy is put back, and the file outside stays. Answers QA, head."""
    quality = person("QA")
    saved = fresh.take()
    kept = database.remembered_head()[0]

    def restore(lost):
        known = acts(database, lost, "test.lost")
        outside = (fresh.folder / "head").read_bytes()
        fresh.put(saved)
        (fresh.folder / "head").write_bytes(outside)
        return quality, kept, known

    return restore


def behind(database):
    with database.reading() as session:
        return records_are_behind(database, session)


def sign(database, quality, kept, until):
    with database.reading() as session:
        seen = digest(recovery_content(database, session))
    with unit_of_work(database, quality, "trail.recover", signers=(quality,), seen=seen) as work:
        return sign_recovery(work, kept_seq=kept, lost_until=until, **WORDS)


@pytest.mark.req("A11-7.2", "AT-CHAIN")
def test_a_trail_that_grew_past_the_lost_lines_does_not_make_them_forgotten(database, morning):
    quality, kept, known = morning(3)
    assert behind(database)
    acts(database, 5)
    assert database.remembered_head() == known
    assert behind(database)
    sign(database, quality, kept, known[0])
    assert not behind(database)
    assert database.remembered_head()[0] > known[0]
    with database.reading() as session:
        assert database.holds(database.remembered_head())
        assert recovery_content(database, session)["missing lines of the trail"] == []


def test_a_head_outside_that_cannot_be_read_stops_and_is_not_written_over(database, fresh, morning):
    quality, kept, known = morning(0)
    (fresh.folder / "head").write_bytes(b"\x00\xff")
    acts(database, 1)
    assert behind(database)
    assert (fresh.folder / "head").read_bytes() == b"\x00\xff"
    sign(database, quality, kept, known[0] + 1)
    assert not behind(database)


def test_a_recovery_accounts_for_the_loss_before_it_and_not_for_the_next(database, morning):
    quality, kept, known = morning(3)
    sign(database, quality, kept, known[0])
    with database.reading() as session:
        assert is_accounted_for(session, ToldHead(*known, 0))
        assert not is_accounted_for(session, ToldHead(*known, 1))
        assert not is_accounted_for(session, ToldHead(kept, "f" * 64, 0))
        assert not is_accounted_for(session, ToldHead(known[0] + 1, "f" * 64, 0))
        on_trail = tell_head(database.seal, database.remembered_head(), 1)
        assert not is_missed(session, on_trail)


def test_a_missed_head_is_noted_once_and_stops_until_the_recovery(database, person, morning):
    quality, kept, known = morning(0)
    told = ToldHead(known[0] + 7, "e" * 64, 0)
    for _ in range(2):
        note_missed(database, quality, told, "PH-01")
    assert behind(database)
    with pytest.raises(Refused) as caught:
        sign(database, quality, kept, known[0] + 6)
    assert [one.code for one in caught.value.refusals] == ["RECOVERY_RANGE"]
    with database.reading() as session:
        assert len(recovery_content(database, session)["missing lines of the trail"]) == 1
    sign(database, quality, kept, known[0] + 7)
    assert not behind(database)
    with pytest.raises(Refused) as caught:
        sign(database, quality, kept, known[0] + 7)
    assert [one.code for one in caught.value.refusals] == ["NOTHING_MISSED"]
