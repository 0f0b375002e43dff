"""What a file is, by its bytes; what its name may be. The rules alone, without a database."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.canonical import canonical
from kernel.files.domain.filenames import LONGEST, clean, ending, filename_refusals
from kernel.files.domain.media import judged, media_refusals
from kernel.files.domain.refusals import Upload


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return out.getvalue()


BOOK = ("[Content_Types].xml", "xl/workbook.xml")
GOOD = [
    ("report.pdf", b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", "application/pdf"),
    ("gel.PNG", b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
    ("bag.jpeg", b"\xff\xd8\xff\xe0\0", "image/jpeg"),
    ("scan.tif", b"II*\0\x08\0", "image/tiff"),
    ("tube 1.fcs", b"FCS3.1    " + b"\0" * 60, "application/vnd.isac.fcs"),
    ("counts.csv", "sample;WBC\nS1;4,5\n".encode("latin-1"), "text/csv"),
    ("counts.txt", "\ufeffsample\tWBC\r\nS1\t4.5\r\n".encode("utf-16-le"), "text/csv"),
    ("note.txt", "afgelezen bij 20 °C".encode("cp1252"), "text/plain"),
    ("gates.wsp", b'<?xml version="1.0"?><Workspace/>', "application/xml"),
    ("plot.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>', "image/svg+xml"),
    ("sheet.xlsx", archive(*BOOK), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("no ending", b"%PDF-1.4", "application/pdf"),
]


@pytest.mark.req("A11-5")
@pytest.mark.parametrize(("filename", "body", "media_type"), GOOD, ids=[one[0] for one in GOOD])
def test_what_laboratories_send_is_known_by_its_bytes(filename, body, media_type):
    assert (judged(body), media_refusals(Upload(filename, body))) == (media_type, ())


BAD = [
    ("report.pdf", b"", "FILE_EMPTY"),
    ("setup.exe", b"MZ\x90\0\x03\0\0\0", "FILE_DANGEROUS"),
    ("counts.csv", b"MZ\x90\0\x03\0\0\0", "FILE_DANGEROUS"),
    ("tool", b"\x7fELF\x02\x01\x01\0", "FILE_DANGEROUS"),
    ("run.csv", b"#!/bin/sh\nrm -rf /\n", "FILE_DANGEROUS"),
    ("macro.vbs", b"x = 1\n", "FILE_DANGEROUS"),
    ("page.html", b"<p>hello</p>", "FILE_DANGEROUS"),
    ("page.txt", b"  <!DOCTYPE html><p>hello</p>", "FILE_DANGEROUS"),
    ("counts.csv", b"a,b\n<script>alert(1)</script>,2\n", "FILE_DANGEROUS"),
    ("plot.svg", b"<svg><script>alert(1)</script></svg>", "FILE_DANGEROUS"),
    ("plot.svg", b'<svg onload="alert(1)"></svg>', "FILE_DANGEROUS"),
    ("gates.xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "FILE_DANGEROUS"),
    ("form.pdf", b"%PDF-1.4\n<</S /JavaScript /JS (app.alert(1))>>", "FILE_DANGEROUS"),
    ("sheet.xlsx", archive(*BOOK, "xl/vbaProject.bin"), "FILE_DANGEROUS"),
    ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 20, "FILE_DANGEROUS"),
    ("report\u202efdp.exe", b"%PDF-1.4", "FILE_DANGEROUS"),
    ("files.zip", archive("a.txt"), "FILE_TYPE_UNKNOWN"),
    ("counts.csv", archive("a.txt"), "FILE_TYPE_UNKNOWN"),
    ("broken.xlsx", b"PK\x03\x04 and then nothing", "FILE_TYPE_UNKNOWN"),
    ("data.bin", bytes(range(256)), "FILE_TYPE_UNKNOWN"),
    ("counts.csv", b"a,b\n1,\x002\n", "FILE_TYPE_UNKNOWN"),
    ("report.pdf", b"a,b\n1,2\n", "FILE_NOT_AS_NAMED"),
    ("counts.csv", b"%PDF-1.4", "FILE_NOT_AS_NAMED"),
    ("photo.jpg", b"\x89PNG\r\n\x1a\n\0\0", "FILE_NOT_AS_NAMED"),
]


@pytest.mark.req("A11-5")
@pytest.mark.parametrize(("filename", "body", "code"), BAD, ids=[f"{one[0]} {one[2]} {i}" for i, one in enumerate(BAD)])
def test_what_is_empty_dangerous_unknown_or_misnamed_is_refused(filename, body, code):
    assert [one.code for one in media_refusals(Upload(filename, body))] == [code]


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("C:\\Users\\lab\\tube 1.fcs", "tube 1.fcs"),
        ("../../etc/passwd", "passwd"),
        ("re\u202eport\u200b.pdf", "report.pdf"),
        ('a"b;c\r\nSet-Cookie: x.csv', "a_b_cSet-Cookie_ x.csv"),
        ("..hidden", "hidden"),
        ("CON.txt", "_CON.txt"),
        ("/", "file"),
        ("x" * 300 + ".csv", "x" * (LONGEST - 4) + ".csv"),
    ],
)
def test_a_name_is_kept_without_path_and_hidden_signs(given_name, kept):
    assert clean(given_name) == kept


@given(st.text(max_size=300))
def test_no_name_keeps_a_path_a_control_sign_or_a_quote(text):
    kept = clean(text)
    assert kept
    assert len(kept) <= LONGEST
    assert not set(kept) & set('/\\"\r\n\0;:*?<>|')
    assert clean(kept) == kept
    assert ending(kept).isascii()


@pytest.mark.req("GDPR-4.5")
@pytest.mark.parametrize(
    "filename", ["J. Jansen.pdf", "Jan_van_Dijk.pdf", "geb_12-03-2015.pdf", "mrn-1234567.csv", "123456782.csv"]
)
def test_a_name_that_looks_like_somebodys_is_refused(filename):
    assert {one.code for one in filename_refusals(filename)} == {"PII_IN_FIELD"}


@pytest.mark.parametrize(
    "filename", ["NK-03 depletion run 20261123.pdf", "Specimen_001_Tube_001_001.fcs", "B26-0001-07.csv"]
)
def test_a_name_with_codes_and_days_is_taken(filename):
    assert filename_refusals(filename) == ()


@given(st.binary(max_size=400), st.sampled_from(["a.csv", "a.pdf", "a.xlsx", "a", "a.fcs"]))
def test_any_bytes_get_an_answer(body, filename):
    media_refusals(Upload(filename, body))


def test_bytes_are_told_by_their_digest():
    assert canonical({"body": b"abc"}) == (
        '{"body":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}'
    )
