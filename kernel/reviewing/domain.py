"""The periodic review of who may do what: every role of every person kept or taken away, signed by QA (AC-REVIEW).

What is taken away is only asked for here; it ends by the acts that end roles and accounts, and waits until it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import N_, Refusal, kind
from kernel.upkeep.domain import UpkeepRules, months_later

SOD_REVIEWED = kind(
    "SOD_REVIEWED",
    403,
    N_("Nobody reviews his own roles."),
    resolver=N_("another QA officer"),
    next_step=N_("Leave out your own lines; a colleague from QA answers them."),
)
REVIEW_LINES_OPEN = kind(
    "REVIEW_LINES_OPEN",
    409,
    N_("Not reviewed yet: %(lines)s."),
    resolver=N_("QA"),
    next_step=N_("Answer these lines; each QA officer's own by a colleague. Roles given meanwhile count too."),
)
ACCESS_REVIEW_OPEN = kind(
    "ACCESS_REVIEW_OPEN",
    409,
    N_("Access review %(number)s is still open."),
    resolver=N_("QA"),
    next_step=N_("Answer its lines and sign it; then begin the next one."),
)
ROLE_NOT_HELD = kind(
    "ROLE_NOT_HELD",
    409,
    N_("This role is not held by this person now."),
    resolver=N_("nobody"),
    next_step=N_("Open the list of people; it shows who holds what."),
)


class ReviewStatus(StrEnum):
    OPEN = "access_review_open"
    SIGNED = "access_review_signed"


class Answer(StrEnum):
    KEEP = "keep"
    TAKE_AWAY = "take_away"


@dataclass(frozen=True, slots=True)
class SigningFacts:
    """``waiting``: lines that nobody answered."""

    waiting: tuple[str, ...]


def every_line_is_answered(facts: SigningFacts) -> Refusal | None:
    return REVIEW_LINES_OPEN(lines=", ".join(facts.waiting)) if facts.waiting else None


ACCESS_REVIEW = Lifecycle(
    record="access review",
    states=ReviewStatus,
    transitions=(
        Transition("answer", states(ReviewStatus.OPEN), ReviewStatus.OPEN, "access:review"),
        Transition(
            "sign",
            states(ReviewStatus.OPEN),
            ReviewStatus.SIGNED,
            "access:review",
            meaning=("access reviewed",),
            guards=(every_line_is_answered,),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Held:
    """One role of one person, or an account without any. ``used_at``: when it was last used, ``since``: when given."""

    person_id: str
    login: str
    name: str
    role: str
    since: datetime | None
    given_by: str
    valid_until: datetime | None
    used_at: datetime | None
    password_at: datetime | None

    @property
    def key(self) -> str:
        return f"{self.person_id}-{self.role}" if self.role else self.person_id

    @property
    def text(self) -> str:
        return f"{self.login} {self.role}".strip()


def is_unused(held: Held, rules: UpkeepRules, now: datetime) -> bool:
    """Longer than the rules allow: since it was last used, or since it was given where it never was; also where nobody
    knows either."""
    last = held.used_at or held.since
    return last is None or now - last > timedelta(days=rules.unused_days)


def password_due(set_at: datetime | None, rules: UpkeepRules) -> datetime | None:
    """When a password is to be replaced; None where passwords have no age, or none is set."""
    if not rules.password_months or set_at is None:
        return None
    return months_later(set_at, rules.password_months)


def own_refusals(reviewer: str, people: Iterable[str]) -> tuple[Refusal, ...]:
    return (SOD_REVIEWED(),) if reviewer in set(people) else ()


def due_at(last_signed: datetime | None, first_account: datetime, rules: UpkeepRules) -> datetime:
    """After the review before, or after the installation had its first account."""
    return months_later(last_signed or first_account, rules.access_review_months)
