"""What the system wrote as the reason of a hold is said in the reader's language; what people typed stands as typed."""

from __future__ import annotations

import pytest

import release.pages.trial  # noqa: F401  (which tells what the system writes)
from kernel.web.i18n import Speech
from manufacturing.domain.holds import held_refusal
from manufacturing.domain.trial import TRIAL_ON_HOLD
from release.domain.results import FAILED, failed_parts
from release.domain.safety import TOO_MANY, SafetyCount

GREW = FAILED % {"criterion": "Sterility of the final container", "shown": "positive"}
THREE = TOO_MANY[SafetyCount.PATIENTS] % {"count": 3, "limit": 2}
DUTCH = Speech("nl")


@pytest.mark.req("DSP-SCAN")
@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (held_refusal("batch", "oos", GREW), "Steriliteit van de eindcontainer: positief"),
        (TRIAL_ON_HOLD(reason=THREE), "3 patiënten met een ernstige reactie; 2 zijn aanvaardbaar"),
        (held_refusal("batch", "person", "freezer 3: the door stood open"), "freezer 3: the door stood open"),
    ],
)
def test_a_dutch_refusal_says_why_in_dutch(refusal, words):
    assert DUTCH.refusal(refusal)["sentence"].endswith(words)
    assert dict(refusal.facts)["reason"] in {GREW, THREE, words}, "as it was written"


@pytest.mark.parametrize("shown", ["positive", "few gram-positive rods (no organisms)", "0.3: estimated"])
def test_the_parts_of_a_failure_are_those_it_was_written_from(shown):
    parts = {"criterion": "Sterility of the final container", "shown": shown}
    assert failed_parts(FAILED % parts) == parts


def test_a_line_of_work_about_a_failure_is_dutch_throughout():
    said = DUTCH.say("waits for the decision of QA: %(criterion)s: %(shown)s", **failed_parts(GREW))
    assert said == "wacht op de beslissing van QA: Steriliteit van de eindcontainer: positief"
