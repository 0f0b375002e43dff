"""An export through page and API: mapped, approved, read, compared, confirmed; and the hostile ones refused whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from kernel.files.tables import FileRow
from manufacturing.queries.samples import samples_of_batch
from manufacturing.tables.imports import ImportedValueRow, ImportRow
from tests.integration.manufacturing.importing import HEADER
from tests.web.clients import Attached, codes

CORPUS = Path(__file__).parents[2] / "data" / "imports"
DRAWN = {"kind": "in_process_control", "step": "1", "volume_ml": "1", "supernatant_only": "no"}
ASKED = {"instrument": "COUNTER-1", "set_others_aside": "no", "looked_through": "yes"}
BOXES = {
    "delimiter": "comma",
    "decimal_mark": "point",
    "sample": "Sample ID",
    "wbc_title": "WBC(10^3/uL)",
    "wbc_unit": "10^3/uL",
    "viability_title": "Viability(%)",
    "viability_unit": "%",
}


def attached(*rows, name="counter.csv"):
    return Attached(name, "\n".join([HEADER, *rows, ""]).encode())


@pytest.fixture
def doors(browser, api):
    """``doors("page")("T")`` sends as a technician through that door."""
    return {"page": lambda who: browser(who).submit, "api": lambda who: api(who).act}


def mapped(send, approve, client):
    """Map the counter as a technician and approve it as QA; answers the example's address."""
    assert (
        codes(
            send(
                "/imports/mappings/new",
                {"instrument": "COUNTER-1", "looked_through": "yes", "file": attached("S1,1,1", name="example.csv")},
            )
        )
        == []
    )
    with client() as session:
        example = session.execute(sa.text("SELECT id FROM import_example")).scalar_one()
    assert codes(send(f"/imports/examples/{example}/map", BOXES)) == []
    with client() as session:
        document = session.execute(sa.text("SELECT id FROM document WHERE kind = 'import_mapping'")).scalar_one()
    assert codes(approve(f"/administration/documents/{document}/approve", {"role": "QA"})) == []
    return f"/imports/examples/{example}/map"


@pytest.fixture
def lab(story, doors, database):
    batch = story.started()
    doors["page"]("T")(f"/batches/{batch.id}/samples/new", DRAWN | {"drawn_at": "2026-11-23 10:05"})
    (sample,) = story.read(samples_of_batch, batch.id)
    return batch, sample.code


def kept(database):
    with database.reading() as session:
        tables = (ImportRow, ImportedValueRow)
        rows = {one.__tablename__: session.query(one).count() for one in tables}
        return rows | {"file": session.query(FileRow).filter(FileRow.entity == "batch").count()}


@pytest.mark.req("A11-5", "A11-6")
@pytest.mark.parametrize("door", ["page", "api"])
def test_a_count_goes_from_the_file_into_the_record_with_its_cell(lab, doors, api, database, door):
    batch, sample = lab
    technician, quality = doors[door]("T"), doors[door]("QA")
    mapped(technician, quality, database.reading)
    answer = technician(f"/batches/{batch.id}/import", ASKED | {"file": attached(f"{sample},98.6,99.1", "Beads,1,1")})
    assert codes(answer) == []
    with database.reading() as session:
        found = session.query(ImportRow).one()
    assert codes(technician(f"/imports/{found.id}/confirm")) == ["SOD_IMPORT"]
    assert codes(quality(f"/imports/{found.id}/confirm")) == []
    step = api("T").get(f"/batches/{batch.id}/steps/1").json["bench"]
    source = next(one for one in step["fields"] if one["key"] == "wbc")["source"]
    assert {name: source[name] for name in ("row", "column", "cell", "sample", "agrees", "number")} == {
        "row": 2,
        "column": "WBC(10^3/uL)",
        "cell": "98.6",
        "sample": sample,
        "agrees": True,
        "number": "98.6",
    }
    listed = api("T").get(f"/imports/{found.id}").json
    assert [(one["row"], one["sample"]) for one in listed["found"]["aside"]] == [(3, "Beads")]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_imports_is_drawn(lab, doors, browser, database, language):
    batch, sample = lab
    mapping = mapped(doors["page"]("T"), doors["page"]("QA"), database.reading)
    doors["page"]("T")(f"/batches/{batch.id}/import", ASKED | {"file": attached(f"{sample},98.6,99.1")})
    with database.reading() as session:
        found = session.query(ImportRow).one()
    quality = browser("QA")
    paths = [
        "/",
        "/imports/mappings",
        "/imports/mappings/new",
        mapping,
        f"{mapping}?delimiter=tab",
        f"/imports/{found.id}",
    ]
    paths += [f"{mapping}?population=Sample+ID&names=1", f"/imports/{found.id}/reject", f"/batches/{batch.id}"]
    for path in (*paths, f"/imports/{found.id}/confirm"):
        page = quality.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert page.status_code == 200, path
        assert "Undefined" not in page.text
    assert f"/imports/{found.id}" in quality.get("/").text
    own = browser("T")
    assert f"/imports/{found.id}" not in own.get("/").text
    assert f'href="/imports/{found.id}/confirm"' not in own.get(f"/imports/{found.id}").text
    assert f'href="/imports/{found.id}/confirm"' in quality.get(f"/imports/{found.id}").text
    quality.submit(f"/imports/{found.id}/confirm")
    for path in (f"/imports/{found.id}", f"/batches/{batch.id}/steps/1/perform"):
        page = browser("T").get(f"{path}?lang={language}").text
        assert "counter.csv" in page, path


HOSTILE = {
    "decimal_comma.csv": "IMPORT_HEADER",
    "thousands.csv": "IMPORT_DECIMAL_MARK IMPORT_SAMPLE_UNKNOWN",
    "hidden_rtl.csv": "IMPORT_HIDDEN",
    "utf16_no_mark.csv": "IMPORT_ENCODING",
    "quote_swallows.csv": "IMPORT_QUOTES",
    "zip_renamed.csv": "IMPORT_NOT_A_TABLE",
    "header_only.csv": "IMPORT_NO_ROWS",
    "controls_only.csv": "IMPORT_NOTHING",
    "sample_other.csv": "IMPORT_SAMPLE_UNKNOWN IMPORT_SAMPLE_UNKNOWN",
    "empty.csv": "IMPORT_HEADER",
}


@pytest.mark.req("A11-5")
@pytest.mark.parametrize("door", ["page", "api"])
def test_hostile_files_are_refused_whole_and_leave_only_the_refusal(lab, doors, database, door):
    batch, _sample = lab
    send = doors[door]("T")
    mapped(send, doors[door]("QA"), database.reading)
    for name, wanted in HOSTILE.items():
        answer = send(f"/batches/{batch.id}/import", ASKED | {"file": Attached(name, (CORPUS / name).read_bytes())})
        assert set(codes(answer)) <= set(wanted.split()), name
        assert codes(answer), name
        assert kept(database) == {"file_import": 0, "imported_value": 0, "file": 0}, name


@pytest.mark.req("A11-5")
def test_a_formula_is_text_on_the_page_and_in_the_record(lab, doors, browser, database):
    batch, sample = lab
    mapped(doors["page"]("T"), doors["page"]("QA"), database.reading)
    fields = ASKED | {"set_others_aside": "yes", "file": attached(f"{sample},98.6,99.1", '=HYPERLINK("x"),1,1')}
    assert codes(doors["page"]("T")(f"/batches/{batch.id}/import", fields)) == []
    with database.reading() as session:
        found = session.query(ImportRow).one()
    page = browser("T").get(f"/imports/{found.id}").text
    assert "=HYPERLINK(&#34;x&#34;)" in page
    assert '=HYPERLINK("x")' not in page
