"""What stands before the first certification: quarantine from the filling on, and the microbiology of stage one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.release.factory import GOOD, Made, refused

PRESET = json.loads(Path("config/presets/specification.json").read_text(encoding="utf-8"))["body"]


@pytest.mark.req("ATMP-11-QUAR")
def test_a_filled_container_is_in_quarantine_until_a_qp_certifies_it(database):
    made = Made(database)
    assert made.states() == ["quarantine"]
    made.tested()
    made.review()
    assert made.states() == ["quarantine"]
    assert refused(made.sponsor) == ["NOT_CERTIFIED"]
    made.stage_one()
    assert made.states() == ["certified_pending"]


@pytest.mark.req("PHE-2.6.27-4")
@pytest.mark.parametrize("key", ["gram", "culture"])
def test_stage_one_waits_for_each_microbiological_test_and_its_verification(database, key):
    made = Made(database)
    for criterion in GOOD:
        if criterion not in {key, "sterility", "potency"}:
            made.result(criterion)
    made.inoculate()
    made.review()
    assert refused(made.stage_one) == ["RESULT_MISSING"]
    made.enter(key)
    made.review()
    assert refused(made.stage_one) == ["RESULT_UNVERIFIED"]
    made.verify(key)
    made.review()
    made.stage_one()
    assert made.states() == ["certified_pending"]


@pytest.mark.req("PHE-2.6.27-4")
def test_the_preset_asks_for_a_rapid_test_and_the_culture_to_date_before_stage_one():
    stages = {one["key"]: (one["stage"], one["mandatory"]) for one in PRESET["criteria"]}
    assert (stages["gram"], stages["culture"]) == (("pre", True), ("pre", True))
