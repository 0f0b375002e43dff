"""One spelling for everything that is hashed; the same content always gives the same digest, another never does."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.canonical import canonical, digest, instant_text, plain

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


class Colour(StrEnum):
    RED = "red"


def test_values_have_one_spelling():
    at = datetime(2026, 11, 23, 17, 30, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    value = {"b": Decimal("1.20E+3"), "a": at, "c": date(2026, 11, 23), "d": Colour.RED, "e": (1, True, None), "f": "é"}
    assert canonical(value) == (
        '{"a":"2026-11-23T16:30:00.000005Z","b":"1200","c":"2026-11-23","d":"red","e":[1,true,null],"f":"\\u00e9"}'
    )


def test_a_set_is_a_sorted_list():
    assert canonical({"x": {"b", "a"}}) == canonical({"x": ["a", "b"]})


def test_bytes_are_spelled_as_their_digest():
    assert plain(b"x") == "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


@pytest.mark.parametrize("value", [1.5, float("nan"), object(), {"x": [0.1]}])
def test_what_has_no_exact_spelling_is_refused(value):
    with pytest.raises(TypeError, match="canonical"):
        canonical(value)


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="naive"):
        instant_text(datetime(2026, 11, 23, 16, 30))  # noqa: DTZ001  (this is the fault)


@given(PLAIN)
def test_the_spelling_is_ascii_json_and_reads_back_as_it_was(value):
    text = canonical(value)
    assert text.isascii()
    assert json.loads(text) == plain(value)


@given(PLAIN, PLAIN)
def test_the_digest_tells_contents_apart(one, other):
    assert (digest(one) == digest(other)) == (canonical(one) == canonical(other))


def test_the_order_of_keys_does_not_matter_and_the_order_of_a_list_does():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest([1, 2]) != digest([2, 1])


def test_the_digest_is_sha_256():
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_trailing_zeros_are_part_of_what_was_entered():
    assert canonical(Decimal("0.50")) == '"0.50"'
    assert canonical(datetime(2026, 1, 1, tzinfo=UTC)) == '"2026-01-01T00:00:00.000000Z"'
