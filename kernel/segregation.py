"""A different person: the one rule behind S1-S12, on person ids, never on roles or accounts."""

from __future__ import annotations

from collections.abc import Iterable

from kernel.refusals import N_, Refusal, RefusalKind, kind

SOD_ACCESS = kind(
    "SOD_ACCESS",
    403,
    N_("The person who requested an access may not approve it, and nobody grants himself anything."),
    resolver=N_("another QA officer"),
    next_step=N_("Ask a colleague in QA to approve the request."),
)
SOD_ADMIN = kind(
    "SOD_ADMIN",
    403,
    N_("An administrator holds no other role and signs no record of the product."),
    resolver=N_("nobody: the two are kept apart"),
    next_step=N_("Give the other role to another person."),
)
SOD_MASTER = kind(
    "SOD_MASTER",
    403,
    N_("The author of a version may not approve it, and each approval needs another person."),
    resolver=N_("another person with the role"),
    next_step=N_("Ask a colleague to read and approve it."),
)
SOD_SECOND = kind(
    "SOD_SECOND",
    403,
    N_("The second person must be somebody else than the first."),
    resolver=N_("a colleague"),
    next_step=N_("Let a colleague enter id and password."),
)


def another_person(person_id: str, involved: Iterable[str | None], refusal: RefusalKind) -> tuple[Refusal, ...]:
    """The refusal when this person is among those already involved."""
    return (refusal(),) if person_id in set(involved) else ()
