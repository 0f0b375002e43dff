"""Which versions the dossier of the trial authorises, and what a dossier must say."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from release.domain.dossier import Version, authorised_refusals, dossier_refusals, read_dossier
from release.domain.specification_documents import specification_refusals
from release.domain.specification_writing import with_criterion, without_criterion
from release.domain.specifications import parse_specification
from tests.unit.release.test_specification_writing import PRESET, typed

BODY = json.loads(Path("config/presets/dossier.json").read_text(encoding="utf-8"))["body"]
PROCESS, SPECIFICATION = Version("process", "PRC-NK", 1), Version("specification", "SPC-NK", 1)


def dossier(*versions):
    entries = [{"kind": one.kind, "code": one.code, "number": str(one.number)} for one in versions]
    return read_dossier({**BODY, "authorised": entries}, "IMPD-NK v1")


@pytest.mark.req("CTR-IMPD")
@pytest.mark.parametrize(
    ("used", "wrong"),
    [
        ((PROCESS, SPECIFICATION), []),
        ((PROCESS, Version("specification", "SPC-NK", 2)), ["SPC-NK v2"]),
        ((Version("process", "PRC-IL15", 1), SPECIFICATION), ["PRC-IL15 v1"]),
        ((Version("process", "SPC-NK", 1), SPECIFICATION), ["SPC-NK v1"]),
    ],
)
def test_every_version_that_the_dossier_does_not_name_is_a_reason(used, wrong):
    found = authorised_refusals(used, [dossier(PROCESS, SPECIFICATION)])
    assert [one.code for one in found] == ["VERSION_NOT_AUTHORISED"] * len(wrong)
    assert [dict(one.facts)["version"] for one in found] == wrong


@pytest.mark.req("CTR-IMPD")
def test_two_dossiers_do_not_authorise_a_pair_between_them():
    apart = [
        dossier(PROCESS, Version("specification", "OTHER", 1)),
        dossier(Version("process", "OTHER", 1), SPECIFICATION),
    ]
    assert len(authorised_refusals((PROCESS, SPECIFICATION), apart)) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"dossier": ""},
        {"edition": None},
        {"authorised": []},
        {"authorised": [{"kind": "process", "code": "PRC-NK", "number": "1"}]},
        {"authorised": [{"kind": "label_template", "code": "X", "number": "1"}, *BODY["authorised"]]},
        {"reviewer_may_certify": "no"},
        {"more": "words"},
    ],
)
def test_a_dossier_that_leaves_something_open_is_not_drafted(changes):
    assert dossier_refusals(BODY) == ()
    assert {one.code for one in dossier_refusals({**copy.deepcopy(BODY), **changes})} == {"DOCUMENT_INVALID"}


MYCOPLASMA = {
    "key": "mycoplasma",
    "title": "Mycoplasma",
    "kind": "qualitative",
    "comparison": "one_of",
    "unit": "",
    "method": "NAT (Ph. Eur. 2.6.7)",
    "stage": "pre",
    "population": "",
    "rounding": "none",
    "texts": "not detected",
    "mandatory": True,
    "report_only": False,
    "may_wait": False,
}


@pytest.mark.req("PHE-2.6.7")
def test_mycoplasma_is_tested_by_a_named_method_or_omitted_with_why_and_never_forgotten():
    tested = with_criterion(PRESET, MYCOPLASMA)
    assert "mycoplasma_omitted" not in tested
    assert specification_refusals(PRESET) == specification_refusals(tested) == ()
    forgotten = {name: part for name, part in PRESET.items() if name != "mycoplasma_omitted"}
    for body in (
        forgotten,
        {**PRESET, "mycoplasma_omitted": "no"},
        {**tested, "mycoplasma_omitted": PRESET["mycoplasma_omitted"]},
        with_criterion(PRESET, {**MYCOPLASMA, "method": "as usual"}),
    ):
        assert [one.code for one in specification_refusals(body)] == ["SPEC_INVALID"]


@pytest.mark.req("PHE-2.6.7")
def test_the_reason_for_leaving_mycoplasma_out_stays_in_the_version():
    left = without_criterion(
        with_criterion(PRESET, MYCOPLASMA), "mycoplasma", "the cells are never cultured in this route"
    )
    assert left["mycoplasma_omitted"] == "the cells are never cultured in this route"
    assert specification_refusals(left) == ()
    assert "mycoplasma_omitted" not in without_criterion(
        {name: part for name, part in PRESET.items() if name != "mycoplasma_omitted"}, "purity", "why"
    )


def test_the_boxes_of_the_mycoplasma_criterion_come_back_as_they_are():
    tested = with_criterion(PRESET, MYCOPLASMA)
    again = with_criterion(tested, typed(tested, "mycoplasma"), instead_of="mycoplasma")
    assert parse_specification(again) == parse_specification(tested)
