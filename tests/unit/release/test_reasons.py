"""What the system wrote as the reason of a hold is said in the reader's language; what people typed stands as typed."""

from __future__ import annotations

from decimal import Decimal

import pytest

import release.pages.trial  # noqa: F401  (both tell what the system writes)
from kernel.web.i18n import Speech
from manufacturing.domain.collections import LEUKAPHERESIS_REJECTED
from manufacturing.domain.environment import ABOVE_ACTION
from manufacturing.domain.equipment import DOUBTED
from manufacturing.domain.holds import held_refusal
from manufacturing.domain.materials import LOT_STOPPED
from manufacturing.domain.plan import Limits
from manufacturing.domain.receipt import temperature_reason
from manufacturing.domain.trial import TRIAL_ON_HOLD
from release.domain.handing_over import excursion
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


LIMITS = Limits(Decimal(2), Decimal(25))
WRITTEN = [
    (temperature_reason(Decimal("30.5"), LIMITS), "Ontvangen bij 30.5 °C; 2 tot 25 °C is toegestaan."),
    (
        excursion(Decimal(30), LIMITS, frozen=False),
        "Bij de overdracht 30 °C gemeten; 2 tot 25 °C is toegestaan.",
    ),
    (
        DOUBTED % {"code": "EQ-1", "title": "centrifuge", "batch": "NK-26-0001", "finding": "rotor: 5 % low"},
        "EQ-1 (centrifuge) bleek na gebruik in NK-26-0001 buiten de tolerantie: rotor: 5 % low",
    ),
    (
        LOT_STOPPED
        % {
            "code": "L-1",
            "material": "wasbuffer / wash buffer",
            "lot": "77",
            "status": "recalled",
            "why": "FSN 3: a leak",
        },
        "L-1 (wasbuffer / wash buffer, 77) teruggeroepen: FSN 3: a leak",
    ),
    (
        LEUKAPHERESIS_REJECTED % {"number": "LK-0001", "why": "HIV: the second test"},
        "De leukaferese LK-0001 is afgekeurd: HIV: the second test",
    ),
    (
        ABOVE_ACTION
        % {"sample": "settle plate", "place": "BSC-1", "grade": "A", "count": 2, "unit": "CFU", "limit": 1},
        "settle plate (BSC-1, klasse A): 2 CFU, actiegrens 1.",
    ),
]


@pytest.mark.parametrize(("written", "dutch"), WRITTEN)
def test_what_the_system_holds_for_is_stored_in_one_text_and_read_in_the_readers_language(written, dutch):
    assert (DUTCH.reason(written), Speech("en").reason(written)) == (dutch, written)
    assert DUTCH.refusal(held_refusal("batch", "temperature", written))["sentence"].endswith(dutch)
