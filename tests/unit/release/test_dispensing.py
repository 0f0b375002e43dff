"""One fault gives exactly its code, for every guard of the scan; and nothing but a full set of passes allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.refusals import Refusal
from manufacturing.domain.materials import LOT_NOT_APPROVED
from manufacturing.domain.places import CUSTODY_GAP, CUSTODY_TEMPERATURE
from manufacturing.domain.plan import Limits
from manufacturing.domain.trial import TrialStatus
from release.domain.decisions import Disposition, OrderStatus, Verdict
from release.domain.dispensing import BEDSIDE_GUARDS, GUARDS, GUARDS_OF, HAND_OVER_GUARDS, NOT_CHECKED, decide
from release.domain.dispensing_refusals import LATE_OOS
from release.domain.eligibility import EligibilityForm, Reading
from release.domain.handing_over import excursion
from release.domain.results import Outcome
from release.domain.results import Verdict as Judged
from release.domain.scan_facts import UNKNOWN_CODE, ContainerFacts, HoldFacts, OrderFacts, ScanFacts, SupplyFacts

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PASS = Judged("purity", Outcome.PASS, "within the limit")
GREW = replace(PASS, key="sterility", outcome=Outcome.OOS, shown="positive")
FORM = EligibilityForm(
    signed_at=NOW - timedelta(hours=1),
    marrow_blasts_percent=Reading(Decimal(2), date(2026, 11, 12)),
    circulating_blasts_percent=Reading(Decimal(0), TODAY),
    extramedullary_progression=False,
    neutrophils_e9_per_l=Reading(Decimal("0.5"), TODAY),
    gvhd_grade=1,
    steroids_mg_per_kg_day=Decimal(1),
    other_condition=False,
)
CONTAINER = ContainerFacts(
    code="NK-26-0001-01",
    subject_code="NK-03",
    disposition=Disposition.CERTIFIED_FINAL,
    sponsor_released=True,
    record_reviewed=True,
    trial_status=TrialStatus.OPEN,
    expires_at=NOW + timedelta(hours=5),
    margin=timedelta(minutes=60),
    weight_refusals=(),
    verdicts=(PASS,),
    unverified=(),
    integrity_faults=(),
)
ORDER = OrderFacts(number="ORD-0001", subject_code="NK-03", infusion_on=TODAY, status=OrderStatus.ELIGIBLE, form=FORM)
GOOD = ScanFacts(
    label_refusals=(),
    scanned_subject="NK-03",
    container=CONTAINER,
    order=ORDER,
    database_behind=False,
    last_recorded_at=NOW,
)
BEDSIDE = replace(
    GOOD,
    container=replace(CONTAINER, dispensed_at=NOW),
    order=replace(ORDER, status=OrderStatus.HANDED_OVER),
)


def container(**changes):
    return replace(GOOD, container=replace(CONTAINER, **changes))


def order(**changes):
    return replace(GOOD, order=replace(ORDER, **changes))


def form(**changes):
    return order(form=replace(FORM, **changes))


def codes(facts, guards=GUARDS, now=NOW):
    return [refusal.code for refusal in decide(facts, now, guards).refusals]


HALF_PAST_TWO = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first of two, in Amsterdam
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.req("DSP-EXP", "CTR-VI-k")
@pytest.mark.parametrize(
    ("expires", "at", "shown"),
    [
        (HALF_PAST_TWO, HALF_PAST_TWO - MINUTE, None),
        (HALF_PAST_TWO, HALF_PAST_TWO + MINUTE, "2026-10-25 02:30 CEST"),
        (HALF_PAST_TWO + HOUR, HALF_PAST_TWO + MINUTE, None),
        (HALF_PAST_TWO + HOUR, HALF_PAST_TWO + HOUR - MINUTE, None),
        (HALF_PAST_TWO + HOUR, HALF_PAST_TWO + HOUR + MINUTE, "2026-10-25 02:30 CET"),
    ],
)
def test_an_expiry_in_the_hour_that_comes_twice_is_one_of_the_two_instants(expires, at, shown):
    for place, margin in (("pharmacy", timedelta(0)), ("bedside", HOUR)):
        facts = replace(container(expires_at=expires, margin=margin), last_recorded_at=at)
        found = [one for one in decide(facts, at, GUARDS_OF[place]).refusals if one.code == "PRODUCT_EXPIRED"]
        assert [one.fact("expires") for one in found] == ([shown] if shown else [])


@pytest.mark.req("DSP-EXP")
def test_a_clock_that_went_back_revives_nothing():
    """The product has expired by the newest line of the trail, and the server believes it is an hour earlier."""
    gone = replace(container(expires_at=NOW + timedelta(minutes=61)), last_recorded_at=NOW + HOUR)
    assert decide(gone, NOW).verdict is Verdict.DENY
    assert codes(gone) == ["CLOCK_UNTRUSTED"]


@pytest.mark.req("DSP-GUARD", "DSP-SCAN")
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(GOOD, label_refusals=(LATE_OOS(),), container=None), "LATE_OOS"),
        (replace(GOOD, container=None), "INTERNAL_ERROR"),
        (replace(GOOD, typed=True), "SECOND_PERSON_NEEDED"),
        (container(disposition=Disposition.QUARANTINE), "NOT_CERTIFIED"),
        (container(disposition=None), "NOT_CERTIFIED"),
        (container(disposition=Disposition.REJECTED), "BATCH_REJECTED"),
        (container(disposition=Disposition.LATE_OOS), "LATE_OOS"),
        (container(record_reviewed=False), "RECORD_UNDER_CORRECTION"),
        (container(sponsor_released=False), "NOT_SPONSOR_RELEASED"),
        (container(holds=(HoldFacts("batch", "seal broken"),)), "BATCH_ON_HOLD"),
        (container(holds=(HoldFacts("trial", "third reaction"),)), "TRIAL_ON_HOLD"),
        (replace(GOOD, scanned_subject="NK-04"), "SUBJECT_MISMATCH"),
        (replace(GOOD, scanned_subject=""), "SUBJECT_NOT_READ"),
        (replace(GOOD, scanned_subject=UNKNOWN_CODE), "SUBJECT_NOT_READ"),
        (replace(order(subject_code="NK-04"), scanned_subject=""), "SUBJECT_MISMATCH"),
        (order(subject_code="NK-04"), "SUBJECT_MISMATCH"),
        (container(subject_code="NK-04"), "SUBJECT_MISMATCH"),
        (replace(GOOD, order=None), "ORDER_MISSING"),
        (order(infusion_on=date(2026, 11, 24)), "ORDER_MISSING"),
        (order(status=OrderStatus.CANCELLED), "ORDER_MISSING"),
        (order(form=None), "ELIGIBILITY_MISSING"),
        (form(signed_at=NOW - timedelta(days=1)), "ELIGIBILITY_STALE"),
        (form(gvhd_grade=2), "ELIGIBILITY_FAILED"),
        (container(weight_refusals=None), "INTERNAL_ERROR"),
        (container(weight_refusals=(LATE_OOS(),)), "LATE_OOS"),
        (container(expires_at=NOW + timedelta(minutes=60)), "PRODUCT_EXPIRED"),
        (container(expires_at=None), "PRODUCT_EXPIRED"),
        (container(margin=None), "PRODUCT_EXPIRED"),
        (container(verdicts=(PASS, replace(PASS, outcome=Outcome.OOS))), "VERDICT_FAILED"),
        (container(verdicts=(replace(PASS, outcome=Outcome.UNDECIDABLE),)), "VERDICT_FAILED"),
        (container(verdicts=()), "INTERNAL_ERROR"),
        (container(unverified=(GREW,)), "RESULT_FAILS_UNVERIFIED"),
        (container(unverified=None), "INTERNAL_ERROR"),
        (container(dispensed_at=NOW), "ALREADY_DISPENSED"),
        (replace(container(dispensed_at=NOW), order=None), "ALREADY_DISPENSED"),
        (container(destroyed_at=NOW), "CONTAINER_DESTROYED"),
        (container(integrity_faults=("hash of link 7",)), "INTEGRITY_FAILURE"),
        (container(integrity_faults=None), "INTERNAL_ERROR"),
        (replace(GOOD, database_behind=True), "DB_BEHIND_RECEIPT"),
        (replace(GOOD, last_recorded_at=NOW + timedelta(minutes=3)), "CLOCK_UNTRUSTED"),
        (replace(GOOD, last_recorded_at=None), "CLOCK_UNTRUSTED"),
    ],
)
def test_one_fault_gives_exactly_its_code(facts, code):
    assert codes(facts) == [code]
    assert decide(facts, NOW).verdict is Verdict.DENY


@pytest.mark.req("DSP-SCAN")
def test_a_final_certificate_allows_and_a_provisional_one_allows_conditionally():
    assert decide(GOOD, NOW).verdict is Verdict.ALLOW
    assert decide(container(disposition=Disposition.CERTIFIED_PENDING), NOW).verdict is Verdict.ALLOW_CONDITIONAL


def test_a_running_sterility_test_is_no_failed_verdict():
    running = container(verdicts=(PASS, replace(PASS, outcome=Outcome.PENDING)))
    assert codes(running) == []


@pytest.mark.req("DSP-EXP")
@pytest.mark.parametrize(("minutes", "expired"), [(59, True), (60, True), (61, False)])
def test_the_margin_of_the_specification_counts_to_the_instant(minutes, expired):
    facts = container(expires_at=NOW + timedelta(minutes=minutes))
    assert codes(facts) == (["PRODUCT_EXPIRED"] if expired else [])


@pytest.mark.req("DSP-GUARD")
@pytest.mark.parametrize("ordered", [None, replace(ORDER, form=None)])
@pytest.mark.parametrize("guards", [GUARDS, BEDSIDE_GUARDS, HAND_OVER_GUARDS])
def test_a_label_that_leads_nowhere_says_only_why(guards, ordered):
    nowhere = replace(GOOD, label_refusals=(LATE_OOS(),), container=None, order=ordered)
    assert codes(nowhere, guards) == (["LATE_OOS"] if guards is not HAND_OVER_GUARDS else [])
    assert decide(nowhere, NOW, guards).verdict is Verdict.DENY


@pytest.mark.req("DSP-GUARD")
@pytest.mark.parametrize(
    "facts",
    [
        replace(GOOD, typed=True, second_person=True),
        order(status=OrderStatus.ORDERED),
        replace(GOOD, last_recorded_at=NOW + timedelta(minutes=2)),
        container(supply=SupplyFacts("NK-26-0001-E1", "ended", in_force=True, criteria=frozenset(), overlaid=False)),
    ],
)
def test_what_is_in_order_is_not_refused(facts):
    """A typed label with a second person, an order before its eligibility, a clock within its tolerance, and an overlay
    that only a product out of specification needs."""
    assert codes(facts) == []


@pytest.mark.req("DSP-GUARD")
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (container(disposition=Disposition.QUARANTINE, record_reviewed=False), ["NOT_CERTIFIED"]),
        (container(disposition=Disposition.QUARANTINE, sponsor_released=False), ["NOT_CERTIFIED"]),
        (replace(GOOD, last_recorded_at=NOW + timedelta(minutes=2, microseconds=1)), ["CLOCK_UNTRUSTED"]),
        (
            replace(container(subject_code=""), scanned_subject="", order=replace(ORDER, subject_code="")),
            ["SUBJECT_NOT_READ"],
        ),
    ],
)
def test_the_reason_is_the_first_cause_and_nothing_that_follows_from_it(facts, expected):
    assert codes(facts) == expected


@pytest.mark.req("DSP-SCAN")
@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (container(disposition=None), {"state": "–"}),
        (container(disposition=Disposition.QUARANTINE), {"state": "quarantine"}),
        (container(dispensed_at=NOW), {"container": "NK-26-0001-01", "at": "2026-11-23 10:00 CET"}),
        (container(destroyed_at=NOW), {"container": "NK-26-0001-01", "at": "2026-11-23 10:00 CET"}),
        (
            replace(order(subject_code="NK-04"), scanned_subject=""),
            {"typed": "nothing", "container": "NK-03", "order": "NK-04"},
        ),
        (replace(GOOD, scanned_subject="NK-04"), {"typed": "NK-04", "container": "NK-03", "order": "NK-03"}),
        (order(infusion_on=date(2026, 11, 24)), {"today": "2026-11-23"}),
        (container(expires_at=NOW), {"expires": "2026-11-23 10:00 CET", "margin": "60"}),
        (container(expires_at=None, margin=None), {"expires": "–", "margin": "–"}),
        (
            container(verdicts=(replace(PASS, outcome=Outcome.OOS, shown="81 %", limit="≥ 90 %"),)),
            {"criterion": "purity", "shown": "81 %", "limit": "≥ 90 %"},
        ),
        (
            container(verdicts=(replace(PASS, outcome=Outcome.UNDECIDABLE, reason="no value"),)),
            {"criterion": "purity", "shown": "no value", "limit": ""},
        ),
        (container(integrity_faults=("hash of link 7",)), {"what": "hash of link 7"}),
        (container(weight_refusals=None), {"guard": "weight"}),
        (container(integrity_faults=None), {"guard": "integrity"}),
        (container(verdicts=()), {"guard": "verdicts"}),
        (container(unverified=None), {"guard": "unverified results"}),
        (container(unverified=(GREW,)), {"criterion": "sterility", "shown": "positive"}),
        (replace(GOOD, container=None), {"guard": "container"}),
        (replace(GOOD, last_recorded_at=NOW + timedelta(minutes=3)), {"behind": "180"}),
        (replace(GOOD, last_recorded_at=None), {"behind": "–"}),
    ],
)
def test_a_refusal_tells_what_it_saw(facts, told):
    (refusal,) = decide(facts, NOW).refusals
    assert {name: refusal.fact(name) for name in told} == told


@pytest.mark.parametrize(
    ("order_facts", "state"),
    [(None, "not dispensed"), (replace(ORDER, status=OrderStatus.ADMINISTERED), "administered")],
)
def test_the_bedside_says_where_the_container_is_instead(order_facts, state):
    (refusal,) = decide(replace(BEDSIDE, order=order_facts), NOW, BEDSIDE_GUARDS).refusals
    assert refusal.fact("state") == state


@pytest.mark.req("DSP-EXP")
def test_at_the_bedside_the_instant_itself_counts():
    last = replace(BEDSIDE, container=replace(BEDSIDE.container, expires_at=NOW + timedelta(microseconds=1)))
    assert codes(last, BEDSIDE_GUARDS) == []
    assert decide(last, NOW + timedelta(seconds=1), BEDSIDE_GUARDS).refusals[0].fact("margin") == "0"


@pytest.mark.req("DSP-SCAN")
def test_all_reasons_are_told_not_only_the_first():
    facts = replace(
        container(
            sponsor_released=False, holds=(HoldFacts("batch", "x"), HoldFacts("collection", "y")), expires_at=NOW
        ),
        scanned_subject="NK-04",
    )
    assert sorted(codes(facts)) == [
        "BATCH_ON_HOLD",
        "BATCH_ON_HOLD",
        "NOT_SPONSOR_RELEASED",
        "PRODUCT_EXPIRED",
        "SUBJECT_MISMATCH",
    ]


def test_the_refusal_names_scope_and_reason_of_the_hold():
    said = str(decide(container(holds=(HoldFacts("collection", "seal broken"),)), NOW).refusals[0])
    assert "collection" in said
    assert "seal broken" in said


BLOOD_GROUP_DIFFERS = Refusal("BLOOD_GROUP_DIFFERS")


def breaks(_facts, _now):
    raise ZeroDivisionError


def watched(**found):
    """The good scan of a container whose lots and moves are on record."""
    recorded = {"lots": (), "blood_groups": (), "custody": (), "temperature": (), **found}
    return replace(GOOD, container=replace(GOOD.container, **recorded))


@pytest.mark.req("F-COC-1", "DSP-GUARD")
@pytest.mark.parametrize("guards", [GUARDS, BEDSIDE_GUARDS])
def test_a_gap_in_custody_denies_and_what_is_on_record_is_checked(guards):
    gap = (CUSTODY_GAP(unit="NK26-0001-01", at="now", found="A", recorded="B"),)
    assert decide(watched(), NOW, guards).not_checked == ("training",)
    for key in ("custody", "temperature"):
        decision = decide(watched(**{key: gap}), NOW, guards)
        assert decision.verdict is Verdict.DENY
        assert "CUSTODY_GAP" in [one.code for one in decision.refusals]


@pytest.mark.req("ATMP-7-RECALL", "DSP-GUARD")
@pytest.mark.parametrize("guards", [GUARDS, BEDSIDE_GUARDS, HAND_OVER_GUARDS])
def test_a_stopped_lot_denies_at_every_door(guards):
    stopped = (LOT_NOT_APPROVED(lot="M26-0001-7", material="CD3 reagent", state="recalled"),)
    decision = decide(watched(lots=stopped), NOW, guards)
    assert decision.verdict is Verdict.DENY
    assert [one.code for one in decision.refusals if one.code.startswith("LOT")] == ["LOT_NOT_APPROVED"]
    assert "lots" not in decide(watched(), NOW, guards).not_checked


@pytest.mark.req("F-ABO", "DSP-GUARD")
@pytest.mark.parametrize("guards", [GUARDS, BEDSIDE_GUARDS, HAND_OVER_GUARDS])
def test_blood_groups_that_do_not_go_together_deny_at_every_door(guards):
    decision = decide(watched(blood_groups=(BLOOD_GROUP_DIFFERS,)), NOW, guards)
    assert decision.verdict is Verdict.DENY
    assert BLOOD_GROUP_DIFFERS in decision.refusals
    assert "blood groups" not in decide(watched(), NOW, guards).not_checked


@pytest.mark.req("A11-15")
@pytest.mark.parametrize("place", range(len(GUARDS)))
def test_a_guard_that_breaks_denies(place):
    guards = (*GUARDS[:place], (GUARDS[place][0], breaks), *GUARDS[place + 1 :])
    decision = decide(watched(), NOW, guards)
    assert (decision.verdict, [one.code for one in decision.refusals]) == (Verdict.DENY, ["INTERNAL_ERROR"])


@pytest.mark.parametrize("answer", [None, True, [], "", 0, ("fine",)])
def test_an_answer_of_another_shape_denies(answer):
    decision = decide(GOOD, NOW, (*GUARDS[:-1], ("clock", lambda _facts, _now: answer)))
    assert (decision.verdict, [one.code for one in decision.refusals]) == (Verdict.DENY, ["INTERNAL_ERROR"])


def test_no_guards_allow_nothing():
    assert decide(GOOD, NOW, ()).verdict is Verdict.DENY


@pytest.mark.parametrize("disposition", [None, *Disposition])
def test_no_list_of_guards_allows_what_is_not_certified(disposition):
    """Even if the one that asks for the certificate were missing."""
    verdict = decide(container(disposition=disposition), NOW, GUARDS[:1]).verdict
    assert verdict is {
        Disposition.CERTIFIED_FINAL: Verdict.ALLOW,
        Disposition.CERTIFIED_PENDING: Verdict.ALLOW_CONDITIONAL,
        Disposition.OOS_SUPPLY: Verdict.ALLOW_OOS,
    }.get(disposition, Verdict.DENY)


def test_the_page_shows_which_guard_passed():
    passed = dict(decide(replace(GOOD, typed=True), NOW, GUARDS[:3]).guards)
    assert passed == {"label": True, "container": True, "second person": False}


def test_no_guard_slips_out_of_the_list():
    assert [name for name, _ in GUARDS] == [
        "label",
        "container",
        "second person",
        "not dispensed",
        "not destroyed",
        "certified",
        "supply",
        "record",
        "sponsor release",
        "holds",
        "subject",
        "overlay",
        "order",
        "eligibility",
        "weight",
        "expiry",
        "verdicts",
        "unverified results",
        "lots",
        "blood groups",
        "custody",
        "temperature",
        "integrity",
        "database",
        "clock",
    ]


def test_no_guard_slips_out_of_the_later_lists():
    assert [name for name, _ in BEDSIDE_GUARDS] == [
        "label",
        "container",
        "second person",
        "handed over",
        "not destroyed",
        "certified",
        "supply",
        "record",
        "sponsor release",
        "holds",
        "subject",
        "eligibility",
        "expiry",
        "unverified results",
        "lots",
        "blood groups",
        "custody",
        "temperature",
        "integrity",
        "database",
        "clock",
    ]
    assert [name for name, _ in HAND_OVER_GUARDS] == [
        "not destroyed",
        "certified",
        "supply",
        "record",
        "sponsor release",
        "holds",
        "overlay",
        "expiry",
        "unverified results",
        "lots",
        "blood groups",
        "custody",
        "temperature",
        "integrity",
        "database",
        "clock",
    ]
    assert NOT_CHECKED == ("training",)
    assert GUARDS_OF == {"pharmacy": GUARDS, "bedside": BEDSIDE_GUARDS}


def test_guards_of_later_work_are_listed_and_never_passed():
    decision = decide(GOOD, NOW)
    assert decision.not_checked == ("lots", "blood groups", "custody", "temperature", "training")
    assert not {name for name, _ in decision.guards} & set(decision.not_checked)


@pytest.mark.req("DSP-EXP", "DSP-ELIG-1")
@pytest.mark.parametrize(
    ("change", "now", "code"),
    [
        ({}, NOW, None),
        ({}, NOW + timedelta(hours=5), "PRODUCT_EXPIRED"),
        ({"disposition": Disposition.LATE_OOS}, NOW, "LATE_OOS"),
        ({"holds": (HoldFacts("subject", "fever"),)}, NOW, "BATCH_ON_HOLD"),
        ({"expires_at": NOW + timedelta(days=2)}, datetime(2026, 11, 23, 22, 59, tzinfo=UTC), None),
        ({"expires_at": NOW + timedelta(days=2)}, datetime(2026, 11, 23, 23, 0, tzinfo=UTC), "ELIGIBILITY_STALE"),
    ],
)
def test_the_bedside_scan_checks_again_also_past_midnight_in_amsterdam(change, now, code):
    facts = replace(BEDSIDE, container=replace(BEDSIDE.container, **change))
    assert set(codes(facts, BEDSIDE_GUARDS, now)) == ({code} if code else set())


@pytest.mark.parametrize("state", [OrderStatus.DISPENSED, OrderStatus.ADMINISTERED, OrderStatus.CANCELLED])
def test_only_a_container_that_waits_on_the_ward_is_infused(state):
    facts = replace(BEDSIDE, order=replace(BEDSIDE.order, status=state))
    assert codes(facts, BEDSIDE_GUARDS) == ["NOT_HANDED_OVER"]


def test_a_container_without_an_order_is_not_infused():
    assert codes(replace(BEDSIDE, order=None), BEDSIDE_GUARDS) == ["NOT_HANDED_OVER"]


SUPPLY = SupplyFacts("NK-26-0001-E1", "supply_in_force", in_force=True, criteria=frozenset({"CD3"}), overlaid=True)
TOO_MANY = Judged("CD3", Outcome.OOS, "above the limit")
SUPPLIED = container(
    disposition=Disposition.OOS_SUPPLY, sponsor_released=False, supply=SUPPLY, verdicts=(PASS, TOO_MANY)
)


def supplied(**changes):
    return replace(SUPPLIED, container=replace(SUPPLIED.container, **changes))


@pytest.mark.req("ATMP-11.53", "DSP-SCAN", "DSP-GUARD")
def test_a_supply_in_force_is_a_verdict_of_its_own_and_never_plain_allow():
    assert decide(SUPPLIED, NOW).verdict is Verdict.ALLOW_OOS
    at_the_bed = replace(SUPPLIED, container=replace(SUPPLIED.container, dispensed_at=NOW), order=BEDSIDE.order)
    assert decide(at_the_bed, NOW, BEDSIDE_GUARDS).verdict is Verdict.ALLOW_OOS


@pytest.mark.req("ATMP-11.5-SCOPE", "ATMP-11.54b")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"supply": None}, ["INTERNAL_ERROR", "VERDICT_FAILED"]),
        ({"supply": replace(SUPPLY, in_force=False)}, ["SUPPLY_NOT_IN_FORCE", "VERDICT_FAILED"]),
        ({"supply": replace(SUPPLY, in_force=False, overlaid=False)}, ["SUPPLY_NOT_IN_FORCE", "VERDICT_FAILED"]),
        ({"supply": replace(SUPPLY, further=("NK-26-0001-O2",))}, ["SUPPLY_STALE"]),
        ({"supply": replace(SUPPLY, overlaid=False)}, ["OVERLAY_MISSING"]),
        ({"supply": replace(SUPPLY, criteria=frozenset({"purity"}))}, ["VERDICT_FAILED"]),
        ({"verdicts": (PASS, replace(TOO_MANY, outcome=Outcome.UNDECIDABLE))}, ["VERDICT_FAILED"]),
        ({"verdicts": (replace(PASS, outcome=Outcome.OOS), TOO_MANY)}, ["VERDICT_FAILED"]),
        ({"holds": (HoldFacts("batch", "asked"),)}, ["BATCH_ON_HOLD"]),
        ({"expires_at": NOW}, ["PRODUCT_EXPIRED"]),
        ({"subject_code": "NK-09"}, ["SUBJECT_MISMATCH"]),
        ({"record_reviewed": False}, ["RECORD_UNDER_CORRECTION"]),
        ({"integrity_faults": ("trail",)}, ["INTEGRITY_FAILURE"]),
        ({"custody": (CUSTODY_GAP(unit="u", at="t", found="A", recorded="B"),)}, ["CUSTODY_GAP"]),
        ({"disposition": Disposition.REJECTED}, ["BATCH_REJECTED", "VERDICT_FAILED"]),
        ({"disposition": Disposition.CERTIFIED_FINAL, "sponsor_released": True}, ["VERDICT_FAILED"]),
    ],
)
def test_the_supply_covers_what_the_physician_accepted_and_nothing_else(change, expected):
    assert codes(supplied(**change)) == expected


@pytest.mark.req("ATMP-11.5-SCOPE")
def test_an_unreadable_label_is_no_result_that_anybody_accepted():
    assert codes(replace(SUPPLIED, label_refusals=(LATE_OOS(),))) == ["LATE_OOS"]


@pytest.mark.req("ATMP-11.54b")
def test_a_supply_that_ended_stops_the_hand_over_and_the_infusion_too():
    ended = supplied(supply=replace(SUPPLY, in_force=False))
    assert codes(ended, HAND_OVER_GUARDS) == ["SUPPLY_NOT_IN_FORCE"]
    at_the_bed = replace(ended, container=replace(ended.container, dispensed_at=NOW), order=BEDSIDE.order)
    assert codes(at_the_bed, BEDSIDE_GUARDS) == ["SUPPLY_NOT_IN_FORCE"]


@pytest.mark.req("DSP-GUARD", "F-COC-1", "DSP-TEMP")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"destroyed_at": NOW}, "CONTAINER_DESTROYED"),
        ({"custody": (CUSTODY_GAP(unit="u", at="t", found="A", recorded="B"),)}, "CUSTODY_GAP"),
        (
            {
                "custody": (),
                "temperature": (CUSTODY_TEMPERATURE(unit="u", place="A", at="t", temperature="30", limits="2 to 8"),),
            },
            "CUSTODY_TEMPERATURE",
        ),
    ],
)
@pytest.mark.parametrize("guards", [HAND_OVER_GUARDS, BEDSIDE_GUARDS], ids=["hand-over", "bedside"])
def test_what_became_of_a_container_after_the_dispensing_stops_it_on_its_way(guards, change, code):
    on_its_way = replace(BEDSIDE, container=replace(BEDSIDE.container, **change))
    assert codes(on_its_way, guards) == [code]


@pytest.mark.req("ATMP-11.5-LABEL")
def test_a_supply_without_its_overlay_is_not_handed_over():
    assert codes(supplied(supply=replace(SUPPLY, overlaid=False)), HAND_OVER_GUARDS) == ["OVERLAY_MISSING"]


@pytest.mark.req("DSP-TEMP")
@pytest.mark.parametrize(
    ("reading", "frozen", "stays"),
    [("14.99", False, True), ("15", False, False), ("25", False, False), ("25.01", False, True), ("-150", True, False)],
)
def test_a_container_out_of_its_storage_temperature_is_not_handed_over(reading, frozen, stays):
    found = excursion(Decimal(reading), Limits(Decimal(15), Decimal(25)), frozen=frozen)
    assert (found is not None) is stays
    assert not stays or f"{reading} °C" in found


DEFECTS = {
    "label": {"label_refusals": (LATE_OOS(),)},
    "behind": {"database_behind": True},
    "subject": {"scanned_subject": "NK-09"},
    "order": {"order": None},
    "clock": {"last_recorded_at": None},
    "typed": {"typed": True},
}


@given(st.sets(st.sampled_from(sorted(DEFECTS))))
def test_any_defect_denies_and_no_defect_allows(chosen):
    facts = GOOD
    for name in chosen:
        facts = replace(facts, **DEFECTS[name])
    assert (decide(facts, NOW).verdict is Verdict.DENY) == bool(chosen)
