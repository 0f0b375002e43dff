"""The bar holds what people open every day; the rest stands behind “More”, and the page one is on is always in the bar."""

from __future__ import annotations

import re


def bar(text):
    """Titles in the bar, and those behind “More”."""
    nav = re.search(r'<nav class="main.*?</nav>', text, re.DOTALL).group()
    before, _, behind = nav.partition('<details class="more">')
    return [re.findall(r'<a href="([^"]+)"', part) for part in (before, behind)]


def test_whoever_has_many_pages_finds_the_seldom_ones_behind_more(browser):
    day, seldom = bar(browser("QA").get("/").text)
    assert {"/", "/batches", "/release", "/oos"} <= set(day)
    assert {"/training", "/trail", "/documents"} & set(seldom) == {"/training", "/trail"}
    assert not set(day) & set(seldom)


def test_the_page_one_is_on_stands_in_the_bar(browser):
    day, seldom = bar(browser("QA").get("/trail").text)
    assert "/trail" in day
    assert "/trail" not in seldom


def test_whoever_has_few_has_them_all_in_the_bar(browser):
    day, seldom = bar(browser("Ad").get("/").text)
    assert seldom == []
    assert "/administration/people" in day
