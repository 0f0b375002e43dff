"""An expiry that passes between opening the screen and signing wins, as a hold does (hazards b2)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from config.demo import Stage
from kernel.clock import PEOPLE
from kernel.work import Work
from release.domain.dispensing import decide
from tests.races.installations import Installation
from tests.races.pages import DISPENSE as SCREEN
from tests.races.pages import REASON, Open, Outcome, act, open_page, sign

TICK = timedelta(microseconds=1)
OPENED = timedelta(seconds=30)  # before the instant from which it cannot be dispensed
EXPIRED = Outcome(codes=("PRODUCT_EXPIRED",))


def in_its_last_minute(here: Installation, stage: Stage) -> tuple[Open, datetime]:
    """The screen as it was opened half a minute before, and the instant from which the product cannot be dispensed.

    That instant lies on the next day, so the physician orders and checks for that day.
    """
    facts = here.facts
    until = scanned(stage, facts)["usable_until"]
    act(stage, "doctor1", "order.cancel", order_id=facts["order"], reason=REASON)
    stage.clock.move_to(until - OPENED)
    ordered(stage, facts, until.astimezone(PEOPLE).date())
    scan = scanned(stage, facts)
    assert scan["verdict"] == "ALLOW_CONDITIONAL", scan["reasons"]
    return open_page(stage, SCREEN, {**facts, "scans": [scan]}), until


def scanned(stage: Stage, facts: dict[str, Any]) -> dict[str, Any]:
    read = {"label_code": facts["label_code"], "subject_code": facts["subject"], "place": "pharmacy"}
    return dict(act(stage, "pharm1", "container.scan", **read).body)


def ordered(stage: Stage, facts: dict[str, Any], today: date) -> None:
    given = {"infusion_on": today.isoformat(), "volume_ml": "40", "duration_minutes": "60", "ward": "Transplant unit"}
    order = act(stage, "doctor1", "order.write", subject_code=facts["subject"], **given).body["id"]
    on = today.isoformat()
    values = {
        "marrow_blasts": "1.5",
        "circulating_blasts": "0",
        "neutrophils": "1.8",
        "gvhd_grade": "0",
        "steroids": "0",
    }
    dates = dict.fromkeys(("marrow_assessed_on", "circulating_assessed_on", "neutrophils_assessed_on"), on)
    answers = dict.fromkeys(("extramedullary_progression", "other_condition"), False) | {"donor_chimerism": True}
    act(stage, "doctor1", "order.check", order_id=order, source="laboratory", **values, **dates, **answers)


def signed_at(stage: Stage, opened: Open, at: datetime) -> Outcome:
    stage.clock.move_to(at)
    return sign(stage, opened)


@pytest.mark.req("DSP-RACE", "DSP-EXP")
def test_a_screen_opened_before_the_expiry_dispenses_until_its_last_microsecond_and_not_from_then_on(scene):
    with scene("ready") as (here, stage):
        opened, until = in_its_last_minute(here, stage)
        assert signed_at(stage, opened, until) == EXPIRED
        assert here.rows("SELECT id FROM dispensing") == []
    with scene("ready") as (here, stage):
        opened, until = in_its_last_minute(here, stage)
        assert signed_at(stage, opened, until - TICK).done


def while_waiting(stage: Stage, passes: Callable[[], Any], signs: Callable[[], Outcome]) -> Outcome:
    """``signs`` begins while another writer has the turn; ``passes`` happens before that one lets go."""
    outcomes: list[Outcome] = []
    waiter = threading.Thread(target=lambda: outcomes.append(signs()))
    with stage.site.database.writing():
        waiter.start()
        waiter.join(0.2)
        assert waiter.is_alive()
        passes()
    waiter.join(60)
    return outcomes[0]


@pytest.mark.req("DSP-RACE", "DSP-EXP")
def test_an_expiry_that_passes_while_the_dispensing_waits_for_its_turn_refuses_it(scene):
    """Signed in time, decided too late: the instant that counts is the one under the lock."""
    with scene("ready") as (here, stage):
        opened, until = in_its_last_minute(here, stage)
        found = while_waiting(stage, lambda: stage.clock.move_to(until), lambda: sign(stage, opened))
        assert found == EXPIRED
        assert here.rows("SELECT id FROM dispensing") == []


def test_a_dispensing_decided_by_the_time_of_its_screen_is_caught(scene, monkeypatch):
    """Planted: the second look is taken with the time of the first."""
    with scene("ready") as (here, stage):
        opened, until = in_its_last_minute(here, stage)
        then = stage.clock.now()
        monkeypatch.setattr("release.services.dispensing.decide", lambda facts, _now, *more: decide(facts, then, *more))
        assert signed_at(stage, opened, until).done


def test_a_dispensing_that_reads_the_clock_before_its_turn_is_caught(scene, monkeypatch):
    """Planted: the act is dated when it is sent, and then waits."""
    with scene("ready") as (here, stage):
        opened, until = in_its_last_minute(here, stage)
        sent = stage.clock.now()

        def dated_early(*given: Any, **more: Any) -> Work:
            return Work(*given[:4], sent, *given[5:], **more)

        monkeypatch.setattr("kernel.work.Work", dated_early)
        assert while_waiting(stage, lambda: stage.clock.move_to(until), lambda: sign(stage, opened)).done
