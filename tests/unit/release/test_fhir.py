"""What FHIR says of a product, a dispensing and a criterion: one fact of ours, one word of the standard."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kernel.exports import exact_json
from manufacturing.domain.collections import CollectionStatus
from release.domain.accountability import Stage
from release.domain.decisions import Disposition
from release.domain.fhir import (
    Dispensed,
    DispenseStatus,
    Kind,
    Leukapheresis,
    Product,
    bundle,
    coded_person,
    dispense_resource,
    dispense_status,
    material_resource,
    material_status,
    product_resource,
    product_status,
)
from release.domain.fhir_measure import POPULATIONS, measure, measure_report
from release.domain.figure_words import CRITERIA
from tests.fhir import dangling, exact, faults, of, properties, read

NOW = datetime(2026, 11, 23, 15, 30, 0, 250000, tzinfo=UTC)
MATERIAL = Leukapheresis(
    id="c1",
    number="A9999 26 000001",
    status=CollectionStatus.IN_USE,
    accepted=True,
    trial_open=True,
    started_at=NOW - timedelta(hours=30),
    ended_at=NOW - timedelta(hours=26),
    volume_ml=Decimal("210.50"),
    left_ml=Decimal("0.5"),
)
PRODUCT = Product(
    id="p1",
    code="NK-26-0001-01",
    number=1,
    batch="NK-26-0001",
    subject="NK-03",
    made_of=(MATERIAL, replace(MATERIAL, id="c2", number="LK-0002")),
    expires_at=NOW + timedelta(minutes=1),
    volume_ml=Decimal("100.25"),
    viable_nk=Decimal("300750000.123456789"),
    stage=Stage.IN_STOCK,
    disposition=Disposition.CERTIFIED_FINAL,
    sponsor_released=True,
    fails_unverified=False,
    trial_open=True,
)
DISPENSED = Dispensed(
    id="d1",
    order="O-26-0001",
    product_id="p1",
    subject_id="s1",
    volume_ml=Decimal("98.75"),
    dispensed_at=NOW - timedelta(minutes=20),
    performers=(("dispensed", "a1"), ("checked", "a2")),
)
SUPPLIED = {"disposition": Disposition.OOS_SUPPLY, "sponsor_released": False, "out_of_specification": True}
FIGURES = {
    "trial": {"id": "t1", "code": "NL-OMON26066"},
    "protocol": {"code": "PRT-1", "version": 2},
    "data_cut_off": NOW,
    **{key: {"numerator": 8, "denominator": 12, "percent": 66} for key in CRITERIA},
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"disposition": Disposition.CERTIFIED_PENDING},
        {**SUPPLIED, "supplied": True},
    ],
    ids=str,
)
def test_a_product_that_nothing_speaks_against_is_available(changes):
    assert product_status(replace(PRODUCT, **changes), NOW) == "available"
    assert product_resource(replace(PRODUCT, **changes), NOW)["productStatus"] == {
        "system": "http://hl7.org/fhir/biologicallyderived-product-status",
        "code": "available",
    }


@pytest.mark.parametrize(
    "changes",
    [
        *({"disposition": one} for one in (None, "quarantine", "late_oos", "rejected")),
        *({"stage": one} for one in Stage if one is not Stage.IN_STOCK),
        {"sponsor_released": False},
        {"expires_at": NOW},
        {"holds": frozenset({"recall"})},
        {"holds": frozenset({"person"})},
        {"trial_open": False},
        {"fails_unverified": True},
        SUPPLIED,
        {**SUPPLIED, "supplied": True, "stage": Stage.ACCOUNTED},
        {"disposition": Disposition.REJECTED, "supplied": True},
    ],
    ids=str,
)
@pytest.mark.req("ATMP-14-RECALL")
def test_each_thing_that_speaks_against_a_product_makes_it_unavailable(changes):
    if changes.get("disposition"):
        changes = {**changes, "disposition": Disposition(changes["disposition"])}
    assert product_status(replace(PRODUCT, **changes), NOW) == "unavailable"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "available"),
        ({"status": CollectionStatus.ACCEPTED}, "available"),
        *(({"status": one}, "unavailable") for one in CollectionStatus if one not in {"accepted", "in_use"}),
        ({"accepted": False}, "unavailable"),
        ({"left_ml": Decimal(0)}, "unavailable"),
        ({"left_ml": None}, "unavailable"),
        ({"holds": frozenset({"donor"})}, "unavailable"),
        ({"trial_open": False}, "unavailable"),
    ],
)
def test_a_leukapheresis_is_available_while_it_is_accepted_and_something_is_left_of_it(changes, status):
    assert material_status(replace(MATERIAL, **changes)) == status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "allocated"),
        ({"handed_over_at": NOW}, "issued"),
        ({"handed_over_at": NOW, "outcome": "complete"}, "issued"),
        ({"handed_over_at": NOW, "outcome": "partial"}, "issued"),
        ({"handed_over_at": NOW, "outcome": "not_administered"}, "returned"),
        ({"cancelled": True}, "unfulfilled"),
    ],
)
def test_how_far_a_dispensing_came_is_one_of_the_states_of_the_standard(changes, status):
    found = replace(DISPENSED, **changes)
    assert dispense_status(found) == status
    assert set(DispenseStatus) <= {
        *("preparation", "in-progress", "allocated", "issued"),
        *("unfulfilled", "returned", "entered-in-error", "unknown"),
    }
    assert read(exact_json(dispense_resource(found))).status == status


@pytest.mark.req("TR-OOSFLAG")
def test_supplied_out_of_specification_and_recalled_are_said_in_so_many_words():
    plain = properties(product_resource(PRODUCT, NOW))
    assert (plain["out-of-specification"], plain["on-hold"], plain["recalled"]) == (False, False, False)
    recalled = properties(product_resource(replace(PRODUCT, holds=frozenset({"recall"}), **SUPPLIED), NOW))
    assert (recalled["out-of-specification"], recalled["on-hold"], recalled["recalled"]) == (True, True, True)
    held = properties(product_resource(replace(PRODUCT, holds=frozenset({"oos"})), NOW))
    assert (held["on-hold"], held["recalled"]) == (True, False)
    assert "note" not in dispense_resource(DISPENSED)
    notes = dispense_resource(replace(DISPENSED, out_of_specification=True, conditional=True))["note"]
    assert [one["text"].split()[:4] for one in notes] == [
        ["Supplied", "out", "of", "specification"],
        ["Dispensed", "while", "results", "of"],
    ]


def story():
    handed = replace(DISPENSED, handed_over_at=NOW, performers=(*DISPENSED.performers, ("received", "a3")))
    return bundle(
        "https://nktrace.example/api/v1/trial/fhir",
        [
            measure(FIGURES),
            measure_report(FIGURES, date(2026, 1, 5)),
            coded_person(Kind.PATIENT, "s1", "NK-03"),
            *(coded_person(Kind.PRACTITIONER, one, one) for one in ("a1", "a2", "a3")),
            *(material_resource(one) for one in PRODUCT.made_of),
            product_resource(PRODUCT, NOW),
            dispense_resource(handed),
        ],
        NOW,
    )


@pytest.mark.req("GDPR-4.5", "TR-PROV")
def test_another_model_of_the_standard_reads_the_bundle_and_every_reference_leads_somewhere():
    text = exact_json(story())
    found = exact(text)
    assert (faults(found), dangling(found)) == ([], [])
    model = read(text)
    product = model.entry[8].resource
    assert product.expirationDate == NOW + timedelta(minutes=1)
    assert [one.reference for one in product.parent] == [f"BiologicallyDerivedProduct/{one}" for one in ("c1", "c2")]
    assert product.collection.collectedPeriod.start == MATERIAL.started_at
    assert [one.valueQuantity.value for one in product.property if one.valueQuantity] == [
        PRODUCT.volume_ml,
        PRODUCT.viable_nk,
    ]
    stated = properties(of(found, "BiologicallyDerivedProduct")[2])
    assert (stated["viable-nk"], str(stated["volume"])) == (PRODUCT.viable_nk, "100.25")
    assert (stated["batch"], stated["subject"]) == ("NK-26-0001", "NK-03")


@pytest.mark.parametrize(
    ("place", "element"),
    [
        (2, {"name": [{"family": "Jansen"}]}),
        (2, {"birthDate": "2015-03-12"}),
        (3, {"telecom": [{"system": "phone", "value": "1"}]}),
        (2, {"identifier": [{"system": "urn:oid:2.16.528.1.1007.3.3", "value": "1"}]}),
        (8, {"collection": {"source": {"reference": "Patient/d1"}}}),
        (9, {"whenHandedOver": "2026-11-23T16:30:00"}),
        (9, {"id": "d 1"}),
        (8, {"division": ""}),
    ],
)
def test_the_checks_of_these_tests_see_what_they_are_for(place, element):
    """A planted name, birth date, number of a hospital, time without an offset and the like."""
    planted = exact(exact_json(story()))
    planted["entry"][place]["resource"].update(element)
    assert faults(planted)


def test_a_reference_to_nothing_is_seen():
    planted = exact(exact_json(story()))
    del planted["entry"][2]
    assert dangling(planted) == ["Patient/s1"]


@pytest.mark.req("TR-F1", "TR-F2", "TR-PROV")
def test_each_criterion_is_a_group_with_its_two_counts_and_names_the_definition_it_follows():
    report, defined = measure_report(FIGURES, date(2026, 1, 5)), measure(FIGURES)
    assert [one["linkId"] for one in report["group"]] == list(CRITERIA) == list(POPULATIONS)
    assert [one["linkId"] for one in defined["group"]] == list(CRITERIA)
    assert report["measure"] == f"{defined['url']}|{defined['version']}"
    assert report["measure"].endswith("NL-OMON26066|1-PRT-1-v2")
    for one in report["group"]:
        counts = {each["code"]["coding"][0]["code"]: each["count"] for each in one["population"]}
        assert counts == {"numerator": 8, "denominator": 12}
        assert one["measureScoreQuantity"]["value"] == Decimal("0.6666666667")
    rules = {one["linkId"]: one["description"] for one in defined["group"]}
    assert {key for key, rule in rules.items() if "100 × numerator > 66 × denominator" in rule} == {
        *("inclusion", "infusion", "infusion_final")
    }
    assert "decides nothing" in rules["infusion_with_supplied"]
    assert read(exact_json(report)).period.end == NOW
    read(exact_json(defined))


@pytest.mark.parametrize(("k", "n", "value"), [(0, 12, "0"), (12, 12, "1"), (1, 2, "0.5"), (1, 3, "0.3333333333")])
def test_the_score_is_a_decimal_and_zero_of_some_is_zero(k, n, value):
    figures = {**FIGURES, "infusion": {"numerator": k, "denominator": n, "percent": 66}}
    (group,) = [one for one in measure_report(figures, None)["group"] if one["linkId"] == "infusion"]
    assert str(exact(exact_json(group))["measureScoreQuantity"]["value"]) == value


def test_without_a_denominator_there_is_no_score_and_without_a_transplantation_no_first_day():
    figures = {**FIGURES, "infusion": {"numerator": 0, "denominator": 0, "percent": 66}}
    report = measure_report(figures, None)
    scored = {one["linkId"]: "measureScoreQuantity" in one for one in report["group"]}
    assert [key for key, found in scored.items() if not found] == ["infusion"]
    assert list(report["period"]) == ["end"]
    assert read(exact_json(report)).group[2].measureScoreQuantity is None
