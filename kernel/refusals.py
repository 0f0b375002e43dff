"""What the system says when it says no: a stable code, a sentence, who can resolve it, the next step.

Sentences are message ids (English) with ``%(name)s`` places; pages and API translate them when they are read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kernel.words import Fact, as_fact, told

CATALOGUE: dict[str, RefusalKind] = {}


def N_(message: str) -> str:
    """Mark a sentence for translation; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class RefusalKind:
    """One code of the catalogue; calling it with the facts of a case gives the refusal."""

    code: str
    status: int
    sentence: str
    resolver: str
    next_step: str

    def __call__(self, **facts: Any) -> Refusal:
        return Refusal(self.code, tuple(sorted((name, as_fact(value)) for name, value in facts.items())))


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason not to do something. ``field`` among the facts names the form field it belongs to.

    A fact is text (a code, a number, a message id), :class:`Words` of a document, or a row of these.
    """

    code: str
    facts: tuple[tuple[str, Fact], ...] = field(default=())

    @property
    def kind(self) -> RefusalKind:
        return CATALOGUE[self.code]

    @property
    def status(self) -> int:
        return self.kind.status

    def fact(self, name: str) -> Fact | None:
        return dict(self.facts).get(name)

    def at_field(self, name: str) -> Refusal:
        """The same, beside this field of the form."""
        return Refusal(self.code, tuple(sorted({**dict(self.facts), "field": name}.items())))

    def __str__(self) -> str:
        return self.kind.sentence % {name: told(fact, str) for name, fact in self.facts}


def kind(code: str, status: int, sentence: str, *, resolver: str, next_step: str) -> RefusalKind:
    """Enter a code into the catalogue. Codes are stable for ever and defined once.

    ``status``: 401 for AUTH, 403 for role, separation and training, 409 for state, guard and stale pages,
    422 for fields (requirements 0.3).
    """
    if code in CATALOGUE:
        raise ValueError(f"refusal code {code} is defined twice")
    CATALOGUE[code] = RefusalKind(code, status, sentence, resolver, next_step)
    return CATALOGUE[code]


STATE_NOT_ALLOWED = kind(
    "STATE_NOT_ALLOWED",
    409,
    N_("“%(action)s” is not possible while the %(record)s is “%(state)s”."),
    resolver=N_("you, on the page as it is now"),
    next_step=N_(
        "Open the page again: it shows the state now and what can be done in it. A page that was opened earlier does not "
        "follow what is done elsewhere."
    ),
)
STALE_VERSION = kind(
    "STALE_VERSION",
    409,
    N_("This page was opened before something it rests on changed (%(changed)s). Nothing was saved."),
    resolver=N_("you"),
    next_step=N_("Read the record again, then repeat the action."),
)
ROLE_NOT_ALLOWED = kind(
    "ROLE_NOT_ALLOWED",
    403,
    N_("Your role does not allow this."),
    resolver=N_("a person with the role; roles are requested from the administrator and approved by QA"),
    next_step=N_("Ask a colleague who holds the role."),
)
SECOND_ROLE_NOT_ALLOWED = kind(
    "SECOND_ROLE_NOT_ALLOWED",
    403,
    N_("%(name)s may not sign this as the second person: the role for it is missing."),
    resolver=N_("a second person with the role; roles are requested from the administrator and approved by QA"),
    next_step=N_("Let a colleague who holds the role give id and password as the second person."),
)
MISSING_REASON = kind(
    "MISSING_REASON",
    422,
    N_("Say why, in words another person understands; one character or “typo” is not a reason."),
    resolver=N_("you"),
    next_step=N_("Write the reason and send the form again."),
)
MISSING_FIELD = kind(
    "MISSING_FIELD",
    422,
    N_("%(name)s is missing."),
    resolver=N_("you"),
    next_step=N_("Fill in the field and send the form again."),
)
FUTURE_TIME = kind(
    "FUTURE_TIME",
    422,
    N_("%(name)s lies in the future."),
    resolver=N_("you"),
    next_step=N_("Enter the time at which it really happened; the server's clock is the reference."),
)
ID_FORMAT = kind(
    "ID_FORMAT",
    422,
    N_("%(name)s does not have the right form: %(expected)s."),
    resolver=N_("you"),
    next_step=N_("Scan or type the code again."),
)
DUPLICATE_ID = kind(
    "DUPLICATE_ID",
    409,
    N_("%(name)s %(value)s is already in use; an identifier is never used twice, also not of a voided record."),
    resolver=N_("you"),
    next_step=N_("Check the code on the paper; if it is right, tell QA that it was used before."),
)
PII_IN_FIELD = kind(
    "PII_IN_FIELD",
    422,
    N_(
        "%(name)s looks like a personal datum (%(pattern)s). Names, birth dates and hospital numbers do not belong here."
    ),
    resolver=N_("you"),
    next_step=N_("Use the code of the subject or donor instead."),
)
INTEGRITY_FAILURE = kind(
    "INTEGRITY_FAILURE",
    409,
    N_("The records do not agree with their trail or signatures (%(what)s). Nothing may be decided on them."),
    resolver=N_("QA and the administrator"),
    next_step=N_("Stop, keep the product where it is, and call QA."),
)
