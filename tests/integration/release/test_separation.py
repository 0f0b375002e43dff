"""Who had a hand in a batch decides nothing about it, and who decided works on it no more (S2, S3, S11, S12)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.work import SYSTEM, unit_of_work
from manufacturing.domain.hands import SOD_RELEASE
from manufacturing.tables.samples import SampleRow
from release.domain.decisions import CERTIFICATES, DecisionKind
from release.queries.acting import checking_refusals
from release.queries.deciding import certification_refusals, reviewing_refusals, weight_signing_refusals
from release.queries.records import everyone_involved
from release.queries.separation import deciders
from release.queries.supply import hands_on
from release.queries.testing import get_record
from release.tables.supply import SupplyRow
from release.tables.testing import QcTestRow
from tests.integration.release.factory import refused, tested_and_reviewed
from tests.integration.release.test_stage_one import dossier

D = Decimal
PURE = {"value": D("95.1"), "unit": "%"}


@pytest.mark.req("S2", "S3")
def test_whoever_entered_corrected_verified_inoculated_read_or_concluded_had_a_hand_in_the_batch(made, person):
    enterer, corrector, verifier, inoculator, reader, concluder = people = [person("T") for _ in range(6)]
    made.enter("purity", by=enterer, **PURE)
    made.correct("purity", by=corrector, **PURE)
    for one in (enterer, corrector):
        assert refused(made.verify, "purity", by=one) == ["SOD_RESULT"]
    made.verify("purity", by=verifier)
    first = made.t1
    made.t1 = inoculator
    made.inoculate()
    made.later(days=1)
    made.t1 = reader
    made.read_negative()
    made.t1 = concluder
    made.conclude("positive")
    made.t1 = first
    for one in (inoculator, reader, concluder):
        assert refused(made.verify, "sterility", by=one) == ["SOD_RESULT"]
    assert made.read(everyone_involved, made.batch_id) - {made.t1.id, made.t2.id} == {one.id for one in people}
    test = made.test("sterility")
    with made.database.reading() as session:
        assert checking_refusals(session, get_record(session, QcTestRow, test.id), verifier.id) == ()


@pytest.mark.req("S3", "REL-SOD")
def test_a_hand_of_any_kind_bars_from_every_decision(made, person):
    """Drawing one sample is enough, for the review, for each kind of certification, for a weight and for a supply."""
    both = person("T", "QA", "QP")
    tested_and_reviewed(made)
    with unit_of_work(made.database, SYSTEM, "test.sample") as work:
        drawn = {"code": "S-1", "number": 1, "kind": "sterility", "volume_ml": D(1), "supernatant_only": False}
        times = {"drawn_at": work.at, "recorded_at": work.at}
        work.add(
            SampleRow(**drawn, **times, drawn_by=both.id, batch_id=made.batch_id, container_id=made.container_ids[0])
        )
    with made.database.reading() as session:
        about = (session, made.batch_id)
        asked = [
            reviewing_refusals(*about, both.id, made.now),
            weight_signing_refusals(*about, both.id, made.now),
            *(certification_refusals(*about, kind, both.id, made.now) for kind in CERTIFICATES),
        ]
        assert [SOD_RELEASE() in found for found in asked] == [True] * len(asked)
        assert both.id in hands_on(*about, both.id).made


@pytest.mark.req("S3")
def test_whoever_decided_about_a_batch_measures_and_verifies_none_of_its_tests(made, person):
    both = person("T", "QA")
    made.enter("purity", **PURE)
    made.enter("viability", **PURE)
    made.verify("viability")
    made.inoculate()
    made.review(by=both)
    first = made.t1
    made.t1 = both
    acts = {
        "result.enter": lambda: made.enter("volume"),
        "result.correct": lambda: made.correct("purity", **PURE),
        "result.verify": lambda: made.verify("purity", by=both),
        "sterility.read": made.read_negative,
        "sterility.conclude": lambda: made.conclude("positive"),
    }
    assert {name: refused(act) for name, act in acts.items()} == {name: ["SOD_RELEASE"] for name in acts}
    made.t1 = first
    made.verify("purity")


@pytest.mark.req("S3")
def test_who_signed_a_decision_or_stood_for_a_supply_is_a_decider_and_who_stopped_the_batch_is_none(made, person):
    tested_and_reviewed(made)
    made.stage_one()
    made.sponsor()
    with unit_of_work(made.database, SYSTEM, "test.supply") as work:
        asked = {"number": "E1", "named": "[]", "hazard": "-", "alternatives": "-", "consequence": "-"}
        stood = {"evaluated_by": made.t1.id, "agreed_by": made.t2.id}
        work.add(SupplyRow(batch_id=made.batch_id, requested_by=made.dr.id, requested_at=work.at, **asked, **stood))
    made.reject(by=person("QP"))
    assert made.read(deciders, made.batch_id) == {made.qa.id, made.qp.id, made.t1.id, made.t2.id}


@pytest.mark.req("S11")
@pytest.mark.parametrize("allowed", [False, True])
def test_who_certified_reviews_only_where_qp_and_sponsor_signed_that_he_may(made, person, allowed):
    both = person("QA", "QP")
    dossier(made, reviewer=allowed)
    tested_and_reviewed(made)
    made.stage_one(by=both)
    assert refused(made.review, by=both) == ([] if allowed else ["SOD_QA_QP"])


def test_who_released_for_the_sponsor_does_not_certify_afterwards(made, person):
    both = person("QP", "Sp")
    tested_and_reviewed(made)
    made.stage_one()
    made.sponsor(by=both)
    with made.database.reading() as session:
        found = certification_refusals(session, made.batch_id, DecisionKind.STAGE2, both.id, made.now)
    assert "SOD_SPONSOR" in {one.code for one in found}
