"""One product from its failed result to the trial's figures: supplied at the physician's request, infused, never in F."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.web.clients import connect
from tests.web.refusals.rows_giving import BOX, INFUSED, OF_KEPT
from tests.web.refusals.rows_supply import GIVE_OUT, READY, SCAN
from tests.web.refusals.sending import Sent, reach
from tests.web.refusals.world import World

WAY = (
    *READY,
    GIVE_OUT,
    Sent("pharm1", "dispensing.hand_over", OF_KEPT, BOX, "nurse1"),
    Sent("nurse1", "container.scan", fields=SCAN | {"place": "bedside"}),
    timedelta(minutes=40),
    Sent("nurse1", "administration.record", OF_KEPT, INFUSED | {"volume_given_ml": "35"}),
)


def figures(world: World) -> dict[str, Any]:
    answer: dict[str, Any] = connect(world.app, "sponsor1").get("/trial/feasibility").json or {}
    return answer


@pytest.mark.req("ATMP-11.53", "ATMP-11.54b", "TR-OOSFLAG", "TR-F2")
def test_from_a_confirmed_failure_to_the_trial_it_is_infused_and_never_met_all_criteria(world: World):
    reach(world, READY)
    before = figures(world)
    reach(world, WAY)
    after = figures(world)
    world.happened = None
    assert set(after["safety"]["infused"]) - set(before["safety"]["infused"]) == {"NK-11"}
    assert (before["supplied"], after["supplied"]) == ([], ["NK-11"])
    for name in ("infusion", "infusion_final"):
        assert before[name]["numerator"] == after[name]["numerator"]
    assert after["infusion_with_supplied"]["numerator"] == before["infusion_with_supplied"]["numerator"] + 1
    assert "NK-11" not in next(one for one in after["stages"] if one["key"] == "F")["subjects"]
