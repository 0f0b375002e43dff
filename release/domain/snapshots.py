"""What happened to the trial's figures between two frozen documents: who entered or left, and why (TR-PROV)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.refusals import N_
from release.domain.figure_words import CRITERIA, LISTS, STAGES

LATE_FAILURE = N_("a result failed after the certification")
NOT_FINAL = N_("not certified with every result any more")
FINAL_STAGES = ("R_final", "F_final")
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Left:
    """``reason``: a key of the drop reasons or a sentence; None where the records give none."""

    code: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One list of subjects, in the order of the funnel."""

    key: str
    before: int
    after: int
    entered: tuple[str, ...]
    left: tuple[Left, ...]

    @property
    def changed(self) -> bool:
        return bool(self.entered or self.left)


@dataclass(frozen=True, slots=True)
class CriterionChange:
    """Numerator, denominator, rule and verdict of one criterion in both documents."""

    key: str
    before: tuple[int, int]
    after: tuple[int, int]
    rule_before: str
    rule_after: str
    met_before: bool
    met_after: bool

    @property
    def changed(self) -> bool:
        return (self.before, self.rule_before, self.met_before) != (self.after, self.rule_after, self.met_after)


@dataclass(frozen=True, slots=True)
class NumberChange:
    """A count of batches."""

    key: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class SnapshotDifference:
    """``settings``, ``definitions``: before and after where they differ; then numbers moved without a subject moving."""

    stages: tuple[Change, ...]
    safety: tuple[Change, ...]
    criteria: tuple[CriterionChange, ...]
    batches: tuple[NumberChange, ...]
    settings: tuple[str, str] | None
    definitions: tuple[int, int] | None

    @property
    def changed(self) -> bool:
        moved = any(one.changed for one in (*self.stages, *self.safety))
        numbers = any(one.changed for one in self.criteria) or bool(self.batches)
        return moved or numbers or bool(self.settings or self.definitions)


def difference(old: Document, new: Document) -> SnapshotDifference:
    """Of two documents as they are frozen, ``old`` the earlier one."""
    return SnapshotDifference(
        stages=tuple(_change(key, _stage(old, key), _stage(new, key), new) for key in STAGES),
        safety=(
            *(_change(key, old["safety"][key], new["safety"][key], new) for key in LISTS),
            _change("supplied", old["supplied"], new["supplied"], new),
        ),
        criteria=tuple(_criterion(key, old[key], new[key]) for key in CRITERIA),
        batches=tuple(
            NumberChange(key, old["batches"].get(key, 0), count)
            for key, count in new["batches"].items()
            if old["batches"].get(key, 0) != count
        ),
        settings=_pair(_settings(old), _settings(new)),
        definitions=_pair(old["definitions"]["version"], new["definitions"]["version"]),
    )


def _pair(old: Any, new: Any) -> Any:
    return None if old == new else (old, new)


def _settings(document: Document) -> str:
    found = document["protocol"]
    return f"{found['code']} v{found['version']}"


def _stage(document: Document, key: str) -> Sequence[str]:
    return next((one["subjects"] for one in document["stages"] if one["key"] == key), ())


def _change(key: str, old: Sequence[str], new: Sequence[str], document: Document) -> Change:
    return Change(
        key=key,
        before=len(old),
        after=len(new),
        entered=tuple(sorted(set(new) - set(old))),
        left=tuple(Left(code, _reason(code, key, document)) for code in sorted(set(old) - set(new))),
    )


def _reason(code: str, key: str, document: Document) -> str | None:
    """Why a subject is in a list no more, as far as the later document says it."""
    if key not in STAGES:
        return None
    if code in document["fell"]:
        return LATE_FAILURE
    if key in FINAL_STAGES and code in _stage(document, key.removesuffix("_final")):
        return NOT_FINAL
    return next((one["reason"] for one in document["drops"] if one["subject"] == code and one["reason"]), None)


def _criterion(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> CriterionChange:
    before, after = ((one["numerator"], one["denominator"]) for one in (old, new))
    return CriterionChange(key, before, after, old["rule"], new["rule"], old["met"], new["met"])
