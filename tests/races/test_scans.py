"""Scans through the door: no valid container is refused, and no other code than an issued one is taken (hazards e, L3)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from config.demo import Stage
from kernel.db import make_engine, storable
from kernel.refusals import Refusal
from labels.domain.payload import ScannedLabel
from labels.keys import load_label_keys
from labels.queries.scanning import read_label_text
from manufacturing.domain.expiry import local_day
from release.queries.dispensing import holds_over
from release.queries.scanning import scanned
from tests.bench.copies import Copier, story_of
from tests.databases import databases
from tests.races.deeds import CODES
from tests.races.installations import Installation, path_of
from tests.races.pages import act, all_at_once
from tests.unit.labels.test_payload import mutated
from tests.web import clients
from tests.web.refusals.test_refusals import said, verdict

VALID = (
    "SELECT l.payload, s.code FROM label l JOIN container c ON c.id = l.container_id JOIN subject s ON s.id = c.subject_id"
    " WHERE l.status = 'applied' ORDER BY l.id"
)
TWINS, MANY_TWINS = {"first": 12, "second": 8}, 200
CODES_SENT, MANY_CODES = 300, 20_000
SEED, FEWEST = 20261128, 8
DISPENSE = path_of("container.scan")
NO_FIELD = ["FIELD_INVALID"]
NIGHT = timedelta(hours=1)  # the order is for one day in Amsterdam


def dressed(chance: random.Random, payload: str) -> str:
    """As scanners deliver it: with a suffix, an AIM identifier, under Caps Lock."""
    text = chance.choice([payload, payload, payload.lower()])
    return chance.choice(["", "]Q1"]) + text + chance.choice(["", "\r", "\n", "\r\n", "\t", "\r\n\r\n"])


def ask(client: clients.Client, **codes: str) -> dict[str, Any]:
    answer = client.post(DISPENSE, CODES | codes)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def copies(here: Installation, stage: Stage, count: int) -> list[Any]:
    """Label and subject of so many valid containers, the story's own the first."""
    base = stage.site.database
    with base.reading() as session:
        told = story_of(session, here.facts["subject_id"])
    Copier(base, load_label_keys(here.folder, demo=True), [told], register=10).copy(count - 1)
    valid = here.rows(VALID)
    assert len(valid) == count
    return valid


def refused_twins(scene, count: int) -> list[str]:
    """So many valid containers, each scanned by somebody at some moment of its time. Which were not allowed, and why."""
    with scene("ready") as (here, stage):
        valid, chance = copies(here, stage, count), random.Random(SEED)  # noqa: S311  (repeatable on purpose)
        pharmacists = [clients.connect(stage.app, login, stage.password) for login in ("pharm1", "pharm2")]
        first = ask(pharmacists[0], label_code=valid[0].payload, subject_code=valid[0].code)
        until = datetime.fromisoformat(first["usable_until"])
        while local_day(until) != local_day(stage.clock.now()):
            until -= NIGHT
        moments = sorted(chance.uniform(0, (until - here.now).total_seconds() - 1) for _ in valid)
        wrong = []
        for (payload, code), moment in zip(chance.sample(valid, count), moments, strict=True):
            stage.clock.advance(here.now + timedelta(seconds=moment) - stage.clock.now())
            found = ask(chance.choice(pharmacists), label_code=dressed(chance, payload), subject_code=code)
            if found["verdict"] != "ALLOW_CONDITIONAL" or found["subject"] != code:
                wrong.append(f"{code} at {stage.clock.now()}: {[one['code'] for one in found['reasons']]}")
        return wrong


@pytest.mark.req("DSP-SCAN")
def test_every_valid_container_is_allowed_at_any_moment_of_its_time(scene, request):
    first = request.node.callspec.params["scene"] == databases()[0]
    assert refused_twins(scene, TWINS["first" if first else "second"]) == []


@pytest.mark.hostile
@pytest.mark.req("DSP-SCAN")
def test_two_hundred_valid_containers_are_all_allowed(scene):
    assert refused_twins(scene, MANY_TWINS) == []


def for_another_subject(stage: Stage, payload: str, code: str, other: str) -> Counter[tuple[str, ...]]:
    """What is said when the label is scanned with its own subject's code and another's at the same moment."""

    def with_code(subject: str) -> Callable[[], Any]:
        def scan() -> tuple[str, ...]:
            read = {"label_code": payload, "subject_code": subject, "place": "pharmacy"}
            body = act(stage, "pharm1", "container.scan", **read).body
            return subject, body["verdict"], *(one["code"] for one in body["reasons"])

        return lambda: answers.append(scan())

    answers: list[tuple[str, ...]] = []
    assert all(one.done for one in all_at_once([with_code(subject) for subject in (code, other) * 3]))
    return Counter(answers)


@pytest.mark.req("DSP-RACE")
def test_one_container_with_the_orders_of_two_subjects_is_allowed_for_its_own_only(scene):
    """Both have an order, a check of today and a container of their own (hazards b4)."""
    with scene("ready") as (here, stage):
        valid = copies(here, stage, 2)
        found = for_another_subject(stage, valid[0].payload, valid[0].code, valid[1].code)
        allowed, denied = (valid[0].code, "ALLOW_CONDITIONAL"), (valid[1].code, "DENY", "SUBJECT_MISMATCH")
        assert found == {allowed: 3, denied: 3}


@pytest.mark.req("DSP-SCAN")
def test_a_verdict_is_read_on_the_one_connection_that_holds_the_writers_turn_and_each_time_anew(scene):
    """No second engine, no copy, nothing remembered of the scan before (hazards b8)."""
    with scene("ready") as (here, stage):
        assert read_elsewhere(here, stage) == []


def read_elsewhere(here: Installation, stage: Stage) -> list[str]:
    """What is wrong with where, and how often, the records were asked for the same scan made twice."""
    client = clients.connect(stage.app, "pharm1", stage.password)
    codes = CODES | {"label_code": here.facts["label_code"], "subject_code": here.facts["subject"]}
    wrong, asked = [], []
    for _ in range(2):
        with everywhere() as said:
            assert client.post(DISPENSE, codes).json["verdict"] == "ALLOW_CONDITIONAL"
        begun = next(place for place, one in enumerate(said) if one[2].startswith(("BEGIN IMMEDIATE", "SELECT pg_adv")))
        if {one[0] for one in said} != {here.engine}:
            wrong.append("another engine was asked")
        if len({one[1] for one in said[begun:]}) != 1:
            wrong.append("another connection was asked")
        asked.append([one[2] for one in said[begun:]])
    if asked[0] != asked[1]:
        wrong.append("the second scan asked for other things")
    if sum(one.startswith("SELECT") for one in asked[0]) <= FEWEST:
        wrong.append("hardly anything was asked")
    return wrong


def from_a_copy(here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: holds are read on an engine of their own, as from a replica."""
    replica = make_engine(here.app_url)

    def asked(_session: Session, *given: Any) -> Any:
        with Session(replica) as other:
            found = holds_over(other, *given)
        replica.dispose()
        return found

    monkeypatch.setattr("release.queries.scanning.holds_over", asked)


def from_another_connection(here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the right engine, but beside the one writer's turn."""

    def asked(_session: Session, *given: Any) -> Any:
        with Session(here.engine) as other:
            return holds_over(other, *given)

    monkeypatch.setattr("release.queries.scanning.holds_over", asked)


def from_before(_here: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: what a scan found is kept for the next one of the same code."""
    kept: dict[str, Any] = {}

    def remembered(*given: Any, **codes: Any) -> Any:
        if codes["label_code"] not in kept:
            kept[codes["label_code"]] = scanned(*given, **codes)
        return kept[codes["label_code"]]

    monkeypatch.setattr("release.services.dispensing.scanned", remembered)


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (from_a_copy, "another engine was asked"),
        (from_another_connection, "another connection was asked"),
        (from_before, "the second scan asked for other things"),
    ],
    ids=["replica", "connection", "cache"],
)
def test_a_verdict_read_from_a_copy_another_connection_or_a_cache_is_caught(scene, monkeypatch, planted, found):
    with scene("ready") as (here, stage):
        planted(here, monkeypatch)
        assert found in read_elsewhere(here, stage)


@contextmanager
def everywhere() -> Iterator[list[tuple[sa.Engine, int, str]]]:
    """Every statement of this process: engine, connection, text."""
    said: list[tuple[sa.Engine, int, str]] = []

    def note(connection: sa.Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append((connection.engine, id(connection.connection.dbapi_connection), statement))

    event.listen(sa.Engine, "before_cursor_execute", note)
    yield said
    event.remove(sa.Engine, "before_cursor_execute", note)


def alone(text: str, issued: str, letters: set[str]) -> list[str]:
    """What the form of a code alone says, and that there is one print; what no form takes gets no verdict at all."""
    if not storable(text) or "\u200f" in text:
        return NO_FIELD
    read = read_label_text(text)
    if isinstance(read, Refusal):
        return [read.code]
    if not isinstance(read, ScannedLabel):
        return ["LABEL_UNKNOWN"]
    if read.text == issued:
        return []
    if read.key_letter not in letters:
        return ["LABEL_KEY_UNKNOWN"]
    return ["LABEL_FORGED" if read.label_id == issued[5:25] else "LABEL_UNKNOWN"]


def decided_otherwise(scene, count: int) -> list[str]:
    """So many mutations of an issued code, through page and API in turn. What was not decided as the parser does alone."""
    with scene("ready") as (here, stage):
        issued, chance = here.facts["label_code"], random.Random(SEED)  # noqa: S311
        letters = set(load_label_keys(here.folder, demo=True).keys)
        client = clients.connect(stage.app, "pharm1", stage.password)
        browser = clients.sign_in(stage.app, "pharm1", stage.password)
        form = browser.form(DISPENSE)
        wrong, allowed = [], 0
        for number in range(count):
            codes = CODES | {"subject_code": here.facts["subject"], "label_code": mutated(issued, chance)}
            answer = browser.post(DISPENSE, form | codes) if number % 2 else client.post(DISPENSE, codes)
            wanted = alone(codes["label_code"], issued, letters)
            found = said(answer) if answer.status_code == 422 else [verdict(answer), *said(answer)]
            allowed += not wanted
            if found != [*([] if wanted == NO_FIELD else ["DENY"] if wanted else ["ALLOW_CONDITIONAL"]), *wanted]:
                wrong.append(f"{number}: {codes['label_code']!r} was {found}, alone {wanted}")
        assert 0 < allowed < count // 4
        return wrong


@pytest.mark.req("QR-2")
@pytest.mark.parametrize("scene", databases()[:1], indirect=True)
def test_a_mutated_code_is_decided_through_the_door_as_by_the_parser_alone(scene):
    assert decided_otherwise(scene, CODES_SENT) == []


@pytest.mark.hostile
@pytest.mark.parametrize("scene", databases()[:1], indirect=True)
def test_twenty_thousand_mutated_codes_are_decided_as_by_the_parser_alone(scene):
    assert decided_otherwise(scene, MANY_CODES) == []
