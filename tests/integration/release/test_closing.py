"""The end of a trial: refused while anything is open, then nothing is begun any more, and everything is still read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kernel.errors import Refused
from kernel.work import SYSTEM, unit_of_work
from manufacturing.queries.holds import held_content
from manufacturing.queries.trial import find_trial, inclusion_content
from manufacturing.services.collections import plan_collection
from manufacturing.services.holds import place_hold, set_hold
from manufacturing.services.trial import include_subject, open_trial, register_subject
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow
from manufacturing.tables.trial import HoldRow, SubjectRow, TrialRow
from release.queries.closing import closing_content, observation_content
from release.queries.retention import erasure_content, products
from release.queries.trial_figures import shown_trial, trial_figures
from release.services.closing import close_trial, complete_subject
from release.services.retention import answer_erasure
from release.tables.quality_checks import ReactionCheckRow
from tests.integration.release.giving_factory import (
    administer,
    change,
    giving_installation,  # noqa: F401
    infused,
    new_patient,
    new_product,
    no_reaction,
    on_the_ward,
    order,
    react,
    refused,
    scan,
)
from tests.places import along


@pytest.fixture
def treated(giving):
    """One patient with an infusion."""

    def made():
        patient = new_patient(giving)
        product = new_product(giving, patient)
        return patient, product, infused(giving, product)

    return along(giving, "one patient infused", made)


def close(giving, ended_on=None, trial_id=None):
    trial_id = trial_id or giving.trial_id
    with giving.act("trial.close", giving.sponsor, content=lambda s: closing_content(s, trial_id)) as work:
        return close_trial(work, trial_id, ended_on=ended_on or giving.today)


def complete(giving, patient, **reason):
    content = lambda s: observation_content(s, patient.id)  # noqa: E731
    with giving.act("subject.complete", giving.sponsor, content=content) as work:
        return complete_subject(work, patient.id, **reason)


def erase(giving, patient):
    content = lambda s: erasure_content(s, patient.id)  # noqa: E731
    with giving.act("erasure.answer", giving.qa, content=content) as work:
        return answer_erasure(work, patient.id, reference="letter 2026-17", received_on=giving.today)


def finish(giving, treated):
    """Everything of the one patient comes to its end; a year goes by."""
    patient, product, given = treated
    no_reaction(giving, given)
    change(giving, BatchRow, product.batch_id, status="closed")
    change(giving, CollectionRow, patient.collection_id, status="consumed")
    giving.database.clock.advance(timedelta(days=366))
    complete(giving, patient)


def named(giving, **changes):
    with pytest.raises(Refused) as caught:
        close(giving, **changes)
    return {str(one.fact("records")) for one in caught.value.refusals}


def status(giving):
    with giving.database.reading() as session:
        return session.get_one(TrialRow, giving.trial_id).status


@pytest.mark.req("RET-5", "RET-25")
def test_the_trial_is_not_closed_while_anything_of_it_is_open_and_each_is_named(giving, treated):
    patient, _, given = treated
    waiting = new_product(giving, patient)
    pending = order(giving)
    react(giving, given)
    with unit_of_work(giving.database, SYSTEM, "test.hold") as work:
        set_hold(work, "container", waiting.container_id, cause="defect", reason="a crack")
    with giving.database.reading() as session:
        code = session.get_one(ContainerRow, waiting.container_id).code
        batches = ", ".join(sorted(row.number for row in session.query(BatchRow)))
        collection = session.get_one(CollectionRow, patient.collection_id).number
        (check,) = session.query(ReactionCheckRow)
    assert named(giving) == {code, "NK-03", batches, collection, pending.number, check.number}
    assert status(giving) == "open"


@pytest.mark.req("TR-S6", "RET-30")
def test_what_was_brought_and_not_given_starts_no_observation_and_no_clock(giving):
    patient = new_patient(giving)
    product = new_product(giving, patient)
    administer(giving, on_the_ward(giving, product), "not_administered", reason="the child has a fever")
    assert refused(complete, giving, patient) == ["NOT_INFUSED"]
    with giving.database.reading() as session:
        (made,) = products(session, [session.get_one(BatchRow, product.batch_id)]).values()
    assert made.given == ()


@pytest.mark.req("TR-S6")
def test_an_observation_ends_on_its_last_day_with_the_reactions_told(giving, treated):
    patient, _, given = treated
    assert refused(complete, giving, patient) == ["OBSERVATION_RUNS", "REACTIONS_OPEN"]
    giving.database.clock.advance(timedelta(days=365))
    assert refused(complete, giving, patient) == ["REACTIONS_OPEN"]
    no_reaction(giving, given)
    row = complete(giving, patient)
    assert (row.status, row.drop_reason) == ("completed", None)
    assert refused(complete, giving, patient) == ["STATE_NOT_ALLOWED"]


def test_a_closed_trial_begins_nothing_and_hears_of_a_late_reaction_all_the_same(giving, treated):
    new_patient(giving, "NK-04", included=False, collected=False, status="concluded", drop_reason="no_consent")
    finish(giving, treated)
    day = giving.today
    row = close(giving)
    assert (row.status, row.ended_on, row.closed_by) == ("closed", day, giving.sponsor.id)
    assert refused(close, giving) == ["STATE_NOT_ALLOWED"]
    assert refused(order, giving) == ["TRIAL_CLOSED", "SUBJECT_NOT_INCLUDED"]
    left = new_product(giving, treated[0])
    assert "TRIAL_CLOSED" in scan(giving, left).row.reasons
    giving.database.clock.advance(timedelta(days=2))
    for _ in range(3):
        react(giving, treated[2])
    with giving.database.reading() as session:
        assert session.query(HoldRow).count() == 0
        assert find_trial(session) is None


def test_a_subject_is_neither_included_nor_collected_for_nor_registered_in_a_closed_trial(giving, treated):
    finish(giving, treated)
    close(giving)
    with unit_of_work(giving.database, SYSTEM, "test.subject") as work:
        values = {"diagnosis": "ALL", "donor_type": "mismatched_family", "age_years": 5, "age_months": 0}
        row = work.add(SubjectRow(trial_id=giving.trial_id, code="NK-09", transplanted_on=giving.today, **values))
    content = lambda s: inclusion_content(s, row.id)  # noqa: E731
    with (
        pytest.raises(Refused) as caught,
        giving.act("subject.include", giving.sponsor, content=content) as work,
    ):
        include_subject(work, row.id, consent_reference="C-9", consented_on=giving.today)
    assert [one.code for one in caught.value.refusals] == ["TRIAL_CLOSED"]
    with pytest.raises(Refused) as caught, giving.act("collection.plan", giving.technician) as work:
        number = {"number_kind": "facility", "number": "LK-0900", "donor_code": "D-0900"}
        plan_collection(work, subject_code="NK-09", planned_on=giving.today, mobilised=False, **number)
    assert "TRIAL_CLOSED" in [one.code for one in caught.value.refusals]
    with pytest.raises(Refused) as caught, giving.act("subject.register", giving.sponsor) as work:
        register_subject(work, code="NK-10", transplanted_on=giving.today, **values)
    assert [one.code for one in caught.value.refusals] == ["NO_TRIAL"]


def test_the_figures_of_a_closed_trial_stay_when_another_one_runs(giving, treated):
    finish(giving, treated)
    close(giving)
    before = figures(giving, giving.trial_id)
    with giving.act("trial.open", giving.sponsor) as work:
        other = open_trial(work, code="NL-OMON77777", title="The next one", eu_trial_number="2028-500000-00-00")
    new_patient(giving, "NK-21", trial_id=other.id)
    assert figures(giving, giving.trial_id) == {
        **before,
        "others": [{"id": other.id, "code": other.code, "status": "open"}],
    }
    now = figures(giving, None)
    assert (now["trial"]["code"], now["stages"][0]["subjects"]) == ("NL-OMON77777", ["NK-21"])


def figures(giving, trial_id):
    with giving.database.reading() as session:
        return trial_figures(session, shown_trial(session, trial_id), giving.now)


@pytest.mark.req("RET-30", "RET-5", "RET-25", "RET-MAX", "RET-GDPR")
def test_the_end_of_the_trial_starts_its_clocks_and_the_longest_answers_a_request_to_erase(giving, treated):
    patient, product, _ = treated
    assert erase(giving, patient).keep_until is None
    finish(giving, treated)
    change(giving, ContainerRow, product.container_id, expires_at=giving.now - timedelta(days=300))
    close(giving, ended_on=date(2027, 11, 20))
    found = figures(giving, giving.trial_id)["retention"]
    kept = {one["class"]: one["until"] for one in found["classes"]}
    assert kept["batch_documentation"] == date(2032, 11, 20)
    assert kept["trial_master_file"] == date(2052, 11, 20)
    assert kept["traceability"] == found["all"] == found["batches"][0]["all"]
    row = erase(giving, patient)
    assert (row.ground, row.keep_until) == ("traceability", found["all"])


def test_a_trial_on_hold_names_the_hold_instead_of_closing(giving, treated):
    finish(giving, treated)
    content = lambda s: held_content(s, "trial", giving.trial_id)  # noqa: E731
    with giving.act("trial.hold", giving.sponsor, content=content, reason="the board asked for it") as work:
        place_hold(work, "trial", giving.trial_id)
    assert named(giving) == {"NL-OMON26066"}
    assert status(giving) == "on_hold"
