"""Blood groups of donor and recipient, each on two independently taken samples (FACT B6.4.1).

Two samples count as independent when their numbers and their times differ and two people entered them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.refusals import FUTURE_TIME, N_, Refusal, kind

NEEDED = 2

BLOOD_SAMPLE_USED = kind(
    "BLOOD_SAMPLE_USED",
    409,
    N_("Sample %(sample)s, or one taken at the same time, is on record; a second sample is taken independently."),
    resolver=N_("whoever takes the blood"),
    next_step=N_("Have another sample taken at another time, and enter its result."),
)
SOD_BLOOD_GROUP = kind(
    "SOD_BLOOD_GROUP",
    403,
    N_("You entered the first sample; the second one is entered by another person."),
    resolver=N_("a colleague"),
    next_step=N_("Ask a colleague to enter it from the laboratory's report."),
)
BLOOD_GROUP_MISSING = kind(
    "BLOOD_GROUP_MISSING",
    409,
    N_("The blood group of %(who)s is known from %(count)s of two independent samples."),
    resolver=N_("the treating physician for the recipient; the technicians or QA for the donor"),
    next_step=N_("Enter ABO and RhD of the missing sample on the page of the donor or subject."),
)
BLOOD_GROUP_DISCREPANT = kind(
    "BLOOD_GROUP_DISCREPANT",
    409,
    N_("The blood groups of %(who)s disagree: %(found)s."),
    resolver=N_("QA with the laboratory"),
    next_step=N_("Find out which sample was of somebody else; set the wrong result aside with its reason."),
)
BLOOD_GROUP_SET_ASIDE = kind(
    "BLOOD_GROUP_SET_ASIDE",
    409,
    N_("This result was set aside already."),
    resolver=N_("nobody"),
    next_step=N_("Open the donor or subject; it shows which results stand."),
)


class Abo(StrEnum):
    A = "A"
    B = "B"
    AB = "AB"
    O = "O"  # noqa: E741  (the name of the group)


class RhD(StrEnum):
    POSITIVE = "positive"
    NEGATIVE = "negative"


class Compatibility(StrEnum):
    """``unknown``: not two agreeing results of both."""

    COMPATIBLE = "compatible"
    MAJOR = "major_incompatibility"
    MINOR = "minor_incompatibility"
    BIDIRECTIONAL = "major_and_minor_incompatibility"
    UNKNOWN = "unknown"


ANTIGENS = {Abo.A: frozenset("A"), Abo.B: frozenset("B"), Abo.AB: frozenset("AB"), Abo.O: frozenset[str]()}


TEXTS = {
    (Abo.A, RhD.POSITIVE): N_("A RhD positive"),
    (Abo.A, RhD.NEGATIVE): N_("A RhD negative"),
    (Abo.B, RhD.POSITIVE): N_("B RhD positive"),
    (Abo.B, RhD.NEGATIVE): N_("B RhD negative"),
    (Abo.AB, RhD.POSITIVE): N_("AB RhD positive"),
    (Abo.AB, RhD.NEGATIVE): N_("AB RhD negative"),
    (Abo.O, RhD.POSITIVE): N_("O RhD positive"),
    (Abo.O, RhD.NEGATIVE): N_("O RhD negative"),
}


@dataclass(frozen=True, slots=True)
class Group:
    abo: Abo
    rhd: RhD

    def text(self) -> str:
        """A message id: who reads it reads it in his language."""
        return TEXTS[self.abo, self.rhd]


@dataclass(frozen=True, slots=True)
class Determination:
    """One result that stands. ``sample``: number of the blood sample at the laboratory."""

    group: Group
    sample: str
    sampled_at: datetime
    entered_by: str


def entry_refusals(
    known: Sequence[Determination], sample: str, sampled_at: datetime, person: str, now: datetime
) -> tuple[Refusal, ...]:
    """Why this result is no independent one."""
    refusals: list[Refusal] = []
    if sampled_at > now:
        refusals.append(FUTURE_TIME(name=N_("The sample"), field="sampled_at"))
    if any(one.sample == sample or one.sampled_at == sampled_at for one in known):
        refusals.append(BLOOD_SAMPLE_USED(sample=sample, field="sample"))
    if len(known) == 1 and known[0].entered_by == person:
        refusals.append(SOD_BLOOD_GROUP())
    return tuple(refusals)


def group_refusals(who: str, known: Sequence[Determination]) -> tuple[Refusal, ...]:
    """Why nothing may be issued by the blood group of this person: too few samples, or they disagree."""
    groups = tuple(sorted({one.group.text() for one in known}))
    if len(groups) > 1:
        return (BLOOD_GROUP_DISCREPANT(who=who, found=groups),)
    if len(known) < NEEDED or len({one.entered_by for one in known}) < NEEDED:
        return (BLOOD_GROUP_MISSING(who=who, count=min(len(known), 1)),)
    return ()


def settled(known: Sequence[Determination]) -> Group | None:
    return None if group_refusals("", known) else known[0].group


def compatibility(donor: Group | None, recipient: Group | None) -> Compatibility:
    """Major: the recipient has antibodies against the donor's red cells. Minor: the donor has them against his."""
    if donor is None or recipient is None:
        return Compatibility.UNKNOWN
    given, own = ANTIGENS[donor.abo], ANTIGENS[recipient.abo]
    major = bool(given - own) or (donor.rhd is RhD.POSITIVE and recipient.rhd is RhD.NEGATIVE)
    minor = bool(own - given)
    if major and minor:
        return Compatibility.BIDIRECTIONAL
    if major:
        return Compatibility.MAJOR
    return Compatibility.MINOR if minor else Compatibility.COMPATIBLE
