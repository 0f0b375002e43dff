"""A specification written, approved and used through the pages; a batch beside the version of today."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kernel.documents.tables import DocumentRow
from kernel.work import SYSTEM, unit_of_work
from tests.integration.manufacturing.story import Story
from tests.integration.release.factory import Made, snapshot, specification_body
from tests.places import remembered

SPECIFICATIONS = "/specifications"
DOCUMENTS = "/administration/documents"
NEW = {"code": "SPC-LAPTEVA", "title": "Published criteria, Lapteva 2012", "made_of": None, "retraining": "no"}
SHOWN = {"mandatory": "yes", "report_only": "no", "may_wait": "no", "rounding": "none", "stage": "pre"}
NUMBER = {**SHOWN, "kind": "numeric", "formula": "none", "method": "flow cytometry", "unit": "%"}
WORDS = {**SHOWN, "kind": "qualitative", "comparison": "one_of", "unit": None}


def published():
    """The numbers of the paper, by what they are."""
    with Path("tests/data/published_tables.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["product_id"] == "lapteva-spec"]
    return {row["quantity"]: row["value"] for row in rows}


def number(title, key, comparison, quantity, **more):
    """One row of the paper's table with a number, as somebody types it into the boxes."""
    limit = {"comparison": comparison, "limit": published()[quantity]}
    return {**NUMBER, "title": title, "key": key, **limit, **more}


def words(title, key, method, **more):
    return {**WORDS, "title": title, "key": key, "method": method, **more}


VIABLE = "viable CD45+"
PER_KG = {"kind": "computed", "formula": "dose_per_kg", "unit": "cells/kg", "counting": "bound"}
LATE = {"kind": "sterility", "stage": "post", "may_wait": "yes"}


def criteria():
    """Every row of the paper's table."""
    nk, t_cells = "NK_purity_min_exclusive (allogeneic)", "CD3+CD56-_max_exclusive (allogeneic)"
    cells = {"population": "CD56+CD3- of viable CD45+", "parent": VIABLE}
    alive = {"population": "7-AAD- of CD45+", "parent": "CD45+"}
    feeders = {"population": "K562 of viable cells", "parent": VIABLE}
    return [
        number("NK cells (allogeneic)", "purity", "more_than", nk, **cells),
        number("T cells per kg", "cd3_dose", "less_than", t_cells, population="CD3+CD56-", **PER_KG),
        number("Viability", "viability", "more_than", "viability_min_exclusive", **alive),
        number("Endotoxin", "endotoxin_ml", "less_than", "endotoxin_max_exclusive", unit="EU/mL", method="LAL"),
        number("Residual feeder cells", "feeder", "less_than", "feeder_cells_max_exclusive", **feeders),
        number("Killing of K562", "potency", "more_than", "K562_lysis_min_exclusive at 20:1", method="assay"),
        words("Gram stain", "gram", "microscopy", texts="no organism seen"),
        words("HLA class I", "hla", "typing", texts="identical to the donor"),
        words("Sterility", "sterility", "USP", final_days=published()["USP_sterility_duration"], **LATE),
    ]


@pytest.fixture
def story(database, person, app):
    return remembered(database, "story", lambda: Story(database, person))


@pytest.fixture
def collection(story):
    """Accepted, so that a batch can be opened from it."""
    return story.accepted()


@pytest.fixture
def begun(collection, browser):
    """An address of a draft with no more in it than what the records answer."""
    answer = browser("Sp").submit(f"{SPECIFICATIONS}/new", NEW)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].removeprefix(DOCUMENTS)


@pytest.mark.req("ATMP-6.2-SPEC", "A11-10")
def test_the_published_specification_is_written_approved_and_used_through_the_pages(
    story, collection, begun, browser, api, codes, person
):
    person("T", login="T2")
    sponsor = browser("Sp")
    for boxes in criteria():
        written = sponsor.submit(f"{SPECIFICATIONS}{begun}/criteria/new", boxes)
        assert (boxes["key"], written.status_code, codes(written)) == (boxes["key"], 303, [])
    page = sponsor.get(DOCUMENTS + begun).text
    for words in ("&gt; 70 %", "&lt; 2 × 10⁵ cells/kg", "&lt; 5 EU/mL", "not before day 14"):
        assert words in page, words
    for login in ("QA", "QP"):
        assert browser(login).submit(f"{DOCUMENTS}{begun}/approve", {"role": login}).status_code == 303
    opened = browser("T").submit(f"/collections/{collection.id}/open-batch")
    tests = f"{opened.headers['Location']}/tests"
    assert "SPC-LAPTEVA v1" in browser("T").get(tests).text
    (viability,) = [one for one in api("T").get(tests).json["tests"] if one["key"] == "viability"]
    path = f"/tests/{viability['id']}"
    assert browser("T").submit(f"{path}/enter", {**measured(story), "value": "70", "unit": "%"}).status_code == 303
    assert browser("T2").submit(f"{path}/verify", {"raw_data_seen": "yes"}).status_code == 303
    shown = api("T").get(path).json["test"]
    assert (shown["limit"], shown["outcome"]) == ("> 70 %", "oos")


def measured(story):
    return {
        "operator": "=",
        "method": "7-AAD",
        "measured_at": f"{story.now:%Y-%m-%dT%H:%M}Z",
        "raw_data_reference": "R-1",
    }


def test_a_draft_is_written_by_its_author_alone_and_not_after_an_approval(begun, browser, codes):
    path = f"{SPECIFICATIONS}{begun}/criteria/new"
    assert codes(browser("QA").submit(path, criteria()[0])) == ["DRAFT_OF_ANOTHER"]
    assert "DRAFT_OF_ANOTHER" in browser("QA").get(path).text
    assert browser("QA").submit(f"{DOCUMENTS}{begun}/approve", {"role": "QA"}).status_code == 303
    assert codes(browser("Sp").submit(path, criteria()[0])) == ["STATE_NOT_ALLOWED"]


def test_what_contradicts_itself_is_not_written_and_nothing_typed_is_lost(begun, browser, codes):
    path = f"{SPECIFICATIONS}{begun}/criteria/new"
    boxes = {**criteria()[0], "alert": "60", "title": "Share of NK cells"}
    refused = browser("Sp").submit(path, boxes)
    assert codes(refused) == ["SPEC_INVALID"]
    assert 'value="Share of NK cells"' in refused.text
    twice = {**criteria()[6], "key": "identity"}
    assert codes(browser("Sp").submit(path, twice)) == ["CRITERION_EXISTS"]


@pytest.mark.req("P11-10e-1")
def test_a_criterion_is_changed_and_left_out_and_the_settings_are_changed(begun, browser, api):
    sponsor = browser("Sp")
    assert sponsor.submit(f"{SPECIFICATIONS}{begun}/criteria/new", criteria()[0]).status_code == 303
    before = api("QA").get(DOCUMENTS + begun).json["document"]["sha256"]
    changed = sponsor.submit(f"{SPECIFICATIONS}{begun}/criteria/purity/change", {"limit": "75"})
    settled = sponsor.submit(f"{SPECIFICATIONS}{begun}/settings", {"hours_after_formulation": "36"})
    left = sponsor.submit(f"{SPECIFICATIONS}{begun}/criteria/donor_markers/leave-out", {"reason": "tested elsewhere"})
    assert [changed.status_code, settled.status_code, left.status_code] == [303, 303, 303]
    document = api("QA").get(DOCUMENTS + begun).json["document"]
    assert document["sha256"] != before
    assert document["body"]["hours_after_formulation"] == "36"
    assert {one["key"]: one.get("limit") for one in document["body"]["criteria"]} == {
        "identity": None,
        "expiry": None,
        "mycoplasma": None,
        "purity": "75",
    }
    assert sponsor.get(f"{SPECIFICATIONS}{begun}/criteria/donor_markers/change").status_code == 404


@pytest.fixture
def made(app, database, people):
    return remembered(database, "made", lambda: Made(database))


def in_force(made, **changes):
    """Another version of the specification, in force since the batch was opened."""
    body = specification_body()
    for one in body["criteria"]:
        one.update(changes.get(one["key"], {}))
    with unit_of_work(made.database, SYSTEM, "test.document") as work:
        row = work.lock(DocumentRow, made.document(work, "specification", body, "NEXT"))
        row.status = "effective"


@pytest.mark.req("ATMP-6.2-SPEC")
def test_a_batch_beside_todays_version_is_told_what_would_differ_and_nothing_changes(made, browser, api):
    made.tested()
    in_force(made, purity={"limit": "96", "alert": "97"}, viability={"method": "trypan blue"}, gram={"texts": ["none"]})
    path = f"/batches/{made.batch_id}/specification-today"
    before = snapshot(made)[0]
    found = api("QA").get(path).json
    rows = {row["key"]: row for row in found["rows"]}
    assert (found["same"], found["answer"]) == (False, "would_fail")
    assert (rows["purity"]["then"]["outcome"], rows["purity"]["now"]["outcome"]) == ("pass", "oos")
    assert rows["viability"]["now"]["why"] == "another method is asked for"
    assert rows["sterility"]["now"]["outcome"] == "pending"
    assert rows["nk_dose"]["now"] == rows["nk_dose"]["then"]
    page = browser("QA").get(path).text
    assert "It would not pass today" in page
    assert "another method is asked for" in page
    assert snapshot(made)[0] == before


def test_without_a_version_in_force_there_is_nothing_to_compare_with(made, browser):
    page = browser("QA").get(f"/batches/{made.batch_id}/specification-today").text
    assert "There is nothing to compare with." in page
