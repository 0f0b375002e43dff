"""Kits: approved lots put together for one batch, scanned once (process practice: thirty materials a batch by hand)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from kernel.refusals import MISSING_FIELD, N_, Refusal, kind
from manufacturing.domain.lot_uses import LotFacts, date_refusals
from manufacturing.domain.materials import LOT_NOT_APPROVED, LotStatus
from manufacturing.domain.numbering import check_of, with_check

LARGEST_NUMBER = 9999
_CODE = re.compile(r"(K[0-9]{2}-[0-9]{4})-([0-9A-Z*])", re.ASCII)

KIT_UNKNOWN = kind(
    "KIT_UNKNOWN",
    409,
    N_("“%(typed)s” is no kit that was assembled here."),
    resolver=N_("you"),
    next_step=N_("Scan the code on the kit."),
)
KIT_TWICE = kind(
    "KIT_TWICE",
    409,
    N_("Of %(material)s two lots were scanned; a kit has one of each."),
    resolver=N_("you"),
    next_step=N_("Leave one of them out."),
)
KIT_TAKEN = kind(
    "KIT_TAKEN",
    409,
    N_("Kit %(kit)s belongs to batch %(batch)s."),
    resolver=N_("nobody: a kit is for one batch"),
    next_step=N_("Take another kit, or scan the lots one by one."),
)


def kit_code(year: int, number: int) -> str:
    """``K26-0001-7``: year in two digits, running number, check character over all."""
    if not 1 <= number <= LARGEST_NUMBER:
        raise ValueError("kits of a year run from 1 to 9999")
    return with_check(f"K{year % 100:02}-{number:04}")


def read_kit_code(text: str) -> str | None:
    """The code as printed, or None: a mistyped character opens nothing."""
    typed = text.strip(" \t\r\n")
    match = _CODE.fullmatch(typed)
    return typed if match is not None and check_of(match[1]) == match[2] else None


def kit_refusals(lots: Sequence[LotFacts], now: datetime) -> tuple[Refusal, ...]:
    """At least one lot, each usable now and one of each material; each is judged again when it is used."""
    refusals: list[Refusal] = []
    if not lots:
        refusals.append(MISSING_FIELD(name=N_("At least one lot"), field="lots"))
    for lot in lots:
        if lot.state != LotStatus.APPROVED:
            refusals.append(LOT_NOT_APPROVED(lot=lot.code, material=lot.material, state=lot.state, field="lots"))
        refusals.extend(no.kind(**{**dict(no.facts), "field": "lots"}) for no in date_refusals(lot, now))
    keys = [lot.kind.key for lot in lots]
    twice = {lot.kind.key: lot.material for lot in lots if keys.count(lot.kind.key) > 1}
    refusals.extend(KIT_TWICE(material=twice[key], field="lots") for key in sorted(twice))
    return tuple(refusals)
