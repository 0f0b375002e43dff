"""Defects that live here only, one planted at a time; the machine has to notice each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import kernel.work
from kernel.work import SYSTEM, Work, unit_of_work
from manufacturing.tables.trial import HoldRow

Plant = Callable[[Any], None]


def answering(module: Any, name: str, answer: Callable[..., Any]) -> Plant:
    return lambda monkeypatch: monkeypatch.setattr(module, name, answer)


def leaking(record_refusal: Callable[..., None] = kernel.work.record_refusal) -> Callable[..., None]:
    """A refusal that leaves something behind."""

    def record(database: Any, work: Work, refused: Any) -> None:
        record_refusal(database, work, refused)
        with unit_of_work(database, SYSTEM, "test.leak") as other:
            other.add(HoldRow(scope="batch", record_id="x", cause="person", reason="y", set_by="z", set_at=other.at))

    return record


TEETH: dict[str, Plant] = {
    "a clock that was set back is believed": answering(kernel.work, "distrust_clock", lambda _work: None),
    "a refused request leaves a row": answering(kernel.work, "record_refusal", leaking()),
}
