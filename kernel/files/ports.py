"""Which records take files: a table that the packages above fill, so that files know nothing of the trade."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kernel.db import Audited


@dataclass(frozen=True, slots=True)
class Attachable:
    """``purposes``: code and words of what a file can be to such a record. ``place(session, row)``: what people call
    the record, and the path of its page. ``read`` and ``attach`` are permissions.
    """

    table: type[Audited]
    read: str
    attach: str
    purposes: Mapping[str, str]
    place: Callable[[Session, Any], tuple[str, str]]


ATTACHABLE: dict[str, Attachable] = {}


def attachable(
    table: type[Audited],
    *,
    read: str,
    attach: str,
    purposes: Mapping[str, str],
    place: Callable[[Session, Any], tuple[str, str]],
) -> None:
    """Let records of ``table`` have files; each table once."""
    entity = table.__tablename__
    if entity in ATTACHABLE:
        raise ValueError(f"{entity} takes files already")
    ATTACHABLE[entity] = Attachable(table, read, attach, dict(purposes), place)
