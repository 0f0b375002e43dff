"""Style sheets, scripts and icons: the project's own, and those of the installed packages, which are not copied here."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import flask_bootstrap
from flask import Response, request
from markupsafe import Markup

from kernel.errors import NotFound

OWN = Path(__file__).parent / "static"
VENDOR = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript"}  # not left to what a machine has registered for them
ASSETS = {path.name: path for path in OWN.iterdir() if path.suffix in MEDIA_TYPES}
ASSETS["bootstrap.css"] = VENDOR / "css" / "bootstrap.min.css"
ICONS = VENDOR / "icons" / "bootstrap-icons.svg"
SYMBOL = re.compile(r'<symbol [^>]*id="([^"]+)">.*?</symbol>', re.DOTALL)
USED = {
    *("archive", "archive-fill", "arrow-clockwise", "arrow-left-right", "arrow-right-circle"),
    *(
        "box-arrow-in-right",
        "box-arrow-right",
        "camera",
        "camera-video",
        "check-circle",
        "check-circle-fill",
        "check-lg",
    ),
    *("check2", "check2-square", "chevron-left", "chevron-right", "circle", "clock", "clock-history"),
    *("dash-lg", "diagram-3", "download", "exclamation-circle", "exclamation-diamond-fill"),
    *("exclamation-lg", "exclamation-octagon", "exclamation-triangle", "exclamation-triangle-fill"),
    *("file-earmark", "file-earmark-pdf", "file-earmark-spreadsheet", "file-earmark-text", "funnel"),
    *("geo-alt", "hourglass-split", "inbox", "info-circle", "journal-check", "journal-text"),
    *("list-columns-reverse", "megaphone", "pause-circle-fill", "pen", "pencil-square", "person-check"),
    *("person-circle", "printer", "search", "shield-check", "shield-exclamation", "shield-lock"),
    *("signpost-split", "telephone", "upc-scan", "x-lg", "x-octagon", "x-octagon-fill"),
}
SPRITE = "icons.svg"
MEDIA_TYPES[".svg"] = "image/svg+xml"
YEAR = 365 * 24 * 3600
ASSET = "kernel.asset"


@cache
def content(name: str) -> bytes:
    return sprite() if name == SPRITE else ASSETS[name].read_bytes()


def sprite() -> bytes:
    """The icons that pages use, out of the installed set: all of it is a megabyte that a browser reads for each page."""
    whole = ICONS.read_text(encoding="utf-8")
    symbols = [found[0] for found in SYMBOL.finditer(whole) if found[1] in USED]
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'.encode()


@cache
def version(name: str) -> str:
    """Of the content: another one as soon as a byte of it is another one."""
    return hashlib.sha256(content(name)).hexdigest()[:16]


def asset(name: str) -> str:
    """The address of a file, which changes with its content: a browser asks for each once and never sees an old one."""
    return f"/static/{name}?v={version(name)}"


def send_asset(name: str) -> Response:
    """Kept by the browser for good under the address that names its content; asked about each time under another."""
    if name not in ASSETS and name != SPRITE:
        raise NotFound(name)
    answer = Response(content(name), mimetype=MEDIA_TYPES[Path(name).suffix])
    answer.set_etag(version(name))
    kept = request.args.get("v") == version(name)
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if kept else "no-cache"
    answer.make_conditional(request)
    return answer


def icon(name: str) -> Markup:
    """One icon of those that pages use; decoration only, the word beside it carries the meaning. ``KeyError`` for another."""
    if name not in USED:
        raise KeyError(name)
    drawn = Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>')
    return drawn.format(asset(SPRITE), name)
