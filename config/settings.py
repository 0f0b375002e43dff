"""What this installation is: read once from the environment, refused when something is missing or known."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from config.mail_settings import Mail, UnfitMail, read_mail
from kernel.files.domain.refusals import LARGEST_FILE, MEGABYTE

MODES = ("demo", "test", "production")
SHORTEST_SECRET = 32
MOST_MEGABYTES = 64
KNOWN_SECRETS = {b"changeme", b"secret", b"nktrace"}
ROOT = Path(__file__).resolve().parents[1]


class Unfit(Exception):  # noqa: N818
    """The installation may not start; the sentence says what to do."""


@dataclass(frozen=True)
class Settings:
    """``keys``: folder with session.key, seal.pem, receivers.key and labels.json, mode 0600, outside the database.

    ``receivers_inside``: hosts of receivers that may lie within this network, or be called without encryption.
    """

    mode: str
    database_url: str
    keys: Path
    head_file: Path
    owner_url: str | None = None
    cheap_passwords: bool = False
    largest_file: int = LARGEST_FILE
    mail: Mail | None = None
    receivers_inside: frozenset[str] = frozenset()

    @property
    def demo(self) -> bool:
        return self.mode != "production"

    @property
    def app_role(self) -> str | None:
        """The database role the server works as, where it is not the owner."""
        return sa.make_url(self.database_url).username if self.owner_url else None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Settings:
        given = os.environ if environ is None else environ
        mode = given.get("NKTRACE_MODE", "demo")
        if mode not in MODES:
            raise Unfit(f"NKTRACE_MODE is one of {', '.join(MODES)}.")
        home = Path(given.get("NKTRACE_HOME", str(ROOT / "var")))
        url = given.get("DATABASE_URL", "")
        if mode == "production" and not (url and given.get("NKTRACE_KEYS")):
            raise Unfit("A production instance needs DATABASE_URL and NKTRACE_KEYS (a folder with its keys).")
        return cls(
            mode=mode,
            database_url=psycopg_url(url) or f"sqlite:///{home / 'nktrace.sqlite3'}",
            keys=Path(given.get("NKTRACE_KEYS", str(home / "keys"))),
            head_file=Path(given.get("NKTRACE_HEAD_FILE", str(home / "head"))),
            owner_url=psycopg_url(given.get("NKTRACE_OWNER_URL", "")) or None,
            cheap_passwords=mode == "test",
            mail=mail_of(given, Path(given.get("NKTRACE_KEYS", str(home / "keys")))),
            largest_file=megabytes(given.get("NKTRACE_LARGEST_FILE_MB", "")),
            receivers_inside=hosts(given.get("NKTRACE_RECEIVERS_INSIDE", "")),
        )


def mail_of(given: Mapping[str, str], keys: Path) -> Mail | None:
    try:
        return read_mail(given, keys)
    except UnfitMail as unfit:
        raise Unfit(str(unfit)) from None


def megabytes(text: str) -> int:
    """The limit for one file, in bytes; between 1 and 64 MB, because a file is held in memory once."""
    if not text:
        return LARGEST_FILE
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_MEGABYTES):
        raise Unfit(f"NKTRACE_LARGEST_FILE_MB is a whole number from 1 to {MOST_MEGABYTES}.")
    return int(text) * MEGABYTE


def hosts(text: str) -> frozenset[str]:
    """Names or addresses, separated by commas; none unless they are named."""
    found = frozenset(one.strip().lower() for one in text.split(",") if one.strip())
    if any("/" in one or "@" in one for one in found):
        raise Unfit("NKTRACE_RECEIVERS_INSIDE names hosts, without https:// and without a path.")
    return found


def psycopg_url(url: str) -> str:
    """``postgres://`` and ``postgresql://`` mean the driver that is installed."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def read_secret(path: Path) -> bytes:
    """A secret from its file, or ``Unfit``: missing, readable by others, short or a known sample."""
    if not path.exists():
        raise Unfit(f"The key file {path} is missing. “nktrace keys” makes the keys of a new installation.")
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Unfit(f"The key file {path} can be read by others; set its mode to 0600.")
    secret = path.read_bytes().strip()
    if len(secret) < SHORTEST_SECRET or len(set(secret)) < 8 or any(known in secret.lower() for known in KNOWN_SECRETS):
        raise Unfit(f"The key in {path} is short or known; a key has at least {SHORTEST_SECRET} random bytes.")
    return secret
