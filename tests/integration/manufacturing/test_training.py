"""Nobody works at the bench without training for the frozen version, and the record of it is never dated back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from kernel.documents.queries import approval_content
from kernel.documents.services import approve_document, draft_document
from kernel.training.queries import lapsing, matrix, training_content
from kernel.training.services import record_training, withdraw_training
from kernel.training.tables import TrainingRow
from tests.integration.manufacturing.refusing import refused
from tests.integration.manufacturing.story import PRESETS
from tests.training import train

pytestmark = pytest.mark.req("ATMP-3.2-TRAIN")


def standing(story, person, procedure="manufacturing"):
    line = next(one for one in story.read(matrix, story.now) if one["id"] == person.id)
    return next(one["state"] for one in line["cells"] if one["procedure"] == procedure)


def learnt(story, person, batch):
    train(story.database, [person.id], [f"manufacturing:{batch.process_document_id}"])


def new_version(story, kind, **given):
    body = json.loads((PRESETS / f"{kind}.json").read_text())["body"]
    with story.act("document.draft", story.qa) as work:
        row = draft_document(work, kind=kind, code=kind.upper(), title=kind, body=body, **given)
    for approver, role in ((story.qa2, "QA"), (story.qp, "QP")):
        with story.act("document.approve", approver, content=(approval_content, row.id)) as work:
            row = approve_document(work, row.id, role=role)
    return row


def withdrawn(story, training_id):
    content = (training_content, training_id)
    with story.act("training.withdraw", story.qa, content=content, reason="did not pass the media fill") as work:
        return withdraw_training(work, training_id)


@pytest.fixture
def batch(story):
    return story.started()


@pytest.fixture
def novice(batch, person):
    """Came when everybody else was trained."""
    assert batch.started_at
    return person("T", trained=False)


def test_the_line_is_not_cleared_by_somebody_untrained(story, person):
    batch = story.open(story.accepted())
    novice = person("T", trained=False)
    assert refused(story, story.start, batch, second=novice) == ["NOT_TRAINED"]
    learnt(story, novice, batch)
    story.start(batch, second=novice)


def test_a_step_is_neither_performed_nor_verified_nor_corrected_by_somebody_untrained(story, batch, novice):
    assert refused(story, story.perform, batch, 1, "inspect", by=novice) == ["NOT_TRAINED"]
    story.perform(batch, 1, "inspect")
    assert refused(story, story.correct, batch, 1, "inspect", by=novice) == ["NOT_TRAINED"]
    assert refused(story, story.verify, batch, 1, by=novice) == ["NOT_TRAINED"]
    assert refused(story, story.check, batch, 1, second=novice) == ["NOT_TRAINED"]
    learnt(story, novice, batch)
    story.verify(batch, 1, by=novice)


def test_training_given_today_does_not_cover_what_was_done_before(story, batch, novice):
    earlier = story.now
    story.later(minutes=3)
    learnt(story, novice, batch)
    late = {"by": novice, "performed_at": earlier, "at": earlier}
    assert refused(story, story.perform, batch, 1, "inspect", **late) == ["NOT_TRAINED"]
    story.perform(batch, 1, "inspect", by=novice)


@pytest.mark.parametrize(("retraining", "state"), [(True, "earlier version"), (False, "valid")])
def test_a_new_version_ends_the_training_for_the_one_before_where_it_says_so(story, retraining, state):
    collection = story.accepted()
    assert standing(story, story.t1) == "valid"
    new_version(story, "process", retraining=retraining)
    assert standing(story, story.t1) == state
    batch = story.open(collection)
    if retraining:
        assert refused(story, story.start, batch) == ["NOT_TRAINED", "NOT_TRAINED"]
    else:
        story.start(batch)


def test_a_batch_is_finished_by_those_trained_for_the_version_it_froze(story, batch):
    new_version(story, "process")
    story.perform(batch, 1, "inspect")


def test_approved_rules_set_how_long_training_lasts_and_what_needs_none(story, batch, novice):
    new_version(story, "training")
    learnt(story, novice, batch)
    story.later(days=365, seconds=-1)
    assert standing(story, novice) == "expiring"
    story.later(seconds=1)
    assert standing(story, novice) == "expired"
    assert novice.id in {one["id"] for one in story.read(lapsing, story.now)}


def test_withdrawn_training_ends_at_once_and_only_once(story, batch, novice):
    learnt(story, novice, batch)
    with story.database.reading() as session:
        row = session.query(TrainingRow).filter_by(person_id=novice.id).one()
    withdrawn(story, row.id)
    assert standing(story, novice) == "withdrawn"
    assert refused(story, story.perform, batch, 1, "inspect", by=novice) == ["NOT_TRAINED"]
    assert refused(story, withdrawn, story, row.id) == ["TRAINING_ENDED"]


def test_training_is_given_and_confirmed_by_two_others_and_never_dated_back(story, batch, novice):

    def record(first, second, **changed):
        fields = {"people": [novice.id], "procedures": [f"manufacturing:{batch.process_document_id}"]}
        told = {"trained_on": story.now.date(), "evidence": "list TR-1", **fields, **changed}
        with story.act("training.record", first, second) as work:
            return record_training(work, **told)

    assert refused(story, record, novice, story.qa) == ["SOD_TRAINING"]
    assert refused(story, record, story.t1, story.t2) == ["SECOND_ROLE_NOT_ALLOWED"]
    assert refused(story, record, story.t1, story.qa, effective_at=story.now - timedelta(minutes=1)) == [
        "TRAINING_BACKDATED"
    ]
    assert refused(story, record, story.t1, story.qa, procedures=["manufacturing:"], people=["nobody"]) == [
        "TRAINING_UNKNOWN",
        "TRAINING_UNKNOWN",
    ]
    (row,) = record(story.t1, story.qa, effective_at=story.now + timedelta(minutes=10))
    assert standing(story, novice) == "later"
    assert refused(story, story.perform, batch, 1, "inspect", by=novice) == ["NOT_TRAINED"]
    story.later(minutes=10)
    assert row.effective_at == story.now
    story.perform(batch, 1, "inspect", by=novice)
