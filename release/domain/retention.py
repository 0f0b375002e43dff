"""How long records are kept: the longest of the clocks that apply, each counted in calendar years (RET-30, RET-5, RET-25).

Nothing is deleted here at all; the dates say from when somebody outside could ask. Days are those of Amsterdam.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kernel.refusals import FUTURE_TIME, N_, Refusal, kind
from manufacturing.domain.samples import years_after

RETENTION_OVER = kind(
    "RETENTION_OVER",
    409,
    N_("No legal time keeps these records any more; nothing can be erased with this system all the same."),
    resolver=N_("QA and the operator of the installation"),
    next_step=N_("Decide about the whole installation outside the system, with the data protection officer."),
)


class RecordClass(StrEnum):
    TRACEABILITY = "traceability"
    BATCH = "batch_documentation"
    TRIAL = "trial_master_file"


YEARS = {RecordClass.TRACEABILITY: 30, RecordClass.BATCH: 5, RecordClass.TRIAL: 25}
GROUNDS = {
    RecordClass.TRACEABILITY: N_("30 years after expiry and use: Regulation (EC) 1394/2007, art. 15(4)"),
    RecordClass.BATCH: N_("5 years after the end of the last trial: Regulation (EU) 2017/1569, art. 8(3)"),
    RecordClass.TRIAL: N_("25 years after the end of the trial: Regulation (EU) 536/2014, art. 58"),
}


@dataclass(frozen=True, slots=True)
class Clock:
    """``starts_on``: None while what starts it has not happened."""

    record_class: RecordClass
    starts_on: date | None

    @property
    def until(self) -> date | None:
        """The last day on which the records are kept; nobody knows it before the clock has started."""
        return None if self.starts_on is None else years_after(self.starts_on, YEARS[self.record_class])


@dataclass(frozen=True, slots=True)
class Product:
    """The days that count for one batch. ``ends``: its own expiry and those of its containers.

    ``last_done_on``: the last day on which something of it was made, for a batch that never became a product; None
    while it may still become one.
    """

    ends: tuple[date, ...]
    given: tuple[date, ...]
    last_done_on: date | None


def product_clock(product: Product) -> Clock:
    """From the last expiry, or from the use of the product if that was later; never from its making (RET-30)."""
    return Clock(RecordClass.TRACEABILITY, max((*product.ends, *product.given), default=product.last_done_on))


def trial_clocks(ended_on: date | None) -> tuple[Clock, ...]:
    """Both wait for the end of the trial (RET-5, RET-25)."""
    return Clock(RecordClass.BATCH, ended_on), Clock(RecordClass.TRIAL, ended_on)


def latest(clocks: Iterable[Clock]) -> Clock | None:
    """The clock that ends last; None while one of them has not started, for it could be the longest (RET-MAX)."""
    known = list(clocks)
    if not known or any(one.until is None for one in known):
        return None
    return max(known, key=lambda one: one.until or date.min)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request to erase is answered with. ``until``: None while a clock has not started."""

    ground: RecordClass
    until: date | None


def erasure_answer(clocks: Iterable[Clock], today: date) -> Answer | None:
    """The ground on which nothing is deleted today, also on the last day itself; None when every time is over."""
    known = list(clocks)
    last = latest(known)
    if last is None:
        return Answer(next(one.record_class for one in known if one.until is None), None)
    assert last.until is not None  # noqa: S101
    return Answer(last.record_class, last.until) if today <= last.until else None


def request_refusals(answer: Answer | None, received_on: date, today: date) -> tuple[Refusal, ...]:
    """A request is always taken; only its own day can be wrong, or that no time holds the records any more."""
    if received_on > today:
        return (FUTURE_TIME(name=N_("The day the request was received"), field="received_on"),)
    return (RETENTION_OVER(),) if answer is None else ()
