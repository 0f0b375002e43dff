"""What was changed after it was first entered, told from the trail: old value, new value, who, when, why (A11-8.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

VALUES = ("number", "text", "moment", "not_applicable")
PERFORMED = "performed"
# Columns that follow the states and signatures of a record; their moves are told there.
STATES = frozenset(
    {
        "status",
        "outcome",
        "result_id",
        "last_read_at",
        "last_read_day",
        "sponsor_released",
        "recorded_at",
        "verified_by",
        "verified_at",
        "shown",
        "verdict",
        "unit",
    }
)
OTHERS = frozenset({"subject", "donor", "document", "trial", "disposition"})


@dataclass(frozen=True, slots=True)
class Link:
    """One act on the trail with its changes of the records asked for."""

    seq: int
    at: datetime
    who: str
    action: str
    reason: str | None
    hash: str
    changes: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """One value that is not as it was first entered; ``old`` is None when it had been left empty."""

    entity: str
    record_id: str
    column: str
    old: Any
    new: Any
    who: str
    at: datetime
    why: str | None
    seq: int


def corrections(links: Iterable[Link]) -> list[Correction]:
    """Every value changed since its original entry, the oldest change first.

    A field of a step that was written only after the step had been performed and signed counts too: it was empty.
    """
    performed: set[str] = set()
    found: list[Correction] = []
    for link in links:
        done_now = {one["id"] for one in link.changes if one["entity"] == "step" and is_performed(one)}
        for change in link.changes:
            found.extend(_of(change, link, performed))
        performed |= done_now
    return found


def is_performed(change: Mapping[str, Any]) -> bool:
    return bool(change["new"].get("status") == PERFORMED)


def _of(change: Mapping[str, Any], link: Link, performed: set[str]) -> Iterable[Correction]:
    if change["entity"] in OTHERS:
        return
    if change["op"] == "create":
        if change["entity"] == "step_value" and change["new"].get("step_id") in performed:
            yield _correction(change, link, "value", None, value_in(change["new"]))
    elif change["entity"] == "step_value":
        if any(name in change["new"] for name in VALUES):
            yield _correction(change, link, "value", value_in(change["old"]), value_in(change["new"]))
    else:
        for name, new in change["new"].items():
            old = change["old"].get(name)
            if name not in STATES and old is not None and old != new:
                yield _correction(change, link, name, old, new)


def _correction(change: Mapping[str, Any], link: Link, column: str, old: Any, new: Any) -> Correction:
    return Correction(
        entity=change["entity"],
        record_id=change["id"],
        column=column,
        old=old,
        new=new,
        who=link.who,
        at=link.at,
        why=link.reason,
        seq=link.seq,
    )


def value_in(columns: Mapping[str, Any]) -> Any:
    """The value of a field, in whichever of its columns it stands; N/A with its reason."""
    if columns.get("not_applicable") is not None:
        return f"N/A: {columns['not_applicable']}"
    return next((columns[name] for name in VALUES if columns.get(name) is not None), None)
