"""Style sheets, scripts and icons: fetched once, never an old one, and nobody is looked up for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from kernel.web.assets import ASSETS, ICONS, SPRITE, USED, asset, content, icon, version

ROOT = Path(__file__).parents[3]
FOR_GOOD = "public, max-age=31536000, immutable"
ASKED = re.compile(r"asset\('([^']+)'\)")
CALLED = re.compile(r"icon\((.*?)\)\s*\}\}|set (?:ICONS|tone, mark)\b(.*?)%\}")
QUOTED, SYMBOL = re.compile(r"""["']([a-z0-9-]+)["'](?!:)"""), re.compile(r'<symbol [^>]*id="([^"]+)"')


@pytest.fixture(scope="module")
def templates():
    return [
        path.read_text(encoding="utf-8") for path in ROOT.glob("*/**/templates/**/*.html") if ".venv" not in path.parts
    ]


def test_a_browser_keeps_a_file_for_good_under_the_address_of_its_content_and_asks_again_under_any_other(app):
    client = app.test_client()
    for name in (*ASSETS, SPRITE):
        answer = client.get(asset(name), buffered=True)
        assert (name, answer.status_code, answer.headers["Cache-Control"]) == (name, 200, FOR_GOOD)
        assert (
            answer.mimetype
            == {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[name.rpartition(".")[2]]
        )
    for old in ("/static/nktrace.js", "/static/nktrace.js?v=0123456789abcdef"):
        answer = client.get(old, buffered=True)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
        again = client.get(old, headers={"If-None-Match": answer.headers["ETag"]}, buffered=True)
        assert again.status_code == 304


def test_nobody_is_looked_up_for_a_file(browser):
    """Five files a page were five times the queries of a session."""
    quality, asked = browser("QA"), []
    engine = quality.client.application.extensions["nktrace"].database.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    quality.get(asset("nktrace.css"))
    assert asked == []
    quality.get("/")
    assert asked != []


def test_the_address_of_a_file_changes_with_a_byte_of_it(monkeypatch, tmp_path):
    changed, before = tmp_path / "nktrace.js", version("nktrace.js")
    changed.write_bytes(ASSETS["nktrace.js"].read_bytes() + b"\n")
    monkeypatch.setitem(ASSETS, "nktrace.js", changed)
    monkeypatch.setattr("kernel.web.assets.content", content.__wrapped__)
    assert version.__wrapped__("nktrace.js") != before


def test_every_file_that_a_page_asks_for_is_there_and_each_is_asked_for(templates):
    asked = {name for text in templates for name in ASKED.findall(text)}
    assert asked == set(ASSETS)
    assert not [text for text in templates if "/static/" in text]


def test_every_icon_that_a_page_draws_is_one_of_the_few_that_are_sent_and_those_are_of_the_set(templates):
    installed = set(SYMBOL.findall(ICONS.read_text(encoding="utf-8")))
    said = [one or other for text in templates for one, other in CALLED.findall(text)]
    names = {name for one in said for name in QUOTED.findall(one)} & installed
    assert len(names) > 50
    assert sorted((names - {"stop"}) ^ USED) == []  # a tone of a verdict
    sent = content(SPRITE).decode()
    assert {name for name in USED if f'id="{name}"' not in sent} == set()
    assert len(sent) < 60_000
    assert (
        str(icon("upc-scan"))
        == f'<svg class="icon" aria-hidden="true"><use href="{asset(SPRITE)}#upc-scan"></use></svg>'
    )
    with pytest.raises(KeyError):
        icon('x"><script>')
