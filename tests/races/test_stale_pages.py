"""A page opened before a change cannot be signed; a verdict opened before a hold is not acted on (hazards b2, b5)."""

from __future__ import annotations

import hashlib
import random
import re
import time
from typing import Any

import pytest
import sqlalchemy as sa

from config.tables import METADATA
from kernel.canonical import plain
from kernel.db import Audited
from kernel.trail.since import changed_since
from kernel.web.i18n import Speech
from kernel.web.opened import Opened
from kernel.web.registry import ACTS
from kernel.work import SYSTEM, Work
from release.domain.decisions import Verdict
from release.domain.scan_facts import ScanDecision
from release.queries.records import all_behind
from tests.contracts.messages import catalogue
from tests.contracts.test_field_words import said
from tests.databases import databases
from tests.races.installations import Installation
from tests.races.pages import (
    CHANGES,
    DISPENSE,
    HOLDS,
    LONGEST_HEAD_START,
    PAGES,
    STOPS,
    Change,
    Outcome,
    Page,
    attempt,
    both_at_once,
    change_link,
    edited,
    new_specification,
    open_page,
    sign,
    wrong_of,
)
from tests.races.test_work_statements import counted

INTERLEAVINGS, MANY_INTERLEAVINGS = 100, 500
ON_SECOND = 40  # of the hundred; the rest on the first database of the run
# Read beside the records of the batch: who is called what; what is only ever added; and what names its own version in
# the content, where no two of it can be told apart by anything else.
STALE = Outcome(codes=("STALE_VERSION",))
BESIDE = {"document", "person", "role_grant", "signature", "trail", "trail_change", "trial"}
# Of these the story has no record before the decision; a new one is one more record, which the count tells.
EMPTY = {
    *("administration", "dispensing", "decision", "deviation", "deviation_batch", "deviation_entry", "hold"),
    *("batch_condition", "batch_pause", "collection_part", "custody_event", "destruction", "donor_later_test"),
    *("file_import", "imported_value", "lot_piece", "oos", "oos_overlay", "oos_supply", "step_correction"),
    *("cell_count", "sample", "step_entry", "step_measurement", "transcription"),
}
HOLD_INTERLEAVINGS = 20
DUTCH, WORDS = Speech("nl"), catalogue("nl")
SEED = 20261124
BEFORE, AT_ONCE = "before", "at once"


def interleave(scene, page: Page, change: Change | None, mode: str, seed: random.Random):
    """Open the page; change before signing or at the same moment; sign. What is wrong with it, and how it ended."""
    with scene(page.point) as (here, stage):
        opened, changed = open_page(stage, page, here.facts), Outcome()
        if change is not None and mode == AT_ONCE:
            signed, changed = both_at_once(
                lambda: sign(stage, opened), lambda: attempt(lambda: change(stage, here.facts)), seed
            )
        else:
            changed = attempt(lambda: change(stage, here.facts)) if change else changed
            signed = sign(stage, opened)
        wrong = wrong_of(here, opened, signed, change_link(here, opened) if changed.done else None)
        if changed.error or (mode == BEFORE and change is not None and not changed.done):
            wrong.append(f"the change ended with {changed}")
        return wrong, signed


def modes(count: int) -> list[str]:
    return [BEFORE if number % 2 else AT_ONCE for number in range(count)]


@pytest.mark.req("SIG-WYSIWYS")
def test_a_page_opened_before_a_change_is_never_signed(scene, request):
    """QA, QP and sponsor, before or while a result, reading, weight, deviation, label or hold comes in.

    The databases of a run share the hundred, each with draws of its own.
    """
    second = request.node.callspec.params["scene"] != databases()[0]
    seed = random.Random(SEED + second)  # noqa: S311  (repeatable on purpose)
    times = INTERLEAVINGS if len(databases()) == 1 else ON_SECOND if second else INTERLEAVINGS - ON_SECOND
    ends = []
    for number, mode in enumerate(modes(times)):
        page, name = seed.choice(PAGES), seed.choice(list(CHANGES))
        wrong, signed = interleave(scene, page, CHANGES[name], mode, seed)
        assert wrong == [], (number, page.act, name, mode)
        ends.append((mode, signed.codes))
    assert {codes for mode, codes in ends if mode == BEFORE} == {("STALE_VERSION",)}
    assert {(AT_ONCE, ()), (AT_ONCE, ("STALE_VERSION",))} <= set(ends), "the races were always won by the same side"


def read_by(stage, content, batch_id: str) -> set[str]:
    """The tables that were asked for what is signed."""
    with counted(stage.site.database.engine) as said, stage.site.database.reading() as session:
        content(session, batch_id)
    return {name for one in said for name in re.findall(r"(?:FROM|JOIN) (\w+)", one)} & set(METADATA.tables)


def one_of_each(stage, batch_id: str) -> dict[str, Audited]:
    """A record of every table that stands behind a decision, the newest one."""
    with stage.site.database.reading() as session:
        return {row.__tablename__: row for row in all_behind(session, batch_id)}


@pytest.mark.req("SIG-WYSIWYS")
@pytest.mark.wide("postgresql")
@pytest.mark.every_case("scene")
@pytest.mark.parametrize("page", PAGES[:3], ids=lambda page: page.act)
def test_whatever_record_changes_behind_an_open_page_it_is_not_signed_and_not_after_it_is_changed_back(scene, page):
    """One record of every table that is read for the decision; a table nobody changes here has to be named."""
    with scene(page.point) as (here, stage):
        batch_id = here.facts["batch"]
        rows = one_of_each(stage, batch_id)
        read = read_by(stage, ACTS[page.act].content, batch_id)
        assert sorted(read - set(rows) - BESIDE - EMPTY) == []
        for name, row in rows.items():
            opened = open_page(stage, page, here.facts)
            change_back = edited(stage, row)
            assert sign(stage, opened) == STALE, f"{name} was changed"
            change_back()
            assert sign(stage, opened) == STALE, f"{name} was changed and changed back"


@pytest.mark.req("SIG-WYSIWYS")
def test_a_change_of_any_record_behind_a_page_is_told_by_its_name_and_field_in_dutch(scene, monkeypatch):
    monkeypatch.setattr("kernel.trail.since.MOST_ACTS", 1000)
    page = PAGES[1]
    with scene(page.point) as (here, stage):
        rows, opened = one_of_each(stage, here.facts["batch"]), open_page(stage, page, here.facts)
        for row in rows.values():
            edited(stage, row)
        with stage.site.database.reading() as session:
            shown = Opened(opened.head, plain(opened.content))
            found = changed_since(session, shown, lambda asking: ACTS[page.act].content(asking, **opened.ids), DUTCH)
    told = [(act["by"], one) for act in found.acts for one in act["records"]]
    assert {(one["entity"], one["id"]) for _, one in told} == {(name, row.id) for name, row in rows.items()}
    for by, one in told:
        (field,) = one["fields"]
        assert (by, one["record"].startswith(DUTCH.key(one["entity"]))) == (SYSTEM.name, True)
        assert field["from"] != field["to"]
        assert said(field["name"], WORDS), f"{one['entity']}.{field['name']}"


def some_record(seed: random.Random, *, back: bool = False) -> Change:
    """Any record behind the decision is changed, or changed and changed back."""

    def change(stage, facts):
        rows = one_of_each(stage, facts["batch"])
        change_back = edited(stage, rows[seed.choice(sorted(rows))])
        if back:
            change_back()

    return change


@pytest.mark.hostile
@pytest.mark.req("SIG-WYSIWYS")
def test_five_hundred_interleavings_of_acts_edits_and_changes_back_sign_no_page_of_before(scene):
    seed = random.Random(SEED)  # noqa: S311
    changes = {**CHANGES, "record": some_record(seed), "back": some_record(seed, back=True)}
    for number, mode in enumerate(modes(MANY_INTERLEAVINGS)):
        page, name = seed.choice(PAGES), seed.choice(list(changes))
        wrong, _signed = interleave(scene, page, changes[name], mode, seed)
        assert wrong == [], (number, page.act, name, mode)


@pytest.mark.req("DSP-RACE")
def test_a_verdict_opened_before_a_hold_a_recall_a_reprint_or_a_culture_that_grew_is_never_acted_on(scene):
    """Whatever is held, from the trial down to the container, or grew (hazards b2); the old print beside the new (b3)."""
    seed = random.Random(SEED)  # noqa: S311
    codes = {}
    for number, mode in enumerate(modes(HOLD_INTERLEAVINGS)):
        name = list(STOPS)[number // 2 % len(STOPS)]
        wrong, signed = interleave(scene, DISPENSE, STOPS[name], mode, seed)
        assert wrong == [], (number, name, mode)
        codes.setdefault(name, set()).add(signed.codes)
    assert set().union(*codes.values()) >= {(), ("BATCH_ON_HOLD",), ("TRIAL_ON_HOLD",), ("LABEL_VOID",)}
    assert all(any(found) for found in codes.values()), codes


@pytest.mark.every_case("scene")
@pytest.mark.parametrize("name", ["weight", "label"])
def test_a_verdict_opened_before_a_change_of_what_it_rests_on_is_not_acted_on(scene, name):
    seed = random.Random(SEED)  # noqa: S311
    wrong, signed = interleave(scene, DISPENSE, CHANGES[name], BEFORE, seed)
    assert wrong == []
    assert not signed.done


@pytest.mark.every_case("scene")
@pytest.mark.parametrize("page", [*PAGES, DISPENSE], ids=lambda page: page.act)
def test_a_page_under_which_nothing_changed_is_signed_as_shown(scene, page):
    """So that refusing always is no way to pass."""
    seed = random.Random(SEED)  # noqa: S311
    wrong, signed = interleave(scene, page, None, BEFORE, seed)
    assert wrong == []
    assert signed.done


@pytest.mark.req("SIG-WYSIWYS")
def test_a_later_specification_changes_no_page_of_a_batch_that_froze_an_earlier_one(scene):
    """What is signed names the frozen version by its digest, and that is what was shown."""
    page = PAGES[1]
    with scene(page.point) as (here, stage):
        opened = open_page(stage, page, here.facts)
        new_specification(stage, here.facts)
        signed = sign(stage, opened)
        assert wrong_of(here, opened, signed, None) == []
        frozen = here.rows(
            "SELECT d.sha256, d.status FROM document d JOIN batch b ON b.specification_document_id = d.id"
        )[0]
        assert (frozen.status, opened.content["batch"]["specification"]["sha256"]) == ("retired", frozen.sha256)


@pytest.mark.every_case("scene")
@pytest.mark.parametrize("page", [*PAGES, DISPENSE], ids=lambda page: page.act)
def test_a_frozen_specification_rewritten_below_the_application_cannot_be_signed_on(scene, page):
    """Changed in the database under an open page, digest and all."""
    with scene(page.point) as (here, stage):
        opened = open_page(stage, page, here.facts)
        rewrite_specification(here)
        signed = sign(stage, opened)
        assert not signed.done
        assert set(signed.codes) <= {"STALE_VERSION", "INTEGRITY_FAILURE"}
        assert wrong_of(here, opened, signed, 0) == []


def rewrite_specification(here: Installation) -> None:
    """Raise a limit and give the text its own new digest, as somebody with the owner's rights could."""
    body = here.rows("SELECT body FROM document WHERE kind = 'specification'")[0].body
    changed = body.replace('"limit":"70"', '"limit":"60"')
    assert changed != body
    if here.source is None:
        here.owner("DROP TRIGGER document_next_version")
    else:
        here.owner("ALTER TABLE document DISABLE TRIGGER document_next_version")
    found = hashlib.sha256(changed.encode()).hexdigest()
    here.owner("UPDATE document SET body = :body, sha256 = :sha WHERE kind = 'specification'", body=changed, sha=found)
    if here.source is not None:
        here.owner("ALTER TABLE document ENABLE TRIGGER document_next_version")


def test_a_signature_that_is_not_compared_is_caught(scene, monkeypatch):
    """Planted: the act takes whatever page it is sent."""

    def never_compared(work: Work, content: dict[str, Any]) -> None:
        work.confirmed, work.content = True, content

    monkeypatch.setattr(Work, "confirm", never_compared)
    seed = random.Random(SEED)  # noqa: S311
    wrong, _ = interleave(scene, PAGES[3], CHANGES["weight"], BEFORE, seed)
    assert any("had changed what was shown" in one for one in wrong)
    assert any("covers other content" in one for one in wrong)


def test_a_verdict_taken_as_a_ticket_is_caught(scene, monkeypatch):
    """Planted: the dispensing believes the scan of before."""
    allowed = ScanDecision(Verdict.ALLOW_CONDITIONAL, (), (), ())
    monkeypatch.setattr("release.services.dispensing.decide", lambda *_: allowed)
    monkeypatch.setattr(Work, "confirm", lambda work, content: setattr(work, "confirmed", True))
    seed = random.Random(SEED)  # noqa: S311
    wrong, signed = interleave(scene, DISPENSE, HOLDS["subject"], BEFORE, seed)
    assert signed.done
    assert any("had changed what was shown" in one for one in wrong)


def test_a_comparison_outside_the_lock_is_caught(scene, monkeypatch):
    """Planted: nothing is locked, so that on PostgreSQL a weight slips in between comparing and committing.

    On SQLite there is one writer at a time; the same defect does no harm there.
    """
    proper = Work.confirm

    def compared_early(work: Work, content: dict[str, Any]) -> None:
        proper(work, content)
        time.sleep(LONGEST_HEAD_START)

    monkeypatch.setattr("kernel.database.ONE_WRITER", sa.text("SELECT 1"))
    monkeypatch.setattr(Work, "lock", lambda work, table, record_id: work.session.get_one(table, record_id))
    monkeypatch.setattr("release.services.batch_locks.share", lambda *_: None)
    monkeypatch.setattr(Work, "confirm", compared_early)
    with scene("certified") as (here, _):
        one_writer = here.source is None
    seed = random.Random(SEED)  # noqa: S311
    found = (interleave(scene, PAGES[3], CHANGES["weight"], AT_ONCE, seed)[0] for _ in range(10))
    assert any("had changed what was shown" in one for wrong in found for one in wrong) is not one_writer
