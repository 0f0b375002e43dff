"""What people do at the bench by page and by API: the same fields, the same refusals, the same record."""

from __future__ import annotations

import pytest

from manufacturing.queries.batches import containers_of, deviations_of
from manufacturing.queries.steps import batch_steps, step_values

STEP_ONE = {
    "label_matches": "yes",
    "appearance": "yes",
    "volume": "212",
    "wbc": "98600",
    "wbc_unit": "cells/uL",
    "viability": "99.1",
    "nk_percent": "11.8",
    "cd3_percent": "61.5",
    "b_percent_na": "not in the panel",
    "monocyte_percent_na": "not in the panel",
    "sampled": "2",
    "culture_sample": "ST-0042",
}
WALL_CLOCK = "2026-11-23 10:05"  # in Amsterdam: the clock of the tests stands at 09:05 UTC when the line is clear


@pytest.fixture
def batch(story):
    return story.started()


@pytest.fixture(params=["page", "api"])
def technician(request, browser, api):
    """A technician at a page or at the API; ``send(path, fields, second)`` and ``codes(answer)``."""
    who = browser("T") if request.param == "page" else api("T")
    send = who.submit if request.param == "page" else who.act
    return send, who.codes


@pytest.mark.req("DI-6.12", "P11-10f")
def test_a_step_is_recorded_with_the_fields_of_the_frozen_process(story, batch, technician):
    send, codes = technician
    answer = send(f"/batches/{batch.id}/steps/1/perform", {**STEP_ONE, "performed_at": WALL_CLOCK})
    assert codes(answer) == []
    assert answer.status_code in {200, 303}
    values = story.read(step_values, batch.id)
    assert str(values["apheresis.wbc"].number) == "98.6"
    assert story.read(batch_steps, batch.id)[0].status == "performed"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"wbc": "98,6"}, ["FIELD_INVALID"]),
        ({"viability": "NaN"}, ["FIELD_INVALID"]),
        ({"label_matches": None}, ["MISSING_FIELD"]),
        ({"performed_at": "23-11-2026 10:05"}, ["FIELD_INVALID"]),
        ({"performed_at": "2026-11-23 10:06"}, ["FUTURE_TIME"]),
        ({"tnc": "2e10"}, ["FIELD_INVALID"]),
        ({"culture_sample": "geb. 01-02-2015"}, ["PII_IN_FIELD", "PII_IN_FIELD"]),
        ({"wbc_unit": "10^6/mL"}, ["UNIT_IMPLAUSIBLE"]),
        ({"password": "wrong"}, ["AUTH_BAD_SIGNATURE"]),
    ],
)
def test_a_fault_in_a_field_has_the_same_code_everywhere(story, batch, technician, fields, expected):
    send, codes = technician
    path = f"/batches/{batch.id}/steps/1/perform"
    assert codes(send(path, {**STEP_ONE, "performed_at": WALL_CLOCK, **fields})) == expected
    assert story.read(batch_steps, batch.id)[0].status == "pending"


@pytest.mark.req("S1")
def test_the_performer_cannot_verify_at_any_door(story, batch, technician):
    send, codes = technician
    assert codes(send(f"/batches/{batch.id}/steps/1/perform", {**STEP_ONE, "performed_at": WALL_CLOCK})) == []
    assert codes(send(f"/batches/{batch.id}/steps/1/verify")) == ["SOD_STEP"]
    assert codes(send(f"/batches/{batch.id}/steps/1/check", second="T")) == ["SOD_STEP"]
    without = send(f"/batches/{batch.id}/steps/1/check?lang=en", second="Dr")
    assert codes(without) == ["SECOND_ROLE_NOT_ALLOWED"]
    assert "Person Dr may not sign this as the second person" in without.text
    assert "Your role" not in without.text, "the reader is the first person, whose role allows it"
    assert codes(send(f"/batches/{batch.id}/steps/1/check", second="QA")) == []
    assert story.read(batch_steps, batch.id)[0].status == "verified"


def test_a_page_from_before_a_deviation_is_stale(story, batch, browser):
    story.perform(batch, 1, "inspect")
    verifier = browser("QA")
    path = f"/batches/{batch.id}/steps/1/verify"
    opened = verifier.form(path)
    story.correct(batch, 1, "inspect", culture_sample="ST-0043")
    assert verifier.codes(verifier.submit(path, form=opened)) == ["STALE_VERSION"]
    assert verifier.codes(verifier.submit(path)) == []


def test_the_scan_field_opens_every_record(story, batch, browser):
    story.steps(batch, last=9)
    story.fill(batch)
    story.deviate(batch)
    (container,), (deviation,) = story.read(containers_of, batch.id), story.read(deviations_of, batch.id)
    qa = browser("QA")
    opened = {
        "NK-01": f"/subjects/{batch.subject_id}",
        "DN-101": f"/subjects/{batch.subject_id}",
        "LA-2026-0041": f"/collections/{batch.collection_id}",
        "NK26-0001": f"/batches/{batch.id}",
        container.code: f"/containers/{container.id}",
        deviation.number: f"/deviations/{deviation.id}",
    }
    for code, path in opened.items():
        assert qa.get("/find", query_string={"code": code}).headers["Location"].endswith(path)


def test_work_shows_what_waits_for_each_role(story, batch, browser):
    story.perform(batch, 1, "inspect", viability=story.values("inspect")["viability"])
    story.deviate(batch)
    story.hold("batch", batch.id)
    assert f"/batches/{batch.id}/steps/1/verify" in browser("T").get("/").text
    qa = browser("QA").get("/").text
    assert "/investigate" in qa
    assert "/lift" not in qa
    assert "/lift" in browser("QP").get("/").text
    assert "/batches/" not in browser("Dr").get("/").text


@pytest.mark.req("P11-10d")
def test_buttons_follow_roles_and_direct_posts_are_refused_all_the_same(story, batch, browser):
    nurse, inspector = browser("N"), browser("In")
    assert nurse.get(f"/batches/{batch.id}").status_code == 403
    page = inspector.get(f"/batches/{batch.id}")
    assert page.status_code == 200
    assert "/terminate" not in page.text
    assert inspector.codes(inspector.submit(f"/batches/{batch.id}/terminate")) == ["ROLE_NOT_ALLOWED"]
