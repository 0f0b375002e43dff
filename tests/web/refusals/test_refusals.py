"""At least sixty ways to be one fault away from an accepted submission: exactly the code, and nothing else changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from kernel.refusals import CATALOGUE, Refusal
from kernel.tables import SignatureRow
from kernel.web.registry import ACTS
from kernel.web.submissions import ENVELOPE
from release.services.dispensing import SCANNED
from release.tables.dispensing import ScanRow
from tests.databases import databases
from tests.web.clients import CODE, Attached, codes
from tests.web.refusals import (
    rows_accounts,
    rows_bench,
    rows_collections,
    rows_deviations,
    rows_downtime,
    rows_environment,
    rows_equipment,
    rows_files,
    rows_giving,
    rows_labels,
    rows_lookbacks,
    rows_lots,
    rows_making,
    rows_oos,
    rows_recalls,
    rows_receivers,
    rows_reconciling,
    rows_results,
    rows_retests,
    rows_seldom,
    rows_specifications,
    rows_subjects,
    rows_supply,
    rows_training,
)
from tests.web.refusals.sending import DOORS, Door, Row, Sent, doors, reach, typed
from tests.web.refusals.spoken import AT_THE_COUNTER, language_of, not_told, refusals_in, unclear
from tests.web.refusals.world import World

TABLES = (
    rows_accounts,
    rows_subjects,
    rows_collections,
    rows_bench,
    rows_deviations,
    rows_lookbacks,
    rows_results,
    rows_oos,
    rows_giving,
    rows_labels,
    rows_downtime,
    rows_lots,
    rows_making,
    rows_files,
    rows_training,
    rows_equipment,
    rows_environment,
    rows_reconciling,
    rows_specifications,
    rows_recalls,
    rows_supply,
    rows_retests,
    rows_seldom,
    rows_receivers,
)
BASES: dict[str, Sent] = {name: sent for table in TABLES for name, sent in table.BASES.items()}
ROWS: list[Row] = [row for table in TABLES for row in table.ROWS]
TWO_PLACES = {
    "weight.record: pounds or a decimal point gone",
    "order.check: for another day",
    "subject.complete: nothing was given",
    "subject.complete: not included",
    "administration.record: in part, without why",
    "batch.close: a certification that is not final",
    "lot.approve: no certificate is attached",
    "recall.open: of a lot that nobody used",
    "recall.account: lost, without how",
    "check.conclude: a recall that is not there",
    "defect.assess: a recall that is not there",
    "container.destroy: it is on the way to the ward",
    "lot.approve: who received it",
    "container.scan: certified, and not released by the sponsor",
    "container.scan: supplied without its overlay",
    "container.scan: the new print before it is applied",
    "printer.open: too coarse for a syringe",
    "container.scan: the child weighs less than accepted",
}
REASONS = re.compile(r'<ul class="verdict-reasons">.*?</ul>', re.DOTALL)
VERDICT = re.compile(r'data-verdict="([A-Z_]+)"')
WORTH_A_COPY = 8
SIGN_IN = {"person.wrong_password", "person.password_accepted", "session.open"}  # the last: after a night, anew


def dashed(name: str) -> str:
    return name.replace(" ", "-")


def said(answer) -> list[str]:
    """The codes of a refusal, or the reasons of a verdict."""
    if answer.is_json and "reasons" in answer.json:
        return [one["code"] for one in answer.json["reasons"]]
    if answer.is_json or 'id="verdict"' not in answer.text:
        return codes(answer)
    return [code for part in REASONS.findall(answer.text) for code in CODE.findall(part)]


def verdict(answer) -> str:
    return answer.json["verdict"] if answer.is_json else VERDICT.findall(answer.text)[0]


def steps(before: tuple[Any, ...]) -> tuple[int, ...]:
    """What happens first as numbers, so that rows that start from the same state follow each other."""
    return tuple(PLACES.index(one) for one in before)


def prefixes(before: tuple[Any, ...]) -> list[tuple[int, ...]]:
    numbers = steps(before)
    return [numbers[:length] for length in range(len(numbers) + 1)]


PLACES: list[Any] = []
for one in (step for sent in (*BASES.values(), *(row.sent(BASES) for row in ROWS)) for step in sent.before):
    if one not in PLACES:
        PLACES.append(one)
ROWS.sort(key=lambda row: steps(row.sent(BASES).before))
WANTED = Counter(prefix for row in ROWS for prefix in prefixes(row.sent(BASES).before))
WANTED.update(prefix for sent in BASES.values() for prefix in prefixes(sent.before))


def arrive(world: World, sent: Sent) -> None:
    """A state that others need too is kept, where going there again would take longer than a copy."""
    reach(world, sent.before, keep=WANTED[steps(sent.before)] * len(sent.before) >= WORTH_A_COPY)


def one_of_each() -> list[Row]:
    """A row for each act of the table: the one with the most reasons, so that the rules are told the most."""
    chosen: dict[str, Row] = {}
    for row in ROWS:
        act = row.sent(BASES).act
        if act not in chosen or len(row.codes) > len(chosen[act].codes):
            chosen[act] = row
    return [row for row in ROWS if row in chosen.values()]


ELSEWHERE = one_of_each()
NARROW = [row for row in ROWS if row in ELSEWHERE or AT_THE_COUNTER.intersection(row.codes)]
TRIED = [
    pytest.param(engine, row, id=f"{engine}-{dashed(row.name)}", marks=[] if row in NARROW else pytest.mark.wide)
    for place, engine in enumerate(databases())
    for row in (ELSEWHERE if place else ROWS)
]


def doors_of(world: World, row: Row) -> tuple[str, ...]:
    """Page and API for one row of each act and for what is read at the counter; the others take turns, as all do on
    another database than the first of the run."""
    both = world.engine_name == databases()[0] and (row in NARROW)
    return DOORS if both else (DOORS[ROWS.index(row) % 2],)


@pytest.mark.req("P11-10f", "ATMP-11-CHECK")
@pytest.mark.parametrize(("world", "row"), TRIED, indirect=["world"])
@pytest.mark.every_case
def test_one_fault_is_refused_with_its_code_and_changes_nothing(world: World, row: Row):
    """Every row, and one of each act through page and API; on PostgreSQL every act once, through one of the two.

    Which fault of a field leads to which code is decided before a database is asked, and page and API ask it the same;
    a rule is pure. What a database may do otherwise is what an act reads, so each act is met there.

    Rows that begin with the same records follow each other on them, because a refusal leaves them as they are. A row
    that did not leave the next one a new start.
    """
    hold(world, row, doors_of(world, row))


@pytest.mark.hostile
@pytest.mark.req("P11-10f", "ATMP-11-CHECK")
@pytest.mark.parametrize(("world", "row"), TRIED, indirect=["world"])
@pytest.mark.every_case
def test_each_fault_is_refused_alike_on_its_page_and_by_the_api(world: World, row: Row):
    hold(world, row, DOORS)


def hold(world: World, row: Row, through: tuple[str, ...]) -> None:
    sent = row.sent(BASES)
    arrive(world, sent)
    with as_it_was(world):
        opened = doors(world, sent, through)
        before = world.known or world.digests()
        told = {door.name: assert_refused(world, door, row) for door in opened}
        if len(told) == len(DOORS) and AT_THE_COUNTER.intersection(row.codes):
            assert_understood(told)
        after = world.known = world.digests()
        assert changes(before, after) == ({"scan"} if row.verdict else set())


@contextmanager
def as_it_was(world: World) -> Iterator[None]:
    """Where anything in it fails, nobody builds on the records as they are then."""
    try:
        yield
    except BaseException:
        world.happened = None
        raise


def assert_understood(told: dict[str, TestResponse]) -> None:
    """The page in the person's language, nearly always Dutch, and the API in English say what, who and next."""
    refusals = refusals_in(told["api"].json)
    spoken = language_of(told["page"])
    assert spoken == "nl" or not AT_THE_COUNTER & {one.code for one in refusals}
    for door, language in (("page", spoken), ("api", "en")):
        assert not_told(told[door], language, refusals) == [], door
        assert unclear(language, refusals) == [], door


def assert_refused(world: World, door: Door, row: Row) -> TestResponse:
    seq = world.last_seq()
    earlier = scans(world) if row.verdict else {}
    answer = door.send()
    assert sorted(said(answer)) == sorted(row.codes), f"{door.name}: {answer.status_code}"
    if row.verdict:
        kept = [word for scan_id, word in scans(world).items() if scan_id not in earlier]
        assert (answer.status_code, verdict(answer), kept) == (200, "DENY", ["DENY"]), door.name
    else:
        assert_only_refused(world, seq, row, door.name, status=answer.status_code)
    return answer


def changes(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {table for table in after if before[table] != after[table]}


def scans(world: World) -> dict[str, str]:
    with world.site.database.reading() as session:
        return {row.id: row.verdict for row in session.query(ScanRow)}


def assert_only_refused(world: World, seq: int, row: Row, door: str, *, status: int) -> None:
    """The log of refusals grew, by this one; a counted password apart, nothing was done."""
    assert status == max(CATALOGUE[code].status for code in row.codes), door
    entries = world.trail_since(seq)
    assert {one["outcome"] for one in entries if one["action"] not in SIGN_IN} == {"refused"}, door
    noted = [one["code"] for one in json.loads(entries[-1]["payload"])["refusals"]]
    assert sorted(noted) == sorted(row.codes), door


@pytest.mark.parametrize("world", databases()[:1], indirect=True)
@pytest.mark.parametrize("base", sorted(BASES, key=lambda name: steps(BASES[name].before)), ids=dashed)
def test_without_its_fault_it_is_accepted(world: World, base: str):
    """One database is enough for what the table rests on; page and API take turns."""
    sent = BASES[base]
    arrive(world, sent)
    (door,) = doors(world, sent, (DOORS[list(BASES).index(base) % 2],))
    before, earlier = world.digests(), signatures(world)
    answer = door.send()
    world.happened = None
    assert said(answer) == [], answer.status_code
    assert answer.status_code in {200, 201, 303}
    if sent.act.startswith("container.scan"):
        assert verdict(answer) == "ALLOW_CONDITIONAL"
    assert world.digests() != before
    if ACTS[sent.act].signs:
        assert unsigned(world, sent, earlier) == []


def signatures(world: World) -> set[str]:
    with world.site.database.reading() as session:
        return set(session.execute(sa.select(SignatureRow.id)).scalars())


def unsigned(world: World, sent: Sent, earlier: set[str]) -> list[Any]:
    """What was typed and does not stand in every signature of the act, as it was typed, beside the reason; and what does and
    must not: a password, and what was scanned."""
    with world.site.database.reading() as session:
        rows = session.execute(sa.select(SignatureRow.document).where(SignatureRow.id.not_in(earlier)))
        signed = [json.loads(one) for one in rows.scalars()]
    fields = typed(world, sent)
    reason = fields.pop("reason", None) or fields.get("change_reason")
    left_out = {*ENVELOPE, *(SCANNED if sent.act == "container.scan_typed" else ())}
    kept = {name: value for name, value in fields.items() if name not in left_out and value is not None}
    wrong = [(name, value) for name, value in kept.items() for one in signed if not same(one["submitted"], name, value)]
    wrong += [(name, "kept") for one in signed for name in left_out if name in one["submitted"]]
    acts = [one["act"] for one in signed if (one["act"], one["reason"]) != (sent.act, reason)]
    people = {one["signer_id"] for one in signed}
    return [*wrong, *acts, *([] if len(people) == ACTS[sent.act].signs else [people])]


def same(submitted: dict[str, Any], name: str, value: Any) -> bool:
    if isinstance(value, Attached):
        return bool(submitted[name]["sha256"] == hashlib.sha256(value.body).hexdigest())
    return words(submitted.get(name)) == words(value)


def words(value: Any) -> list[str]:
    """A form sends one of many as one, and everything as text."""
    return [str(one) for one in (value if isinstance(value, list) else [value])]


def test_every_row_is_one_fault_away():
    assert {row.name for row in ROWS if row.faults() != 1} == TWO_PLACES
    assert {row.base for row in ROWS} == set(BASES)


def test_every_act_is_met_on_the_second_database_too():
    assert {row.sent(BASES).act for row in ELSEWHERE} == {row.sent(BASES).act for row in ROWS}
    assert len(ELSEWHERE) >= 100


@pytest.mark.req("DSP-SCAN")
def test_each_of_the_commonest_reasons_at_the_counter_is_met():
    assert len(AT_THE_COUNTER) >= 20
    assert sorted(AT_THE_COUNTER - {code for row in ROWS for code in row.codes}) == []


def test_a_sentence_that_people_cannot_read_is_seen():
    plain = Refusal("STATE_NOT_ALLOWED", (("action", "apply"), ("record", "label"), ("state", "voided")))
    assert unclear("nl", [plain]) == unclear("en", [plain]) == []
    for name in ("print_label", "LABEL_VOID", "label:print", "None"):
        assert unclear("en", [Refusal(plain.code, (*plain.facts[:2], ("state", name)))])
    assert unclear("nl", [Refusal(plain.code, (*plain.facts[:2], ("state", "not with the batch")))])


def test_the_table_is_broad():
    assert len(ROWS) >= 60
    assert [name for name, times in Counter(row.name for row in ROWS).items() if times > 1] == []
    assert {code for row in ROWS for code in row.codes} <= set(CATALOGUE)
    assert len({code for row in ROWS for code in row.codes}) >= 90
