"""Which label key signs and which is revoked: asked for by one person, approved by another (requirements QR-1).

The secret bytes are in a file of the server; here are only letters and fingerprints. The newest key that was put in use
signs new prints, older ones verify the prints they made. A revoked key speaks for nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import MISSING_REASON, N_, Refusal, kind
from kernel.segregation import SOD_ACCESS

_ADMINISTRATOR = N_("the administrator")
FINGERPRINT = 16

LABEL_KEY_MISSING = kind(
    "LABEL_KEY_MISSING",
    409,
    N_("Label key %(key)s is not on this server, or is another one there."),
    resolver=_ADMINISTRATOR,
    next_step=N_("Bring the file of label keys back from the backup, or make a key and have it put in use."),
)
LABEL_KEY_NONE = kind(
    "LABEL_KEY_NONE",
    409,
    N_("No label is printed: key %(key)s, which signed new labels, was revoked."),
    resolver=N_("the administrator, with QA"),
    next_step=N_("Have another key put in use; then print."),
)
LABEL_KEY_STANDS = kind(
    "LABEL_KEY_STANDS",
    409,
    N_("Label key %(key)s is already as asked: %(state)s."),
    resolver=N_("nobody"),
    next_step=N_("Open the page of the label keys; it shows what each key does now."),
)
LABEL_KEY_WAITS = kind(
    "LABEL_KEY_WAITS",
    409,
    N_("A change of label key %(key)s waits for its approval already."),
    resolver=N_("QA"),
    next_step=N_("Let QA approve or decline it first."),
)


class KeyChange(StrEnum):
    """``USE``: it signs every new print. ``REVOKE``: for good; its labels identify nothing until they are reprinted."""

    USE = "use"
    REVOKE = "revoke"


ASKED_FOR = {KeyChange.USE: N_("put in use"), KeyChange.REVOKE: N_("revoke for good")}


class KeyChangeStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"


class KeyState(StrEnum):
    SIGNS = "signs new labels"
    VERIFIES = "only verifies"
    REVOKED = "revoked"
    MISSING = "not on this server"


@dataclass(frozen=True, slots=True)
class ApprovedChange:
    """In the order in which they were approved."""

    key: str
    change: KeyChange
    fingerprint: str


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """``fingerprints``: of the keys on this server, by letter. ``first``: the one that signs where nothing was approved.

    ``asked``: the fingerprint that was approved or is asked for now; empty before there is a request.
    """

    key: str
    change: KeyChange
    fingerprints: tuple[tuple[str, str], ...]
    first: str
    approved: tuple[ApprovedChange, ...]
    asked: str = ""
    requested_by: str = ""
    actor: str = ""
    reason: str = ""


def fingerprint(key: bytes) -> str:
    """Names a key without telling it: 64 of the 256 bits of its SHA-256."""
    return hashlib.sha256(key).hexdigest()[:FINGERPRINT]


def signing(first: str, approved: Iterable[ApprovedChange]) -> ApprovedChange:
    """The key put in use last; the installation's first one where none was."""
    used = [one for one in approved if one.change is KeyChange.USE]
    return used[-1] if used else ApprovedChange(first, KeyChange.USE, "")


def revoked(approved: Iterable[ApprovedChange]) -> frozenset[str]:
    return frozenset(one.key for one in approved if one.change is KeyChange.REVOKE)


def state_of(facts: KeyFacts) -> KeyState:
    """What the key does now."""
    if facts.key in revoked(facts.approved):
        return KeyState.REVOKED
    now = signing(facts.first, facts.approved)
    here = dict(facts.fingerprints).get(facts.key)
    if here is None or (now.key == facts.key and now.fingerprint not in {"", here}):
        return KeyState.MISSING
    return KeyState.SIGNS if now.key == facts.key else KeyState.VERIFIES


def signing_refusals(facts: KeyFacts) -> tuple[Refusal, ...]:
    """Why nothing can be printed with the key that signs now (``facts.key``)."""
    state = state_of(facts)
    if state is KeyState.REVOKED:
        return (LABEL_KEY_NONE(key=facts.key),)
    return (LABEL_KEY_MISSING(key=facts.key),) if state is KeyState.MISSING else ()


def the_change_changes_something(facts: KeyFacts) -> Refusal | None:
    """A revoked key stays revoked; the one that signs is not put in use again."""
    state = state_of(facts)
    ends = {KeyState.REVOKED} | ({KeyState.SIGNS} if facts.change is KeyChange.USE else set())
    return LABEL_KEY_STANDS(key=facts.key, state=state.value) if state in ends else None


def the_key_is_on_the_server(facts: KeyFacts) -> Refusal | None:
    """To sign it must be there, and be the one that was asked for; a lost key can still be revoked."""
    here = dict(facts.fingerprints).get(facts.key)
    fits = here is not None and facts.asked in {"", here}
    return None if fits or facts.change is KeyChange.REVOKE else LABEL_KEY_MISSING(key=facts.key)


def somebody_else_approves(facts: KeyFacts) -> Refusal | None:
    return None if facts.actor and facts.actor != facts.requested_by else SOD_ACCESS()


def a_decline_has_its_reason(facts: KeyFacts) -> Refusal | None:
    return MISSING_REASON(field="reason") if len(facts.reason.strip()) < 5 else None


def request_refusals(facts: KeyFacts, *, waiting: bool) -> tuple[Refusal, ...]:
    """``waiting``: another change of this key is not decided yet."""
    found = [the_change_changes_something(facts), the_key_is_on_the_server(facts)]
    found.append(LABEL_KEY_WAITS(key=facts.key) if waiting else None)
    return tuple(one for one in found if one)


_S = KeyChangeStatus
LABEL_KEY = Lifecycle(
    "label key change",
    KeyChangeStatus,
    (
        Transition(
            "approve",
            states(_S.REQUESTED),
            _S.APPROVED,
            "label_key:approve",
            ("approved",),
            (somebody_else_approves, the_change_changes_something, the_key_is_on_the_server),
        ),
        Transition(
            "decline",
            states(_S.REQUESTED),
            _S.DECLINED,
            "label_key:approve",
            ("declined",),
            (a_decline_has_its_reason,),
        ),
    ),
)
