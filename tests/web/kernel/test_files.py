"""Files through page and API: multipart in, the same bytes out, nothing large read, nothing that opens in the site."""

from __future__ import annotations

import io
import json

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from kernel.accounts.tables import PersonRow
from kernel.files.domain.refusals import LARGEST_FILE, MEGABYTE
from kernel.files.ports import ATTACHABLE, Attachable
from kernel.files.tables import FileRow
from kernel.tables import TrailRow
from tests.web.clients import Attached, codes

BODY = b"sample,WBC\nS1,4.5\n"
ASKED = {"purpose": "report", "looked_through": "yes"}


@pytest.fixture
def path(people, monkeypatch):
    """Where files of one record are attached; technicians and QA may, pharmacists may not read."""
    kind = Attachable(PersonRow, "trail:read", "file:read", {"report": "report"}, lambda _s, row: (row.login, "/"))
    monkeypatch.setitem(ATTACHABLE, "person", kind)
    return f"/files/of/person/{people['QA'].id}"


def sent(body=BODY, filename="run 1.csv"):
    return {"file": Attached(filename, body)}


def kept(site):
    with site.database.reading() as session:
        return session.query(FileRow).all()


def last_entry(site):
    with site.database.reading() as session:
        return session.query(TrailRow).order_by(TrailRow.seq.desc()).first()


@pytest.mark.req("A11-5")
@pytest.mark.parametrize("door", ["page", "api"])
def test_a_file_comes_in_as_multipart_and_goes_out_as_it_came(browser, api, path, site, door):
    if door == "page":
        page = browser("QA").get(f"{path}/attach").text
        assert 'enctype="multipart/form-data"' in page
        assert 'type="file"' in page
        assert "At most 10 MB." in page
        answer = browser("QA").submit(f"{path}/attach", ASKED | sent())
        assert answer.status_code == 303, codes(answer)
    else:
        answer = api("QA").act(f"{path}/attach", ASKED | sent())
        assert (answer.status_code, answer.json["number"], answer.json["media_type"]) == (200, 1, "text/csv")
    [row] = kept(site)
    gone = browser("QA").get(f"/files/{row.id}/content")
    assert gone.data == BODY
    assert gone.headers["Content-Disposition"] == 'attachment; filename="run 1.csv"'
    assert gone.headers["X-Content-Type-Options"] == "nosniff"
    assert gone.headers["Content-Type"] == "text/csv"
    entry = last_entry(site)
    assert (entry.action, json.loads(entry.payload)["details"]) == (
        "file.content",
        {"file": f"/files/{row.id}/content"},
    )


def test_a_pdf_of_others_never_opens_in_the_site(browser, path, site):
    browser("QA").submit(f"{path}/attach", ASKED | sent(b"%PDF-1.4\n", "report.pdf"))
    [row] = kept(site)
    assert browser("QA").get(f"/files/{row.id}/content").headers["Content-Disposition"].startswith("attachment")


def test_the_record_and_the_digest_lead_to_the_file(browser, path, site):
    browser("QA").submit(f"{path}/attach", ASKED | sent())
    [row] = kept(site)
    assert row.sha256 in browser("QA").get(f"/files/{row.id}").text
    assert f"/files/{row.id}" in browser("QA").get(path).text
    assert browser("QA").get(f"/find?code={row.sha256}").headers["Location"] == f"/files/{row.id}"


@pytest.mark.req("P11-10d")
def test_who_may_not_read_the_record_may_not_read_its_files(browser, path, site):
    browser("QA").submit(f"{path}/attach", ASKED | sent())
    [row] = kept(site)
    for address in (path, f"/files/{row.id}", f"/files/{row.id}/content"):
        answer = browser("Ph").get(address)
        assert (answer.status_code, codes(answer)) == (403, ["ROLE_NOT_ALLOWED"]), address


def test_the_same_request_twice_keeps_one_file_and_with_other_bytes_is_refused(api, path, site):
    client = api("QA")
    seen = client.get(f"{path}/attach").json["seen"]

    def post(body):
        return client.post(f"{path}/attach", {"seen": seen, **ASKED, **sent(body)}, key="once")

    first, again, other = post(BODY), post(BODY), post(b"sample,WBC\nS1,9.9\n")
    assert (first.status_code, again.json) == (200, first.json)
    assert codes(other) == ["IDEMPOTENCY_MISMATCH"]
    assert len(kept(site)) == 1


@pytest.mark.req("A11-5")
@pytest.mark.parametrize("door", ["page", "api"])
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "FIELD_INVALID"),
        (sent(b""), "FILE_EMPTY"),
        (sent(b"MZ\0", "a.csv"), "FILE_DANGEROUS"),
        (sent(b"\0\1\2", "a.dat"), "FILE_TYPE_UNKNOWN"),
        (sent(filename="a.pdf"), "FILE_NOT_AS_NAMED"),
        (sent(filename="J. Jansen.csv"), "PII_IN_FIELD"),
        (sent() | {"purpose": "ornament"}, "FILE_PURPOSE"),
        (sent() | {"looked_through": "no"}, "FILE_NOT_LOOKED_THROUGH"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_with_one_fault_is_refused_on_the_trail_and_not_kept(browser, api, path, site, door, fields, code):
    send = browser("QA").submit if door == "page" else api("QA").act
    answer = send(f"{path}/attach", ASKED | fields)
    assert (answer.status_code, codes(answer)) == (422, [code])
    assert kept(site) == []
    assert (last_entry(site).action, last_entry(site).outcome) == ("file.attach", "refused")


class Flood(io.RawIOBase):
    """So many bytes, made as they are read; ``most`` is the largest part anybody asked for."""

    def __init__(self, size):
        self.size, self.at, self.most = size, 0, 0

    def tell(self):
        return self.at

    def seek(self, offset, whence=0):
        self.at = offset + (self.size if whence == io.SEEK_END else 0)
        return self.at

    def readable(self):
        return True

    def readinto(self, buffer):
        part = min(len(buffer), self.size - self.at)
        self.most = max(self.most, part)
        buffer[:part] = b"a" * part
        self.at += part
        return part


@pytest.mark.req("A11-5")
def test_fifty_megabytes_are_refused_before_they_are_held(browser, api, path, site):
    flood = Flood(50 * MEGABYTE)
    given = {"content_type": "multipart/form-data; boundary=b", "input_stream": flood}
    answer = api("QA").client.post(f"/api/v1{path}/attach", headers=api("QA").headers, **given)
    assert (answer.status_code, codes(answer)) == (422, ["FILE_TOO_LARGE"])
    assert (flood.at, flood.most <= 64 * 1024) == (flood.size, True)
    assert (last_entry(site).action, last_entry(site).outcome) == ("file.attach", "refused")


def test_one_byte_over_the_limit_is_too_large_and_the_limit_itself_is_not(api, path, site):
    client = api("QA")
    seen = client.get(f"{path}/attach").json["seen"]
    for size, said in ((LARGEST_FILE + 1, ["FILE_TOO_LARGE"]), (LARGEST_FILE, [])):
        boundary, body = encode_multipart(
            {"seen": seen, **ASKED, "file": FileStorage(io.BytesIO(b"a" * size), "a.txt")}
        )
        head = client.headers | {"Idempotency-Key": f"key-{size}"}
        kind = f'multipart/form-data; boundary="{boundary}"'
        answer = client.client.post(f"/api/v1{path}/attach", data=body, content_type=kind, headers=head)
        assert codes(answer) == said
    assert [one.size for one in kept(site)] == [LARGEST_FILE]


def test_a_json_body_has_no_place_for_a_file(api, path):
    answer = api("QA").act(f"{path}/attach", ASKED | {"file": "c2FtcGxl"})
    assert codes(answer) == ["FIELD_INVALID"]


def test_an_act_without_a_file_takes_none(browser):
    answer = browser("QA").submit("/administration/documents/new", {"preset": "process"} | sent())
    assert codes(answer) == ["FIELD_INVALID"]


@pytest.mark.req("A11-5")
def test_a_file_is_withdrawn_with_a_reason_and_stays_readable(browser, path, site):
    browser("QA").submit(f"{path}/attach", ASKED | sent())
    [row] = kept(site)
    assert codes(browser("QA").submit(f"/files/{row.id}/withdraw")) == ["MISSING_REASON"]
    done = browser("QA").submit(f"/files/{row.id}/withdraw", {"reason": "belongs to another run"})
    assert done.status_code == 303
    assert "belongs to another run" in browser("QA").get(f"/files/{row.id}").text
    assert browser("QA").get(f"/files/{row.id}/content").data == BODY


def test_the_limit_is_a_setting_with_a_name(make_app):
    from config.settings import Settings, Unfit  # noqa: PLC0415

    assert Settings.from_environ({"NKTRACE_LARGEST_FILE_MB": "25"}).largest_file == 25 * MEGABYTE
    assert Settings.from_environ({}).largest_file == LARGEST_FILE
    for wrong in ("0", "65", "-1", "1e3", "²"):
        with pytest.raises(Unfit):
            Settings.from_environ({"NKTRACE_LARGEST_FILE_MB": wrong})
