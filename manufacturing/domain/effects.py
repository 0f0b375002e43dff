"""What follows from a correction: derived values before and after, and the signatures that rest on it no longer
(ATMP-6.1-CORR, A11D-13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.refusals import N_, kind
from kernel.words import Fact

EFFECT_UNSEEN = kind(
    "EFFECT_UNSEEN",
    409,
    N_("What follows from this correction was not shown, or is another now: %(count)s derived values change."),
    resolver=N_("you"),
    next_step=N_("Look at what changes, before and after; then sign."),
)


@dataclass(frozen=True, slots=True)
class Derived:
    """A value that is computed and never typed. ``figure``: what it is; ``of``: of what, as people read it."""

    figure: str
    of: Fact
    unit: str
    value: Any

    @property
    def key(self) -> tuple[str, Fact]:
        return (self.figure, self.of)


@dataclass(frozen=True, slots=True)
class Change:
    """A derived value before and after a correction."""

    figure: str
    of: Fact
    unit: str
    before: Any
    after: Any

    def document(self) -> dict[str, Any]:
        return {
            "figure": self.figure,
            "of": self.of,
            "unit": self.unit,
            "before": self.before,
            "after": self.after,
        }


def differences(before: Iterable[Derived], after: Iterable[Derived]) -> tuple[Change, ...]:
    """Every derived value that is another one afterwards, in the order of the record; also one that came or went."""
    was, becomes = {one.key: one for one in before}, {one.key: one for one in after}
    found = []
    for key, one in (was | becomes).items():
        old, new = was[key].value if key in was else None, becomes[key].value if key in becomes else None
        if old != new:
            found.append(Change(one.figure, one.of, one.unit, old, new))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as its validity is judged. ``step_id``: of the step it is on; None where it vouches for the record of
    the whole batch."""

    step_id: str | None
    signed_at: datetime


def void_since(signed: Signed, corrections: Iterable[tuple[str, datetime]]) -> datetime | None:
    """When the record behind a signature was changed after it: the earliest such correction, None where it still stands.

    ``corrections``: step id and moment. A signature on a step falls with corrections of that step, one on the whole
    record with any.
    """
    later = [
        at
        for step_id, at in corrections
        if at > signed.signed_at and (signed.step_id is None or signed.step_id == step_id)
    ]
    return min(later, default=None)


def effect_of(changes: Iterable[Change]) -> list[Mapping[str, Any]]:
    return [one.document() for one in changes]
