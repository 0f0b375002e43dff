"""Results: what is taken, what is refused, who verifies, and what a failure does."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import sqlalchemy as sa

from kernel.canonical import digest
from kernel.errors import Refused
from kernel.tables import TrailRow
from manufacturing.domain.units import converted
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.trial import HoldRow
from release.api.testing import criterion_for
from release.domain.results import Outcome
from release.queries.differences import count_differences
from release.queries.dose import dose_inputs
from release.queries.earlier import earlier_batches
from release.queries.judging import batch_verdicts
from release.queries.patient_records import nk_concentrations
from release.queries.testing import pending_tests, required_tests, result_document, results_of
from release.queries.verifying import verify_content
from release.services.testing import verify_result
from release.tables.decisions import DispositionRow
from release.tables.testing import ResultRow
from tests.integration.release.factory import COUNT, GOOD, Made, refused, snapshot, specification_body

D = Decimal


NK_BEADS = {**COUNT, "events": 15230, "bead_events": 4980, "dilution": D(20)}


def verdicts(made, **given):
    return {one.criterion.key: one for one in made.read(lambda s: batch_verdicts(s, made.batch_id, **given))}


def entries(made, criterion):
    return made.read(results_of, made.test_id(criterion))


@pytest.mark.req("ATMP-6.2-SPEC")
def test_a_batch_asks_for_every_criterion_of_its_frozen_specification(made):
    asked = [one.criterion for one in made.read(required_tests, made.batch_id)]
    assert asked == [one["key"] for one in specification_body()["criteria"]]


@pytest.mark.req("PHE-UNIT")
def test_a_value_in_another_unit_is_kept_as_typed_and_in_the_canonical_unit(made):
    made.enter("volume", value=D("0.05"), unit="L")
    row = entries(made, "volume")[0]
    assert (row.typed_number, row.typed_unit, row.number, row.unit) == (D("0.05"), "L", D(50), "mL")
    assert "× 1000000 =" in converted("nk_concentration", D(11), "10^6/mL").shown


IMPOSSIBLE = [
    ("viability", {"value": D(96), "unit": "g/L"}, ["UNIT_NOT_ALLOWED"]),
    ("viability", {"value": D(101), "unit": "%"}, ["UNIT_IMPLAUSIBLE"]),
    ("viability", {"value": D(-1), "unit": "%"}, ["RESULT_NOT_POSSIBLE", "UNIT_IMPLAUSIBLE"]),
    ("viability", {"operator": "<", "value": D(80), "unit": "%"}, ["RESULT_NOT_POSSIBLE"]),
    ("endotoxin", {"operator": ">", "value": D(1), "unit": "EU/mL"}, ["RESULT_NOT_POSSIBLE"]),
    ("volume", {"value": D("1e12"), "unit": "mL"}, ["UNIT_IMPLAUSIBLE"]),
    ("cd3_dose", {**COUNT, "bead_events": 0}, ["RESULT_NOT_POSSIBLE"]),
    ("cd3_dose", {**COUNT, "events": -1}, ["RESULT_NOT_POSSIBLE"]),
    ("gram", {"text": "other"}, ["RESULT_NOT_POSSIBLE"]),
    ("gram", {"text": "other", "finding": "No Organisms"}, ["RESULT_NOT_POSSIBLE"]),
    ("sterility", {"text": "final_negative"}, ["WRONG_KIND_OF_TEST"]),
    ("identity", {"text": "match"}, ["RESULT_FROM_RECORDS"]),
]


def test_an_impossible_entry_is_refused_and_changes_nothing(made):
    before = snapshot(made)
    for criterion, entry, codes in IMPOSSIBLE:
        assert refused(made.enter, criterion, **entry) == codes, (criterion, entry)
    assert snapshot(made) == before


@pytest.mark.req("ATMP-6.1-TIME")
def test_a_result_is_measured_neither_in_the_future_nor_before_the_leukapheresis_ended(made):
    later = {**GOOD["purity"], "measured_at": made.now + timedelta(seconds=1)}
    earlier = {**GOOD["purity"], "measured_at": made.now - timedelta(hours=9, seconds=1)}
    assert refused(made.enter, "purity", **later) == ["FUTURE_TIME"]
    assert refused(made.enter, "purity", **earlier) == ["TIME_ORDER"]


@pytest.mark.req("ATMP-6.1-CORR", "QC-SHOWALL")
def test_a_correction_keeps_the_first_value_and_its_reason(made):
    made.enter("purity", value=D("59.1"), unit="%")
    made.correct("purity", value=D("95.1"), unit="%")
    first, second = entries(made, "purity")
    assert (first.number, first.reason, second.number, second.reason) == (
        D("59.1"),
        None,
        D("95.1"),
        "read the wrong line",
    )
    made.verify("purity")
    assert made.test("purity").outcome == "pass"
    assert refused(made.correct, "purity", value=D("99"), unit="%") == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("QC-2ND", "S2")
def test_nobody_verifies_a_test_he_had_a_hand_in(made):
    made.enter("purity", by=made.t1)
    made.correct("purity", by=made.t2, **GOOD["purity"])
    for somebody in (made.t1, made.t2):
        assert refused(made.verify, "purity", by=somebody) == ["SOD_RESULT"]
    made.verify("purity", by=made.qa)


@pytest.mark.req("QC-2ND")
def test_who_inoculated_or_read_a_culture_does_not_verify_it(made):
    made.inoculate()
    made.later(days=7)
    made.conclude("final_negative")
    assert refused(made.verify, "sterility", by=made.t1) == ["SOD_RESULT"]


def test_a_result_is_verified_against_its_raw_data(made):
    made.enter("purity")
    assert refused(made.verify, "purity", seen=False) == ["RAW_DATA_UNSEEN"]
    assert made.test("purity").status == "entered"


@pytest.mark.req("PHE-2.6.27-2")
@pytest.mark.parametrize(("seconds", "codes"), [(-1, ["FINAL_READ_TOO_EARLY"]), (0, [])])
def test_final_negative_waits_for_the_whole_incubation(made, seconds, codes):
    made.inoculate()
    made.later(days=7, seconds=seconds)
    assert refused(made.conclude, "final_negative") == codes


@pytest.mark.req("PHE-2.6.27-2")
def test_a_reading_dated_after_the_incubation_does_not_make_the_clock_go_faster(made):
    made.inoculate()
    made.later(days=6)
    assert refused(made.conclude, "final_negative", at=made.now + timedelta(days=1)) == [
        "FUTURE_TIME",
        "FINAL_READ_TOO_EARLY",
    ]


@pytest.mark.req("PHE-2.6.27-1")
def test_negative_to_date_is_kept_reading_by_reading_and_is_no_pass(made):
    made.inoculate()
    for _ in range(2):
        made.later(days=1)
        made.read_negative()
    test = made.test("sterility")
    assert (test.status, test.last_read_day, test.outcome) == ("interim", 2, None)
    assert [(one.text, one.day) for one in entries(made, "sterility")] == [
        ("negative_to_date", 1),
        ("negative_to_date", 2),
    ]
    assert verdicts(made)["sterility"].verdict.outcome is Outcome.PENDING
    assert refused(made.verify, "sterility") == ["STATE_NOT_ALLOWED"]


def test_a_culture_is_not_read_before_it_is_inoculated_and_not_inoculated_before_the_fill(made):
    assert refused(made.read_negative) == ["STATE_NOT_ALLOWED"]
    assert refused(made.inoculate, made.now - timedelta(hours=1)) == ["TIME_ORDER"]


def test_the_expected_date_of_a_culture_is_the_end_of_its_incubation(made):
    made.inoculate()
    pending = {one.key: one for one in made.read(pending_tests, made.batch_id)}
    assert set(pending) == {"sterility", "potency"}
    assert pending["sterility"].expected_at == made.now + timedelta(days=7)


@pytest.mark.req("QC-OOS-1")
def test_a_verified_failure_holds_the_batch_and_it_can_be_rejected(made):
    made.tested(purity={"value": D("69.9"), "unit": "%"})
    assert made.test("purity").outcome == "oos"
    assert [(one.scope, one.cause, one.set_by) for one in made.rows(HoldRow)] == [("batch", "oos", "system")]
    made.review()
    assert sorted(refused(made.stage_one)) == ["BATCH_ON_HOLD", "OOS_UNDECIDED", "RESULT_OOS"]
    made.reject()
    assert made.states() == ["rejected"]


@pytest.mark.req("PHE-ROUND")
@pytest.mark.parametrize(
    ("value", "outcome"), [("69.99999", "oos"), ("70", "alert"), ("89.999", "alert"), ("90", "pass")]
)
def test_the_outcome_comes_from_the_unrounded_value(made, value, outcome):
    made.result("purity", value=D(value), unit="%")
    assert made.test("purity").outcome == outcome


@pytest.mark.req("PHE-2.6.14-1")
@pytest.mark.parametrize(("kg", "outcome"), [("12", "oos"), ("70", "pass")])
def test_endotoxin_is_judged_for_this_child(made, kg, outcome):
    made.later(minutes=1)
    made.weigh(kg)
    made.result("endotoxin", value=D(2), unit="EU/mL")
    assert made.test("endotoxin").outcome == outcome


def test_no_counted_t_cells_is_not_zero_t_cells(made):
    made.result("cd3_dose", **{**COUNT, "events": 0})
    assert verdicts(made)["cd3_dose"].verdict.compared > 0


def test_all_containers_of_a_batch_count_for_the_t_cells_of_a_child(database):
    pair = Made(database, containers=2)
    pair.result("cd3_dose", **{**COUNT, "events": 100})
    one = pair.read(
        lambda s: batch_verdicts(s, pair.batch_id, container=s.get_one(ContainerRow, pair.container_ids[0]))
    )
    alone = next(each.verdict.compared for each in one if each.criterion.key == "cd3_dose")
    assert verdicts(pair)["cd3_dose"].verdict.compared == 2 * alone


def test_criteria_of_the_records_are_judged_without_a_result(made):
    found = verdicts(made)
    assert [found[key].verdict.outcome for key in ("identity", "donor_markers", "expiry")] == [Outcome.PASS] * 3


@pytest.mark.req("QC-LATE-OOS", "ATMP-11.3.2-4")
def test_a_late_failure_ends_the_certification_in_one_transaction(database):
    pair = Made(database, containers=2).tested()
    pair.review()
    pair.stage_one()
    pair.sponsor()
    pair.later(days=2)
    pair.conclude("positive")
    assert pair.states() == ["certified_pending"] * 2
    pair.verify("sterility")
    assert pair.states() == ["late_oos"] * 2
    assert not any(one.sponsor_released for one in pair.rows(DispositionRow))
    changes = json.loads(pair.rows(TrailRow)[-1].payload)["changes"]
    touched = sorted({one["entity"] for one in changes})
    assert touched == ["decision", "disposition", "hold", "oos", "result", "signature", "test"]
    late = pair.decisions()[-1]
    assert (late.kind, late.decided_by, late.register_number) == ("late_oos", "system", None)
    assert refused(pair.stage_two) == ["STATE_NOT_ALLOWED"]


@pytest.mark.req("SIG-WYSIWYS")
def test_a_verification_rests_on_the_weight_it_was_shown_with(made):
    made.enter("nk_dose")
    test_id = made.test_id("nk_dose")
    seen = digest(made.read(verify_content, test_id))
    made.later(minutes=1)
    made.weigh("20.1")
    with pytest.raises(Refused, match="STALE_VERSION"), made.act("v", made.t2, verify_content, seen=seen) as work:
        verify_result(work, test_id, raw_data_seen=True)


@pytest.mark.req("ATMP-CALC", "PHE-FLOW")
def test_nk_cells_counted_against_beads_are_computed_judged_and_compared_everywhere(database):
    """15,230 events, 4,980 beads, 49,850 a tube, 50 uL, diluted 20 times: 6.0981e7 per mL, never typed."""
    counted = Made(database)
    assert refused(counted.enter, "nk_dose", **{**NK_BEADS, "dilution": D("0.05")}) == ["RESULT_NOT_POSSIBLE"]
    counted.result("nk_dose", **NK_BEADS)
    per_ml = Fraction(15230, 4980) * Fraction(49850, 50) * 20 * 1000
    (entry,) = [result_document(row, {}) for row in entries(counted, "nk_dose")]
    assert abs(entry["computed"]["cells_per_ml"] / D("60981160") - 1) < D("1e-5")
    assert entry["computed"]["formula_version"] == "1"
    inputs = dict(verdicts(counted)["nk_dose"].basis)
    assert (inputs["counted events"], inputs["dilution"]) == ("15230", "20")
    with database.reading() as session:
        inputs = dose_inputs(session, session.get_one(ContainerRow, counted.container_ids[0]), None)
        (difference,) = count_differences(session, counted.batch_id)
        assert nk_concentrations(session, sa.true())[counted.batch_id] == per_ml
    assert (inputs.nk_per_ml, difference.released) == (per_ml, per_ml * 50)


@pytest.mark.req("QC-NOAVG", "ATMP-CALC")
def test_every_single_value_is_kept_in_its_own_unit_and_the_mean_is_computed(database):
    body = specification_body()
    purity = next(one for one in body["criteria"] if one["key"] == "nk_dose")
    purity |= {"replicates": "2", "replicate_rule": "mean", "bead_count": False}
    made = Made(database, body=body)
    assert refused(made.enter, "nk_dose", value=D("11"), unit="10^6/mL") == ["REPLICATES_MISSING"]
    made.enter("nk_dose", value=D("11"), value_2=D("12.001"), unit="10^6/mL")
    row = made.row(ResultRow, made.test("nk_dose").result_id)
    assert (row.typed_replicates, row.replicates, row.number) == ("11 12.001", "11000000 12001000", D(11500500))
    document = made.read(verify_content, made.test_id("nk_dose"))
    assert document["would be"]["inputs"]["single values"] == "11000000; 12001000"
    assert document["entries"][0]["value"] == "11; 12.001 10^6/mL"


@pytest.mark.req("QC-NOBULK")
def test_beside_a_value_stand_those_of_the_last_five_batches(database):
    made = Made(database)
    for place in range(2, 8):
        other = Made(database, number=f"NK-2026-00{place}", subject=f"NK-0{place}", trial=made.trial_id)
        made.later(minutes=1)
        other.result("purity", value=D(90 + place), unit="%")
    made.enter("purity", value=D(80), unit="%")
    shown = made.read(earlier_of, made.test_id("purity"))
    assert [one["value"] for one in shown["values"]] == ["97 %", "96 %", "95 %", "94 %", "93 %"]
    assert [one["label"] for one in shown["plot"]["series"][0]["points"]][-2:] == ["NK-2026-007", "this batch"]


def earlier_of(session, test_id):
    test, criterion = criterion_for(session, test_id)
    return earlier_batches(session, test, criterion)
