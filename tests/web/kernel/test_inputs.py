"""What people and programs send: a clean refusal for everything that has no meaning, never an error of the server."""

from __future__ import annotations

import itertools
import json

import pytest
from marshmallow import Schema, fields, validate

from kernel.accounts.queries import find_person
from kernel.accounts.tables import PersonRow
from kernel.web.fields import CalendarDay, Moment, Number, YesNo
from kernel.web.registry import ACTS, SIGNED_IN, Done, act
from tests.web.clients import codes

PEOPLE = "/administration/people"
TESS = {"login": "tess", "full_name": "Tess Bakker", "roles": ["T"], "language": "nl"}


class EverySchema(Schema):
    """One field of each kind."""

    text = fields.String(validate=validate.Length(1, 2000), metadata={"label": "Remark"})
    number = Number(metadata={"label": "Volume"})
    count = fields.Integer(strict=True, validate=validate.Range(0, 99))
    moment = Moment()
    day = CalendarDay()
    answer = YesNo()
    many = fields.List(fields.String(validate=validate.Length(1, 20)))
    code = fields.String(validate=validate.Length(1, 200), metadata={"widget": "scan"})


@pytest.fixture
def every(monkeypatch):
    """An act that takes one field of each kind and answers what it understood."""
    monkeypatch.setattr("kernel.web.registry.ACTS", ACTS)
    done = []

    def run(work, **given):
        work.confirm({})
        done.append(given)
        return Done("/", "", {"understood": given})

    act("test.every", "/test/every", permission=SIGNED_IN, title="Test", schema=EverySchema)(run)
    yield done
    del ACTS["test.every"]


@pytest.fixture
def send(every, api):
    """Send fields to that act as JSON; the answer, and how often the act was done."""
    client, keys = api("T"), itertools.count()

    def post(fields=None, raw=None):
        every.clear()
        key = f"key-{next(keys)}"
        if raw is None:
            return client.post("/test/every", fields, key=key), len(every)
        head = client.headers | {"Idempotency-Key": key, "Content-Type": "application/json"}
        return client.client.post("/api/v1/test/every", data=raw, headers=head), len(every)

    return post


GOOD = [
    ({"number": "1.2e6"}, {"number": "1200000"}),
    ({"number": "-0.50"}, {"number": "-0.50"}),
    ({"moment": "2026-11-23 16:30"}, {"moment": "2026-11-23T15:30:00.000000Z"}),
    ({"moment": "2026-10-25T02:30:00+01:00"}, {"moment": "2026-10-25T01:30:00.000000Z"}),
    ({"day": "2026-11-23"}, {"day": "2026-11-23"}),
    ({"answer": "yes"}, {"answer": True}),
    ({"answer": False}, {"answer": False}),
    ({"many": ["a", "b"]}, {"many": ["a", "b"]}),
    ({"many": "a"}, {"many": ["a"]}),
    ({"text": "40 °C, ≥ 2 mL\nsecond line\twith tab 😀"}, {"text": "40 °C, ≥ 2 mL\nsecond line\twith tab 😀"}),
    ({"text": ""}, {}),
    ({"code": "010\x1d17"}, {"code": "010\x1d17"}),
]


def test_what_has_a_meaning_is_understood(send):
    for sent, understood in GOOD:
        answer, done = send(sent)
        assert (sent, answer.status_code, done) == (sent, 200, 1)
        assert answer.json["understood"] == understood


BAD = [
    {"number": 1},
    {"number": 1.5},
    {"number": "1,5"},
    {"number": "<0.5"},
    {"number": "1e400"},
    {"number": "NaN"},
    {"number": "١٢"},
    {"number": "1 000"},
    {"number": None},
    {"number": True},
    {"number": ["1"]},
    {"count": 1.5},
    {"count": 100},
    {"count": 10**30},
    {"count": "²"},
    {"moment": 5},
    {"moment": "16:30"},
    {"moment": "2026-11-23"},
    {"moment": "20261123T1630"},
    {"moment": "2026-W48-1 16:30"},
    {"moment": "0026-11-23 16:30"},
    {"moment": "2026-11-23 16:30 CEST"},
    {"moment": "2026-02-30 10:00"},
    {"moment": "2026-03-29 02:30"},
    {"moment": "2026-10-25 02:30"},
    {"moment": "0001-01-01T00:00:00+14:00"},
    {"moment": "9999-12-31T23:59:59-14:00"},
    {"moment": "0001-01-01 00:00"},
    {"day": "23-11-2026"},
    {"day": "2026-02-30"},
    {"day": "20261123"},
    {"day": "2026-W48-1"},
    {"day": "0026-11-23"},
    {"day": "9999-12-31"},
    {"day": 20261123},
    {"answer": "maybe"},
    {"answer": "true"},
    {"answer": 1},
    {"answer": []},
    {"many": {"a": "b"}},
    {"many": [["a"]]},
    {"many": [1]},
    {"text": ["a", "b"]},
    {"text": {"a": "b"}},
    {"text": 5},
    {"text": "x" * 4096},
    {"text": "a\0b"},
    {"text": "a\u202eb"},
    {"text": "a\u200bb"},
    {"text": "a\u2066b"},
    {"text": "a\x1bb"},
    {"text": "a\ud800b"},
    {"code": "a\0b"},
    {"code": "a\u202eb"},
    {"many": ["a\u202eb"]},
    {"unknown": "x"},
    {"\ud800": "x"},
    {"x" * 5000: "x"},
    {"__proto__": "x"},
]


def test_what_has_no_meaning_is_refused_by_its_field(send):
    for sent in BAD:
        answer, done = send(sent)
        told = (ascii(sent)[:40], answer.status_code, set(codes(answer)), done, answer.mimetype)
        assert told == (told[0], 422, {"FIELD_INVALID"}, 0, "application/problem+json")


BODIES = [
    '{"text": "a", "text": "b"}',
    '{"text": {"a": 1, "a": 2}}',
    '{"number": NaN}',
    '{"number": Infinity}',
    '{"number": 1e400}',
    '{"number": -1e-400}',
    '{"count": ' + "9" * 5000 + "}",
    "[]",
    '"text"',
    "5",
    "null",
    "{",
    "{'text': 'a'}",
    '{"text": "a"} {}',
    "[" * 100000,
    '{"text":' * 5000,
    b"\xff\xfe\x00",
    b'{"text": "\xff"}',
    '{"seen": {"a": 1}, "text": []}',
]


def test_a_body_that_is_no_object_of_plain_fields_is_refused(send):
    for raw in BODIES:
        answer, done = send(raw=raw)
        told = (ascii(raw)[:40], answer.status_code, set(codes(answer)), done)
        assert told == (told[0], 422, {"FIELD_INVALID"}, 0)


def test_too_much_at_once_is_refused(send):
    answer, done = send(raw=json.dumps({"text": "x" * 3 * 1024 * 1024}))
    assert (answer.status_code, done) == (413, 0)


def test_ten_thousand_fields_are_refused(every, browser):
    person = browser("T")
    many = {f"field{number}": "x" for number in range(10000)}
    answer = person.submit("/test/every", many)
    assert answer.status_code in {413, 422}
    assert every == []


@pytest.mark.req("GDPR-FREE")
def test_personal_data_are_refused_in_every_text(send):
    found = "jan@ziekenhuis.nl"
    for field in ("text", "code", "many"):
        answer, done = send({field: [found] if field == "many" else found})
        assert (field, answer.status_code, codes(answer), done) == (field, 422, ["PII_IN_FIELD"], 0)


@pytest.mark.req("GDPR-FREE")
def test_personal_data_are_refused_in_a_reason(api, people):
    path = f"{PEOPLE}/{people['T'].id}/deactivate"
    answer = api("Ad").act(path, {"reason": "Asked by J. de Vries"})
    assert (answer.status_code, codes(answer)) == (422, ["PII_IN_FIELD"])


def test_a_reason_is_a_text_like_any_other(send):
    for reason in ("x" * 1001, "Left on\u202e Friday", "Left on\x1b Friday", "Left\0on Friday"):
        answer, done = send({"reason": reason})
        assert (ascii(reason), answer.status_code, codes(answer), done) == (ascii(reason), 422, ["FIELD_INVALID"], 0)


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_form(send):
    answer, _done = send({"unknown": "y", "moment": "x", "number": "1,5"})
    assert [one["facts"]["field"] for one in answer.json["refusals"]] == ["number", "moment", "unknown"]


def test_a_refusal_names_the_field_as_the_page_does(send):
    answer, _done = send({"number": "1,5", "text": "jan@ziekenhuis.nl"})
    assert answer.json["refusals"][0]["sentence"].startswith("Volume: “1,5” is not a number")
    answer, _done = send({"text": "jan@ziekenhuis.nl"})
    assert answer.json["refusals"][0]["sentence"].startswith("Remark looks like a personal datum")


def test_a_page_keeps_what_was_typed_and_marks_the_field(every, browser):
    page = browser("T").submit("/test/every", {"number": "1,5", "text": "a remark"})
    assert page.status_code == 422
    assert 'value="1,5"' in page.text
    assert 'value="a remark"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert "is not a number this system accepts" in page.text


@pytest.mark.req("AT-SCOPE")
def test_a_refused_field_is_on_the_trail(send, api):
    send({"number": "1,5"})
    refused = api("In").get("/trail?outcome=refused").json["links"][0]
    assert (refused["action"], refused["refusals"][0]["code"]) == ("test.every", "FIELD_INVALID")


def test_what_people_type_is_never_markup(api, browser):
    evil = "<script>alert(1)</script>"
    assert api("Ad").act(f"{PEOPLE}/new", TESS | {"full_name": evil}).status_code == 200
    page = browser("QA").get(PEOPLE).text
    assert evil not in page
    assert "&lt;script&gt;" in page


def test_what_people_type_is_kept_as_typed(api, browser, database):
    admin, quality = api("Ad"), browser("QA")
    odd = ["%", "%(x)s", "%s%n", "{{ 7 * 7 }}", "{0}", "\\", "'; DROP TABLE trail; --", "𝕏", "é"]
    for number, text in enumerate(odd):
        fields_sent = TESS | {"login": f"tess{number}", "full_name": f"Tess {text}"}
        assert admin.act(f"{PEOPLE}/new", fields_sent).status_code == 200
        with database.reading() as session:
            assert find_person(session, fields_sent["login"]).full_name == f"Tess {text}"
        assert [quality.get(path).status_code for path in (PEOPLE, "/trail")] == [200, 200]


PATHS = [
    f"{PEOPLE}/%00/approve",
    f"{PEOPLE}/{'x' * 3000}/approve",
    f"{PEOPLE}/%ED%A0%80/approve",
    f"{PEOPLE}/%FF/approve",
    f"{PEOPLE}/..%2f..%2fetc/approve",
    "/administration/documents/%00",
    "/administration/documents/'%20OR%201=1",
    "/activate/%00x",
    "/find?code=%00",
    "/find?code=" + "x" * 3000,
    "/find?code=%ED%A0%80%FF",
]


def test_a_strange_address_is_not_found(browser):
    quality = browser("QA")
    assert {path[:45]: quality.get(path).status_code for path in PATHS} == {path[:45]: 404 for path in PATHS}


QUERIES = [
    "record=%00",
    "record=%25_%5C%22",
    "record=%ED%A0%80",
    "person=x",
    "action=%00",
    "outcome=x",
    "page=0",
    "page=-1",
    "page=x",
    "page=" + "9" * 5000,
    "page=%C2%B2",
    "page=1&page=2",
    "lang=xx",
    "%00=1",
    "x" * 3000,
]


def test_a_strange_question_to_the_trail_is_answered(browser):
    quality = browser("QA")
    for query in QUERIES:
        for path in ("/trail", "/api/v1/trail"):
            status = quality.get(f"{path}?{query}").status_code
            assert (path, query[:20], status) == (path, query[:20], 404 if "%00" in query else 200)


def test_no_refused_input_left_anything_behind(send, database):
    for sent in BAD[:20]:
        send(sent)
    with database.reading() as session:
        assert session.query(PersonRow).filter(PersonRow.version != 1).count() == 0
