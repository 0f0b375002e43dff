"""Controlled documents: versions of what the work is judged by. Author and approvers are different people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import N_, Refusal, kind


class DocumentStatus(StrEnum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    EFFECTIVE = "effective"
    RETIRED = "retired"


DOCUMENT = Lifecycle(
    record="document",
    states=DocumentStatus,
    transitions=(
        Transition("amend", states(DocumentStatus.DRAFT), DocumentStatus.DRAFT, "document:draft"),
        # The first of the approvals: somebody else than the author has read it.
        Transition("review", states(DocumentStatus.DRAFT), DocumentStatus.REVIEWED, "document:approve"),
        Transition(
            "approve",
            states(DocumentStatus.DRAFT, DocumentStatus.REVIEWED),
            DocumentStatus.EFFECTIVE,
            "document:approve",
            meaning=("approved",),
        ),
        Transition(
            "retire",
            states(DocumentStatus.DRAFT, DocumentStatus.REVIEWED, DocumentStatus.EFFECTIVE),
            DocumentStatus.RETIRED,
            "document:approve",
            meaning=("retired",),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """``approvals``: the roles that must each approve, by different people. ``check``: what is wrong with a body.

    ``drafts``: the permission to draft one. ``by_code``: each code is in force beside the others (one for each
    instrument); otherwise one version of the kind is.
    """

    name: str
    title: str
    approvals: tuple[str, ...]
    check: Callable[[dict[str, Any]], tuple[Refusal, ...]]
    drafts: str = "document:draft"
    by_code: bool = False


KINDS: dict[str, DocumentKind] = {}


def document_kind(
    name: str,
    title: str,
    *,
    approvals: tuple[str, ...],
    check: Callable[[dict[str, Any]], tuple[Refusal, ...]],
    drafts: str = "document:draft",
    by_code: bool = False,
) -> str:
    KINDS[name] = DocumentKind(name, title, approvals, check, drafts, by_code)
    return name


@dataclass(frozen=True, slots=True)
class Preset:
    """A body that comes with the installation; it enters as a draft and means nothing until it is approved."""

    kind: str
    code: str
    title: str
    body: dict[str, Any]


PRESETS: dict[str, Preset] = {}

NO_EFFECTIVE_DOCUMENT = kind(
    "NO_EFFECTIVE_DOCUMENT",
    409,
    N_("There is no effective version of the %(kind)s; it must be approved by two people first."),
    resolver=N_("QA and the QP"),
    next_step=N_("Open Administration › Documents and have the draft approved."),
)
DOCUMENT_INVALID = kind(
    "DOCUMENT_INVALID",
    422,
    N_("The document cannot be used: %(problem)s."),
    resolver=N_("the author"),
    next_step=N_("Correct the draft."),
)
DRAFT_OF_ANOTHER = kind(
    "DRAFT_OF_ANOTHER",
    403,
    N_("This draft was written by %(author)s; whoever changed it would approve his own words."),
    resolver=N_("the author of the draft"),
    next_step=N_("Ask the author, or draft a version of your own."),
)
ALREADY_APPROVED = kind(
    "ALREADY_APPROVED",
    409,
    N_("The approval as %(role)s is already given."),
    resolver=N_("nobody: one signature per role is enough"),
    next_step=N_("Wait for the other approval."),
)
