"""The dose page and the estimate, as people and clients read them."""

from __future__ import annotations

import pytest

from manufacturing.queries.batches import containers_of, get_batch
from release.tables.dosing import DoseRow
from tests.integration.manufacturing.story import Story
from tests.places import remembered


@pytest.fixture
def story(database, person, app):
    return remembered(database, "story", lambda: Story(database, person))


def filled(story):
    batch = story.formulated()
    story.fill(batch)
    subject = type("Subject", (), {"id": batch.subject_id})
    story.weigh(subject, "18.4")
    return batch


@pytest.fixture
def container(story):
    batch = remembered(story.database, "filled", lambda: filled(story))
    (found,) = story.read(containers_of, batch.id)
    return found


@pytest.mark.req("ATMP-CALC")
def test_the_page_says_the_volume_what_binds_it_and_from_what_it_was_computed(container, browser, api):
    """38 mL at 2.5928e7 NK and 2999 CD3+ per mL, 18.4 kg: 1e7 NK/kg is reached with 7.0 mL."""
    page = browser("QP").get(f"/containers/{container.id}/dose?target=1e7").text
    assert '<strong class="big">7.0 mL</strong>' in page
    assert "target dose" in page
    assert "count of the formulated product" in page
    found = api("Ph").get(f"/containers/{container.id}/dose?target=1e7").json["doses"][0]
    assert (found["plan"]["volume_ml"], found["plan"]["bound_by"]) == ("7.0", "target dose")
    assert found["inputs"]["weight_kg"] == "18.4"
    assert found["plan"]["formula_version"] == "2"


@pytest.mark.req("PHE-2.6.14-1", "ATMP-CALC")
def test_the_endotoxin_limit_is_that_of_this_weight_volume_and_time(container, browser, api):
    """7.0 mL for 18.4 kg: 5 x 18.4 / 7.0 EU/mL within one hour, and twice that over two."""
    path = f"/containers/{container.id}/dose?target=1e7&minutes=120&sensitivity=0.05"
    found = api("Ph").get(path).json["doses"][0]["endotoxin"]
    assert [one["limit_eu_per_ml"][:6] for one in found["rows"]] == ["13.142", "26.285"]
    assert [one["maximum_dilution"] for one in found["rows"]] == [262, 525]
    assert found["result_eu_per_ml"] is None
    page = browser("QP").get(path).text
    assert "No verified endotoxin result yet" in page
    assert "7 mL in 120 min" in page
    assert "is not possible (1 to 1440)" in browser("QP").get(f"/containers/{container.id}/dose?minutes=0").text


def test_a_target_that_is_no_number_is_said_and_nothing_is_lost(container, browser):
    page = browser("QP").get(f"/containers/{container.id}/dose?target=1,5").text
    assert 'value="1,5"' in page
    assert "is not a number this system accepts" in page


@pytest.mark.req("ATMP-CALC")
def test_a_kept_computation_is_stored_with_inputs_formula_and_version(story, container, browser):
    ph = browser("Ph")
    answer = ph.submit(f"/containers/{container.id}/dose/keep", {"target_nk_per_kg": "1e7"})
    assert ph.codes(answer) == []
    (row,) = story.read(lambda session: session.query(DoseRow).all())
    assert (str(row.volume_ml), row.bound_by, row.formula, row.formula_version) == (
        "7.0",
        "target dose",
        "volume to infuse (3.7)",
        "2",
    )
    assert '"weight_kg":"18.4"' in row.inputs
    assert "Kept computations" in ph.get(f"/containers/{container.id}/dose").text


def test_a_derived_value_cannot_be_typed(container, browser):
    ph = browser("Ph")
    sent = {"target_nk_per_kg": "1e7", "volume_ml": "30"}
    assert ph.codes(ph.submit(f"/containers/{container.id}/dose/keep", sent)) == ["FIELD_INVALID"]


def test_an_estimate_needs_the_count_of_the_donors_blood(story, container, browser, api):
    batch = story.read(get_batch, container.batch_id)
    path = f"/collections/{batch.collection_id}/estimate"
    qa = browser("QA")
    assert path in qa.get(f"/collections/{batch.collection_id}").text
    assert "Type the NK cells in the donor" in qa.get(path).text
    assert api("QA").get(f"{path}?nk_per_ul=250").json["estimate"]["enough"] == "enough"
    assert "uncertain" in qa.get(f"{path}?nk_per_ul=50").text
    assert "is not possible (1 to 5000)" in qa.get(f"{path}?nk_per_ul=90000").text
