"""When the system is down: what may be given out on paper, and how paper becomes a record afterwards (DSP-DOWN).

What happened is always recorded. What NKTrace would have refused, then or now, is listed beside it, opens a deviation and
keeps the dose out of F, as a “no” at the bedside does (decision 32).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.refusals import FUTURE_TIME, N_, Refusal, kind
from kernel.segregation import SOD_SECOND, another_person
from manufacturing.domain.collections import minute
from manufacturing.domain.expiry import local_text
from manufacturing.domain.trial import TIME_ORDER
from release.domain.dispensing import BEDSIDE_GUARDS, GUARDS, HAND_OVER_GUARDS, Guard
from release.domain.separation import dispensing_pair_refusals

PAPER = "paper"
KIT_PRINTING = N_("the printing of the kit")
AGAINST = N_("%(what)s on paper during a downtime (%(kit)s), although NKTrace refuses it: %(codes)s.")

KIT_OUTDATED = kind(
    "KIT_OUTDATED",
    409,
    N_("The kit %(kit)s was valid until %(until)s; this happened at %(at)s."),
    resolver=N_("QA"),
    next_step=N_("Print a kit each day and after each change; assess in the deviation what had changed."),
)
NOT_ON_KIT = kind(
    "NOT_ON_KIT",
    409,
    N_("Container %(container)s was not on the list of the kit %(kit)s as one that may be dispensed."),
    resolver=N_("QA"),
    next_step=N_("Assess in the deviation why it was taken, and what that means for the subject."),
)
DOER_NOT_SIGNING = kind(
    "DOER_NOT_SIGNING",
    409,
    N_("Nobody who acted on paper signed this entry."),
    resolver=N_("QA"),
    next_step=N_("Let the people named on the sheet read the entry; say in the deviation why they could not sign."),
)
PAPER_LABEL = kind(
    "PAPER_LABEL",
    422,
    N_("“%(typed)s” is no label that was ever printed here."),
    resolver=N_("you"),
    next_step=N_("Read the number under the square code on the sheet or on the container again."),
)
PAPER_PERSON = kind(
    "PAPER_PERSON",
    422,
    N_("Choose a person of this installation for “%(name)s”."),
    resolver=N_("you"),
    next_step=N_("Choose the person whose signature stands on the sheet."),
)
ANOTHER_CONTAINER = kind(
    "ANOTHER_CONTAINER",
    409,
    N_("The sheet names container %(paper)s; the dispensing is of container %(record)s."),
    resolver=N_("QA"),
    next_step=N_("Find out at once which container was given to whom; both subjects are concerned."),
)
NOT_A_PHYSICIAN = kind(
    "NOT_A_PHYSICIAN",
    409,
    N_("Whoever signed the check on paper may not sign it here either."),
    resolver=N_("QA"),
    next_step=N_("Find out who examined the subject; let a physician of the trial repeat the check."),
)
CHECK_TOO_LATE = kind(
    "CHECK_TOO_LATE",
    422,
    N_("The subject was examined at %(at)s, after the container of order %(order)s was dispensed (%(dispensed)s)."),
    resolver=N_("you"),
    next_step=N_("Compare the time with the sheet. A check allows only what is dispensed after it."),
)
CHECK_ENTERED = kind(
    "CHECK_ENTERED",
    409,
    N_("The check of %(at)s for order %(order)s is entered from paper already."),
    resolver=N_("you"),
    next_step=N_("Look at the entries of the order; enter another sheet with its own time."),
)
KIT_COUNT = kind(
    "KIT_COUNT",
    409,
    N_("%(entered)s of “%(what)s” are entered from this kit already; fewer cannot stand on its sheets."),
    resolver=N_("you"),
    next_step=N_("Count the sheets again."),
)


class EntryKind(StrEnum):
    """What a sheet records."""

    CHECK = "check"
    DISPENSING = "dispensing"
    HAND_OVER = "hand_over"
    ADMINISTRATION = "administration"


DONE = {
    EntryKind.CHECK: N_("Checked on the day"),
    EntryKind.DISPENSING: N_("Dispensed"),
    EntryKind.HAND_OVER: N_("Handed over"),
    EntryKind.ADMINISTRATION: N_("Infused"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFacts:
    """One sheet beside the kit it belongs to. ``listed``: containers that the kit allowed; ``container``: None where it
    names none; ``certifiers``: of the batch; ``permitted``: whether whoever did it may do it on the screen."""

    kit: str
    valid_until: datetime
    listed: frozenset[str]
    container: str | None
    happened_at: datetime
    performed_by: str
    second_person: str | None
    signers: frozenset[str]
    certifiers: frozenset[str] = frozenset()
    permitted: bool = True


def without(guards: tuple[tuple[str, Guard], ...], *names: str) -> tuple[tuple[str, Guard], ...]:
    return tuple((name, guard) for name, guard in guards if name not in names)


LATER = ("second person", "clock")  # asked of a scan of this minute only
GUARDS_ON_PAPER = {
    EntryKind.DISPENSING: without(GUARDS, *LATER, "not dispensed"),
    EntryKind.HAND_OVER: without(HAND_OVER_GUARDS, *LATER),
    EntryKind.ADMINISTRATION: without(BEDSIDE_GUARDS, *LATER, "handed over"),
}
GUARDS_OF_LIST = without(GUARDS, *LATER, "container", "subject", "order", "eligibility")


def paper_conflicts(facts: PaperFacts) -> tuple[Refusal, ...]:
    """What the procedure of the downtime asks and the sheet does not show; none of it undoes what happened."""
    second = facts.second_person
    found: list[Refusal] = []
    if facts.happened_at > facts.valid_until:
        until, at = local_text(facts.valid_until), local_text(facts.happened_at)
        found.append(KIT_OUTDATED(kit=facts.kit, until=until, at=at))
    if facts.container is not None and facts.container not in facts.listed:
        found.append(NOT_ON_KIT(container=facts.container, kit=facts.kit))
    if second is not None:
        found.extend(another_person(second, [facts.performed_by], SOD_SECOND))
        found.extend(dispensing_pair_refusals([{facts.performed_by, second}], facts.certifiers))
    if not facts.signers & {facts.performed_by, second}:
        found.append(DOER_NOT_SIGNING())
    if not facts.permitted:
        found.append(NOT_A_PHYSICIAN())
    return tuple(found)


def late_check_refusals(order: str, at: datetime, dispensed_at: datetime | None) -> tuple[Refusal, ...]:
    """Whatever was dispensed before it, no check has allowed."""
    if dispensed_at is None or at <= dispensed_at:
        return ()
    return (CHECK_TOO_LATE(field="checked_at", at=local_text(at), order=order, dispensed=local_text(dispensed_at)),)


def time_refusals(field: str, name: str, at: datetime, printed_at: datetime, now: datetime) -> tuple[Refusal, ...]:
    """After the kit was printed, before now; people write minutes."""
    found = []
    if at < minute(printed_at):
        found.append(TIME_ORDER(field=field, name=name, earlier=KIT_PRINTING))
    if at > now:
        found.append(FUTURE_TIME(field=field, name=name))
    return tuple(found)


UNCERTIFIED = frozenset({"NOT_CERTIFIED", "BATCH_REJECTED", "LATE_OOS"})
JUDGED = frozenset({"VERDICT_FAILED", "WEIGHT_CHANGED", "WEIGHT_STALE", "WEIGHT_MISSING"})


def foremost(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """What a list on paper has room for: of a batch that is not certified, not each result that may be the cause."""
    found = tuple(refusals)
    if not UNCERTIFIED & {one.code for one in found}:
        return found
    return tuple(one for one in found if one.code not in JUDGED)


def distinct(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    return tuple(dict.fromkeys(refusals))


def count_refusals(counted: Mapping[EntryKind, int], entered: Mapping[EntryKind, int]) -> tuple[Refusal, ...]:
    """What is entered was on paper."""
    return tuple(
        KIT_COUNT(field=FIELDS[one], what=DONE[one], entered=entered[one])
        for one in EntryKind
        if counted[one] < entered[one]
    )


FIELDS = {
    EntryKind.CHECK: "checks",
    EntryKind.DISPENSING: "dispensings",
    EntryKind.HAND_OVER: "hand_overs",
    EntryKind.ADMINISTRATION: "administrations",
}


def still_to_enter(counted: Mapping[EntryKind, int] | None, entered: Mapping[EntryKind, int]) -> int | None:
    """Sheets that are not in the record yet; None while nobody has said how many there are."""
    if counted is None:
        return None
    return sum(max(0, counted[one] - entered[one]) for one in EntryKind)
