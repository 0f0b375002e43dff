"""The catalogue of refusals: codes for ever, an HTTP class each, and a whole answer: what, who, next."""

from __future__ import annotations

import re

import pytest

import config.wiring  # noqa: F401  (every package has entered its codes)
from kernel.refusals import CATALOGUE, MISSING_FIELD, Refusal, kind
from tests.contracts.messages import catalogue

PLACE = re.compile(r"%\((\w+)\)s")
DUTCH = catalogue()


def test_a_code_is_defined_once():
    with pytest.raises(ValueError, match="MISSING_FIELD is defined twice"):
        kind("MISSING_FIELD", 422, "x", resolver="x", next_step="x")


def test_a_refusal_says_its_facts():
    refusal = MISSING_FIELD(name="Volume", field="volume")
    assert (str(refusal), refusal.status, refusal.fact("field")) == ("Volume is missing.", 422, "volume")
    assert refusal.fact("other") is None
    assert refusal == Refusal("MISSING_FIELD", (("field", "volume"), ("name", "Volume")))


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_has_its_http_class_and_a_whole_answer(code):
    one = CATALOGUE[code]
    assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", code)
    assert one.status in {401, 403, 409, 422, 503}
    assert (one.status == 401) == code.startswith("AUTH_")
    assert not code.startswith("SOD_") or one.status == 403
    for text in (one.sentence, one.resolver, one.next_step):
        assert text
        assert text in DUTCH, text
    assert one.sentence.endswith((".", "?", "!")) or PLACE.search(one.sentence)
    assert one.sentence % dict.fromkeys(PLACE.findall(one.sentence), "x")
