"""A rule that is changed is noticed by a unit test of its package, or the change is none (hazards 3j)."""

from __future__ import annotations

import pytest

from tests.hostile.mutation import run
from tests.hostile.rules import KERNEL, MEASURED, WITHOUT_RULES, modules
from tests.hostile.scores import explained, keep, scores

LEAST = 95


def test_what_is_named_is_there():
    assert {*MEASURED, *WITHOUT_RULES} <= {*modules(), *KERNEL}
    assert {path for path, _ in explained()} <= set(MEASURED)
    assert all(explained().values()), "a survivor without its reason"


def test_what_was_measured_noticed_nearly_every_fault():
    for path, score in scores().items():
        faults, noticed = int(score["faults"]), int(score["noticed"])
        assert 100 * noticed >= LEAST * faults, path
        assert faults - noticed == sum(one == path for one, _ in explained()), path


@pytest.mark.hostile
def test_a_fault_in_a_rule_is_noticed():
    lines, why = run(list(MEASURED)), explained()
    keep(lines)
    alive = {(line["path"], line["key"]) for line in lines if line["verdict"] != "killed"}
    assert sorted(alive - set(why)) == [], "faults that no unit test notices"
    assert sorted(set(why) - alive) == [], "explained, but noticed or gone"
