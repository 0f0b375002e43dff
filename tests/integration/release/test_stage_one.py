"""What stands before the first certification: quarantine from the filling on, and the microbiology of stage one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kernel.documents.tables import DocumentRow
from kernel.work import SYSTEM, unit_of_work
from release.queries.decisions import decision_content
from release.queries.records import container_classes
from release.tables.decisions import DispositionRow
from tests.integration.release.factory import GOOD, Made, refused, tested_and_reviewed

PRESET = json.loads(Path("config/presets/specification.json").read_text(encoding="utf-8"))["body"]


@pytest.mark.req("ATMP-11-QUAR")
def test_a_filled_container_is_in_quarantine_until_a_qp_certifies_it(database):
    made = Made(database)
    assert made.states() == ["quarantine"]
    made.tested()
    made.review()
    assert made.states() == ["quarantine"]
    assert refused(made.sponsor) == ["NOT_CERTIFIED"]
    made.stage_one()
    assert made.states() == ["certified_pending"]


@pytest.mark.req("ATMP-11-QUAR", "F-COC-2")
def test_a_place_of_released_products_takes_it_only_once_it_is_certified_and_released_by_the_sponsor(database):
    made = Made(database)
    tested_and_reviewed(made)
    (container_id,) = made.container_ids
    found = []

    def looked():
        found.append(made.read(container_classes, [container_id, "unknown"]))

    looked()
    made.stage_one()
    looked()
    made.sponsor()
    looked()
    for status in ("late_oos", "oos_supply", "rejected"):
        made.change(DispositionRow, made.rows(DispositionRow)[0].id, status=status)
        looked()
    assert [one[container_id].value for one in found] == [
        *("quarantine", "quarantine", "released"),
        *("quarantine", "quarantine", "rejected"),
    ]
    assert {one["unknown"].value for one in found} == {"quarantine"}


@pytest.mark.req("PHE-2.6.27-4")
@pytest.mark.parametrize("key", ["gram", "culture"])
def test_stage_one_waits_for_each_microbiological_test_and_its_verification(database, key):
    made = Made(database)
    for criterion in GOOD:
        if criterion not in {key, "sterility", "potency"}:
            made.result(criterion)
    made.inoculate()
    made.review()
    assert refused(made.stage_one) == ["RESULT_MISSING"]
    made.enter(key)
    made.review()
    assert refused(made.stage_one) == ["RESULT_UNVERIFIED"]
    made.verify(key)
    made.review()
    made.stage_one()
    assert made.states() == ["certified_pending"]


@pytest.mark.req("PHE-2.6.27-4")
def test_the_preset_asks_for_a_rapid_test_and_the_culture_to_date_before_stage_one():
    stages = {one["key"]: (one["stage"], one["mandatory"]) for one in PRESET["criteria"]}
    assert (stages["gram"], stages["culture"]) == (("pre", True), ("pre", True))


def dossier(made, *, reviewer=False, **instead):
    """A product dossier in force that names the versions of this batch, or others ``instead``."""
    number = {"process": "1", "specification": "1", **instead}
    named = [
        {"kind": kind, "code": f"{kind.upper()}-{made.number}", "number": number[kind]}
        for kind in ("process", "specification")
    ]
    body = {"dossier": "IMPD", "edition": "3", "authorised": named, "reviewer_may_certify": reviewer}
    with unit_of_work(made.database, SYSTEM, "test.dossier") as work:
        work.lock(DocumentRow, made.document(work, "dossier", body)).status = "effective"


@pytest.mark.req("CTR-IMPD")
def test_a_batch_of_a_version_that_the_dossier_does_not_name_is_not_certified(made):
    tested_and_reviewed(made)
    dossier(made, specification="2")
    assert refused(made.stage_one) == ["VERSION_NOT_AUTHORISED"]
    assert made.states() == ["quarantine"]


@pytest.mark.req("CTR-IMPD")
def test_a_certificate_refers_to_the_dossier_that_authorises_its_versions(made):
    tested_and_reviewed(made)
    dossier(made)
    shown = made.read(decision_content, made.batch_id)
    assert shown["batch"]["dossier"] == f"IMPD 3 (DOSSIER-{made.number} v1)"
    decision = made.stage_one()
    assert json.loads(decision.basis)["batch"]["dossier"] == shown["batch"]["dossier"]


@pytest.mark.req("S11")
@pytest.mark.parametrize("allowed", [False, True])
def test_who_reviewed_certifies_only_where_qp_and_sponsor_signed_that_he_may(made, person, allowed):
    both = person("QA", "QP")
    dossier(made, reviewer=allowed)
    made.tested()
    made.review(by=both)
    assert refused(made.stage_one, by=both) == ([] if allowed else ["SOD_QA_QP"])
