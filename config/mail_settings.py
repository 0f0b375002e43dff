"""How this installation reaches its mail server; without one nothing is sent."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SECURITIES = ("starttls", "tls", "none")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class UnfitMail(Exception):  # noqa: N818
    """The installation may not start; the sentence says what to do."""


@dataclass(frozen=True)
class Mail:
    """``site``: the address people reach this installation at, for the links. ``password``: from a file of mode 0600."""

    host: str
    port: int
    sender: str
    security: str
    site: str
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Mail({self.host}:{self.port}, {self.security})"


def read_mail(given: Mapping[str, str], keys: Path) -> Mail | None:
    """``NKTRACE_MAIL_SERVER`` (host:port), ``_FROM``, ``_SECURITY``, ``_USER``; ``NKTRACE_URL``; keys/mail.password."""
    server = given.get("NKTRACE_MAIL_SERVER", "")
    if not server:
        return None
    host, _, port = server.rpartition(":")
    security = given.get("NKTRACE_MAIL_SECURITY", "starttls")
    sender, site = given.get("NKTRACE_MAIL_FROM", ""), given.get("NKTRACE_URL", "").rstrip("/")
    if not (host and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise UnfitMail("NKTRACE_MAIL_SERVER is host:port.")
    if security not in SECURITIES or (security == "none" and host not in LOOPBACK):
        raise UnfitMail("NKTRACE_MAIL_SECURITY is starttls or tls; none only for a server on this machine.")
    if "@" not in sender or not site.startswith(("http://", "https://")):
        raise UnfitMail(
            "A mail server needs NKTRACE_MAIL_FROM (an address) and NKTRACE_URL (where people reach NKTrace)."
        )
    user = given.get("NKTRACE_MAIL_USER", "")
    return Mail(host, int(port), sender, security, site, user, password(keys / "mail.password") if user else "")


def password(path: Path) -> str:
    if not path.exists():
        raise UnfitMail(f"NKTRACE_MAIL_USER needs its password in {path}.")
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UnfitMail(f"The file {path} can be read by others; set its mode to 0600.")
    return path.read_text(encoding="utf-8").strip()
