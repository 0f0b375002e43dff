"""The keys of an installation: files of mode 0600, made once, never in the database (decision 15)."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from kernel.signatures import make_seal

RECEIVERS = "receivers.key"


def write_secret(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)


def make_keys(folder: Path) -> list[str]:
    """Make what is missing; what exists is never replaced. Returns the names of the files made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    if not (folder / "session.key").exists():
        write_secret(folder / "session.key", secrets.token_hex(32))
        made.append("session.key")
    if not (folder / "seal.pem").exists():
        make_seal(folder / "seal.pem")
        made.append("seal.pem")
    if not (folder / RECEIVERS).exists():
        write_secret(folder / RECEIVERS, secrets.token_hex(32))
        made.append(RECEIVERS)
    return made


def receiver_secret(own: bytes, key_id: str) -> bytes:
    """The secret of a key of a receiver: it follows from the installation's own, so the database need not hold it."""
    return hmac.new(own, b"nktrace receiver key " + key_id.encode("ascii"), hashlib.sha256).digest()
