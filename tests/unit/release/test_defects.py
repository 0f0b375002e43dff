"""Who closes a defect, in which state, and that what follows from it is on record."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from kernel.permissions import allows
from kernel.refusals import Refusal
from manufacturing.domain.protocol import parse_protocol
from release.domain.defects import (
    DEFECT,
    ClosingDefect,
    DefectStatus,
    FollowUp,
    follow_up_refusals,
    reporting_refusals,
    somebody_else_closes,
)
from release.domain.late_results import HOURS, clocks, waiting

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PROTOCOL = json.loads((Path(__file__).parents[3] / "config/presets/protocol.json").read_text(encoding="utf-8"))["body"]
PRESET = {role: timedelta(hours=hours) for role, hours in (("Dr", 1), ("Ph", 1), ("QP", 4), ("Sp", 24))}
ROLES = ("T", "QA", "QP", "Ph", "Sp", "Dr", "N", "Ad", "In")
MAY = {"assess": {"QA"}, "close": {"QA", "QP"}}
FROM = {"assess": {DefectStatus.REPORTED, DefectStatus.ASSESSED}, "close": {DefectStatus.ASSESSED}}


@pytest.mark.req("ATMP-14-DEFECT")
@pytest.mark.parametrize(("action", "state", "role"), list(product(MAY, DefectStatus, ROLES)))
def test_each_act_has_its_states_and_its_roles(action, state, role):
    found = DEFECT.transition(action, state)
    assert isinstance(found, Refusal) is (state not in FROM[action])
    assert allows(f"defect:{action}", {role}) is (role in MAY[action])
    assert allows("defect:report", {role}) is (role in {"QA", "QP", "Ph", "Dr", "N"})


@pytest.mark.req("ATMP-14-DEFECT")
@pytest.mark.parametrize(("signer", "refused"), [("ph1", True), ("qa1", True), ("qa2", False)])
def test_who_reported_or_assessed_it_does_not_close_it(signer, refused):
    said = somebody_else_closes(ClosingDefect(signer, reporter="ph1", assessor="qa1"))
    assert (said.code if said else None) == ("SOD_DEFECT" if refused else None)
    close = next(one for one in DEFECT.transitions if one.action == "close")
    assert close.guards == (somebody_else_closes,)


@pytest.mark.req("ATMP-14-DEFECT")
@pytest.mark.parametrize(
    ("follow_up", "number", "code"),
    [
        (FollowUp.NOTHING, "", None),
        (FollowUp.DEVIATION, "", "MISSING_FIELD"),
        (FollowUp.RECALL, "RC-2026-009", "DEFECT_FOLLOW_UP"),
        (FollowUp.RECALL, "RC-2026-001", None),
    ],
)
def test_what_follows_is_named_and_on_record(follow_up, number, code):
    said = follow_up_refusals(follow_up, number, frozenset({"RC-2026-001"}))
    assert [one.code for one in said] == ([code] if code else [])


def test_a_defect_was_seen_before_it_was_reported():
    assert reporting_refusals(NOW, NOW) == ()
    assert [one.code for one in reporting_refusals(NOW + timedelta(minutes=1), NOW)] == ["FUTURE_TIME"]


@pytest.mark.req("QC-LATE-OOS")
def test_everybody_who_has_to_know_of_a_late_failure_is_overdue_after_his_own_time():
    for role, within in PRESET.items():
        on_time, late = (waiting(NOW, set(PRESET) - {role}, NOW + within + more, PRESET) for more in MOMENTS)
        assert [(one.role, one.overdue) for one in (*on_time, *late)] == [(role, False), (role, True)]
    assert waiting(NOW, set(PRESET), NOW, PRESET) == ()
    assert [one.role for one in waiting(NOW, (), NOW, PRESET)] == ["Dr", "Ph", "QP", "Sp"]


@pytest.mark.req("QC-LATE-OOS")
@pytest.mark.parametrize(("role", "name"), HOURS.items())
def test_the_protocol_says_within_how_many_hours_each_of_them_answers(role, name):
    body = deepcopy(PROTOCOL)
    next(one for one in body["settings"] if one["key"] == name)["value"] = "72"
    changed = clocks(parse_protocol(body))
    assert changed[role] == timedelta(hours=72)
    assert {one: time for one, time in changed.items() if one != role} == {
        one: time for one, time in PRESET.items() if one != role
    }
    assert clocks(parse_protocol(PROTOCOL)) == clocks(None) == PRESET


MOMENTS = (timedelta(0), timedelta(microseconds=1))
