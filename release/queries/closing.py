"""What is still open of a trial, and of a subject's observation: read for the page, and again under the lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from manufacturing.domain.batches import BATCH
from manufacturing.domain.collections import CollectionStatus
from manufacturing.domain.deviations import DeviationStatus
from manufacturing.domain.expiry import local_day
from manufacturing.domain.holds import HoldScope
from manufacturing.domain.lookbacks import LookbackStatus
from manufacturing.domain.protocol import Protocol
from manufacturing.domain.trial import ENDED
from manufacturing.queries.holds import list_open_holds
from manufacturing.queries.trial import get_protocol, get_subject, subject_content, trial_of
from manufacturing.tables.batches import BatchRow, ContainerRow
from manufacturing.tables.collections import CollectionRow, DonorRow
from manufacturing.tables.deviations import DeviationRow
from manufacturing.tables.lookbacks import LookbackRow
from manufacturing.tables.trial import SubjectRow, TrialRow
from release.domain.administration import Adjudication
from release.domain.closing import Observation, TrialEnd, due_dates
from release.domain.decisions import ORDER, OrderStatus
from release.domain.defects import DefectStatus
from release.domain.metrics import feasibility
from release.domain.oos import OosStatus
from release.domain.patient_figures import StageKey
from release.domain.recalls import RecallStatus
from release.domain.reconciling import may_still_be_given
from release.queries.exposure import infusions
from release.queries.metrics import patient_histories, trial_rules
from release.queries.quality_checks import checks_of_trial
from release.queries.reconciling import units
from release.queries.reporting import waiting_reports
from release.queries.testing import get_record
from release.tables.defects import DefectRow
from release.tables.dispensing import AdministrationRow, DispensingRow, OrderRow, ReactionRow
from release.tables.oos import OosRow
from release.tables.recalls import RecallRow

COLLECTION_ENDS = {CollectionStatus.CONSUMED, CollectionStatus.REJECTED, CollectionStatus.DISPOSED}
ORDER_ENDS = {OrderStatus(one.value) for one in ORDER.terminal()}
Ids = sa.ScalarSelect[str]


def trial_end(session: Session, trial: TrialRow, ended_on: date, now: datetime) -> TrialEnd:
    """Everything that stands against closing the trial with this day as its end."""
    subjects = sa.select(SubjectRow.id).where(SubjectRow.trial_id == trial.id).scalar_subquery()
    batches = sa.select(BatchRow.id).where(BatchRow.subject_id.in_(subjects)).scalar_subquery()
    included = session.execute(
        sa.select(sa.func.max(SubjectRow.included_at)).where(SubjectRow.trial_id == trial.id)
    ).scalar()
    given = infusions(session, SubjectRow.trial_id == trial.id)
    return TrialEnd(
        ended_on=ended_on,
        today=local_day(now),
        last_given_on=max((local_day(row.started_at) for _, row in given if row.started_at), default=None),
        last_included_on=local_day(included) if included else None,
        containers=containers_left(session, subjects, now),
        subjects=still_open(session, SubjectRow.code, SubjectRow.status, ENDED, SubjectRow.trial_id == trial.id),
        orders=still_open(session, OrderRow.number, OrderRow.status, ORDER_ENDS, OrderRow.subject_id.in_(subjects)),
        holds=holds_in(session, trial, subjects, batches),
        recalls=still_open(session, RecallRow.number, RecallRow.status, {RecallStatus.CLOSED}, ~RecallRow.drill),
        reactions=undecided(session, subjects),
        reports=unreported(session, trial),
        checks=checks_of_trial(session, trial.id),
        **of_batches(session, subjects, batches),
    )


def still_open(
    session: Session,
    number: InstrumentedAttribute[str],
    status: InstrumentedAttribute[str],
    ends: Iterable[str],
    *where: sa.ColumnElement[bool],
) -> tuple[str, ...]:
    query = sa.select(number).where(status.not_in([str(one) for one in ends]), *where).order_by(number)
    return tuple(session.execute(query).scalars())


def of_batches(session: Session, subjects: Ids, batches: Ids) -> dict[str, tuple[str, ...]]:
    """A deviation about a room or a device, or one whose batch is not said, counts: nobody showed it to be another's."""
    mine = sa.or_(DeviationRow.batch_id.is_(None), DeviationRow.batch_id.in_(batches))
    donors = sa.select(DonorRow.id).where(DonorRow.subject_id.in_(subjects))
    collected, made = CollectionRow.subject_id.in_(subjects), BatchRow.subject_id.in_(subjects)
    return {
        "collections": still_open(session, CollectionRow.number, CollectionRow.status, COLLECTION_ENDS, collected),
        "batches": still_open(session, BatchRow.number, BatchRow.status, BATCH.terminal(), made),
        "deviations": still_open(session, DeviationRow.number, DeviationRow.status, {DeviationStatus.CLOSED}, mine),
        "failures": still_open(
            session,
            OosRow.number,
            OosRow.status,
            {OosStatus.INVALIDATED, OosStatus.CONFIRMED},
            OosRow.batch_id.in_(batches),
        ),
        "defects": still_open(
            session, DefectRow.number, DefectRow.status, {DefectStatus.CLOSED}, DefectRow.batch_id.in_(batches)
        ),
        "lookbacks": still_open(
            session, LookbackRow.number, LookbackRow.status, {LookbackStatus.CLOSED}, LookbackRow.donor_id.in_(donors)
        ),
    }


def containers_left(session: Session, subjects: Ids, now: datetime) -> tuple[str, ...]:
    query = sa.select(ContainerRow).where(ContainerRow.subject_id.in_(subjects)).order_by(ContainerRow.code)
    rows = list(session.execute(query).scalars())
    found = units(session, rows)
    left = (one for one in rows if found[one.id].out or may_still_be_given(found[one.id], one.expires_at, now))
    return tuple(one.code for one in left)


def holds_in(session: Session, trial: TrialRow, subjects: Ids, batches: Ids) -> tuple[str, ...]:
    """What is held of this trial, by code or number, each once."""
    inside: dict[str, sa.Select[Any]] = {
        HoldScope.SUBJECT: sa.select(SubjectRow.id).where(SubjectRow.trial_id == trial.id),
        HoldScope.COLLECTION: sa.select(CollectionRow.id).where(CollectionRow.subject_id.in_(subjects)),
        HoldScope.BATCH: sa.select(BatchRow.id).where(BatchRow.subject_id.in_(subjects)),
        HoldScope.CONTAINER: sa.select(ContainerRow.id).where(ContainerRow.batch_id.in_(batches)),
    }
    ids = {trial.id} | {one for query in inside.values() for one in session.execute(query).scalars()}
    return tuple(dict.fromkeys(hold.record for hold in list_open_holds(session) if hold.record_id in ids))


def undecided(session: Session, subjects: Ids) -> tuple[str, ...]:
    """Codes of the subjects with a reaction that waits for the sponsor's adjudicator."""
    query = (
        sa.select(SubjectRow.code)
        .join(ContainerRow, ContainerRow.subject_id == SubjectRow.id)
        .join(DispensingRow, DispensingRow.container_id == ContainerRow.id)
        .join(AdministrationRow, AdministrationRow.dispensing_id == DispensingRow.id)
        .join(ReactionRow, ReactionRow.administration_id == AdministrationRow.id)
        .where(SubjectRow.id.in_(subjects), ReactionRow.adjudicated == Adjudication.PENDING)
        .distinct()
        .order_by(SubjectRow.code)
    )
    return tuple(session.execute(query).scalars())


def unreported(session: Session, trial: TrialRow) -> tuple[str, ...]:
    """Codes of the subjects with a reaction of which a report is asked for that nobody has recorded (TR-S3, TR-S5)."""
    codes = set(session.execute(sa.select(SubjectRow.code).where(SubjectRow.trial_id == trial.id)).scalars())
    return tuple(sorted({subject for _, subject, _ in waiting_reports(session)} & codes))


def follow_up(session: Session, where: sa.ColumnElement[bool], protocol: Protocol) -> list[dict[str, Any]]:
    """Of every infused subject the last infusion and the days of the follow-up counted from it (TR-S6)."""
    last: dict[str, date] = {}
    for container, row in infusions(session, where):
        if row.started_at is not None:
            last[container.subject_id] = max(local_day(row.started_at), last.get(container.subject_id, date.min))
    query = sa.select(SubjectRow).where(SubjectRow.id.in_(last)).order_by(SubjectRow.code)
    return [followed(row, last[row.id], protocol) for row in session.execute(query).scalars()]


def followed(row: Any, last: date, protocol: Protocol) -> dict[str, Any]:
    """``last``: the day of the subject's last infusion."""
    return {
        "id": row.id,
        "code": row.code,
        "status": row.status,
        "last_infusion_on": last,
        "due": list(due_dates(last, protocol.follow_up_days)),
    }


def observation(session: Session, subject_id: str, now: datetime) -> Observation:
    """What the end of a subject's observation is judged by, under the protocol in force."""
    subject = get_subject(session, subject_id)
    protocol = get_protocol(session)
    given = [row for _, row in infusions(session, SubjectRow.id == subject_id)]
    last = max((local_day(row.started_at) for row in given if row.started_at), default=None)
    patients = patient_histories(session, trial_of(session, subject), now)
    counted = feasibility(patients, trial_rules(protocol)).stages[StageKey.F]
    one = next(patient for patient in patients if patient.code == subject.code)
    return Observation(
        code=subject.code,
        last_given_on=last,
        due=due_dates(last, protocol.follow_up_days) if last else (),
        settled=one.reactions_recorded and not any(reaction.pending_adjudication for reaction in one.reactions),
        counted=subject.code in counted,
    )


def observation_content(session: Session, subject_id: str) -> dict[str, Any]:
    """What the sponsor signs when a subject's observation ends."""
    given = [row for _, row in infusions(session, SubjectRow.id == subject_id)]
    return {
        **subject_content(session, subject_id),
        "infusions": [{"started at": row.started_at, "volume given": row.volume_given_ml} for row in given],
    }


def closing_content(session: Session, trial_id: str) -> dict[str, Any]:
    """What the sponsor signs at the end of the trial."""
    trial = get_record(session, TrialRow, trial_id)
    query = sa.select(SubjectRow).where(SubjectRow.trial_id == trial.id).order_by(SubjectRow.code)
    by_status: dict[str, list[str]] = {}
    for row in session.execute(query).scalars():
        by_status.setdefault(row.status, []).append(row.code)
    return {
        "title": trial.code,
        "version": trial.version,
        "trial": trial.title,
        "status": trial.status,
        "subjects": {status: ", ".join(codes) for status, codes in by_status.items()},
    }
