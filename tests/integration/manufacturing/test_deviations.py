"""Deviations from anywhere, on every batch they affect, judged by the QP and closed by somebody else; their actions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel.accounts.tables import PersonRow
from manufacturing.domain.expiry import local_day
from manufacturing.queries.batches import deviations_of, get_deviation
from manufacturing.queries.capa import action_content
from manufacturing.queries.collections import get_collection
from manufacturing.queries.deviations import deviation_content, entries_of, list_deviations
from manufacturing.services.capa import cancel_action, check_action, plan_action, postpone_action, report_done
from manufacturing.services.deviations import (
    name_affected_batch,
    reclassify_deviation,
    reopen_deviation,
    report_about,
)
from tests.integration.manufacturing.refusing import refused


@pytest.fixture
def batch(story):
    return story.open(story.accepted(), volume="100")


def about(story, kind, record_id, *, by=None, classification="major"):
    story.later(minutes=1)
    with story.act("deviation.report_about", by or story.t1) as work:
        return report_about(
            work, kind, record_id, classification=classification, description="The box was found without its lid."
        )


def on(story, service, name, deviation, by, reason=None, **fields):
    story.later(minutes=1)
    with story.act(name, by, content=(deviation_content, deviation.id), reason=reason) as work:
        return service(work, deviation.id, **fields)


def numbers(story, batch):
    return [one.number for one in story.read(deviations_of, batch.id)]


@pytest.mark.req("S4", "ATMP-DEV-1")
def test_who_raised_investigated_or_assessed_a_deviation_does_not_close_it(story, batch, person):
    deviation = story.deviate(batch, by=story.qa2)
    assert refused(story, story.close, deviation) == ["STATE_NOT_ALLOWED"]
    assert refused(story, story.investigate, deviation, root_cause="none") == ["MISSING_FIELD"]
    investigator = person("QA")
    story.investigate(deviation, by=investigator)
    assert refused(story, story.assess, deviation, impact="none") == ["MISSING_FIELD"]
    story.assess(deviation, by=story.qa)
    assert refused(story, story.close, deviation, by=person("QA")) == ["QP_JUDGEMENT_MISSING"]
    story.judge(deviation)
    for one in (story.qa, story.qa2, investigator):
        assert refused(story, story.close, deviation, by=one) == ["SOD_DEVIATION"]
    assert story.close(deviation, by=person("QA")).status == "closed"


@pytest.mark.req("S4", "ATMP-DEV-1")
def test_reopening_keeps_the_history_and_whom_it_involved(story, batch, person):
    deviation = story.deviate(batch)
    earlier, last = person("QA"), person("QA")
    story.investigate(deviation, by=earlier)
    for act, by in ((story.assess, earlier), (story.judge, story.qp), (story.close, story.qa2)):
        story.later(minutes=1)
        act(deviation, by=by)
    on(story, reopen_deviation, "deviation.reopen", deviation, last, "the log shows a longer stop")
    row = story.read(get_deviation, deviation.id)
    assert (row.status, row.judged_by, row.closed_by) == ("under_investigation", None, None)
    assert row.impact == "No effect on the cells: viability unchanged."
    for act, by in ((story.investigate, story.t2), (story.assess, story.qp)):
        story.later(minutes=1)
        act(deviation, by=by)
    story.later(minutes=1)
    assert refused(story, story.close, deviation, by=earlier) == ["SOD_DEVIATION"]
    assert story.close(deviation, by=last).status == "closed"
    assert [one.kind for one in story.read(entries_of, deviation.id)] == [
        *("investigated", "impact_assessed", "judged_by_qp", "closed_by", "reopened"),
        *("investigated", "impact_assessed", "closed_by"),
    ]


@pytest.mark.req("ATMP-DEV-1")
def test_anybody_at_the_bench_or_the_pharmacy_raises_a_deviation(story, batch, person):
    found = [story.deviate(batch, by=by).number for by in (story.t1, story.qa, story.qp, person("Ph"))]
    assert found == [f"NK26-0001-D{number}" for number in range(1, 5)]
    assert refused(story, story.deviate, batch, by=story.dr) == ["ROLE_NOT_ALLOWED"]


@pytest.mark.req("ATMP-DEV-1")
def test_a_deviation_of_the_leukapheresis_goes_with_it_into_every_batch(story):
    collection = story.accepted()
    before = about(story, "collection", collection.id)
    assert (before.number, before.batch_id) == (f"{collection.number}-D1", None)
    batch = story.open(collection)
    after = about(story, "collection", collection.id)
    assert numbers(story, batch) == [before.number, after.number]
    step = about(story, "batch", batch.id)
    assert numbers(story, batch)[-1] == step.number == f"{batch.number}-D1"


@pytest.mark.req("ATMP-DEV-1")
def test_another_batch_affected_has_it_on_its_own_page_and_in_its_guards(story, batch):
    other = story.open(story.read(get_collection, batch.collection_id))
    deviation = story.deviate(other)
    assert numbers(story, batch) == []
    name = ("deviation.name_batch", deviation, story.qa)
    assert refused(story, on, story, name_affected_batch, *name, batch_number="NK26-0099") == ["BATCH_UNKNOWN"]
    on(story, name_affected_batch, *name, batch_number=batch.number)
    assert numbers(story, batch) == [deviation.number]
    assert refused(story, on, story, name_affected_batch, *name, batch_number=batch.number) == ["BATCH_NAMED"]
    (line,), _ = story.read(list_deviations, {"code": batch.number})
    assert (line["number"], line["batches"]) == (deviation.number, [batch.number, other.number])


@pytest.mark.req("ATMP-DEV-1")
def test_the_class_changes_with_a_reason_that_stays(story, batch):
    deviation = story.deviate(batch)
    with_reason = (story, reclassify_deviation, "deviation.reclassify", deviation, story.qa, "three batches lay there")
    on(*with_reason, classification="critical")
    assert refused(story, on, *with_reason, classification="critical") == ["SAME_CLASS"]
    (entry,) = story.read(entries_of, deviation.id)
    assert entry.words == "minor → critical: three batches lay there"


def plan(story, deviation, owner, days=7):
    login = story.read(lambda session: session.get_one(PersonRow, owner.id).login)
    given = {"kind": "corrective", "description": "Another thermometer in the room.", "owner": login}
    due_on = local_day(story.now) + timedelta(days=days)
    return on(story, plan_action, "capa.plan", deviation, story.qa, **given, due_on=due_on)


def act_on(story, service, name, action, by, reason=None, **fields):
    with story.act(name, by, content=(action_content, action.id), reason=reason) as work:
        return service(work, action.id, **fields)


@pytest.mark.req("ATMP-DEV-1")
def test_an_action_outlives_its_deviation_and_is_checked_by_somebody_else(story, batch, person):
    deviation = story.deviate(batch)
    assert refused(story, plan, story, deviation, story.nurse) == ["OWNER_UNKNOWN"]
    assert refused(story, plan, story, deviation, story.t1, days=-1) == ["DUE_DAY_PAST"]
    action = plan(story, deviation, story.t1)
    story.assess(deviation)
    story.judge(deviation)
    story.close(deviation)
    assert refused(story, plan, story, deviation, story.t1) == ["STATE_NOT_ALLOWED"]
    done = (report_done, "capa.done", action)
    check = {"effective": False, "outcome": "the room was warm again on Tuesday"}
    act_on(story, *done, story.qa2, evidence="thermometer TH-12 mounted, log page 4")
    assert refused(story, act_on, story, check_action, "capa.check", action, story.qa2, **check) == ["SOD_CAPA"]
    act_on(story, check_action, "capa.check", action, story.qa, **check)
    assert act_on(story, *done, story.t1, evidence="a second one, log page 9").status == "done"
    found = {"effective": True, "outcome": "no excursion in the month since then"}
    assert refused(story, act_on, story, check_action, "capa.check", action, story.qa2, **found) == ["SOD_CAPA"]
    assert act_on(story, check_action, "capa.check", action, story.qa, **found).status == "found_effective"


def test_an_action_is_postponed_or_cancelled_with_its_reason(story, batch):
    action = plan(story, story.deviate(batch), story.t2)
    later = local_day(story.now) + timedelta(days=90)
    why = "the thermometer is delivered in February"
    assert act_on(story, postpone_action, "capa.postpone", action, story.qa, why, due_on=later).due_on == later
    assert act_on(story, cancel_action, "capa.cancel", action, story.qa, why).end_reason == why
