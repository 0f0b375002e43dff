"""The product dossier of the trial (IMPD or PSF) as a controlled document: which versions it authorises (CTR-IMPD).

One more thing is settled in it, because QP and sponsor sign it together: whether a small laboratory lets whoever signed
the QA review certify as well (S11).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.documents.domain import DOCUMENT_INVALID, document_kind
from kernel.refusals import N_, Refusal, kind

VERSION_NOT_AUTHORISED = kind(
    "VERSION_NOT_AUTHORISED",
    409,
    N_("%(version)s is not among the versions that the dossier of the trial authorises (%(dossiers)s)."),
    resolver=N_("the sponsor delegate and the QP"),
    next_step=N_(
        "Have the dossier amended and approved, or reject the batch; it was made or judged by another version."
    ),
)
KINDS = ("process", "specification")
TEXTS = ("dossier", "edition")
WHOLE = frozenset({*TEXTS, "authorised", "reviewer_may_certify"})
ENTRY = frozenset({"kind", "code", "number"})


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a controlled document as the dossier names it."""

    kind: str
    code: str
    number: int

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"


@dataclass(frozen=True, slots=True)
class Dossier:
    """``title`` and ``edition``: of the paper that the authority approved; ``version``: of the document in force here."""

    title: str
    edition: str
    version: str
    authorised: frozenset[Version]
    reviewer_may_certify: bool = False

    def __str__(self) -> str:
        return f"{self.title} {self.edition} ({self.version})"


def dossier_refusals(body: dict[str, Any]) -> tuple[Refusal, ...]:
    return tuple(DOCUMENT_INVALID(problem=problem, field="text") for problem in _problems(body))


def _problems(body: dict[str, Any]) -> Iterable[str]:
    unknown = sorted(set(body) - WHOLE)
    if unknown:
        yield f"unknown entry {', '.join(unknown)}"
    for name in TEXTS:
        if not isinstance(body.get(name), str) or not body[name].strip():
            yield f"{name} is missing"
    if not isinstance(body.get("reviewer_may_certify"), bool):
        yield "reviewer_may_certify: true or false is expected"
    entries = body.get("authorised")
    if not isinstance(entries, list) or not all(map(_is_version, entries)):
        yield "authorised: a list of kind, code and number is expected"
        return
    for name in KINDS:
        if name not in {one["kind"] for one in entries}:
            yield f"no {name} is authorised"


def _is_version(entry: Any) -> bool:
    named = isinstance(entry, dict) and set(entry) == ENTRY and entry["kind"] in KINDS
    return named and isinstance(entry["code"], str) and isinstance(entry["number"], str) and entry["number"].isdigit()


def read_dossier(body: dict[str, Any], version: str) -> Dossier:
    """A body that was approved."""
    authorised = frozenset(Version(one["kind"], one["code"], int(one["number"])) for one in body["authorised"])
    return Dossier(body["dossier"], body["edition"], version, authorised, body["reviewer_may_certify"])


def authorised_refusals(used: Sequence[Version], dossiers: Sequence[Dossier]) -> tuple[Refusal, ...]:
    """Process and specification of a batch must stand in one and the same dossier; every version that does not."""
    if any(set(used) <= one.authorised for one in dossiers):
        return ()
    known = frozenset[Version]().union(*(one.authorised for one in dossiers))
    wrong = [one for one in used if one not in known] or list(used)
    return tuple(VERSION_NOT_AUTHORISED(version=one, dossiers="; ".join(map(str, dossiers))) for one in wrong)


DOSSIER = document_kind("dossier", N_("product dossier"), approvals=("QP", "Sp"), check=dossier_refusals, by_code=True)
