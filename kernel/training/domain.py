"""Who is trained in what: procedures with the versions that govern them, records, and when one counts (ATMP-3.2-TRAIN).

Nobody is trained by default. An approved document of training rules may set how long training lasts, or that a
procedure needs none here; what it does not name needs training that lasts until the next version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from kernel.documents.domain import DOCUMENT_INVALID, document_kind
from kernel.refusals import N_, Refusal, kind

LONGEST_DAYS = 3650
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Procedure:
    """``order``: its place in lists. ``follows``: the kind of controlled document that tells how it is done.
    ``permissions``: whoever holds one of them is expected to be trained."""

    order: int
    key: str
    title: str
    follows: str
    permissions: tuple[str, ...]


PROCEDURES: dict[str, Procedure] = {}


def procedure(order: int, key: str, title: str, *, follows: str, permissions: tuple[str, ...]) -> str:
    PROCEDURES[key] = Procedure(order, key, title, follows, permissions)
    return key


def in_order() -> list[Procedure]:
    """Every procedure in the order of the work."""
    return sorted(PROCEDURES.values(), key=lambda one: one.order)


NOT_TRAINED = kind(
    "NOT_TRAINED",
    403,
    N_("%(person)s had no valid training for “%(procedure)s” (%(version)s) at %(at)s."),
    resolver=N_("QA, with somebody who trains"),
    next_step=N_(
        "Let a trained colleague do it, or have the training given, recorded and confirmed first; it is never dated back."
    ),
)
TRAINING_BACKDATED = kind(
    "TRAINING_BACKDATED",
    422,
    N_("Training counts from its entry; %(at)s lies before it."),
    resolver=N_("you"),
    next_step=N_("Leave the time as it is now or later. The day of the training itself has a field of its own."),
)
TRAINING_DAY = kind(
    "TRAINING_DAY",
    422,
    N_("The day of the training lies in the future."),
    resolver=N_("you"),
    next_step=N_("Record the training after it was given."),
)
TRAINING_UNKNOWN = kind(
    "TRAINING_UNKNOWN",
    422,
    N_("“%(typed)s” is no %(what)s that training can be recorded for."),
    resolver=N_("you"),
    next_step=N_("Choose from the list; open the form again if it is old."),
)
TRAINING_ENDED = kind(
    "TRAINING_ENDED",
    409,
    N_("This training has ended already."),
    resolver=N_("nobody"),
    next_step=N_("Open the person; the list shows what is valid now."),
)
SOD_TRAINING = kind(
    "SOD_TRAINING",
    403,
    N_("Nobody records or confirms training for himself: trainer, confirmer and trainee are three people."),
    resolver=N_("a colleague"),
    next_step=N_("Let others give and confirm it."),
)


class TrainingState(StrEnum):
    """``none``: never trained. ``later``: it does not count yet."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    SUPERSEDED = "earlier version"
    WITHDRAWN = "withdrawn"
    LATER = "later"
    NONE = "none"
    NOT_NEEDED = "not needed"


LAPSED = (TrainingState.EXPIRING, TrainingState.EXPIRED, TrainingState.SUPERSEDED, TrainingState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class TrainingFact:
    """One record: which version, from when, until when. ``document``: None where no version governs the procedure."""

    document: str | None
    effective_at: datetime
    expires_at: datetime | None = None
    withdrawn_at: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """From its first instant until before its last: at the expiry it has ended."""
        ends = (end for end in (self.expires_at, self.withdrawn_at) if end is not None)
        return self.effective_at <= at and all(at < end for end in ends)


@dataclass(frozen=True, slots=True)
class VersionFact:
    """A version of a document in the order in which they came into force. ``retraining``: whether it asks for it."""

    id: str
    text: str
    retraining: bool


def covering(versions: Sequence[VersionFact], wanted: str | None) -> frozenset[str | None]:
    """The versions whose training is good for the wanted one: itself, and those before it as long as none of the
    versions since asks for retraining."""
    found: set[str | None] = {wanted}
    ids = [one.id for one in versions]
    if wanted not in ids:
        return frozenset(found)
    for place in range(ids.index(wanted), 0, -1):
        if versions[place].retraining:
            break
        found.add(versions[place - 1].id)
    return frozenset(found)


def is_trained(records: Iterable[TrainingFact], good: frozenset[str | None], at: datetime) -> bool:
    return any(one.document in good and one.holds(at) for one in records)


def state_of(records: Sequence[TrainingFact], good: frozenset[str | None], at: datetime) -> TrainingState:
    """How a person stands in one procedure; the best record speaks, an ending says why."""
    valid = [one for one in records if one.document in good and one.holds(at)]
    if valid:
        ends = [one.expires_at for one in valid]
        soon = all(end is not None and end - at <= SOON for end in ends)
        return TrainingState.EXPIRING if soon else TrainingState.VALID
    if any(one.document in good and one.effective_at > at and one.withdrawn_at is None for one in records):
        return TrainingState.LATER
    if not records:
        return TrainingState.NONE
    newest = max(records, key=lambda one: one.effective_at)
    if newest.document not in good:
        return TrainingState.SUPERSEDED
    return TrainingState.WITHDRAWN if newest.withdrawn_at is not None else TrainingState.EXPIRED


def people_refusals(trainer: str, confirmer: str, trainees: Iterable[str]) -> tuple[Refusal, ...]:
    """Three people for each training: who gave it, who confirms it, who had it."""
    return (SOD_TRAINING(field="people"),) if {trainer, confirmer} & set(trainees) or trainer == confirmer else ()


def time_refusals(
    trained_on: date, effective_at: datetime, today: date, earliest: datetime, shown: str
) -> tuple[Refusal, ...]:
    """``earliest``: the minute of the entry (F30: no training after the fact); ``shown``: the typed time in words."""
    refusals = []
    if trained_on > today:
        refusals.append(TRAINING_DAY(field="trained_on"))
    if effective_at < earliest:
        refusals.append(TRAINING_BACKDATED(at=shown, field="effective_at"))
    return tuple(refusals)


@dataclass(frozen=True, slots=True)
class TrainingRule:
    """``days``: how long training lasts; None until a version asks for retraining."""

    needed: bool = True
    days: int | None = None


def parse_rules(body: Mapping[str, Any]) -> dict[str, TrainingRule] | tuple[Refusal, ...]:
    """Rules by procedure, or everything that is wrong with the document."""
    rules: dict[str, TrainingRule] = {}
    problems: list[str] = []
    entries = body.get("procedures")
    if not isinstance(entries, list) or not entries:
        return (DOCUMENT_INVALID(problem="procedures: a list of entries is expected"),)
    for one in entries:
        given = one if isinstance(one, Mapping) else {}
        key, needed, days = str(given.get("key", "")), given.get("needed"), given.get("days")
        whole = isinstance(days, str) and days.isascii() and days.isdigit() and 0 < int(days[:6]) <= LONGEST_DAYS
        if key not in PROCEDURES:
            problems.append(f"procedures: “{key}” is no procedure")
        if key in rules:
            problems.append(f"procedures: {key} is written twice")
        if needed not in {"yes", "no"}:
            problems.append(f"{key}: needed is yes or no")
        if days is not None and not whole:
            problems.append(f"{key}: days is a whole number from 1 to {LONGEST_DAYS}, as text")
        rules[key] = TrainingRule(needed != "no", int(days) if isinstance(days, str) and whole else None)
    return tuple(DOCUMENT_INVALID(problem=problem) for problem in problems) or rules


def check_rules(body: dict[str, Any]) -> tuple[Refusal, ...]:
    parsed = parse_rules(body)
    return parsed if isinstance(parsed, tuple) else ()


TRAINING = document_kind("training", N_("training rules"), approvals=("QA", "QP"), check=check_rules)
