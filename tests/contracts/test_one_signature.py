"""One signature is for one record: no act takes several batches, results or labels at once."""

from __future__ import annotations

import pytest
from marshmallow import Schema, fields

import config.wiring  # noqa: F401  (every package has declared its acts)
from kernel.web.registry import ACTS, Act

SIGNED = [act for act in ACTS.values() if act.signs]
CERTIFYING = ("release.stage_one", "release.full", "release.stage_two", "release.sponsor", "release.reject")


def several(schema: Schema) -> list[str]:
    """Fields that could name more than the one record of the address: lists, and lists within."""
    return [name for name, one in schema.fields.items() if isinstance(one, fields.List | fields.Nested | fields.Dict)]


@pytest.mark.req("SIG-NOBATCH")
@pytest.mark.parametrize("name", CERTIFYING)
def test_a_certification_is_signed_for_the_one_batch_of_its_address(name):
    act = ACTS[name]
    assert act.signs == 1
    assert act.path.count("<") == 1
    assert "<batch_id>" in act.path
    assert not act.dynamic_schema
    assert several(act.schema()) == []
    assert [one for one in act.schema().fields if one.endswith("_id")] == []


@pytest.mark.req("QC-NOBULK")
def test_a_result_is_verified_on_its_own_page_only():
    verifying = [act for act in ACTS.values() if act.permission == "result:verify"]
    assert [act.path for act in verifying] == ["/tests/<test_id>/verify"]
    assert several(verifying[0].schema()) == []


@pytest.mark.req("SIG-NOBATCH", "QC-NOBULK")
def test_no_signed_act_takes_a_list_of_records():
    listed = {act.name: several(act.schema()) for act in SIGNED if not act.dynamic_schema}
    # The roles of one person; the people who had one training, and what it was about.
    assert {name for name, found in listed.items() if found} <= {"person.request", "training.record"}


def test_a_planted_list_is_seen():
    planted = Act(
        "x", "/x", "x:y", "X", run=lambda: None, schema=Schema.from_dict({"ids": fields.List(fields.String())})
    )
    assert several(planted.schema()) == ["ids"]
