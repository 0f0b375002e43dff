from __future__ import annotations

import pytest

from kernel.refusals import Refusal
from labels.domain.short_numbers import EXAMPLE, ShortNumber, parse_short_number, short_number

NUMBER = short_number("NK-26-0001", 1, 2)


def test_the_printed_number_is_read_back():
    assert parse_short_number(f" {NUMBER}\r\n") == ShortNumber("NK-26-0001", 1, 2)
    assert str(ShortNumber("NK-26-0001", 1, 2)) == NUMBER


def test_the_example_in_the_refusal_is_a_right_number():
    assert parse_short_number(EXAMPLE) == ShortNumber("NK-26-0001", 1, 1)


def test_another_issue_is_another_number():
    assert short_number("NK-26-0001", 1, 1) != NUMBER


@pytest.mark.req("QR-3")
def test_every_single_typing_error_is_refused():
    for at, right in enumerate(NUMBER):
        for wrong in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*- abc":
            if wrong != right and not (at == len(NUMBER) - 1 and wrong == " "):
                typed = NUMBER[:at] + wrong + NUMBER[at + 1 :]
                assert isinstance(parse_short_number(typed), Refusal), typed


def test_every_swap_of_neighbours_is_refused():
    for at in range(len(NUMBER) - 1):
        typed = NUMBER[:at] + NUMBER[at + 1] + NUMBER[at] + NUMBER[at + 2 :]
        if typed != NUMBER:
            assert isinstance(parse_short_number(typed), Refusal), typed


@pytest.mark.parametrize("text", ["", NUMBER.lower(), NUMBER[:-1], NUMBER * 2, NUMBER.replace("-", ""), "A" * 300])
def test_anything_else_is_refused(text):
    assert parse_short_number(text).code == "SHORT_NUMBER"


def test_container_and_issue_zero_do_not_exist():
    assert parse_short_number("NK-26-0001-00-01-L").code == "SHORT_NUMBER"


@pytest.mark.parametrize(("batch", "container", "issue"), [("nk", 1, 1), ("NK-", 1, 1), ("NK1", 0, 1), ("NK1", 1, 100)])
def test_a_number_that_could_not_be_read_back_is_not_made(batch, container, issue):
    with pytest.raises(ValueError, match=r"batch number|1 to 99"):
        short_number(batch, container, issue)
