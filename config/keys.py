"""The keys of an installation: files of mode 0600, made once, never in the database (decision 15)."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from kernel.signatures import make_seal


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
    return made
