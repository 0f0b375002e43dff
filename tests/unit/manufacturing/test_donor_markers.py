"""Which markers a donor needs, which reactions count, and who belongs to whom (Dir. 2006/17 Annex II)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from manufacturing.domain.donors import (
    ALWAYS,
    ASSESSABLE,
    EXTRA,
    IN_WORDS,
    INFORMATIVE,
    MARKER_NAMES,
    ImportFacts,
    Marker,
    donor_code_refusals,
    donor_pair_refusals,
    import_refusals,
    missing_refusals,
    pending_markers,
    reactive_markers,
    reactive_refusals,
)

# Written down once more, from the directive: always, what a protocol may ask besides, and what each reaction means.
DUTIES = {
    "always": {"anti_hiv", "hbsag", "anti_hbc", "anti_hcv", "syphilis"},
    "extra": {"cmv", "ebv", "toxoplasma", "malaria", "t_cruzi", "hev", "abo_rhd", "hla"},
    "in words": {"abo_rhd", "hla"},
    "informative": {"cmv", "ebv", "toxoplasma"},
    "assessable": {"anti_hbc", "syphilis_specific", "malaria", "t_cruzi", "hev"},
}
CLEAN = dict.fromkeys(DUTIES["always"], "non_reactive")


def said(refusals, fact):
    return [(one.code, one.fact(fact)) for one in refusals]


@pytest.mark.req("TC-17-II.1.1")
def test_the_markers_and_their_duties_are_the_ones_of_the_directive():
    lists = {"always": ALWAYS, "extra": EXTRA, "in words": IN_WORDS, "informative": INFORMATIVE}
    lists["assessable"] = ASSESSABLE
    assert {name: sorted(one) for name, one in lists.items()} == {name: sorted(one) for name, one in DUTIES.items()}
    assert set(MARKER_NAMES) == set(Marker)
    assert len(set(MARKER_NAMES.values())) == len(Marker)


@pytest.mark.req("TC-17-II.1.1")
@pytest.mark.parametrize("marker", sorted(DUTIES["always"]))
def test_each_of_the_five_is_missed_by_its_name(marker):
    results = {name: one for name, one in CLEAN.items() if name != marker}
    assert pending_markers(results, htlv_risk=False) == [MARKER_NAMES[marker]]


@pytest.mark.parametrize(
    ("results", "risk", "required", "names"),
    [
        ({}, False, (), []),
        ({"syphilis": "reactive"}, False, (), ["syphilis, specific test"]),
        ({"syphilis": "reactive", "syphilis_specific": "non_reactive"}, False, (), []),
        ({}, True, (), ["anti-HTLV-I"]),
        ({"anti_htlv": "non_reactive"}, True, (), []),
        ({}, None, (), []),
        ({}, False, ("hla", "cmv"), ["CMV", "HLA"]),
        ({"cmv": "reactive"}, False, ("cmv",), []),
    ],
)
def test_a_reaction_an_answer_and_the_protocol_ask_for_more(results, risk, required, names):
    assert pending_markers({**CLEAN, **results}, htlv_risk=risk, required=required) == names


@pytest.mark.req("TC-17-II.1.2")
def test_each_missing_test_is_a_refusal_and_the_unanswered_question_is_one():
    question = ("DONOR_TEST_MISSING", "answer to the HTLV question")
    assert said(missing_refusals(CLEAN, htlv_risk=None), "marker") == [question]
    asked = missing_refusals(CLEAN, htlv_risk=True, required=("cmv",))
    assert said(asked, "marker") == [("DONOR_TEST_MISSING", "anti-HTLV-I"), ("DONOR_TEST_MISSING", "CMV")]
    assert missing_refusals(CLEAN, htlv_risk=False) == ()


@pytest.mark.req("TC-17-II.1.3")
@pytest.mark.parametrize("marker", [one for one in Marker if one not in {*INFORMATIVE, Marker.SYPHILIS}])
def test_a_reaction_is_assessed_or_excludes(marker):
    results = {**CLEAN, marker: "reactive"}
    name = MARKER_NAMES[marker]
    assert reactive_markers(results) == (marker,)
    if marker in DUTIES["assessable"]:
        assert said(reactive_refusals(results, assessed=False), "marker") == [("DONOR_RISK_ASSESSMENT", name)]
        assert reactive_refusals(results, assessed=True) == ()
    else:
        found = reactive_refusals(results, assessed=True)
        assert said(found, "finding") == [("DONOR_NOT_ELIGIBLE", f"{name} reactive")]


def test_what_every_second_adult_has_and_what_was_only_recorded_counts_for_nothing():
    assert reactive_markers({"cmv": "reactive", "ebv": "reactive", "toxoplasma": "reactive", "hla": "recorded"}) == ()


def test_a_syphilis_screening_speaks_only_until_its_specific_test():
    screened = {**CLEAN, "syphilis": "reactive"}
    assert reactive_markers(screened) == (Marker.SYPHILIS,)
    assert reactive_refusals(screened, assessed=False) == ()
    cleared = {**screened, "syphilis_specific": "non_reactive"}
    assert reactive_markers(cleared) == ()
    assert reactive_markers({**cleared, "hbsag": "reactive"}) == (Marker.HBSAG,)
    both = {**screened, "syphilis_specific": "reactive", "hbsag": "reactive"}
    assert reactive_markers(both) == (Marker.HBSAG, Marker.SYPHILIS, Marker.SYPHILIS_SPECIFIC)
    assert [one.code for one in reactive_refusals(both, assessed=False)] == [
        "DONOR_NOT_ELIGIBLE",
        "DONOR_RISK_ASSESSMENT",
    ]


ABROAD = ImportFacts("volunteer_unrelated", True, "ITE-1", "NL-2026-4", "Registry US")


@pytest.mark.req("TC-566-IMP")
@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, []),
        ({"outside_eu": None}, ["whether it comes from outside the EU or EEA"]),
        ({"outside_eu": False, "establishment": None}, []),
        ({"donor_type": "related", "outside_eu": None}, []),
        ({"establishment": None}, ["importing tissue establishment"]),
        ({"authorisation": " "}, ["import authorisation"]),
        ({"supplier": ""}, ["third-country supplier"]),
        ({"establishment": "", "supplier": None}, ["importing tissue establishment", "third-country supplier"]),
    ],
)
def test_an_import_of_an_unrelated_donor_is_known_in_all_its_parts(change, missing):
    found = import_refusals(replace(ABROAD, **change))
    assert said(found, "missing") == [("IMPORT_MISSING", one) for one in missing]


@pytest.mark.parametrize(
    ("code", "good"), [("D-0001", True), ("DNR", True), ("1234", False), ("d-0001", False), ("D1", False), ("", False)]
)
def test_a_donor_code_begins_with_a_letter(code, good):
    found = donor_code_refusals(code)
    assert said(found, "field") == ([] if good else [("ID_FORMAT", "donor_code")])


@pytest.mark.req("F-COI-1")
@pytest.mark.parametrize(
    ("subject_of_donor", "donors_of_subject", "apart"),
    [
        (None, (), False),
        ("NK-01", ("D-1",), False),
        ("NK-02", (), True),
        (None, ("D-2",), True),
        ("NK-01", ("D-1", "D-2"), True),
    ],
)
def test_one_donor_is_for_one_subject_and_one_subject_of_one_donor(subject_of_donor, donors_of_subject, apart):
    found = donor_pair_refusals("D-1", "NK-01", subject_of_donor=subject_of_donor, donors_of_subject=donors_of_subject)
    assert said(found, "field") == ([("DONOR_MISMATCH", "donor_code")] if apart else [])
