"""What leaves the installation is written with the act it belongs to and sent afterwards (transactional outbox)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When something is tried again: after ``first``, then doubling to ``longest``, ``most`` attempts in all."""

    first: timedelta
    longest: timedelta
    most: int

    def wait_after(self, attempts: int) -> timedelta | None:
        """None: no further attempt."""
        if attempts >= self.most:
            return None
        doubled: timedelta = self.first * 2 ** (attempts - 1)
        return min(doubled, self.longest)
