"""Exports of instruments, good and hostile: the right values, or exactly the refusal, and never a number nobody wrote.

``tests/data/imports/corpus.csv`` lists the files. Samples 1 to 4 of batch NK26-0001 are of steps that are open, sample 5 of
one that is signed.
"""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.exports import csv_bytes
from kernel.refusals import Refusal
from manufacturing.domain.batches import StepStatus
from manufacturing.domain.imports.cells import COMMA, POINT, read_cell
from manufacturing.domain.imports.mapping import mapping_refusals, read_mapping, unit_in
from manufacturing.domain.imports.rows import MOST_FAULTS, SampleFacts, is_control, read_rows
from manufacturing.domain.imports.table import MOST_ROWS, Table, read_table
from manufacturing.domain.samples import sample_code

CORPUS = Path(__file__).parents[2] / "data" / "imports"
with (CORPUS / "corpus.csv").open(encoding="utf-8", newline="") as lines:
    LISTED = list(csv.DictReader(lines))
CODES = [sample_code("NK26-0001", number) for number in range(1, 6)]
COUNTED = frozenset({"wbc", "viability"})
STAINED = COUNTED | {"nk_percent", "cd3_percent"}
SAMPLES = {
    code: SampleFacts(
        f"sample {place}",
        f"step {place}",
        place,
        StepStatus.VERIFIED if place == 5 else StepStatus.PENDING,
        STAINED if place in {3, 4} else COUNTED,
    )
    for place, code in enumerate(CODES, start=1)
}


def column(title, field, unit):
    return {"title": title, "field": field, "unit": unit}


def body(columns, sample="Sample ID", delimiter="comma", decimal_mark="point", **more):
    return {
        "instrument": "COUNTER-1",
        "delimiter": delimiter,
        "decimal_mark": decimal_mark,
        "sample": sample,
        "columns": columns,
        **more,
    }


COUNTS = [column("WBC(10^3/uL)", "wbc", "10^3/uL"), column("Viability(%)", "viability", "%")]
GATES = [column("NK", "nk_percent", "%"), column("T", "cd3_percent", "%")]


def titled(nk, t):
    return [column(nk, "nk_percent", "%"), column(t, "cd3_percent", "%")]


BODIES = {
    "counter": body(COUNTS),
    "counter_micro": body([column("WBC(10³/µL)", "wbc", "10^3/uL"), COUNTS[1]]),
    "counter_semicolon": body(COUNTS, delimiter="semicolon"),
    "counter_tab": body(COUNTS, delimiter="tab"),
    "counter_comma": body(COUNTS, delimiter="semicolon", decimal_mark="comma"),
    "facsdiva": body(titled("NK %Parent", "T %Parent"), sample="Tube Name"),
    "facssuite": body(titled("Lymph|NK %Parent", "Lymph|T %Parent")),
    "flowjo": body(
        titled("Lymphocytes/Live/NK | Freq. of Parent", "Lymphocytes/Live/T | Freq. of Parent"), sample="Sample:"
    ),
    "macsquantify": body(GATES, delimiter="semicolon", population="Name", value="%-#"),
    "kaluza": body(GATES, sample="Data Set", population="Gate", value="%Gated"),
    "nk": body([column("NK %", "nk_percent", "%")]),
}
MAPPINGS = {name: read_mapping(one)[0] for name, one in BODIES.items()}


def read(content, mapping, *, aside=False):
    """The values and the codes of the faults, as an import reads them."""
    known = MAPPINGS[mapping]
    table = read_table(content, known.delimiter)
    if isinstance(table, Refusal):
        return None, (table,)
    return read_rows(table, known, SAMPLES, set_others_aside=aside)


def codes(refusals):
    return [one.code for one in refusals]


@pytest.mark.req("A11-5", "A11-6")
@pytest.mark.parametrize("listed", LISTED, ids=[one["file"] for one in LISTED])
def test_each_file_of_the_corpus_gives_its_values_or_its_refusals(listed):
    content = (CORPUS / listed["file"]).read_bytes()
    proposal, refusals = read(content, listed["mapping"])
    if listed["expected"].startswith(("IMPORT_", "FCS_")):
        assert (proposal, codes(refusals)) == (None, listed["expected"].split())
        assert all(str(one) for one in refusals)
        return
    assert refusals == ()
    assert [one.number for one in proposal.values] == [Decimal(one) for one in listed["expected"].split()]


def test_the_corpus_is_broad_and_whole():
    assert {one.name for one in CORPUS.glob("*.*")} - {"corpus.csv"} == {one["file"] for one in LISTED}
    assert len(LISTED) >= 80
    assert len({one["expected"].split()[0] for one in LISTED if one["expected"].startswith("IMPORT")}) >= 18


def test_every_value_knows_its_row_column_and_cell():
    proposal, _ = read((CORPUS / "counter_preamble.csv").read_bytes(), "counter")
    assert proposal.header_row == 3
    first = proposal.values[0]
    assert (first.row, first.column, first.cell) == (4, "WBC(10^3/uL)", "98.6")
    assert (first.sample, first.field, first.number, first.unit) == (CODES[0], "wbc", Decimal("98.6"), "10^3/uL")


def test_what_is_set_aside_is_named_with_row_and_why():
    proposal, _ = read((CORPUS / "counter_controls.csv").read_bytes(), "counter")
    assert [(one.row, one.sample) for one in proposal.aside] == [
        (2, "QC-L1"),
        (3, "BackgroundCheck"),
        (6, "e-CHECK L2"),
    ]


def test_rows_of_others_are_set_aside_only_where_a_person_said_so():
    content = (CORPUS / "sample_other.csv").read_bytes()
    proposal, refusals = read(content, "counter", aside=True)
    assert (refusals, len(proposal.values), [one.row for one in proposal.aside]) == ((), 2, [3])


@pytest.mark.parametrize("good_rows", [1000])
def test_one_bad_row_in_a_thousand_lets_nothing_in(good_rows):
    samples = {
        sample_code(f"NK26-{number:04}", 1): SampleFacts("s", f"step {number}", 1, StepStatus.PENDING, COUNTED)
        for number in range(good_rows)
    }
    rows = [f"{code},98.6,99.1" for code in samples]
    rows[617] = rows[617].replace("98.6", "98,6x")
    table = read_table(
        ("\n".join(["Sample ID,WBC(10^3/uL),Viability(%)", *rows])).replace("98,6x", '"98,6"').encode(), "comma"
    )
    proposal, refusals = read_rows(table, MAPPINGS["counter"], samples, set_others_aside=False)
    assert proposal is None
    assert [(one.code, one.fact("row")) for one in refusals] == [("IMPORT_DECIMAL_MARK", "619")]


def test_of_very_many_faults_a_person_reads_the_first_and_how_many_more():
    rows = "\n".join(f"unknown {number},1,1" for number in range(MOST_FAULTS + 7))
    _, refusals = read(f"Sample ID,WBC(10^3/uL),Viability(%)\n{rows}".encode(), "counter")
    assert (len(refusals), refusals[-1].code, refusals[-1].fact("count")) == (MOST_FAULTS + 1, "IMPORT_MORE", "7")


@pytest.mark.parametrize(
    "content",
    ["a,b\n" + "1,2\n" * (MOST_ROWS + 1), "a," * 600 + "\n", "a,b\n1," + "x" * 1001 + "\n", "a,b\n1," + "x" * 200_000],
    ids=["rows", "columns", "cell", "field"],
)
def test_a_table_without_end_is_refused(content):
    assert read_table(content.encode(), "comma").code == "IMPORT_TOO_LONG"


def test_two_samples_of_one_step_are_two_answers_to_one_question():
    samples = {code: SampleFacts(code, "step", 1, StepStatus.PENDING, COUNTED) for code in CODES[:2]}
    table = read_table((CORPUS / "counter.csv").read_bytes(), "comma")
    _, refusals = read_rows(table, MAPPINGS["counter"], samples, set_others_aside=False)
    assert set(codes(refusals)) == {"IMPORT_SAMPLE_TWICE"}


PROVEN = {
    "counter.csv": "comma",
    "counter_semicolon.csv": "semicolon",
    "counter_tab.txt": "tab",
    "facssuite.csv": "comma",
}
PROVEN |= {"counter_comma_mapped.csv": "semicolon", "macsquantify.csv": "semicolon", "header_only.csv": "comma"}
PROVEN |= {"comma_shifts.csv": None, "counter_preamble.csv": "comma"}


@pytest.mark.parametrize(("name", "delimiter"), PROVEN.items())
def test_the_delimiter_is_what_the_file_proves_or_it_is_asked(name, delimiter):
    found = read_table((CORPUS / name).read_bytes())
    assert (found.delimiter if isinstance(found, Table) else None) == delimiter


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("WBC(10^3/uL)", "10^3/uL"),
        ("WBC [10*9/L]", "10^9/L"),
        ("WBC (x10E3/µl)", "10^3/uL"),
        ("WBC (K/uL)", "10^3/uL"),
        ("WBC (10³/µL)", "10^3/uL"),
        ("Viable cells (10e6 cells/mL)", "10^6/mL"),
        ("NK cells/µL", "cells/uL"),
        ("Count/mL", "cells/mL"),
        ("NK %Parent", "%"),
        ("Live/NK | Freq. of Parent", "%"),
        ("WBC", None),
        ("Lymphocytes/Live", None),
    ],
)
def test_a_unit_in_the_name_of_a_column_is_recognised(title, unit):
    assert unit_in(title) == unit


WRONG = [
    ({"instrument": "my counter"}, "instrument"),
    ({"delimiter": "|"}, "delimiter"),
    ({"decimal_mark": "blank"}, "decimal_mark"),
    ({"decimal_mark": "comma"}, "decimal_mark"),
    ({"sample": " Sample ID"}, "sample"),
    ({"sample": "WBC(10^3/uL)"}, "columns"),
    ({"columns": []}, "columns"),
    ({"columns": [column("WBC", "colour", "%")]}, "columns 1"),
    ({"columns": [column("WBC", "wbc", "%")]}, "columns 1"),
    ({"columns": [column("WBC(10^3/uL)", "wbc", "cells/uL")]}, "columns 1"),
    ({"columns": [column("WBC(%)", "wbc", "10^3/uL")]}, "columns 1"),
    ({"columns": [column("A", "wbc", "10^3/uL"), column("B", "wbc", "10^3/uL")]}, "columns"),
    ({"population": "Gate"}, "population"),
    ({"population": "Gate", "value": "Count/mL", "columns": GATES}, "columns 1"),
]


@pytest.mark.parametrize(("change", "where"), WRONG, ids=[f"{place} {one[1]}" for place, one in enumerate(WRONG)])
def test_a_mapping_that_could_mean_two_things_is_no_mapping(change, where):
    refusals = mapping_refusals(BODIES["counter"] | change)
    assert refusals
    assert {one.code for one in refusals} == {"DOCUMENT_INVALID"}
    assert any(one.fact("problem").startswith(where) for one in refusals)


def test_the_same_unit_in_another_spelling_is_the_same():
    assert mapping_refusals(body([column("WBC [10*9/L]", "wbc", "10^3/uL")])) == ()


@pytest.mark.parametrize(
    "sample", ["QC-1", "Beads 3", "blank", "Mean", "SD", "FMO_CD56", "Unstained", "tube 7 isotype", "CS&T"]
)
def test_what_is_measured_beside_samples_is_known(sample):
    assert is_control(sample)


@pytest.mark.parametrize("sample", [*CODES, "NK-03", "Controller", "Specimen_001", "S1"])
def test_a_sample_is_no_control(sample):
    assert not is_control(sample)


ORACLE = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,12})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
NUMBERLIKE = st.text(alphabet="0123456789.,-+eE %<'", max_size=12)


@pytest.mark.req("A11-6")
@given(NUMBERLIKE | st.text(max_size=8), st.sampled_from([POINT, COMMA]), st.sampled_from(["%", "10^3/uL"]))
def test_no_cell_is_ever_read_as_another_number(cell, mark, unit):
    """Whatever is read, an independent grammar reads the same digits with the mark that was named, or nothing is read."""
    found = read_cell(cell, unit, mark, row=1, column="c")
    if isinstance(found, Refusal):
        return
    text = cell.strip()
    text = text[:-1].strip() if text.endswith("%") and unit == "%" else text
    assert ORACLE.fullmatch(text)
    assert ("." if mark == COMMA else ",") not in text
    assert found == Decimal(text.replace(",", "."))


@given(
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(sorted(MAPPINGS)),
)
def test_any_bytes_get_values_or_refusals(content, mapping):
    proposal, refusals = read(content, mapping, aside=True)
    assert (proposal is None) is bool(refusals)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*CODES, "QC 1", "other"]),
            st.sampled_from(["98.6", "1,2", "", "=1", "-5", "7"]),
            st.sampled_from(["99", "101", "n/a"]),
        ),
        max_size=6,
    )
)
def test_all_rows_or_none(rows):
    """Where anything of a file is entered, every row of ours is, exactly as it stands there."""
    content = "Sample ID;WBC(10^3/uL);Viability(%)\n" + "\n".join(";".join(row) for row in rows)
    proposal, refusals = read(content.encode(), "counter_semicolon", aside=True)
    if refusals:
        return
    wanted = {(row[0], row[1], row[2]) for row in rows if row[0] in SAMPLES}
    cells = {(one.sample, one.field): one.cell for one in proposal.values}
    assert {(code, cells[code, "wbc"], cells[code, "viability"]) for code in {key[0] for key in cells}} == wanted


def test_a_formula_in_a_code_is_text_and_neutral_when_it_goes_out_again():
    proposal, _ = read(
        f"Sample ID,WBC(10^3/uL),Viability(%)\n=1+1,1,1\n{CODES[0]},98.6,99.1\n".encode(), "counter", aside=True
    )
    assert proposal.aside[0].sample == "=1+1"
    assert b'"\'=1+1"' in csv_bytes(["sample"], [[proposal.aside[0].sample]])
