"""What two people do at the same moment is done or refused, one after the other; nobody is answered with a fault."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from config.demo import Stage
from config.playing import text
from kernel.accounts.credentials import count_failure
from kernel.accounts.queries import find_person
from release.services import decisions
from tests.races.pages import CONFIRMED, Outcome, act, all_at_once

PEOPLE = 6
WINDOW = 0.3


def ends(outcomes: list[Outcome]) -> Counter[str]:
    """How often each way to end was seen; a fault by its name."""
    return Counter(
        "done" if one.done else type(one.error).__name__ if one.error else ",".join(one.codes) for one in outcomes
    )


def person(stage: Stage, _facts: dict[str, Any]) -> Any:
    given = {"login": "newcomer", "full_name": "New Comer", "roles": ["T"], "language": "nl"}
    return act(stage, "admin1", "person.request", **given)


def plan(stage: Stage, _facts: dict[str, Any]) -> Any:
    given = {"subject_code": "NK-07", "donor_code": "D-07", "number_kind": "facility", "number": "F-2026-0007"}
    today = stage.clock.now().date().isoformat()
    consent = {"consent_reference": "DC-NK-07", "consented_on": today}
    return act(stage, "tech1", "collection.plan", planned_on=today, mobilised=False, **given, **consent)


def register(stage: Stage, _facts: dict[str, Any]) -> Any:
    given = {"code": "NK-50", "diagnosis": "ALL", "donor_type": "cord_blood", "age_years": "5", "age_months": "1"}
    return act(stage, "sponsor1", "subject.register", transplanted_on="2026-11-01", **given)


def order(stage: Stage, facts: dict[str, Any]) -> Any:
    given = {"volume_ml": "40", "duration_minutes": "60", "ward": "Transplant unit"}
    return act(
        stage,
        "doctor1",
        "order.write",
        subject_code=facts["subject"],
        infusion_on=text(stage.clock.now())[:10],
        **given,
    )


def certify(stage: Stage, facts: dict[str, Any], **given: Any) -> Any:
    return act(stage, "qp1", "release.stage_one", batch_id=facts["batch"], **CONFIRMED, **given)


@pytest.mark.parametrize(
    ("point", "does", "table"),
    [
        ("ready", person, "person WHERE login = 'newcomer'"),
        ("ready", plan, "collection WHERE number = 'F-2026-0007'"),
        ("ready", register, "subject WHERE code = 'NK-50'"),
        ("certified", order, "infusion_order"),
        ("reviewed", certify, "decision WHERE kind = 'stage1'"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_can_be_done_once_is_done_once_by_all_at_once(scene, point, does, table):
    with scene(point) as (here, stage):
        found = ends(all_at_once([lambda: does(stage, here.facts)] * PEOPLE))
        assert found["done"] == 1
        assert set(found) <= {"done", "DUPLICATE_ID", "STALE_VERSION", "STATE_NOT_ALLOWED", "ORDER_OPEN"}
        assert len(here.rows(f"SELECT id FROM {table}")) == 1
        assert here.verified().faults == []


def test_the_last_place_of_the_trial_goes_to_one_of_two(scene):
    """Eleven are included, twelve is the target."""

    def include(code: str) -> Callable[[], Any]:
        given = {"consent_reference": f"IC-{code}", "consented_on": "2026-11-20"}
        return lambda: act(stage, "sponsor1", "subject.include", subject_id=stage.subjects[code], **given)

    with scene("ready") as (here, stage):
        found = ends(all_at_once([include(code) for code in ("NK-12", "NK-13", "NK-17", "NK-19")]))
        assert found == {"done": 1, "TARGET_REACHED": 3}
        assert len(here.rows("SELECT id FROM subject WHERE status = 'included'")) == 12


def test_drafts_of_one_document_at_once_become_versions_one_after_the_other(scene):
    with scene("ready") as (here, stage):
        draft = [lambda: act(stage, "qa1", "document.draft", preset="specification")] * PEOPLE
        assert ends(all_at_once(draft)) == {"done": PEOPLE}
        numbers = here.rows("SELECT number FROM document WHERE kind = 'specification' ORDER BY number")
        assert [row.number for row in numbers] == list(range(1, PEOPLE + 2))


@pytest.fixture
def taken(monkeypatch):
    """Set while a certification holds the register and has not signed yet; it takes its time there."""
    proper, event = decisions.lock_register, threading.Event()

    def slowly(work: Any) -> None:
        proper(work)
        event.set()
        time.sleep(WINDOW)

    monkeypatch.setattr(decisions, "lock_register", slowly)
    return event


def during(taken: threading.Event, first: Callable[[], Any], second: Callable[[], Any]) -> list[Outcome]:
    """``second`` begins while ``first`` is under way."""

    def later() -> Any:
        taken.wait(10)
        return second()

    return all_at_once([first, later])


def test_a_wrong_password_for_the_qp_while_she_certifies_harms_neither(scene, taken):
    """Somebody else types it; the account is counted on, the certification goes through (lock order, decision 39)."""
    with scene("reviewed") as (here, stage):
        database, qp = stage.site.database, account(stage, "qp1")
        found = ends(
            during(
                taken,
                lambda: certify(stage, here.facts),
                lambda: count_failure(database, qp, "qp1", "session.open"),
            )
        )
        assert found == {"done": 2}
        assert [row.failed_count for row in here.rows("SELECT failed_count FROM person WHERE login = 'qp1'")] == [1]


def account(stage: Stage, login: str) -> str:
    with stage.site.database.reading() as session:
        row = find_person(session, login)
        assert row is not None
        return row.id


def test_two_trials_opened_at_once_are_one_trial(scene):
    """One installation serves one open trial at a time."""

    def open_trial(number: int) -> Callable[[], Any]:
        given = {"code": f"NL-OMON2606{number}", "title": "A trial of natural killer cells"}
        return lambda: act(stage, "sponsor1", "trial.open", eu_trial_number=f"2011-00151{number}-34", **given)

    with scene("people") as (here, stage):
        found = ends(all_at_once([open_trial(number) for number in range(PEOPLE)]))
        assert found == {"done": 1, "TRIAL_ALREADY_OPEN": PEOPLE - 1}
        assert len(here.rows("SELECT id FROM trial WHERE status = 'open'")) == 1


def test_first_versions_approved_at_once_are_one_effective_version(scene):
    """Two drafts of the same kind, the last approval of each at the same moment."""
    with scene("people") as (here, stage):
        drafts = [act(stage, "qa2", "document.draft", preset="specification").body["id"] for _ in range(2)]
        for one in drafts:
            act(stage, "qa1", "document.approve", document_id=one, role="QA")

        def approve(document_id: str) -> Callable[[], Any]:
            return lambda: act(stage, "qp1", "document.approve", document_id=document_id, role="QP")

        found = ends(all_at_once([approve(one) for one in drafts]))
        assert set(found) <= {"done", "STALE_VERSION"}
        assert len(here.rows("SELECT id FROM document WHERE status = 'effective'")) == 1
