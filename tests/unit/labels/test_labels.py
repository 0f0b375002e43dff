from __future__ import annotations

from dataclasses import replace

import pytest

from kernel.lifecycle import Transition
from kernel.refusals import Refusal
from labels.domain.labels import (
    LABEL,
    LabelActFacts,
    LabelCounts,
    LabelStatus,
    label_count_refusals,
    label_status_refusals,
)

GOOD = LabelActFacts(
    actor="second",
    printers=frozenset({"first"}),
    printed_text="NKTLX",
    scanned_text="NKTLX",
    container="c1",
    scanned_container="c1",
    reason="label torn in the printer",
    replacement=LabelStatus.VERIFIED,
)
WAY = {
    "print": (LabelStatus.GENERATED, LabelStatus.PRINTED),
    "verify": (LabelStatus.PRINTED, LabelStatus.VERIFIED),
    "apply": (LabelStatus.VERIFIED, LabelStatus.APPLIED),
    "void": (LabelStatus.PRINTED, LabelStatus.VOIDED),
    "destroy": (LabelStatus.VOIDED, LabelStatus.DESTROYED),
    "supersede": (LabelStatus.APPLIED, LabelStatus.SUPERSEDED),
}


def codes(action, facts):
    transition = LABEL.transition(action, WAY[action][0])
    return [refusal.code for guard in transition.guards if (refusal := guard(facts))]


@pytest.mark.parametrize("action", WAY)
def test_a_faultless_act_leads_to_its_state(action):
    transition = LABEL.transition(action, WAY[action][0])
    assert isinstance(transition, Transition)
    assert transition.target is WAY[action][1]
    assert codes(action, GOOD) == []


@pytest.mark.parametrize(
    ("action", "change", "code"),
    [
        pytest.param("verify", {"actor": "first"}, "SOD_LABEL", marks=pytest.mark.req("LBL-VERIFY")),
        pytest.param("verify", {"scanned_text": "NKTLY"}, "LABEL_UNREAD", marks=pytest.mark.req("LBL-VERIFY")),
        ("verify", {"scanned_text": "", "printed_text": ""}, "LABEL_UNREAD"),
        ("apply", {"scanned_container": "c2"}, "LABEL_CONTAINER"),
        ("apply", {"scanned_container": "", "container": ""}, "LABEL_CONTAINER"),
        pytest.param("apply", {"others_in_progress": ("c2",)}, "LABEL_IN_PROGRESS", marks=pytest.mark.req("LBL-TWO")),
        pytest.param("print", {"others_in_progress": ("c2",)}, "LABEL_IN_PROGRESS", marks=pytest.mark.req("LBL-TWO")),
        pytest.param("void", {"reason": " "}, "MISSING_REASON", marks=pytest.mark.req("LBL-REPRINT")),
        ("void", {"reason": "Typo"}, "MISSING_REASON"),
        ("supersede", {"reason": "x"}, "MISSING_REASON"),
        pytest.param("supersede", {"replacement": None}, "LABEL_REPLACEMENT", marks=pytest.mark.req("LBL-RELABEL")),
        ("supersede", {"replacement": LabelStatus.PRINTED}, "LABEL_REPLACEMENT"),
    ],
)
def test_one_fault_gives_exactly_its_reason(action, change, code):
    assert codes(action, replace(GOOD, **change)) == [code]


@pytest.mark.parametrize("action", ["verify", "apply", "void", "supersede"])
def test_empty_facts_refuse(action):
    assert codes(action, LabelActFacts())


@pytest.mark.parametrize("status", LabelStatus)
@pytest.mark.parametrize("action", WAY)
def test_every_other_way_is_closed(action, status):
    sources = {WAY[action][0]}
    if action == "void":
        sources = {LabelStatus.GENERATED, LabelStatus.PRINTED, LabelStatus.VERIFIED, LabelStatus.APPLIED}
    assert isinstance(LABEL.transition(action, status), Transition) is (status in sources)


def test_nothing_leaves_a_destroyed_or_superseded_label():
    assert LABEL.terminal() == {LabelStatus.DESTROYED, LabelStatus.SUPERSEDED}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (LabelStatus.GENERATED, "LABEL_UNVERIFIED"),
        (LabelStatus.PRINTED, "LABEL_UNVERIFIED"),
        (LabelStatus.VERIFIED, "LABEL_UNVERIFIED"),
        (LabelStatus.VOIDED, "LABEL_VOID"),
        (LabelStatus.DESTROYED, "LABEL_VOID"),
        (LabelStatus.SUPERSEDED, "LABEL_SUPERSEDED"),
    ],
)
def test_only_an_applied_label_speaks_for_its_container(status, code):
    (refusal,) = label_status_refusals(status, number="NK1-01-01-X", replaced_by="NK1-01-02-Y")
    assert refusal.code == code
    assert "NK1-01-01-X" in str(refusal)
    assert label_status_refusals(LabelStatus.APPLIED, number="NK1-01-01-X") == ()


def test_a_replaced_label_points_to_the_new_one():
    (refusal,) = label_status_refusals(LabelStatus.SUPERSEDED, number="A", replaced_by="NK1-01-02-Y")
    assert refusal.fact("replaced_by") == "NK1-01-02-Y"


@pytest.mark.req("LBL-SERIAL")
@pytest.mark.parametrize(("printed", "fits"), [(3, False), (4, True), (5, False)])
def test_every_printed_label_is_accounted_for(printed, fits):
    refusals = label_count_refusals(LabelCounts(printed=printed, applied=3, destroyed=1))
    assert (refusals == ()) is fits
    assert all(isinstance(refusal, Refusal) and refusal.code == "LABEL_COUNT" for refusal in refusals)


@pytest.mark.req("LBL-SERIAL")
def test_each_label_that_is_missing_is_named_with_its_state():
    missing = (("NK1-01-01-X", "voided"), ("NK1-01-02-Y", "printed"))
    (refusal,) = label_count_refusals(LabelCounts(printed=6, applied=3, destroyed=1, missing=missing))
    assert "6 labels were printed, but 4" in str(refusal)
    assert "NK1-01-01-X voided, NK1-01-02-Y printed" in str(refusal)


@pytest.mark.req("LBL-SERIAL")
def test_a_missing_label_keeps_the_count_open_even_where_the_numbers_agree():
    assert label_count_refusals(LabelCounts(printed=4, applied=3, destroyed=1, missing=(("NK1-01-01-X", "printed"),)))
    (refusal,) = label_count_refusals(LabelCounts(printed=5, applied=3, destroyed=1))
    assert refusal.fact("missing") == "–"


@pytest.mark.parametrize("status", [LabelStatus.VOIDED, LabelStatus.SUPERSEDED])
def test_what_replaces_a_label_is_named_or_a_dash(status):
    for given, shown in (("NK1-01-02-Y", "NK1-01-02-Y"), ("", "–")):
        (refusal,) = label_status_refusals(status, number="A", replaced_by=given)
        assert refusal.fact("replaced_by") == shown


@pytest.mark.parametrize(("reason", "given"), [("torn", False), ("torn!", True), (" torn  ", False)])
def test_a_reason_has_five_letters(reason, given):
    assert codes("void", replace(GOOD, reason=reason)) == ([] if given else ["MISSING_REASON"])


def test_the_other_containers_being_labelled_are_named():
    transition = LABEL.transition("print", LabelStatus.GENERATED)
    (refusal,) = [one for guard in transition.guards if (one := guard(replace(GOOD, others_in_progress=("c2", "c3"))))]
    assert refusal.fact("other") == "c2, c3"


def test_an_applied_new_label_replaces_as_well_as_a_verified_one():
    assert codes("supersede", replace(GOOD, replacement=LabelStatus.APPLIED)) == []
