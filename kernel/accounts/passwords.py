"""Argon2id. Cheap parameters exist for test instances only (decision 51)."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kernel.accounts.domain import normal_password

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Passwords:
    """Hash and verify; an unknown login costs as much as a wrong password."""

    def __init__(self, *, cheap: bool = False) -> None:
        self._hasher = (
            PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
            if cheap
            else PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        )
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def hash(self, password: str) -> str:
        return self._hasher.hash(normal_password(password))

    def matches(self, stored: str | None, password: str) -> bool:
        try:
            right = self._hasher.verify(stored or self._nobody, normal_password(password))
        except (VerificationError, InvalidHashError, UnicodeError):
            return False
        return right and stored is not None


def new_token() -> str:
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Eight letters a person can read out: the second half of a one-time link."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(8))


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8")).hexdigest()
