"""How a lower package is heard above without importing upward: ports (questions) and events with reactions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

REACTIONS: dict[type, list[Callable[..., None]]] = defaultdict(list)


class Port:
    """A question to a package above. Unplugged, it raises: a guard that cannot ask must not pass."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.answer: Callable[..., Any] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.answer is None:
            raise RuntimeError(f"nobody answers {self.name}")
        return self.answer(*args, **kwargs)


def react(event: type, reaction: Callable[..., None]) -> None:
    """Let ``reaction(work, event)`` run in the transaction that announced the event."""
    if reaction not in REACTIONS[event]:
        REACTIONS[event].append(reaction)
