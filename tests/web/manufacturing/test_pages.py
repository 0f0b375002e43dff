"""Every page of manufacturing in both languages, and the path typed into its forms."""

from __future__ import annotations

import pytest

from manufacturing.queries.batches import containers_of, deviations_of


@pytest.fixture
def batch(story):
    batch = story.formulated()
    story.fill(batch)
    story.deviate(batch, step="2")
    story.hold("batch", batch.id)
    return batch


def page(browser, path, language):
    found = browser.get(f"{path}?lang={language}", follow_redirects=True)
    assert found.status_code == 200, found.text[:2000]
    return found.text


@pytest.mark.on_both
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_is_drawn(story, batch, browser, language):
    (deviation,) = story.read(deviations_of, batch.id)
    (container,) = story.read(containers_of, batch.id)
    qa = browser("QA")
    paths = [
        "/",
        "/subjects",
        f"/subjects/{batch.subject_id}",
        "/collections",
        f"/collections/{batch.collection_id}",
        "/batches",
        f"/batches/{batch.id}",
        f"/batches/{batch.id}/steps/1",
        f"/batches/{batch.id}/steps/10",
        f"/deviations/{deviation.id}",
        f"/deviations/{deviation.id}/investigate",
        f"/deviations/{deviation.id}/actions/new",
        "/deviations?status=not_closed&class=minor&kind=step&code=NK26",
        "/actions?status=overdue",
        "/lookbacks?status=open&code=DN",
        f"/donors/{batch.donor_id}",
        f"/donors/{batch.donor_id}/lookbacks/new",
        f"/collections/{batch.collection_id}/events/new",
        f"/deviations/new/container/{container.id}",
        f"/holds/batch/{batch.id}/new",
        f"/containers/{container.id}",
        f"/holds/container/{container.id}/new",
    ]
    for path in paths:
        text = page(qa, path, language)
        assert "Undefined" not in text
    t = browser("T")
    for path in (
        "/collections/new",
        f"/batches/{batch.id}/steps/10/perform",
        f"/batches/{batch.id}/steps/9/correct",
        f"/batches/{batch.id}/steps/9/verify",
        f"/batches/{batch.id}/steps/9/check",
        f"/batches/{batch.id}/fill",
        f"/batches/{batch.id}/complete",
        f"/batches/{batch.id}/deviations/new",
        f"/batches/{batch.id}/start",
        f"/collections/{batch.collection_id}/donor",
        f"/collections/{batch.collection_id}/receive",
        "/",
    ):
        page(t, path, language)


def test_what_the_pages_show_is_read_through_the_api(story, batch, api):
    (container,) = story.read(containers_of, batch.id)
    qa = api("QA")
    for path in (
        f"/subjects/{batch.subject_id}",
        f"/collections/{batch.collection_id}",
        f"/batches/{batch.id}",
        f"/batches/{batch.id}/steps/10",
        f"/donors/{batch.donor_id}",
        f"/containers/{container.id}",
    ):
        found = qa.get(path)
        assert found.status_code == 200, (path, found.text[:300])


@pytest.mark.req("TC-86-RECEIPT")
@pytest.mark.parametrize("answer", ["container_intact", "label_matches", "free_of_clots"])
def test_a_failed_check_at_receipt_is_shown_as_no_and_leads_to_its_deviation(story, browser, answer):
    story.trial()
    story.subject()
    good = browser("QA")
    collection = story.receive(story.plan(), **{answer: False})
    shown = page(good, f"/collections/{collection.id}", "en")
    checks = shown.split('<ul class="checks">')[1].split("</ul>")[0]
    assert checks.count("status-stop") == 1
    assert f"{collection.number}-D1" in shown
