"""What the system wrote as the reason of a hold is said in the reader's language; what people typed stands as typed."""

from __future__ import annotations

import pytest

import release.pages.trial  # noqa: F401  (which tells what the system writes)
from kernel.web.i18n import Speech
from manufacturing.domain.holds import held_refusal
from manufacturing.domain.trial import TRIAL_ON_HOLD
from release.domain.results import FAILED
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
