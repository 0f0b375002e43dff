"""What blocks release: each guard alone, the review that goes stale, the exceptions a reviewer sees first."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from kernel.accounts.tables import PersonRow, RoleGrantRow
from kernel.canonical import digest
from kernel.errors import Refused
from kernel.refusals import CATALOGUE
from kernel.web.i18n import Speech
from kernel.work import NOBODY, SYSTEM, unit_of_work
from labels.tables.labels import LabelRow
from manufacturing.services.holds import set_hold
from manufacturing.tables.batches import BatchRow, ContainerRow, StepRow, StepValueRow
from manufacturing.tables.collections import CollectionRow
from release.domain.decisions import DecisionKind
from release.domain.guards import GuardState, guard_lines
from release.ports import integrity_faults
from release.queries.exceptions import list_exceptions
from release.queries.records import reviewed_record
from release.queries.review import release_facts, review_content
from release.queries.testing import containers_of
from tests.integration.release.factory import COUNT, Made, nk_count, refused, snapshot, specification_body

D = Decimal


def hold(made, scope, record_id):
    with unit_of_work(made.database, SYSTEM, "test.hold") as work:
        set_hold(work, scope, record_id, cause="person", reason="for the test")


def first(made, table):
    return next(one.id for one in made.rows(table))


FAULTS = [
    (
        lambda m: m.change(CollectionRow, m.collection_id, accepted_at=None, accepted_by=None),
        ["DONOR_NOT_ACCEPTED", "RESULT_UNDECIDABLE"],
    ),
    (lambda m: m.change(StepRow, first(m, StepRow), status="performed"), ["STEP_UNVERIFIED"]),
    (lambda m: m.deviation("major", "assessed"), ["DEVIATION_OPEN"]),
    (lambda m: m.deviation("minor", "open"), ["DEVIATION_OPEN"]),
    (lambda m: m.enter("potency", value=D(40), unit="%"), ["RESULT_UNVERIFIED"]),
    (lambda m: m.change(LabelRow, first(m, LabelRow), status="verified"), ["LABELS_OPEN"]),
    (lambda m: hold(m, "batch", m.batch_id), ["BATCH_ON_HOLD"]),
    (lambda m: hold(m, "collection", m.collection_id), ["BATCH_ON_HOLD"]),
    (lambda m: hold(m, "subject", m.subject_id), ["BATCH_ON_HOLD"]),
    (lambda m: hold(m, "container", m.container_ids[0]), ["BATCH_ON_HOLD"]),
    (lambda m: hold(m, "trial", m.trial_id), ["TRIAL_ON_HOLD"]),
    (lambda m: m.later(hours=22), ["PRODUCT_EXPIRED"]),
]


def blocked(made, wanted=DecisionKind.STAGE1):
    facts = made.read(lambda session: release_facts(session, made.batch_id, made.now))
    lines = guard_lines(facts, wanted, made.now)
    return [refusal.code for line in lines for refusal in line.refusals if line.guard.key != "review"]


@pytest.mark.req("ATMP-11-CHECK")
@pytest.mark.parametrize(("fault", "codes"), FAULTS)
@pytest.mark.every_case
def test_one_fault_gives_exactly_its_reason_and_cannot_be_signed_over(made, fault, codes):
    made.tested()
    fault(made)
    before = snapshot(made)
    assert sorted(blocked(made)) == sorted(codes)
    said = refused(made.stage_one, deviation_assessment="assessed in words")
    assert sorted(said) == sorted([*codes, "AUDIT_REVIEW_MISSING"])
    assert snapshot(made) == before


def test_without_a_fault_nothing_but_the_review_is_missing(made):
    made.tested()
    assert refused(made.stage_one) == ["AUDIT_REVIEW_MISSING"]


def test_the_expiry_guard_turns_red_at_the_instant_the_margin_reaches_it(made):
    made.tested()
    made.later(hours=22, seconds=-1)
    assert blocked(made) == []
    made.later(seconds=1)
    assert blocked(made) == ["PRODUCT_EXPIRED"]


def test_without_a_weight_only_the_weight_is_missing(database, monkeypatch):
    monkeypatch.setattr(Made, "weigh_in", lambda *_: None)
    made = Made(database)
    for criterion in ("cd3_dose", "nk_dose", "endotoxin"):
        made.result(criterion)
        assert made.test(criterion).outcome == "undecidable"
    assert [code for code in blocked(made) if code not in {"RESULT_MISSING", "NOT_IN_TEST"}] == ["WEIGHT_MISSING"]


def test_a_batch_without_steps_results_or_containers_is_not_complete(database, monkeypatch):
    monkeypatch.setattr(Made, "steps", lambda *_: None)
    made = Made(database, containers=0)
    assert {"PRODUCTION_NOT_COMPLETE", "CONTAINER_MISSING", "RESULT_MISSING", "PRODUCT_EXPIRED"} <= set(blocked(made))


@pytest.mark.req("INT-VERIFY")
def test_records_that_do_not_agree_with_their_trail_are_never_released(made, monkeypatch):
    made.tested()
    made.review()
    monkeypatch.setattr(integrity_faults, "answer", lambda *_: ["test x: outcome is 'pass', the trail says 'oos'"])
    assert refused(made.stage_one) == ["INTEGRITY_FAILURE"]
    assert refused(made.review) == ["INTEGRITY_FAILURE"]


def test_a_guard_that_cannot_ask_does_not_pass(made, monkeypatch):
    made.tested()
    monkeypatch.setattr(integrity_faults, "answer", None)
    with pytest.raises(RuntimeError, match="nobody answers"):
        blocked(made)


def test_somebody_without_part_in_the_batch_has_to_be_left_to_certify(database):
    made = Made(database).tested()
    with unit_of_work(database, SYSTEM, "test.leave") as work:
        grants = work.session.execute(sa.select(RoleGrantRow).where(RoleGrantRow.role == "QP")).scalars()
        for grant in grants:
            grant.status = "revoked"
    assert blocked(made) == ["CERTIFIER_MISSING"]


def test_what_later_work_checks_is_never_green(made):
    facts = made.read(lambda session: release_facts(session, made.batch_id, made.now))
    later = {
        line.guard.key: line.state
        for line in guard_lines(facts, DecisionKind.STAGE1, made.now)
        if not line.guard.check or line.guard.recorded
    }
    assert set(later) == {"lots", "equipment", "environment", "custody", "dossier", "temperature"}
    assert set(later.values()) == {GuardState.NOT_CHECKED}


CHANGES = [
    lambda m: m.enter("potency", value=D(40), unit="%"),
    lambda m: m.deviation("minor", "closed"),
    lambda m: m.change(LabelRow, first(m, LabelRow), reason="smudged"),
    lambda m: m.change(StepValueRow, first(m, StepValueRow), number=D("28.5")),
    lambda m: m.change(ContainerRow, m.container_ids[0], volume_ml=D(49)),
    lambda m: m.change(BatchRow, m.batch_id, room="C2"),
]


@pytest.mark.req("QA-REVIEW")
def test_any_change_of_the_record_makes_the_review_stale(made):
    made.tested()
    for change in CHANGES:
        made.review()
        change(made)
        assert "AUDIT_REVIEW_STALE" in refused(made.stage_one), change


def test_a_new_weight_leaves_the_review_as_it_is(made):
    made.tested()
    made.review()
    made.later(minutes=1)
    made.weigh("20.5")
    assert refused(made.stage_one) == []


def test_a_difference_between_formulation_and_release_count_is_answered_by_qa(made):
    made.tested(nk_dose=nk_count(13000))
    assert blocked(made) == ["FORMULATION_DIFFERENCE"]
    assert refused(made.review) == ["FORMULATION_DIFFERENCE"]
    made.review(answer="the release tube was counted twice; the dilution is confirmed")
    assert refused(made.stage_one) == []


@pytest.mark.req("ATMP-CALC")
def test_a_formulation_without_a_cell_is_never_certified_whatever_qa_writes(made):
    made.tested()
    with made.act("test", made.qa, lambda _s, _b: {}, made.batch_id) as work:
        (container,) = containers_of(work.session, made.batch_id)
        work.lock(ContainerRow, container.id).viable_nk = D(0)
    assert blocked(made) == ["FORMULATION_COUNT_ZERO"]
    assert refused(made.review) == ["FORMULATION_COUNT_ZERO"]
    made.review(answer="the counter was off; nothing was counted again")
    assert refused(made.stage_one) == ["FORMULATION_COUNT_ZERO"]


@pytest.mark.req("ATMP-CALC")
def test_the_reviewer_reads_both_counts_their_difference_and_the_tolerance(made):
    """5.6e8 cells in 50 mL at formulation, 1.3e7 per mL at release: 16.0714 percent, shown rounded up."""
    made.tested(nk_dose=nk_count(13000))
    (found,) = made.read(review_content, made.batch_id)["counts of viable NK cells"]
    assert (found["formulation"], found["release"]) == (D("560000000"), D("650000000"))
    assert (found["difference"], found["tolerance"], found["beyond"]) == ("16.1", "10", True)


def test_the_difference_is_compared_exactly(database):
    """10 percent of 5.6e8 in 50 mL: 1.232e7 per mL is still within the tolerance."""
    at_limit = Made(database)
    at_limit.result("nk_dose", **nk_count(12320))
    assert "FORMULATION_DIFFERENCE" not in blocked(at_limit)
    beyond = Made(database, number="NK-2026-002", subject="NK-02", trial=at_limit.trial_id)
    beyond.result("nk_dose", **nk_count(12320) | {"dilution": D("20.000000000001")})
    assert "FORMULATION_DIFFERENCE" in blocked(beyond)


@pytest.mark.req("AT-EXC", "AT-REVIEW")
def test_a_reviewer_sees_first_what_was_not_normal(made):
    made.enter("purity", value=D("59.1"), unit="%")
    made.correct("purity", value=D("85"), unit="%")
    made.verify("purity")
    made.deviation("major", "assessed")
    made.deviation("minor", "closed")
    with (
        pytest.raises(Refused),
        unit_of_work(made.database, NOBODY, "step.perform", details={"login": login_of(made, made.t1)}),
    ):
        raise Refused(CATALOGUE["AUTH_BAD_SIGNATURE"]())
    with unit_of_work(made.database, SYSTEM, "step.correct", reason="wrong line of the print") as work:
        counted = next(one.id for one in made.rows(StepValueRow) if one.field == "wbc")
        work.lock(StepValueRow, counted).number = D("28.5")
    made.change(StepRow, first(made, StepRow), late_reason="the computer was occupied")
    hold(made, "batch", made.batch_id)
    found = made.read(lambda session: list_exceptions(session, session.get_one(BatchRow, made.batch_id)))
    kinds = [one["kind"] for one in found]
    assert kinds == [
        "beyond the alert limit",
        "deviation",
        "late entry",
        "left blank",
        "left blank",
        "corrected result",
        "hold",
        "deviation",
        "corrected value",
        "failed signature",
    ]
    by_kind = dict(zip(kinds, found, strict=True))
    assert by_kind["corrected result"]["why"] == "read the wrong line"
    what = by_kind["corrected value"]["what"]
    assert re.fullmatch(r"\d\.\d+ White cells.*: 28.4 → 28.5", what["en"]), "a reviewer reads titles, not keys"
    assert re.fullmatch(r"\d\.\d+ Leukocyten.*: 28.4 → 28.5", what["nl"])
    assert by_kind["corrected value"]["why"] == "wrong line of the print"


def login_of(made, somebody):
    return made.row(PersonRow, somebody.id).login


def test_t_cells_given_before_count_against_the_limit_of_the_trial(database):
    """The NK minimum is per infusion, the T-cell maximum over the whole trial (decision 30)."""
    pair = Made(database, containers=2)
    pair.result("cd3_dose", **{**COUNT, "events": 300})
    assert pair.test("cd3_dose").outcome == "oos"
    single = Made(database, number="NK-2026-002", subject="NK-02", trial=pair.trial_id)
    single.result("cd3_dose", **{**COUNT, "events": 100})
    assert single.test("cd3_dose").outcome != "oos"


def test_the_specification_of_the_batch_judges_and_not_a_later_one(database):
    strict = specification_body()
    for criterion in strict["criteria"]:
        if criterion["key"] == "purity":
            criterion["limit"], criterion["alert"] = "96", "97"
    made = Made(database, body=strict)
    made.result("purity", value=D("95.9"), unit="%")
    assert made.test("purity").outcome == "oos"


def test_the_digest_of_a_review_is_that_of_the_record(made):
    made.tested()
    decision = made.review()
    assert decision.content_sha256 == digest(made.read(reviewed_record, made.batch_id))
    assert decision.decided_at == made.now
    assert made.now - decision.decided_at < timedelta(seconds=1)


def exceptions_of(made, kind):
    found = made.read(lambda session: list_exceptions(session, session.get_one(BatchRow, made.batch_id)))
    return [one["what"] for one in found if one["kind"] == kind]


def test_a_result_without_a_limit_in_figures_stands_without_parentheses(database):
    made = Made(database)
    made.inoculate()
    made.later(days=2)
    made.conclude("positive")
    made.verify("sterility")
    (what,) = exceptions_of(made, "out of specification")
    assert Speech("nl").word(what).endswith(" positief")
    assert "()" not in Speech("en").word(what)
