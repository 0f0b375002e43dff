"""Accounts: states, password rules, lock-out. No sharing, no defaults, no known secrets."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.clock import PEOPLE
from kernel.lifecycle import Lifecycle, Transition, states
from kernel.refusals import N_, Refusal, kind

MINIMUM_LENGTH = 15
MAXIMUM_LENGTH = 128
ATTEMPTS = 5
LOCK_TIME = timedelta(minutes=15)
IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
LINK_LIFE = timedelta(hours=72)
STATEMENT_VERSION = "1"


class PersonStatus(StrEnum):
    """LOCKED is never stored: it is an active account before the time that five wrong passwords set (P11-300d)."""

    REQUESTED = "requested"
    IDENTITY_VERIFIED = "identity_verified"
    ACTIVE = "active"
    LOCKED = "locked"
    DEACTIVATED = "deactivated"


class GrantStatus(StrEnum):
    REQUESTED = "requested"
    ACTIVE = "active"
    REFUSED = "refused"
    REVOKED = "revoked"


class LinkStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    USED = "used"
    VOID = "void"


WORKING = (PersonStatus.REQUESTED, PersonStatus.IDENTITY_VERIFIED, PersonStatus.ACTIVE, PersonStatus.LOCKED)


def staying(action: str, permission: str, *sources: PersonStatus, meaning: tuple[str, ...] = ()) -> list[Transition]:
    """An act that leaves the account in the state it is in."""
    return [Transition(action, states(one), one, permission, meaning) for one in sources]


PERSON = Lifecycle(
    record="person",
    states=PersonStatus,
    transitions=(
        Transition(
            "approve",
            states(PersonStatus.REQUESTED),
            PersonStatus.IDENTITY_VERIFIED,
            "account:approve",
            meaning=("approved",),
        ),
        *staying("approve", "account:approve", *WORKING[1:], meaning=("approved",)),
        Transition("activate", states(*WORKING[1:]), PersonStatus.ACTIVE, "account:activate"),
        Transition("lock", states(PersonStatus.ACTIVE), PersonStatus.LOCKED, "account:lock"),
        Transition("unlock", states(PersonStatus.LOCKED), PersonStatus.ACTIVE, "account:lock"),
        *staying("request a role", "account:request", *WORKING),
        *staying("new link", "account:request", *WORKING),
        Transition("deactivate", states(*WORKING), PersonStatus.DEACTIVATED, "account:deactivate"),
    ),
)
"""The person activates with link and code, no role of anybody does it; five wrong passwords lock, time unlocks."""


def person_state(status: str, locked_until: datetime | None, now: datetime) -> PersonStatus:
    if status == PersonStatus.ACTIVE and locked_until is not None and now < locked_until:
        return PersonStatus.LOCKED
    return PersonStatus(status)


AUTH_BAD_SIGNATURE = kind(
    "AUTH_BAD_SIGNATURE",
    401,
    N_("User id or password is not right. After five wrong attempts the account waits fifteen minutes."),
    resolver=N_("you"),
    next_step=N_("Type your own id and password again."),
)
AUTH_OTHER_PERSON = kind(
    "AUTH_OTHER_PERSON",
    401,
    N_("The first signature belongs to the person who is signed in here (%(name)s)."),
    resolver=N_("you"),
    next_step=N_("Sign with your own id and password, or switch user."),
)
AUTH_LOCKED = kind(
    "AUTH_LOCKED",
    401,
    N_("This account is locked after repeated wrong passwords, until %(until)s."),
    resolver=N_("QA and the administrator"),
    next_step=N_("Wait, or ask for a one-time link if the password is lost."),
)
AUTH_SESSION_EXPIRED = kind(
    "AUTH_SESSION_EXPIRED",
    401,
    N_("You are not signed in, or the session has ended."),
    resolver=N_("you"),
    next_step=N_("Sign in; what you typed is kept in the open page."),
)
AUTH_LINK = kind(
    "AUTH_LINK",
    401,
    N_("This link or its code is not valid: used, expired, not approved yet, or mistyped."),
    resolver=N_("the administrator and the QA officer who approved it"),
    next_step=N_("Check the code, or ask for a new link."),
)
PASSWORD_WEAK = kind(
    "PASSWORD_WEAK",
    422,
    N_(
        "Choose a password of 15 to 128 characters that is not on the list of common ones and does not contain your id."
    ),
    resolver=N_("you"),
    next_step=N_("Four or five unrelated words make a good password."),
)
PASSWORD_USED = kind(
    "PASSWORD_USED",
    422,
    N_("You had this password before."),
    resolver=N_("you"),
    next_step=N_("Choose one that you never had here."),
)
STATEMENT_NOT_ACCEPTED = kind(
    "STATEMENT_NOT_ACCEPTED",
    422,
    N_("You have to accept that your electronic signature binds you like your handwritten one."),
    resolver=N_("you"),
    next_step=N_("Read the statement and tick it."),
)
UNKNOWN_ROLE = kind(
    "UNKNOWN_ROLE",
    422,
    N_("There is no role “%(role)s”."),
    resolver=N_("you"),
    next_step=N_("Choose roles from the list."),
)

COMMON = frozenset(
    [
        "password1234567",
        "passwordpassword",
        "123456789012345",
        "1234567890123456",
        "qwertyuiopasdfgh",
        "qwertyuiop123456",
        "wachtwoordwachtwoord",
        "welkomwelkom1234",
        "welkom123456789",
        "administrator1234",
        "correcthorsebatterystaple",
        "iloveyouiloveyou",
        "aaaaaaaaaaaaaaa",
        "111111111111111",
        "000000000000000",
        "letmeinletmein12",
        "changemechangeme",
        "leukaferese12345",
        "naturalkillercell",
        "nktracenktrace12",
        "ziekenhuis123456",
    ]
)
CONTEXT = ("nktrace", "welkom", "password", "wachtwoord")


def normal_password(password: str) -> str:
    """NFKC, so that the same keys give the same password on every keyboard (SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)


def password_refusals(password: str, login: str) -> tuple[Refusal, ...]:
    """Length in code points, blocklist, context words; no composition rules, no expiry."""
    normal = normal_password(password)
    folded = normal.casefold()
    leftover = folded
    for word in CONTEXT:
        leftover = leftover.replace(word, "")
    weak = (
        not MINIMUM_LENGTH <= len(normal) <= MAXIMUM_LENGTH
        or folded in COMMON
        or login.casefold() in folded
        or len(set(folded)) < 5
        or len(leftover) < 8
    )
    return (PASSWORD_WEAK(field="password"),) if weak else ()


def lock_refusals(locked_until: datetime | None, now: datetime) -> tuple[Refusal, ...]:
    if locked_until is not None and now < locked_until:
        return (AUTH_LOCKED(until=locked_until.astimezone(PEOPLE).strftime("%H:%M %Z")),)
    return ()
