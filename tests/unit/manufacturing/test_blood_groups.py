"""Blood groups rest on two independent samples, and every pair of donor and recipient has its answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kernel.web.i18n import Speech
from manufacturing.domain.blood_groups import (
    Abo,
    Compatibility,
    Determination,
    Group,
    RhD,
    compatibility,
    entry_refusals,
    group_refusals,
    settled,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FIRST = Determination(Group(Abo.A, RhD.POSITIVE), "BS-1", NOW - timedelta(days=2), "first")
SECOND = replace(FIRST, sample="BS-2", sampled_at=NOW - timedelta(days=1), entered_by="second")


def codes(refusals):
    return [one.code for one in refusals]


@pytest.mark.req("F-ABO")
@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ((), ["BLOOD_GROUP_MISSING"]),
        ((FIRST,), ["BLOOD_GROUP_MISSING"]),
        ((FIRST, replace(SECOND, entered_by="first")), ["BLOOD_GROUP_MISSING"]),
        ((FIRST, SECOND), []),
        ((FIRST, replace(SECOND, group=Group(Abo.O, RhD.POSITIVE))), ["BLOOD_GROUP_DISCREPANT"]),
        ((FIRST, replace(SECOND, group=Group(Abo.A, RhD.NEGATIVE))), ["BLOOD_GROUP_DISCREPANT"]),
    ],
)
def test_a_blood_group_is_known_from_two_samples_that_agree(known, expected):
    assert codes(group_refusals("NK-01", known)) == expected
    assert (settled(known) is None) is bool(expected)


@pytest.mark.req("F-ABO")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"sample": "BS-1"}, ["BLOOD_SAMPLE_USED"]),
        ({"sampled_at": FIRST.sampled_at}, ["BLOOD_SAMPLE_USED"]),
        ({"person": "first"}, ["SOD_BLOOD_GROUP"]),
        ({"sampled_at": NOW + timedelta(minutes=1)}, ["FUTURE_TIME"]),
    ],
)
def test_the_second_sample_is_another_one_and_entered_by_somebody_else(change, expected):
    given = {"sample": "BS-2", "sampled_at": SECOND.sampled_at, "person": "second", "now": NOW, **change}
    assert codes(entry_refusals((FIRST,), **given)) == expected


PAIRS = [
    "A>A",
    "compatible",
    "A>B",
    "bidirectional",
    "A>AB",
    "minor",
    "A>O",
    "major",
    "B>A",
    "bidirectional",
    "B>B",
    "compatible",
    "B>AB",
    "minor",
    "B>O",
    "major",
    "AB>A",
    "major",
    "AB>B",
    "major",
    "AB>AB",
    "compatible",
    "AB>O",
    "major",
    "O>A",
    "minor",
    "O>B",
    "minor",
    "O>AB",
    "minor",
    "O>O",
    "compatible",
]


@pytest.mark.req("F-ABO")
@pytest.mark.parametrize(("pair", "expected"), list(zip(PAIRS[::2], PAIRS[1::2], strict=True)))
def test_every_pair_of_abo_groups_has_its_answer(pair, expected):
    donor, recipient = (Group(Abo(one), RhD.NEGATIVE) for one in pair.split(">"))
    assert compatibility(donor, recipient).name.lower() == expected


@pytest.mark.req("F-ABO")
def test_rhd_counts_towards_a_negative_recipient_only_and_the_unknown_fits_nothing():
    negative, positive = Group(Abo.A, RhD.NEGATIVE), Group(Abo.A, RhD.POSITIVE)
    assert compatibility(positive, negative) is Compatibility.MAJOR
    assert compatibility(negative, positive) is Compatibility.COMPATIBLE
    assert compatibility(Group(Abo.O, RhD.POSITIVE), negative) is Compatibility.BIDIRECTIONAL
    assert compatibility(None, positive) is compatibility(positive, None) is Compatibility.UNKNOWN


def test_every_group_and_a_disagreement_are_read_in_the_readers_language():
    """What is signed and stored is one text, whoever reads it."""
    dutch = [Speech("nl").word(Group(abo, rhd).text()) for abo in Abo for rhd in RhD]
    assert dutch == [f"{abo} RhD {said}" for abo in Abo for said in ("positief", "negatief")]
    (found,) = group_refusals("NK-01", (FIRST, replace(SECOND, group=Group(Abo.O, RhD.NEGATIVE))))
    assert "A RhD positief, O RhD negatief" in Speech("nl").refusal(found)["sentence"]
    assert "A RhD positive, O RhD negative" in Speech("en").refusal(found)["sentence"]
