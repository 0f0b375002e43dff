"""Whoever acts in a story, and how a story writes a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Protocol


class Player(Protocol):
    """Whoever acts for a person: in process, through the API, or in a browser."""

    def act(self, login: str, name: str, /, *, second: str | None = None, **given: Any) -> dict[str, Any]: ...

    def read(self, login: str, path: str) -> Any: ...

    def file(self, login: str, path: str) -> bytes: ...


def text(moment: datetime) -> str:
    """A time as a form takes it, with its offset, so that no night of the year is unclear."""
    return moment.astimezone(UTC).isoformat(timespec="minutes")
