"""The trial page as plain data: every figure with the codes it is made of, its rule, and what is open about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.accounts.queries import names
from kernel.errors import Refused
from kernel.tables import TrailHeadRow
from manufacturing.domain.trial import NO_TRIAL, TrialStatus
from manufacturing.queries.holds import open_holds
from manufacturing.queries.trial import get_protocol, latest_trial, list_trials, settings_view
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.intervals import Interval
from release.domain.metrics import Drop, Feasibility, Proportion, StageKey, batch_counts, feasibility
from release.domain.other_readings import OtherReadings, Reading, other_readings
from release.domain.safety import SafetyFigure
from release.queries.closing import follow_up
from release.queries.metrics import patient_histories, trial_rules
from release.queries.retention import retention
from release.queries.testing import get_record


def shown_trial(session: Session, trial_id: str | None) -> TrialRow:
    """The trial asked for; else the one that runs, or was closed last; ``NO_TRIAL`` before there was one."""
    if trial_id:
        return get_record(session, TrialRow, trial_id)
    row = latest_trial(session)
    if row is None:
        raise Refused(NO_TRIAL())
    return row


@dataclass(frozen=True)
class Kept:
    """Figures as they were computed at ``at``, on the newest line of the trail; ``until``: when a shelf life ends next."""

    line: str
    at: datetime
    until: datetime | None
    figures: dict[str, Any]

    def good_for(self, line: str, now: datetime) -> bool:
        return self.line == line and self.at <= now and (self.until is None or now < self.until)


KEPT: WeakKeyDictionary[sa.Engine, dict[str, Kept]] = WeakKeyDictionary()


def figures_shown(session: Session, trial: TrialRow, now: datetime) -> dict[str, Any]:
    """``trial_figures`` for a page, computed again only where a record changed since or a shelf life ended.

    Every change of a record is a line of the trail, written in the same transaction; so the same newest line is the same
    records. It is read before them: what came in between is read with them and computed again under the next line. Not
    for a transaction that writes: its own changes have no line yet.
    """
    line = session.execute(sa.select(TrailHeadRow.hash)).scalar_one()
    kept = KEPT.setdefault(session.get_bind().engine, {})
    found = kept.get(trial.id)
    if found is None or not found.good_for(line, now):
        found = kept[trial.id] = Kept(line, now, next_end(session, now), trial_figures(session, trial, now))
    return {**found.figures, "data_cut_off": now}


def next_end(session: Session, now: datetime) -> datetime | None:
    """Of a container, or of a batch that has none yet."""
    columns = (ContainerRow.expires_at, BatchRow.expires_at)
    nearest = [sa.select(sa.func.min(one)).where(one > now).scalar_subquery() for one in columns]
    return min((one for one in session.execute(sa.select(*nearest)).one() if one is not None), default=None)


def trial_figures(session: Session, trial: TrialRow, now: datetime) -> dict[str, Any]:
    """Computed from the records at ``now``, which is the data cut-off (TR-PROV)."""
    protocol = get_protocol(session, trial.protocol_document_id)
    rules = trial_rules(protocol)
    patients = patient_histories(session, trial, now)
    found = feasibility(patients, rules, closed=trial.status == TrialStatus.CLOSED)
    settings = settings_view(session, trial.protocol_document_id)
    return {
        "trial": trial_part(trial, names(session)),
        "others": [
            {"id": one.id, "code": one.code, "status": one.status} for one in list_trials(session) if one.id != trial.id
        ],
        "data_cut_off": now,
        "target": rules.target,
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
        "other_readings": readings_part(other_readings(patients, found, rules)),
        "drops": [drop_part(one) for one in found.drops],
        "batches": batch_counts(patients),
        "follow_up": follow_up(session, SubjectRow.trial_id == trial.id, protocol),
        "retention": retention(session, trial),
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


def drop_part(one: Drop) -> dict[str, Any]:
    reason = one.reason.value if one.reason else None
    return {"subject": one.code, "after": one.after.value, "concluded": one.concluded, "reason": reason}


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
