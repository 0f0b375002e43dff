"""Style sheets, scripts and icons: the project's own, and those of the installed packages, which are not copied here."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import flask_bootstrap
from flask import Response, request, send_file
from markupsafe import Markup

from kernel.errors import NotFound

OWN = Path(__file__).parent / "static"
VENDOR = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}  # not left to what a machine has registered for them
ASSETS = {path.name: path for path in OWN.iterdir() if path.suffix in MEDIA_TYPES}
ASSETS["bootstrap.css"] = VENDOR / "css" / "bootstrap.min.css"
ICONS = VENDOR / "icons" / "bootstrap-icons.svg"
SYMBOL = re.compile(r'<symbol [^>]*viewBox="([^"]+)" id="([^"]+)">(.*?)</symbol>', re.DOTALL)
STROKE, VALUE = re.compile(r"<(\w+)([^>]*)/>"), re.compile(r'([\w-]+)="([^"]*)"')
YEAR = 365 * 24 * 3600
ASSET = "kernel.asset"


@cache
def version(name: str) -> str:
    """Of the content: another one as soon as a byte of the file is another one."""
    return hashlib.sha256(ASSETS[name].read_bytes()).hexdigest()[:16]


def asset(name: str) -> str:
    """The address of a file, which changes with its content: a browser asks for each once and never sees an old one."""
    return f"/static/{name}?v={version(name)}"


def send_asset(name: str) -> Response:
    """Kept by the browser for good under the address that names its content; asked about each time under another."""
    if name not in ASSETS:
        raise NotFound(name)
    path = ASSETS[name]
    answer = send_file(path, mimetype=MEDIA_TYPES[path.suffix], etag=version(name))
    if request.args.get("v") == version(name):
        answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return answer


@cache
def drawings() -> dict[str, Markup]:
    """Every icon of the installed set, by name."""
    whole = ICONS.read_text(encoding="utf-8")
    frame = Markup('<svg class="icon" aria-hidden="true" viewBox="{}">{}</svg>')
    return {name: frame.format(box, drawn(lines)) for box, name, lines in SYMBOL.findall(whole)}


def drawn(lines: str) -> Markup:
    """The strokes of one symbol, its values escaped like any other text."""
    value = Markup(' {}="{}"')
    strokes = (
        (tag, Markup("").join(value.format(*one) for one in VALUE.findall(values)))
        for tag, values in STROKE.findall(lines)
    )
    return Markup("").join(Markup("<{}{}></{}>").format(tag, values, tag) for tag, values in strokes)


def icon(name: str) -> Markup:
    """One icon of the installed set, drawn in the page: the whole set is a megabyte that a browser would read for each page.
    Decoration only, the word beside it carries the meaning. ``KeyError`` for one that the set does not have."""
    return drawings()[name]
