"""A refusal names one field: no two fields of a form are called alike, also where one stands under a question."""

from __future__ import annotations

from collections import Counter

import pytest
from marshmallow import Schema, ValidationError, fields

import config.wiring  # noqa: F401  (every act of the installation)
from kernel.web.i18n import Speech
from kernel.web.registry import ACTS
from kernel.web.submissions import field_refusals, label_of
from kernel.words import told
from release.domain.oos import CHECKLIST
from release.schemas.oos import LaboratorySchema

FORMS = {name: act.schema for name, act in ACTS.items() if not act.dynamic_schema}


def called_alike(schema: Schema) -> list[str]:
    names = Counter(told(label_of(schema, name), str) for name in schema.fields)
    return [name for name, count in names.items() if count > 1]


@pytest.mark.parametrize("act", sorted(FORMS))
def test_no_two_fields_of_a_form_are_called_alike_by_a_refusal(act):
    assert called_alike(FORMS[act]()) == []


def test_two_fields_called_alike_are_seen():
    alike = {name: fields.String(metadata={"label": "Words"}) for name in ("one", "other")}
    assert called_alike(Schema.from_dict(alike)()) == ["Words"]


@pytest.mark.req("QC-OOS-2")
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_empty_form_of_the_laboratory_names_every_point_that_is_missing(language):
    schema, speech = LaboratorySchema(), Speech(language)
    with pytest.raises(ValidationError) as empty:
        schema.load({})
    named = {one.fact("field"): speech.word(one.fact("name")) for one in field_refusals(empty.value, schema)}
    for key, question in CHECKLIST.items():
        assert speech.say(question) in named[key]
        assert speech.say(question) in named[f"{key}_words"]
        assert named[key] != named[f"{key}_words"]


@pytest.mark.parametrize("act", sorted(FORMS))
def test_what_is_wrong_is_told_in_the_order_of_the_form(act):
    schema = FORMS[act]()
    told = [
        one.fact("field")
        for one in field_refusals(ValidationError({name: ["no"] for name in reversed(schema.fields)}), schema)
    ]
    assert told == list(schema.fields)
