"""Who has to hear of a serious reaction, and by when; NKTrace keeps the clocks and the records, it reports nothing.

Source: requirement TR-S3 (Regulation 536/2014 art. 41 and 42): the investigator tells the sponsor within 24 hours; the
sponsor reports a suspected unexpected serious adverse reaction (SUSAR) within 7 days where it was fatal or life-threatening, and
what follows of it within 8 days more; within 15 days otherwise. And TR-S5 (Directive 2006/86 art. 5 to 7): one that may
be linked to the donation or the procurement goes to the tissue establishment, which tells TRIP and the inspectorate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kernel.refusals import FUTURE_TIME, N_, Refusal, kind
from manufacturing.domain.lookbacks import REPORT_WITHIN
from manufacturing.domain.trial import TIME_ORDER


class ReportKind(StrEnum):
    """``FOLLOW_UP``: of a report on a fatal or life-threatening one. ``NOT_SUSAR``: the sponsor's signed judgement that
    the authorities need not know; ``NO_LINK``: that of QA, that it is not due to the donation."""

    SPONSOR = "sponsor"
    AUTHORITY = "authority"
    NOT_SUSAR = "not_susar"
    FOLLOW_UP = "authority_follow_up"
    DONATION = "tissue_establishment"
    NO_LINK = "not_donation"


JUDGED = {ReportKind.NOT_SUSAR: ReportKind.AUTHORITY, ReportKind.NO_LINK: ReportKind.DONATION}
"""Which report a judgement makes unnecessary."""
SUSPECTED = frozenset({"possible", "probable", "definite", "pending"})
"""A relation that nobody has decided yet counts until somebody has."""

REPORT_NOT_ASKED = kind(
    "REPORT_NOT_ASKED",
    409,
    N_(
        "No such report is asked for: the reaction is not serious, nobody suspects the product, or the report before "
        "it is not recorded."
    ),
    resolver=N_("nobody"),
    next_step=N_("Open the list of reports: it names what is asked for and what is recorded."),
)
REPORT_RECORDED = kind(
    "REPORT_RECORDED",
    409,
    N_("This report is recorded already (%(reference)s)."),
    resolver=N_("nobody"),
    next_step=N_("Open the list of reports."),
)
FATAL_IS_SERIOUS = kind(
    "FATAL_IS_SERIOUS",
    422,
    N_("Death (grade 5) and danger to life are serious, and death is “fatal or life-threatening”."),
    resolver=N_("you"),
    next_step=N_("Answer grade, seriousness and danger to life so that they agree."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionFacts:
    """``known_at``: since when the investigator knows. ``life_threatening``: fatal or life-threatening; None unanswered,
    which counts as yes. The ``…_at`` of reports: when they were made; ``judged_at``: not a SUSAR; ``no_link_at``: not due
    to the donation."""

    serious: bool
    relatedness: str
    life_threatening: bool | None
    known_at: datetime
    sponsor_told_at: datetime | None = None
    authority_told_at: datetime | None = None
    judged_at: datetime | None = None
    followed_up_at: datetime | None = None
    donation_told_at: datetime | None = None
    no_link_at: datetime | None = None

    @property
    def suspected(self) -> bool:
        return self.serious and self.relatedness in SUSPECTED

    @property
    def grave(self) -> bool:
        return self.suspected and self.life_threatening is not False

    @property
    def sponsor_knows_at(self) -> datetime:
        """Until the report to the sponsor is recorded, the earliest it can have been."""
        return self.sponsor_told_at or self.known_at


@dataclass(frozen=True, slots=True)
class Clock:
    """``within`` from ``begins``; ``ends``: what stops it."""

    report: ReportKind
    within: timedelta
    asked: Callable[[ReactionFacts], bool]
    begins: Callable[[ReactionFacts], datetime]
    ends: Callable[[ReactionFacts], datetime | None]


@dataclass(frozen=True, slots=True)
class Due:
    """``done_at`` None: it waits."""

    report: ReportKind
    begins_at: datetime
    due_at: datetime
    done_at: datetime | None

    def overdue(self, now: datetime) -> bool:
        """Also of one that was made too late."""
        return (self.done_at or now) >= self.due_at


CLOCKS = (
    Clock(
        ReportKind.SPONSOR,
        timedelta(hours=24),
        lambda one: one.serious,
        lambda one: one.known_at,
        lambda one: one.sponsor_told_at,
    ),
    Clock(
        ReportKind.AUTHORITY,
        timedelta(days=7),
        lambda one: one.grave,
        lambda one: one.sponsor_knows_at,
        lambda one: one.authority_told_at or one.judged_at,
    ),
    Clock(
        ReportKind.AUTHORITY,
        timedelta(days=15),
        lambda one: one.suspected and one.life_threatening is False,
        lambda one: one.sponsor_knows_at,
        lambda one: one.authority_told_at or one.judged_at,
    ),
    Clock(
        ReportKind.FOLLOW_UP,
        timedelta(days=8),
        lambda one: one.grave and one.authority_told_at is not None,
        lambda one: one.authority_told_at or one.known_at,
        lambda one: one.followed_up_at,
    ),
    Clock(
        ReportKind.DONATION,
        REPORT_WITHIN,
        lambda one: one.suspected,
        lambda one: one.known_at,
        lambda one: one.donation_told_at or one.no_link_at,
    ),
)


def reports_due(facts: ReactionFacts) -> tuple[Due, ...]:
    """Every report that is asked for, made or not."""
    return tuple(
        Due(one.report, begins := one.begins(facts), begins + one.within, one.ends(facts))
        for one in CLOCKS
        if one.asked(facts)
    )


def reporting_refusals(
    report: ReportKind, facts: ReactionFacts, *, reported_at: datetime, now: datetime, made: dict[ReportKind, str]
) -> tuple[Refusal, ...]:
    """``made``: references of what is recorded already. What was judged unnecessary may be reported after all."""
    begins = {one.report: one.begins_at for one in reports_due(facts)}
    answers = JUDGED.get(report, report)
    if answers not in begins:
        return (REPORT_NOT_ASKED(),)
    stops = {report, answers}
    if found := [made[one] for one in sorted(stops) if one in made]:
        return (REPORT_RECORDED(reference=found[0]),)
    name = N_("The report")
    if reported_at > now:
        return (FUTURE_TIME(name=name, field="reported_at"),)
    if reported_at < facts.known_at:
        return (TIME_ORDER(name=name, earlier=N_("The time since when it is known"), field="reported_at"),)
    if report is ReportKind.FOLLOW_UP and reported_at < begins[report]:
        return (TIME_ORDER(name=name, earlier=N_("The report before it"), field="reported_at"),)
    return ()
