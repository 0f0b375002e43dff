"""No names, birth dates or hospital numbers: not in a text (GDPR-FREE), not as a column, field or address (GDPR-4.5)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config.wiring  # noqa: F401  (every package has declared its acts)
from config.tables import METADATA
from kernel.privacy import eleven_test, personal_data_refusals
from kernel.web.registry import ACTS, DOWNLOADS, VIEWS

FORBIDDEN = re.compile(
    r"(^|_)(patient_?name|surname|initials|birth|birth_?date|dob|born|bsn|mrn|hospital_?number|address|postcode|email|phone)($|_)"
)
OF_STAFF = {("person", "full_name")}
KEPT = ("widget", "hidden")  # a scanned code is judged, not kept; a hidden field is not typed
CARRIED = {"name", "first_name", "last_name", "full_name"}


def patterns(text):
    return [one.fact("pattern") for one in personal_data_refusals("remark", text)]


@pytest.mark.req("GDPR-FREE")
@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("mail jan@ziekenhuis.nl", "an e-mail address"),
        ("12-05-2015", "a date such as a birth date"),
        ("since 3/4/2019 ill", "a date such as a birth date"),
        ("1.2.2010", "a date such as a birth date"),
        ("geb. in mei", "a birth date"),
        ("Born in May", "a birth date"),
        ("DOB unknown", "a birth date"),
        ("geboren te Leiden", "a birth date"),
        ("naam: Vos", "a name"),
        ("Name: Vos", "a name"),
        ("mevr. Bakker", "a name"),
        ("J. Bakker", "a name"),
        ("J.P. de Vries", "a name"),
        ("A. van der Berg", "a name"),
        ("Anna van den Berg", "a name"),
        ("Jan de Vries", "a name"),
        ("MRN 12", "a hospital number"),
        ("patientnr onbekend", "a hospital number"),
        ("number 1234567", "a hospital number"),
        ("111222333", "a citizen service number"),
        ("id 123456782!", "a citizen service number"),
    ],
)
def test_what_looks_like_a_personal_datum_is_refused(text, pattern):
    assert patterns(text) == [pattern]


@pytest.mark.req("GDPR-FREE")
@pytest.mark.parametrize(
    "text",
    [
        "NK-03",
        "A999926123456",
        "Culture of day 14 without growth",
        "1.2e6 per mL, 98.5 %, 40 °C",
        "23-11",
        "2026-11-23 16:30",
        "E. coli in the second bottle",
        "Staphylococcus epidermidis",
        "lot 12345, expires 2027-01",
        "123456789",
        "12345678",
        "Left on Friday",
        "CliniMACS Prodigy TS 520",
        "The name on the bag was not readable",
        "QA. The bag stays in quarantine.",
        "subject moved to the ward",
        "0.0012345",
        "1234567.5 cells",
        "Label reprinted after a smear; the old one is void.",
    ],
)
def test_what_is_written_in_a_laboratory_is_not(text):
    assert patterns(text) == []


def test_several_kinds_are_told_each_once():
    found = personal_data_refusals("remark", "J. Bakker, P. Bakker, 12-05-2015", "Remark")
    assert [(one.code, one.fact("name"), one.fact("field"), one.fact("pattern")) for one in found] == [
        ("PII_IN_FIELD", "Remark", "remark", "a date such as a birth date"),
        ("PII_IN_FIELD", "Remark", "remark", "a name"),
    ]


def test_the_refused_text_is_not_repeated():
    """A refusal goes to the trail for ever; what it refused must not go with it."""
    assert "Bakker" not in str(personal_data_refusals("remark", "J. Bakker"))


@given(st.integers(0, 10**8 - 1))
def test_every_valid_service_number_is_found(number):
    digits = f"{number:08d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True))
    if (last := total % 11) < 10:
        assert eleven_test(f"{digits}{last}")
        assert "a citizen service number" in patterns(f"nr {digits}{last} seen")


@given(st.text(max_size=60))
def test_no_text_is_an_error(text):
    assert all(one.code == "PII_IN_FIELD" for one in personal_data_refusals("remark", text))


@pytest.mark.req("GDPR-4.5")
@pytest.mark.parametrize("table", METADATA.tables.values(), ids=lambda table: table.name)
def test_no_column_is_made_for_a_personal_datum(table):
    wrong = {one.name for one in table.columns if FORBIDDEN.search(one.name) or one.name in CARRIED}
    assert {(table.name, name) for name in wrong} <= OF_STAFF


@pytest.mark.req("GDPR-4.5")
def test_no_field_is_made_for_a_personal_datum():
    fields = [
        (act.name, name, one.metadata)
        for act in ACTS.values()
        if not act.dynamic_schema
        for name, one in act.schema().fields.items()
    ]
    assert [(act, name) for act, name, _ in fields if FORBIDDEN.search(name)] == []
    assert {act for act, name, _ in fields if name in CARRIED} == {"person.request"}
    exempt = {act for act, _, about in fields if about.get("staff") and not {"scan", True} & set(map(about.get, KEPT))}
    printed = {"scanner.test"}  # reads off our own set-up label, and keeps what the scanner made of it
    assert exempt - printed == {"person.request", "capa.plan", "training.record"}, "colleagues, never people treated"
    assert {act for act, _, about in fields if about.get("article")} == {"lot.receive"}
    assert {act for act, _, about in fields if about.get("document")} == {"document.revise"}


@pytest.mark.req("GDPR-4.5", "AC-WEB")
def test_no_address_is_made_for_a_personal_datum():
    paths = [one.path for table in (ACTS, VIEWS, DOWNLOADS) for one in table.values()]
    words = {word for path in paths for word in re.split(r"[^a-z_]+", path)}
    assert {word for word in words if FORBIDDEN.search(word)} == set()


def test_the_planted_column_would_be_seen():
    assert all(FORBIDDEN.search(word) for word in ("birth_date", "patient_name", "bsn", "subject_birth_date", "dob"))
    assert not any(FORBIDDEN.search(word) for word in ("label", "donor_code", "dobutamine", "number", "template"))
