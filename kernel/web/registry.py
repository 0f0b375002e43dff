"""What the site offers: views, acts, navigation, finders, tasks and panels - tables that the packages fill.

An *act* is declared once and served twice: as a page with a form and as a JSON operation, with the same schema,
the same service, the same refusals (decision 7). A *view* is likewise a page and a JSON document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marshmallow import Schema

from kernel.refusals import RefusalKind
from kernel.segregation import SOD_SECOND

PUBLIC = "public"
SIGNED_IN = "signed in"


class Empty(Schema):
    """An act without fields."""


@dataclass(frozen=True)
class Done:
    """What an act answers: where the result is, a sentence, and for JSON the body.

    ``station_key``: what makes this browser a station from now on.
    ``head``: the line of the trail that it made.
    ``page``: a template shown at once instead of a redirect (verdicts, one-time codes), with ``body`` as context.
    """

    location: str
    message: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    page: str | None = None
    station_key: str = ""
    head: tuple[int, str] | None = None


@dataclass(frozen=True)
class Act:
    """``content(session, **ids)`` is what the person is shown and what a signature covers.

    ``prepare(session, viewer, **ids)`` may give ``choices`` (``verbatim``: those never translated), ``initial``, ``help``,
    ``refusals`` and ``notes`` for the form.
    ``signs``: how many passwords it takes. ``replay``: whether a repeated request gets the stored answer.
    ``station``: a scan or a print that decides about a product; only a listed terminal does it (P11-10h).
    ``takes_file``: sent as multipart, up to the installation's limit for files.
    ``broken``: the page that says that the server could not do it, where that is more than a refusal.
    """

    name: str
    path: str
    permission: str
    title: str
    run: Callable[..., Done]
    schema: Callable[..., Schema] = Empty
    content: Callable[..., dict[str, Any]] | None = None
    prepare: Callable[..., dict[str, Any]] | None = None
    signs: int = 0
    meaning: str = ""
    second_permission: str | None = None
    same_person: RefusalKind = SOD_SECOND
    needs_reason: bool = False
    replay: bool = True
    template: str = "kernel/act.html"
    dynamic_schema: bool = False
    danger: bool = False
    takes_file: bool = False
    station: bool = False
    broken: str = ""


@dataclass(frozen=True)
class View:
    """``load(session, viewer, **ids)`` gives plain data; the page draws it, the API sends it.

    ``refused`` in it: what was asked for in the address cannot be used. The page keeps what was typed and says why; the
    API answers with the refusals alone.
    """

    name: str
    path: str
    permission: str
    load: Callable[..., Any]
    template: str
    summary: str


@dataclass(frozen=True)
class Download:
    """A file (PDF, CSV): ``load`` gives bytes, media type and name. Each is noted on the trail (EXP-LOG).

    What takes long to draw is given as a function of its own, called when the database is free again.

    ``inline``: a PDF that we drew may open in the browser; what others made never does.
    """

    name: str
    path: str
    permission: str
    load: Callable[..., tuple[bytes | Callable[[], bytes], str, str]]
    summary: str
    inline: bool = True
    station: bool = False


@dataclass(frozen=True)
class Nav:
    """``aside``: behind “More” for whoever has many; nobody goes there every day."""

    title: str
    path: str
    permission: str
    order: int
    aside: bool = False


@dataclass(frozen=True)
class Task:
    """One line of the Work page: what waits, why, until when, and the one button."""

    permission: str
    record: str
    reason: str
    location: str
    action: str
    facts: dict[str, str] = field(default_factory=dict)
    deadline: datetime | None = None
    urgent: bool = False


@dataclass(frozen=True)
class Lines:
    """Lines of one kind that may be thousands: the ``first`` of them in the order of the page, ``total`` in all.

    All are urgent or none is, or the urgent ones have the nearest deadlines.
    """

    permission: str
    action: str
    total: int
    first: tuple[Task, ...]


ACTS: dict[str, Act] = {}
VIEWS: dict[str, View] = {}
DOWNLOADS: dict[str, Download] = {}
NAVIGATION: list[Nav] = []
FINDERS: list[Callable[..., str | None]] = []
TASKS: list[Callable[..., Iterable[Task | Lines]]] = []
PANELS: dict[str, list[Callable[..., dict[str, Any] | None]]] = defaultdict(list)


def act(name: str, path: str, *, permission: str, title: str, **options: Any) -> Callable[..., Any]:
    """Declare an act; the decorated function opens nothing and commits nothing: ``run(work, **ids, **fields)``."""

    def enter(run: Callable[..., Done]) -> Callable[..., Done]:
        if name in ACTS:
            raise ValueError(f"act {name} is declared twice")
        ACTS[name] = Act(name, path, permission, title, run, **options)
        return run

    return enter


def view(name: str, path: str, *, permission: str, template: str, summary: str) -> Callable[..., Any]:
    def enter(load: Callable[..., Any]) -> Callable[..., Any]:
        if name in VIEWS:
            raise ValueError(f"view {name} is declared twice")
        VIEWS[name] = View(name, path, permission, load, template, summary)
        return load

    return enter


def download(name: str, path: str, *, permission: str, summary: str, **options: bool) -> Callable[..., Any]:
    """``options``: ``inline`` and ``station``, see :class:`Download`."""

    def enter(load: Callable[..., Any]) -> Callable[..., Any]:
        if name in DOWNLOADS:
            raise ValueError(f"download {name} is declared twice")
        DOWNLOADS[name] = Download(name, path, permission, load, summary, **options)
        return load

    return enter


def panel(slot: str, load: Callable[..., dict[str, Any] | None]) -> None:
    """Show something of a higher package on a lower page: ``load(session, viewer, **ids)`` gives template and data."""
    if load not in PANELS[slot]:
        PANELS[slot].append(load)
