"""The trial's figures through the records: every situation of the counting rules, and a fixed number of statements."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.trial import get_protocol, get_trial
from manufacturing.tables.batches import ContainerRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.trial import SubjectRow
from release.domain.histories import DropReason
from release.domain.metrics import TrialRules, batch_counts, feasibility, sums_of
from release.domain.patient_figures import StageKey
from release.queries.metrics import patient_histories, trial_rules
from tests.integration.release.giving_factory import (
    add_collection,
    administer,
    change,
    check,
    disposition,
    give_out,
    giving_installation,  # noqa: F401
    infused,
    new_patient,
    new_product,
    no_reaction,
    on_the_ward,
    order,
    react,
    scan,
    supplied_product,
    to_the_ward,
)


def histories(giving):
    with giving.database.reading() as session:
        return patient_histories(session, get_trial(session), giving.now)


def figures(giving):
    with giving.database.reading() as session:
        rules = trial_rules(get_protocol(session))
    return feasibility(histories(giving), rules)


def batches(giving):
    return batch_counts(sums_of(histories(giving), TrialRules()))


def counts(giving):
    found = figures(giving)
    return {key.value: len(found.stages[key]) for key in StageKey}


def stage(giving, *letters):
    found = counts(giving)
    return tuple(found[letter] for letter in letters)


def fail_late(giving, product):
    """The culture turns positive after the certification."""
    disposition(giving, product, status="late_oos")


@pytest.mark.req("TR-LOG")
def test_a_registered_patient_counts_for_t_only(giving):
    new_patient(giving, included=False, collected=False)
    assert stage(giving, "T", "I", "L", "M", "R", "F") == (1, 0, 0, 0, 0, 0)


@pytest.mark.req("TR-F2", "TR-PROV")
def test_two_products_both_infused_count_one_patient(giving):
    patient = new_patient(giving)
    infused(giving, new_product(giving, patient))
    infused(giving, new_product(giving, patient))
    assert stage(giving, "M", "R", "F", "F_final") == (1, 1, 1, 1)
    assert batches(giving)["infused"] == 2


def test_batch_one_rejected_and_batch_two_infused_is_one(giving):
    patient = new_patient(giving)
    new_product(giving, patient, state="rejected")
    infused(giving, new_product(giving, patient))
    found = batches(giving)
    assert stage(giving, "M", "R", "F") == (1, 1, 1)
    assert (found["started"], found["rejected"], found["released"]) == (2, 1, 1)


def test_two_leukaphereses_count_one_patient(giving):
    patient = new_patient(giving)
    with unit_of_work(giving.database, SYSTEM, "test.second") as work:
        add_collection(work, work.session.get_one(SubjectRow, patient.id), giving)
    assert stage(giving, "L") == (1,)
    assert histories(giving)[0].collections == 2


@pytest.mark.parametrize(("volume", "f"), [("30", 1), ("29.9", 0)])
def test_a_partial_infusion_counts_only_at_the_minimum_dose(giving, volume, f):
    """3e6 per mL, 30 kg: the minimum of 3e6 per kg is 30 mL."""
    given = infused(giving, new_product(giving, new_patient(giving)), outcome="partial", volume=volume, reason="a clot")
    found = figures(giving)
    assert len(found.stages[StageKey.F]) == f
    assert found.safety.infused == ("NK-03",)
    assert found.partial == (("NK-03",) if f else ())
    assert given.outcome == "partial"


def test_released_but_not_infused_is_a_failure_of_f_only(giving):
    administer(
        giving,
        on_the_ward(giving, new_product(giving, new_patient(giving))),
        "not_administered",
        reason="the child has a fever",
    )
    assert stage(giving, "R", "F") == (1, 0)
    giving.database.clock.advance(timedelta(hours=25))
    assert batches(giving)["not_infused"] == 1


@pytest.mark.req("TR-PROV")
def test_a_late_failure_takes_the_patient_out_of_f_and_not_out_of_safety(giving):
    product = new_product(giving, new_patient(giving), state="certified_pending")
    infused(giving, product)
    assert stage(giving, "F", "F_final") == (1, 0)
    fail_late(giving, product)
    found = figures(giving)
    assert (len(found.stages[StageKey.F]), found.fell) == (0, ("NK-03",))
    assert len(found.stages[StageKey.R]) == 1
    assert found.safety.infused == ("NK-03",)


def test_rejection_after_the_late_failure_changes_nothing_more(giving):
    product = new_product(giving, new_patient(giving), state="late_oos")
    disposition(giving, product, status="rejected")
    assert stage(giving, "R", "F") == (1, 0)


def test_an_infusion_after_a_no_counts_for_safety_never_in_f(giving):
    product = new_product(giving, new_patient(giving))
    row = on_the_ward(giving, product)
    assert scan(giving, product, "", by=giving.nurse, place="bedside").row.verdict == "DENY"
    administer(giving, row)
    found = figures(giving)
    assert found.stages[StageKey.F] == ()
    assert found.safety.infused == ("NK-03",)


def test_included_without_leukapheresis_stays_in_the_denominator(giving):
    patient = new_patient(giving, collected=False)
    change(giving, SubjectRow, patient.id, status="concluded", drop_reason="donor", concluded_at=giving.now)
    found = figures(giving)
    assert (found.infusion.n, [one.reason.value for one in found.drops]) == (1, ["donor"])


def test_a_planned_leukapheresis_is_not_one(giving):
    new_patient(giving)
    with giving.database.reading() as session:
        row = session.execute(sa.select(CollectionRow)).scalar_one()
    change(giving, CollectionRow, row.id, received_at=None, accepted_at=None)
    assert stage(giving, "L", "D") == (0, 0)


def test_the_stricter_denominator_leaves_out_age_and_donor_type(giving):
    new_patient(giving, "NK-01")
    new_patient(giving, "NK-02", included=False, collected=False, age_years=19)
    new_patient(giving, "NK-04", included=False, collected=False, donor_type="cord_blood")
    found = figures(giving)
    assert (found.inclusion.k, found.inclusion.n, found.inclusion_of_eligible.n) == (1, 3, 1)


def test_inclusion_counts_from_the_later_of_transplant_and_consent(giving):
    consent = giving.today - timedelta(days=50)
    new_patient(giving, consented_on=consent)
    assert histories(giving)[0].included_at == giving.today - timedelta(days=40)


@pytest.mark.req("TR-S1")
def test_where_reactions_were_not_recorded_the_safety_figure_says_so(giving):
    given = infused(giving, new_product(giving, new_patient(giving)))
    found = figures(giving).safety
    assert (found.unrecorded, found.confirmed_count) == (("NK-03",), None)
    no_reaction(giving, given)
    assert figures(giving).safety.confirmed_count == 0


def test_a_waiting_reaction_is_shown_as_pending(giving):
    react(giving, infused(giving, new_product(giving, new_patient(giving))))
    found = figures(giving).safety
    assert (found.confirmed, found.pending) == ((), ("NK-03",))


def test_the_dose_given_rests_on_the_release_result_and_the_weight_of_the_day(giving):
    infused(giving, new_product(giving, new_patient(giving)), outcome="partial", volume="70", reason="a clot")
    dose = histories(giving)[0].batches[0].infusions[0].nk_per_kg
    assert dose == Decimal("3e6") * 70 / 30


@pytest.mark.req("TR-PROV")
def test_the_stages_contain_each_other(giving):
    infused(giving, new_product(giving, new_patient(giving, "NK-01")), "NK-01")
    new_product(giving, new_patient(giving, "NK-02"), state="quarantine")
    new_patient(giving, "NK-04", included=False, collected=False)
    t, i, line, m, r, f = stage(giving, "T", "I", "L", "M", "R", "F")
    assert t >= i >= line >= m >= r >= f
    assert (t, i, m, r, f) == (3, 2, 2, 1, 1)


def statements(giving):
    seen = []
    listener = lambda *args: seen.append(args[2])  # noqa: E731
    event.listen(giving.database.engine, "before_cursor_execute", listener)
    histories(giving)
    event.remove(giving.database.engine, "before_cursor_execute", listener)
    return len(seen)


def test_the_number_of_statements_does_not_grow_with_the_patients(giving):
    infused(giving, new_product(giving, new_patient(giving, "NK-01")), "NK-01")
    before = statements(giving)
    for code in ("NK-02", "NK-04", "NK-05"):
        infused(giving, new_product(giving, new_patient(giving, code)), code)
    assert statements(giving) == before <= 15


def test_a_frozen_container_outlives_its_batch(giving):
    product = new_product(giving, new_patient(giving), hours=24)
    change(giving, ContainerRow, product.container_id, expires_at=giving.now + timedelta(days=30))
    giving.database.clock.advance(timedelta(hours=25))
    assert reasons(giving) == [None]
    giving.database.clock.advance(timedelta(days=30))
    assert reasons(giving) == [DropReason.EXPIRED]


def reasons(giving):
    return [batch.not_infused_reason for one in histories(giving) for batch in one.batches]


@pytest.mark.req("TR-OOSFLAG", "TR-F2")
def test_an_infusion_out_of_specification_is_safety_and_never_f_whatever_becomes_of_the_batch(giving):
    made = supplied_product(giving, new_patient(giving))
    row = give_out(giving, scan_of(giving, made), oos_acknowledged=True)
    to_the_ward(giving, row)
    scan(giving, made, by=giving.nurse, place="bedside")
    administer(giving, row)
    for status in ("oos_supply", "late_oos", "rejected"):
        disposition(giving, made, status=status)
        found = figures(giving)
        assert (stage(giving, "M", "R", "F", "F_final"), found.supplied) == ((1, 0, 0, 0), ("NK-03",))
        assert found.safety.infused == ("NK-03",)
        assert (found.infusion.k, found.infusion_with_supplied.k) == (0, 1)
        assert batches(giving)["rejected"] == 1


def scan_of(giving, made):
    check(giving, order(giving))
    return scan(giving, made)
