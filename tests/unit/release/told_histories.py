"""Whole histories in words, what the product is told of them, and an oracle that counts them from the words alone.

A batch is a line of words in the order of time: ``start fill pending full`` was certified while sterility was pending and
then with every result; ``late`` is a failure after that, ``supply`` a supply out of specification, ``reject`` and
``terminate`` its end, ``expire`` the end of its shelf life. ``give:full:12`` is an infusion of twelve million cells per
kg, ``part`` of it a part, ``?`` an unknown dose, ``:no`` after a refused bedside scan. The oracle walks the words from
state to state, as the text of the rules tells a history; the product is given flags. They share nothing but the words.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from release.domain.histories import (
    BatchHistory,
    DropReason,
    Given,
    InfusionHistory,
    PatientHistory,
    Reaction,
    Relatedness,
)

MILLION = 10**6
MINIMUM = 3
TARGET = 12
LETTERS = ("T", "I", "D", "L", "M", "R", "R_final", "F", "F_final")
AFTER = {
    ("new", "start"): "open",
    ("open", "fill"): "filled",
    ("open", "terminate"): "terminated",
    ("filled", "reject"): "rejected",
    ("filled", "terminate"): "terminated",
    ("filled", "supply"): "supplied",
    ("filled", "pending"): "certified",
    ("filled", "full"): "final",
    ("certified", "full"): "final",
    ("certified", "late"): "fallen",
    ("final", "late"): "fallen",
    ("certified", "reject"): "rejected",
    ("final", "reject"): "rejected",
    ("final", "terminate"): "terminated",
}
"""Whatever comes after a failure, a supply or an end changes nothing of what the batch was for the trial."""


@dataclass(frozen=True)
class Told:
    """``way``: what happened to the patient, of “T I D L”; ``reactions``: grade, relation (``?``), “waits” or nothing."""

    code: str
    way: str
    batches: tuple[str, ...] = ()
    ended: str = ""
    reactions: tuple[str, ...] = ()


def facts(told: Told) -> PatientHistory:
    """What the records would say."""
    return PatientHistory(
        told.code,
        transplanted="T" in told.way,
        included_at=date(2026, 1, 5) if "I" in told.way else None,
        donor_cleared="D" in told.way,
        collections=told.way.count("L"),
        batches=tuple(
            _batch(words.split(), f"{told.code}-{place}", told.ended) for place, words in enumerate(told.batches)
        ),
        concluded=bool(told.ended),
        drop_reason=DropReason(told.ended) if told.ended else None,
        reactions=tuple(_reaction(words.split()) for words in told.reactions),
    )


def _batch(words: list[str], code: str, ended: str) -> BatchHistory:
    late, supplied = "late" in words, "supply" in words
    return BatchHistory(
        code,
        manufactured="fill" in words,
        certified_provisional="pending" in words or "full" in words,
        certified_final="full" in words,
        late_oos=late,
        rejected="reject" in words and not late,
        terminated="terminate" in words,
        oos_supplied=supplied,
        infusions=tuple(
            _infusion(word.split(":"), supplied=supplied and place > words.index("supply"))
            for place, word in enumerate(words)
            if word.startswith("give")
        ),
        not_infused_reason=_why_not(words, ended),
    )


def _why_not(words: list[str], ended: str) -> DropReason | None:
    if ended:
        return DropReason(ended)
    if "late" in words:
        return DropReason.OUT_OF_SPECIFICATION
    return DropReason.EXPIRED if "expire" in words else None


def _infusion(parts: list[str], *, supplied: bool) -> InfusionHistory:
    dose = None if parts[2] == "?" else Decimal(parts[2]) * MILLION
    return InfusionHistory(
        Given.FULL if parts[1] == "full" else Given.PARTIAL,
        dose,
        Decimal(MINIMUM * MILLION),
        against_verdict=parts[3:] == ["no"],
        out_of_specification=supplied,
    )


def _reaction(words: list[str]) -> Reaction:
    related = None if words[1] == "?" else Relatedness(words[1])
    return Reaction(int(words[0]), related, pending_adjudication=words[2:] == ["waits"])


@dataclass
class Walked:
    """One batch walked to its end. ``counting``: doses that count where the batch stays certified."""

    state: str = "new"
    filled: bool = False
    counting: int = 0
    parts_only: bool = True
    given: int = 0
    over: bool = False

    @property
    def fate(self) -> str:
        if self.state in {"terminated", "rejected"}:
            return self.state
        if self.state == "supplied":
            return "rejected"
        if self.state not in {"certified", "final", "fallen"}:
            return "in_progress"
        if self.given:
            return "partially_infused" if self.parts_only else "infused"
        return "not_infused" if self.over or self.state == "fallen" else "pending"


def walked(line: str, ended: str) -> Walked:
    """A certified product that nobody got is a loss once its patient goes no further, or its time is over."""
    one = Walked(over=bool(ended))
    supplied = False
    for word in line.split():
        if word.startswith("give"):
            _, how, dose, *refused = word.split(":")
            one.given += 1
            one.parts_only = one.parts_only and how == "part"
            if not supplied and not refused and dose != "?" and int(dose) >= MINIMUM:
                one.counting += 1
        elif word == "expire":
            one.over = True
        else:
            one.state = AFTER.get((one.state, word), one.state)
            one.filled = one.filled or word == "fill"
            supplied = supplied or word == "supply"
    return one


@dataclass
class Counted:
    reached: dict[str, set[str]]
    drops: dict[str, tuple[str, str]]
    fell: set[str]
    batches: Counter[str]
    infused: set[str]
    confirmed: set[str]
    waiting: set[str]
    inclusion_met: bool
    infusion_met: bool
    final_met: bool
    infusion_reachable: bool


def counted(told: list[Told]) -> Counted:
    """The figures of the trial, patient after patient."""
    reached: dict[str, set[str]] = {letter: set() for letter in LETTERS}
    drops, fell, infused, confirmed, waiting = {}, set(), set(), set(), set()
    batches: Counter[str] = Counter()
    lost = 0
    for one in told:
        walks = [walked(line, one.ended) for line in one.batches]
        batches.update(walk.fate for walk in walks)
        letters = letters_of(one, walks)
        for letter in letters:
            reached[letter].add(one.code)
        if any(walk.given for walk in walks):
            infused.add(one.code)
            worst = max((weight(words) for words in one.reactions), default=0)
            (confirmed if worst == 2 else waiting if worst == 1 else set()).add(one.code)
        if "L" in letters and "F" not in letters and any(walk.state == "fallen" and walk.counting for walk in walks):
            fell.add(one.code)
        if "T" in letters and "F" not in letters:
            drops[one.code] = (max(letters & set("TILMR"), key="TILMR".index), one.ended)
            lost += bool(one.ended) and "I" in letters
    size = {letter: len(codes) for letter, codes in reached.items()}
    target = max(TARGET, size["I"])
    return Counted(
        *(reached, drops, fell, batches, infused, confirmed, waiting),
        inclusion_met=more(size["I"], size["T"], Fraction(1, 2)),
        infusion_met=more(size["F"], size["I"], Fraction(66, 100)),
        final_met=more(size["F_final"], size["I"], Fraction(66, 100)),
        infusion_reachable=more(target - lost, target, Fraction(66, 100)),
    )


def letters_of(one: Told, walks: list[Walked]) -> set[str]:
    """Each stage asks for the one before it."""
    found: set[str] = set()
    for letter, there in (
        ("T", "T" in one.way),
        ("I", "I" in one.way),
        ("L", "L" in one.way),
        ("M", any(walk.filled for walk in walks)),
        ("R", any(walk.state in {"certified", "final", "fallen"} for walk in walks)),
        ("F", any(walk.state in {"certified", "final"} and walk.counting for walk in walks)),
    ):
        if not there:
            break
        found.add(letter)
    if "I" in found and "D" in one.way:
        found.add("D")
    if "R" in found and any(walk.state == "final" for walk in walks):
        found.add("R_final")
    if "F" in found and any(walk.state == "final" and walk.counting for walk in walks):
        found.add("F_final")
    return found


def weight(words: str) -> int:
    """2: severe, likely and decided; 1: may still become so; 0: does not count."""
    grade, related, *waits = words.split()
    if int(grade) < 3:
        return 0
    if waits or related == "?":
        return 1
    return 2 if related in {"probable", "definite"} else 0


def more(k: int, n: int, share: Fraction) -> bool:
    return n > 0 and Fraction(k, n) > share
