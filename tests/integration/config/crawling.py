"""Everything a person can come to by the links of the pages, each route a few times."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient

from kernel.permissions import allows
from kernel.web.gate import POLICY
from kernel.web.registry import DOWNLOADS

FILES = {f"site.file_{name.replace('.', '-')}" for name in DOWNLOADS}


class Links(HTMLParser):
    """Where the links of a page lead; what only this page says again in another language or order is left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href and not href.startswith(("#", "?", "http", "mailto:")):
            self.found.append(href)


def route(app: Flask, path: str) -> str | None:
    """The endpoint behind a path: ids apart, one for all records of a kind."""
    with app.test_request_context(path) as context:
        return context.request.endpoint


def crawl(app: Flask, client: FlaskClient, role: str, *, each: int, read: Callable[[str, str], None]) -> Iterator[str]:
    """What is wrong with the links of the pages this person comes to: who, from where, to where, and the answer.

    Breadth-first from the Work page; each route is opened at most ``each`` times. A file is not drawn: whether this role
    may have it is asked of the table that the gate asks. ``read`` is given every page: where it is, and its text.
    """
    waiting, seen = deque([("", "/")]), {"/"}
    opened: Counter[str | None] = Counter()
    while waiting:
        came_from, path = waiting.popleft()
        endpoint = route(app, path)
        opened[endpoint] += 1
        if opened[endpoint] > each:
            continue
        if endpoint in FILES:
            if not allows(POLICY[str(endpoint)], frozenset({role})):
                yield f"{role}: {came_from} -> {path}: not allowed"
            continue
        answer = client.get(path)
        if answer.status_code >= 400:
            yield f"{role}: {came_from} -> {path}: {answer.status_code}"
        if answer.mimetype != "text/html":
            continue
        if answer.status_code == 200:
            read(path, answer.text)
        for found in Links(answer.text).found:
            target = urlsplit(urljoin(path, found))
            where = target.path
            if where not in seen:
                seen.add(where)
                waiting.append((path, f"{where}?{target.query}" if target.query else where))
