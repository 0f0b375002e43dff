"""From any code the same chain, both ways; and nothing about the recipient for who made the product."""

from __future__ import annotations

import json

import pytest

from kernel.canonical import canonical
from kernel.work import SYSTEM, unit_of_work
from manufacturing.tables.trial import SubjectRow
from release.pages.trace import drawing
from release.queries.trace import find_traced, trace_of
from tests.integration.release.giving_factory import (
    add_collection,
    giving_installation,  # noqa: F401
    infused,
    new_patient,
    new_product,
    order,
    take_back,
)
from tests.integration.release.giving_factory import dispensed as give
from tests.places import along


def traced(giving, code, *, clinical=True):
    with giving.database.reading() as session:
        found = find_traced(session, code)
        return found and trace_of(session, found, clinical=clinical)


@pytest.fixture
def chain(giving):
    def infuse():
        product = new_product(giving, new_patient(giving))
        infused(giving, product)
        return product

    return along(giving, "infused", infuse)


@pytest.mark.req("ATMPR-15.1")
@pytest.mark.parametrize("code", ["container", "batch", "collection", "donor", "subject", "order", "label", "typed"])
@pytest.mark.every_case
def test_every_code_gives_the_same_chain(giving, chain, code):
    codes = {
        "container": f"{chain.number}-01",
        "batch": chain.number,
        "collection": "LK-0001",
        "donor": "D-0001",
        "subject": "NK-03",
        "order": "ORD-0001",
        "label": chain.payload,
        "typed": chain.short_number,
    }
    trace = traced(giving, codes[code])
    [batch] = trace["batches"]
    [container] = batch["containers"]
    assert trace["subject"]["code"] == "NK-03"
    assert [one["code"] for one in trace["donors"]] == ["D-0001"]
    assert [one["number"] for one in trace["collections"]] == ["LK-0001"]
    assert [one["number"] for one in container["labels"]] == [chain.short_number]
    assert container["dispensings"][0]["outcome"] == "complete"
    assert len(batch["tests"]) == 5
    assert {"dispensed", "handed over", "received", "administered"} <= {one["meaning"] for one in batch["signatures"]}


@pytest.mark.req("ATMPR-15.1")
def test_a_batch_leads_only_to_its_own_material_and_a_subject_to_all_of_it(giving, chain):
    with unit_of_work(giving.database, SYSTEM, "test.second") as work:
        with giving.database.reading() as session:
            subject_id = find_traced(session, "NK-03").subject_id
        add_collection(work, work.session.get_one(SubjectRow, subject_id), giving)
    assert len(traced(giving, chain.number)["collections"]) == 1
    assert len(traced(giving, "NK-03")["collections"]) == 2


def test_another_subject_is_in_no_chain(giving, chain):
    other = new_product(giving, new_patient(giving, "NK-04"))
    text = canonical(traced(giving, chain.number))
    assert "NK-04" not in text
    assert other.number not in text


@pytest.mark.req("TC-23-14")
def test_without_the_clinical_part_nothing_tells_what_happened_to_the_recipient(giving, chain):
    trace = traced(giving, chain.number, clinical=False)
    assert trace["batches"][0]["containers"][0]["dispensings"] == []
    assert trace["orders"] == []
    meanings = {one["meaning"] for one in trace["batches"][0]["signatures"]}
    assert not meanings & {"prescribed", "dispensed", "administered", "handed over"}
    assert "ORD-" not in json.dumps(canonical(trace))


def test_a_cancelled_dispensing_stays_in_the_chain_and_leaves_the_drawing(giving):
    product = new_product(giving, new_patient(giving))
    take_back(giving, give(giving, product))
    trace = traced(giving, product.number)
    assert trace["batches"][0]["containers"][0]["dispensings"][0]["cancelled_at"] is not None
    assert "way" not in {one["kind"] for one in drawing(trace)["boxes"]}


def test_orders_without_a_container_are_told(giving):
    new_patient(giving)
    order(giving)
    assert [one["number"] for one in traced(giving, "NK-03")["orders"]] == ["ORD-0001"]


def test_an_unknown_code_leads_nowhere(giving):
    assert traced(giving, "NKTL") is None
    assert traced(giving, "") is None


def test_the_drawing_links_every_box_and_none_lies_on_another(giving):
    patient = new_patient(giving)
    infused(giving, new_product(giving, patient))
    new_product(giving, patient, state="rejected")
    found = drawing(traced(giving, "NK-03"))
    places = [(one["x"], one["y"]) for one in found["boxes"]]
    assert len(places) == len(set(places))
    assert [one["kind"] for one in found["boxes"]].count("container") == 2
    assert len(found["links"]) == 8
    assert all(one["y"] + found["box_height"] <= found["height"] for one in found["boxes"])
