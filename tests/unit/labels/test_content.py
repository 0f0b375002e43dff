from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from kernel.canonical import canonical
from labels.domain.annex_vi import ITEMS
from labels.domain.content import Bilingual, LabelFacts, content_refusals, label_record, missing_items
from labels.domain.slots import PRODUCT
from labels.domain.statements import DonorStatus, StatementFacts, statement_refusals, statements
from tests.unit.labels.example import FACTS

EMPTY = {field.name: field.default for field in fields(LabelFacts)}


def codes(refusals):
    return [refusal.code for refusal in refusals]


def test_the_complete_label_has_no_fault():
    assert content_refusals(FACTS) == ()


@pytest.mark.req("CTR-VI-A1", "CTR-VI-A22")
@pytest.mark.parametrize("slot", PRODUCT)
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item.letter} {item.attribute}")
def test_each_missing_item_is_named_by_its_letter_on_every_label_that_must_have_it(item, slot):
    refusals = missing_items(replace(FACTS, slot=slot, **{item.attribute: EMPTY[item.attribute]}))
    asked = [(one.code, one.fact("letter"), one.fact("field")) for one in refusals]
    on_it = slot in {"FULL", "OUTER"} or item.attribute in SMALL_UNIT
    assert asked == ([("MISSING_ITEM", item.letter, item.attribute)] if on_it else [])


SMALL_UNIT = {
    *("contact_name", "product_name", "viable_nk", "route", "batch", "container", "issue", "trial_code"),
    *("subject_code", "expires_at", "warnings", "instance", "template_version"),
}
"""CTR Annex VI A.2.2 as amended by 2022/2239, with the expiry and the warnings that this product always shows."""


@pytest.mark.req("CTR-VI-A1")
def test_all_letters_from_a_to_k_are_asked_for_at_once():
    assert {refusal.fact("letter") for refusal in missing_items(LabelFacts())} >= set("abcdefghijk")


@pytest.mark.req("CTR-69")
@pytest.mark.parametrize("text", [Bilingual("", "x"), Bilingual("x", " ")])
def test_a_text_in_one_language_only_is_missing(text):
    assert codes(missing_items(replace(FACTS, storage=text))) == ["MISSING_ITEM"]


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_strength_that_is_no_number_of_cells_is_missing(value):
    assert codes(missing_items(replace(FACTS, viable_nk=Decimal(value)))) == ["MISSING_ITEM"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"donation_check": "R"}, "DIN_CHECK"),
        ({"donation_number": "A9O9926123456"}, "ID_FORMAT"),
        ({"donation_number": "no", "donation_check": ""}, "ID_FORMAT"),
        ({"batch": "NK 26"}, "ID_FORMAT"),
        ({"container": 100}, "ID_FORMAT"),
        ({"issue": 100}, "ID_FORMAT"),
        ({"warnings": StatementFacts(DonorStatus.UNKNOWN)}, "LABEL_DONOR_STATUS"),
    ],
)
def test_one_fault_gives_exactly_its_reason(change, code):
    assert codes(content_refusals(replace(FACTS, **change))) == [code]


@pytest.mark.req("ATMP-9-MIX")
def test_a_batch_of_two_leukaphereses_names_both():
    facts = replace(FACTS, donation_number="A999926000006 + A999926000007", donation_check="")
    assert content_refusals(facts) == ()
    assert facts.donation_text == "A999926000006 + A999926000007"
    assert codes(content_refusals(replace(facts, donation_number="A999926000006 + a"))) == ["ID_FORMAT"]


def test_a_facility_number_makes_no_claim_and_is_not_grouped():
    facts = replace(FACTS, donation_number="LKA-2026-0007", donation_check="")
    assert content_refusals(facts) == ()
    assert facts.donation_text == "LKA-2026-0007"
    assert FACTS.donation_text == "A9999 26 123456"


@pytest.mark.req("CTR-VI-k")
@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2025, 11, 24, 15, 30, tzinfo=UTC), "2025-11-24 16:30 CET"),
        (datetime(2025, 11, 24, 15, 30, 59, tzinfo=UTC), "2025-11-24 16:30 CET"),
        (datetime(2025, 10, 26, 0, 30, tzinfo=UTC), "2025-10-26 02:30 CEST"),
        (datetime(2025, 10, 26, 1, 30, tzinfo=UTC), "2025-10-26 02:30 CET"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29 03:00 CEST"),
        (datetime(2025, 11, 24, 5, 30, tzinfo=timezone(timedelta(hours=-10))), "2025-11-24 16:30 CET"),
    ],
)
def test_expiry_is_local_time_with_its_zone(moment, text):
    assert replace(FACTS, expires_at=moment).expiry_text == text


def test_a_time_without_zone_is_an_error():
    with pytest.raises(ValueError, match="naive"):
        _ = replace(FACTS, expires_at=datetime(2025, 11, 24, 15, 30)).expiry_text  # noqa: DTZ001


@pytest.mark.parametrize(
    ("cells", "text"), [("486000000", "486 × 10⁶"), ("4860000", "4.86 × 10⁶"), ("1234567890", "1230 × 10⁶")]
)
def test_strength_is_the_viable_total_in_millions(cells, text):
    assert replace(FACTS, viable_nk=Decimal(cells)).strength_text == text


def test_nothing_per_kilogram_and_no_status_is_on_the_label():
    record = canonical(label_record(FACTS)).lower()
    assert not {"/kg", "per_kg", "released", "status", "certif"} & {
        word for word in ("/kg", "per_kg", "released", "status", "certif") if word in record
    }


@pytest.mark.req("LBL-RELABEL")
@pytest.mark.parametrize("field", [field.name for field in fields(LabelFacts)])
def test_every_printed_field_is_in_the_fingerprint(field):
    other = {
        "viable_nk": Decimal(1),
        "volume_ml": Decimal(1),
        "expires_at": FACTS.expires_at + timedelta(seconds=1),
        "container": 2,
        "containers": 3,
        "issue": 2,
        "warnings": StatementFacts(DonorStatus.REACTIVE, ("anti-HBc",)),
        "demo": True,
        "zone": "UTC",
        "slot": "BAG",
    }
    value = other.get(field, Bilingual("y", "y") if isinstance(getattr(FACTS, field), Bilingual) else "OTHER")
    assert canonical(label_record(replace(FACTS, **{field: value}))) != canonical(label_record(FACTS))


def test_another_spelling_of_the_same_number_or_instant_is_no_drift():
    moment = FACTS.expires_at.astimezone(timezone(timedelta(hours=5)))
    same = replace(FACTS, volume_ml=Decimal("5E+1"), viable_nk=Decimal("486000000.000"), expires_at=moment)
    assert canonical(label_record(same)) == canonical(label_record(FACTS))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (StatementFacts(DonorStatus.NON_REACTIVE), {"INTENDED_RECIPIENT_ONLY"}),
        (StatementFacts(DonorStatus.NON_REACTIVE, donor_is_recipient=True), {"AUTOLOGOUS_ONLY"}),
        pytest.param(
            StatementFacts(DonorStatus.REACTIVE, ("anti-HBc",)),
            {"INTENDED_RECIPIENT_ONLY", "BIOLOGICAL_HAZARD"},
            marks=pytest.mark.req("TC-86-E1f"),
        ),
        pytest.param(
            StatementFacts(DonorStatus.NOT_EVALUATED),
            {"INTENDED_RECIPIENT_ONLY", "NOT_EVALUATED"},
            marks=pytest.mark.req("F-LBL-NE"),
        ),
        (
            StatementFacts(DonorStatus.NOT_EVALUATED, ("anti-HBc",)),
            {"INTENDED_RECIPIENT_ONLY", "NOT_EVALUATED", "BIOLOGICAL_HAZARD"},
        ),
    ],
)
def test_the_decision_table_row_by_row(facts, expected):
    always = {"CLINICAL_TRIAL_ONLY", "IDENTIFY", "DO_NOT_IRRADIATE", "NO_LEUKOREDUCTION_FILTER"}
    assert {row.code for row in statements(facts)} == always | expected
    assert statement_refusals(facts) == ()


def test_the_hazard_names_its_markers_and_comes_first():
    first = statements(StatementFacts(DonorStatus.REACTIVE, ("anti-CMV IgG", "anti-HBc")))[0]
    assert (first.code, first.detail, first.alarm) == ("BIOLOGICAL_HAZARD", "anti-CMV IgG, anti-HBc", True)


@pytest.mark.parametrize(
    "facts",
    [
        StatementFacts(DonorStatus.UNKNOWN),
        StatementFacts(DonorStatus.REACTIVE),
        StatementFacts(DonorStatus.REACTIVE, (" ",)),
        StatementFacts(DonorStatus.NON_REACTIVE, ("anti-HBc",)),
    ],
)
def test_an_unsettled_donor_makes_no_label(facts):
    assert codes(statement_refusals(facts)) == ["LABEL_DONOR_STATUS"]
