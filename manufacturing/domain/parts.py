"""Parts of a leukapheresis: each has a code of its own, goes whole into one batch, is kept, or is destroyed by two.

What stays in the bag is the remainder; parts, remainder, samples, loss and what was taken before make the volume received.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from kernel.quantities import exact, expanded, to_decimal
from kernel.refusals import MISSING_FIELD, N_, Refusal, kind
from manufacturing.domain.expiry import is_expired, local_text
from manufacturing.domain.numbering import read_checked, with_check
from manufacturing.domain.plan import Splitting
from manufacturing.domain.reading import Reader
from manufacturing.domain.steps import SHORTEST_REASON

MOST = 9
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,22}[A-Z0-9]-P[0-9]-[0-9A-Z*]", re.ASCII)

SPLIT_NOT_PLANNED = kind(
    "SPLIT_NOT_PLANNED",
    409,
    N_("The process version takes a leukapheresis as a whole."),
    resolver=N_("nobody: it would be another process"),
    next_step=N_("Open a batch for all of it."),
)
SPLIT_FULL = kind(
    "SPLIT_FULL",
    409,
    N_("The process splits a leukapheresis into %(most)s parts at most, and this one has them."),
    resolver=N_("nobody: it would be another process"),
    next_step=N_("Use the parts that are there, or the remainder."),
)
SPLIT_VOLUME = kind(
    "SPLIT_VOLUME",
    422,
    N_("A part of %(volume)s mL cannot be taken off: %(left)s mL are in the bag."),
    resolver=N_("you"),
    next_step=N_("Read the volume of the part again; 0 mL or more than there is was not taken off."),
)
SPLIT_BALANCE = kind(
    "SPLIT_BALANCE",
    409,
    N_("Part, remainder and loss make %(sum)s mL; %(left)s mL were in the bag."),
    resolver=N_("the two technicians"),
    next_step=N_("Weigh part and remainder again; what stayed in the tubing is entered as a loss, with its reason."),
)
PART_GONE = kind(
    "PART_GONE",
    409,
    N_("%(code)s is not here any more: it went into a batch or was destroyed."),
    resolver=N_("nobody"),
    next_step=N_("Open the leukapheresis; it shows what became of each part."),
)
PART_WHOLE = kind(
    "PART_WHOLE",
    422,
    N_("%(code)s goes as a whole, %(volume)s mL."),
    resolver=N_("you"),
    next_step=N_("Leave the volume open; less is a split of its own, made before."),
)
MATERIAL_EXPIRED = kind(
    "MATERIAL_EXPIRED",
    409,
    N_("The material of %(number)s could be used until %(until)s."),
    resolver=N_("nobody: nothing made of it would be within its shelf life"),
    next_step=N_("Have it destroyed by two people, or reject the collection."),
)


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """One part taken off in the hands of two people; every volume in mL. ``left_ml``: in the bag before."""

    splitting: Splitting | None
    parts: int
    left_ml: Decimal
    volume_ml: Decimal
    remainder_ml: Decimal
    lost_ml: Decimal
    lost_reason: str | None


def read_splitting(entry: Any, read: Reader) -> Splitting | None:
    """``{"most": 4}``; nothing where a leukapheresis is taken as a whole."""
    if entry is None:
        return None
    given: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
    most = given.get("most")
    if isinstance(most, bool) or not isinstance(most, int) or not 1 <= most <= MOST:
        read.fault("splitting", f"most is a whole number from 1 to {MOST}")
    return Splitting(most if isinstance(most, int) else 0)


def part_code(number: str, part: int) -> str:
    """``LA-2026-0041-P1-K``: the donation number, the part, and a check character over both (as samples have)."""
    return with_check(f"{number}-P{part}")


def read_part_code(text: str) -> str | None:
    """The code as printed, or None: a mistyped character names no part. Only the ends are stripped."""
    return read_checked(text, _CODE)


def split_refusals(facts: SplitFacts) -> tuple[Refusal, ...]:
    """Every reason why this part may not be taken off so; without a word of the process there is no other."""
    if facts.splitting is None:
        return (SPLIT_NOT_PLANNED(),)
    refusals = [SPLIT_FULL(most=facts.splitting.most)] if facts.parts >= facts.splitting.most else []
    volume, left = exact(facts.volume_ml), exact(facts.left_ml)
    if not 0 < volume <= left:
        shown = expanded(facts.volume_ml)
        refusals.append(SPLIT_VOLUME(volume=shown, left=expanded(facts.left_ml), field="volume_ml"))
    sum_ml = volume + exact(facts.remainder_ml) + exact(facts.lost_ml)
    if min(facts.remainder_ml, facts.lost_ml) < 0 or sum_ml != left:
        shown = expanded(to_decimal(sum_ml))
        refusals.append(SPLIT_BALANCE(sum=shown, left=expanded(facts.left_ml), field="remainder_ml"))
    if facts.lost_ml > 0 and len((facts.lost_reason or "").strip()) < SHORTEST_REASON:
        refusals.append(MISSING_FIELD(name=N_("How the loss came about"), field="lost_reason"))
    return tuple(refusals)


def cells_of(volume_ml: Decimal, of_ml: Decimal | None, cells: Decimal | None) -> Decimal | None:
    """Cells of a part: as much of them as of the volume, since the suspension was mixed before the split."""
    if not of_ml or cells is None:
        return None
    return to_decimal(exact(cells) * exact(volume_ml) / exact(of_ml))


def use_by_refusals(number: str, use_by: datetime | None, now: datetime) -> tuple[Refusal, ...]:
    """A remainder or a part that was kept too long makes no product; without a clock nothing is judged here."""
    if use_by is None or not is_expired(use_by, now):
        return ()
    return (MATERIAL_EXPIRED(number=number, until=local_text(use_by)),)
