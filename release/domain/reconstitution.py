"""Thawing, washing and diluting after the release: a record of its own beside the certified one (ATMP-16-RECON).

The steps come from the process version the batch was made by. The first one starts the in-use time, and the product is
used before it and its expiry, whichever is earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kernel.quantities import expanded
from kernel.refusals import FUTURE_TIME, N_, Refusal, kind
from manufacturing.domain.expiry import hours, is_expired, local_text
from manufacturing.domain.plan import Reconstitution
from manufacturing.domain.trial import TIME_ORDER
from release.domain.decisions import Disposition
from release.domain.dispensing import ALLOWING
from release.domain.dispensing_refusals import NOT_CERTIFIED

RECON_NOT_PLANNED = kind(
    "RECON_NOT_PLANNED",
    409,
    N_("The process version of this batch gives no instruction for a reconstitution."),
    resolver=N_("nobody: it would be another process"),
    next_step=N_("Give it as it is."),
)
RECON_COMPLETE = kind(
    "RECON_COMPLETE",
    409,
    N_("Every step of the reconstitution of %(container)s is on record."),
    resolver=N_("nobody"),
    next_step=N_("Give it before %(until)s."),
)
RECON_EXPIRED = kind(
    "RECON_EXPIRED",
    409,
    N_("%(container)s was to be used before %(until)s."),
    resolver=N_("the pharmacist"),
    next_step=N_("Do not use it; it is destroyed by two people."),
)
RECON_VOLUME = kind(
    "RECON_VOLUME",
    422,
    N_("%(volume)s mL is no volume after this step."),
    resolver=N_("you"),
    next_step=N_("Enter the volume in the container after the step, above 0."),
)


@dataclass(frozen=True, slots=True)
class ReconFacts:
    """One step to be recorded. ``done``: how many are; ``last_at``: when the newest was done, or the fill."""

    container: str
    planned: Reconstitution | None
    done: int
    disposition: Disposition | None
    usable_until: datetime | None
    last_at: datetime
    done_at: datetime
    now: datetime
    volume_ml: Decimal


def recon_refusals(facts: ReconFacts) -> tuple[Refusal, ...]:
    """Why this step was not done so; without an instruction there is no other reason."""
    if facts.planned is None:
        return (RECON_NOT_PLANNED(),)
    until = local_text(facts.usable_until) if facts.usable_until else "–"
    if facts.done >= len(facts.planned.steps):
        return (RECON_COMPLETE(container=facts.container, until=until),)
    checks = (
        (facts.disposition not in ALLOWING, NOT_CERTIFIED(state=facts.disposition or "–")),
        (is_expired(facts.usable_until, facts.done_at), RECON_EXPIRED(container=facts.container, until=until)),
        (facts.done_at > facts.now, FUTURE_TIME(name=N_("The step"), field="done_at")),
        (facts.done_at < facts.last_at, TIME_ORDER(name=N_("The step"), earlier=N_("the one before"), field="done_at")),
        (facts.volume_ml <= 0, RECON_VOLUME(volume=expanded(facts.volume_ml), field="volume_ml")),
    )
    return tuple(refusal for wrong, refusal in checks if wrong)


def usable_until(expires_at: datetime, first_at: datetime | None, planned: Reconstitution | None) -> datetime:
    """The expiry, or the end of the in-use time where the reconstitution has begun and that is earlier."""
    if first_at is None or planned is None:
        return expires_at
    return min(expires_at, first_at + hours(planned.in_use_hours))
