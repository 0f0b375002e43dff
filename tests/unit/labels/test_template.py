"""The label template as a controlled document: no empty item, no dropped language, no statement switched off."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from kernel.documents.domain import KINDS
from labels.domain.template import read_template, template_refusals
from labels.queries.templates import LABEL_TEMPLATE, check_label_template

PRESET = json.loads(Path("config/presets/label_template.json").read_text(encoding="utf-8"))


def body(path=None, value=""):
    changed = copy.deepcopy(PRESET["body"])
    if path:
        *groups, key = path.split(".")
        inner = changed
        for group in groups:
            inner = inner[group]
        inner[key] = value
    return changed


@pytest.mark.req("F-D7.2.3")
def test_the_preset_can_be_drafted_and_needs_qa_and_qp():
    assert KINDS[LABEL_TEMPLATE].check(PRESET["body"]) == ()
    assert (PRESET["kind"], KINDS[LABEL_TEMPLATE].approvals) == (LABEL_TEMPLATE, ("QA", "QP"))


@pytest.mark.req("CTR-VI-A1")
@pytest.mark.parametrize(
    ("path", "letter"),
    [
        ("contact.name", "a"),
        ("contact.address", "a"),
        ("contact.phone", "a"),
        ("product.name", "b"),
        ("form.nl", "c"),
        ("route.en", "c"),
        ("trial.reference", "e"),
        ("trial.sponsor", "e"),
        ("trial.investigator", "g"),
        ("directions.nl", "h"),
        ("storage.en", "j"),
        ("product.code", "–"),
        ("additives.nl", "–"),
    ],
)
def test_an_empty_item_is_named_by_its_letter(path, letter):
    refusals = template_refusals(body(path, " "))
    assert [(one.code, one.fact("letter")) for one in refusals] == [("MISSING_ITEM", letter)]


@pytest.mark.req("CTR-69", "TC-86-E1f")
@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("languages", ["en"], "Dutch"),
        ("slots", PRESET["body"]["slots"][:-1], "slots"),
        ("isbt128", {"facility": "A9999", "product_code": "", "collection_type": "V"}, "or none"),
        ("isbt128", {"facility": "O9999", "product_code": "S0000", "collection_type": "V"}, "or none"),
        ("isbt128", {"facility": "A9999", "product_code": "S0000", "collection_type": "VV"}, "or none"),
        ("slots", [PRESET["body"]["slots"][0] | {"width_mm": "101"}, *PRESET["body"]["slots"][1:]], "slots"),
        ("containers", [{"type": "bag", "label": "OUTER"}], "FULL, BAG or SYRINGE"),
        ("containers", [{"type": "bag", "label": "BAG"}, {"type": "bag", "label": "FULL"}], "named once"),
        ("containers", [{"type": "a b", "label": "BAG"}], "named once"),
        ("containers", [{"type": ["bag"], "label": ["BAG"]}], "named once"),
        ("containers", {"bag": "BAG"}, "named once"),
        ("statements", ["CLINICAL_TRIAL_ONLY"], "switched off"),
        ("statements", [], "switched off"),
        ("trial.reference", "{trial} {site}", "places"),
        ("trial.reference", "{trial", "places"),
        ("storage_conditions.lowest_c", "2", "both temperatures"),
        ("storage_conditions.lowest_c", "30", "lower one first"),
        ("storage_conditions.highest_c", "warm", "two temperatures"),
        ("storage.nl", "Koel bewaren", "both temperatures"),
    ],
)
def test_what_a_template_may_not_do(path, value, words):
    refusals = template_refusals(body(path, value))
    assert [one.code for one in refusals] == ["DOCUMENT_INVALID"]
    assert words in refusals[0].fact("problem")


def test_a_product_code_of_other_material_is_refused_and_a_registered_facility_can_print():
    registered = {"facility": "A9999", "product_code": "S0000", "collection_type": "V"}
    assert check_label_template(body("isbt128", registered)) == ()
    refusals = check_label_template(body("isbt128", registered | {"product_code": "S1128"}))
    assert [(one.code, one.fact("code")) for one in refusals] == [("PRODUCT_NOT_ALLOWED", "S1128")]


@pytest.mark.parametrize("group", ["contact", "product", "trial", "form", "storage", "storage_conditions"])
@pytest.mark.parametrize("value", [None, "text", 5, []])
def test_a_body_of_another_shape_is_refused_and_never_an_error(group, value):
    assert template_refusals(body(group, value))
    assert template_refusals({})


def test_a_text_that_would_not_fit_is_refused_before_anybody_approves_it():
    assert [one.code for one in check_label_template(body("directions.nl", "lees eerst " * 12))] == [
        "LABEL_TEXT_TOO_LONG"
    ]
    assert [one.code for one in check_label_template(body("contact.name", "LUMC \u0416"))] == ["LABEL_GLYPH"]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("{eu_number}", "2026-500000-00-00"),
        ("{trial} · {eu_number}", "NL-1 · 2026-500000-00-00"),
        ("EU CT 2025-1", "EU CT 2025-1"),
    ],
)
def test_the_trial_code_is_filled_from_the_trial(reference, expected):
    assert read_template(body("trial.reference", reference)).trial_code("NL-1", "2026-500000-00-00") == expected


@pytest.mark.req("CTR-VI-A1")
def test_a_place_without_a_record_leaves_the_whole_item_empty():
    assert read_template(body("trial.reference", "{trial} · {eu_number}")).trial_code("NL-1", " ") == ""
