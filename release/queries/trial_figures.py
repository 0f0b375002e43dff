"""The trial page as plain data: every figure with the codes it is made of, its rule, and what is open about it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import Refused
from manufacturing.domain.protocol import Protocol
from manufacturing.domain.trial import NO_TRIAL, TrialStatus
from manufacturing.queries.holds import open_holds
from manufacturing.queries.trial import get_protocol, latest_trial, list_trials, protocol_document, settings_view
from manufacturing.tables.trial import TrialRow
from release.domain.intervals import Interval
from release.domain.metrics import Feasibility, Proportion, batch_counts, summed
from release.domain.other_readings import OtherReadings, Reading, other_readings
from release.domain.patient_figures import StageKey, Sums
from release.domain.safety import SafetyFigure
from release.queries.metrics import trial_rules
from release.queries.retention import retention
from release.queries.subject_figures import SubjectFigures, subject_figures, sums_of_subjects
from release.queries.testing import get_record


def shown_trial(session: Session, trial_id: str | None) -> TrialRow:
    """The trial asked for; else the one that runs, or was closed last; ``NO_TRIAL`` before there was one."""
    if trial_id:
        return get_record(session, TrialRow, trial_id)
    row = latest_trial(session)
    if row is None:
        raise Refused(NO_TRIAL())
    return row


def trial_figures(session: Session, trial: TrialRow, now: datetime) -> dict[str, Any]:
    """Computed from the records at ``now``, which is the data cut-off (TR-PROV)."""
    subjects = subject_figures(session, trial, protocol_of(session, trial), now)
    return {**figures_from(session, trial, now, subjects), **beside(trial.ended_on, subjects.values())}


def figures_at(session: Session, trial: TrialRow, now: datetime) -> dict[str, Any]:
    """The figures alone."""
    return figures_from(session, trial, now, subject_figures(session, trial, protocol_of(session, trial), now))


def figures_from(
    session: Session, trial: TrialRow, now: datetime, subjects: dict[str, SubjectFigures]
) -> dict[str, Any]:
    return feasibility_figures(session, trial, now, subjects.values(), sums_of_subjects(subjects.values()))


def beside(ended_on: date | None, subjects: Collection[SubjectFigures]) -> dict[str, Any]:
    """What the page of the trial shows beside the figures: until when whom, and what, is looked after."""
    return {
        "follow_up": [one.follow_up for one in subjects if one.follow_up],
        "retention": retention(ended_on, [each for one in subjects for each in one.kept]),
    }


def protocol_of(session: Session, trial: TrialRow) -> Protocol:
    """A closed trial keeps its version."""
    return get_protocol(session, trial.protocol_document_id)


def trial_wide(session: Session, trial: TrialRow) -> None:
    """What the page shows of the trial beside its subjects, each asked so that all may be asked together."""
    for question in (
        partial(protocol_document, session, trial.protocol_document_id),
        partial(names, session),
        partial(list_trials, session),
        partial(open_holds, session, trial=trial.id),
    ):
        question()


def feasibility_figures(
    session: Session, trial: TrialRow, now: datetime, subjects: Collection[SubjectFigures], sums: Sums
) -> dict[str, Any]:
    """Funnel, criteria and safety from what each subject adds, and from the sums of that. ``subjects``: by code."""
    rules = trial_rules(protocol_of(session, trial))
    found = summed(sums, rules, closed=trial.status == TrialStatus.CLOSED)
    settings = settings_view(session, trial.protocol_document_id)
    return {
        "trial": trial_part(trial, names(session)),
        "others": [
            {"id": one.id, "code": one.code, "status": one.status} for one in list_trials(session) if one.id != trial.id
        ],
        "data_cut_off": now,
        "target": rules.target,
        "counted": {
            "inclusion": rules.denominator.value,
            "infusion": rules.reading.value,
            "safety": rules.safety.counted.value,
        },
        "stages": [stage_part(found, key) for key in StageKey],
        "inclusion": proportion_part(found.inclusion),
        "inclusion_of_eligible": proportion_part(found.inclusion_of_eligible),
        "infusion": proportion_part(found.infusion),
        "infusion_of_concluded": proportion_part(found.infusion_of_concluded),
        "infusion_final": proportion_part(found.infusion_final),
        "infusion_final_of_concluded": proportion_part(found.infusion_final_of_concluded),
        "fell": list(found.fell),
        "partial": list(found.partial),
        "supplied": list(found.supplied),
        "infusion_with_supplied": proportion_part(found.infusion_with_supplied),
        "safety": safety_part(found.safety),
        "other_readings": readings_part(other_readings(sums, found, rules)),
        "drops": [one.drop for one in subjects if one.drop],
        "batches": batch_counts(sums),
        "holds": [hold.document() for hold in open_holds(session, trial=trial.id)],
        "protocol": {"code": settings["code"], "version": settings["number"]} if settings else None,
        "open_points": [one for one in settings["settings"] if one.get("open_point")] if settings else [],
    }


def trial_part(row: TrialRow, people: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "code": row.code,
        "title": row.title,
        "status": row.status,
        "ended_on": row.ended_on,
        "closed_at": row.closed_at,
        "closed_by": people.get(row.closed_by or ""),
    }


def stage_part(found: Feasibility, key: StageKey) -> dict[str, Any]:
    return {"key": key.value, "count": len(found.stages[key]), "subjects": list(found.stages[key])}


def proportion_part(one: Proportion) -> dict[str, Any]:
    return {
        "numerator": one.k,
        "denominator": one.n,
        "percent": one.percent,
        "rule": one.rule,
        "met": one.met,
        "still_reachable": one.reachable,
        "exact_95": interval_part(one.exact95),
        "wilson_95": interval_part(one.wilson95),
        "lower_one_sided_95": one.lower95,
    }


def interval_part(one: Interval) -> dict[str, Any]:
    return {"low": one.low, "high": one.high}


def safety_part(one: SafetyFigure) -> dict[str, Any]:
    return {
        "infused": list(one.infused),
        "confirmed": list(one.confirmed),
        "pending": list(one.pending),
        "reactions_not_recorded": list(one.unrecorded),
        "confirmed_count": one.confirmed_count,
        "limit": one.limit,
        "warn": one.warn,
        "hold": one.hold,
    }


def readings_part(one: OtherReadings) -> dict[str, Any]:
    """Beside the criteria in force; nothing is judged by them."""
    return {
        "inclusion": [reading_part(each) for each in one.inclusion],
        "infusion": [reading_part(each) for each in one.infusion],
        "safety": [
            {
                "counted": each.counted,
                "confirmed": each.confirmed,
                "pending": each.pending,
                "rule": each.rule,
                "hold": each.hold,
                "in_force": each.in_force,
            }
            for each in one.safety
        ],
    }


def reading_part(one: Reading) -> dict[str, Any]:
    return {
        "counted": one.counted,
        "numerator": one.k,
        "denominator": one.n,
        "exact_95": interval_part(one.exact95),
        "verdicts": [{"rule": each.rule, "met": each.met, "in_force": each.in_force} for each in one.verdicts],
    }
