"""Whoever was told of a line of the trail is a witness of it: a database that has not got that line is an older copy.

The head is told under the server's seal, so that nobody can make up a line that was never there; it carries how many
recoveries had been signed by then, so that a recovery explains the losses before it and no later ones (hazard 62).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kernel.refusals import N_, Refusal, kind

FORM = re.compile(r"([1-9][0-9]{0,17})\.([0-9a-f]{64})\.(0|[1-9][0-9]{0,8})\.([A-Za-z0-9+/]{86}==)", re.ASCII)

HEAD_FOREIGN = kind(
    "HEAD_FOREIGN",
    422,
    N_("What was sent as the last head is not what this installation ever told."),
    resolver=N_("whoever runs this client"),
    next_step=N_("Send back “told” of the newest head exactly as it came, or leave the field out."),
)
NOTHING_MISSED = kind(
    "NOTHING_MISSED",
    409,
    N_("No line of the trail is missing: there is nothing to recover."),
    resolver=N_("nobody"),
    next_step=N_("Look at the list of recoveries; somebody may have signed already."),
)
RECOVERY_RANGE = kind(
    "RECOVERY_RANGE",
    422,
    N_(
        "The lost lines do not fit what is known: lines %(lowest)s to %(highest)s are missing, and the newest line is "
        "%(newest)s."
    ),
    resolver=N_("you"),
    next_step=N_("The copy ends before the first missing line; the loss goes on to the last one at least."),
)


@dataclass(frozen=True, slots=True)
class ToldHead:
    """``recoveries``: how many had been signed when it was told. ``seal``: the server's, over the other three."""

    seq: int
    hash: str
    recoveries: int
    seal: str = ""

    @property
    def sealed(self) -> str:
        """What the seal is put on."""
        return f"trail head\0{self.seq}\0{self.hash}\0{self.recoveries}"

    def __str__(self) -> str:
        return f"{self.seq}.{self.hash}.{self.recoveries}.{self.seal}"


def parse_head(text: str) -> ToldHead | None:
    """A head as it was told; None for anything else."""
    match = FORM.fullmatch(text)
    return ToldHead(int(match[1]), match[2], int(match[3]), match[4]) if match else None


def recovery_refusals(
    kept_seq: int, lost_until: int, *, missed: Sequence[int], newest: int, unread: bool
) -> tuple[Refusal, ...]:
    """Does the range that QA names hold every line somebody misses, and none that the copy brought along?

    ``kept_seq``: the last line of the copy. ``unread``: the head beside the database cannot be read.
    """
    if not missed and not unread:
        return (NOTHING_MISSED(),)
    lowest, highest = min(missed, default=lost_until), max(missed, default=lost_until)
    if 0 <= kept_seq <= newest and kept_seq < lowest and lost_until >= highest:
        return ()
    return (RECOVERY_RANGE(lowest=lowest, highest=highest, newest=newest, field="kept_seq"),)
