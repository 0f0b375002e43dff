"""When a trial may be closed, and a subject's observation ended: everything that is still open is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from kernel.refusals import FUTURE_TIME, MISSING_FIELD, N_, Refusal, kind
from manufacturing.domain.trial import TIME_ORDER

TRIAL_CONTAINERS_LEFT = kind(
    "TRIAL_CONTAINERS_LEFT",
    409,
    N_("Containers may still be given, or are on their way: %(records)s."),
    resolver=N_("pharmacy and ward"),
    next_step=N_("Record what became of each of them, or destroy what nobody will get any more."),
)
TRIAL_SUBJECTS_OBSERVED = kind(
    "TRIAL_SUBJECTS_OBSERVED",
    409,
    N_("Subjects are still under observation, or nobody recorded how they ended: %(records)s."),
    resolver=N_("the trial team"),
    next_step=N_("End the observation of each of them, or conclude them with the reason."),
)
TRIAL_RECORDS_OPEN = kind(
    "TRIAL_RECORDS_OPEN",
    409,
    N_("Still open: %(what)s %(records)s."),
    resolver=N_("whoever sees to these records"),
    next_step=N_("Open each of them and bring it to its end."),
)
OBSERVATION_RUNS = kind(
    "OBSERVATION_RUNS",
    409,
    N_("Subject %(code)s is observed until %(until)s."),
    resolver=N_("the trial team"),
    next_step=N_("Wait for the last day of observation. Whoever died or withdrew is concluded with that reason."),
)
NOT_INFUSED = kind(
    "NOT_INFUSED",
    409,
    N_("Nothing was given to subject %(code)s, so there is no observation to complete."),
    resolver=N_("the trial team"),
    next_step=N_("Conclude the subject with the reason."),
)
REACTIONS_OPEN = kind(
    "REACTIONS_OPEN",
    409,
    N_("The reactions of subject %(code)s are not all recorded and decided."),
    resolver=N_("the treating physician and the sponsor's adjudicator"),
    next_step=N_("Record them, or that there were none; then have each severe one decided."),
)

OPEN_RECORDS = {
    "collections": N_("collections"),
    "batches": N_("batches"),
    "orders": N_("orders"),
    "holds": N_("holds on"),
    "deviations": N_("deviations"),
    "failures": N_("results out of specification"),
    "defects": N_("defect reports"),
    "lookbacks": N_("look-backs"),
    "recalls": N_("recalls"),
    "reactions": N_("reactions waiting for the adjudicator, of"),
    "reports": N_("safety reports about"),
    "checks": N_("quality checks"),
}


@dataclass(frozen=True, slots=True)
class TrialEnd:
    """What a trial is closed by; every tuple holds the codes or numbers of what is still open.

    ``containers``: those that may still be given, and those that left the pharmacy with nothing recorded of them.
    ``last_given_on``, ``last_included_on``: the trial cannot have ended before.
    """

    ended_on: date
    today: date
    last_given_on: date | None = None
    last_included_on: date | None = None
    containers: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()
    lookbacks: tuple[str, ...] = ()
    recalls: tuple[str, ...] = ()
    reactions: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


def end_refusals(facts: TrialEnd) -> tuple[Refusal, ...]:
    """Every reason why the trial cannot be closed with this day as its end."""
    return (*day_refusals(facts), *open_refusals(facts))


def day_refusals(facts: TrialEnd) -> tuple[Refusal, ...]:
    """The end of the trial starts clocks of decades: never in the future, nor before anything that was done."""
    name = N_("The day the trial ended")
    if facts.ended_on > facts.today:
        return (FUTURE_TIME(name=name, field="ended_on"),)
    if facts.last_given_on is not None and facts.ended_on < facts.last_given_on:
        return (TIME_ORDER(name=name, earlier=N_("the last infusion"), field="ended_on"),)
    if facts.last_included_on is not None and facts.ended_on < facts.last_included_on:
        return (TIME_ORDER(name=name, earlier=N_("the last inclusion"), field="ended_on"),)
    return ()


def open_refusals(facts: TrialEnd) -> tuple[Refusal, ...]:
    """What has no end yet: containers, subjects under observation, and each kind of ``OPEN_RECORDS``, by its numbers."""
    refusals: list[Refusal] = []
    if facts.containers:
        refusals.append(TRIAL_CONTAINERS_LEFT(records=", ".join(facts.containers)))
    if facts.subjects:
        refusals.append(TRIAL_SUBJECTS_OBSERVED(records=", ".join(facts.subjects)))
    for name, what in OPEN_RECORDS.items():
        if found := getattr(facts, name):
            refusals.append(TRIAL_RECORDS_OPEN(what=what, records=", ".join(found)))
    return tuple(refusals)


def due_dates(last_given_on: date, days: tuple[int, ...]) -> tuple[date, ...]:
    """Days of the follow-up in the calendar of Amsterdam, counted from the last infusion (TR-S6)."""
    return tuple(last_given_on + timedelta(days=one) for one in sorted(days))


@dataclass(frozen=True, slots=True)
class Observation:
    """``counted``: in the feasibility figure F; whoever is not needs the one primary reason (TR-F3).

    ``settled``: for every infusion reactions are recorded, or that there were none, and none waits for the adjudicator.
    """

    code: str
    last_given_on: date | None
    due: tuple[date, ...]
    settled: bool
    counted: bool


def completing_refusals(facts: Observation, drop_reason: str | None, today: date) -> tuple[Refusal, ...]:
    """Why the observation of this subject cannot be ended as complete."""
    if facts.last_given_on is None:
        return (NOT_INFUSED(code=facts.code),)
    refusals: list[Refusal] = []
    if facts.due and today < max(facts.due):
        refusals.append(OBSERVATION_RUNS(code=facts.code, until=max(facts.due)))
    if not facts.settled:
        refusals.append(REACTIONS_OPEN(code=facts.code))
    if not facts.counted and not drop_reason:
        refusals.append(MISSING_FIELD(name=N_("Primary reason"), field="drop_reason"))
    return tuple(refusals)
