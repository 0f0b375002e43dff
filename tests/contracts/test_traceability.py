"""Every requirement row finds its tests, the printed matrix is the generated one, and the reader of marks can fail."""

from __future__ import annotations

import pytest

from config.traceability import (
    MATRIX,
    Mark,
    Requirement,
    TraceabilityError,
    document,
    evidence_by_requirement,
    marks_of,
    open_rows,
    read_marks,
    read_requirements,
    render,
)

IDENTITY = "1 Identity & traceability"
ELECTRONIC_RECORDS = (
    "8 Electronic signatures",
    "9 Audit trail",
    "10 Access control",
    "11 Data retention / backup / export",
)
IN_A_CLASS = "@pytest.mark.req('A')\nclass TestX:\n    @pytest.mark.req('B')\n    def test_y(self): ..."
ONE = "pytest.param(1, marks=pytest.mark.req('A'))"
TWO = "pytest.param(1, marks=[pytest.mark.slow, pytest.mark.req('A')])"


def row(name="A-1", *, severity="must", built_in="path", note=""):
    return Requirement(name, IDENTITY, "art. 1", "A sentence.", severity, built_in, note)


def found(source):
    return [(mark.requirement, mark.test) for mark in marks_of(source, "tests/test_x.py")]


@pytest.mark.req("A11-4")
def test_the_matrix_is_the_generated_one():
    assert MATRIX.read_text(encoding="utf-8") == document(), "run: python -m config.traceability"


@pytest.mark.req("A11-4")
@pytest.mark.parametrize("section", [IDENTITY, *ELECTRONIC_RECORDS])
def test_every_must_row_of_identity_and_electronic_records_has_a_test_or_an_argument(section):
    requirements = read_requirements()
    assert section in {x.section for x in requirements}
    left = open_rows(requirements, evidence_by_requirement(requirements, read_marks()))
    assert [x.id for x in left if x.section == section and x.severity == "must" and not x.note] == []


def test_the_rows_are_all_there():
    requirements = read_requirements()
    assert len([x for x in requirements if x.section.startswith("0.2")]) == 12
    assert len(requirements) == 258
    assert all(x.sentence and x.clause for x in requirements)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("@pytest.mark.req('A', 'B')\ndef test_x(): ...", [("A", "::test_x"), ("B", "::test_x")]),
        ("pytestmark = pytest.mark.req('A')", [("A", "")]),
        ("pytestmark = [pytest.mark.journey, pytest.mark.req('A')]", [("A", "")]),
        (IN_A_CLASS, [("A", "::TestX"), ("B", "::TestX::test_y")]),
        (f"@pytest.mark.parametrize('x', [{ONE}])\ndef test_x(x): ...", [("A", "::test_x")]),
        (f"@pytest.mark.parametrize('x', [{TWO}])\ndef test_x(x): ...", [("A", "::test_x")]),
        (
            f"ROWS = [{ONE}]\n@pytest.mark.parametrize('x', ROWS)\ndef test_x(x): ...\ndef test_y(): ...",
            [("A", "::test_x")],
        ),
        ("@pytest.mark.skip\n@pytest.mark.req('A')\ndef test_x(): ...", []),
        ("@pytest.mark.xfail(strict=True)\n@pytest.mark.req('A')\ndef test_x(): ...", []),
        ("@pytest.mark.req('A')\ndef helper(): ...", []),
        ("'@pytest.mark.req(\"A\")'", []),
    ],
)
def test_a_mark_is_found_where_pytest_finds_it(source, expected):
    assert found(source) == [(name, f"tests/test_x.py{test}") for name, test in expected]


def test_an_id_that_is_not_written_out_is_refused():
    with pytest.raises(TraceabilityError, match="line 1: a requirement id must be written out"):
        found("@pytest.mark.req(NAME)\ndef test_x(): ...")


@pytest.mark.parametrize(
    ("rows", "marks", "fault"),
    [
        ([row()], [Mark("A-2", "tests/test_x.py")], "'A-2', which is no requirement"),
        ([row(), row()], [], "A-1 stands twice"),
        ([row(severity="may")], [], "severity 'may'"),
        ([row(built_in="later")], [], "area 'later'"),
    ],
)
def test_rows_and_marks_that_do_not_fit_are_refused(rows, marks, fault):
    with pytest.raises(TraceabilityError, match=fault):
        evidence_by_requirement(rows, marks)


def test_an_open_row_is_listed_under_its_severity_and_area_with_its_argument():
    text = render([row(), row("A-2", severity="should", built_in="bench", note="Later.")], {"A-1": ["tests/t.py::t"]})
    assert "### should, bench (1)\n\n- **A-2** (art. 1): A sentence. *Later.*\n" in text
    assert "| A-1 | art. 1 | A sentence. | must | `t.py::t` |" in text
    assert "- **A-1**" not in text
