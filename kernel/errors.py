"""The two exceptions of our own: a refusal, and a record that is not there (or not yours to know of)."""

from __future__ import annotations

from kernel.refusals import Refusal


class Refused(Exception):  # noqa: N818  (it is an answer, not an error)
    """One or more refusals; nothing was written but the refusal itself."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = refusals


class NotFound(Exception):  # noqa: N818
    """No such record."""


def refuse_any(refusals: list[Refusal] | tuple[Refusal, ...]) -> None:
    """Raise all refusals at once, if there are any."""
    if refusals:
        raise Refused(*refusals)
