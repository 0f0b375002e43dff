"""The installation as requests see it, and the person behind a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app

from kernel.accounts.passwords import Passwords
from kernel.database import Database
from kernel.files.domain.refusals import LARGEST_FILE
from kernel.permissions import allows
from kernel.web.i18n import Speech
from kernel.witness.domain import ToldHead
from kernel.work import NOBODY, Actor


@dataclass
class Site:
    """``badge``: DEMO, TRAINING or empty. ``secure``: served over TLS, cookies with ``__Host-``.

    ``largest_file``: what an act takes as a file at most, in bytes.
    """

    database: Database
    passwords: Passwords
    secret: bytes
    badge: str = ""
    secure: bool = True
    version: str = ""
    largest_file: int = LARGEST_FILE
    extras: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Viewer:
    """Who looks, when, in which language; ``args`` are the query parameters of a list.

    ``station``: code of the terminal, empty where it is none of the list.
    ``head``: the newest line of the trail, number and hash, as the request began; None for nobody.
    ``witness``: the head this browser was told of last; ``missed``: whether it is gone from the trail.
    """

    actor: Actor
    at: datetime
    speech: Speech
    login: str = ""
    has_signed: bool = False
    csrf: str = ""
    args: dict[str, str] = field(default_factory=dict)
    client: bool = False
    head: tuple[int, str] | None = None
    station: str = ""
    recoveries: int = 0
    witness: ToldHead | None = None
    missed: bool = False

    def may(self, permission: str) -> bool:
        return allows(permission, self.actor.roles)

    @property
    def known(self) -> bool:
        return self.actor is not NOBODY


def this_site() -> Site:
    site: Site = current_app.extensions["nktrace"]
    return site
