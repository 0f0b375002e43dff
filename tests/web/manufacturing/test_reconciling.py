"""What the page of reconciliation says of a batch at the bench."""

from __future__ import annotations


def test_a_batch_that_qa_has_not_reviewed_is_never_said_to_be_accounted_for(story, browser):
    page = browser("QA").get(f"/batches/{story.started().id}/reconciliation").text
    assert "Only a batch that QA has reviewed can be closed." in page
    assert "Every unit is accounted for" not in page
