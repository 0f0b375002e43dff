"""What looks like a personal datum is refused, and what a page sends by itself never does."""

from __future__ import annotations

import pytest

from kernel.privacy import personal_data_refusals


@pytest.mark.req("GDPR-FREE")
@pytest.mark.parametrize("text", ["1234567", "MRN1234567", "nr 8098787", "seen by ward, 8098787 on file", "8098787zc"])
def test_a_number_as_hospitals_give_them_is_refused(text):
    assert [one.code for one in personal_data_refusals("note", text)] == ["PII_IN_FIELD"]


@pytest.mark.parametrize("text", ["1m3c03v8098787zc", "manufacturing:1m3c03v8098787zc", "1m123456782qc0zz"])
def test_an_id_is_none_whatever_digits_chance_gave_it(text):
    assert personal_data_refusals("people", text) == ()


@pytest.mark.parametrize("text", ["x 1m3c03v8098787zc", "1m3c03v8098787zc 1234567", "1M3C03V8098787ZC"])
def test_only_the_whole_value_is_an_id(text):
    assert personal_data_refusals("note", text)
