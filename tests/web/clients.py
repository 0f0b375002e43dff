"""What tests use the site with: a browser that fills in forms as they are shown, a client of the API, and how to read
what either answers."""

from __future__ import annotations

import io
import re
import secrets
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kernel.canonical import digest
from tests.conftest import PASSWORD

API = "/api/v1"
CODE = re.compile(r"<code>([A-Z][A-Z0-9_]+)</code>")
REFUSALS = re.compile(r'<section class="refusals".*?</section>', re.DOTALL)


def codes(response: TestResponse) -> list[str]:
    """The refusal codes an answer carries, page or problem document, in their order."""
    if response.is_json:
        return [one["code"] for one in (response.json or {}).get("refusals", [])]
    if response.mimetype == "application/pdf":
        return []
    return [code for section in REFUSALS.findall(response.text) for code in CODE.findall(section)]


class Forms(HTMLParser):
    """Every form of a page: what a browser would send if nobody typed anything, and the names of all its boxes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self.names: list[set[str]] = []
        self._select: str | None = None
        self._area: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        present = {name for name, _ in attrs}
        if tag == "form":
            self.forms.append({})
            self.names.append(set())
        elif tag in {"input", "select", "textarea"} and "name" in given and self.forms:
            self.names[-1].add(given["name"])
            self._select = given["name"] if tag == "select" else self._select
            self._area = given["name"] if tag == "textarea" else None
            ticked = given.get("type") not in {"radio", "checkbox"} or "checked" in present
            if tag == "input" and ticked:
                self._put(given["name"], given.get("value", ""))
        elif tag == "option" and self._select and "selected" in present:
            self._put(self._select, given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            self._put(self._area, data)

    def handle_endtag(self, tag: str) -> None:
        self._select = None if tag == "select" else self._select
        self._area = None if tag == "textarea" else self._area

    def _put(self, name: str, value: str) -> None:
        self.forms[-1].setdefault(name, []).append(value)


def act_form(page: str) -> dict[str, Any]:
    """The page's own form (not the one to sign out), as a browser would send it untouched."""
    found = Forms(page).forms
    chosen = next((form for form in found if "seen" in form), found[-1] if found else {})
    return {name: values[0] if len(values) == 1 else values for name, values in chosen.items()}


@dataclass(frozen=True)
class Attached:
    """A file as a field of what is sent; it makes the request multipart, through either door."""

    filename: str
    body: bytes

    def part(self) -> tuple[io.BytesIO, str]:
        return io.BytesIO(self.body), self.filename


def parts(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: one.part() if isinstance(one, Attached) else one for name, one in fields.items()}


@dataclass
class Browser:
    """One person's browser, signed in. Signing in again as the same person ends it, as it would in life."""

    client: FlaskClient
    login: str
    password: str = PASSWORD

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, buffered=True, **options)

    def post(self, path: str, fields: dict[str, Any], **options: Any) -> TestResponse:
        """Exactly these fields and nothing else: no token, no key, no password."""
        return self.client.post(path, data=parts(fields), **options)

    def csrf(self) -> str:
        """The token of this very session."""
        return str(act_form(self.get("/find").text).get("csrf_token", ""))

    def form(self, path: str) -> dict[str, Any]:
        """The act's form as shown now: ``seen``, ``idempotency_key``, ``csrf_token`` and what is filled in already.

        Where the page itself is refused, the fields that a person who saw it once would still have.
        """
        page = self.get(path)
        if page.status_code == 200:
            return act_form(page.text)
        key = secrets.token_urlsafe(18)
        return {"csrf_token": self.csrf(), "seen": digest({}), "idempotency_key": key}

    def submit(
        self,
        path: str,
        fields: dict[str, Any] | None = None,
        second: str | None = None,
        *,
        form: dict[str, Any] | None = None,
        password: str | None = None,
        second_password: str = PASSWORD,
    ) -> TestResponse:
        """Open the form (or use one opened earlier), fill it in, sign as oneself and as ``second``, send it.

        ``fields`` win over everything, also over the credentials; a field given as None is left out.
        """
        sent = dict(self.form(path) if form is None else form)
        sent |= {"signer": self.login, "password": self.password if password is None else password}
        if second is not None:
            sent |= {"second_signer": second, "second_password": second_password}
        sent |= fields or {}
        return self.post(path, {name: value for name, value in sent.items() if value is not None})

    def codes(self, response: TestResponse) -> list[str]:
        return codes(response)


@dataclass
class Client:
    """One person's client of the API, with a bearer token of its own."""

    client: FlaskClient
    login: str
    token: str
    password: str = PASSWORD
    language: str = ""

    @property
    def headers(self) -> dict[str, str]:
        asked = {"Cookie": f"nktrace-lang={self.language}"} if self.language else {}
        return {"Authorization": f"Bearer {self.token}"} | asked

    def get(self, path: str, **options: Any) -> TestResponse:
        """``path`` as the pages have it; ``/api/v1`` is put before it."""
        return self.client.get(API + path, headers=self.headers, buffered=True, **options)

    def post(self, path: str, body: Any, *, key: str | None = None, **headers: str) -> TestResponse:
        """Exactly this body; ``key`` as the header ``Idempotency-Key``. With a file it is multipart instead of JSON."""
        named = {"Idempotency-Key": key} if key is not None else {}
        if isinstance(body, dict) and any(isinstance(one, Attached) for one in body.values()):
            return self.client.post(API + path, data=parts(body), headers=self.headers | named | headers)
        return self.client.post(API + path, json=body, headers=self.headers | named | headers)

    def act(
        self,
        path: str,
        fields: dict[str, Any] | None = None,
        second: str | None = None,
        *,
        key: str | None = None,
        seen: str | None = None,
    ) -> TestResponse:
        """Look (for ``seen``), sign as oneself and as ``second``, do. ``fields`` win; a field given as None is left out."""
        if seen is None:
            looked = self.get(path)
            seen = looked.json["seen"] if looked.status_code == 200 else digest({})
        body: dict[str, Any] = {"seen": seen, "signer": self.login, "password": self.password}
        if second is not None:
            body |= {"second_signer": second, "second_password": PASSWORD}
        body |= fields or {}
        body = {name: value for name, value in body.items() if value is not None}
        return self.post(path, body, key=key or secrets.token_urlsafe(18))

    def codes(self, response: TestResponse) -> list[str]:
        return codes(response)


def sign_in(app: Flask, login: str, password: str = PASSWORD) -> Browser:
    """A new browser that signs in through the page."""
    browser = Browser(app.test_client(), login, password)
    answer = browser.post("/login", {"login": login, "password": password})
    assert answer.status_code == 303, codes(answer)
    return browser


def connect(app: Flask, login: str, password: str = PASSWORD) -> Client:
    """A new client with a token of its own."""
    client = app.test_client(use_cookies=False)
    answer = client.post(f"{API}/tokens", json={"login": login, "password": password, "client": "test"})
    assert answer.status_code == 201, codes(answer)
    return Client(client, login, answer.json["token"], password)
