"""There is no place for a name, birth date or hospital number of anybody treated (GDPR-4.5, NL-BSN)."""

from __future__ import annotations

import re

import pytest

from config.tables import METADATA
from kernel.db import Day
from kernel.privacy import personal_data_refusals
from kernel.web.registry import ACTS, DOWNLOADS, VIEWS

FORBIDDEN = re.compile(
    r"(^|_)(name|names|surname|initials|birth|birthday|born|dob|bsn|mrn|hospital|address|email|phone|postcode|gender|sex)(_|$)"
)
STAFF = {("person", "full_name"), ("signature", "signer_name")}
STAFF_FIELDS = {("person.request", "full_name")}
KNOWN = {"eighteenth_birthday"}  # yes or no, not a date: transplanted on the 18th birthday (decision 19)


@pytest.mark.req("GDPR-4.5", "GDPR-KEY", "GDPR-AGE")
def test_no_column_can_hold_identity():
    found = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if FORBIDDEN.search(column.name)
    }
    assert {one for one in found if one[1] not in KNOWN} == STAFF
    days = {column.name for column in METADATA.tables["subject"].columns if isinstance(column.type, Day)}
    assert days == {"transplanted_on", "consented_on"}
    assert {"age_years", "age_months"} <= set(METADATA.tables["subject"].columns.keys())


@pytest.mark.req("GDPR-4.5")
def test_no_form_field_or_route_asks_for_identity():
    fields = {
        (act.name, field)
        for act in ACTS.values()
        if not act.dynamic_schema
        for field in act.schema().fields
        if FORBIDDEN.search(field) and field not in KNOWN
    }
    assert fields == STAFF_FIELDS
    paths = [one.path for registry in (ACTS, VIEWS, DOWNLOADS) for one in registry.values()]
    assert [path for path in paths if FORBIDDEN.search("_".join(re.findall(r"<(\w+)>", path)))] == []


@pytest.mark.req("GDPR-FREE", "NL-BSN")
@pytest.mark.parametrize(
    "text",
    [
        "BSN 123456782",
        "see 111222333",
        "geboren 12-03-2015",
        "child of 3.4.2016",
        "dob in the letter",
        "Naam: de Vries",
        "called Jan de Vries this morning",
        "spoke to J. Jansen",
        "mail ouder@voorbeeld.nl",
        "MRN in EPD",
        "file 1234567 checked",
    ],
)
def test_text_that_looks_personal_is_refused(text):
    assert [one.code for one in personal_data_refusals("remark", text)][:1] == ["PII_IN_FIELD"]


@pytest.mark.parametrize(
    "text",
    [
        "centrifuge stopped after 12 min, restarted",
        "NK-03 weighed again, 18.4 kg",
        "count 98.6e6/mL, repeated twice",
        "Gram stain negative, plate 2 of 3",
        "lot 20261123 replaced",
        "DIN A9999 26 123456 checked",
        "CliniMACS Depletion 2.1 program",
    ],
)
def test_ordinary_remarks_pass(text):
    assert personal_data_refusals("remark", text) == ()


def test_a_planted_column_is_seen():
    assert FORBIDDEN.search("patient_name")
    assert FORBIDDEN.search("birth_date")
    assert not FORBIDDEN.search("renamed_at")
